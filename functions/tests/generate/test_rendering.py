"""What holds for every package: order does not matter, twice is once, and what is not touched keeps its bytes."""

import copy
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from krm_functions_sdk import ERROR, INFO, Resource, ResourceList
from krm_functions_sdk.function import registry
from krm_functions_sdk.function.call import execute

Functions = dict[str, Callable[[ResourceList], None]]
Render = Callable[..., ResourceList]

USERS = (
    "# mine\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'mine'}\ndata:\n    a:   \"1\"   # one\n\n    b: yes\n",
    "kind: Deployment\napiVersion: apps/v1\nmetadata:\n  name: llama-3.1\nspec:\n  replicas: 7\n  paused: true # me\n",
    "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata:\n  name: inference-gateway\n  labels: {a: b}\n",
    (
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: old\n  annotations:\n"
        "    inference.fn.kpt.dev/generated-by: generate-inference-pool/llama-3.1\n"
    ),
)


def _objects(resources: ResourceList) -> dict[tuple[str, ...], str]:
    return {resource.identity: resource.text for resource in resources}


def _two(least: str) -> tuple[str, str]:
    other = least.replace("llama-3.1", "mistral").replace("spec:\n", "spec:\n  route: {pathPrefix: /mistral}\n")
    return least, other


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(6)))
def test_order_does_not_matter(render: Render, least: str, order: list[int]) -> None:
    """From items in any order come the same objects, with the same text, and the same results."""
    texts = [*_two(least), *USERS]
    expected = render(*texts)
    shuffled = render(*(texts[index] for index in order))
    assert not expected.results.failed
    assert _objects(shuffled) == _objects(expected)
    assert _messages(shuffled) == _messages(expected)


def _messages(resources: ResourceList) -> list[str]:
    return sorted(result.message for result in resources.results)


def test_twice_is_once(render: Render, functions: Functions, least: str, full: str) -> None:
    """A second render changes no byte and says nothing."""
    for texts in ([least], [full], [*_two(least), *USERS]):
        resources = render(*texts)
        before = [resource.text for resource in resources]
        resources.results.clear()
        for function in functions.values():
            function(resources)
        assert [resource.text for resource in resources] == before
        assert not resources.results


def test_from_the_old_and_from_nothing(render: Render, least: str, full: str) -> None:
    """What an intent gives does not depend on the intent that was rendered before."""
    anew = render(least.replace("  name: llama-3.1\n", "  name: llama-3.1\n  namespace: llm\n"))
    old = [resource.text for resource in render(full)][1:]
    changed = render(next(iter(anew)).text, *old)
    assert {name: Resource(text).data for name, text in _sorted(changed).items()} == {
        name: Resource(text).data for name, text in _sorted(anew).items()
    }
    assert {result.severity for result in changed.results} == {INFO}


def _sorted(resources: ResourceList) -> dict[tuple[str, ...], str]:
    return dict(sorted(_objects(resources).items()))


def test_what_is_not_touched_keeps_its_bytes(render: Render, least: str) -> None:
    """An object that no function wants, and the intent itself, leave as they came."""
    resources = render(least, *USERS)
    assert [resource.text for resource in resources][:2] == [least, USERS[0]]


def test_a_deleted_object_comes_back(render: Render, full: str) -> None:
    """Each generated object that someone deletes is there again after the next render, the same as before."""
    first = render(full)
    texts = [resource.text for resource in first]
    for index in range(1, len(texts)):
        again = render(*texts[:index], *texts[index + 1 :])
        assert {identity: Resource(text).data for identity, text in _objects(again).items()} == {
            identity: Resource(text).data for identity, text in _objects(first).items()
        }


def test_without_a_service_nothing_is_deleted(render: Render, full: str) -> None:
    """Objects that are marked stay, byte for byte, where no LLMService is in the input; that is an error."""
    texts = [resource.text for resource in render(full)][1:]
    resources = render(*texts)
    assert [resource.text for resource in resources] == texts
    assert [result.severity for result in resources.results] == [ERROR]


def test_everything_made_is_marked(render: Render, full: str) -> None:
    """Each object that a function makes carries its mark, and one that was there carries none."""
    resources = render(full, USERS[1].replace("name: llama-3.1\n", "name: llama-3.1\n  namespace: llm\n"))
    mark = "inference.fn.kpt.dev/generated-by"
    marks = [resource.annotations.get(mark, "") for resource in resources]
    assert marks[:2] == ["", ""]
    assert all(text.endswith("/llama-3.1") for text in marks[2:])


def test_only_names_carry_the_namespace_default(render: Render, least: str) -> None:
    """An intent without a namespace gives objects without one."""
    assert {resource.namespace for resource in render(least)} == {""}


@pytest.mark.parametrize("name", sorted(registry.installed()))
def test_bytes_in_bytes_out(name: str, least: str, render: Render) -> None:
    """Every function, as a process sees it, leaves a rendered package byte for byte as it came."""
    fits = least.replace("  accelerator:", "    maxModelLen: 8192\n  accelerator:")  # into the memory of an L4
    stream = "---\n".join(resource.text for resource in render(fits))
    output, errors, status = execute(registry.installed()[name].load(), stream.encode())
    assert status == 0
    assert all(line.startswith("[info] ") for line in errors.splitlines())
    assert output.decode() == stream


