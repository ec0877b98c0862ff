"""Real endpoint pickers, run as a kubelet would run the Pods of a Deployment that is on the cluster."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS

from tests.judge import components
from tests.judge.cluster import Cluster
from tests.judge.process import Exited, Process, free_port, listens

Object = dict[str, Any]
# The text of each file below each mountPath.
Files = dict[str, dict[str, str]]
# The label that our pickers' Deployments select by, and the container's name.
SELECTOR, CONTAINER = "inferencepool", "epp"


class Unfit(Exception):
    """What a Deployment asks for is not there, or its picker does not start with it."""


class Waits(Unfit):
    """A ConfigMap that a Deployment mounts is not there yet: the kubelet starts no container until it is."""


class Ports(NamedTuple):
    """Where one picker listens: on one machine no two may share a port, so these are flags behind its own."""

    grpc: int
    health: int
    metrics: int

    def flags(self) -> list[str]:
        return [
            f"--grpc-port={self.grpc}",
            f"--grpc-health-port={self.health}",
            f"--metrics-port={self.metrics}",
        ]


def release_of(image: str) -> str | None:
    """Return the release whose picker an image is; None where it is none of ours."""
    return next((name for name, release in RELEASES.items() if release.picker_image == image), None)


def is_picker(one: Object) -> bool:
    return one["kind"] == "Deployment" and SELECTOR in one["spec"]["selector"]["matchLabels"]


def container(deployment: Object) -> Object:
    found: list[Object] = deployment["spec"]["template"]["spec"]["containers"]
    return next(each for each in found if each["name"] == CONTAINER)


def mounted(cluster: Cluster, deployment: Object) -> Files:
    """Return what stands below each mountPath: the data of the ConfigMaps as the cluster has them now."""
    namespace, pod = deployment["metadata"]["namespace"], deployment["spec"]["template"]["spec"]
    names = {volume["name"]: volume["configMap"]["name"] for volume in pod.get("volumes", ()) if "configMap" in volume}
    found = {}
    for mount in container(deployment).get("volumeMounts", ()):
        if mount["name"] not in names:
            continue
        meta = {"name": names[mount["name"]], "namespace": namespace}
        answer = cluster.admin.get({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
        if not answer.taken:
            raise Waits(f"ConfigMap {meta['name']}, which {deployment['metadata']['name']} mounts: {answer.message}")
        found[mount["mountPath"]] = answer.body.get("data", {})
    return found


class Picker:
    """One running picker."""

    def __init__(
        self, cluster: Cluster, deployment: Object, token: str, pod: str = "picker-0", files: Files | None = None
    ) -> None:
        release = release_of(container(deployment)["image"])
        if release not in components.PICKERS:
            raise LookupError(f"no program for {container(deployment)['image']}")
        self.ports = Ports(free_port(), free_port(), free_port())
        self.folder = Path(tempfile.mkdtemp(prefix="judge-picker-", dir=cluster.folder))
        args = arguments(deployment, pod)
        for path, data in (mounted(cluster, deployment) if files is None else files).items():
            here = self.folder / "mounts" / path.strip("/")
            here.mkdir(parents=True)
            for key, text in data.items():
                (here / key).write_text(text, encoding="utf-8")
            args = [re.sub(rf"(?<=[= ]){re.escape(path)}(?=/|$)", str(here), arg) for arg in args]
        config = cluster.kubeconfig(token, self.folder.name)
        command = [str(components.picker(release)), *args, *self.ports.flags()]
        env = {**variables(deployment, pod), "KUBECONFIG": str(config)}
        self.process = Process(f"picker {release}", command, self.folder / "picker.log", env)

    def wait(self, seconds: float = 30) -> None:
        """Return when it takes requests; raise Exited where it ends instead."""
        self.process.wait_until(lambda: listens(self.ports.grpc) and listens(self.ports.health), seconds)

    def stop(self) -> None:
        self.process.stop(grace=3)


def variables(deployment: Object, pod: str) -> dict[str, str]:
    """Return the environment that the Pod's container gets."""
    fields = {"metadata.namespace": deployment["metadata"]["namespace"], "metadata.name": pod}
    return {
        each["name"]: each["value"] if "value" in each else fields[each["valueFrom"]["fieldRef"]["fieldPath"]]
        for each in container(deployment).get("env", ())
    }


def arguments(deployment: Object, pod: str) -> list[str]:
    """Return the arguments with $(NAME) replaced, as a kubelet does."""
    known = variables(deployment, pod)
    return [
        re.sub(r"\$\(([^)]+)\)", lambda found: known.get(found[1], found[0]), arg)
        for arg in container(deployment).get("args", ())
    ]


def waits(cluster: Cluster, deployment: Object) -> bool:
    """Say whether a Pod of a Deployment would wait for what it mounts, instead of starting a picker."""
    try:
        mounted(cluster, deployment)
    except Waits:
        return True
    return False


_TRIED: dict[str, str] = {}


def fits(cluster: Cluster, deployment: Object) -> str:
    """Start the picker of a Deployment with what it mounts now; return why it does not run, "" where it does.

    A picker that has no program here is judged by the apiVersion of its configuration alone.
    """
    try:
        files = mounted(cluster, deployment)
    except Unfit as fault:
        return str(fault)
    image = container(deployment)["image"]
    key = repr((image, container(deployment).get("args"), variables(deployment, "picker-0"), files))
    if key not in _TRIED:
        _TRIED[key] = _start(cluster, deployment, image, files)
    return _TRIED[key]


def _start(cluster: Cluster, deployment: Object, image: str, files: Files) -> str:
    release = release_of(image)
    if release is None:
        return f"no release has the image {image}"
    if release not in components.PICKERS:
        read = PICKER_CONFIGS[release].apis
        apis = [yaml.safe_load(text)["apiVersion"] for data in files.values() for text in data.values()]
        return "" if apis and all(api in read for api in apis) else f"{image} reads {read}, and finds {apis}"
    picker = Picker(cluster, deployment, cluster.admin.token, files=files)
    try:
        picker.wait()
    except Exited as fault:
        return f"{image}: {fault}"
    finally:
        picker.stop()
    return ""
