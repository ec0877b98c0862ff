#!/usr/bin/env python3
"""Set labels on all resources, and where these select each other by labels."""

from functools import partial
from pathlib import Path
from typing import Any

import krm_functions_sdk as sdk

SCHEMA = sdk.Schema.of_definition(Path(__file__).with_name("definition.yaml"))
BUILT_IN = sdk.is_group("", "apps", "batch", "extensions", "networking.k8s.io", "policy")
SELECTING = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
TEMPLATED = (*SELECTING, "Job", "ReplicationController")
POD, JOB, WHEN = "spec/template", "spec/jobTemplate", ("required{0}", "preferred{0}/podAffinityTerm")
TERMS = ["topologySpreadConstraints", *(f"affinity/pod{way}ffinity/{when}" for way in ("A", "AntiA") for when in WHEN)]
PODS = [f"{at}/spec/{term}/labelSelector/matchLabels" for at in (POD, f"{JOB}/{POD}") for term in TERMS]
FIELDS = (  # kinds, path, whether a label is also set where it is not there yet
    (("ReplicationController", "Service"), "spec/selector", True),
    (SELECTING, "spec/selector/matchLabels", True),
    (("Job", "PodDisruptionBudget"), "spec/selector/matchLabels", False),
    (TEMPLATED, f"{POD}/metadata/labels", True),
    *(((*TEMPLATED, "CronJob"), path.format("DuringSchedulingIgnoredDuringExecution"), False) for path in PODS),
    *((["CronJob"], f"{JOB}/{at}metadata/labels", True) for at in ("", f"{POD}/")),
    (["CronJob"], f"{JOB}/spec/selector/matchLabels", False),
    (["StatefulSet"], "spec/volumeClaimTemplates[]/metadata/labels", True),
    *((["NetworkPolicy"], f"spec/{at}podSelector/matchLabels", False) for at in ("", "ingress/from/", "egress/to/")),
)


def set_labels(resources: sdk.ResourceList) -> None:
    """Set the labels that the functionConfig gives."""
    config, given = sdk.config.read(resources, SCHEMA, "SetLabels"), resources.function_config
    if config and config["labels"]:
        done = [label(resource, config["labels"]) for resource in resources.select(~sdk.is_local_config)]
        resources.results.info(f"set {sum(done)} labels in total")
    elif given is None or not given.data or given.name == "function-input":  # as kpt sends it for none
        resources.results.error("no functionConfig, expected labels in a ConfigMap or a SetLabels", given)
    elif not resources.results.failed:
        resources.results.warning("no labels are given, so none is set", given)


def label(resource: sdk.Resource, labels: dict[str, str]) -> int:
    """Set the labels in all fields of one resource, and return how many they are."""
    done: list[str] = []

    def merged(add: bool, have: Any) -> Any:
        chosen = {key: labels[key] for key in sorted(labels) if add or key in (have or {})}
        done.extend(chosen)
        return {**(have or {}), **chosen}

    sdk.field_specs.update(resource, "metadata/labels", partial(merged, True), create=True)
    for kinds, path, add in FIELDS:
        if resource.kind in kinds and BUILT_IN(resource):
            sdk.field_specs.update(resource, path, partial(merged, add), create=add)
    return len(done)


if __name__ == "__main__":
    sdk.run(set_labels)
