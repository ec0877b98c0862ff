"""What somebody meant who misspelt a word."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


# No name of ours comes near this length, and what is longer is no slip.
_LONGEST = 100


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that `word` most likely misspells.

    `cutoff` is the ratio of letters, from 0 to 1, that both have to share; None says that no word comes so near.
    """
    if len(word) > _LONGEST:
        return None
    from difflib import get_close_matches  # only mistakes pay for it

    return next(iter(get_close_matches(word, list(known), 1, cutoff)), None)


def is_a_letter_off(word: str, other: str, least: int = 4) -> bool:
    """Say whether two names differ in one letter, or in two that changed places, of a part of at least that length.

    Parts lie between dashes and dots: `route-a` and `route-b` are two names, as are those that differ in a digit.
    """
    ones, others = re.split(r"[-._]", word), re.split(r"[-._]", other)
    if len(ones) != len(others):
        return False
    different = [pair for pair in zip(ones, others, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and min(map(len, different[0])) >= least and _is_a_slip(*different[0])


def _is_a_slip(one: str, other: str) -> bool:
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    start = min(len(one), len(other)) if start is None else start
    left, right = one[start:], other[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    has_turned = len(left) == 2 and left == right[::-1]
    return (left + right).isalpha() and (max(len(left), len(right)) == 1 or has_turned)
