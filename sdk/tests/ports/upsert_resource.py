"""Insert the resource that the functionConfig is, or those in its list, or make what is there the same."""

from krm_functions_sdk import Resource, ResourceList, default_path


def upsert_resource(resources: ResourceList) -> None:
    """Upsert by identity and, where it names one, by file."""
    given = resources.function_config
    if given is None:
        resources.results.error("no functionConfig, expected a resource, or a List of them")
        return
    items = [Resource.new(item) for item in given.get("items", [])] if given.kind.endswith("List") else [given]
    for item in items:
        new = Resource.new(item.data)
        there = [each for each in resources if each.identity == new.identity and new.path in (None, each.path)]
        if there:
            ResourceList(there).upsert(new)
        else:
            resources.add(new, new.path or default_path(new))
