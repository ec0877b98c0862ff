"""Field paths: `spec.template.spec.containers[name=vllm].args[--port]`.

A path is a tuple of steps. A step is

- a `str`: the key of a map; in text after a dot, or in brackets where the key holds dots or slashes
  (`metadata.annotations[example.com/owner]`);
- an `int`: the position in a list, `[3]`;
- a `Match`: the item of a list whose field has a value, `[name=vllm]`;
- a `Flag`: the command-line flag in a list of arguments, `[--port]`; `_` equals `-` in its name.

A key or value that would read as something else stands in double quotes: `data["3"]`, `[name="a]b"]`.
"""

from __future__ import annotations

import re

from krm_functions_sdk.document.pattern import pattern


class Match(tuple[str, str]):
    """The item of a list of maps whose field `key` has the value `value`."""

    __slots__ = ()

    def __new__(cls, key: str, value: str) -> Match:  # noqa: PYI034  # Self costs the import of typing
        return super().__new__(cls, (key, value))


class Flag(tuple[str]):
    """A command-line flag by its name, such as `--port`; the empty name stands for the arguments that are no flags."""

    __slots__ = ()

    def __new__(cls, name: str) -> Flag:  # noqa: PYI034  # Self costs the import of typing
        return super().__new__(cls, (name.replace("_", "-"),))


Step = str | int | Match | Flag
FieldPath = tuple[Step, ...]

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_STEP = pattern(rf'\.?([^.\[\]]+)|\[(?:{_QUOTED}|([^\]="]*)={_QUOTED}|([^\]]*))\]', re.DOTALL)
_AFTER_DOT = pattern(r"[^.\[\]=/]+\Z")
_cache: dict[str, FieldPath] = {}


def parse(text: str) -> FieldPath:
    """Return the steps of `text`. Raises ValueError where it is no path."""
    if text not in _cache:
        steps: list[Step] = []
        position = 0
        while position < len(text):
            match = _STEP.match(text, position)
            if not match or (position == 0 and text[0] == "."):
                raise ValueError(f"{text!r} is no field path: see the character at {position}")
            steps.append(_step(match))
            position = match.end()
        _cache[text] = tuple(steps)
    return _cache[text]


def _step(match: re.Match[str]) -> Step:
    key, quoted_key, name, quoted_value, rest = match.groups()
    if key is not None:
        return str(key)
    if quoted_key is not None:
        return _unquoted(quoted_key)
    if quoted_value is not None:
        return Match(name, _unquoted(quoted_value))
    return _in_brackets(rest)


def _in_brackets(text: str) -> Step:
    if text.startswith("-") and not text[1:].isdecimal():
        return Flag("" if text == "-" else text)
    if text.isascii() and text.isdecimal():
        return int(text)
    key, equals, value = text.partition("=")
    return Match(key, value) if equals else text


def show(path: FieldPath) -> str:
    """Return the text of `path`; the inverse of `parse`."""
    text = ""
    for step in path:
        if isinstance(step, Match):
            plain = f"{step[0]}={step[1]}"
            text += f"[{plain}]" if _reads_back(plain, step) else f"[{step[0]}={_quoted(step[1])}]"
        elif isinstance(step, Flag):
            text += f"[{step[0] or '-'}]"
        elif isinstance(step, int):
            text += f"[{step}]"
        elif _AFTER_DOT.match(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step}]" if _reads_back(step, step) else f"[{_quoted(step)}]"
    return text


def _reads_back(text: str, step: Step) -> bool:
    return "]" not in text and '"' not in text and _in_brackets(text) == step


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
