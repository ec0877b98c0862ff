"""Labels or annotations as they are read: a map that refuses a change, since the change would be lost."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class FixedMap(dict[str, str]):
    """A map of strings that was read from a resource and raises TypeError where somebody changes it.

    It equals the same map that can be changed; `dict(…)`, `|` and `copy` make one.
    """

    __slots__ = ("_field",)

    def __init__(self, values: dict[str, str], field: str) -> None:
        super().__init__(values)
        self._field = field

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def _refuse(self, key: object = "KEY", call: str = "set") -> NoReturn:
        arguments = f'"metadata.{self._field}[{key}]"' + (", value" if call == "set" else "")
        raise TypeError(
            f"resource.{self._field} is read from the text, and a change of it would be lost: "
            f"write resource.{call}({arguments})"
        )

    def __setitem__(self, key: str, value: str) -> NoReturn:
        self._refuse(key)

    def __delitem__(self, key: str) -> NoReturn:
        self._refuse(key, "remove")

    def __ior__(self, other: Any) -> NoReturn:  # type: ignore[misc]  # it does not return
        self._refuse(next(iter(dict(other)), "KEY"))

    def setdefault(self, key: str, _: str = "") -> NoReturn:
        """Refuse."""
        self._refuse(key)

    def update(self, *others: Any, **more: str) -> NoReturn:
        """Refuse."""
        self._refuse(next(iter(dict(*others, **more)), "KEY"))

    def pop(self, key: str, *_: Any) -> NoReturn:
        """Refuse."""
        self._refuse(key, "remove")

    def popitem(self) -> NoReturn:
        """Refuse."""
        self._refuse(call="remove")

    def clear(self) -> NoReturn:
        """Refuse."""
        self._refuse(call="remove")
