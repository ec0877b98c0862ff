"""Fields that stand at several places, `@` for the place."""

from __future__ import annotations

SELECTOR = """
@ object
@.matchExpressions list
@.matchExpressions[] object
@.matchExpressions[].key! text
@.matchExpressions[].operator! text
@.matchExpressions[].values list
@.matchExpressions[].values[] text
@.matchLabels map
@.matchLabels{} text
"""


def under(path: str, lines: str) -> str:
    """Return the lines of fields at a path; `!` after the path makes the field itself required."""
    place = path.removesuffix("!")
    text = lines.strip().replace("@", place)
    return text.replace(place, path, 1) if path != place else text
