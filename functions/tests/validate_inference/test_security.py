"""Rules about credentials, images and privileges: what is said, where and what not, and that no secret is shown."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from cases import POD, VLLM, Case, Change, changed
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import validate_inference

CLEAR = "correct-horse-battery"
REFERENCE = {"secretKeyRef": {"name": "made-elsewhere", "key": "token"}}


def env(name: str, value: str = CLEAR, *more: dict[str, Any]) -> Change:
    return Change(container={"env": [{"name": name, "value": value}, *more]})


def config_map(key: str, value: str = CLEAR) -> Change:
    return Change(objects=({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {key: value}},))


def secret(**fields: Any) -> Change:
    return Change(objects=({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, **fields},))


def context(**fields: Any) -> Change:
    return Change(container={"securityContext": fields})


def volume(**source: Any) -> Change:
    return Change(pod={"volumes": [{"name": "v", **source}]})


def ports(**fields: Any) -> Change:
    return Change(container={"ports": [{"name": "http", "containerPort": 8000, **fields}]})


def variable(name: str) -> str:
    return f"{VLLM}.env[name={name}].value"


CREDENTIALS = {
    "a token of Hugging Face": Case(
        "credential-name",
        env("HF_TOKEN"),
        variable("HF_TOKEN"),
        "a credential in plain text, judging by the name HF_TOKEN",
        Change(container={"env": [{"name": "HF_TOKEN", "valueFrom": REFERENCE}]}),
    ),
    "vLLM's key in a variable": Case(
        "credential-name",
        env("VLLM_API_KEY"),
        variable("VLLM_API_KEY"),
        "by the name VLLM_API_KEY",
        env("VLLM_API_KEY", ""),
    ),
    "any other password": Case(
        "credential-name", env("REDIS_PASSWORD"), variable("REDIS_PASSWORD"), "", env("REDIS_PASSWORD_FILE")
    ),
    "any other secret": Case(
        "credential-name", env("CLIENT_SECRET"), variable("CLIENT_SECRET"), "", env("IMAGE_PULL_SECRET")
    ),
    "a key of AWS, and a path": Case(
        "credential-name",
        env("AWS_SECRET_ACCESS_KEY"),
        variable("AWS_SECRET_ACCESS_KEY"),
        "",
        env("HF_TOKEN", "/var/run/token"),
    ),
    "what a client sends to a server that asks for no key": Case(
        "credential-name", env("OPENAI_API_KEY"), variable("OPENAI_API_KEY"), "", env("OPENAI_API_KEY", "EMPTY")
    ),
    "vLLM's key in a flag, and in a reference": Case(
        "credential-name",
        Change(args=(f"--api-key={CLEAR}",)),
        f"{VLLM}.args[--api-key]",
        "a credential in plain text, judging by the name --api-key",
        Change(args=("--api-key=$(KEY)",), container={"env": [{"name": "KEY", "valueFrom": REFERENCE}]}),
    ),
    "a key that a flag takes from a variable of another name": Case(
        "credential-name",
        Change(args=("--api-key=$(KEY)",), container={"env": [{"name": "KEY", "value": CLEAR}]}),
        variable("KEY"),
        "by the name --api-key",
        Change(args=("--num-scheduler-steps=3", "--reasoning-end-token=end-of-thought")),
    ),
    "a ConfigMap, and a count of tokens in one": Case(
        "credential-name",
        config_map("HF_TOKEN"),
        "data.HF_TOKEN",
        "a credential in plain text in a ConfigMap, judging by the key HF_TOKEN",
        config_map("max_output_token", "many"),
    ),
    "a Secret with data, and one that is to be filled": Case(
        "secret-data",
        secret(data={"token": "Y29ycmVjdA=="}),
        "data.token",
        "anyone who can read these manifests can read Secret",
        secret(type="kubernetes.io/service-account-token"),
    ),
    "a Secret with texts, and one that sops has encrypted": Case(
        "secret-data",
        secret(stringData={"token": CLEAR}),
        "stringData.token",
        "anyone who can read these manifests can read Secret",
        secret(stringData={"token": "ENC[AES256_GCM,data:x]"}, sops={"version": "3.9.0"}),
    ),
}
IMAGE = f"{VLLM}.image"
IMAGES = {
    f"an image {bad}": Case(
        "image-version", Change(image=bad), IMAGE, "names no version, so the image can change", Change(image=good)
    )
    for bad, good in {
        "vllm/vllm-openai:latest": "vllm/vllm-openai:v0.32.0",
        "vllm/vllm-openai": f"vllm/vllm-openai@sha256:{'0' * 64}",
        "vllm/vllm-openai:nightly": "vllm/vllm-openai:nightly-0123456789abcdef",
        "registry.example.com:5000/main/vllm-openai:main": "registry.example.com:5000/main/vllm-openai:v0.32.0",
    }.items()
}
CONTEXT = f"{VLLM}.securityContext"
PRIVILEGES = {
    "privileged": Case(
        "pod-privileges",
        context(privileged=True, allowPrivilegeEscalation=True, capabilities={"add": ["SYS_ADMIN"]}),
        f"{CONTEXT}.privileged",
        "root on the node",
        context(privileged=False),
    ),
    "escalation": Case(
        "pod-privileges",
        context(allowPrivilegeEscalation=True),
        f"{CONTEXT}.allowPrivilegeEscalation",
        "more rights",
        context(allowPrivilegeEscalation=False),
    ),
    "a capability outside of the baseline": Case(
        "pod-privileges",
        context(capabilities={"add": ["CHOWN", "SYS_ADMIN"]}),
        f"{CONTEXT}.capabilities.add[1]",
        "SYS_ADMIN",
        context(capabilities={"add": ["CHOWN"], "drop": ["ALL"]}),
    ),
    "a path of the node": Case(
        "pod-privileges",
        volume(hostPath={"path": "/var/run"}),
        f"{POD}.volumes[name=v].hostPath.path",
        "/var/run",
        volume(emptyDir={}),
    ),
    "a port of the node": Case(
        "pod-privileges",
        ports(hostPort=8000),
        f"{VLLM}.ports[name=http].hostPort",
        "hostPort opens port 8000 on the node",
        ports(hostPort=0),
    ),
} | {
    key: Case(
        "pod-privileges",
        Change(pod={key: True}),
        f"{POD}.{key}",
        "gives the Pod access to the node",
        Change(pod={key: False}),
    )
    for key in ("hostNetwork", "hostPID", "hostIPC")
}
CASES = CREDENTIALS | IMAGES | PRIVILEGES


SHAPED = "hf_" + "a" * 34


@pytest.mark.parametrize("value", [CLEAR, SHAPED])
@pytest.mark.parametrize(
    "script",
    [
        "--api-key {}",
        "--api-key={}",
        "--api-key '{}'",
        '--api-key "{}" --port 8000',
        "--max-model-len 4096 --api-key {}",
    ],
)
def test_a_credential_in_a_shell_script_is_found_once_and_not_shown(script: str, value: str) -> None:
    text = f"HF_TOKEN='{value}' exec vllm serve acme/chat {script.format(value)}"
    items = changed(Change())
    (container,) = next(item for item in items if item["kind"] == "Deployment")["spec"]["template"]["spec"][
        "containers"
    ]
    container |= {"command": ["sh", "-c"], "args": [text]}
    resources = ResourceList([Resource(emitter.document(item)) for item in items])
    validate_inference(resources)
    rules = [item.tags["rule"] for item in resources.results if item.tags["rule"].startswith("credential")]
    assert rules == ["credential-name" if value == CLEAR else "credential"]
    assert value not in yaml.safe_dump([item.to_dict() for item in resources.results], width=10**6)


@pytest.mark.parametrize("case", CREDENTIALS.values(), ids=CREDENTIALS)
def test_no_credential_is_shown(case: Case) -> None:
    resources = ResourceList([Resource(emitter.document(item)) for item in changed(case.bad)])
    validate_inference(resources)
    assert resources.results
    assert all(CLEAR not in str(item.to_dict()) and CLEAR not in str(item) for item in resources.results)
