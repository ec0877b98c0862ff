"""Scalars mean what kubectl reads, and what is written means the same to every YAML reader."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import scalar

# What kubectl 1.32 reads, found out by `test_read_is_what_kubectl_reads`.
READ: dict[str, Any] = {
    "y": True, "Y": True, "yes": True, "on": True, "On": True, "True": True, "TRUE": True, "tRUE": "tRUE", "yES": "yES",
    "n": False, "N": False, "no": False, "off": False, "False": False, "oFF": "oFF",
    "~": None, "null": None, "Null": None, "NULL": None, "nULL": "nULL",
    "0": 0, "-0": 0, "+1": 1, "-5": -5, "1_000": 1000, "1__0": 10, "1_": 1, "_1": "_1",
    "0644": 420, "-0644": -420, "0o644": 420, "0O17": 15, "0o8": "0o8", "08": 8, "09.5": 9.5, "0_7": 7, "0_9": 9,
    "007": 7,
    "0x1F": 31, "0X1f": 31, "-0x1F": -31, "+0x1F": 31, "0x_1F": 31, "0x": "0x", "0x1p3": "0x1p3",
    "0b101": 5, "-0b11": -3, "0B1": 1, "0b2": "0b2",
    "1e3": 1000, "1E3": 1000, "1e+3": 1000, "1e-3": 0.001, "-1e3": -1000, "1.e3": 1000, "1e1_0": 10**10, "1e": "1e",
    "e3": "e3",
    "1.0": 1, "1.": 1, "1.5": 1.5, ".5": 0.5, "-.5": -0.5, "+.5": 0.5, "0.10": 0.1, "1_0.5": 10.5, "-0.0": 0,
    "1.2.3": "1.2.3",
    "1e400": "1e400", "1e-400": 0, "1e18": 10**18, "1e19": 1e19, "1e21": 1e21, "1.5e300": 1.5e300,
    "9223372036854775807": 2**63 - 1, "-9223372036854775808": -(2**63), "9223372036854775808": float(2**63),
    "-9223372036854775809": -float(2**63), "18446744073709551615": float(2**64), "18446744073709551616": float(2**64),
    "100000000000000000000000000": 1e26, "0xFFFFFFFFFFFFFFFF": float(2**64),
    "0x10000000000000000": "0x10000000000000000",
    "017777777777777777777777": 1.7777777777777777e22,
    "12:30:45": "12:30:45", "22:22": "22:22", "2024-01-02": "2024-01-02",
    "2024-01-02T03:04:05Z": "2024-01-02T03:04:05Z",
    "=": "=", "<<": "<<", ".": ".", "..": "..", "+": "+", "1,000": "1,000", "inf": "inf", "nan": "nan",
    "Infinity": "Infinity",
    "v1": "v1", "1-2": "1-2", "123abc": "123abc", "١": "١", "a b": "a b", "100m": "100m", "1Gi": "1Gi",
}  # fmt: skip


def kubectl(fields: str) -> dict[str, Any]:
    """Return what kubectl reads for the lines below `data:`."""
    if shutil.which("kubectl") is None:
        pytest.skip("needs kubectl")
    text = f"apiVersion: v1\nkind: Foo\nmetadata:\n  name: x\ndata:\n{fields}"
    command = ["kubectl", "annotate", "--local", "-f", "-", "x=y", "-o", "json"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)["data"]
    return result


def same(have: Any, want: Any) -> bool:
    """Compare values; Python's JSON reads integers beyond 64 bits as integers, kubectl as floats."""
    if isinstance(want, float) and isinstance(have, int | float) and not isinstance(have, bool):
        return float(have) == want
    return type(have) is type(want) and bool(have == want)


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_read(text: str, value: Any) -> None:
    """A plain scalar is read by the table."""
    found = scalar.read(text)
    assert type(found) is type(value)
    assert found == value


def test_read_is_what_kubectl_reads() -> None:
    """The table is what kubectl says of each of its rows."""
    found = kubectl("".join(f"  k{index}: {text}\n" for index, text in enumerate(READ)))
    wrong = {
        text: found.get(f"k{index}")
        for index, (text, value) in enumerate(READ.items())
        if not same(found[f"k{index}"], value)
    }
    assert not wrong


TAGGED = [
    "!!str 5",
    "!!str yes",
    "!!int '5'",
    "!!float '5'",
    "!!bool 'true'",
    "!!null ''",
    "|\n    5\n",
    ">-\n    yes\n",
]


def test_the_getters_read_what_kubectl_reads() -> None:
    """Plain, in quotes or with a tag: one getter returns what kubectl has, and the others refuse it."""
    forms = [form for text in READ for form in (text, f"'{text}'", f'"{text}"')] + TAGGED
    fields = "".join(f"  k{index}: {form.rstrip()}\n" for index, form in enumerate(forms))
    found, resource = kubectl(fields), Resource(f"data:\n{fields}")
    getters: dict[type, Callable[[str], Any]] = {
        str: resource.get_str,
        int: resource.get_int,
        bool: resource.get_bool,
    }
    wrong = {}
    for index, form in enumerate(forms):
        said: dict[type, Any] = {}
        for kind, getter in getters.items():
            with contextlib.suppress(YamlFault):
                said[kind] = getter(f"data.k{index}")
        want = found[f"k{index}"]
        is_large = isinstance(want, int) and not -(2**63) <= want < 2**63  # JSON of a float, without its exponent
        if want is None:
            is_right = list(said.values()) == [None] * 3
        else:
            is_right = said == ({} if isinstance(want, float) or is_large else {type(want): want})
        if not is_right:
            wrong[form] = said, want
    assert not wrong


