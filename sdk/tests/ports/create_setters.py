"""Write comments that name setters at the fields which hold their values."""

import re
from dataclasses import dataclass

from krm_functions_sdk import Resource, ResourceList, YamlFault


@dataclass
class CreateSetters:
    """Write comments that name setters at the fields which hold their values."""

    setters: dict[str, str]

    def __call__(self, resources: ResourceList) -> None:
        """Write the comments: at scalars that hold a value, and at the keys of lists that are one."""
        lists = {name: found for name, text in self.setters.items() if (found := as_list(text)) is not None}
        scalars = {text: name for name, text in self.setters.items() if name not in lists and text}
        pattern = re.compile("|".join(map(re.escape, sorted(scalars, key=len, reverse=True))) or r"(?!)")
        for resource in resources:
            for field in list(resource.walk()):
                if isinstance(field.value, list):
                    have = sorted(map(str, field.value))
                    name = next((name for name, wanted in lists.items() if have and sorted(wanted) == have), "")
                    comment = f"${{{name}}}" if name else ""
                elif field.is_scalar and field.value is not None and "\n" not in field.text:
                    text = written(field.value)
                    comment = pattern.sub(lambda found: f"${{{scalars[found[0]]}}}", text)
                    comment = "" if comment == text else comment
                else:
                    continue
                if comment:
                    resource.set_comment(field.path, f"kpt-set: {comment}")


def written(value: object) -> str:
    """Return a scalar as a setter has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_list(text: str) -> list[str] | None:
    """Return the items of a setter that holds a list as YAML, None where it holds a scalar."""
    try:
        found = Resource(f"value:\n{text}\n").get("value")
    except YamlFault:
        return None
    return [str(item) for item in found] if isinstance(found, list) else None
