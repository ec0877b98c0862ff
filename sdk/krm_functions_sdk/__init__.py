"""Write KRM functions in Python that change only what they mean to change."""

from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.document.wanted import MISSING, Change, because
from krm_functions_sdk.function.callable import after_errors, repeatable
from krm_functions_sdk.function.run import run
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.resource_list import InputFault, ResourceList, move, upsert
from krm_functions_sdk.resources.results import ERROR, INFO, WARNING, Result, Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.document.walk import Field
    from krm_functions_sdk.function import config
    from krm_functions_sdk.function.schema import Schema
    from krm_functions_sdk.resources import depends_on, field_specs, patches, templates
    from krm_functions_sdk.resources.kptfile import Kptfile
    from krm_functions_sdk.resources.origin import (
        DEFAULT_NAMESPACE,
        NO_NAMESPACE,
        ObjectId,
        current_id,
        has_origin,
        origin_id,
    )
    from krm_functions_sdk.resources.placement import default_path
    from krm_functions_sdk.resources.predicates import (
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
        is_selected,
    )
    from krm_functions_sdk.resources.references import rename
    from krm_functions_sdk.resources.scope import Scopes, is_cluster_scoped

__all__ = [
    "DEFAULT_NAMESPACE",
    "ERROR",
    "INFO",
    "MISSING",
    "NO_NAMESPACE",
    "WARNING",
    "Change",
    "Field",
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
    "after_errors",
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
    "is_selected",
    "move",
    "origin_id",
    "patches",
    "rename",
    "repeatable",
    "run",
    "templates",
    "upsert",
]

# What few functions need is imported when it is asked for: every process start pays for its imports.
_MODULES = {
    "document.walk": ("Field",),
    "function.config": (),
    "function.schema": ("Schema",),
    "resources.depends_on": (),
    "resources.field_specs": (),
    "resources.kptfile": ("Kptfile",),
    "resources.origin": ("DEFAULT_NAMESPACE", "NO_NAMESPACE", "ObjectId", "current_id", "has_origin", "origin_id"),
    "resources.patches": (),
    "resources.placement": ("default_path",),
    "resources.predicates": (
        *("Predicate", "has_annotations", "has_labels", "in_file", "in_namespace", "is_api_version"),
        *("is_function_config", "is_group", "is_group_kind", "is_kind", "is_local_config", "is_meta_resource"),
        *("is_named", "is_selected"),
    ),
    "resources.references": ("rename",),
    "resources.scope": ("Scopes", "is_cluster_scoped"),
    "resources.templates": (),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a public name that is not imported yet."""
        for module, names in _MODULES.items():
            if name in names or (not names and module.endswith(f".{name}")):
                found = __import__(f"{__name__}.{module}", fromlist=(name,))
                return getattr(found, name) if names else found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
