"""What somebody meant who misspelt a word."""

from __future__ import annotations

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
