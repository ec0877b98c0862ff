"""The order of functions in a pipeline, where one edits what another makes."""

from __future__ import annotations

from krm_functions_sdk import ERROR, Resource, ResourceList, Result

from krm_inference.domain.sound import Sound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVER = "generate-model-server"
# Each function that needs what another one makes, and what that is. A test swaps every two of the functions.
NEEDS = {
    "inject-accelerator": (_SERVER, "the Deployment into which it puts GPUs"),
    "inject-lifecycle": (_SERVER, "the Deployment into which it puts probes and times"),
    "inject-lora": (_SERVER, "the Deployment into which it puts the adapters"),
}
_KPTFILE = "Kptfile"
SOUND = Sound()  # Kptfiles


def faults(resources: ResourceList) -> Iterator[Result]:
    """Yield an error for each function of a Kptfile that stands before the one that makes what it needs."""
    kptfiles = [
        item
        for item in resources
        if item.kind == _KPTFILE and item.path is not None and item.path.rpartition("/")[2] == _KPTFILE
    ]
    if SOUND.recall(kptfiles) is None:
        found = [fault for kptfile in kptfiles for fault in _of(kptfile)]
        if not found:
            SOUND.remember(kptfiles, [])
        yield from found


def _of(kptfile: Resource) -> Iterator[Result]:
    declared = kptfile.get("pipeline.mutators", [])
    steps = declared if isinstance(declared, list) else []
    names = [_name(step) for step in steps]
    for position, name in enumerate(names):
        maker, what = NEEDS.get(name, ("", ""))
        # One that runs once more behind its maker has what it needs there.
        if maker not in names or names.index(maker) < position or name in names[names.index(maker) :]:
            continue
        field, other = (f"pipeline.mutators[{at}]" for at in (position, names.index(maker)))
        here, there = kptfile.line(field), kptfile.line(other)
        move = f"; move line {here} below line {there}" if here and there else f"; move it below {maker}"
        message = f"{name} stands before {maker}, which makes {what}{move}"
        yield Result(ERROR, message, kptfile, field, current=name)


def _name(step: object) -> str:
    """Return the function of a step: the last part of its image without tag, or of its executable."""
    declared = step if isinstance(step, dict) else {}
    words = str(declared.get("exec") or declared.get("image") or "").split()
    return words[0].rpartition("/")[2].partition("@")[0].partition(":")[0] if words else ""
