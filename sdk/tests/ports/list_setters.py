"""List the setters that comments name: their values, types, and how many fields they are in."""

import re
from collections import Counter

from krm_functions_sdk import Resource, ResourceList

PATTERN, SETTER = re.compile(r"kpt-set:\s*(.*)"), re.compile(r"\$\{([^}]+)\}")
TYPES = {bool: "bool", int: "int", float: "float", list: "list"}


def list_setters(resources: ResourceList) -> None:
    """Add an information for each setter, by name."""
    values: dict[str, object] = {}
    counts: Counter[str] = Counter()
    for resource in resources:
        for field in resource.walk():
            pattern = PATTERN.fullmatch(field.comment)
            if pattern is None:
                continue
            names = SETTER.findall(pattern[1])
            counts.update(names)
            parts = SETTER.split(pattern[1])
            fits = "".join(re.escape(part) if at % 2 == 0 else "(.+)" for at, part in enumerate(parts))
            if isinstance(field.value, list):
                values.update(dict.fromkeys(names, field.value))
            elif found := re.fullmatch(fits, str(field.value)):
                values.update(zip(names, found.groups(), strict=True))
    for name in sorted(counts):
        value = values.get(name, "")
        kind = type(Resource(f"value: {value}\n").get("value") if isinstance(value, str) else value)
        shown = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value
        resources.results.info(f"Name: {name}, Value: {shown}, Type: {TYPES.get(kind, 'str')}, Count: {counts[name]}")
