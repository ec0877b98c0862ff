"""validate-inference knows the limits of each release."""

from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.validate_inference import validate_inference

Render = Callable[..., ResourceList]
FIRST, NAMES = "gaie-v1.0", list(RELEASES)
EPP = "spec.template.spec.containers[name=epp]"
OBJECTIVES = "  objectives: [{name: batch, priority: -1}]\n"


def found(resources: ResourceList) -> list[tuple[str, str, str]]:
    """Return rule, field and message of what is said of the manifests above info, but of their GPUs."""
    checked = ResourceList([Resource(item.text, path=item.path) for item in resources])
    validate_inference(checked)
    results = [result for result in checked.results if result.severity != "info"]
    found = [((result.tags or {})["rule"], result.field, result.message) for result in results]
    return [one for one in found if one[0] != "gpu-memory"]  # the smallest intent's model is too long for its GPU


def rendered(render: Render, text: str, release: str) -> tuple[ResourceList, Resource]:
    """Return the package in a release, and its picker's Deployment."""
    resources = render(text.replace(f"release: {FIRST}", f"release: {release}"))
    return resources, next(item for item in resources if item.kind == "Deployment" and item.name.endswith("-epp"))


@pytest.mark.parametrize("release", NAMES)
def test_a_package_of_a_release_has_no_finding(release: str, fulls: list[str], render: Render) -> None:
    """All that a release has, used at once, is sound."""
    assert found(render(fulls[NAMES.index(release)])) == []


@pytest.mark.parametrize("release", [name for name in NAMES if RELEASES[name].metric_flags_refused])
def test_a_flag_with_which_the_picker_exits(release: str, least: str, render: Render) -> None:
    """The metric flag that v1.0 needs is an error in the releases that exit where it is set."""
    resources, picker = rendered(render, least, release)
    flag = "--kv-cache-usage-percentage-metric"
    picker._text = picker.text.replace("        args:\n", f"        args:\n        - {flag}=x\n", 1)
    image = RELEASES[release].picker_image
    assert found(resources) == [
        ("picker-flag", f"{EPP}.args[{flag}]", f"{image} exits if {flag} is set. Remove the flag")
    ]


@pytest.mark.parametrize("release", NAMES)
def test_a_second_target_port(release: str, least: str, render: Render) -> None:
    """A pool of two ports is an error where the picker takes one, and none where it takes eight."""
    resources, _ = rendered(render, least, release)
    (pool,) = resources.where("InferencePool")
    pool.set("spec.targetPorts", [{"number": 8000}, {"number": 8001}])
    rules = [rule for rule, _, _ in found(resources)]
    assert ("picker-target-ports" in rules) == (RELEASES[release].most_target_ports == 1)


@pytest.mark.parametrize("of", NAMES)
@pytest.mark.parametrize("release", NAMES)
def test_an_objective_of_another_release(release: str, of: str, least: str, render: Render) -> None:
    """In another group than the release's own it has no effect: llm-d-router ignores the old one beside the new."""
    resources, _ = rendered(render, least + OBJECTIVES, release)
    (objective,) = resources.where("InferenceObjective")
    objective.set("apiVersion", RELEASES[of].objective_api)
    is_own = RELEASES[of].objective_api == RELEASES[release].objective_api
    assert [(rule, field) for rule, field, _ in found(resources)] == (
        [] if is_own else [("picker-group", "spec.release")]
    )
