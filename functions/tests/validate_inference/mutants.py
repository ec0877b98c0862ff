"""Mutants of a rendered set: which of its fields are coupled, and what each of them becomes."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import yaml
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter, field_path
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.generate_inference_pool import generate_inference_pool
from krm_inference.generate_model_server import generate_model_server
from krm_inference.generate_monitoring import generate_monitoring
from krm_inference.generate_objectives import generate_objectives
from krm_inference.generate_routing import generate_routing
from krm_inference.inject_accelerator import inject_accelerator
from krm_inference.inject_lifecycle import inject_lifecycle
from krm_inference.inject_lora import inject_lora
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules import RULES

# What is told of sound packages as well; test_notices.py is about these.
NOTICES = {rule.id for rule in RULES if rule.is_notice}

Json = dict[str, Any]
PIPELINE = (
    generate_model_server,
    inject_accelerator,
    inject_lifecycle,
    inject_lora,
    generate_inference_pool,
    generate_objectives,
    generate_routing,
    generate_monitoring,
)
INTENT = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama3.1
  namespace: llm
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  release: gaie-v1.0
  model:
    id: meta-llama/Llama-3.1-8B-Instruct
  replicas: 3
  accelerator:
    type: nvidia-h100-80gb
  adapters:
  - name: food-review
    source: Kawon/llama3.1-food-finetune_v14_r8
    priority: 10
  gateway:
    name: inference-gateway
"""
# Lists whose items are known by name, as `validate-inference` shows them.
_KEYED = frozenset(("containers", "initContainers", "env", "volumes", "ports", "listeners"))
# The value that a field of this name takes in place of its own.
_SWAPS = {
    "kind": {"InferencePool": "Service", "Service": "InferencePool", "Role": "ClusterRole", "ClusterRole": "Role"},
    "group": {"inference.networking.k8s.io": "inference.networking.x-k8s.io"},
}


class Place(NamedTuple):
    """A scalar of a rendered object; `inside` is the path in the text of a ConfigMap's key, if it stands in one."""

    on: str
    path: FieldPath
    inside: FieldPath
    value: Any

    @property
    def field(self) -> str:
        return field_path.show(self.path) + (f" > {field_path.show(self.inside)}" if self.inside else "")


class Finding(NamedTuple):
    """What validate-inference says of a set."""

    severity: str
    rule: str
    on: str
    field: str


@cache
def _rendered(release: str, services: str) -> str:
    intents = []
    for service in json.loads(services):
        intents.append(merged(yaml.safe_load(INTENT), service))
        intents[-1]["spec"]["release"] = release
    resources = ResourceList([Resource(emitter.document(one), path=f"llm-{at}.yaml") for at, one in enumerate(intents)])
    for function in PIPELINE:
        function(resources)
    assert not resources.results.failed
    # Labels are by name, and what a picker's ConfigMap is called in a release is no rule's business.
    config = f"-epp{RELEASES[release].picker_config_suffix}"
    return json.dumps([item.data for item in resources]).replace(f'{config}"', '-epp"')


def merged(value: Any, change: Any) -> Any:
    """Return the value with the fields of another map in place of its own; a list is replaced as a whole."""
    if not (isinstance(value, dict) and isinstance(change, dict)):
        return change
    return value | {key: merged(value.get(key), part) for key, part in change.items()}


def objects(release: str = "gaie-v1.0", services: tuple[Json, ...] = ({},)) -> list[Json]:
    """Return what the functions make of the intent in a release, and the intent; `services` say how others differ."""
    return json.loads(_rendered(release, json.dumps(services)))  # type: ignore[no-any-return]  # what was dumped above


def name_of(item: Json) -> str:
    return f"{item['kind']}/{item['metadata'].get('name')}"


def places(items: list[Json]) -> Iterator[Place]:
    """Yield every scalar of the objects but the intent, those in the YAML texts of ConfigMaps too."""
    for item in (item for item in items if item["kind"] != "LLMService"):
        for path, value in _scalars(item, ()):
            text = _document(value) if item["kind"] == "ConfigMap" and path[0] == "data" else None
            if text is None:
                yield Place(name_of(item), path, (), value)
            else:
                yield from (Place(name_of(item), path, inside, part) for inside, part in _scalars(text, ()))


def _document(value: Any) -> Any:
    parsed = yaml.safe_load(value) if isinstance(value, str) and "\n" in value else None
    return parsed if isinstance(parsed, dict) else None


