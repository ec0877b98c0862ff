"""Weights, loaders, scaling and access: what golden examples cannot show of them, above all the ways back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain import weights
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.scaling import METRICS, queue_metric
from krm_inference.domain.facts.stores import STORES

Functions = dict[str, Callable[[ResourceList], None]]
POD = "spec.template.spec"
VLLM = f"{POD}.containers[name=vllm]"
KEDA = "  autoscaling: {minReplicas: 1, maxReplicas: 4, prometheus: 'http://prometheus:9090'}\n"
# What an intent may ask for beside the least; each alone, and then all that go together.
ASKED = {
    "claim": "  weights: {uri: 'pvc://models/llama'}\n",
    "bucket": "  weights: {uri: 'gs://models/llama', serviceAccountName: reader}\n",
    "image": "  weights: {uri: 'oci://example.com/llama:v1'}\n",
    "cache": "  weights: {cache: {download: true}}\n",
    "static": "  adapters: [{name: a, source: b/c}]\n  lora: {loader: static}\n",
    "resolver": "  adapters: [{name: a, source: /lora-adapters/a}]\n  lora: {loader: resolver, claim: adapters}\n",
    "scaled": KEDA,
    "kept": "  replicas: 2\n  availability: {maxUnavailable: 1, spread: zone, spareGPUs: 1, priorityClassName: high}\n",
    "closed": "  networkPolicy: {gatewayRanges: [10.129.0.0/23]}\n",
    "keyed": "  server: {apiKeySecret: {name: keys}}\n  route: {pathPrefix: /v1}\n",
}


def _run(functions: Functions, *items: Resource) -> ResourceList:
    resources = ResourceList(list(items))
    for name in ("generate_model_server", "inject_accelerator", "inject_lifecycle", "inject_lora"):
        functions[name](resources)
    assert not resources.results.failed, [result.message for result in resources.results]
    return resources


def _server(resources: ResourceList) -> Resource:
    return next(item for item in resources if item.kind == "Deployment")


@pytest.mark.parametrize("what", ASKED)
def test_what_is_asked_for_no_more_leaves_nothing_behind(what: str, least: str, functions: Functions) -> None:
    """Objects, volumes, flags and variables go with the field, and the server is as one that never had it."""
    never = _run(functions, Resource(least, path="llm.yaml"))
    with_it = _run(functions, Resource(least + ASKED[what], path="llm.yaml"))
    assert _server(with_it).data != _server(never).data or len(with_it.items) > len(never.items)
    made = [item for item in with_it if item.kind != "LLMService"]
    without = _run(functions, Resource(least, path="llm.yaml"), *made)
    assert sorted(str(item) for item in without) == sorted(str(item) for item in never)
    assert _sorted(_server(without).data) == _sorted(_server(never).data)


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(part) for key, part in value.items()}
    return sorted((_sorted(part) for part in value), key=repr) if isinstance(value, list) else value


@pytest.mark.parametrize("what", ASKED)
def test_rendering_twice_changes_nothing(what: str, least: str, functions: Functions) -> None:
    first = _run(functions, Resource(least + ASKED[what], path="llm.yaml"))
    texts = [item.text for item in first]
    second = _run(functions, *first)
    assert [item.text for item in second] == texts
    assert not second.results


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{POD}.serviceAccountName", "mine"),
        (f"{POD}.priorityClassName", "mine"),
        (f"{POD}.securityContext.fsGroup", 1000),
        ("spec.strategy.type", "Recreate"),
        (f"{VLLM}.env[name=VLLM_API_KEY].value", "$(OTHER)"),
    ],
)
def test_a_server_that_asks_for_none_of_it_keeps_what_its_user_wrote(
    path: str, value: object, least: str, functions: Functions
) -> None:
    server = _server(_run(functions, Resource(least, path="llm.yaml")))
    server.set(path, value)
    assert _server(_run(functions, Resource(least, path="llm.yaml"), server)).get(path) == value


@pytest.mark.parametrize("loader", ["syncer", "static", "resolver"])
def test_the_flags_of_a_loader_survive_every_function(loader: str, least: str, functions: Functions) -> None:
    """A flag with several values is no argument of the model's, whoever comes next."""
    source = "/lora-adapters/" if loader == "resolver" else "team/"
    adapters = [f"{{name: {name}, source: {source}{name}}}" for name in ("a", "b", "c")]
    claim = ", claim: adapters" if loader == "resolver" else ""
    text = f"{least}  adapters: [{', '.join(adapters)}]\n  lora: {{loader: {loader}{claim}}}\n"
    first = _run(functions, Resource(text, path="llm.yaml"))
    args = _server(first).get(f"{VLLM}.args")
    if loader == "static":
        at = args.index("--lora-modules")
        assert args[at + 1 : at + 4] == ["a=team/a", "b=team/b", "c=team/c"]
    fewer = text.replace(f"{adapters[1]}, ", "")
    changed = _server(_run(functions, Resource(fewer, path="llm.yaml"), *first.items[1:])).get(f"{VLLM}.args")
    assert changed[0] == args[0]
    assert "b=team/b" not in changed
    assert ("c=team/c" in changed) == (loader == "static")


