"""Which field of an overlay a finding follows from: its own, or one of an intent that it was derived from.

The second is found out by experiment: the package is rendered again with one field of the intent as it was before the
overlay, and where the finding is not there, it follows from that field.
"""

from __future__ import annotations

from typing import NamedTuple

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt import patches
from krm_functions_sdk.resources.results import ERROR, INFO, Result, Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from krm_functions_sdk.kpt.overlay import Key, Overlay, Values
    from krm_functions_sdk.resources.resource import Resource

MOST = 40  # renders for the findings of one package
Steps = tuple[str, ...]


class Patched(NamedTuple):
    """An object that an overlay changes: what each field became (MISSING: removed), and its value before."""

    key: Key
    item: Resource
    changed: dict[Steps, Any]
    before: dict[str, Any]


class Causes:
    """What an overlay changed in one package, and what came of it: `results`, before any of them is blamed.

    `render` renders the package with other values.
    """

    def __init__(
        self,
        overlay: Overlay,
        patched: list[Patched],
        values: Values,
        render: Callable[[Values], Results],
        results: Results,
    ) -> None:
        self._overlay, self._values, self._render = overlay, values, render
        self._known = {_key(result) for result in results}
        self._patched = {(one.item.kind, one.item.name): one for one in patched}
        self._others: dict[tuple[Key, Steps], Results] = {}
        self._intents = [(one, steps) for one in patched if one.item.is_local_config for steps in one.changed]

    def blame(self, result: Result) -> None:
        """Let a finding name the file of the overlay, and the field there that it follows from, if it follows from one.

        A finding about a field that the overlay changes keeps its object and field.
        """
        if not self._touches(result) and result.severity != INFO and (cause := self._cause(result)):
            one, changed = cause
            result.message, result.proposed = str(result).partition("] ")[2], MISSING
            item = one.item
            result.reference = {"apiVersion": item.api_version, "kind": item.kind, "name": item.name}
            result.field = field_path.show(changed)
            self._locate(result, one, changed)

    def locate(self, result: Result) -> None:
        """Let a finding about what the overlay itself says name its file."""
        if not self._touches(result):
            result.file, result.line, result.start, result.index = self._overlay.file.as_posix(), None, None, 0

    def _touches(self, result: Result) -> bool:
        """Say whether a finding is about a field that the overlay changes; it then names the file of the overlay."""
        patched = self._patched.get((result.reference.get("kind", ""), result.reference.get("name", "")))
        steps = _names(result.field)
        touched = [path for path in patched.changed if _meets(path, steps)] if patched and steps else []
        if patched and touched:
            self._locate(result, patched, max(*touched, steps, key=len))
        return bool(touched)

    def _locate(self, result: Result, one: Patched, steps: Steps) -> None:
        file, line = patches.place(self._overlay, one.before, steps)
        result.file, result.line, result.start, result.index = file.as_posix(), line, None, 0

    def _cause(self, result: Result) -> tuple[Patched, Steps] | None:
        wanted = _key(result)
        for one, steps in self._intents[:MOST]:
            found = self._without(one, steps)
            is_judged = all(_key(other) in self._known for other in found if other.severity == ERROR)
            if is_judged and not any(_key(other) == wanted for other in found):
                return one, steps
        return None

    def _without(self, one: Patched, steps: Steps) -> Results:
        """Return what is found where one field is as it was before the overlay."""
        place = (one.key, steps)
        if place not in self._others:
            value = _with(self._values[one.key], steps, at(one.before, steps))
            self._others[place] = self._render({**self._values, one.key: value})
        return self._others[place]


def differences(before: Any, after: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield path and new value (MISSING: removed) of each field that differs; a list is one value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from differences(before.get(name, MISSING), after.get(name, MISSING), (*steps, name))
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield steps, after


def at(value: Any, steps: Steps) -> Any:
    """Return what stands at a path of map keys, MISSING where nothing does."""
    for step in steps:
        value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
    return value


def _with(value: Any, steps: Steps, part: Any) -> Any:
    if not steps:
        return part
    own = value if isinstance(value, dict) else {}
    inner = _with(own.get(steps[0], {}), steps[1:], part)
    rest = {name: one for name, one in own.items() if name != steps[0] or inner is not MISSING}
    return {**rest, **({} if inner is MISSING else {steps[0]: inner})}


def _key(result: Result) -> tuple[str, ...]:
    return result.severity, result.reference.get("kind", ""), result.reference.get("name", ""), result.field


def _names(field: str) -> Steps:
    """Return the keys of a field path, up to the first list."""
    names: list[str] = []
    try:
        steps = field_path.parse(field) if field else ()
    except ValueError:
        return ()
    for step in steps:
        if not isinstance(step, str):
            break
        names.append(step)
    return tuple(names)


def _meets(one: Steps, other: Steps) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]
