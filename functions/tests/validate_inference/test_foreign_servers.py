"""What public manifests showed: each was called a fault and is none, or was said in a way that did not help."""

from __future__ import annotations

from typing import Any

import pytest
from cases import Change, changed, found
from krm_functions_sdk import MISSING, Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain.facts import vllm
from krm_inference.manifests.pickers import spellings
from krm_inference.validate_inference import validate_inference

SERVE = "vllm serve m --port=8000 --shutdown-timeout=60 --max-model-len=1024"


def rules(change: Change) -> set[str]:
    return {rule for rule, _, _ in found(change)}


IMAGES = {
    "vllm/vllm-openai:v0.23.0": 23,
    "public.ecr.aws/q9t5s3a7/vllm-cpu-release-repo:v0.23.0": 23,
    "vllm/vllm-tpu:v0.23.0": 23,
    "intel/vllm:0.23.0-xpu": 23,
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.7.2-neuronx-py310-sdk2.24.1-ubuntu22.04": None,
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.9.1-neuronx-py311-sdk2.26.1-ubuntu22.04": 9,
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.16.0-neuronx-py312-sdk2.31.1-ubuntu24.04": 16,
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.21.0.1.0.0-neuronx-py313-sdk2.31.1-ubuntu24.04": 21,
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.13.0-neuronx-py312-sdk2.28.0-ubuntu24.04": 13,
    "public.ecr.aws/neuron/pytorch-inference-vllm-neuronx:0.24.0.1.1.0-neuronx-py313-sdk2.32.0-ubuntu24.04": 24,
    "ghcr.io/llm-d/llm-d-cuda:v0.6.0": 17,
    "ghcr.io/llm-d/llm-d-cuda:v0.8.0": 23,
    "ghcr.io/llm-d/llm-d-cuda:v0.7.0": None,
    "lmcache/vllm-openai:v0.23.0": None,
    "example.com/other:v0.23.0": None,
}


@pytest.mark.parametrize(("image", "minor"), IMAGES.items(), ids=IMAGES)
def test_a_tag_is_vllms_version_where_it_is(image: str, minor: int | None) -> None:
    assert vllm.minor(image) == minor


@pytest.mark.parametrize(
    ("image", "is_proposed"),
    [("vllm/vllm-openai:v0.32.0", True), ("vllm/vllm-openai:latest", True), ("example.com/serving:v1", False)],
)
def test_a_flag_is_proposed_only_where_vllm_is_known_to_have_it(image: str, is_proposed: bool) -> None:  # a column
    change = Change(image=image, without=("--shutdown-timeout",), command=("vllm", "serve"))
    resources = ResourceList([Resource(emitter.document(item)) for item in changed(change)])
    validate_inference(resources)
    (told,) = [each for each in resources.results if each.tags.get("rule") == "drain-shutdown-timeout"]
    assert (told.proposed is not MISSING) == is_proposed


@pytest.mark.parametrize(
    ("command", "is_kept"),
    [
        (("bash", "-c", SERVE), False),
        (("/bin/bash", "-c", f"exec {SERVE}"), False),
        (("bash", "-c", f"echo starting; {SERVE}"), True),
        (("sh", "-c", SERVE), True),
    ],
    ids=["bash, one command", "exec", "two commands", "sh"],
)
def test_bash_runs_a_single_command_in_its_own_place(command: tuple[str, ...], is_kept: bool) -> None:  # a column
    assert ("drain-signal" in rules(Change(command=command, container={"args": []}))) == is_kept


@pytest.mark.parametrize(("device", "is_found"), [("rdma/ib", False), ("nvidia.com/gpu", True)])
def test_a_server_of_rdma_may_lock_memory(device: str, is_found: bool) -> None:  # a column
    fields: dict[str, Any] = {
        "securityContext": {"capabilities": {"add": ["IPC_LOCK"]}},
        "resources": {"limits": {"nvidia.com/gpu": 1, device: 1}},
    }
    assert ("pod-privileges" in rules(Change(container=fields))) == is_found


def test_a_server_that_is_set_up_for_rdma_may_lock_memory_without_a_device() -> None:
    locked: dict[str, Any] = {"securityContext": {"capabilities": {"add": ["IPC_LOCK"]}}}
    assert "pod-privileges" in rules(Change(container=locked))
    told = {**locked, "env": [{"name": "UCX_TLS", "value": "rc"}]}
    assert "pod-privileges" not in rules(Change(container=told))
    transfer = '--kv-transfer-config={"kv_connector":"NixlConnector"}'
    assert "pod-privileges" not in rules(Change(container=locked, args=(transfer,)))


def test_a_number_of_tokens_is_no_credential() -> None:
    assert not {"credential", "credential-name"} & rules(Change(args=("--max-num-batched-tokens=8192",)))


def test_the_side_channel_of_nixl_is_no_port_of_the_server() -> None:
    ports = {"ports": [{"name": "nixl", "containerPort": 5600}]}
    assert "server-port" not in rules(Change(container=ports))


def test_a_picker_is_told_of_its_pool_as_old_releases_read_it() -> None:
    assert spellings("--pool-name") == ("--pool-name", "-poolName", "--poolName")
    picker = [item for item in changed(Change()) if item["kind"] == "Deployment"][1]
    (box,) = picker["spec"]["template"]["spec"]["containers"]
    args = [text.replace("--pool-name", "-poolName") for text in box["args"]]
    assert args != box["args"]
    assert "picker-pool" not in rules(Change(picker={"containers": [box | {"args": args}]}))


def test_an_inference_model_is_told_what_took_its_place() -> None:
    model = {
        "apiVersion": "inference.networking.x-k8s.io/v1alpha2",
        "kind": "InferenceModel",
        "metadata": {"name": "m", "namespace": "llm"},
    }
    messages = [message for rule, _, message in found(Change(objects=(model,))) if rule == "api-version"]
    assert len(messages) == 1
    assert "removed in v1.0 of GAIE; use InferenceObjective" in messages[0]


def test_a_secret_that_waits_for_its_value_gives_nothing_away() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "llm"},
        "stringData": {"token": "YOUR_TOKEN"},
    }
    assert "secret-data" not in rules(Change(objects=(secret,)))
