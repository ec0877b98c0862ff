"""The CRDs, read as an API server reads them: nulls dropped, defaults set, the schema, then the CEL rules."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import yaml
from crd_tables import SOURCES
from krm_inference.domain.facts.releases.definitions import NEEDED

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("KRM_SHARED", HERE.parents[2].parent / "shared"))
CRDS = SHARED / "crds"
FOLDERS = tuple(SOURCES)
# The folder with the definitions of each release.
OF_DEFINITIONS = {
    "gaie-v1.0": "gaie-v1.0.0",
    "gaie-v1.5": "gaie-v1.5.0",
    "gaie-v1.6": "gaie-v1.6.0",
    "llm-d-router-v0.10": "llm-d-router-v0.10.0",
    # Those of v0.11.0 are not at hand: the repository had v0.10.0's unchanged on 2026-08-22, four weeks before the tag.
    "llm-d-router-v0.11": "llm-d-router-v0.10.0",
}
# The folders with the CRDs that a cluster of the release has.
OF_RELEASE = {name: tuple(OF_DEFINITIONS[row[0]] for row in rows) for name, rows in NEEDED.items()}
needs_crds = pytest.mark.skipif(not CRDS.exists(), reason=f"needs the reference data in {SHARED} (KRM_SHARED)")
Json = dict[str, Any]
Kind = tuple[str, str]
# CEL's words, which a rule writes between underscores where they name a field.
_RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let"),
        *("loop", "namespace", "null", "package", "return", "true", "var", "void", "while"),
    )
)
_NANOSECONDS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "ns": 1}


class Rule(NamedTuple):
    """A CEL rule, the field at which it stands, and what the API server says where it is broken."""

    path: str
    text: str
    message: str


@cache
def revisions(folders: tuple[str, ...] = FOLDERS) -> dict[Kind, list[Json]]:
    """The schemas of all revisions of each apiVersion and kind, the oldest first."""
    found: dict[Kind, list[Json]] = {}
    for file in (file for folder in folders for file in sorted((CRDS / folder).glob("*.yaml"))):
        for kind, schema in _schemas(file):
            found.setdefault(kind, []).append(schema)
    return found


@cache
def _schemas(file: Path) -> list[tuple[Kind, Json]]:
    """Return the schemas of a file; a schema is one object, whoever asks for it."""
    documents = yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        (
            (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]),
            version["schema"]["openAPIV3Schema"],
        )
        for crd in documents
        if crd and crd["kind"] == "CustomResourceDefinition"
        for version in crd["spec"]["versions"]
    ]


@cache
def _objects() -> str:
    return json.dumps(list(yaml.safe_load_all((HERE / "crd_objects.yaml").read_text(encoding="utf-8"))))


def bases() -> list[Json]:
    """Return an object of each kind, which all API servers take; nothing in them is shared."""
    return json.loads(_objects())  # type: ignore[no-any-return]  # what was dumped a line above


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """Return the value with another one at a path, or with nothing there for `...`; only what changes is copied."""
    key, *rest = path
    result = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        result[key] = replaced(value[key], tuple(rest), by)
    elif by is ...:
        del result[key]
    else:
        result[key] = by
    return result


def closed(schema: Json) -> Json:
    """Return the JSON Schema in which unknown fields are faults, and integers have the bits of their format."""
    result = {key: value for key, value in schema.items() if not key.startswith("x-")}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = closed(schema[key])
    if "properties" in schema:
        result["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
        if "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            result["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
    if schema.get("format") in ("int32", "int64"):
        highest = 2 ** (int(schema["format"].removeprefix("int")) - 1)
        result = {"minimum": -highest, "maximum": highest - 1} | result
    return result


def faults(schema: Json, value: Json) -> list[str]:
    """Return what an API server with the schema says against an object."""
    return misfits(schema, value) or sorted(f"{rule.path}: {rule.message}" for rule in broken(schema, value))


def misfits(schema: Json, value: Json) -> list[str]:
    """Return what the schema says against an object, apart from its metadata and its CEL rules."""
    errors = _validator(schema).iter_errors({**with_defaults(schema, without_nulls(value)), "metadata": {}})
    return [f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in errors]


# By the id of a schema, which is kept beside its validator and so is nobody else's.
_VALIDATORS: dict[int, tuple[Json, jsonschema_rs.Draft7Validator]] = {}


def _validator(schema: Json) -> jsonschema_rs.Draft7Validator:
    if id(schema) not in _VALIDATORS:
        validator = jsonschema_rs.Draft7Validator(
            closed(schema), formats={"duration": _is_duration}, validate_formats=True
        )
        _VALIDATORS[id(schema)] = (schema, validator)
    return _VALIDATORS[id(schema)][1]


def _is_duration(text: str) -> bool:
    """Say whether Kubernetes takes it; JSON Schema's own durations are others."""
    return bool(re.fullmatch(r"(\d+(\.\d+)?\s*[A-Za-zµ]+)+", text))


