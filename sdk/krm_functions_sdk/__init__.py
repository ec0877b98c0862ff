"""Write KRM functions in Python that change only what they mean to change."""

from krm_functions_sdk.node import YamlFault
from krm_functions_sdk.resource import Resource
from krm_functions_sdk.resource_list import InputFault, ResourceList, move, upsert
from krm_functions_sdk.results import ERROR, INFO, WARNING, Result, Results
from krm_functions_sdk.run import run
from krm_functions_sdk.schema import Schema
from krm_functions_sdk.wanted import MISSING, Change, because

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk import config, depends_on, field_specs
    from krm_functions_sdk.kptfile_editor import Kptfile
    from krm_functions_sdk.origin import DEFAULT_NAMESPACE, NO_NAMESPACE, ObjectId, current_id, has_origin, origin_id
    from krm_functions_sdk.placement import default_path
    from krm_functions_sdk.predicates import (
        Predicate,
        has_annotations,
        has_labels,
        in_file,
        in_namespace,
        is_api_version,
        is_function_config,
        is_group,
        is_group_kind,
        is_kind,
        is_local_config,
        is_meta_resource,
        is_named,
    )
    from krm_functions_sdk.references import rename
    from krm_functions_sdk.scope import Scopes, is_cluster_scoped

__all__ = [
    "DEFAULT_NAMESPACE",
    "ERROR",
    "INFO",
    "MISSING",
    "NO_NAMESPACE",
    "WARNING",
    "Change",
    "InputFault",
    "Kptfile",
    "ObjectId",
    "Predicate",
    "Resource",
    "ResourceList",
    "Result",
    "Results",
    "Schema",
    "Scopes",
    "YamlFault",
    "because",
    "config",
    "current_id",
    "default_path",
    "depends_on",
    "field_specs",
    "has_annotations",
    "has_labels",
    "has_origin",
    "in_file",
    "in_namespace",
    "is_api_version",
    "is_cluster_scoped",
    "is_function_config",
    "is_group",
    "is_group_kind",
    "is_kind",
    "is_local_config",
    "is_meta_resource",
    "is_named",
    "move",
    "origin_id",
    "rename",
    "run",
    "upsert",
]

# What few functions need is imported when it is asked for: every process start pays for its imports.
_MODULES = {
    "config": (),
    "depends_on": (),
    "field_specs": (),
    "kptfile_editor": ("Kptfile",),
    "origin": ("DEFAULT_NAMESPACE", "NO_NAMESPACE", "ObjectId", "current_id", "has_origin", "origin_id"),
    "placement": ("default_path",),
    "predicates": (
        *("Predicate", "has_annotations", "has_labels", "in_file", "in_namespace", "is_api_version"),
        *(
            "is_function_config",
            "is_group",
            "is_group_kind",
            "is_kind",
            "is_local_config",
            "is_meta_resource",
            "is_named",
        ),
    ),
    "references": ("rename",),
    "scope": ("Scopes", "is_cluster_scoped"),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a public name that is not imported yet."""
        for module, names in _MODULES.items():
            if name == module or name in names:
                found = __import__(f"{__name__}.{module}", fromlist=(name,))
                return found if name == module else getattr(found, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