def _scalars(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _scalars(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _scalars(part, (*path, _step(path, index, part)))
    elif value is not None:
        yield path, value


def _step(path: FieldPath, index: int, part: Any) -> Any:
    if path[-1] == "args" and isinstance(part, str) and part.startswith("--"):
        return Flag(part.partition("=")[0])
    if path[-1] in _KEYED and isinstance(part, dict) and "name" in part:
        return Match("name", part["name"])
    return index


def shared(all_places: list[Place]) -> set[Place]:
    """Return the scalars whose value stands at two places or more; of a flag it is what follows the sign."""
    counts = Counter(token for place in all_places for token in _tokens(place))
    return {place for place in all_places if any(counts[token] > 1 for token in _tokens(place))}


def _tokens(place: Place) -> set[str]:
    if isinstance(place.value, bool):
        return set()
    text = str(place.value)
    if isinstance(place.path[-1], Flag) and text.startswith("--"):
        text = text.partition("=")[2]
    return {text} if text else set()


def operators(place: Place) -> tuple[str, ...]:
    """Return what can be done to a scalar."""
    number = str(place.value).isdigit() and not isinstance(place.value, bool)
    if isinstance(place.path[-1], Flag):
        sign, value = place.value.partition("=")[1:]
        number = value.isdigit()
        if not sign:
            return ("drop",)
    changes = ("plus", "minus") if number else ("rename",)
    swap = _SWAPS.get(str((place.inside or place.path)[-1]).replace("apiGroup", "group"), {})
    return (*changes, *(("swap",) if place.value in swap else ()), "drop")


def mutated(items: list[Json], place: Place, operator: str) -> list[Json]:
    """Return the objects with one scalar changed; `to X` writes the YAML value X."""
    result = list(items)
    [number] = [number for number, item in enumerate(items) if name_of(item) == place.on]
    result[number] = copy.deepcopy(items[number])
    if not place.inside:
        _change(result[number], place.path, operator)
        return result
    parent = _parent(result[number], place.path)
    document = yaml.safe_load(parent[place.path[-1]])
    _change(document, place.inside, operator)
    parent[place.path[-1]] = yaml.safe_dump(document)
    return result


def _parent(item: Any, path: FieldPath) -> Any:
    for step in path[:-1]:
        item = item[_position(item, step)]
    return item


def _position(parent: Any, step: Any) -> Any:
    if isinstance(step, Match):
        return next(index for index, item in enumerate(parent) if item[step[0]] == step[1])
    if isinstance(step, Flag):
        return next(index for index, item in enumerate(parent) if item.partition("=")[0] == step[0])
    return step


def _change(item: Any, path: FieldPath, operator: str) -> None:
    parent = _parent(item, path)
    at = _position(parent, path[-1])
    if operator == "drop":
        del parent[at]
    elif operator.startswith("to "):
        parent[at] = yaml.safe_load(operator[3:])
    elif operator == "swap":
        parent[at] = _SWAPS["kind" if path[-1] == "kind" else "group"][parent[at]]
    elif operator == "rename":
        parent[at] = f"{parent[at]}-x"
    else:
        parent[at] = _counted(parent[at], 1 if operator == "plus" else -1)


def _counted(value: Any, by: int) -> Any:
    if isinstance(value, int):
        return value + by
    if value.isdigit():
        return str(int(value) + by)
    flag, _, number = value.partition("=")
    return f"{flag}={int(number) + by}"


# Objects that a mutant has in common with the others are read once.
_READ: dict[int, tuple[Json, Resource]] = {}


def _resource(item: Json) -> Resource:
    known = _READ.get(id(item))
    if known is None or known[0] is not item:
        known = _READ[id(item)] = (item, Resource(emitter.document(item)))
    return known[1]


def findings(items: list[Json], *, once: bool = False) -> list[Finding]:
    """Return what validate-inference says of the objects; with `once` each is read once, and may not change later."""
    resources = ResourceList([_resource(item) if once else Resource(emitter.document(item)) for item in items])
    validate_inference(resources)
    return [
        Finding(
            found.severity,
            found.tags.get("rule", ""),
            f"{found.reference.get('kind')}/{found.reference.get('name')}",
            found.field,
        )
        for found in resources.results
        if found.tags.get("rule") not in NOTICES
    ]
