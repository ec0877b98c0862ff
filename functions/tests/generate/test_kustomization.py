"""The kustomization of a package follows the render: what is generated is listed, and what is gone is not."""

from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.kustomization import FILES

Functions = dict[str, Callable[[ResourceList], None]]
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
NOT_OF_LEAST = {
    *("lora-adapters.yaml", "objectives.yaml", "rewrites.yaml", "dashboard.yaml"),
    *("weights.yaml", "scaling.yaml", "network-policy.yaml", "body-router.yaml", "gateway-tokens.yaml"),
}
OF_CLUSTERS = "generate-node-pool"  # which is in a pipeline of its own
OPTIONAL = """\
  weights: {cache: {}}
  availability: {maxUnavailable: 1}
  networkPolicy: {gatewayRanges: [10.129.0.0/23]}
"""
REWRITES = "  rewrites: [{model: public, targets: [{model: meta-llama/Llama-3.1-8B-Instruct}]}]\n"


def _run(functions: Functions, items: list[Resource]) -> ResourceList:
    resources = ResourceList(items)
    for function in functions.values():
        function(resources)
    assert not resources.results.failed
    return resources


def _list(resources: ResourceList) -> str:
    (found,) = resources.where("Kustomization")
    return found.text


def _package(intent: str, kustomization: str, folder: str = "") -> list[Resource]:
    return [Resource(intent, path=f"{folder}llm.yaml"), Resource(kustomization, path=f"{folder}kustomization.yaml")]


@pytest.mark.parametrize("folder", ["", "models/llama/"])
def test_a_list_is_made_from_nothing_in_the_order_of_a_pipeline(least: str, functions: Functions, folder: str) -> None:
    """Every generated file is listed, and no file of the tools."""
    text = _list(_run(functions, _package(least, HEAD, folder)))
    files = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
    order = [file for function, files in FILES.items() for file in files if function != OF_CLUSTERS]
    assert files == [file for file in order if file not in NOT_OF_LEAST]


def test_a_new_file_goes_beside_its_like_and_what_is_the_users_stays(least: str, functions: Functions) -> None:
    """Order, comments and entries of users stay; a new file stands behind its like; the way back is the same."""
    intent = least.replace("gaie-v1.0", "gaie-v1.5")
    first = _run(functions, _package(intent, HEAD))
    own = (
        _list(first)
        .replace("resources:\n", "namePrefix: mine-\nresources:\n# ours\n- dashboards.yaml # of the team\n")
        .replace("- route.yaml\n", "- ./route.yaml # first\n- https://example.com/base\n")
    )
    before = [item if item.kind != "Kustomization" else Resource(own, path="kustomization.yaml") for item in first]
    assert _list(_run(functions, before)) == own
    items = [Resource(item.text, path=item.path) for item in before]
    items[0] = Resource(intent + REWRITES, path="llm.yaml")
    more = _run(functions, items)
    place = "- endpoint-picker.yaml\n"
    assert _list(more) == own.replace(place, f"{place}- rewrites.yaml\n")
    items = [Resource(item.text, path=item.path) for item in more]
    items[0] = Resource(intent, path="llm.yaml")
    assert _list(_run(functions, items)) == own


def test_a_file_that_holds_something_else_stays_listed(least: str, functions: Functions) -> None:
    """A file of a generated name goes from the list only with the last object in it."""
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n"
    kustomization = HEAD + "resources:\n- rewrites.yaml\n- gone.yaml\n"
    items = [*_package(least, kustomization), Resource(other, path="rewrites.yaml")]
    text = _list(_run(functions, items))
    assert "- rewrites.yaml\n" in text
    assert "- gone.yaml\n" in text, "what no function writes is for its author to mend"


def _behind_istio(full: str) -> str:
    """Return an intent whose Gateway reads bodies and asks for tokens."""
    intent = Resource(full)
    intent.set("metadata.namespace", "llm")
    intent.set("spec.platform", "kubernetes")
    jwt = {"issuer": "https://issuer.example.com", "jwksUri": "https://issuer.example.com/keys"}
    intent.set("spec.gateway", {"name": "inference-gateway", "className": "istio", "jwt": jwt})
    intent.set("spec.route.byModel", value=True)
    return intent.text


def test_every_file_that_is_written_is_known(fulls: list[str], functions: Functions) -> None:
    """The table of files holds what the functions write."""
    texts = [*fulls, fulls[0] + OPTIONAL, _behind_istio(fulls[0])]
    written = {item.path for text in texts for item in _run(functions, [Resource(text, path="llm.yaml")])}
    known = {file for function, files in FILES.items() for file in files if function != OF_CLUSTERS}
    assert written - {"llm.yaml"} == known


def test_a_file_below_no_kustomization_is_in_none(least: str, functions: Functions) -> None:
    """A path from the root, which no package has, ends the search for a kustomization above it."""
    elsewhere = Resource("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n", path="/elsewhere/route.yaml")
    assert "elsewhere" not in _list(_run(functions, [*_package(least, HEAD), elsewhere]))
