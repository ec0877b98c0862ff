"""The shapes of kinds whose definitions no package registry has: what the API server checks of their fields.

usage: python -m tests.judge.shapes FOLDER [--check]

FOLDER holds the files that SHAPES names, as their repositories have them. What is kept of a definition is written to
`shapes/`: at each object that a file of packages/cluster or an example of two functions writes, the names and types of
all fields, and what is said of those that are written: enums, bounds, what is required. Of fields that nobody
writes only the name and the type are kept, which a test guards, and no texts and no rules in CEL. --check writes
nothing and fails where a shape is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.conftest import ROOT

HERE = Path(__file__).resolve().parent / "shapes"
FUNCTIONS = ROOT / "functions" / "krm_inference"
EXAMPLES = FUNCTIONS / "generate_node_pool" / "examples"
AGENTGATEWAY = "agentgateway/agentgateway v1.4.1, controller/install/helm/agentgateway-crds/templates"
CONNECTOR = "GoogleCloudPlatform/k8s-config-connector cdb85ec (1.155.0), config/crds/resources"
_PREFIX = "apiextensions.k8s.io_v1_customresourcedefinition"
_OPEN = "x-kubernetes-preserve-unknown-fields"
# What is kept of a field that is written.
_SAID = (
    *("type", "format", "enum", "pattern", "default", "required", "oneOf", "anyOf", "allOf", "not", "nullable"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"),
)

Json = dict[str, Any]


class Shape(NamedTuple):
    """A kind, where its definition was read, and its file there; the names where that file holds the schema alone."""

    kind: str
    source: str
    file: str
    names: Json | None = None


SHAPES = (
    Shape("ContainerCluster", CONNECTOR, f"{_PREFIX}_containerclusters.container.cnrm.cloud.google.com.yaml"),
    Shape("ContainerNodePool", CONNECTOR, f"{_PREFIX}_containernodepools.container.cnrm.cloud.google.com.yaml"),
    Shape("ComputeSubnetwork", CONNECTOR, f"{_PREFIX}_computesubnetworks.compute.cnrm.cloud.google.com.yaml"),
    Shape("Service", CONNECTOR, f"{_PREFIX}_services.serviceusage.cnrm.cloud.google.com.yaml"),
    # GKE has no public repository with this definition; the catalog has the one that a cluster served.
    Shape(
        "ComputeClass",
        "datreeio/CRDs-catalog 7b1e26e (2026-08-20), cloud.google.com",
        "computeclass_v1.json",
        {"group": "cloud.google.com", "version": "v1", "plural": "computeclasses", "scope": "Cluster"},
    ),
    Shape("AgentgatewayPolicy", AGENTGATEWAY, "agentgateway.dev_agentgatewaypolicies.yaml"),
    Shape("AgentgatewayBackend", AGENTGATEWAY, "agentgateway.dev_agentgatewaybackends.yaml"),
)
# Kinds of these names that are others' too are told by their group.
_GROUPS = ("google.com/", "agentgateway.dev/")


def file(shape: Shape) -> Path:
    """Return the file of a shape."""
    return HERE / f"{shape.kind.lower()}.yaml"


def is_shaped(item: Json) -> bool:
    """Say whether an object is of one of these kinds."""
    return item["kind"] in {shape.kind for shape in SHAPES} and any(part in item["apiVersion"] for part in _GROUPS)


def written() -> Iterator[Json]:
    """Yield the objects of these kinds that the package and the examples hold."""
    examples = [*EXAMPLES.glob("*/expected.yaml"), *FUNCTIONS.glob("generate_routing/examples/*/expected.yaml")]
    for path in (*sorted((ROOT / "packages" / "cluster").glob("*.yaml")), *sorted(examples)):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for item in document["items"] if document["kind"] == "ResourceList" else [document]:
                if is_shaped(item):
                    yield item


def definition(shape: Shape, folder: Path) -> Json:
    """Return the definition of a kind as it is written here."""
    text = (folder / shape.file).read_text(encoding="utf-8")
    if shape.names is None:
        whole = yaml.safe_load(text)["spec"]
        (version,) = whole["versions"] if len(whole["versions"]) == 1 else [_stored(whole["versions"])]
        group, plural, scope = whole["group"], whole["names"]["plural"], whole["scope"]
        name, schema = version["name"], version["schema"]["openAPIV3Schema"]
    else:
        group, plural, scope = shape.names["group"], shape.names["plural"], shape.names["scope"]
        name, schema = shape.names["version"], json.loads(text)
    specs = [one["spec"] for one in written() if one["kind"] == shape.kind]
    kept = {"type": "object", "properties": {"spec": _kept(schema["properties"]["spec"], specs)}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": shape.kind, "plural": plural},
            "scope": scope,
            "versions": [{"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": kept}}],
        },
    }


def _stored(versions: Iterable[Json]) -> Json:
    return next(each for each in versions if each["storage"])


def _kept(schema: Json, values: list[Any]) -> Json:
    """Return what is kept of the schema of a field, of which these values are written."""
    kept = {key: schema[key] for key in _SAID if key in schema}
    if not values:
        return _stub(schema)
    if "properties" in schema:
        kept["properties"] = {
            key: _kept(part, [value[key] for value in values if key in value])
            for key, part in sorted(schema["properties"].items())
        }
    if "items" in schema:
        kept["items"] = _kept(schema["items"], [each for value in values for each in value])
    if isinstance(schema.get("additionalProperties"), dict):
        kept["additionalProperties"] = _kept(schema["additionalProperties"], [each for one in values for each in one])
    return kept


def _stub(schema: Json) -> Json:
    if "type" not in schema:
        return {_OPEN: True}
    if schema["type"] == "array":
        return {"type": "array", "items": {_OPEN: True}}
    return {"type": schema["type"], **({_OPEN: True} if schema["type"] == "object" else {})}


def unjudged(schema: Json, value: Any, path: str = "") -> Iterator[str]:
    """Yield the fields of a written value of which a shape says nothing."""
    if schema.get(_OPEN):
        yield path
    elif isinstance(value, dict):
        for key, part in value.items():
            inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
            if inner:
                yield from unjudged(inner, part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from unjudged(schema["items"], part, f"{path}[{index}]")


def text(shape: Shape, folder: Path) -> str:
    """Return the text of the file of a shape."""
    head = f"# Written by `python -m tests.judge.shapes`. Source: {shape.source}.\n"
    return head + yaml.safe_dump(definition(shape, folder), sort_keys=False, width=120)


def main(arguments: list[str]) -> int:
    """Write the shapes, or say which are out of date."""
    folders = [one for one in arguments if one != "--check"]
    if len(folders) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    old = []
    for shape in SHAPES:
        wanted = text(shape, Path(folders[0]))
        if not file(shape).exists() or file(shape).read_text(encoding="utf-8") != wanted:
            old.append(shape.kind)
            if "--check" not in arguments:
                HERE.mkdir(exist_ok=True)
                file(shape).write_text(wanted, encoding="utf-8")
    print(f"{'out of date' if '--check' in arguments else 'written'}: {', '.join(old) or 'none'}")
    return int("--check" in arguments and bool(old))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