CHANGES: dict[str, tuple[str, str, set[str]]] = {
    "accelerator": (
        "nvidia-l4",
        "nvidia-h100-80gb",
        {"Deployment llama-3.1", "Deployment llama-3-1-epp", "GCPBackendPolicy llama-3.1"},
    ),
    "replicas": ("spec:\n", "spec:\n  replicas: 4\n", {"Deployment llama-3.1"}),
    "output tokens": (
        "    id:",
        "    maxOutputTokens: 8192\n    id:",
        {"Deployment llama-3.1", "Deployment llama-3-1-epp", "GCPBackendPolicy llama-3.1"},
    ),
    "port": (
        "spec:\n",
        "spec:\n  server: {port: 9000}\n",
        {"Deployment llama-3.1", "InferencePool llama-3.1", "HealthCheckPolicy llama-3.1"},
    ),
    "adapter": (
        "spec:\n",
        "spec:\n  adapters: [{name: food, source: a/b}]\n",
        # With LoRA each token takes longer, and so does a drain.
        {
            "Deployment llama-3.1",
            "ConfigMap llama-3.1-adapters",
            "ConfigMap llama-3-1-epp",
            "Deployment llama-3-1-epp",
            "GCPBackendPolicy llama-3.1",
        },
    ),
    "objective": ("spec:\n", "spec:\n  objectives: [{name: batch, priority: 1}]\n", {"InferenceObjective batch"}),
    "path": ("spec:\n", "spec:\n  route: {pathPrefix: /llama}\n", {"HTTPRoute llama-3.1"}),
    "class": (
        "name: inference-gateway\n",
        "name: inference-gateway\n    className: gke-l7-rilb\n",
        {"Gateway inference-gateway"},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_changes_what_follows_from_it(what: str, render: Render, least: str) -> None:
    """A change of the intent changes exactly the objects that follow from it, and back again the change is undone."""
    old, new, wanted = CHANGES[what]
    first = render(least)
    texts = [resource.text for resource in first][1:]
    second = render(least.replace(old, new, 1), *texts)
    before, after = _objects(first), _objects(second)
    changed = {identity for identity in before.keys() | after.keys() if before.get(identity) != after.get(identity)}
    assert {f"{kind} {name}" for _, kind, _, name in changed} - {"LLMService llama-3.1"} == wanted
    back = render(least, *[resource.text for resource in second][1:])
    assert _as_data(back) == _as_data(first)


def _as_data(resources: ResourceList) -> dict[Any, Any]:
    """Return all objects as values; a flag that went and comes back stands last, so flags are sorted."""
    found = {resource.identity: copy.deepcopy(resource.data) for resource in resources}
    for value in found.values():
        for container in value.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ()):
            container.get("args", []).sort()
    return found


def test_the_package_of_this_repository(render: Render) -> None:
    """The intent of the package renders without a word."""
    text = (Path(__file__).resolve().parents[3] / "packages" / "llama-3.1-8b" / "llm.yaml").read_text(encoding="utf-8")
    assert not render(text).results


def test_objects_follow_their_service_into_another_namespace(render: Render, least: str) -> None:
    """What was made for a service goes where the service goes, with what users added; what has no mark stays."""
    rendered = [resource.text for resource in render(least) if resource.kind != "LLMService"]
    texts = [text.replace("  labels:\n", "  labels:\n    mine: kept\n", 1) for text in rendered]
    mine = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: mine\n"
    moved = render(least.replace("metadata:\n", "metadata:\n  namespace: llm\n", 1), *texts, mine)
    assert {resource.name for resource in _namespaced(moved) if resource.namespace != "llm"} == {"mine"}
    before = [Resource(text) for text in [least, mine, *texts]]
    assert _labelled(_namespaced(moved)) == _labelled(_namespaced(before))
    assert len(_namespaced(moved)) == len(_namespaced(before))


def _namespaced(resources: Iterable[Resource]) -> list[Resource]:
    return [resource for resource in resources if not resource.kind.startswith("Cluster")]


def _labelled(resources: list[Resource]) -> set[tuple[str, str]]:
    return {(resource.kind, resource.name) for resource in resources if "mine" in resource.labels}


def test_a_service_of_the_same_name_elsewhere_keeps_its_objects(render: Render, least: str) -> None:
    """Objects in a namespace that a service of their name still lives in belong to that one."""
    here = least.replace("metadata:\n", "metadata:\n  namespace: here\n", 1)
    there = here.replace("namespace: here", "namespace: there")
    rendered = [resource.text for resource in render(here) if resource.kind != "LLMService"]
    both = render(here, there, *rendered)
    deployments = {resource.identity for resource in both.where("Deployment", name="llama-3.1")}
    assert deployments == {("apps", "Deployment", space, "llama-3.1") for space in ("here", "there")}
    assert set(rendered) <= {resource.text for resource in both}
