"""The packages side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from krm_functions_sdk import Resource
from krm_inference.domain import intent, roles
from krm_inference.domain.service import KIND, LLMService

from page_tables import ROOT
from page_tables.markdown import table

PACKAGES = ROOT / "packages"


def packages(folder: Path) -> Iterator[str]:
    """Yield the packages side by side: what each takes, and what it gives by the sums that its files hold."""
    rows = []
    for root in sorted(path.parent for path in PACKAGES.glob("*/Kptfile")):
        services = [_service(file) for file in sorted(root.glob("*.yaml")) if _holds(file, KIND)]
        link = f"[{root.name}]({(root / 'README.md').relative_to(folder)})"
        if not services:
            rows.append((link, "", "", _cluster(root), "", "", "", ""))
            continue
        numbers = [roles.of(service)[0].sizing for service in services]  # of what answers
        rows.append(
            (
                link,
                ", ".join(f"`{service.model}`" for service in services),
                " and ".join(dict.fromkeys(f"`{service.spec['platform']}`" for service in services)),
                " + ".join(_units(part) for service in services for part in roles.of(service)),
                " + ".join(f"{one.sequences}" for one in numbers),
                " + ".join(f"{one.tokens_per_second:,.0f}" for one in numbers),
                " + ".join(f"{one.drain.answer_seconds:,.0f}" for one in numbers),
                " + ".join(f"{one.drain.grace_period}" for one in numbers),
            )
        )
    head = ("package", "model", "platform", "accelerators", "requests at once", "tokens/s", "longest answer s")
    yield from table((*head, "grace period s"), rows)


def _units(service: LLMService) -> str:
    kind = service.spec["accelerator"]["type"]
    if not service.backend.resource:
        return "no GPU"
    units = f"{service.spec['replicas']} × {service.gpus} × `{kind}`"
    return f"{units} for {service.role}" if service.role else units


def _cluster(root: Path) -> str:
    spec = yaml.safe_load((root / "cluster-intent.yaml").read_text(encoding="utf-8"))["spec"]
    said = (f"up to {one['maxNodes']} × {one.get('count', 1)} × `{one['type']}`" for one in spec["accelerators"])
    return ", ".join(said)


def _holds(file: Path, kind: str) -> bool:
    return f"\nkind: {kind}\n" in file.read_text(encoding="utf-8")


def _service(file: Path) -> LLMService:
    resource = Resource(file.read_text(encoding="utf-8"), path=file.name)
    return LLMService(resource, intent.schema().with_defaults(resource.data))