@pytest.mark.parametrize("text", [".inf", "-.Inf", "+.INF", ".nan", ".NaN"])
def test_infinity_and_nan_are_floats(text: str) -> None:
    """Infinity and not-a-number are floats, which no Kubernetes object can hold."""
    assert isinstance(scalar.read(text), float)


def test_a_number_of_ten_million_digits_is_read_at_once() -> None:
    """A very long number is a string or a float, and takes no quadratic time."""
    assert scalar.read("1" * 10_000_000) == "1" * 10_000_000
    assert scalar.read("0x" + "1" * 1_000_000) == "0x" + "1" * 1_000_000


AWKWARD = st.text(alphabet="0123456789_+-.:eExXoObB~=<yYnN #'\"\\,[]{}?&*!|>%@`\t\n\x85\u2028\ufeff ", max_size=8)
STRINGS = st.one_of(st.text(), AWKWARD, st.sampled_from(list(READ)))


@given(STRINGS, st.sampled_from(["", "'", '"']))
def test_a_written_string_is_that_string_for_yaml_1_1(text: str, style: str) -> None:
    """PyYAML and libyaml read back each string that is written, in a block and in braces, as key and as value."""
    block = scalar.write(text, style=style)
    flow = scalar.write(text, style=style, flow=True)
    assert "\n" not in block
    assert yaml.safe_load(f"k: {block} # comment\n") == {"k": text}
    assert yaml.load(f"k: {block} # comment\n", Loader=yaml.CSafeLoader) == {"k": text}
    assert yaml.safe_load(f"[{{{flow}: 1}}, {{k: {flow}}}, [{flow}, {flow}]]") == [{text: 1}, {"k": text}, [text, text]]


@given(STRINGS)
def test_a_written_string_is_that_string_for_kubernetes(text: str) -> None:
    """What is written without quotes is a string by the rules of Kubernetes."""
    written = scalar.write(text)
    assert written[:1] == '"' or scalar.read(written) == text


def test_a_written_string_is_that_string_for_kubectl() -> None:
    """Kubectl reads back the strings of the table, and others that need care."""
    texts = [
        *READ,
        "",
        " x",
        "x ",
        "a: b",
        "a #b",
        "#",
        "- x",
        "-",
        "?x",
        ":x",
        "{",
        "]",
        "a,b",
        "@",
        "`",
        "é",
        "😀",
        "a\tb",
        "x:",
    ]
    written = "".join(f"  k{index}: {scalar.write(text)}\n" for index, text in enumerate(texts))
    flow = ", ".join(f"f{index}: {scalar.write(text, flow=True)}" for index, text in enumerate(texts))
    found = kubectl(f"{written}  flow: {{{flow}}}\n")
    assert [found[f"k{index}"] for index in range(len(texts))] == texts
    assert [found["flow"][f"f{index}"] for index in range(len(texts))] == texts


@pytest.mark.parametrize(
    "text", ["y", "1e10", "0644", "12:30:45", "=", "<<", "~", "08", "0o644", "1_000", ".inf", "2024-01-02", ""]
)
def test_strings_that_look_like_something_else_are_quoted(text: str) -> None:
    """Git hashes, times and the like keep their quotes."""
    assert scalar.write(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["web", "nginx:1.25", "100m", "a-b", "http://x/y?z=1", "--port=8000", "it's", "ünï"])
def test_plain_strings_stay_plain(text: str) -> None:
    """What everyone reads as a string gets no quotes."""
    assert scalar.write(text) == text


@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_a_written_value_is_that_value(value: Any) -> None:
    """Numbers, booleans and null are read back by YAML 1.1 and by the rules of Kubernetes."""
    written = scalar.write(value)
    assert yaml.safe_load(written) == value
    assert scalar.read(written) == value


@pytest.mark.parametrize(("text", "style", "written"), [("b", "'", "'b'"), ("it's", "'", "'it''s'"), ("b", '"', '"b"')])
def test_quotes_stay(text: str, style: str, written: str) -> None:
    """A string keeps the quotes that stood there."""
    assert scalar.write(text, style=style) == written


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ('"4"', "500m", "500m"),
        ("'4'", "500m", "500m"),
        ('"500m"', "600m", '"600m"'),
        ('"4"', "8", '"8"'),
        ("'4'", "8", "'8'"),
        ("500m", "4", '"4"'),
    ],
)
def test_quotes_that_only_the_old_value_needed_go_with_it(before: str, value: str, after: str) -> None:
    """A change and its way back give the first text; quotes that were not needed are someone's style and stay."""
    texts = {"a": f"a: {before}\n", "a.b": f"a: {{b: {before}}}\n", "a[b=x].c": f"a:\n- b: x\n  c: {before}\n"}
    for path, text in texts.items():
        resource = Resource(f"kind: K\n{text}")
        resource.set(path, value)
        assert resource.text == f"kind: K\n{text.replace(before, after)}"
