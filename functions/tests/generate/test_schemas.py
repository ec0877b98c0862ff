"""The schemas: what they list is what the tables hold, in the intent and in every definition."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk import ERROR, INFO, WARNING, Schema
from krm_functions_sdk.function import schema as schemas
from krm_inference.domain import intent, llm_cluster
from krm_inference.domain.adapters import DEFAULT_RANK
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.lora import RANKS
from krm_inference.domain.facts.models import BYTES
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.scaling import METRICS as SCALING
from krm_inference.domain.service import API_VERSION, KIND
from krm_inference.domain.startup import DOWNLOAD_RATE, LOAD_RATE
from krm_inference.validate_inference.findings import OFF

FUNCTIONS = Path(__file__).resolve().parents[2] / "krm_inference"
DEFINITIONS = sorted(FUNCTIONS.glob("*/definition.yaml"))
# What a field of such an enum is drawn from; any other enum is told apart by its values.
TABLES: tuple[set[str], ...] = (
    set(ACCELERATORS),
    set(RELEASES),
    set(PLATFORMS),
    {"Present", "Absent"},
    {"syncer", "static", "resolver"},
    {"SecretStore", "ClusterSecretStore"},
    {"ReadWriteMany", "ReadWriteOnce"},
    {"keda", "hpa"},
    {"zone", "node"},
    set(SCALING),
    {"baseline", "restricted"},
    {"FailOpen", "FailClose"},
    {"Strict", *(name for release in RELEASES.values() for name in release.fairness)},
    set(BYTES),
    {name for name, platform in PLATFORMS.items() if platform.is_gke},
    {"OnDemand", "Spot", "FlexStart", "Reservation"},
    {"RAPID", "REGULAR", "STABLE"},
    {llm_cluster.KIND},
    {API_VERSION},
    {KIND},
    {ERROR, WARNING, INFO, OFF},
)
SCHEMAS = {
    "llm_service": intent.schema(),
    "llm_cluster": llm_cluster.schema(),
    **{file.parent.name: Schema.of_definition(file) for file in DEFINITIONS},
}


def _fields(openapi: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in openapi.get("properties", {}).items():
        yield f"{path}.{name}", part
        yield from _fields(part, f"{path}.{name}")
        yield from _fields(part.get("items", {}), f"{path}.{name}[]")


def _texts(openapi: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if openapi.get("type") == "string":
        yield path, openapi
    for name, part in openapi.get("properties", {}).items():
        yield from _texts(part, f"{path}.{name}")
    if "items" in openapi:
        yield from _texts(openapi["items"], f"{path}[]")


def test_each_text_of_an_intent_has_an_end() -> None:
    """Nothing looks through a text before its length is known to be sound, and no message repeats one without end."""
    spec = intent.schema().openapi["properties"]["spec"]
    assert [path for path, part in _texts(spec, "spec") if "enum" not in part and "maxLength" not in part] == []


def test_there_are_definitions() -> None:
    """The glob of these tests finds something."""
    assert DEFINITIONS


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_enum_drifts(name: str) -> None:
    """Every enum is the whole of one table."""
    for path, part in _fields(SCHEMAS[name].openapi):
        if "enum" in part:
            assert set(part["enum"]) in TABLES, path
            assert len(set(part["enum"])) == len(part["enum"]), path


@pytest.mark.parametrize(
    ("path", "table"),
    [
        (".spec.release", RELEASES),
        (".spec.platform", PLATFORMS),
    ],
)
def test_enums_of_the_intent(path: str, table: dict[str, Any]) -> None:
    """The intent offers what the tables hold, in their order."""
    assert dict(_fields(SCHEMAS["llm_service"].openapi))[path]["enum"] == list(table)


@pytest.mark.parametrize("name", SCHEMAS)
def test_ranks(name: str) -> None:
    """The bounds and the default of a rank are those of the table of ranks."""
    for path, part in _fields(SCHEMAS[name].openapi):
        if path.endswith(".rank"):
            assert (part["minimum"], part["maximum"], part["default"]) == (1, max(RANKS), DEFAULT_RANK)


def test_the_own_config_agrees_with_the_intent() -> None:
    """Fields that a functionConfig shares with the intent have the same bounds and defaults."""
    own = dict(_fields(SCHEMAS["inject_lifecycle"].openapi))
    shared = dict(_fields(SCHEMAS["llm_service"].openapi))
    for name in ("preStopSeconds", "safetyFactor"):
        assert own[f".spec.{name}"] == shared[f".spec.drain.{name}"]
    # Of these a functionConfig needs a default, since it says nothing of model and hardware.
    for name in ("timePerOutputTokenMs", "prefillShare"):
        mine, its = own[f".spec.{name}"], shared[f".spec.drain.{name}"]
        assert "default" in mine
        assert "default" not in its
        assert {**mine, "description": "", "default": 0} == {**its, "description": "", "default": 0}
    ours, theirs = (dict(_fields(SCHEMAS[name].openapi)) for name in ("inject_lora", "llm_service"))
    for name in ("name", "source", "rank", "ensure"):
        mine, its = ours[f".spec.adapters[].{name}"], theirs[f".spec.adapters[].{name}"]
        assert {key: mine.get(key) for key in ("type", "pattern", "minimum", "maximum", "default", "enum")} == {
            key: its.get(key) for key in ("type", "pattern", "minimum", "maximum", "default", "enum")
        }


def test_rates_of_a_start() -> None:
    """What the intent says where nobody says anything is what the sums of a plan count with."""
    shared = dict(_fields(SCHEMAS["llm_service"].openapi))
    rates = (shared[f".spec.server.startup.{name}"]["default"] for name in ("downloadMiBps", "loadMiBps"))
    assert tuple(rates) == (DOWNLOAD_RATE, LOAD_RATE)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_described(name: str) -> None:
    """A field of a spec says what it is for: the docs table, messages and editors show it."""
    for path, part in _fields(SCHEMAS[name].openapi):
        if path.startswith(".spec."):
            assert part.get("description"), path


@pytest.mark.parametrize("name", SCHEMAS)
def test_defaults_are_valid(name: str) -> None:
    """A default is a value that the schema accepts."""
    for path, part in _fields(SCHEMAS[name].openapi):
        if "default" in part:
            assert not Schema({"type": "object", "properties": {"x": part}}).check({"x": part["default"]}), path


@pytest.mark.parametrize("kind", ACCELERATORS)
def test_accelerators(kind: str) -> None:
    """Each count up to the most that a machine has finds a machine that is no larger than need be."""
    accelerator = ACCELERATORS[kind]
    assert accelerator.memory > 0
    for count in range(1, accelerator.most + 1) if accelerator.machines else ():
        size = next(number for number, machine in accelerator.machines.items() if machine == accelerator.machine(count))
        assert size == min(number for number in accelerator.machines if number >= count)


def _paths(value: object, path: str = "") -> Iterator[str]:
    """Yield the path of every field in a value, as the schema's table writes it."""
    if isinstance(value, dict):
        for key, part in value.items():
            here = f"{path}.{key}" if path else str(key)
            yield here
            yield from _paths(part, here)
    elif isinstance(value, list):
        for part in value:
            yield from _paths(part, f"{path}[]")


def test_every_field_of_routing_and_releases_has_an_example() -> None:
    """A golden example shows each field of the release, the picker, the Gateway, routes, rewrites and objectives."""
    topics = (
        *("release", "picker", "gateway", "route", "rewrites", "objectives", "adapters[].match", "weights", "lora"),
        *("model.tokenSecret", "autoscaling", "availability", "networkPolicy", "server.apiKeySecret", "parallelism"),
        "prefill",
    )
    wanted = [
        path
        for path, _, _ in schemas.fields(intent.schema().openapi)
        if path.removeprefix("spec.").startswith(topics) and path.startswith("spec.")
    ]
    shown: set[str] = set()
    for file in FUNCTIONS.glob("*/examples/*/input.yaml"):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            for item in (document, document.get("functionConfig") or {}, *(document.get("items") or [])):
                shown |= set(_paths(item)) if item.get("kind") == KIND else set()
    assert len(wanted) > 40
    assert not [path for path in wanted if path not in shown]
