"""Make the Service objects of Config Connector that the ProjectServiceSets of a package list."""

from krm_functions_sdk import Resource, ResourceList, is_group_kind

GROUP, KIND = "blueprints.cloud.google.com", "ProjectServiceSet"
OWNER, LOCAL = f"{GROUP}/ownerReference", "config.kubernetes.io/local-config"
IS_OURS = is_group_kind("serviceusage.cnrm.cloud.google.com", "Service")


def enable_gcp_services(resources: ResourceList) -> None:
    """Make what the sets list, and remove what they no longer do."""
    wanted: set[tuple[str, str, str, str]] = set()
    for service_set in resources.select(is_group_kind(GROUP, KIND)):
        for service in service_set.get("spec.services", []):
            made = resources.upsert(of(service_set, service), file_of(service_set, service))
            wanted.add(made.identity)
    for old in resources.select(lambda each: IS_OURS(each) and OWNER in each.annotations):
        if old.identity not in wanted:
            resources.remove(old)


def file_of(service_set: Resource, service: str) -> str:
    """Return the file of a generated resource."""
    return f"service_{name_of(service_set, service)}.yaml"


def name_of(service_set: Resource, service: str) -> str:
    """Return the name of a generated resource: of the set, and of the service without its domain."""
    return f"{service_set.name}-{service.removesuffix('.googleapis.com')}"


def of(service_set: Resource, service: str) -> Resource:
    """Return the resource that enables a service."""
    kept = {key: value for key, value in service_set.annotations.items() if key != LOCAL}
    annotations = {**kept, OWNER: f"{GROUP}/{KIND}/{service_set.name}"}
    namespace = {"namespace": service_set.namespace} if service_set.namespace else {}
    project = service_set.get_str("spec.projectID")
    return Resource.new(
        {
            "apiVersion": "serviceusage.cnrm.cloud.google.com/v1beta1",
            "kind": "Service",
            "metadata": {"name": name_of(service_set, service), **namespace, "annotations": annotations},
            "spec": {"resourceID": service, **({"projectRef": {"external": project}} if project else {})},
        }
    )
