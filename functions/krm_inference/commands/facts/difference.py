"""What differs between the facts of two releases: what goes, what changes, what comes, and what is known to break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from krm_inference.commands.facts.release_facts import ORDER, VLLM, Facts
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.releases.breakages import BREAKAGES, Breakage

# What a release is called and where it was read differs always.
_OF_NAME = ("name", "source", "notes", "breaks")


class Difference(NamedTuple):
    """All differences from one release to another. `gone`, `changed` and `new` are by the path of the fact."""

    breaks: list[dict[str, str]]
    gone: dict[str, Any]
    changed: dict[str, tuple[Any, Any]]
    new: dict[str, Any]

    def __bool__(self) -> bool:
        return any(self)


def difference(before: Facts, after: Facts) -> Difference:
    """Return what differs, from `before` to `after`."""
    old, new = dict(flat(_judged(before))), dict(flat(_judged(after)))
    return Difference(
        breaks=list(_breaks(before["name"], after["name"])),
        gone={path: old[path] for path in old if path not in new},
        changed={path: (old[path], new[path]) for path in old if path in new and old[path] != new[path]},
        new={path: new[path] for path in new if path not in old},
    )


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each fact with its path: of a list, each entry is a part of the path, so that its place does not count."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from flat(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and not any(isinstance(part, (dict, list)) for part in value):
        yield from ((f"{path}[{part}]", "yes") for part in value)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from flat(part, f"{path}[{index}]")
    else:
        yield path, value


def _judged(facts: Facts) -> Facts:
    found = {key: value for key, value in facts.items() if key not in _OF_NAME}
    if "picker" in found:
        configuration = {key: value for key, value in found["picker"]["configuration"].items() if key != "source"}
        found["picker"] = {**found["picker"], "configuration": configuration}
    return found


def _breaks(before: str, after: str) -> Iterator[dict[str, str]]:
    """Yield what is reported to break on the way; on the way back, what was brought in is not judged."""
    if before.startswith(VLLM) or after.startswith(VLLM):
        return
    first, last = ORDER.index(before), ORDER.index(after)
    for one in BREAKAGES:
        if first < ORDER.index(one.release) <= last and not _beside(one, after):
            yield {"since": one.release, "what": one.what, "instead": one.instead, "source": one.source}


def _beside(one: Breakage, after: str) -> bool:
    """Say whether a breakage is of definitions that a picker's release does not go through."""
    return one.release == "gaie-v1.6" and after != one.release


def instead(path: str) -> str:
    """Return what took the place of a flag or variable of vLLM that is gone, "" where that is not known."""
    return vllm.successor(path.partition("[")[2].rstrip("]"))
