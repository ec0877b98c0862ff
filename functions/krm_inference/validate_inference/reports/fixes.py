"""Mending: findings whose right value the manifests alone decide, edited where they stand.

A proposal is no such value where it is one name of several, a sum of estimates, or would rename an object: it is shown
and left. So is what a render writes: it would be written over, and belongs into the intent.
"""

from __future__ import annotations

from krm_functions_sdk import MISSING, Resource, ResourceList, Result, YamlFault
from krm_functions_sdk.document import emitter, field_path
from krm_functions_sdk.document.field_path import Flag
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.function.in_place import InPlace

from krm_inference.domain import remains
from krm_inference.domain.record import Record

# Rules whose proposal is the only value that can be meant, each with the reason.
CERTAIN = {
    "annotation": "the same value in quotes is what was meant",
    "label": "the same value in quotes is what was meant",
    "intent-local-config": "no cluster takes an LLMService",
    "health-check-port": "a port goes with one portSpecification",
    "health-check-port-unsaid": "it is what the field means when it is not said",
    "server-path": "vLLM's health is at one path; a slip of another path is mended to that",
    "lora-slots": "the least that vLLM takes",
    "service-links": "vLLM does not start with them, and needs none",
    "syncer-sidecar": "an init container that never ends is a sidecar",
    "gpu-request": "the API server takes one limit beside a request of an extended resource",
    "picker-pool-group": "the group of the pool that the flags name",
    "monitor-path": "servers and pickers have their metrics at one path",
    "drain-picker": "the least that outlives the servers of its pool; what is not used costs nothing",
    "route-path": "the API server takes no path without a slash",
}
_QUOTED = ("annotation", "label")  # of 1.10 YAML keeps 1.1, and of `on` true: only a value as it was written is meant
_UNSAID = ("health-check-port",)  # only where the field is missing: of two that contradict, either may be meant
_TURNS = 5  # a value that was mended may show another fault


class Mended(Record):
    """What became of a finding of a rule of CERTAIN: the new value is set, or `left` says why it is not."""

    found: Result
    left: str = ""

    def __str__(self) -> str:
        place = ": ".join(part for part in (*self.found.place(), self.found.tags["rule"]) if part)
        if self.left:
            return f"not mended {place}: {self.left}"
        old = "" if self.found.current is MISSING else f"{emitter.flow(self.found.current)} -> "
        return f"mended {place}: {old}{emitter.flow(self.found.proposed)}"


class Mending:
    """One run over files: what was `mended`, and what was `left` although its value is known."""

    def __init__(self, check: Function, config: Resource | None, paths: list[str]) -> None:
        self.check = check
        self.config = config
        self.mended: list[Mended] = []
        self.left: list[Mended] = []
        self._tried: set[tuple[str, str | None, int, str]] = set()
        self.run = InPlace(self._mend, config, reports=True)
        self.run.run(paths)

    def write(self) -> None:
        """Write all files that changed, or none. Raises OSError."""
        self.run.write()

    def _mend(self, resources: ResourceList) -> None:
        resources.results.clear()  # files that cannot be read: the check that follows says so, and others are mended
        for _ in range(_TURNS):
            looked_at = ResourceList(list(resources), self.config)
            call(self.check, looked_at)
            by_place = {(item.path, item.index): item for item in resources if item.is_placed}
            if not sum(self._set(found, by_place) for found in looked_at.results):
                break
        for each in (*self.mended, *self.left):
            if each.found.file:
                each.found.file = (self.run.package.root / each.found.file).as_posix()

    def _set(self, found: Result, by_place: dict[tuple[str | None, int], Resource]) -> bool:
        key = (found.tags.get("rule", ""), found.file, found.index, found.field)
        if key[0] not in CERTAIN or found.proposed is MISSING or key in self._tried:
            return False
        self._tried.add(key)
        resource = by_place.get((found.file, found.index))
        why = _why_not(found, resource)
        if resource is not None and not why:
            try:
                resource.set(found.field, found.proposed)
            except (YamlFault, ValueError) as fault:
                why = str(fault)
        (self.left if why else self.mended).append(Mended(found, why))
        return not why


def _why_not(found: Result, resource: Resource | None) -> str:
    """Return why a finding is not mended in the resource of its place, "" where it can be."""
    if found.derived is not None:
        return "it follows from the intent; say it there, and render"
    if resource is None or (resource.kind, resource.name) != (found.reference.get("kind"), found.reference.get("name")):
        return "it stands in a list of objects; mend it there"
    if remains.maker(resource)[0]:
        return f"{remains.maker(resource)[0]} writes it; mend the intent, and render"
    path = field_path.parse(found.field)
    if any(isinstance(step, Flag) for step in path) and resource.find(path) is None:
        return "the flag is set by a script or a variable; mend it there"
    node, rule = resource.find(path), found.tags["rule"]
    if rule in _QUOTED and node is not None and node.value != found.proposed:
        read = emitter.flow(found.current)
        return f"it is written {node.value}, which YAML reads as {read}; put in quotes what you mean"
    if rule in _UNSAID and node is not None:
        return "it says something else than the field beside it; keep the one that you mean"
    return ""
