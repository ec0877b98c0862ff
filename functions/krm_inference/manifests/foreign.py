"""Documents that are no objects of a cluster: files of tools, values, templates, and patches that kustomize merges.

What lies in a repository beside manifests is left out of the rules and counted, and what can be read is checked.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import parser
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.document.tree import MAP

from krm_inference.manifests import groups
from krm_inference.manifests.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KUSTOMIZE = "kustomize.config.k8s.io"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
NO_OBJECT, TEMPLATE, PATCH = "without apiVersion and kind", "templates", "patches or parts of kustomize"
_TEMPLATE = pattern(r"\{\{|\{%|%\{|\$\{|<%")
_MADE_BY_HELM = pattern(r"\{\{[^{}]*\}\}")
_IS_PATCH = pattern(r"(?:\A|[-_.])patch(?:es)?(?:[-_.]|\Z)")
_OF_SPARK = ("spark-kubernetes-driver", "spark-kubernetes-executor")
_SELECTED = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
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
_TOOL_KINDS = frozenset(
    ("EndpointPickerConfig", "ControllerManagerConfig", "EnvoyGateway", "IstioOperator", "ConformanceReport")
)


def reason(data: dict[str, Any]) -> str:
    """Return why a document is no object of a cluster, "" where it may be one."""
    api, kind = data.get("apiVersion"), data.get("kind")
    if any(_is_filled_in(value) for value in (api, kind)):
        return TEMPLATE
    lacking = [value for value in (api, kind) if not (isinstance(value, str) and value)]
    if len(lacking) == 2 or (lacking and not isinstance(data.get("metadata"), dict)):
        return NO_OBJECT
    if kind == "Pod" and _is_of_spark(data):
        return "of a tool (Pod template of Spark)"
    group = str(api).rpartition("/")[0]
    is_tool = group in _TOOL_GROUPS or str(kind) in _TOOL_KINDS or (api, kind) == ("v1", "Config")
    # What an API server takes has a name; a file of a tool of its own group has no metadata at all.
    is_own = group in groups.FOR_TOOLS or bool(groups.kinds_of(group))
    is_tool = is_tool or ("metadata" not in data and "." in group and not is_own)
    if is_tool:
        return f"of a tool (kind {kind})"
    metadata = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
    named = (metadata.get("name"), metadata.get("namespace"))
    if any(isinstance(value, str) and _MADE_BY_HELM.search(value) for value in named):
        return TEMPLATE
    return PATCH if _is_part(group, data) else ""


def _is_filled_in(value: object) -> bool:
    """Say whether a tool writes a value; `{{ .Kind }}` without quotes is a map of maps to YAML, with no value."""
    if isinstance(value, dict):
        return bool(value) and not any(value.values())
    return isinstance(value, str) and bool(_TEMPLATE.search(value))


def _is_part(group: str, data: dict[str, Any]) -> bool:
    """Say whether a document can only be meant to be merged into another: no cluster would take it alone."""
    if "$patch" in data:
        return True
    spec = data.get("spec")
    if group != "apps" or data.get("kind") not in _SELECTED or not isinstance(spec, dict) or "selector" in spec:
        return False
    template = spec.get("template")
    pod = template.get("spec") if isinstance(template, dict) else None
    containers = pod.get("containers") if isinstance(pod, dict) else None
    if not isinstance(containers, list):
        return True
    return any(isinstance(each, dict) and ("image" not in each or "$patch" in each) for each in containers)


def is_patch(path: str) -> bool:
    """Say whether a file is called a patch; one that a Kustomization names among its resources is none."""
    return bool(_IS_PATCH.search(posixpath.basename(path).rpartition(".")[0].lower()))


def charts(others: Iterable[tuple[Resource, str]]) -> set[str]:
    """Return the folders of Helm's templates, each beside a Chart.yaml."""
    paths = (place(resource) for resource, _ in others)
    return {posixpath.join(posixpath.dirname(path), "templates") for path in paths if path.endswith("Chart.yaml")}


def _is_of_spark(pod: dict[str, Any]) -> bool:
    """Say whether a Pod is a template to which Spark adds image and command, by the container that it adds them to.

    Source: apache/spark, docs/running-on-kubernetes.md, Pod template.
    """
    spec = pod.get("spec")
    containers = spec.get("containers") if isinstance(spec, dict) else None
    return any(
        isinstance(each, dict) and each.get("name") in _OF_SPARK and not each.get("image")
        for each in (containers if isinstance(containers, list) else ())
    )


def unread(resource: Resource) -> str:
    """Return why a document that is no map is no object, "" where it should have been one and cannot be read."""
    if _TEMPLATE.search(resource.text):
        return TEMPLATE
    try:
        root = parser.parse(resource.text)
    except YamlFault:
        return ""
    return "" if root.kind == MAP else NO_OBJECT


def is_template(resource: Resource) -> bool:
    """Say whether a tool fills in a part of the document, which may be its name as well."""
    return bool(_TEMPLATE.search(resource.text))


def place(resource: Resource) -> str:
    """Return the path of a document, whatever it holds, "" where it has none."""
    try:
        return resource.path or ""
    except YamlFault:
        return ""


def is_kustomization(path: str | None) -> bool:
    """Say whether kustomize reads the file by its name, with or without apiVersion and kind."""
    return posixpath.basename(path or "") in KUSTOMIZATIONS


def kustomizations(
    for_tools: Iterable[Object], others: Iterable[tuple[Resource, str]]
) -> list[tuple[str, dict[str, Any]]]:
    """Return path and content of each Kustomization: of those with a kind, and of those without."""
    return [
        *((item.resource.path or "", item.field.map) for item in for_tools if item.group == KUSTOMIZE),
        *((path, each.data) for each, _ in others if is_kustomization(path := place(each))),
    ]


def resources(path: str, data: dict[str, Any]) -> Iterator[str]:
    """Yield the files that a Kustomization takes objects from; it may name folders as well."""
    for name in entries(data, "resources"):
        if _is_file(name) and "://" not in name and name.endswith((".yaml", ".yml", ".json")):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def patches(path: str, data: dict[str, Any]) -> Iterator[str]:
    """Yield the files that a Kustomization merges into others or reads as configuration, which are no objects."""
    folder = posixpath.dirname(path)
    for name in _named(data):
        yield posixpath.normpath(posixpath.join(folder, name))


def _named(data: dict[str, Any]) -> Iterator[str]:
    for key in ("patches", "patchesJson6902", "replacements"):
        yield from (
            item["path"] for item in entries(data, key) if isinstance(item, dict) and _is_file(item.get("path"))
        )
    for key in ("patchesStrategicMerge", "configurations", "transformers", "generators", "crds"):
        yield from (item for item in entries(data, key) if _is_file(item))
    for item in entries(data, "helmCharts"):
        if isinstance(item, dict) and _is_file(item.get("valuesFile")):
            yield item["valuesFile"]


def entries(data: dict[str, Any], key: str) -> list[Any]:
    """Return the entries of a list of a Kustomization, none where it has no such list."""
    found = data.get(key)
    return found if isinstance(found, list) else []


def _is_file(value: object) -> bool:
    return isinstance(value, str) and "\n" not in value and bool(value)
