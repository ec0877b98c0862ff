"""Try the SDK on whatever YAML lies in folders: `python sdk/fuzz/corpus.py FOLDER… [--edits N] [--seed N]`.

Of each file: read and written it is the same, byte for byte, and one edit changes one place. ruamel.yaml, which is not
ours, is the judge of an edit: all other values, all comments, and the order of all keys are what they were. A file that
is no YAML for both is counted and left. Each finding names file, line and field; exit status 1 says that there is one.
"""
# ruff: noqa: INP001  # a script, no package

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from krm_functions_sdk import Field, InputFault, Resource, ResourceList, YamlFault
from krm_functions_sdk.document import stream
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

NEW = "edited by the corpus run"
SUFFIXES = (".yaml", ".yml", ".json")
LARGEST = 100_000  # bytes of a file: ruamel.yaml reads 0.1 MB/s


class Finding(Exception):
    """What the SDK did wrong."""


def main() -> int:
    """Run over all files, and return 1 where something was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--edits", type=int, default=3, help="edits of each document")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    for file in files(given.folders):
        try:
            text = file.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            counts["files that are no text"] += 1
            continue
        for message in findings(text, Random(f"{given.seed} {file}"), given.edits, counts):
            counts["findings"] += 1
            print(f"{file}: {message}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "no files")
    return 1 if counts["findings"] else 0


def files(folders: list[Path]) -> Iterator[Path]:
    """Yield the YAML files in folders, in order."""
    for folder in folders:
        for file in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if file.suffix in SUFFIXES and file.is_file() and file.stat().st_size <= LARGEST:
                yield file


def findings(text: str, random: Random, edits: int, counts: Counter[str]) -> Iterator[str]:
    """Yield what is wrong about one text."""
    counts["files"] += 1
    try:
        read = ResourceList.read(text)
        is_answer = not read.is_stream and read.written_results  # its results, of an earlier run, go
        if not is_answer and read.write() != text:
            yield "read and written it is another text"
    except InputFault:
        counts["files that are empty, or lists in no known form"] += 1
    for document in stream.split(text.removeprefix("\ufeff")):
        if document.is_empty:
            continue
        resource, judge = Resource(document.text), judged(document.text)
        try:
            _ = resource.data
        except YamlFault:
            counts["documents refused" if judge is not None else "documents that are no YAML"] += 1
            continue
        counts["documents"] += 1
        scalars = [field for field in resource.walk() if field.is_scalar]
        for field in random.sample(scalars, min(edits, len(scalars))):
            line = document.first_line + field.node.line
            try:
                counts[edit(document.text, field, judge)] += 1
            except Finding as finding:
                yield f"line {line}: {field.path}: {finding}"
            except Exception as error:  # noqa: BLE001  # a crash is a finding as well
                yield f"line {line}: {field.path}: {type(error).__name__}: {error}"


def edit(text: str, field: Field, judge: Any) -> str:
    """Set one scalar, and say what became of it. Raises Finding."""
    resource = Resource(text)
    try:
        resource.set(field.path, NEW)
    except YamlFault:
        if resource.text != text:
            raise Finding("refused, and changed all the same") from None
        return "edits refused"
    except ValueError:
        return "edits refused"
    if resource.get(field.path) != NEW:
        raise Finding("set, and another value is there")
    start, end = difference(text, resource.text)
    around = text.rfind("\n", 0, field.node.start) + 1, text.find("\n", field.node.end)
    if start < around[0] or end > (around[1] if around[1] >= 0 else len(text)) + 1:
        raise Finding(f"changed {text[start:end]!r} elsewhere")
    if judge is not None:
        compare(judge, judged(resource.text), field)
    return "edits"


def difference(old: str, new: str) -> tuple[int, int]:
    """Return start and end of what of the old text is not in the new one."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    back = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    return start, len(old) - back


def judged(text: str) -> Any:
    """Return what ruamel.yaml reads, with comments and order; None where it refuses the text."""
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    try:
        return yaml.load(text)
    except (YAMLError, ValueError, AttributeError, TypeError, KeyError, NotImplementedError):
        return None


def compare(old: Any, new: Any, field: Field) -> None:
    """Compare two readings, which differ in the value of one field alone. Raises Finding."""
    if new is None:
        raise Finding("ruamel.yaml cannot read it any more")
    had, has = (sorted(comments(each)) for each in (old, new))
    if had != has:
        raise Finding(f"comments were {list(Counter(had) - Counter(has))}, are {list(Counter(has) - Counter(had))}")
    changed = [(path, a, b) for (path, a), (_, b) in zip(leaves(old), leaves(new), strict=False) if a != b]
    if [path for path, _ in leaves(old)] != [path for path, _ in leaves(new)]:
        raise Finding("keys or their order changed")
    others = [path for path, _, _ in changed if path != field.steps]
    if others and {id(each) for each in others} and field.node.anchor is None:
        raise Finding(f"{others[0]} changed as well")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield path and text of each scalar, in order."""
    if isinstance(value, CommentedMap):
        for key, part in value.items():
            yield from leaves(part, (*path, str(key)))
    elif isinstance(value, CommentedSeq | list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path, repr(value)


def comments(value: Any) -> Iterator[str]:
    """Yield the text of each comment line."""
    todo, seen = [value], set[int]()
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        attributes = getattr(part, "ca", None)
        if attributes is not None:
            tokens: list[Any] = [attributes.comment, attributes.items, attributes.end]
            while tokens:
                token = tokens.pop()
                if isinstance(token, dict):
                    tokens += token.values()
                elif isinstance(token, list | tuple):
                    tokens += token
                elif token is not None and id(token) not in seen:
                    seen.add(id(token))
                    yield from (line.strip() for line in str(token.value).splitlines() if line.strip())
        if isinstance(part, dict):
            todo += part.values()
        elif isinstance(part, list):
            todo += part


if __name__ == "__main__":
    sys.exit(main())
