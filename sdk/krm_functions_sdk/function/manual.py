"""The texts of a function, from its definition.yaml and its README.md: help, JSON, YAML and a Markdown page."""

from __future__ import annotations

import json
import re

from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.function.callable import folder_of, name_of
from krm_functions_sdk.function.definition import FILE, Definition
from krm_functions_sdk.function.schema import fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from krm_functions_sdk.function.callable import Function

README = "README.md"
# Parts of a README that are marked as the Go SDK wants them, either visible or inside one comment.
_MARKED = pattern(
    r"<!--mdtogo:(Short|Long|Examples)(?:-->(.*?)<!--mdtogo(?::End)?-->|\s(.*?)-->)", re.DOTALL | re.IGNORECASE
)
_TITLE = pattern(r"\A\s*# [^\n]*\n")
_EXAMPLES = pattern(r"^## Examples?\b[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = pattern(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)
_BOTH = ", with these fields {}, or a `ConfigMap` with them in `data`:"
_TYPES = {"array": "list", "object": "map"}


def help_text(function: Function) -> str:
    """Return the help of a function: its README, or where it has none its docstring and the fields of its dataclass."""
    readme = folder_of(function) / "README.md"
    if readme.exists():
        return readme.read_text(encoding="utf-8").rstrip()
    text = f"{name_of(function)}: {_docstring(function)}".rstrip().removesuffix(":")
    if not isinstance(function, type):
        return text
    return f"{text}\n\n{configuration(Definition.of(function))}".rstrip()


def doc_text(function: Function) -> str:
    """Return the documentation of a function as JSON, from its definition and its README."""
    folder, name = folder_of(function), name_of(function)
    return to_json(document(Definition.of(function), folder, name, _docstring(function)))


def definition_text(function: Function) -> str:
    """Return the KRMFunctionDefinition of a function as YAML: its dataclass's, or that of its definition.yaml."""
    from krm_functions_sdk.document import emitter

    value = Definition.of(function).value
    return emitter.document(value).rstrip() if value else f"# {name_of(function)} has no {FILE}, and is not a dataclass"


def _docstring(function: Function) -> str:
    """Return what the author wrote, and not what a dataclass without a docstring makes up."""
    text = function.__doc__ or ""
    return "" if text.startswith(f"{getattr(function, '__name__', '')}(") else text


def document(definition: Definition, folder: Path, name: str, docstring: str = "") -> dict[str, Any]:
    """Return what `--doc` prints of the function `name` in `folder`, by the names that kpt's Go SDK uses, and more."""
    readme = folder / README
    text = readme.read_text(encoding="utf-8") if readme.is_file() else docstring
    spec, newest = definition.spec, definition.newest
    description = str(spec.get("description") or docstring.strip().partition("\n")[0])
    return {
        "name": definition.name or name,
        "short": description,
        **_parts(text),
        "image": definition.image,
        "description": description,
        "usage": newest.get("usage", ""),
        "tags": spec.get("tags", []),
        "sourceURL": spec.get("home", ""),
        "examplePackageURLs": newest.get("examples", []),
        "maintainers": newest.get("maintainers", spec.get("maintainers", [])),
        "license": newest.get("license", ""),
        "hidden": False,
        "apiVersion": definition.api_version,
        "kind": definition.kind,
        "schema": definition.openapi,
    }


def to_json(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def page(definition: Definition) -> str:
    """Return the Markdown page of a definition: what the function is for, and the fields of its configuration."""
    lines = [f"# {definition.name}", "", *_sentence(definition.spec.get("description"))]
    lines += _sentence(definition.newest.get("usage"))
    if definition.image:
        lines += [f"Image: `{definition.image}`", ""]
    lines += ["## functionConfig", "", configuration(definition)]
    return "\n".join(lines).rstrip() + "\n"


def configuration(definition: Definition) -> str:
    """Return the part of the page about the functionConfig: its kind, and a table of its fields."""
    lines: list[str] = []
    rows = field_table(definition.fields)
    if definition.kind:
        own = f"`{definition.kind}` of `{definition.api_version}`"
        place = "in `spec`" if "spec" in definition.openapi.get("properties", {}) else "beside `metadata`"
        ending = _BOTH.format(place) if rows else "."
        lines += [own + ending, ""]
    return "\n".join(lines + rows)


def _parts(readme: str) -> dict[str, str]:
    """Return the parts of a README: the marked ones or, where nothing is marked, by its headings."""
    marked = {name.lower(): (shown or hidden).strip() for name, shown, hidden in _MARKED.findall(readme)}
    if marked:
        return {"long": "", "examples": "", **marked}
    examples = _EXAMPLES.search(readme)
    rest = _COMMENT.sub("", _EXAMPLES.sub("", _TITLE.sub("", readme)))
    return {"long": rest.strip(), "examples": _COMMENT.sub("", examples[1]).strip() if examples else ""}


def _sentence(text: Any) -> list[str]:
    return [str(text).rstrip(".") + ".", ""] if text else []


def field_table(openapi: dict[str, Any], path: str = "") -> list[str]:
    """Return the lines of the Markdown table of the fields of the object at `path`; none where it has no fields."""
    rows = list(_rows(openapi, path))
    return ["| field | type | default | meaning |", "|---|---|---|---|", *rows] if rows else []


def _rows(openapi: dict[str, Any], root: str) -> Iterator[str]:
    for path, part, required in fields(openapi, root):
        default = "required" if required else _default(part)
        meaning = str(part.get("description", "")).replace("|", "\\|").replace("\n", " ")
        yield f"| `{path}` | {_type(part)} | {default} | {meaning} |"


def _default(part: dict[str, Any]) -> str:
    return _code(part["default"]) if "default" in part and part["default"] not in ({}, [], "") else ""


def _type(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " or ".join(_code(value) for value in part["enum"])
    if part.get("x-kubernetes-int-or-string"):
        return "integer or string"
    kind = _TYPES.get(part.get("type", ""), str(part.get("type", "")))
    low, high = part.get("minimum"), part.get("maximum")
    if low is not None:
        kind += f" {'above' if part.get('exclusiveMinimum') else 'from'} {low}"
    if high is not None:
        kind += f" {'below' if part.get('exclusiveMaximum') else 'to'} {high}"
    return kind


def _code(value: Any) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`".replace("|", "\\|")
