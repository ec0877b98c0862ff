"""Intents: every mistake at once, each with field, value and expectation; defaults; and no secret in any result."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from krm_functions_sdk import ERROR, Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain import intent
from krm_inference.domain.service import LLMService

MISTAKES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))
TOKEN = "hf_0123456789abcdefABCDEF"


def _read(*texts: str, config: str = "") -> tuple[list[LLMService], ResourceList]:
    items = [Resource(text, path=f"{index}.yaml") for index, text in enumerate(texts)]
    resources = ResourceList(items, Resource(config) if config else None)
    return intent.read(resources), resources


def _other(text: str, more: str = "  route: {pathPrefix: /other}\n") -> str:
    """Return the intent of a second service, which shares the Gateway and has its own path."""
    return text.replace("name: llama-3.1", "name: mistral").replace("spec:\n", f"spec:\n{more}")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["what"])
def test_each_mistake_has_its_message(mistake: dict[str, Any], least: str) -> None:
    """Each mistake gives exactly the messages of the table, at the fields of the table, and no service."""
    assert mistake["replace"] in least
    services, resources = _read(least.replace(mistake["replace"], mistake["by"], 1))
    assert not services
    assert {result.field: result.message for result in resources.results} == mistake["results"]
    assert len(resources.results) == len(mistake["results"])
    assert {(result.severity, result.file) for result in resources.results} == {(ERROR, "0.yaml")}


def test_several_mistakes_in_one_run(least: str) -> None:
    """All mistakes of all intents come in one run, those of a schema and those between fields and services."""
    first = least.replace("spec:\n", "spec:\n  replica: 1\n  server: {port: 70000, extraArgs: [--model=x]}\n")
    second = least.replace("nvidia-l4", "h100").replace("  model:\n    id: meta-llama/Llama-3.1-8B-Instruct\n", "")
    _, resources = _read(first, second)
    assert [(result.file, result.field) for result in resources.results] == [
        ("0.yaml", "spec.replica"),
        ("0.yaml", "spec.server.port"),
        ("0.yaml", "spec.server.extraArgs[0]"),
        ("1.yaml", "spec.model"),
        ("1.yaml", "metadata.name"),
        ("1.yaml", "spec.accelerator.type"),
    ]


def test_two_services_of_one_name(least: str) -> None:
    """The second of two services of one name is the fault, and the message says where the first is."""
    _, resources = _read(least, least)
    assert [result.message for result in resources.results] == [
        (
            'LLMService name "llama-3.1" appears twice, first in LLMService llama-3.1 (0.yaml, metadata.name); '
            "give one of them another name"
        )
    ]


def test_the_same_name_in_two_namespaces_is_no_mistake(least: str) -> None:
    """Services of one name in two namespaces are two services."""
    texts = [least.replace("  name: llama-3.1\n", f"  name: llama-3.1\n  namespace: {name}\n") for name in ("a", "b")]
    services, resources = _read(*texts)
    assert not resources.results
    assert len(services) == 2


def test_one_path_of_two_services(least: str) -> None:
    """Two services with one host and path on one Gateway: the message names both."""
    _, resources = _read(least, _other(least, ""))
    assert [result.message for result in resources.results] == [
        (
            "LLMService llama-3.1 and LLMService mistral both serve every host name with path prefix / on Gateway "
            "inference-gateway; give them different hostnames, paths or headers"
        )
    ]


@pytest.mark.parametrize(
    "route",
    [
        "  route: {pathPrefix: /mistral}\n",
        "  route: {hostnames: [mistral.example.com]}\n",
    ],
)
def test_two_services_share_a_gateway(route: str, least: str) -> None:
    """Services that differ in name and in path or host share a Gateway."""
    services, resources = _read(least, _other(least, route))
    assert not resources.results
    assert [service.gateway for service in services] == [("", "inference-gateway")] * 2


def test_a_shared_gateway_has_one_class(least: str) -> None:
    """Services that share a Gateway and want different classes of it are named."""
    other = _other(least).replace("    name: inference-gateway\n", "    name: inference-gateway\n    className: x\n")
    _, resources = _read(least, other)
    assert [(result.field, result.message) for result in resources.results] == [
        (
            "spec.gateway.className",
            (
                "LLMService llama-3.1 and LLMService mistral share Gateway inference-gateway, but one says "
                "gke-l7-regional-external-managed and the other x"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [
        ("llama-3.1", "llama-3-1", "ClusterRole default-llama-3-1-epp"),
        ("chat", "chat-epp", "Deployment chat-epp"),
        ("c\n  namespace: a-b", "b-c\n  namespace: a", "ClusterRole a-b-c-epp"),
        ("chat", "chat\n  namespace: default", "ClusterRole default-chat-epp"),
    ],
)
def test_generated_names_do_not_collide(one: str, two: str, shared: str, least: str) -> None:
    """Two services for which the same object would be generated are named, with the object."""
    first, second = least.replace("llama-3.1\n", f"{one}\n"), least.replace("llama-3.1\n", f"{two}\n")
    _, resources = _read(first, second.replace("spec:\n", "spec:\n  route: {pathPrefix: /other}\n"))
    assert [result.field for result in resources.results] == ["metadata.name"]
    assert f"would both have a {shared};" in resources.results[0].message


def test_an_objective_belongs_to_one_service(least: str) -> None:
    """Two services that give an objective of one name are told so."""
    objectives = "  objectives: [{name: batch, priority: 1}]\n"
    first, second = (
        least.replace("spec:\n", f"spec:\n{objectives}"),
        _other(least).replace("spec:\n", f"spec:\n{objectives}"),
    )
    _, resources = _read(first, second)
    assert [result.message for result in resources.results] == [
        (
            'InferenceObjective "batch" appears twice, first in LLMService llama-3.1 (0.yaml, '
            "spec.objectives[0].name); give one of them another name"
        )
    ]


def test_defaults(least: str) -> None:
    """What an intent does not say has the defaults of the schema."""
    services, _ = _read(least)
    assert services[0].spec == {
        "ensure": "Present",
        "release": "gaie-v1.0",
        "platform": "gke-standard",
        "managedDefinitions": False,
        "security": "baseline",
        "model": {
            "id": "meta-llama/Llama-3.1-8B-Instruct",
            "maxOutputTokens": 4096,
            "facts": {},
            "tokenSecret": {"name": "hf-secret", "key": "hf_api_token", "optional": False},
        },
        "replicas": 1,
        "accelerator": {"type": "nvidia-l4", "count": 1},
        "server": {
            "port": 8000,
            "startup": {"downloadMiBps": 50, "loadMiBps": 400},
            "extraArgs": [],
            "env": [],
            "resources": {"requests": {}, "limits": {}},
        },
        "adapters": [],
        "lora": {"loader": "syncer"},
        "rewrites": [],
        "monitoring": {"dashboard": False},
        "objectives": [],
        "drain": {"preStopSeconds": 30, "safetyFactor": 1.5},
        "picker": {"replicas": 1, "weights": {}, "saturation": {}, "resources": {"requests": {}, "limits": {}}},
        "gateway": {
            "name": "inference-gateway",
            "className": "gke-l7-regional-external-managed",
            "create": True,
            "allowedNamespaces": [],
            "port": 80,
        },
        "route": {
            "hostnames": [],
            "pathPrefix": "/",
            "stripPrefix": False,
            "paths": [],
            "headers": [],
            "byModel": False,
            "weight": 1,
            "setHeaders": [],
        },
    }


def test_defaults_of_an_adapter(least: str) -> None:
    """An adapter that says neither rank nor `ensure` has rank 16 and is to be loaded."""
    services, _ = _read(least.replace("spec:\n", "spec:\n  adapters: [{name: food, source: a/b}]\n"))
    assert services[0].adapters == [{"name": "food", "source": "a/b", "rank": 16, "ensure": "Present"}]


def test_a_service_as_function_config_counts_as_one_more(least: str) -> None:
    """A functionConfig of kind LLMService joins those of the package; the same one again does not count twice."""
    assert [service.name for service in _read(least, config=_other(least))[0]] == ["llama-3.1", "mistral"]
    assert [service.name for service in _read(least, config=least)[0]] == ["llama-3.1"]


@pytest.mark.parametrize(
    "name",
    [
        "generate_model_server",
        "generate_inference_pool",
        "generate_objectives",
        "generate_routing",
        "generate_monitoring",
    ],
)
@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {replicas: '3'}\n", "v1 ConfigMap"),
        ("apiVersion: fn.kpt.dev/v1alpha1\nkind: InjectLora\nmetadata: {name: c}\n", "fn.kpt.dev/v1alpha1 InjectLora"),
        ("apiVersion: example.com/v1\nkind: LLMService\nmetadata: {name: c}\n", "example.com/v1 LLMService"),
    ],
)
def test_another_function_config_is_refused(
    name: str, config: str, found: str, least: str, functions: dict[str, Callable[[ResourceList], None]]
) -> None:
    """A function that takes only LLMServices says so when it gets something else, and does nothing."""
    resources = ResourceList([Resource(least)], Resource(config))
    functions[name](resources)
    assert [(result.severity, result.message) for result in resources.results] == [
        (ERROR, f"found {found}, expected inference.fn.kpt.dev/v1alpha1 LLMService or no functionConfig")
    ]
    assert len(resources) == 1


def test_an_empty_config_map_is_no_function_config(least: str) -> None:
    """A ConfigMap without data, which some orchestrators send when there is nothing to say, is as good as none."""
    services, resources = _read(least, config="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {}\n")
    assert services
    assert not resources.results


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, part in children for inner in _paths(part, (*path, key)))]


FULL_SPEC: dict[str, Any] = {
    "release": "gaie-v1.0",
    "model": {"id": "a/b", "servedName": "b", "tokenSecret": {"name": "s", "key": "k"}},
    "accelerator": {"type": "nvidia-l4"},
    "server": {
        "image": "a/b:1",
        "extraArgs": ["--seed=1"],
        "env": [{"name": "A", "value": "b"}],
        "resources": {"limits": {}},
    },
    "adapters": [{"name": "food", "source": "a/b", "priority": 1}],
    "objectives": [{"name": "batch", "priority": 1}],
    "drain": {"preStopSeconds": 30},
    "picker": {
        "image": "a/b:1",
        "weights": {"queue": 1},
        "saturation": {"queueDepth": 5},
        "resources": {"limits": {}},
        "priorityClassName": "c",
        "failureMode": "FailOpen",
    },
    "gateway": {"name": "gateway", "className": "c"},
    "route": {"hostnames": ["a.example.com"], "pathPrefix": "/"},
}
PATHS = [("spec", *path) for path in _paths(FULL_SPEC)] + [
    ("metadata", "name"),
    ("metadata",),
    ("metadata", "namespace"),
]


def _with(path: tuple[str | int, ...], value: Any) -> str:
    """Return an intent with `value` at `path`, and a field of that name that does not exist beside it."""
    import copy

    document: dict[str, Any] = {
        "apiVersion": "inference.fn.kpt.dev/v1alpha1",
        "kind": "LLMService",
        "metadata": {"name": "llama"},
        "spec": copy.deepcopy(FULL_SPEC),
    }
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return emitter.document(document)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("value", [TOKEN, {"hfToken": "sesame"}, [f"--hf-token={TOKEN}"], f"--api-key sesame {TOKEN}"])
def test_no_secret_in_results(
    path: tuple[str | int, ...], value: Any, functions: dict[str, Callable[[ResourceList], None]]
) -> None:
    """Wherever a credential stands in an intent, no result shows it."""
    resources = ResourceList([Resource(_with(path, value))])
    for function in functions.values():
        function(resources)
    said = [f"{result} {result.to_dict()}" for result in resources.results]
    assert not [text for text in said if TOKEN in text or "sesame" in text]


@pytest.mark.parametrize(
    "text", [f"vllm serve --hf-token {TOKEN}", "vllm serve --api-key=sesame", "HF_TOKEN=sesame vllm"]
)
def test_no_secret_of_an_adopted_deployment_in_results(
    text: str, least: str, functions: dict[str, Callable[[ResourceList], None]]
) -> None:
    """A credential in a Deployment that is adopted is replaced without being shown."""
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: llama-3.1\nspec:\n  template:\n    spec:\n"
        f"      containers:\n      - name: vllm\n        command: [sh, -c]\n        args:\n        - {text}\n"
        "        env:\n        - name: HF_TOKEN\n          value: sesame\n"
    )
    resources = ResourceList([Resource(least), Resource(deployment)])
    functions["generate_model_server"](resources)
    said = [f"{result} {result.to_dict()}" for result in resources.results]
    assert said
    assert not [line for line in said if TOKEN in line or "sesame" in line]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("a/b"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "id", "a[b", "c]", ".", ""]), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PATHS), ANYTHING)
def test_anything_anywhere_is_answered(path: tuple[str | int, ...], value: Any) -> None:
    """Whatever stands at a field, the answer is either services or errors, and never an exception."""
    services, resources = _read(_with(path, value))
    assert bool(services) != resources.results.failed
