"""Set annotations on all resources, on the Pods that they make, and in further fields."""

from dataclasses import dataclass, field
from typing import Any

from krm_functions_sdk import ResourceList, field_specs

POD, JOB = "spec/template/metadata/annotations", "spec/jobTemplate"
TEMPLATED = ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet")
FIELDS = [
    field_specs.FieldSpec("metadata/annotations", create=True),
    *(field_specs.FieldSpec(POD, kind=kind, create=True) for kind in TEMPLATED),
    *(
        field_specs.FieldSpec(path, kind="CronJob", create=True)
        for path in (f"{JOB}/metadata/annotations", f"{JOB}/{POD}")
    ),
]


@dataclass
class SetAnnotations:
    """Set annotations on all resources."""

    IS_FLAT = True

    annotations: dict[str, str]
    additional_annotation_fields: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of_config_map(cls, data: dict[str, str]) -> "SetAnnotations":
        """Return the same from the data of a ConfigMap."""
        return cls(data)

    def __call__(self, resources: ResourceList) -> None:
        """Set the annotations; those that are there get their new values, all others stay."""
        specs = [*FIELDS, *map(field_specs.FieldSpec.of, self.additional_annotation_fields)]
        field_specs.update_all(resources, specs, lambda have: {**(have or {}), **self.annotations})
