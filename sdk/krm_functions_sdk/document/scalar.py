"""YAML scalars as Kubernetes reads them, and the quotes that keep them so.

`read` follows go-yaml as kubectl and kpt use it (sigs.k8s.io/yaml): neither YAML 1.1 nor YAML 1.2, but something
between them. `write` quotes a string whenever *any* of go-yaml, YAML 1.1 or YAML 1.2 would read the plain form as
something else, so that every tool downstream agrees on what was meant.

The patterns are text, since `re` compiles them at their first use: a process that reads no scalar does not pay.
"""

from __future__ import annotations

import re
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Scalar = str | int | float | bool | None

_TRUE = frozenset(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"))
_FALSE = frozenset(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"))
NULL = frozenset(("", "~", "null", "Null", "NULL"))
_INFINITE = {
    ".nan": "nan", ".NaN": "nan", ".NAN": "nan", ".inf": "inf", ".Inf": "inf", ".INF": "inf",
    "+.inf": "inf", "+.Inf": "inf", "+.INF": "inf", "-.inf": "-inf", "-.Inf": "-inf", "-.INF": "-inf",
}  # fmt: skip
_INT = r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))\Z"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"
_SPECIAL = {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}
_MOST_DIGITS = 30  # more than 64 bits can have in any base but two; a longer number is a float, as in Go

# What YAML 1.1 reads as a number or a date and go-yaml does not: base 60, timestamps, the value and merge keys.
_YAML_1_1 = (
    r"(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?"
    r"|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[bB][01_]+|[-+]?0[oO]?[0-7_]+"
    r"|=|<<)\Z"
)
_UNSAFE_START = r"[\s,\[\]{}#&*!|>'\"%@`]|[-?:](?:\s|\Z)|---|\.\.\."
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
_UNSAFE_INSIDE = r":(?:\s|\Z)|\s#|\s\Z|" + _CONTROL
_UNSAFE_IN_FLOW = r"[,\[\]{}?]|\A:|:\Z"
_ESCAPED = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"


def read(text: str) -> Scalar:
    """Return what Kubernetes reads for the plain (unquoted) scalar `text`."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text in NULL:
        return None
    if text[0] not in "+-.0123456789":
        return text
    if text in _INFINITE:
        return float(_INFINITE[text])
    digits = text.replace("_", "")
    number = _int(digits)
    if number is not None:
        return number
    return _float(digits, text)


def _int(digits: str) -> Scalar:
    match = re.match(_INT, digits)
    if not match:
        return None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    base = 16 if hexadecimal else 2 if binary else 8 if octal else 10
    places = (hexadecimal or binary or octal or decimal).lstrip("0") or "0"
    if len(places) > (64 if binary else _MOST_DIGITS):
        return None
    number = int(places, base) * (-1 if sign == "-" else 1)
    if -(2**63) <= number < 2**63:
        return number
    return float(number) if 0 < number < 2**64 else None  # Go has an unsigned integer here, and JSON makes it a float


def _float(digits: str, text: str) -> Scalar:
    if not re.match(_FLOAT, digits):
        return text
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        return text
    # On the way through JSON 1e3 and 1.0 become the integers 1000 and 1.
    return int(number) if number.is_integer() and abs(number) < 2**63 else number


@lru_cache(maxsize=4096)  # the keys and values of Kubernetes objects are alike
def is_plain(text: str, *, flow: bool = False) -> bool:
    """Say whether the string `text` may be written without quotes and stay this string for every YAML reader."""
    if re.match(_UNSAFE_START, text) or re.search(_UNSAFE_INSIDE, text) or (flow and re.search(_UNSAFE_IN_FLOW, text)):
        return False
    return isinstance(read(text), str) and not re.match(_YAML_1_1, text)


def write(value: Scalar, *, style: str = "", flow: bool = False) -> str:
    """Return the one-line YAML text of `value`.

    `style` is the quote that a string had before (`'`, `"` or none); it is kept where the new string allows.
    """
    if type(value) is str and not style and not flow:  # most are
        return value if is_plain(value) else quoted(value)
    if isinstance(value, str):
        if style == "'" and not re.search(_CONTROL, value):
            return "'" + value.replace("'", "''") + "'"
        if style != '"' and (is_plain(value, flow=True) if flow else is_plain(value)):
            return value
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return repr(value)


def style_after(style: str, old: Any, new: Any) -> str:
    """Return the quotes for a value in place of another: those that only the old one needed are nobody's style."""
    if style not in ("'", '"') or not isinstance(new, str) or not is_plain(new):
        return style
    return style if is_plain(str(old)) else ""


def quoted(text: str) -> str:
    """Return `text` in double quotes, readable as YAML and as JSON."""
    import json

    return re.sub(_ESCAPED, lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))


def _number(value: float) -> str:
    """Return a float as every YAML reader takes it: YAML 1.1 wants a point before the exponent."""
    if special := _SPECIAL.get(str(value)):
        return special
    digits, exponent, power = repr(value).partition("e")
    return f"{digits}{'' if '.' in digits else '.0'}{exponent}{power}" if exponent else digits
