"""An object as its single values, each by the path under which its readers know it."""

from __future__ import annotations

from krm_functions_sdk.document import arguments, field_path
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_COMMAND_LINES = ("args", "command")


def leaves(value: dict[str, Any]) -> dict[str, Any]:
    """Return the value at the path of every scalar and of every empty map or list."""
    return {field_path.show(path): leaf for path, leaf in _leaves(value, ())}


def _leaves(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list) and value:
        for step, part in _items(value, path):
            yield from _leaves(part, (*path, step))
    else:
        yield path, value


def _items(value: list[Any], path: FieldPath) -> Iterator[tuple[Step, Any]]:
    """Yield the items of a list: flags by their name, maps by theirs, all others by position."""
    if path[-1] in _COMMAND_LINES and all(isinstance(item, str) for item in value):
        found = arguments.parse(value)
        flags = [argument.name for argument in found]
        for argument in found:
            text = " ".join(value[argument.first : argument.first + argument.count])
            is_known = argument.name not in ("", arguments.END) and flags.count(argument.name) == 1
            yield Flag(argument.name) if is_known else argument.first, text
        return
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    for index, (name, item) in enumerate(zip(names, value, strict=True)):
        yield Match("name", name) if isinstance(name, str) and names.count(name) == 1 else index, item
