"""docs/platforms.md: platforms, their nodes, and the accelerators on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.nodes import NODES, Nodes
from krm_inference.domain.facts.partitions import PARTITIONS
from krm_inference.domain.facts.platforms import PLATFORMS

from page_tables import ROOT
from page_tables.markdown import named, table

# What benchmarks/gpu measured.
_MEASURED = ("nvidia-h200-141gb",)


def platforms(_: Path) -> Iterator[str]:
    """Yield what differs from one platform to another."""
    rows = []
    for name, here in PLATFORMS.items():
        taints = ["the resource's name", *(f"`{key}={value}`" for key, value in here.taints)]
        labels = [f"`{label}`" for label in (here.accelerator_label, here.count_label) if label]
        collector = f"PodMonitoring, read by `{'` in `'.join(here.collector)}`" if here.collector else "PodMonitor"
        requests = named(here.default_requests) or "none"
        user = "of the image, or as said" if here.fixed_users else "of the namespace's range"
        rows.append((f"`{name}`", " and ".join(labels), ", ".join(taints), collector, requests, user, here.source))
    head = ("platform", "labels of GPU nodes", "taints", "monitors", "requests that it writes into containers without")
    yield from table((*head, "users of Pods", "source"), rows)


def support(_: Path) -> Iterator[str]:
    """Yield each platform with each class of Gateways: the package, or nothing where the pair is refused."""
    classes = [name for name, known in CLASSES.items() if not known.lacks]
    rows = [(f"`{platform}`", *(_cell(platform, name) for name in classes)) for platform in PLATFORMS]
    yield from table(("", *(f"`{name}`" for name in classes)), rows)


def _cell(platform: str, name: str) -> str:
    if CLASSES[name].is_gke and not PLATFORMS[platform].is_gke:
        return "refused"
    is_base = (platform, name) == (next(iter(PLATFORMS)), next(iter(CLASSES)))
    return f"[yes](../tests/{'golden/gaie-v1.0' if is_base else f'platforms/{platform}-{name}'})"


def accelerator_nodes(_: Path) -> Iterator[str]:
    """Yield by which label each platform tells the nodes of each accelerator, with the numbers of GPUs of a machine."""
    rows = []
    for kind, known in ACCELERATORS.items():
        machines = _machines(known.machines)
        on_gke = (f"`{kind}`: {machines}" if known.backend != "cpu" else machines) if machines else "by `nodeSelector`"
        elsewhere = (_nodes(NODES[name].get(kind)) for name in ("kubernetes", "eks", "aks"))
        is_refused = BACKENDS[known.backend].is_gke_only
        rows.append((f"`{kind}`", on_gke, *(("refused",) * 3 if is_refused else elsewhere)))
    yield from table(("accelerator", "GKE", "plain Kubernetes, OpenShift", "EKS", "AKS"), rows)


def accelerator_figures(_: Path) -> Iterator[str]:
    """Yield what each accelerator has, by which vLLM it is used, and where the figures are from."""
    rows = []
    for kind, known in ACCELERATORS.items():
        figures = (known.memory, known.bandwidth, known.bf16, known.fp8, known.link)
        measured = "yes" if kind in _MEASURED else "no"
        rows.append((f"`{kind}`", known.backend, *(f"{figure:g}" for figure in figures), measured, known.source))
    head = ("accelerator", "vLLM for", "GiB", "GB/s", "BF16 TFLOPS", "FP8 TFLOPS", "link GB/s", "measured", "source")
    yield from table(head, rows)


def backends(_: Path) -> Iterator[str]:
    """Yield for which hardware vLLM is built: resource, image, and what is refused there."""
    rows = []
    for name, here in BACKENDS.items():
        lacks = "; ".join(f"`{field}`: {reason}" for field, reason in here.lacks.items()) or "nothing"
        resource = f"`{here.resource}`" if here.resource else "none"
        rows.append((name, resource, f"`{here.image}`" if here.image else "the release's", lacks, here.source))
    yield from table(("vLLM for", "resource", "image", "refused", "source"), rows)


def slices(_: Path) -> Iterator[str]:
    """Yield the slices into which MIG cuts each GPU."""
    rows = [(f"`{kind}`", ", ".join(f"`{name}`" for name in row)) for kind, row in PARTITIONS.items()]
    yield from table(("accelerator", "`accelerator.partition`"), rows)


def hardware(_: Path) -> Iterator[str]:
    """Yield the golden packages of accelerators."""
    rows = [(f"[{name}](../tests/accelerators/{name})", *texts) for name, texts in _hardware()]
    yield from table(("package", "platform", "`accelerator`"), rows)


def _hardware() -> Iterator[tuple[str, tuple[str, str]]]:
    for file in sorted((ROOT / "tests" / "accelerators").glob("*/llm.yaml")):
        spec = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]
        said = ", ".join(f"`{key}: {value}`" for key, value in spec["accelerator"].items())
        yield file.parent.name, (f"`{spec['platform']}`", said)


def _nodes(here: Nodes | None) -> str:
    if here is None:
        return "by `nodeSelector`"
    if not any((here.value, here.label, *here.machines.values())):
        return "any node"
    value = f"`{here.label}={here.value}`" if here.label else f"`{here.value}`"
    return ": ".join(part for part in (value if here.value else "", _machines(here.machines)) if part)


def _machines(machines: dict[int, str]) -> str:
    return ", ".join(f"{count} in `{name}`" for count, name in machines.items() if name)
