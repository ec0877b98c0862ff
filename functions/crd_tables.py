#!/usr/bin/env python3
"""Write the tables of the fields of custom kinds from their CRDs.

usage: functions/crd_tables.py [--check]

The CRDs are read from the folder `crds` in KRM_SHARED, or in `shared` beside the repository; SOURCES says which files
belong there. --check writes nothing and fails where a table is out of date.

It stands here and not in the package: the package carries the tables, never the CRDs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
TABLES = HERE / "krm_inference" / "validate_inference" / "rules" / "fields" / "tables"
SHARED = Path(os.environ.get("KRM_SHARED", HERE.parents[1] / "shared"))

Json = dict[str, Any]
Kind = tuple[str, str]

# The folders of CRDs, the oldest release of a kind first, with the repository, tag and commit that they are from.
SOURCES = {
    "gaie-v1.0.0": "kubernetes-sigs/gateway-api-inference-extension v1.0.0 (ffea263)",
    "gaie-v1.5.0": "kubernetes-sigs/gateway-api-inference-extension v1.5.0 (df9f890)",
    "gaie-v1.6.0": "kubernetes-sigs/gateway-api-inference-extension v1.6.0 (992e5c2)",
    "gateway-api-standard-v1.6.1": "kubernetes-sigs/gateway-api v1.6.1, standard channel (8bb74df)",
    "gke-gateway-api": "GoogleCloudPlatform/gke-gateway-api of 2026-04-29 (fc40d60)",
    "gmp": "GoogleCloudPlatform/prometheus-engine of 2026-07-02 (2ffde4e)",
    "llm-d-router-v0.10.0": "llm-d/llm-d-router v0.10.0 (71f4f09)",
}
# For each module that is written: what it holds, and the kinds in its table.
MODULES: dict[str, tuple[str, tuple[Kind, ...]]] = {
    "inference": (
        "Fields of pools and of what refers to them.",
        (
            ("inference.networking.k8s.io/v1", "InferencePool"),
            ("inference.networking.x-k8s.io/v1alpha2", "InferenceObjective"),
            ("inference.networking.x-k8s.io/v1alpha2", "InferenceModelRewrite"),
            ("llm-d.ai/v1alpha2", "InferenceObjective"),
            ("llm-d.ai/v1alpha2", "InferenceModelRewrite"),
        ),
    ),
    "gateway": (
        "Fields of the Gateway API's kinds.",
        (
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("gateway.networking.k8s.io/v1", "Gateway"),
            ("gateway.networking.k8s.io/v1", "ReferenceGrant"),
            ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"),
        ),
    ),
    "gke": (
        "Fields of the policies of GKE's gateway.",
        (("networking.gke.io/v1", "HealthCheckPolicy"), ("networking.gke.io/v1", "GCPBackendPolicy")),
    ),
    "monitoring": (
        "Fields of the monitors of managed Prometheus.",
        (
            ("monitoring.googleapis.com/v1", "PodMonitoring"),
            ("monitoring.googleapis.com/v1", "ClusterPodMonitoring"),
        ),
    ),
}
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
# The format that a pattern of a CRD is in a table, by the pattern; what it must match is FORMATS, beside the checks.
FORMATS = {
    rf"^$|^{_SUBDOMAIN}$": "group",
    "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$": "kind",
    f"^{_LABEL}$": "label",
    f"^{_SUBDOMAIN}$": "subdomain",
    rf"^(\*\.)?{_SUBDOMAIN}$": "hostname",
    "^([0-9]{1,5}(h|m|s|ms)){1,4}$": "duration",
}
# The patterns that no table speaks of, and what they are the pattern of.
UNCHECKED = {
    "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$": "the value of a label",
    r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$": "the name of a header",
    r"(^\*$)|(^(http(s)?):\/\/(((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)": "an origin",
    rf"^Hostname|IPAddress|NamedAddress|{_SUBDOMAIN}\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$": "the type of an address",
    rf"^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|{_SUBDOMAIN}\/[A-Za-z0-9]+$": "the protocol of a listener",
    r"[\x00-\xFF]+": "what a health check sends or expects",
    "[a-z]([-a-z0-9]*[a-z0-9])?": "the name of a port",
    r"\/[A-Za-z0-9\/\-._~%!?$&'()*+,;=:]*$": "the path of a health check",
    "^[a-zA-Z_][a-zA-Z0-9_]*$": "the name of a label of a metric",
}
_TYPES = {"string": "text", "array": "list", "integer": "int", "boolean": "bool", "number": "number"}
_BOUNDS = {"text": "Length", "int|text": "Length", "list": "Items", "map": "Properties", "object": "Properties"}
_WIDE = "# ruff: noqa: E501  # a field stands on one line\n"


class Untold(Exception):
    """A CRD says what the tables have no word for; the message is for whoever renews them."""


def revisions(crds: Path) -> dict[Kind, list[tuple[str, Json]]]:
    """Return the folder and the schema of each revision of each apiVersion and kind, in the order of SOURCES."""
    found: dict[Kind, list[tuple[str, Json]]] = {}
    for folder in SOURCES:
        for file in sorted((crds / folder).glob("*.yaml")):
            for crd in yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
                if crd and crd["kind"] == "CustomResourceDefinition":
                    spec = crd["spec"]
                    for version in spec["versions"]:
                        key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                        found.setdefault(key, []).append((folder, version["schema"]["openAPIV3Schema"]))
    return found


def fields(schema: Json) -> dict[str, Json]:
    """Return the schema of each field of the spec by its path, with `isRequired` where its map needs it."""

    def walk(part: Json, path: str, *, is_required: bool = False) -> Iterator[tuple[str, Json]]:
        yield path, {**part, "isRequired": is_required}
        for name, inner in part.get("properties", {}).items():
            yield from walk(inner, f"{path}.{name}", is_required=name in part.get("required", ()))
        if "items" in part:
            yield from walk(part["items"], f"{path}[]")
        if isinstance(part.get("additionalProperties"), dict):
            yield from walk(part["additionalProperties"], f"{path}{{}}")

    return dict(walk(schema["properties"]["spec"], "spec", is_required="spec" in schema.get("required", ())))


def lines(schemas: list[Json]) -> Iterator[str]:
    """Yield the lines of a table: each field that some revision has, with the widest of what the revisions allow."""
    tables = [fields(schema) for schema in schemas]
    for path in dict.fromkeys(path for table in tables for path in table):
        found = [table[path] for table in tables if path in table]
        is_required = len(found) == len(tables) and all(part["isRequired"] for part in found)
        yield " ".join((f"{path}!" if is_required else path, *_words(path, found)))


def _words(path: str, parts: list[Json]) -> Iterator[str]:
    kinds = {_type(path, part) for part in parts}
    if len(kinds) > 1:
        raise Untold(f"{path}: its type changes between revisions ({', '.join(sorted(kinds))})")
    kind = kinds.pop()
    yield kind
    if kind in ("enum", "code"):
        yield "|".join(dict.fromkeys(str(value) for part in parts for value in part["enum"]))
        return
    end = _BOUNDS.get(kind, "imum")
    lows, highs = ([part[which + end] for part in parts if which + end in part] for which in ("min", "max"))
    low = min(lows) if len(lows) == len(parts) else None
    high = max(highs) if len(highs) == len(parts) else None
    low = low or None if kind in ("text", "list") else low  # nothing is shorter than nothing
    if low is not None or high is not None:
        yield f"{'' if low is None else low}..{'' if high is None else high}"
    for words in ({_format(path, part) for part in parts}, {_keys(part) for part in parts}):
        if len(words) == 1:
            yield from filter(None, words)


def _keys(part: Json) -> str:
    """Return what no two items of a list have in common: the values of some fields, or of a set all."""
    kind = part.get("x-kubernetes-list-type")
    return f"by:{','.join(part['x-kubernetes-list-map-keys'])}" if kind == "map" else "set" if kind == "set" else ""


def _type(path: str, part: Json) -> str:
    if part.get("x-kubernetes-int-or-string"):
        return "int|text"
    kind = part.get("type", "")
    if "enum" in part and kind in ("integer", "string"):
        return "code" if kind == "integer" else "enum"
    if kind == "object":
        return "object" if part.get("properties") else "map"
    if kind not in _TYPES:
        raise Untold(f"{path}: found the type {kind!r}; _TYPES has no word for it")
    return _TYPES[kind]


def _format(path: str, part: Json) -> str:
    if part.get("format") == "duration":
        return "interval"  # what API servers take for a duration: Go's, and others such as `1 day`
    pattern = part.get("pattern")
    if pattern is None or pattern in UNCHECKED:
        return ""
    if pattern not in FORMATS:
        raise Untold(f"{path}: found the pattern {pattern}; name its format in FORMATS, or put it into UNCHECKED")
    return FORMATS[pattern]


def module(name: str, found: dict[Kind, list[tuple[str, Json]]]) -> str:
    """Return the text of a module of tables."""
    about, kinds = MODULES[name]
    if absent := [f"{kind} of {api}" for api, kind in kinds if (api, kind) not in found]:
        raise Untold(f"no CRD there has {', '.join(absent)}")
    of = {folder for kind in kinds for folder, _ in found[kind]}
    sources = "".join(f"- {text}\n" for folder, text in SOURCES.items() if folder in of)
    tables = []
    for kind in kinds:
        try:
            body = "\n".join(lines([schema for _, schema in found[kind]]))
        except Untold as untold:
            raise Untold(f"{kind[1]} of {kind[0]}: {untold}") from None
        tables.append(f'    ("{kind[0]}", "{kind[1]}"): """\n{body}\n""",\n')
    is_wide = any(len(line) > 120 for line in "".join(tables).split("\n"))
    return (
        "# Written by `make tables`: change functions/crd_tables.py, not this file.\n"
        f'{_WIDE if is_wide else ""}"""{about}\n\nFrom the CRDs of\n\n{sources}"""\n\n'
        "from __future__ import annotations\n\n"
        f"TABLES = {{\n{''.join(tables)}}}\n"
    )


def main(arguments: list[str]) -> int:
    """Write what is out of date, or with --check only name it; return the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    crds = SHARED / "crds"
    if not crds.is_dir():
        print(f"{crds}: not there; KRM_SHARED names the folder that holds crds/", file=sys.stderr)
        return 1
    found = revisions(crds)
    try:
        texts = {TABLES / f"{name}.py": module(name, found) for name in MODULES}
    except Untold as untold:
        print(f"{crds}: {untold}; nothing was written", file=sys.stderr)
        return 1
    stale = {file: text for file, text in texts.items() if not file.exists() or file.read_text("utf-8") != text}
    for file, text in stale.items():
        print(f"{file.relative_to(HERE.parent)}: {'out of date, run make tables' if arguments else 'written'}")
        if not arguments:
            file.write_text(text, encoding="utf-8")
    return 1 if arguments and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
