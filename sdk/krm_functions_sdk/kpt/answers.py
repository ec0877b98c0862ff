"""What renders answered that ended well and changed nothing, kept for the next one of the same files.

An answer is found by a key, which is a digest of all that a render could read, see `key`. It holds what the render
said and no text of a file, so that nothing is ever written from it but what was said.
"""

from __future__ import annotations

import json
import os
import time

from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.files import cache, digest
from krm_functions_sdk.function import installation
from krm_functions_sdk.function.callable import is_repeatable
from krm_functions_sdk.kpt.summary import StepReport
from krm_functions_sdk.kpt.witness import Witness
from krm_functions_sdk.resources.results import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

    from krm_functions_sdk.files.package import Package
    from krm_functions_sdk.kpt.external import Limits

# Every variable of the environment that changes what a render does or says, and how Python reads files.
VARIABLES = (
    "KRM_FN_TRACEBACK", "KRM_FN_RUNTIME", "KPT_FN_RUNTIME", "KPT_IMAGE_PREFIX",
    "LANG", "LC_ALL", "LC_CTYPE", "PYTHONHASHSEED", "TZ",
)  # fmt: skip
_LAYOUT = "1"  # of what is kept
_FIELDS = tuple(name for name in Result.__slots__ if name != "derived")


class Answer:
    """What a render said: of its steps, by its functions and about its resources."""

    def __init__(
        self, results: list[Result], steps: list[tuple[str, StepReport]], printed: list[str], figures: list[str]
    ) -> None:
        self.results, self.steps, self.printed, self.figures = results, steps, printed, figures


class Memory:
    """What is known of a render of packages as they were read: its key, and the `answer` that was kept by it.

    While functions run, `witness` hears what they do that the key does not cover. Where no answer can be kept, the key
    is "", and nothing else is of use.
    """

    def __init__(self, root: Path, read: list[Package], limits: Limits) -> None:
        self.witness = Witness()
        self._of = root, read, limits
        self.key = key(*self._of)
        self.answer = find(self.key)

    def keep(self, functions: Iterable[object], answer: Answer) -> None:
        """Keep the answer of functions that changed nothing, where the next render would do and say the very same."""
        if all(map(is_repeatable, functions)) and not self.witness.outside and self._is_same():
            keep(self.key, answer)

    def _is_same(self) -> bool:
        """Say whether all that has run is what the key covers, and whether that is still what is there."""
        found = installation.at_start()
        if not (found.is_settled and found.covers_all()):
            return False
        try:
            now = installation.Installation()
        except Exception:  # noqa: BLE001  # a file that has gone while it was looked at, or as below
            return False
        return now.digest == found.digest and key(*self._of) == self.key  # a day may have ended


def key(root: Path, read: list[Package], limits: Limits) -> str:
    """Return the name of the answer to a render of packages as they were read, "" where none may be kept.

    It is a digest of the text of each file that was read, with its path, and the names of the packages; of how and
    where the folder was named; of the limits; of the environment's VARIABLES; of the day; and of what is installed.
    """
    if not cache.place():
        return ""
    try:
        installed = installation.at_start().digest
    except Exception:  # noqa: BLE001  # whatever a finder of modules raises, then nobody knows what is installed
        return ""
    return digest.of_texts((installed, *_circumstances(root, limits), *_texts(read)))


def find(name: str) -> Answer | None:
    """Return what was kept by a key; None where nothing was, or nothing that can be read."""
    data = cache.read(name) if name else None
    if data is None:
        return None
    try:
        return _restored(json.loads(data))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def keep(name: str, answer: Answer) -> None:
    """Keep an answer, where what is read again says the very same."""
    try:
        data = json.dumps(_written(answer)).encode()
        again = _restored(json.loads(data))
    except (ValueError, LookupError, TypeError, RecursionError):  # JSON does not know a value that somebody proposes
        return
    if _said(again) == _said(answer):
        cache.write(name, data)


def _circumstances(root: Path, limits: Limits) -> Iterator[str]:
    yield _LAYOUT
    yield str(root)
    yield str(root.resolve())
    yield repr(sorted(vars(limits).items()))
    for name in VARIABLES:
        yield f"{name}={os.environ[name]}" if name in os.environ else name
    for now in (time.gmtime(), time.localtime()):
        yield time.strftime("%Y-%m-%d", now)


def _texts(read: list[Package]) -> Iterator[str]:
    for package in read:
        yield from (package.name, str(package.root))
        yield package.kptfile.text if package.kptfile else ""  # it may be hidden from the functions
        yield str(len(package.files))
        for path, file in package.files.items():
            yield from (path, file.text)


def _written(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON; the results of a step are numbers of those of the render."""
    numbers = {id(result): number for number, result in enumerate(answer.results)}
    steps = []
    for package, step in answer.steps:
        counts = [step.added, step.changed, step.deleted, step.status]
        own = [numbers[id(result)] for result in step.results]
        steps.append([package, step.name, counts, step.declared, step.said, own])
    results = [_plain(result) for result in answer.results]
    return {"results": results, "steps": steps, "printed": answer.printed, "figures": answer.figures}


def _plain(result: Result) -> dict[str, Any]:
    found = {name: value for name in _FIELDS if (value := getattr(result, name)) is not MISSING}
    return {**found, "derived": None if result.derived is None else _plain(result.derived)}


def _restored(data: dict[str, Any]) -> Answer:
    results = [_result(each) for each in data["results"]]
    steps = []
    for package, name, counts, declared, said, own in data["steps"]:
        step = StepReport(name, {}, {}, [results[number] for number in own])
        step.added, step.changed, step.deleted, step.status = counts
        step.declared, step.said = declared, said
        steps.append((package, step))
    return Answer(results, steps, data["printed"], data["figures"])


def _result(data: dict[str, Any]) -> Result:
    result = Result(data["severity"], data["message"])
    for name in _FIELDS:
        setattr(result, name, data.get(name, MISSING))
    result.derived = None if data["derived"] is None else _result(data["derived"])
    return result


def _said(answer: Answer) -> list[Any]:
    """Return all that is ever told of an answer."""
    steps = [
        (package, step.name, step.did, step.declared, step.said, step.status, [*map(_told, step.results)])
        for package, step in answer.steps
    ]
    return [[*map(_told, answer.results)], steps, answer.printed, answer.figures]


def _told(result: Result) -> tuple[str, str]:
    return str(result), repr(result.to_dict())
