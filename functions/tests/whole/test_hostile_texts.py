"""Texts that nobody writes by accident: in any field they end in results, and never in a traceback or a hang.

They are of 100 kB in CI, and of 25 kB else.
"""

from __future__ import annotations

import copy
import os
import random
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain import intent
from krm_inference.domain.amounts import amount
from krm_inference.domain.secrets import redact
from krm_inference.validate_inference import validate_inference

Render = Callable[..., ResourceList]
Path = tuple[str | int, ...]
FAR = os.environ.get("SEARCH") == "far"
SIZE = 100_000 if FAR else 25_000
LONGEST = 2_000  # of a message about such a text in an intent: whoever reads it wants the field, and not the text
# A pattern that takes the square of the time needs hours for the long ones, and many minutes for the others.
HANGS = 120 if FAR else 30
# Field names that change in one run of the validator: each run takes its time from the length of the texts.
TOGETHER = 5
CLASSES = {
    "a word of dashes": "--" + "a-" * (SIZE // 2),
    "a word of dots": "a." * (SIZE // 2),
    "letters and a mark": "a" * SIZE + "!",
    "digits": "1" * SIZE,
    "digits and a letter": "1" * SIZE + "x",
    "numbers with units": "1m" * (SIZE // 2),
    "blanks": " " * SIZE + "x",
    "open quotes": 'token="' * (SIZE // 7),
    "names of secrets": "token-" * (SIZE // 6),
    "beginnings of tokens": "hf_" * (SIZE // 3),
    "a path": "a/" * (SIZE // 2),
    "assignments": "a=" * (SIZE // 2),
    "colons": "a:1" * (SIZE // 3),
    "references": "$(A" * (SIZE // 3),
    "lines": "a: b\n" * (SIZE // 5),
    "braces": "{" * SIZE,
    "a sleep": "sleep " * (SIZE // 6),
}


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """Let a test fail that hangs."""

    def give_up(*_: object) -> None:
        pytest.fail("it hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(HANGS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _strings(value: Any, path: Path = ()) -> Iterator[Path]:
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _strings(part, (*path, key))
    if isinstance(value, str):
        yield path


def _declared(schema: Any, path: Path = ()) -> Iterator[Path]:
    """Yield each text field of a schema, in the first entry of its lists and maps."""
    if schema.get("type") == "string":
        yield path
    for name, part in schema.get("properties", {}).items():
        yield from _declared(part, (*path, name))
    if "items" in schema:
        yield from _declared(schema["items"], (*path, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _declared(schema["additionalProperties"], (*path, "any"))


def _with(data: Any, path: Path, text: str) -> Any:
    """Return a copy with the text at a path, and with what leads there."""
    changed = copy.deepcopy(data)
    inner = changed
    for step, following in pairwise((*path, None)):
        part: Any = text if following is None else [] if isinstance(following, int) else {}
        if isinstance(inner, list) and len(inner) == step:
            inner.append(part)
        elif following is None or (isinstance(inner, dict) and not isinstance(inner.get(step), dict | list)):
            inner[step] = part
        inner = inner[step]
    return changed


def _told(resources: ResourceList) -> None:
    for result in resources.results:
        assert str(result)
        result.to_dict()


@pytest.mark.parametrize("name", CLASSES)
def test_a_field_of_the_intent_may_hold_anything(name: str, fulls: list[str]) -> None:
    """Every text field of an intent, one at a time: those of the schema, and all entries of one that has many."""
    data = Resource(fulls[1]).data
    for path in dict.fromkeys((*_strings(data), *_declared(intent.schema().openapi))):
        resources = ResourceList([Resource(emitter.document(_with(data, path, CLASSES[name])), path="llm.yaml")])
        intent.read(resources)
        _told(resources)
        if path[0] == "spec":  # a name stands in each message about its object
            assert max((len(result.message) for result in resources.results), default=0) < LONGEST, path


@pytest.mark.parametrize("name", CLASSES)
def test_a_field_of_the_manifests_may_hold_anything(name: str, fulls: list[str], render: Render) -> None:
    """Every string field of what is rendered, all of a few names at a time: other names together for each class.

    Of a list, and of two objects of a kind, one item stands for the others.
    """
    objects = [item.data for item in render(fulls[1])][1:]
    fields: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    seen = set()
    for index, data in enumerate(objects):
        for path in _strings(data):
            named = [step for step in path if isinstance(step, str)]
            if (one := (data["kind"], *named)) not in seen:
                seen.add(one)
                fields[named[-1]].append((index, path))
    texts = [emitter.document(data) for data in objects]
    names = sorted(fields)
    random.Random(name).shuffle(names)
    for together in (names[start : start + TOGETHER] for start in range(0, len(names), TOGETHER)):
        changed: dict[int, Any] = {}
        for index, path in (place for field in together for place in fields[field]):
            changed[index] = _with(changed.get(index, objects[index]), path, CLASSES[name])
        written = [emitter.document(changed[index]) if index in changed else text for index, text in enumerate(texts)]
        resources = ResourceList([Resource(text, path="all.yaml") for text in written])
        validate_inference(resources)
        _told(resources)


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_shown_is_looked_through(name: str) -> None:
    """A message of any text is searched for credentials, and a quantity read, in one go."""
    assert redact(CLASSES[name])
    assert amount(CLASSES[name]) is None
    assert redact(f"{CLASSES[name]} --api-key=abc").endswith("--api-key=(not shown)")
