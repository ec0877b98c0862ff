"""Set the values of fields whose comments name setters, wholly or in part."""

import re
from dataclasses import dataclass
from typing import Any

from krm_functions_sdk import Resource, ResourceList, YamlFault

PATTERN, SETTER = re.compile(r"kpt-set:\s*(.*)"), re.compile(r"\$\{([^}]+)\}")


@dataclass
class ApplySetters:
    """Set the values of fields whose comments name setters."""

    setters: dict[str, str]

    def __call__(self, resources: ResourceList) -> None:
        """Set every field whose pattern names one of the setters."""
        for resource in resources:
            for field in resource.walk():
                pattern = PATTERN.fullmatch(field.comment)
                names = SETTER.findall(pattern[1]) if pattern else []
                if pattern and self.setters.keys() & set(names):
                    try:
                        resource.set(field.path, self.wanted(field.value, pattern[1], names))
                    except ValueError as error:
                        resources.results.error(str(error), resource, field.steps, current=field.value)

    def wanted(self, have: Any, pattern: str, names: list[str]) -> Any:
        """Return what a field becomes; a list takes the list that its one setter holds. Raises ValueError."""
        if isinstance(have, list):
            if SETTER.fullmatch(pattern) is None:
                raise ValueError(f"a list takes one setter, found the pattern {pattern}")
            return values(self.setters[names[0]])
        known = {**current(pattern, str(have)), **self.setters}
        if missing := sorted(set(names) - known.keys()):
            raise ValueError(f"values for the setters {', '.join(missing)} must be provided")
        text = SETTER.sub(lambda found: known[found[1]], pattern)
        return text if isinstance(have, str) else Resource(f"value: {text}\n").get("value")


def values(text: str) -> list[Any]:
    """Return the list that a setter holds as YAML; nothing is an empty one. Raises ValueError."""
    try:
        found = Resource(f"value:\n{text}\n").get("value") or []
    except YamlFault as fault:
        raise ValueError(f"found {text!r}, expected a list: {fault.message}") from None
    if not isinstance(found, list):
        raise ValueError(f"found {text!r}, expected a list")  # noqa: TRY004  # a value of the user, no type of ours
    return found


def current(pattern: str, have: str) -> dict[str, str]:
    """Return the values of setters as they stand in a field now, none where it does not fit its pattern."""
    names = SETTER.findall(pattern)
    parts = (re.escape(part) if at % 2 == 0 else "(.+)" for at, part in enumerate(SETTER.split(pattern)))
    found = re.fullmatch("".join(parts), have)
    return dict(zip(names, found.groups(), strict=True)) if found else {}
