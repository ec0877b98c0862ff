"""Versions of vLLM that cannot be known, so that no table of flags holds."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.vllm_releases import FIRST, LAST
from krm_inference.manifests.index import Index
from krm_inference.manifests.servers import Server, servers
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.unchecked import Unchecked, unchecked


def unknown_versions(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the servers whose image does not say a version of vLLM that is known."""
    found = (
        Unchecked("server", server.container.field["image"], server.container.image)
        for server in servers(index)
        if not _is_known(server)
    )
    yield from unchecked(
        found, "flags and variables are", f"the image names no version of vLLM from 0.{FIRST} to 0.{LAST}"
    )


def _is_known(server: Server) -> bool:
    return server.minor is not None or vllm.newest(server.container.image) is not None
