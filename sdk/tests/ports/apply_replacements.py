"""Copy values from fields to fields, as kustomize's replacements say."""

from dataclasses import dataclass, field
from typing import Any

from krm_functions_sdk import Resource, ResourceList


@dataclass
class ApplyReplacements:
    """Copy values from fields to fields."""

    IS_FLAT = True

    replacements: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, resources: ResourceList) -> None:
        """Do the replacements in order; a mistake names the one that has it."""
        for number, each in enumerate(self.replacements):
            try:
                value = self.value(resources, each["source"])
                for target in each["targets"]:
                    self.replace(resources, target, value)
            except (KeyError, ValueError) as error:
                resources.results.error(f"{error}", resources.function_config, f"replacements[{number}]")

    def value(self, resources: ResourceList, source: dict[str, Any]) -> Any:
        """Return the value of the source, or the part of it that its options name. Raises ValueError."""
        found = resources.select(lambda each: selects(source, each))
        if len(found) != 1:
            raise ValueError(f"found {len(found)} resources for the source, expected one")
        path = source.get("fieldPath", "metadata.name").replace(".[", "[")
        if (node := found[0].find(path)) is None:
            raise ValueError(f"{found[0]} has no field {path}")
        value, options = found[0].get(path), source.get("options", {})
        delimiter = options.get("delimiter")
        return str(node.value).split(delimiter)[options.get("index", 0)] if delimiter else value

    def replace(self, resources: ResourceList, target: dict[str, Any], value: Any) -> None:
        """Write the value to the fields of the resources that the target selects. Raises ValueError."""
        rejects, options = target.get("reject", []), target.get("options", {})
        for resource in resources.select(lambda each: selects(target["select"], each)):
            if any(selects(reject, resource) for reject in rejects):
                continue
            for path in (path.replace(".[", "[") for path in target.get("fieldPaths", ["metadata.name"])):
                found = [each.path for each in resource.walk(path)]
                if not found and not options.get("create"):
                    raise ValueError(f"{resource} has no field {path}")
                for each in found or [path]:
                    parts = str(resource.get(each, "")).split(options["delimiter"]) if "delimiter" in options else [""]
                    parts[options.get("index", 0)] = value
                    resource.set(each, options["delimiter"].join(map(str, parts)) if len(parts) > 1 else value)


def selects(selector: dict[str, Any], resource: Resource) -> bool:
    """Say whether group, version, kind, name and namespace are those of a selector, where it names them."""
    group, _, version = resource.api_version.rpartition("/")
    keys = ("group", "version", "kind", "name", "namespace")
    have = (group, version, resource.kind, resource.name, resource.namespace)
    return all(selector.get(key, value) == value for key, value in zip(keys, have, strict=True))
