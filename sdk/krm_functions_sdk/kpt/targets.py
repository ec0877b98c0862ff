"""The `target:` of each patch of a kustomization: which of them meet an object, as kustomize itself sees it.

kustomize passes over a patch whose target meets nothing, without a word. So each such patch of a copy gets another one
before it, of the same target, that leaves an annotation on whatever it meets.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from krm_functions_sdk.document import emitter, field_path
from krm_functions_sdk.function.schema import nearest
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import WARNING, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

_TRACE = "apiVersion: v1\nkind: any\nmetadata:\n  name: any\n  annotations:\n    {}: met\n"
_ALIKE = 0.83  # of kinds: one that ends as another does is no misspelt one
_ALLOWED = "allowNoTargetMatch"  # https://github.com/kubernetes-sigs/kustomize/pull/5917 proposes it under `options`


class Entry(NamedTuple):
    """One patch with a target: its number among all, the folder of its kustomization, and its position there."""

    number: int
    folder: Path
    position: int
    target: dict[str, Any]
    deletes: bool
    line: int | None

    def told(self, file: Path, objects: Iterable[Mapping[str, Any]]) -> Result:
        """Return what a user hears of a target that met none of the objects."""
        hint = near(str(self.target.get("kind", "")), str(self.target.get("name", "")), objects)
        message = (
            f"{emitter.flow(self.target)} meets no object, so this patch does nothing{hint}. "
            f"Mend the target, drop the patch, or say options: {{{_ALLOWED}: true}} beside it"
        )
        result = Result(WARNING, message)
        result.field = field_path.show(("patches", self.position, "target"))
        result.file, result.line = file.as_posix(), self.line
        return result


def near(kind: str, name: str, objects: Iterable[Mapping[str, Any]]) -> str:
    """Return ` (did you mean …?)` for the object, or the kind where none is of it, that is most likely meant, or ""."""
    names = [f"{one.get('kind', '')} {one.get('metadata', {}).get('name', '')}" for one in objects]
    kinds = {text.partition(" ")[0] for text in names}
    if kind and not (name and kind in kinds):
        return nearest(kind, sorted(kinds), _ALIKE)
    found = get_close_matches(f"{kind} {name}", names, 1, 0.5)
    return f" (did you mean {found[0]}?)" if found else ""


def find(kustomizations: Mapping[Path, Resource]) -> Iterator[Entry]:
    """Yield each patch that has a target and does not say that it may meet nothing."""
    number = 0
    for folder, kustomization in kustomizations.items():
        for position, patch in enumerate(_patches(kustomization)):
            if not isinstance(patch, dict) or not isinstance(patch.get("target"), dict):
                continue
            options = patch.get("options")
            if isinstance(options, dict) and options.get(_ALLOWED):
                continue
            deletes = "$patch" in str(patch.get("patch", "")) or "path" in patch
            line = kustomization.line(("patches", position, "target"))
            yield Entry(number, folder, position, patch["target"], deletes, line)
            number += 1


def traced(
    kustomizations: Mapping[Path, Resource], entries: Iterable[Entry], prefix: str, *, deleting: bool
) -> dict[Path, Resource]:
    """Return copies of the kustomizations that have entries, with a trace before each; `deleting`: with deletions."""
    patches: dict[Path, dict[int, list[Any]]] = {}
    for entry in entries:
        trace = {"target": entry.target, "patch": _TRACE.format(f"{prefix}met-{entry.number}")}
        there = patches.setdefault(entry.folder, {})
        own = _patches(kustomizations[entry.folder])[entry.position]
        there[entry.position] = [trace] if entry.deletes and not deleting else [trace, own]
    copies = {}
    for folder, changed in patches.items():
        known = kustomizations[folder]
        own = [one for at, patch in enumerate(_patches(known)) for one in changed.get(at, [patch])]
        copies[folder] = Resource.new({**known.data, "patches": own})
    return copies


def met(annotations: Mapping[str, str], prefix: str) -> set[int]:
    """Return the numbers of the entries that left their trace in the annotations of an object."""
    start = f"{prefix}met-"
    return {int(name.removeprefix(start)) for name in annotations if name.startswith(start)}


def _patches(kustomization: Resource) -> list[Any]:
    found = kustomization.get("patches")
    return found if isinstance(found, list) else []
