#!/usr/bin/env python3
"""Move resources into a namespace, and let what names their namespace follow."""

from functools import partial
from pathlib import Path
from typing import Any

import krm_functions_sdk as sdk

SCHEMA = sdk.Schema.of_definition(Path(__file__).with_name("definition.yaml"))
FIELDS = {  # that hold a namespace, besides metadata.namespace
    "APIService": "spec/service/namespace",
    "ClusterRoleBinding": "subjects/namespace",
    "CustomResourceDefinition": "spec/conversion/webhook/clientConfig/service/namespace",
    "RoleBinding": "subjects/namespace",
}


def set_namespace(resources: sdk.ResourceList) -> None:
    """Move resources into the namespace that the functionConfig gives."""
    config = resources.function_config or sdk.Resource("{}")
    prefix = ("data",) if config.kind == "ConfigMap" else ()
    values = config.get("data") or {} if prefix else config.data
    values = {"namespace": config.get("data.name")} if prefix and config.name == "kptfile.kpt.dev" else values
    for fault in SCHEMA.check(values):
        resources.results.error(fault.message, config, (*prefix, *fault.path), current=fault.current)
    if not resources.results.failed:
        left = move(resources, values["namespace"], values.get("namespaceMatcher"))
        resources.results.info(f'namespace updated to "{values["namespace"]}", {len(left)} value(s) changed')


def move(resources: sdk.ResourceList, wanted: str, matcher: str | None) -> list[str]:
    """Move resources, all or those in or from the namespace `matcher`, and return the namespaces that are left."""
    scopes, targets, left = sdk.Scopes(resources), resources.select(~sdk.is_local_config), list[str]()
    origins = {sdk.current_id(resource, scopes): sdk.origin_id(resource, scopes).namespace for resource in targets}

    def moved(origin: str, have: Any) -> Any:
        now = have or sdk.DEFAULT_NAMESPACE
        is_meant = now != wanted and (not matcher or matcher in (now, origin))
        left.extend([now] * is_meant)
        return wanted if is_meant else have

    def reference(have: sdk.ObjectId) -> sdk.ObjectId:
        is_ours = have in origins and have.namespace != sdk.NO_NAMESPACE
        return have.replace(namespace=moved(origins[have], have.namespace)) if is_ours else have

    for resource in targets:
        origin = sdk.origin_id(resource, scopes)
        if scopes.is_namespaced(resource):
            sdk.field_specs.update(resource, "metadata/namespace", partial(moved, origin.namespace), create=True)
        elif resource.kind == "Namespace":
            sdk.field_specs.update(resource, "metadata/name", partial(moved, origin.name))
        sdk.field_specs.update(resource, FIELDS.get(resource.kind, ""), partial(moved, ""))
        sdk.depends_on.update(resource, reference)
    return left


if __name__ == "__main__":
    sdk.run(set_namespace)
