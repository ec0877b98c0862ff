"""A comparison for people and for machines: as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import difflib

from krm_functions_sdk.document import emitter
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt.comparison import ADDED, CHANGED, REMOVED, Change, Comparison, Difference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Effects = Mapping[int, list[str]]  # what a change does, by its position

_ARROW = " → "
_LONGEST = 100
_WORDS = {ADDED: "is new", REMOVED: "goes", CHANGED: "changes"}


def text(comparison: Comparison, effects: Effects) -> str:
    """Return it for a terminal."""
    lines = [*_shared(comparison), ""] if comparison.spaces or comparison.common else []
    for position, change in enumerate(comparison.changes):
        lines.append(title(change))
        for one in change.differences:
            lines.append(f"  {one.path}: {_values(one)}")
            lines += [f"    {line}" for line in _hunk(one)]
            if one.reason:
                lines.append(f"    because {one.reason}")
            if one.causes:
                lines.append(f"    follows from {', '.join(one.causes)}")
        lines += [f"  => {said}" for said in effects.get(position, ())]
    return "\n".join([*lines, _count(comparison)]) + "\n"


def markdown(comparison: Comparison, effects: Effects, before: str, after: str) -> str:
    """Return it for a pull request: the effects first, then a table for each object."""
    lines = [f"### `{before}`{_ARROW}`{after}`", ""]
    said = [(title(change), line) for at, change in enumerate(comparison.changes) for line in effects.get(at, ())]
    lines += [f"- **{name}** {line}" for name, line in said] + [""] * bool(said)
    lines += [f"- {line}" for line in _shared(comparison)] + [""] * bool(comparison.spaces or comparison.common)
    for change in comparison.changes:
        lines += ["<details>", f"<summary>{_escaped(title(change))}</summary>", ""]
        if change.differences:
            lines += ["| field | old | new | why |", "|---|---|---|---|"]
        for one in change.differences:
            why = "; ".join([one.reason] * bool(one.reason) + [f"from `{cause}`" for cause in one.causes])
            cells = (f"`{one.path}`", _cell(one.old, one.path), _cell(one.new, one.path), _escaped(why))
            lines.append(f"| {' | '.join(cells)} |")
        lines += ["", "</details>", ""]
    return "\n".join([*lines, _count(comparison)]) + "\n"


def data(comparison: Comparison, effects: Effects, before: str, after: str) -> dict[str, Any]:
    """Return it as JSON holds it."""
    return {
        "apiVersion": "krm-functions-sdk/v1",
        "kind": "Difference",
        "before": before,
        "after": after,
        "namespaces": comparison.spaces,
        "common": [{**_entry(one), "objects": count} for one, count in comparison.common],
        "objects": [
            {
                "apiVersion": change.item.api_version,
                "kind": change.item.kind,
                "name": change.item.name,
                **({"namespace": change.item.namespace} if change.item.namespace else {}),
                "change": change.what,
                "intent": change.item.is_local_config,
                "differences": [_entry(one) for one in change.differences],
                "effects": list(effects.get(position, ())),
            }
            for position, change in enumerate(comparison.changes)
        ],
    }


def title(change: Change) -> str:
    """Return what an object is called, and whether it comes or goes."""
    item = change.item
    name = f"{item.kind} {item.name}"
    if change.what != CHANGED:
        return f"{name} {_WORDS[change.what]}"
    former = change.before.name if change.before is not None else item.name
    return name if former == item.name else f"{item.kind} {former}{_ARROW}{item.name}"


def _shared(comparison: Comparison) -> Iterator[str]:
    for old, new in comparison.spaces.items():
        yield f"namespace: {old or 'none'}{_ARROW}{new or 'none'}, with the names that follow from it"
    for one, count in comparison.common:
        yield f"{one.path}: {_values(one)} in {count} objects"


def _entry(one: Difference) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": one.path}
    entry |= {name: value for name, value in (("old", one.old), ("new", one.new)) if value is not MISSING}
    entry |= {"reason": one.reason} if one.reason else {}
    return entry | ({"followsFrom": list(one.causes)} if one.causes else {})


def _values(one: Difference) -> str:
    return f"{shown(one.old, one.path)}{_ARROW}{shown(one.new, one.path)}"


def shown(value: Any, path: str) -> str:
    """Return a value on one line: of a flag what follows its name, "none" for MISSING."""
    if value is MISSING:
        return "none"
    if isinstance(value, str) and "\n" in value:
        return f"a text of {len(value.splitlines())} lines"
    flag = path.rpartition("[")[2].removesuffix("]")
    if isinstance(value, str) and flag.startswith("--") and value.startswith(f"{flag}="):
        return value[len(flag) + 1 :]
    text = emitter.flow(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _hunk(one: Difference) -> Iterator[str]:
    """Yield the lines of a text that differ."""
    old, new = (value if isinstance(value, str) else "" for value in (one.old, one.new))
    if "\n" in old or "\n" in new:
        found = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
        yield from (line for line in found if not line.startswith(("---", "+++", "@@")))


def _cell(value: Any, path: str) -> str:
    return "" if value is MISSING else f"`{_escaped(shown(value, path))}`"


def _escaped(said: str) -> str:
    return said.replace("|", "\\|").replace("<", "&lt;")


def _count(comparison: Comparison) -> str:
    counts = {word: sum(change.what == word for change in comparison.changes) for word in (CHANGED, ADDED, REMOVED)}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    also = f"; {comparison.foreign} other objects in the cluster" if comparison.foreign else ""
    if not comparison:
        return f"nothing differs{also}"
    return f"objects: {told or 'none differs otherwise'}{also}"
