"""Several fields that must hold the same number, and which of them differ from most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import Container
from krm_inference.validate_inference.findings import Finding, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# A number that must agree, the field that says it, what it is called, and the value to put there instead.
Member = tuple[Field, "Any", str]


def odd_ones(members: list[Member]) -> Iterator[Finding]:
    """Yield the members that are not what most of them say; where two say the same, the first member wins."""
    counted = Counter(value for _, value, _ in members if isinstance(value, int))
    if not counted or (len(counted) == 1 and all(isinstance(value, int) for _, value, _ in members)):
        return
    most = max(counted.values())
    agreed = next(value for _, value, _ in members if counted.get(value) == most)
    others = listed((what for _, value, what in members if value == agreed), 2)
    for field, value, what in members:
        if value != agreed:
            said = "missing" if value is MISSING else value
            yield Finding(field, f"{what} is {said}, expected {agreed} as in: {others}", _instead(field, value, agreed))


def _instead(field: Field, value: Any, agreed: int) -> Any:
    if isinstance(field.value, str):
        return field.value.replace(str(value), str(agreed)) if str(value) in field.value else MISSING
    step = field.path[-1]
    return f"{step[0]}={agreed}" if isinstance(step, tuple) and field.value is MISSING else agreed


def probe_ports(container: Container, actions: tuple[str, ...], what: str) -> list[Member]:
    """Return what the probes of a container say of the port that they ask by one of the actions."""
    asked = [container.field[probe] for probe in PROBES if probe in container.field.map]
    fields = [probe[action]["port"] for probe in asked for action in actions]
    return [(field, field.value, f"the {what} of the {field.path[-3]}") for field in fields if field.number is not None]
