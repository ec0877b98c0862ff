"""A Record is what `typing.NamedTuple` makes of the same class."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from krm_inference.domain.record import Record


class Ours(Record):
    """A row."""

    name: str
    number: int = 3
    parts: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        """Twice the number."""
        return self.number * 2


class Typed(NamedTuple):
    """A row."""

    name: str
    number: int = 3
    parts: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        """Twice the number."""
        return self.number * 2


def test_it_is_a_named_tuple() -> None:
    """Fields, defaults, properties, equality and order are those of a NamedTuple."""
    ours, typed = Ours("a", parts=("x",)), Typed("a", parts=("x",))
    assert tuple(ours) == tuple(typed) == ("a", 3, ("x",))
    assert ours.doubled == typed.doubled == 6
    assert (Ours._fields, Ours._field_defaults, Ours.__doc__) == (Typed._fields, Typed._field_defaults, Typed.__doc__)
    assert repr(ours) == repr(typed).replace("Typed", "Ours")
    assert ours._replace(number=4) == ("a", 4, ("x",))
    assert ours._asdict() == typed._asdict()
    assert hash(ours) == hash(typed)
    assert Ours.__module__ == __name__
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Ours()  # type: ignore[call-arg]  # what is tried
    with pytest.raises(AttributeError):
        ours.name = "b"  # type: ignore[misc]  # what is tried
