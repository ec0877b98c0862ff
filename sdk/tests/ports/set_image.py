"""Give images a new name, tag or digest, in the containers of all workloads and in further fields."""

import re
from dataclasses import dataclass, field
from typing import Any

from krm_functions_sdk import ResourceList, field_specs

PARTS = re.compile(r"(?P<name>[^@]+?)(?P<version>:[^:/@]+)?(?P<digest>@.+)?")
CONTAINERS = ("**.containers[*].image", "**.initContainers[*].image")


@dataclass
class Image:
    """Which image, and what it becomes."""

    name: str
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        if not (self.new_name or self.new_tag or self.digest):
            raise ValueError("expected one of newName, newTag and digest")
        if self.new_tag and self.digest:
            raise ValueError("found newTag and digest, expected one of them")

    def renewed(self, have: Any) -> Any:
        """Return a new reference for one to this image, any other value as it is."""
        parts = PARTS.fullmatch(have) if isinstance(have, str) else None
        if parts is None or parts["name"] != self.name:
            return have
        version = f"{parts['version'] or ''}{parts['digest'] or ''}"
        version = f":{self.new_tag}" if self.new_tag else f"@{self.digest}" if self.digest else version
        return f"{self.new_name or self.name}{version}"


@dataclass
class SetImage:
    """Give images a new name, tag or digest."""

    IS_FLAT = True

    image: Image
    additional_image_fields: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of_config_map(cls, data: Image) -> "SetImage":
        """Return the same from the data of a ConfigMap."""
        return cls(data)

    def __call__(self, resources: ResourceList) -> None:
        """Renew the references in all resources."""
        for resource in resources:
            for found in (each for pattern in CONTAINERS for each in resource.walk(pattern)):
                resource.set(found.path, self.image.renewed(found.value))
        specs = map(field_specs.FieldSpec.of, self.additional_image_fields)
        field_specs.update_all(resources, specs, self.image.renewed)
