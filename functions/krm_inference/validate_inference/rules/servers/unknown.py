"""Engines whose flags are in no table."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.engines import engines
from krm_inference.manifests.index import Index
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.unchecked import Unchecked, unchecked


def unknown_engines(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the servers of other engines than vLLM."""
    found = (
        Unchecked(f"{engine.name} server", engine.container.field["image"], engine.container.image)
        for engine in engines(index)
    )
    yield from unchecked(found, "flags are", "the tables hold those of vLLM only")
