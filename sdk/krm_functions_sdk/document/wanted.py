"""Values as a function wants them: with the reason behind them, compared as Kubernetes does, and what changed."""

from __future__ import annotations

from krm_functions_sdk.document import field_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING", "__slots__": ()})()


class Change:
    """One value that was set, replaced or removed: `before` or `after` is MISSING where there was or is none."""

    __slots__ = ("after", "before", "path")

    def __init__(self, path: FieldPath, before: Any, after: Any) -> None:
        self.path = path
        self.before = before
        self.after = after

    def __repr__(self) -> str:
        return f"<Change {field_path.show(self.path)}: {self.before!r} to {self.after!r}>"


class Commented:
    """A value that carries a comment for its line, or for that of its key; make one with `because`."""

    __slots__ = ("comment", "value")

    def __init__(self, value: Any, comment: str) -> None:
        self.value = value
        self.comment = " ".join(comment.split())

    def __repr__(self) -> str:
        return f"because({self.value!r}, {self.comment!r})"


def because(value: Any, comment: str) -> Commented:
    """Return `value` with the reason that is written as a comment on its line: for a map or list, that of its key."""
    return Commented(value, comment)


def bare(value: Any) -> Any:
    """Return `value` without its own comment; what is inside keeps its comments."""
    return value.value if isinstance(value, Commented) else value


def plain(value: Any) -> Any:
    """Return `value` without any of its comments."""
    value = bare(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def same(have: Any, want: Any) -> bool:
    """Compare two values as Kubernetes does: 1 is not "1" and true is not 1, but 1.0 is 1."""
    kind = type(have)
    if kind is type(want) and kind is not dict and kind not in (list, tuple, float):  # most are texts
        return bool(have == want)
    if isinstance(have, dict) and isinstance(want, dict):
        if have.keys() != want.keys():
            return False
        for key, part in have.items():
            other = want[key]
            if part is not other and not same(part, other):
                return False
        return True
    if isinstance(have, list | tuple) and isinstance(want, list | tuple):
        return len(have) == len(want) and all(a is b or same(a, b) for a, b in zip(have, want, strict=True))
    if isinstance(have, int | float) and isinstance(want, int | float):
        return isinstance(have, bool) == isinstance(want, bool) and (have == want or str(have) == str(want) == "nan")
    return type(have) is type(want) and bool(have == want)
