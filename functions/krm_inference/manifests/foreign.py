"""Documents that are no objects of a cluster: files of tools, values, templates, and patches that kustomize merges.

What lies in a repository beside manifests is left out of the rules and counted, and what can be read is checked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import parser
from krm_functions_sdk.document.tree import MAP

KUSTOMIZE = "kustomize.config.k8s.io"
NO_OBJECT, TEMPLATE, PATCH = "without apiVersion and kind", "templates", "patches or parts of kustomize"
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|<%")
# Groups of which tools read files and no API server serves a kind. Sources: kind v0.30, k3d v5.8, eksctl 0.2, skaffold
# v2.16, and the config APIs of Kubernetes 1.36 (staging/src/k8s.io/component-base and its neighbours).
_TOOL_GROUPS = frozenset(
    (
        *("kind.x-k8s.io", "k3d.io", "eksctl.io", "ctlptl.dev", "skaffold", "backstage.io", "tanka.dev"),
        *("kubeadm.k8s.io", "kubelet.config.k8s.io", "kubeproxy.config.k8s.io", "kubescheduler.config.k8s.io"),
        *("apiserver.config.k8s.io", "apiserver.k8s.io", "audit.k8s.io", "client.authentication.k8s.io"),
        *("kubecontrollermanager.config.k8s.io", "testing.kind.sigs.k8s.io", "kuttl.dev", "chainsaw.kyverno.io"),
    )
)
# Kinds of tools in groups that have objects as well, and kubectl's own configuration.
_TOOL_KINDS = frozenset(("EndpointPickerConfig", "ControllerManagerConfig"))


def reason(data: dict[str, Any]) -> str:
    """Return why a document is no object of a cluster, "" where it may be one."""
    api, kind = data.get("apiVersion"), data.get("kind")
    if any(isinstance(value, dict) or (isinstance(value, str) and _TEMPLATE.search(value)) for value in (api, kind)):
        return TEMPLATE
    lacking = [value for value in (api, kind) if not (isinstance(value, str) and value)]
    if len(lacking) == 2 or (lacking and not isinstance(data.get("metadata"), dict)):
        return NO_OBJECT
    group = str(api).rpartition("/")[0]
    is_tool = group in _TOOL_GROUPS or str(kind) in _TOOL_KINDS or (api, kind) == ("v1", "Config")
    return f"of a tool (kind {kind})" if is_tool else ""


def unread(resource: Resource) -> str:
    """Return why a document that is no map is no object, "" where it should have been one and cannot be read."""
    if _TEMPLATE.search(resource.text):
        return TEMPLATE
    try:
        root = parser.parse(resource.text)
    except YamlFault:
        return ""
    return "" if root.kind == MAP else NO_OBJECT


def place(resource: Resource) -> str:
    """Return the path of a document, whatever it holds, "" where it has none."""
    try:
        return resource.path or ""
    except YamlFault:
        return ""


def is_kustomization(path: str | None) -> bool:
    """Say whether kustomize reads the file by its name, with or without apiVersion and kind."""
    return posixpath.basename(path or "") in ("kustomization.yaml", "kustomization.yml", "Kustomization")


def patches(path: str, data: dict[str, Any]) -> Iterator[str]:
    """Yield the files that a Kustomization merges into others or reads as configuration, which are no objects."""
    folder = posixpath.dirname(path)
    for name in _named(data):
        yield posixpath.normpath(posixpath.join(folder, name))


def _named(data: dict[str, Any]) -> Iterator[str]:
    for key in ("patches", "patchesJson6902", "replacements"):
        yield from (item["path"] for item in _items(data, key) if isinstance(item, dict) and _is_file(item.get("path")))
    for key in ("patchesStrategicMerge", "configurations", "transformers", "generators", "crds"):
        yield from (item for item in _items(data, key) if _is_file(item))
    for item in _items(data, "helmCharts"):
        if isinstance(item, dict) and _is_file(item.get("valuesFile")):
            yield item["valuesFile"]


def _items(data: dict[str, Any], key: str) -> list[Any]:
    found = data.get(key)
    return found if isinstance(found, list) else []


def _is_file(value: object) -> bool:
    return isinstance(value, str) and "\n" not in value and bool(value)
