"""A change of the intent is one that the API server takes over live objects, also by server-side apply."""

import itertools
from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.vllm_releases import FIRST, LAST
from krm_inference.generate_inference_pool import generate_inference_pool

Render = Callable[..., ResourceList]
STRATEGIES = (
    {"type": "Recreate"},
    {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
)


def _picker(resources: ResourceList) -> Resource:
    (picker,) = [item for item in resources.where("Deployment") if item.name.endswith("-epp")]
    return picker


def _config(resources: ResourceList) -> Resource:
    """Return the one ConfigMap of the picker."""
    (config,) = [item for item in resources.where("ConfigMap") if "-epp" in item.name]
    return config


def _mounted(resources: ResourceList) -> str:
    return str(_picker(resources).get("spec.template.spec.volumes[name=plugins-config-volume].configMap.name"))


@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("release", RELEASES)
def test_a_picker_writes_its_whole_strategy(release: str, replicas: int, least: str, render: Render) -> None:
    """A rollingUpdate block that the API server filled in belongs to nobody, and Recreate beside it is refused."""
    text = least.replace("gaie-v1.0", release) + f"  picker: {{replicas: {replicas}}}\n"
    assert _picker(render(text)).get("spec.strategy") in STRATEGIES


def test_a_package_of_0_1_gets_the_strategy_before_it_moves(least: str, render: Render) -> None:
    """Rendered in its own release, the picker of 0.1, which said nothing, writes the block: the step before a move."""
    resources = render(least)
    picker = _picker(resources)
    picker.remove("spec.strategy")
    generate_inference_pool(resources)
    assert picker.get("spec.strategy") == STRATEGIES[1]


def test_no_rolling_update_of_a_user_stays_beside_recreate(least: str, render: Render) -> None:
    """What a user wrote into the block goes when the picker is recreated, and is reported."""
    resources = render(least)
    _picker(resources).set("spec.strategy.rollingUpdate.maxSurge", 1)
    for item in resources.where("LLMService"):
        item.set("spec.picker", {"replicas": 2})
    generate_inference_pool(resources)
    assert _picker(resources).get("spec.strategy") == STRATEGIES[0]
    assert any(result.field.startswith("spec.strategy") for result in resources.results)


@pytest.mark.parametrize("release", [name for name in RELEASES if RELEASES[name].flow_control])
def test_the_limits_of_the_queues_hold_for_each_priority_too(release: str, least: str, render: Render) -> None:
    """A priority that keeps its own default, 5,000 requests or 10⁹ bytes, is full long before a larger limit of all."""
    limits = {"maxRequests": 20000, "maxBytes": "8Gi"}
    text = least.replace("gaie-v1.0", release) + "  picker: {flowControl: {maxRequests: 20000, maxBytes: 8Gi}}\n"
    config = _config(render(text))
    flow_control = Resource(config.get("data[default-plugins.yaml]")).get("flowControl")
    detector = {key: flow_control.pop(key) for key in ("saturationDetector",) if key in flow_control}
    assert flow_control == {**limits, "defaultPriorityBand": limits}
    assert bool(detector) == release.startswith("llm-d-router"), "GAIE's pickers read it at the top"


@pytest.mark.parametrize("version", range(FIRST, LAST + 1))
def test_no_flag_is_generated_that_the_image_refuses(version: int, least: str, render: Render) -> None:
    """What is written follows the version of vLLM, and where it cannot drain a warning says so on the image's field."""
    image = f"vllm/vllm-openai:v0.{version}.0"
    resources = render(least + f"  server: {{image: {image}}}\n  adapters: [{{name: food, source: a/b}}]\n")
    server = next(item for item in resources.where("Deployment") if item.name == "llama-3.1")
    args = server.get("spec.template.spec.containers[name=vllm].args")
    names = [arg.partition("=")[0] for arg in args if arg.startswith("--")]
    assert [name for name in names if not vllm.takes_flag(name, version)] == []
    span = vllm.flag_span("--shutdown-timeout")
    assert span is not None
    warned = [result for result in resources.results if "--shutdown-timeout" in result.message]
    assert ("--shutdown-timeout" in names) == (version >= span.first) == (not warned)
    assert {(result.severity, result.field) for result in warned} <= {("warning", "spec.server.image")}


def test_each_release_reads_its_configuration_under_a_name_of_its_own(least: str, render: Render) -> None:
    """A picker that starts again during a move finds its own; the first release has the chart's name."""
    names = {}
    for release in RELEASES:
        resources = render(least.replace("gaie-v1.0", release))
        names[release] = _config(resources).name
        assert _mounted(resources) == names[release]
    assert len(set(names.values())) == len(RELEASES)
    assert names["gaie-v1.0"] == _picker(render(least)).name


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(RELEASES, 2)))
def test_a_configuration_takes_what_a_user_wrote_along_to_its_new_name(
    old: str, new: str, least: str, render: Render
) -> None:
    resources = render(least.replace("gaie-v1.0", old))
    _config(resources).set("data.mine", "kept")
    for item in resources.where("LLMService"):
        item.set("spec.release", new)
    generate_inference_pool(resources)
    config = _config(resources)
    assert config.get("data.mine") == "kept"
    assert _mounted(resources) == config.name
    assert any(result.field == "metadata.name" and result.proposed == config.name for result in resources.results)


@pytest.mark.parametrize("namespace", ["", "other"])
def test_a_configuration_follows_its_service_to_another_name_namespace_and_release_at_once(
    namespace: str, least: str, render: Render
) -> None:
    resources = render(least)
    _config(resources).set("data.mine", "kept")
    (intent,) = resources.where("LLMService")
    intent.set("spec.release", "gaie-v1.5")
    intent.set("metadata.annotations", {"inference.fn.kpt.dev/renamed-from": intent.name})
    intent.set("metadata.name", "renamed")
    if namespace:
        intent.set("metadata.namespace", namespace)
    generate_inference_pool(resources)
    config = _config(resources)
    assert (config.name, config.namespace or "") == ("renamed-epp-gaie-v1.5", intent.namespace or "")
    assert config.get("data.mine") == "kept"


@pytest.mark.parametrize("release", RELEASES)
def test_a_configuration_that_was_rendered_before_under_the_pickers_name_moves(
    release: str, least: str, render: Render
) -> None:
    """Packages of before had one name in every release."""
    resources = render(least.replace("gaie-v1.0", release))
    config = _config(resources)
    wanted, former = config.name, _picker(resources).name
    config.set("metadata.name", former)
    config.set("data.mine", "kept")
    _picker(resources).set("spec.template.spec.volumes[name=plugins-config-volume].configMap.name", former)
    generate_inference_pool(resources)
    assert (_config(resources).name, _mounted(resources)) == (wanted, wanted)
    assert _config(resources).get("data.mine") == "kept"
