"""Set the project of Config Connector's resources, and the setter of it, where they have none."""

from dataclasses import dataclass, field

from krm_functions_sdk import Kptfile, ResourceList

APPLY_SETTERS = "gcr.io/kpt-fn/apply-setters:v0.2"
ANNOTATION = "metadata.annotations[cnrm.cloud.google.com/project-id]"


@dataclass
class SetProjectId:
    """Set the project of resources and setters that have none."""

    project_id: str = field(metadata={"name": "project-id"})

    def __call__(self, resources: ResourceList) -> None:
        """Set it in the Kptfile and in the resources."""
        if (kptfile := Kptfile.of(resources)) is not None:
            step = kptfile.find("gcr.io/kpt-fn/apply-setters") or {"image": APPLY_SETTERS}
            setters = dict(step.get("configMap") or {})
            if not setters.get("project-id"):
                kptfile.upsert({**step, "configMap": {**setters, "project-id": self.project_id}})
        for resource in resources:
            if resource.group.endswith("cnrm.cloud.google.com") and not resource.get(ANNOTATION):
                resource.set(ANNOTATION, self.project_id)
