"""What is said of an adoption: the intents and their share, and of every other line what becomes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from krm_functions_sdk.document import emitter, field_path
from krm_functions_sdk.function import terminal

from krm_inference.commands.adopt import comparison
from krm_inference.commands.adopt.adoption import Adoption, Became
from krm_inference.commands.adopt.comparison import Line
from krm_inference.commands.adopt.pairing import Values, values
from krm_inference.domain import secrets

UNWRITTEN = "nothing was written: name a new folder as PACKAGE for that"
_LONGEST = 100


def text(found: Adoption, left: list[str], columns: int = 0) -> str:
    """Return the intents, and the report fitted to a terminal of so many columns."""
    rendered, all_ = comparison.share(found)
    intents = [emitter.document(value) for value in found.intents]
    count = sum(len(intent.splitlines()) for intent in intents)
    share = 100 * rendered // all_ if all_ else 0
    lines = [f"{count} lines of intent render {rendered} of {all_} lines as they are: {share} %"]
    own = [one for one in found.became if one.made is None]
    for one in found.became:
        if one.made is not None:
            lines += _object(one)
    if own:
        lines += ["", "kept as they are, since no function makes them"]
        lines += [f"  {_title(one)}" for one in own]
    if found.new:
        lines += ["", "new"]
        lines += [f"  {item}" for item in found.new]
    if left:
        lines += ["", "left where it is, since it is no object for a cluster"]
        lines += [f"  {line}" for line in left]
    return "---\n".join(intents) + "\n" + terminal.folded("\n".join(lines) + "\n\n", columns)


def written(found: Adoption, package: str, *, is_valid: bool) -> str:
    """Return what is said of a package that was written."""
    names = sorted({one.now.name for one in found.became if one.theirs.resource.name != one.now.name})
    warned = ""
    if names:
        warned = (
            f"objects of another name than before are new ones for a cluster, {', '.join(names)}: apply the package, "
            "see that it serves, and then delete the old ones\n"
        )
    then = f"krmfn render {package} renders it anew after a change of the intent"
    mend = f"krmfn render {package} works once the errors above are mended"
    return f"{warned}{package} is written; {then if is_valid else mend}"


def _title(one: Became) -> str:
    item = one.theirs.resource
    place = f" ({item.path}:{item.first_line})" if item.path and item.first_line else f" ({item.path})"
    name = f"{item.kind} {item.name}" + (f" → {one.now.name}" if item.name != one.now.name else "")
    return f"{name}{place if item.path else ''}"


def _object(one: Became) -> Iterator[str]:
    found = comparison.lines(one)
    if found.rendered == found.all and not found.added and not one.theirs.notes:
        return
    added = f", {found.added} added" if found.added else ""
    yield ""
    yield f"{_title(one)}: {found.rendered} of {found.all} lines rendered{added}"
    yield from (f"  {note}" for note in one.theirs.notes)
    yield from (f"  changed  {line}" for line in _changes(one, found.changed))
    yield from (f"  kept     {_counted(head, paths)}" for head, paths in _grouped(found.kept, _item).items())


def _changes(one: Became, changed: list[Line]) -> Iterator[str]:
    """Yield what became of values, and what went: an item of a list that went as a whole, by its path alone."""
    yield from (said for line in changed if line.now is not None for said in _change(line))
    gone = {line.path: line for line in changed if line.now is None}
    left = values(one.now)
    for head, paths in _grouped(list(gone), lambda path: _gone(path, left)).items():
        yield f"{_counted(head, paths)}: gone" if len(paths) > 1 else next(_change(gone[paths[0]]))


def _change(one: Line) -> Iterator[str]:
    after = "gone" if one.now is None else _shown(one.path, one.now)
    yield f"{one.path}: {_shown(one.path, one.was)} → {after}"
    if one.reason:
        yield f"  because {one.reason}"


def _grouped(paths: list[str], head: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(head(path), []).append(path)
    return found


def _counted(head: str, paths: list[str]) -> str:
    return f"{head}, {len(paths)} lines" if len(paths) > 1 else paths[0]


def _item(path: str) -> str:
    """Return the path of the innermost item of a list that holds a value, or of the text, its own where none does."""
    if " " in path:
        return path.partition(" ")[0]
    return path[: path.rindex("]") + 1] if "=" in path.rpartition("[")[2] else path


def _gone(path: str, left: Values) -> str:
    """Return the path of the outermost item of a list that holds a value and is there no longer."""
    ends = [at + 1 for at, letter in enumerate(path) if letter == "]"]
    return next((path[:end] for end in ends if not any(other.startswith(path[:end]) for other in left)), path)


def _shown(path: str, value: str) -> str:
    with contextlib.suppress(ValueError):  # of a value in the text of another
        value = str(secrets.redacted(field_path.parse(path), value))
    flag = path.rpartition("[")[2].removesuffix("]")
    if flag.startswith("-") and value.startswith(f"{flag}="):
        value = value[len(flag) + 1 :]
    said = " ".join(value.split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
