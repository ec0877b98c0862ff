"""What a schema cannot say of the bands of a picker: the limits that requests of one priority have in its queues."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import ERROR, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.service import LLMService

FIELD = "spec.picker.flowControl"
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def check(service: LLMService) -> Iterator[Result]:
    """Yield priorities that have two bands, and limits of a band that those of all priorities never let it reach."""
    flow = service.spec["picker"].get("flowControl", {})
    first: dict[int, int] = {}
    for index, band in enumerate(flow.get("bands", ())):
        field, priority = f"{FIELD}.bands[{index}]", band["priority"]
        if priority in first:
            message = f"priority {priority} is here and in {FIELD}.bands[{first[priority]}]"
            yield Result(ERROR, message, service.resource, f"{field}.priority", current=priority)
        first.setdefault(priority, index)
        for name in ("maxRequests", "maxBytes"):
            if name in band and name in flow and _amount(band[name]) > _amount(flow[name]):
                message = (
                    f"found {band[name]}, but all priorities together have {flow[name]} ({FIELD}.{name}), "
                    f"so this is never reached; lower it, or raise that"
                )
                yield Result(ERROR, message, service.resource, f"{field}.{name}", current=band[name])


def _amount(value: str | int) -> int:
    """Return a number of requests or bytes, as the schema takes it."""
    number = str(value).rstrip("KMGik")
    return int(number) * _UNITS[str(value)[len(number) :]]
