"""Releases: each is a table, every function works for each, and a service moves from one to another and back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import ERROR, Resource, ResourceList
from krm_functions_sdk.document import parser, tree
from krm_inference.domain import intent
from krm_inference.domain.facts.releases import RELEASES, Release
from krm_inference.domain.service import is_llm_service

Functions = dict[str, Callable[[ResourceList], None]]
Render = Callable[..., ResourceList]
NAMES = list(RELEASES)
FUNCTIONS = Path(__file__).resolve().parents[2] / "krm_inference"
FIRST, LAST = NAMES[0], NAMES[-1]


def _moved(resources: ResourceList, release: str, functions: Functions) -> ResourceList:
    """Return the package after its service went to another release."""
    items = [Resource(item.text, path=item.path) for item in resources]
    service = next(item for item in items if is_llm_service(item))
    service.set("spec.release", release)
    moved = ResourceList(items)
    for function in functions.values():
        function(moved)
    assert not moved.results.failed
    return moved


def _objects(resources: ResourceList) -> dict[tuple[str, str, str], Any]:
    """Return the objects by group, kind and name, flags in no order: one that comes back comes back at the end."""
    return {(item.group, item.kind, item.name): _sorted(item.data) for item in resources}


def _sorted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _sorted(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_sorted(part) for part in (sorted(value) if key == "args" else value)]
    return value


@pytest.mark.parametrize("name", NAMES)
def test_every_function_works_for_every_release(name: str, fulls: list[str], render: Render) -> None:
    """The intent that uses all of a release renders without a result, with the images and groups of its table."""
    release, resources = RELEASES[name], render(fulls[NAMES.index(name)])
    assert not resources.results
    text = "\n".join(item.text for item in resources)
    for fact in (release.picker_image, release.server_image, release.pool_api, release.objective_api, release.version):
        assert fact in text


@pytest.mark.parametrize("there", NAMES)
@pytest.mark.parametrize("here", NAMES)
def test_there_and_back(here: str, there: str, least: str, render: Render, functions: Functions) -> None:
    """A move gives the objects that the other release gives from nothing, none more; the way back, the first ones."""
    spec = "  adapters: [{name: food, source: a/b, priority: 1}]\n  objectives: [{name: batch, priority: -1}]\n"
    before = render(least.replace(FIRST, here) + spec)
    after = _moved(before, there, functions)
    assert _objects(after) == _objects(render(least.replace(FIRST, there) + spec))
    assert [item.path for item in after] == [item.path for item in before], "every object stays in its file"
    assert _objects(_moved(after, here, functions)) == _objects(before)


def test_an_objective_changes_its_group_where_it_stands(least: str, render: Render, functions: Functions) -> None:
    """What a user wrote beside an objective is there in the other group as well, the objective made by us or not."""
    spec = "  objectives: [{name: batch, priority: -1}]\n"
    api = RELEASES[FIRST].objective_api
    own = f"# ours\napiVersion: {api}\nkind: InferenceObjective\nmetadata:\n  name: batch # nightly\n"
    after = _moved(render(least + spec, own), LAST, functions)
    (objective,) = after.where("InferenceObjective")
    assert objective.text.startswith(f"# ours\napiVersion: {RELEASES[LAST].objective_api}\n")
    assert "name: batch # nightly\n" in objective.text


def test_a_release_is_one_table(monkeypatch: pytest.MonkeyPatch, least: str, render: Render) -> None:
    """Another table under a name is all that it takes: no function knows a release."""
    news = RELEASES[LAST]._replace(
        version="v9.9.9",
        picker_image="example.com/picker:v9.9.9",
        server_image="example.com/vllm:v9",
        objective_api="objectives.example.com/v1",
        picker_config_api="config.example.com/v7",
        app_protocol="kubernetes.io/h2c",
        health_check={"timeoutSec": 3, "checkIntervalSec": 4},
        resources={"requests": {"cpu": 3, "memory": "3Gi"}},
        scrape_interval="99s",
        lacks={"spec.picker.priorityClassName": "a reason"},
    )
    monkeypatch.setitem(RELEASES, FIRST, news)
    text = "\n".join(item.text for item in render(f"{least}  objectives: [{{name: batch, priority: 1}}]\n"))
    for fact in (
        "v9.9.9",
        news.picker_image,
        news.server_image,
        news.objective_api,
        news.picker_config_api,
        "3Gi",
        "99s",
    ):
        assert fact in text
    refused = render(f"{least}  picker: {{priorityClassName: c}}\n").results
    assert [(result.severity, result.field, result.message) for result in refused] == [
        (ERROR, "spec.picker.priorityClassName", "a reason")
    ]


def _lacks() -> Iterator[tuple[str, str, str]]:
    for name, release in RELEASES.items():
        yield from ((name, field, reason) for field, reason in release.lacks.items())


SOME: dict[str, Any] = {
    "spec.picker.flowControl.noEndpointTTLSeconds": 60,
    "spec.picker.flowControl.bands[].requestTTLSeconds": 60,
    "spec.picker.flowControl": {},
    "spec.picker.tracing": {"endpoint": "http://otel:4317"},
    "spec.prefill": {"replicas": 1},
    "spec.rewrites": [{"model": "public", "targets": [{"model": "meta-llama/Llama-3.1-8B-Instruct"}]}],
}


@pytest.mark.parametrize(("name", "field", "reason"), list(_lacks()))
def test_what_a_release_lacks_is_refused(name: str, field: str, reason: str, least: str, render: Render) -> None:
    """A field that the release cannot do is an error there, with the reason; nothing is written."""
    resource = Resource(least.replace(FIRST, name))
    above, is_listed, below = field.partition("[].")
    resource.set(above, [{"priority": 1, below: SOME[field]}] if is_listed else SOME[field])
    field = field.replace("[]", "[0]")
    resources = render(resource.text)
    assert [(result.severity, result.field, result.message) for result in resources.results] == [(ERROR, field, reason)]
    assert len(resources) == 1


@pytest.mark.parametrize("release", RELEASES.values(), ids=NAMES)
def test_a_table_agrees_with_itself(release: Release) -> None:
    """Groups that are used may be read, flags that are refused are not passed, and limits can be given."""
    readable = {(group, kind) for rule in release.rules for group in rule["apiGroups"] for kind in rule["resources"]}
    assert (release.pool_api.partition("/")[0], "inferencepools") in readable
    assert (release.objective_api.partition("/")[0], "inferenceobjectives") in readable
    if release.rewrite_api:
        assert (release.rewrite_api.partition("/")[0], "inferencemodelrewrites") in readable
    assert not {flag.text.partition("=")[0] for flag in release.flags} & set(release.metric_flags_refused)
    assert release.objective_header == release.read_headers[0]
    assert bool(release.saturation_env) != bool(release.saturation_plugin)
    assert set(release.saturation_env or release.saturation_parameters) == {"queueDepth", "kvCacheUtilization"}
    above = {field.partition("[]")[0] for field in release.lacks}
    assert release.flow_control or not any(field.startswith("spec.picker.flowControl.") for field in above)
    assert bool(release.flow_control) != ("spec.picker.flowControl" in release.lacks)
    assert bool(release.fairness) == bool(release.fairness_header) == bool(release.flow_control)
    assert bool(release.trace_service) != ("spec.picker.tracing" in release.lacks)
    weights = intent.schema().openapi["properties"]["spec"]["properties"]["picker"]["properties"]["weights"]
    assert list(release.scorers) == list(weights["properties"])


def test_the_example_of_the_picker_has_every_field() -> None:
    """The golden examples `picker` and `bands` document each field of spec.picker."""
    examples = FUNCTIONS / "generate_inference_pool" / "examples"
    given: set[str] = set()
    for name in ("picker", "bands"):
        text = (examples / name / "input.yaml").read_text(encoding="utf-8")
        (item,) = tree.value(parser.parse(text))["items"]
        given |= set(_given(item["spec"]["picker"]))
    schema = intent.schema().openapi["properties"]["spec"]["properties"]["picker"]
    assert given == set(_described(schema))


def _given(value: Any, path: str = "") -> Iterator[str]:
    for name, part in value.items() if isinstance(value, dict) else ():
        yield from _given(part, f"{path}.{name}") if isinstance(part, dict) else (f"{path}.{name}",)


def _described(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, part in schema["properties"].items():
        yield from _described(part, f"{path}.{name}") if "properties" in part else (f"{path}.{name}",)


def test_a_larger_request_is_not_above_the_limit_of_the_release(least: str, render: Render) -> None:
    """A request of memory takes the release's limit out, which Kubernetes would refuse below it."""
    spec = "  picker: {resources: {requests: {memory: 32Gi}}}\n"
    (picker,) = [item for item in render(least.replace(FIRST, LAST) + spec).where("Deployment") if "epp" in item.name]
    resources = picker.get("spec.template.spec.containers[name=epp].resources")
    assert resources == {"requests": {"cpu": "8", "memory": "32Gi"}}