def rules_of(schema: Json, path: str = "") -> Iterator[Rule]:
    """Yield all CEL rules of a schema."""
    for rule in schema.get("x-kubernetes-validations", ()):
        yield _rule(path, rule)
    for name, part in schema.get("properties", {}).items():
        yield from rules_of(part, f"{path}.{name}".lstrip("."))
    if "items" in schema:
        yield from rules_of(schema["items"], f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from rules_of(schema["additionalProperties"], f"{path}{{}}")


def _rule(path: str, rule: Json) -> Rule:
    text: str = rule["rule"]
    return Rule(path, text, rule.get("message", text))


def without_nulls(value: Any) -> Any:
    """Return the value as the API server reads it: it drops a null of a field."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


def with_defaults(schema: Json, value: Any) -> Any:
    """Return the value with the defaults of the schema."""
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        value = {name: part["default"] for name, part in fields.items() if "default" in part} | value
        others = schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        return {name: with_defaults(fields.get(name, others), part) for name, part in value.items()}
    return [with_defaults(schema.get("items", {}), part) for part in value] if isinstance(value, list) else value


def asked(schema: Json, value: Any) -> Iterator[tuple[Rule, Any]]:
    """Yield the rules of which the value has the field, each with what is there as rules see it."""
    return _asked(schema, _for_cel(schema, value), "")


def _asked(schema: Json, seen: Any, path: str) -> Iterator[tuple[Rule, Any]]:
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" not in rule["rule"]:
            yield _rule(path, rule), seen
    if isinstance(seen, dict):
        fields, others = schema.get("properties", {}), schema.get("additionalProperties")
        for word, part in seen.items():
            name = word if word in fields else word.removeprefix("__").removesuffix("__")
            if name in fields:
                yield from _asked(fields[name], part, f"{path}.{name}".lstrip("."))
            elif isinstance(others, dict):
                yield from _asked(others, part, f"{path}{{}}")
    elif isinstance(seen, list):
        for part in seen:
            yield from _asked(schema.get("items", {}), part, f"{path}[]")


def broken(schema: Json, value: Json) -> set[Rule]:
    """Return the CEL rules that an object of a valid shape breaks."""
    read = with_defaults(schema, without_nulls(value))
    return {rule for rule, field in asked(schema, read) if not holds(rule.text, field)}


def holds(rule: str, field: Any) -> bool:
    """Ask CEL; a rule that cannot be evaluated is broken."""
    return _program(rule).eval(data={"self": field}).value() is True


@cache
def _program(rule: str) -> Any:
    return _environment().compile(rule)


@cache
def _environment() -> Any:
    """Return CEL with what Kubernetes adds to it."""
    cel = pytest.importorskip("cel_expr_python.cel")
    strings = pytest.importorskip("cel_expr_python.ext.ext_strings")

    def asks(name: str, answer: Any) -> Any:
        overload = cel.Overload(f"{name}_string", cel.Type.BOOL, [cel.Type.STRING], impl=answer)
        return cel.FunctionDecl(name, [overload])

    functions = [asks("isURL", _is_url), asks("isIP", _is_ip)]
    variables = {"self": cel.Type.DYN, "oldSelf": cel.Type.DYN}
    return cel.NewEnv(variables=variables, extensions=[strings.ExtStrings()], functions=functions)


def _is_url(text: str) -> bool:
    """Say whether Go's ParseRequestURI takes it: an absolute path, or a scheme with something behind it."""
    return bool(re.fullmatch(r"[^\x00-\x20\x7f]+", text)) and (text.startswith("/") or bool(urlsplit(text).scheme))


def _is_ip(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _for_cel(schema: Json, value: Any) -> Any:
    """Return the value as rules see it: reserved words escaped, durations as such."""
    if isinstance(value, dict):
        fields, others = schema.get("properties", {}), schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        return {
            f"__{name}__" if name in fields and name in _RESERVED else name: _for_cel(fields.get(name, others), part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_for_cel(schema.get("items", {}), part) for part in value]
    return _duration(value) if schema.get("format") == "duration" and isinstance(value, str) else value


def _duration(text: str) -> int:
    """Return nanoseconds: rules only compare durations, and the library takes none inside of a map."""
    parts = re.findall(r"([\d.]+)(h|ms|us|ns|m|s)", text)
    return round(sum(float(count) * _NANOSECONDS[unit] for count, unit in parts))
