#!/usr/bin/env python3
"""Write docs/sdk-api.md: every public name of krm-functions-sdk, from its signature and docstring.

usage: docs/sdk_api.py [--check]

--check writes nothing and fails where the page is out of date.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import krm_functions_sdk
from krm_functions_sdk import golden

PAGE = Path(__file__).resolve().parent / "sdk-api.md"
HEAD = """\
# API of krm-functions-sdk

Written by `docs/sdk_api.py` from the code. All names come from `krm_functions_sdk`.
[The README](../sdk/README.md) shows how they are used.
"""
CONSTANTS = {
    "DEFAULT_NAMESPACE": "The namespace of an object that names none and needs one.",
    "ERROR": "The severity of a result that fails the run.",
    "INFO": "The severity of a result that only tells.",
    "MISSING": "Stands for a value that is not there, where None is a value.",
    "NO_NAMESPACE": "Stands in an id for the namespace of an object that lives in none.",
    "WARNING": "The severity of a result that should be read.",
}


def lines() -> Iterator[str]:
    """Yield the lines of the page."""
    yield HEAD
    yield "## Exceptions\n"
    yield "What bad input raises; a function need not catch any of it, since `run` makes a result of it.\n"
    yield "```text"
    yield from tree()
    yield "```\n"
    yield "`ValueError` and `TypeError` are mistakes of the author: a path that is none, a type that fits no schema.\n"
    names = krm_functions_sdk.__all__
    found = {name: getattr(krm_functions_sdk, name) for name in names}
    yield "## Constants\n\n| name | meaning |\n|---|---|"
    yield from (f"| `{name}` | {CONSTANTS[name]} |" for name in names if name.isupper())
    yield "\n## Classes\n"
    for name, value in found.items():
        if isinstance(value, type):
            yield from describe_class(name, value)
    yield "## Functions\n"
    for name, value in found.items():
        if isinstance(value, FunctionType):
            yield from describe(f"### {name}", name, value)
    yield "## Predicates without arguments\n\n| name | asks |\n|---|---|"
    source = inspect.getsource(sys.modules["krm_functions_sdk.resources.predicates"])
    for name, value in found.items():
        if not isinstance(value, type | FunctionType | ModuleType) and not name.isupper():
            about = re.search(rf'^{name} = .*\n"""(.*?)"""', source, re.MULTILINE)
            yield f"| `{name}` | {about[1] if about else ''} |"
    yield "\n## Modules\n"
    for name, value in [
        *((name, value) for name, value in found.items() if isinstance(value, ModuleType)),
        ("golden", golden),
    ]:
        yield from describe_module(name, value)


def exceptions() -> list[type[BaseException]]:
    """Return every exception that a module of the SDK defines, by name."""
    modules = [
        import_module(each.name) for each in pkgutil.walk_packages(krm_functions_sdk.__path__, "krm_functions_sdk.")
    ]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ == module.__name__
    }
    return sorted(found, key=lambda each: (each.__name__, each.__module__))


def tree() -> Iterator[str]:
    """Yield the tree of the exceptions, each below what it is one of."""
    yield "Exception"
    for base in (Exception, OSError, ValueError, LookupError):
        below = [each for each in exceptions() if each.__bases__ == (base,)]
        if below and base is not Exception:
            yield f"  {base.__name__}"
        for each in below:
            indentation = "  " if base is Exception else "    "
            yield f"{indentation}{each.__module__.partition('.')[2]}.{each.__name__}: {first_sentence(each)}"


def describe_class(name: str, value: type) -> Iterator[str]:
    """Yield the lines about a class and its public members, those of a base that is not exported too."""
    yield from describe(f"### {name}", name, value)
    classes = [base for base in reversed(value.__mro__) if base.__module__.startswith("krm_functions_sdk.")]
    for member, raw in {member: raw for base in classes for member, raw in vars(base).items()}.items():
        if member.startswith("_") or not isinstance(raw, FunctionType | property | classmethod):
            continue
        if isinstance(raw, property):
            yield f"- `{member}`{ending(raw.fget)}"
        else:
            yield f"- `{member}{signature(getattr(value, member))}`{ending(raw)}"
    yield ""


def describe_module(name: str, value: ModuleType) -> Iterator[str]:
    """Yield the lines about a module and its public functions and classes."""
    yield f"### {name}\n\n{docstring(value)}\n"
    for member, raw in vars(value).items():
        if not member.startswith("_") and getattr(raw, "__module__", "") == value.__name__ and callable(raw):
            yield f"- `{member}{signature(raw)}`{ending(raw)}"
    yield ""


def describe(heading: str, name: str, value: Any) -> Iterator[str]:
    """Yield the heading, the signature and the docstring of a function or class."""
    yield f"{heading}\n\n```python\n{name}{signature(value)}\n```\n\n{docstring(value)}\n"


def signature(value: Any) -> str:
    """Return the parameters of something that can be called."""
    try:
        text = str(inspect.signature(value))
    except ValueError:
        return "(message)"
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)
    return re.sub(r"^\((self|cls)(, )?", "(", text).replace(", /)", ")")


def docstring(value: Any) -> str:
    """Return the docstring without its indentation."""
    return inspect.cleandoc(value.__doc__ or "")


def ending(value: Any) -> str:
    """Return the docstring of a member behind a colon, "" where its name says all."""
    text = " ".join(docstring(value).split())
    return f": {text}" if text else ""


def first_sentence(value: Any) -> str:
    """Return the first sentence of a docstring."""
    return docstring(value).partition("\n")[0]


def main() -> int:
    """Write the page, or say whether it is out of date."""
    text = "\n".join(lines()).rstrip() + "\n"
    text = re.sub(r"\n{3,}", "\n\n", text)
    if "--check" in sys.argv[1:]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is out of date: run docs/sdk_api.py", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
