"""Lists of command-line arguments."""

from __future__ import annotations

import pytest
from krm_functions_sdk.document import arguments


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], []),
        (["--port=8000"], [("--port", "8000", 0, 1)]),
        (["--port", "8000"], [("--port", "8000", 0, 2)]),
        (["--max_loras=2"], [("--max-loras", "2", 0, 1)]),
        (["model", "--port=1"], [("", "model", 0, 1), ("--port", "1", 1, 1)]),
        (["--enable-lora", "--port", "1"], [("--enable-lora", None, 0, 1), ("--port", "1", 1, 2)]),
        (["--switch", "model"], [("--switch", None, 0, 1), ("", "model", 1, 1)]),
        (["--x=1", "--x=2"], [("--x", "1", 0, 1), ("--x", "2", 1, 1)]),
        (["--bias", "-1"], [("--bias", "-1", 0, 2)]),
        (["--bias", "-.5"], [("--bias", "-.5", 0, 2)]),
        (["-", "--x"], [("", "-", 0, 1), ("--x", None, 1, 1)]),
        (["--x=1", "--", "--y", "z"], [("--x", "1", 0, 1), ("--", None, 1, 3)]),
        (['--c={"a":1}'], [("--c", '{"a":1}', 0, 1)]),
        (["--set", "a=1", "b=2", "c", "--x"], [("--set", "a=1 b=2", 0, 3), ("", "c", 3, 1), ("--x", None, 4, 1)]),
        (["--set=a=1", "b=2"], [("--set", "a=1 b=2", 0, 2)]),
        (["--port", "a=1", "b=2"], [("--port", "a=1 b=2", 0, 3)]),
        (["--port=a=1", "b=2"], [("--port", "a=1", 0, 1), ("", "b=2", 1, 1)]),
        (["--port", "1", "b=2"], [("--port", "1", 0, 2), ("", "b=2", 2, 1)]),
        (["vllm serve --port 8000"], [("", "vllm serve --port 8000", 0, 1)]),
    ],
)
def test_parse(items: list[str], expected: list[tuple[str, str | None, int, int]]) -> None:
    """Each item belongs to one argument, with name, value, first item and number of items."""
    found = arguments.parse(items, switches={"--switch"}, several={"--set"})
    assert [(part.name, part.value, part.first, part.count) for part in found] == expected
    assert sum(part.count for part in found) == len(items)


def test_a_flag_has_one_value_where_nobody_asks_for_several() -> None:
    """What reads a command line without knowing its flags takes them as most are."""
    found = arguments.parse(["--set", "a=1", "b=2"])
    assert [(part.name, part.value, part.first, part.count) for part in found] == [
        ("--set", "a=1", 0, 2),
        ("", "b=2", 2, 1),
    ]


@pytest.mark.parametrize(
    ("item", "name"), [("--a_b=c_d", "--a-b"), ("-tp", "-tp"), ("model", ""), ("-1", ""), ("-", ""), ("-é", "-é")]
)
def test_flag_name(item: str, name: str) -> None:
    """The name of a flag has hyphens, and what is no flag has none."""
    assert arguments.flag_name(item) == name
