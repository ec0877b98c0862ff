"""What other rules say nothing of, because they have no facts: said once for a set and a reason, with how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from krm_inference.domain.record import Record
from krm_inference.manifests import placeholders
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding, listed


class Unchecked(Record):
    """What some rules leave out: the sort of thing, such as `server`, its field, and the name that they do not know."""

    thing: str
    field: Field
    name: str


def unchecked(found: Iterable[Unchecked], what: str, reason: str) -> Iterator[Finding]:
    """Yield one finding for all of them: `2 servers: flags are not checked, because REASON: one, two`.

    Of a field that waits for its value `placeholder` says so, and it is left out here.
    """
    left = [each for each in found if not placeholders.waits(each.field)]
    if not left:
        return
    counts = Counter(each.thing for each in left).most_common()
    things = ", ".join(f"{count} {thing}{'s' * (count > 1)}" for thing, count in counts)
    names = {each.name for each in left} - {""}
    end = f": {listed(names)}" if names else ""
    yield Finding(left[0].field, f"{things}: {what} not checked, because {reason}{end}")
