"""Which intents were found to be without a fault: the functions of one render get the same ones, one after the other.

Only the very resources that were looked at are known again, and only as long as their texts are the same. A render
begins with new ones, so nothing is known from before: not what other tables would say, nor other files.
"""

from __future__ import annotations

from weakref import ref

from krm_functions_sdk import Resource

Look = list[tuple[ref[Resource], str, str | None]]  # each intent that was looked at, its text and its file
# The last two: mutators and the lines of figures get the intents themselves, a validator gets copies of its own.
_known: list[Look] = []


def are_known(intents: list[Resource]) -> bool:
    """Say whether these intents, all of them and no others, were looked at together and had no fault."""
    return any(
        len(intents) == len(look)
        and all(
            known() is item and text == item.text and path == item.path
            for item, (known, text, path) in zip(intents, look, strict=True)
        )
        for look in _known
    )


def remember(intents: list[Resource]) -> None:
    """Know these intents again: each is right by its schema, and together they are consistent."""
    if not are_known(intents):
        _known[:] = [[(ref(item), item.text, item.path) for item in intents], *_known[:1]]
