"""Remove the resources that are for tools only."""

from krm_functions_sdk import ResourceList, is_local_config


def remove_local_config_resources(resources: ResourceList) -> None:
    """Remove each resource with the annotation config.kubernetes.io/local-config."""
    for resource in resources.select(is_local_config):
        resources.remove(resource)
