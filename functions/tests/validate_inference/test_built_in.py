"""Kubernetes' own kinds: what its API server refuses is an error at the field, and what it takes is none."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList, Result
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import validate_inference

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]
DEPLOYMENT: Json = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "web:v1",
                        "env": [{"name": "A", "value": "1"}],
                        "envFrom": [{"configMapRef": {"name": "web", "optional": True}}],
                        "ports": [{"name": "http", "containerPort": 80}, {"name": "grpc", "containerPort": 81}],
                        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 5},
                        "resources": {"limits": {"cpu": 1.5, "memory": "8Gi", "nvidia.com/gpu": 1}},
                        "volumeMounts": [{"name": "cache", "mountPath": "/cache"}, {"name": "shm", "mountPath": "/s"}],
                    }
                ],
                "terminationGracePeriodSeconds": 30,
                "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
                "volumes": [{"name": "cache"}, {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}],
            },
        },
    },
}
SERVICE: Json = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
}
SECRET: Json = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}, "data": {"key": "YQ=="}}
BINDING: Json = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "web", "namespace": "web"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
    "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "web"}],
}
ROUTE: Json = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "web"},
    "spec": {"parentRefs": [{"name": "web"}]},
}
BUDGET: Json = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web"},
    "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
}


def box(item: Json) -> Json:
    found: Json = item["spec"]["template"]["spec"]["containers"][0]
    return found


def pod(item: Json) -> Json:
    found: Json = item["spec"]["template"]["spec"]
    return found


# One fault each: the object, what is done to it, and the end of the path of the field that is told.
FAULTS: dict[str, tuple[Json, Callable[[Json], object], str]] = {
    "a field that is none": (DEPLOYMENT, lambda it: it["spec"].update(scale=1), "spec.scale"),
    "a field nearly right": (DEPLOYMENT, lambda it: it["spec"].update(replica=1), "spec.replica"),
    "a field of the Pod that is none": (DEPLOYMENT, lambda it: pod(it).update(gpu=1), "spec.gpu"),
    "a field of metadata that is none": (DEPLOYMENT, lambda it: it["metadata"].update(tier="a"), "metadata.tier"),
    "a number as text": (DEPLOYMENT, lambda it: it["spec"].update(replicas="2"), "spec.replicas"),
    "a text as number": (DEPLOYMENT, lambda it: box(it)["env"][0].update(value=1), "env[name=A].value"),
    "a list as map": (DEPLOYMENT, lambda it: pod(it).update(volumes={"name": "x"}), "spec.volumes"),
    "a map as text": (DEPLOYMENT, lambda it: box(it).update(resources="small"), "resources"),
    "no quantity": (DEPLOYMENT, lambda it: box(it)["resources"]["limits"].update(memory="8GB"), "limits.memory"),
    "no selector": (DEPLOYMENT, lambda it: it["spec"].pop("selector"), "spec.selector"),
    "no template": (DEPLOYMENT, lambda it: it["spec"].pop("template"), "spec.template"),
    "no containers": (DEPLOYMENT, lambda it: pod(it).update(containers=[]), "spec.containers"),
    "no spec of the Pod": (DEPLOYMENT, lambda it: it["spec"]["template"].pop("spec"), "template.spec"),
    "a name with capitals": (DEPLOYMENT, lambda it: box(it).update(name="Web"), "name"),
    "a name that is too long": (DEPLOYMENT, lambda it: box(it).update(name="w" * 64), "name"),
    "a key of a toleration": (DEPLOYMENT, lambda it: pod(it)["tolerations"][0].update(key="not a key!"), "key"),
    "a Secret's name": (
        DEPLOYMENT,
        lambda it: box(it)["env"].append({"name": "B", "valueFrom": {"secretKeyRef": {"name": "Not!", "key": "x"}}}),
        "secretKeyRef.name",
    ),
    "a Secret's key": (
        DEPLOYMENT,
        lambda it: box(it)["env"].append({"name": "B", "valueFrom": {"secretKeyRef": {"name": "x", "key": "Not!"}}}),
        "secretKeyRef.key",
    ),
    "a sleep below zero": (
        DEPLOYMENT,
        lambda it: box(it).update(lifecycle={"preStop": {"sleep": {"seconds": -1}}}),
        "sleep.seconds",
    ),
    "a port of a Service with capitals": (SERVICE, lambda it: it["spec"]["ports"][0].update(name="Http"), "name"),
    "a kind that is a map": (SERVICE, lambda it: it.update(kind={"a": "b"}), "kind"),
    "no image": (DEPLOYMENT, lambda it: box(it).pop("image"), "image"),
    "a name twice": (DEPLOYMENT, lambda it: pod(it)["containers"].append(box(it)), "containers[1].name"),
    "a volume twice": (DEPLOYMENT, lambda it: pod(it)["volumes"].append({"name": "shm"}), "volumes[2].name"),
    "a port's name twice": (DEPLOYMENT, lambda it: box(it)["ports"][1].update(name="http"), "ports[1].name"),
    "a mount twice": (
        DEPLOYMENT,
        lambda it: box(it)["volumeMounts"][1].update(mountPath="/cache"),
        "volumeMounts[1].mountPath",
    ),
    "a variable twice": (DEPLOYMENT, lambda it: box(it)["env"].append({"name": "A", "value": "2"}), "env[1].name"),
    "a port twice": (
        DEPLOYMENT,
        lambda it: box(it)["ports"][1].update(containerPort=80, protocol="TCP"),
        "ports[name=grpc].containerPort",
    ),
    "a finalizer twice": (DEPLOYMENT, lambda it: it["metadata"].update(finalizers=["a/b"] * 2), "finalizers[1]"),
    "a resource that is none": (DEPLOYMENT, lambda it: box(it)["resources"]["limits"].update(cpux=1), "limits.cpux"),
    "a variable from no field of the Pod": (
        DEPLOYMENT,
        lambda it: box(it)["env"].append({"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.nam"}}}),
        "fieldRef.fieldPath",
    ),
    "a label of a node that is none": (
        DEPLOYMENT,
        lambda it: pod(it).update(nodeSelector={"kind": "not a label"}),
        "nodeSelector.kind",
    ),
    "a ServiceAccount that is none": (BINDING, lambda it: it["subjects"][0].update(name="Not!"), "subjects[0].name"),
    "a kind that can be none": (ROUTE, lambda it: it.update(kind="Not_A_Name!"), "kind"),
    "two handlers": (
        DEPLOYMENT,
        lambda it: box(it)["readinessProbe"].update(tcpSocket={"port": 80}),
        "readinessProbe.tcpSocket",
    ),
    "no handler": (DEPLOYMENT, lambda it: box(it)["readinessProbe"].pop("httpGet"), "readinessProbe"),
    "a probe below zero": (
        DEPLOYMENT,
        lambda it: box(it)["readinessProbe"].update(periodSeconds=-1),
        "readinessProbe.periodSeconds",
    ),
    "no port": (DEPLOYMENT, lambda it: box(it)["ports"][0].update(containerPort=70000), "containerPort"),
    "a strategy that is none": (DEPLOYMENT, lambda it: it["spec"]["strategy"].update(type="Rolling"), "strategy.type"),
    "Recreate with rollingUpdate": (
        DEPLOYMENT,
        lambda it: it["spec"]["strategy"].update(type="Recreate"),
        "strategy.rollingUpdate",
    ),
    "nothing may move": (
        DEPLOYMENT,
        lambda it: it["spec"]["strategy"]["rollingUpdate"].update(maxSurge=0),
        "rollingUpdate.maxUnavailable",
    ),
    "value and valueFrom": (
        DEPLOYMENT,
        lambda it: box(it)["env"][0].update(valueFrom={"fieldRef": {"fieldPath": "metadata.name"}}),
        "valueFrom",
    ),
    "an empty valueFrom": (DEPLOYMENT, lambda it: box(it)["env"].append({"name": "B", "valueFrom": {}}), "valueFrom"),
    "an empty envFrom": (DEPLOYMENT, lambda it: box(it)["envFrom"].append({}), "envFrom[1]"),
    "a key without a name": (
        DEPLOYMENT,
        lambda it: box(it)["env"].append({"name": "B", "valueFrom": {"secretKeyRef": {"key": "x"}}}),
        "secretKeyRef.name",
    ),
    "two sources of a volume": (
        DEPLOYMENT,
        lambda it: pod(it)["volumes"][1].update(configMap={"name": "x"}),
        "configMap",
    ),
    "a toleration without key": (
        DEPLOYMENT,
        lambda it: pod(it)["tolerations"].append({"operator": "Equal", "value": "x"}),
        "operator",
    ),
    "another restart policy": (DEPLOYMENT, lambda it: pod(it).update(restartPolicy="Never"), "restartPolicy"),
    "a deadline too short": (DEPLOYMENT, lambda it: it["spec"].update(minReadySeconds=600), "progressDeadlineSeconds"),
    "a device without its limit": (
        DEPLOYMENT,
        lambda it: box(it).update(resources={"requests": {"nvidia.com/gpu": 1}}),
        "nvidia.com/gpu]",
    ),
    "a Service without ports": (SERVICE, lambda it: it["spec"].pop("ports"), "spec.ports"),
    "two ports without names": (SERVICE, lambda it: it["spec"]["ports"].append({"port": 81}), "ports[1].name"),
    "a key that is no base64": (SECRET, lambda it: it["data"].update(key="not base64"), "data.key"),
    "both bounds of a budget": (BUDGET, lambda it: it["spec"].update(maxUnavailable=1), "spec.minAvailable"),
}


def errors(item: Json) -> list[Result]:
    resources = ResourceList([Resource(emitter.document(item))])
    validate_inference(resources)
    return [result for result in resources.results if result.severity == "error"]


@pytest.mark.parametrize("item", [DEPLOYMENT, SERVICE, SECRET, BUDGET, BINDING], ids=lambda item: item["kind"])
def test_what_the_server_takes_has_no_error(item: Json) -> None:
    assert [str(each) for each in errors(item)] == []


@pytest.mark.parametrize(("item", "change", "field"), FAULTS.values(), ids=FAULTS)
def test_what_the_server_refuses_is_an_error_at_the_field(
    item: Json, change: Callable[[Json], object], field: str
) -> None:
    broken = copy.deepcopy(item)
    change(broken)
    found = [each.field for each in errors(broken)]
    assert [each for each in found if each.endswith(field)], found


def test_the_table_is_what_the_schemas_say() -> None:
    if find_spec("kubernetes_validate") is None and not (ROOT / "build" / "schemas").is_dir():
        pytest.skip("the schemas are not here; `make tables` fetches them")
    run = subprocess.run(
        [sys.executable, ROOT / "functions" / "built_in_tables.py", "--check"],
        env={"PYTHONPATH": str(ROOT / "build" / "schemas")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


TAKEN: dict[str, tuple[Json, Callable[[Json], object]]] = {
    "one port by two protocols": (
        DEPLOYMENT,
        lambda it: box(it)["ports"].append({"containerPort": 80, "protocol": "UDP"}),
    ),
    "a label of the Pod": (
        DEPLOYMENT,
        lambda it: box(it)["env"].append(
            {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app.kubernetes.io/name']"}}}
        ),
    ),
    "huge pages": (DEPLOYMENT, lambda it: box(it)["resources"]["limits"].update({"hugepages-2Mi": "64Mi"})),
    "an empty label of a node": (DEPLOYMENT, lambda it: pod(it).update(nodeSelector={"node.example.com/gpu": ""})),
    "a user of any name": (BINDING, lambda it: it["subjects"].append({"kind": "User", "name": "Jane Doe"})),
}


@pytest.mark.parametrize(("item", "change"), TAKEN.values(), ids=TAKEN)
def test_what_looks_alike_and_is_taken_has_no_error(item: Json, change: Callable[[Json], object]) -> None:
    changed = copy.deepcopy(item)
    change(changed)
    assert [str(each) for each in errors(changed)] == []
