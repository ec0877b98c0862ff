"""What a Kubernetes object can hold, and what a field holds that is asked for by its type."""

from __future__ import annotations

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.document.wanted import Commented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath

_NAMES = {str: "a string", int: "an integer", bool: "true or false", float: "a number", dict: "a map", list: "a list"}
_STRINGS = ("labels", "annotations")
_PLAIN = (int, bool, type(None))


def typed(value: Any, wanted: type, path: str, line: int) -> Any:
    """Return the value at a path, which is null or of the wanted type. Raises YamlFault where it has another type."""
    if value is not None and type(value) is not wanted:
        hint = "; write it in quotes" if wanted is str and not isinstance(value, dict | list) else ""
        shown = "" if isinstance(value, dict | list) else f" ({value!r})"
        raise YamlFault(f"{path}: found {_NAMES[type(value)]}{shown}, expected {_NAMES[wanted]}{hint}", line)
    return value


def check(value: Any) -> None:
    """Raise ValueError, with path and value, for what no Kubernetes object can hold, or what the API server refuses."""
    if not _is_sound(value) and (faults := _faults(value, ())):
        raise ValueError("; ".join(faults))


def _is_sound(value: Any) -> bool:
    """Say whether a value is plainly what an object can hold; what is not is left to `_faults`.

    Nearly all are, and to know that takes a third of the time, since no path is put together.
    """
    kind = type(value)
    if kind is Commented:
        value = value.value
        kind = type(value)
    if kind is str:
        return value.isascii()  # type: ignore[no-any-return]  # of a string
    if kind is dict:
        for key, part in value.items():
            is_sound = part.isascii() if type(part) is str else _is_sound(part)  # most are strings
            if type(key) is not str or not is_sound:
                return False
            if key in _STRINGS and not (type(part) is dict and all(type(text) is str for text in part.values())):
                return False  # where these are no strings, it is the path that tells
        return True
    return kind in _PLAIN or (kind in (list, tuple) and all(map(_is_sound, value)))


def _faults(value: Any, path: FieldPath) -> list[str]:
    value = value.value if isinstance(value, Commented) else value
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return [f"{field_path.show(path)}: {value!a} holds half of a surrogate pair, which is no character"]
        return []
    if isinstance(value, dict):
        bad = [f"{field_path.show(path)}: the key {key!r} is no string" for key in value if not isinstance(key, str)]
        return bad or [fault for key, part in value.items() for fault in _faults(part, (*path, key))]
    if isinstance(value, list | tuple):
        return [fault for index, part in enumerate(value) for fault in _faults(part, (*path, index))]
    if value is not None and not isinstance(value, bool | int | float):
        return [f"{field_path.show(path)}: {value!r} is a {type(value).__name__}, which YAML cannot hold"]
    if isinstance(value, float) and value - value != 0:
        return [f"{field_path.show(path)}: {value!r} is no number that Kubernetes can hold"]
    if len(path) > 2 and path[-3] == "metadata" and path[-2] in _STRINGS:
        return [f"{field_path.show(path)}: found {value!r}, expected a string, as of every label and annotation"]
    return []
