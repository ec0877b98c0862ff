"""A restricted server: what it gets, and that a baseline one has none of it but what its user wrote."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, ResourceList

RESTRICTED = ("spec:\n", "spec:\n  security: restricted\n")
POD = "spec.template.spec"
VLLM = f"{POD}.containers[name=vllm]"

Functions = dict[str, Callable[[ResourceList], None]]


def _server(functions: Functions, intent: str, before: Resource | None = None) -> Resource:
    resources = ResourceList([Resource(intent, path="llm.yaml"), *([before] if before else [])])
    functions["generate_model_server"](resources)
    assert not resources.results.failed
    return next(item for item in resources if item.kind == "Deployment")


def test_a_server_that_is_restricted_no_more_is_as_one_that_never_was(least: str, functions: Functions) -> None:
    never = _server(functions, least)
    restricted = _server(functions, least.replace(*RESTRICTED))
    assert restricted.get(f"{POD}.securityContext.runAsUser") == 65532
    assert restricted.get(f"{VLLM}.securityContext.readOnlyRootFilesystem") is True
    assert _server(functions, least, restricted).data == never.data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{POD}.securityContext.runAsUser", 1000),
        (f"{POD}.securityContext.runAsNonRoot", True),
        (f"{VLLM}.securityContext.readOnlyRootFilesystem", True),
        (f"{VLLM}.env[name=HOME].value", "/data/home"),
    ],
)
def test_a_baseline_server_keeps_what_its_user_wrote(
    path: str, value: object, least: str, functions: Functions
) -> None:
    server = _server(functions, least)
    server.set(path, value)
    assert _server(functions, least, server).get(path) == value
    assert _server(functions, least.replace(*RESTRICTED), server).get(path) != 1000


def test_volumes_cover_what_a_restricted_server_writes_to(least: str, functions: Functions) -> None:
    """Its home, its cache, /tmp and /dev/shm are volumes, and every volume that is mounted is there."""
    server = _server(functions, least.replace(*RESTRICTED))
    mounts = {mount["mountPath"]: mount["name"] for mount in server.get(f"{VLLM}.volumeMounts")}
    assert set(mounts) == {"/data", "/dev/shm", "/tmp"}
    assert set(mounts.values()) == {volume["name"] for volume in server.get(f"{POD}.volumes")}
    env = {variable["name"]: variable.get("value", "") for variable in server.get(f"{VLLM}.env")}
    assert all(env[name].startswith(tuple(mounts)) for name in ("HOME", "HF_HOME"))
