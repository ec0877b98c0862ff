"""The order of functions: what the table says of it, compared with every swap of two functions."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.pipeline import NEEDS
from pipeline import FUNCTIONS, function

NAMES = tuple(name.replace("_", "-") for name in FUNCTIONS)
HEAD = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n"


def kptfile(names: Sequence[str]) -> Resource:
    text = HEAD + "".join(f"  - image: ghcr.io/krm-inference/{name}:v0.1.0\n" for name in names)
    return Resource(text, path="Kptfile", first_line=1)


def run(names: Sequence[str], intent: str, *more: Resource) -> ResourceList:
    """Run functions in an order over an intent, up to the first that fails."""
    resources = ResourceList([Resource(intent, path="llm.yaml", first_line=1), *more])
    for name in names:
        function(name.replace("-", "_"))(resources)
        if resources.results.failed:
            break
    return resources


def data(resources: ResourceList) -> dict[tuple[str, ...], object]:
    return {item.identity: item.data for item in resources if item.kind != "Kptfile"}


@pytest.mark.parametrize(("first", "second"), list(combinations(NAMES, 2)))
def test_an_order_that_cannot_work_is_refused_and_any_other_gives_the_same(
    fulls: list[str], first: str, second: str
) -> None:
    """The second of two functions runs right before the first: a table row, or the same objects as in our order."""
    intent = next(text for text in fulls if "release: gaie-v1.5" in text)
    order = [name for name in NAMES if name != second]
    order.insert(order.index(first), second)
    found = run(order, intent, kptfile(order))
    if NEEDS.get(second, ("",))[0] == first:
        here, there = 7 + order.index(second), 7 + order.index(first)
        (error,) = [str(result) for result in found.results if result.severity == "error"]
        assert error.startswith(f"[error] Kptfile:{here}: Kptfile p: pipeline.mutators[{here - 7}]: {second} stands ")
        assert error.endswith(f"; move line {here} below line {there}")
    else:
        assert not found.results.failed, found.results
        left = data(found)
        for key, value in data(run(NAMES, intent)).items():
            assert sorted(map(str, _leaves(left[key]))) == sorted(map(str, _leaves(value))), key


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [(key, leaf) for key, part in value.items() for leaf in _leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


def test_one_that_runs_again_behind_its_maker_is_in_order(least: str) -> None:
    """What the first run of it did not find, the second does."""
    names = ["generate-model-server", "inject-lifecycle", "generate-model-server", "inject-lifecycle"]
    assert not run(names, least, kptfile(names)).results.failed


def test_without_its_maker_a_function_may_edit_what_is_there(least: str) -> None:
    """A Deployment that somebody else wrote needs no generator."""
    made = run(NAMES[:1], least)
    (deployment,) = made.where("Deployment")
    names = ["inject-accelerator", "inject-lifecycle"]
    assert not run(names, least, deployment, kptfile(names)).results.failed
