"""Command-line arguments as a list of flags, the way argparse and pflag read them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

END = "--"


class Argument:
    """One flag with its value, or one argument that is no flag (its `name` is empty).

    `first` and `count` say which items of the list it takes up: `--port=8000` one, `--port`, `8000` two. The name `--`
    is that of the end of the flags and all that follows it.
    """

    __slots__ = ("count", "first", "name", "value")

    def __init__(self, name: str, value: str | None, first: int, count: int) -> None:
        self.name = name
        self.value = value
        self.first = first
        self.count = count


def parse(
    items: Sequence[str], switches: Collection[str] = (), several: Collection[str] | None = None
) -> list[Argument]:
    """Return the arguments in `items`.

    An item that is no flag is the value of a flag right before it, unless `switches` names that flag as one that takes
    no value. With `several`, a flag whose value is an item of its own and an assignment, `name=value`, has all
    assignments right behind it too, and a flag in `several` has them in any case; the value has spaces between them.
    """
    arguments: list[Argument] = []
    position = 0
    while position < len(items):
        item = items[position]
        if item == END:
            arguments.append(Argument(END, None, position, len(items) - position))
        elif not is_flag(item):
            arguments.append(Argument("", item, position, 1))
        elif "=" in item:
            name, _, value = item.partition("=")
            end = position + 1
            if several and normalize(name) in several:
                end = _past_assignments(items, end)
            values = " ".join((value, *items[position + 1 : end]))
            arguments.append(Argument(normalize(name), values, position, end - position))
        elif position + 1 < len(items) and not is_flag(items[position + 1]) and normalize(item) not in switches:
            end = position + 2
            if several is not None and "=" in items[position + 1]:
                end = _past_assignments(items, end)
            values = " ".join(items[position + 1 : end])
            arguments.append(Argument(normalize(item), values, position, end - position))
        else:
            arguments.append(Argument(normalize(item), None, position, 1))
        position += arguments[-1].count
    return arguments


def _past_assignments(items: Sequence[str], position: int) -> int:
    """Return the position behind the assignments, `name=value`, that begin at `position`."""
    while position < len(items) and "=" in items[position] and not is_flag(items[position]):
        position += 1
    return position


def is_flag(item: str) -> bool:
    """Say whether `item` begins a flag (`-1` and `-.5` are numbers)."""
    return item.startswith("-") and item != "-" and not item[1:].removeprefix(".")[:1].isdecimal()


def normalize(name: str) -> str:
    """Return the flag's name with `-` for `_`."""
    return name.replace("_", "-")


def flag_name(item: str) -> str:
    """Return the normalized name of the flag that `item` begins, or an empty string."""
    return normalize(item.partition("=")[0]) if is_flag(item) else ""