def test_the_token_is_left_out_where_nobody_asks_the_hub(least: str, functions: Functions) -> None:
    claim = "  weights: {uri: 'pvc://models/llama'}\n"
    bare = _server(_run(functions, Resource(least + claim, path="llm.yaml")))
    assert bare.get(f"{VLLM}.env[name=HF_TOKEN]", None) is None
    adapter = "  adapters: [{name: a, source: team/a}]\n"
    asks = _server(_run(functions, Resource(least + claim + adapter, path="llm.yaml")))
    assert asks.get(f"{VLLM}.env[name=HF_TOKEN]") is not None


def test_every_scheme_of_an_address_is_a_store() -> None:
    """And each platform that a store names is one."""
    schemes = {weights.source({"uri": f"{name}://a/b"}).scheme for name in STORES}
    assert schemes == set(STORES)
    assert {name for store in STORES.values() for name in store.platforms} <= set(PLATFORMS)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_one_that_the_pinned_server_shows(metric: str) -> None:
    span = vllm.metric_span(METRICS[metric])
    for release in RELEASES.values():
        minor = vllm.minor(release.server_image)
        assert span is not None
        assert minor is not None
        assert span.first <= minor <= span.last


@pytest.mark.parametrize("release", RELEASES)
def test_a_picker_that_queues_shows_how_many_wait(release: str) -> None:
    assert bool(queue_metric(release)) == bool(RELEASES[release].flow_control)


@pytest.mark.parametrize("adapters", ["", "  adapters: [{name: a, source: b/c}]\n"])
def test_every_image_of_a_locked_package_has_its_digest(adapters: str, least: str, functions: Functions) -> None:
    """All but what no cluster gets is pinned, and with one digest missing nothing is rendered."""
    release = RELEASES["gaie-v1.0"]
    images = [release.server_image, release.picker_image, *([release.syncer_image] if adapters else [])]
    entries = [f"  - {{image: '{image}', digest: 'sha256:{'0' * 64}'}}\n" for image in images]
    head = "apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: ImageLock\nmetadata: {name: images}\nspec:\n  images:\n"
    for left in (entries, entries[1:]):
        resources = ResourceList([
            Resource(least + adapters, path="llm.yaml"), Resource(head + "".join(left), path="images.yaml"),
        ])  # fmt: skip
        for function in functions.values():
            function(resources)
        if left is not entries:
            assert [result.field for result in resources.results if result.severity == "error"][:1] == ["spec.images"]
            continue
        assert not resources.results.failed
        found = [line.strip() for item in resources for line in item.text.splitlines() if " image: " in line]
        found = [line for line in found if "digest:" not in line]
        assert found
        assert all("@sha256:" in line for line in found)


SHARED = (
    "  weights: {uri: 'gs://models/llama', serviceAccountName: reader}\n"
    "  adapters: [{name: a, source: team/a}]\n  lora: {loader: static}\n"
)


def test_services_share_an_account_and_a_token(least: str, functions: Functions) -> None:
    """Each is made once, and a token that two services have made in two ways is refused."""
    stored = least.replace(
        "B-Instruct\n", "B-Instruct\n    tokenSecret: {externalSecret: {store: vault, remoteKey: hub}}\n"
    )
    texts = [
        f"{stored.replace('name: llama-3.1', f'name: {name}')}{SHARED}  route: {{hostnames: [{name}.example.com]}}\n"
        for name in ("one", "two")
    ]
    texts[1] = texts[1].replace("name: a,", "name: b,")
    first = _run(functions, *(Resource(text, path=f"{index}.yaml") for index, text in enumerate(texts)))
    kinds = [item.kind for item in first]
    assert (kinds.count("ServiceAccount"), kinds.count("ExternalSecret")) == (1, 1)
    assert not _run(functions, *first).results
    texts[1] = texts[1].replace("remoteKey: hub", "remoteKey: other")
    resources = ResourceList([Resource(text, path=f"{index}.yaml") for index, text in enumerate(texts)])
    functions["generate_model_server"](resources)
    assert [result.field for result in resources.results] == ["spec.model.tokenSecret.externalSecret"]
