#!/usr/bin/env python3
"""Write the table of the fields of Kubernetes' own kinds from the schemas of the package kubernetes-validate.

usage: functions/built_in_tables.py [--check]

It must be run where kubernetes-validate is installed; `make tables` sees to it. --check writes nothing and fails where
the table is out of date. The functions carry the table, never the schemas.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TABLE = HERE / "krm_inference" / "validate_inference" / "rules" / "fields" / "tables" / "built_in.py"
VERSION = "1.37.0"

Json = dict[str, Any]
# The kinds that people write, by their versions; of others nothing is said.
KINDS = {
    "core.v1": (
        *("ConfigMap", "Endpoints", "LimitRange", "Namespace", "PersistentVolume", "PersistentVolumeClaim", "Pod"),
        *("PodTemplate", "ReplicationController", "ResourceQuota", "Secret", "Service", "ServiceAccount"),
    ),
    "apps.v1": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "autoscaling.v1": ("HorizontalPodAutoscaler",),
    "autoscaling.v2": ("HorizontalPodAutoscaler",),
    "batch.v1": ("CronJob", "Job"),
    "networking.v1": ("Ingress", "IngressClass", "NetworkPolicy"),
    "policy.v1": ("PodDisruptionBudget",),
    "rbac.v1": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    "resource.v1": ("DeviceClass", "ResourceClaim", "ResourceClaimTemplate"),
    "scheduling.v1": ("PriorityClass",),
    "storage.v1": ("StorageClass",),
}
_GROUPS = {"core": "", "networking": "networking.k8s.io", "rbac": "rbac.authorization.k8s.io"}
_GROUPS |= {name: f"{name}.k8s.io" for name in ("resource", "scheduling", "storage")}
_PREFIXES = ("io.k8s.api.", "io.k8s.apimachinery.pkg.apis.", "io.k8s.apimachinery.pkg.")
# What a definition is that has no fields of its own.
_PLAIN = {
    "util.intstr.IntOrString": "int|text",
    "api.resource.Quantity": "quantity",
    "meta.v1.Time": "time",
    "meta.v1.MicroTime": "time",
    "meta.v1.FieldsV1": "any",
    "runtime.RawExtension": "any",
}
_TYPES = {"string": "text", "integer": "int", "boolean": "bool", "number": "number"}


class Untold(Exception):
    """A schema says what the table has no word for."""


def short(name: str) -> str:
    """Return the name of a definition without what all of them begin with."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def word(part: Json) -> str:
    """Return the type of a field in the words of the table."""
    if "$ref" in part:
        name = short(part["$ref"].rpartition("/")[2])
        return _PLAIN.get(name, name)
    kinds = part.get("type")
    kind = next((each for each in kinds if each != "null"), "") if isinstance(kinds, list) else kinds
    if kind == "array":
        return f"[]{word(part['items'])}"
    if kind == "object":
        inner = part.get("additionalProperties")
        return f"{{}}{word(inner)}" if isinstance(inner, dict) else "any"
    if kind == "string" and part.get("format") == "byte":
        return "bytes"
    if kind not in _TYPES:
        raise Untold(f"found the type {kinds!r}; the table has no word for it")
    return _TYPES[kind]


def keys(part: Json) -> str:
    """Return what no two items of a list have in common, as in the tables of custom kinds.

    What only `kubectl apply` merges by, a server takes twice.
    """
    kind = part.get("x-kubernetes-list-type")
    return f"by:{','.join(part['x-kubernetes-list-map-keys'])}" if kind == "map" else "set" if kind == "set" else ""


def definitions(schemas: Json) -> Iterator[tuple[str, str]]:
    """Yield the name of each definition that KINDS reach, and its lines: name, `!` where it is required, type, keys."""
    by_name = {short(name): schema for name, schema in schemas.items()}
    queue = [f"{version}.{kind}" for version, kinds in KINDS.items() for kind in kinds]
    seen = set(queue)
    while queue:
        name = queue.pop(0)
        schema, lines = by_name[name], []
        is_root = "x-kubernetes-group-version-kind" in schema
        for field, part in schema.get("properties", {}).items():
            if is_root and field in ("apiVersion", "kind", "status"):
                continue
            said = word(part)
            inner = said.replace("[]", "").replace("{}", "")
            if inner in by_name and inner not in seen:
                seen.add(inner)
                queue.append(inner)
            mark = "!" if field in schema.get("required", ()) else ""
            lines.append(" ".join(filter(None, (f"{field}{mark}", said, keys(part)))))
        yield name, "\n".join(lines)


def text(schemas: Json) -> str:
    """Return the text of the module."""
    kinds = "".join(
        f'    ("{"/".join(filter(None, (_GROUPS.get(group, group), number)))}", "{kind}"): "{version}.{kind}",\n'
        for version, names in KINDS.items()
        for group, number in [version.split(".")]
        for kind in names
    )
    tables = "".join(f'    "{name}": """\n{lines}\n""",\n' for name, lines in sorted(definitions(schemas)))
    return (
        "# Written by `make tables`: change functions/built_in_tables.py, not this file.\n"
        f'"""Fields of Kubernetes\' own kinds.\n\nFrom the OpenAPI of Kubernetes {VERSION}, as kubernetes-validate '
        'carries it.\n"""\n\nfrom __future__ import annotations\n\n'
        f"KINDS = {{\n{kinds}}}\nDEFINITIONS = {{\n{tables}}}\n"
    )


def main(arguments: list[str]) -> int:
    """Write the table where it is out of date, or with --check only say so; return the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        print("kubernetes-validate is not installed; make tables installs it", file=sys.stderr)
        return 1
    folder = Path(spec.origin).parent / "kubernetes-json-schema" / f"v{VERSION}-local-strict"
    try:
        wanted = text(json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"])
    except (OSError, Untold) as error:
        print(f"{folder}: {error}; nothing was written", file=sys.stderr)
        return 1
    if TABLE.exists() and TABLE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{TABLE.relative_to(HERE.parent)}: {'out of date, run make tables' if arguments else 'written'}")
    if not arguments:
        TABLE.write_text(wanted, encoding="utf-8")
    return 1 if arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
