"""docs/gateways.md: what is known of each class of Gateways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from krm_inference.domain.facts.gateway_classes import CLASSES

from page_tables.markdown import table


def classes(_: Path) -> Iterator[str]:
    """Yield what is known of each GatewayClass."""
    rows = [
        (
            f"`{name}`",
            known.lacks or ("yes; " + known.needs if known.needs else "yes"),
            "`networking.gke.io`" if known.is_gke else "none here",
            "on the route" if known.has_timeouts else ("GCPBackendPolicy" if known.is_gke else "none"),
            known.late_headers or "nothing known against it",
            f"by `{known.body_reader}`" if known.body_reader else "no way known",
            f"by `{known.token_policy}`" if known.token_policy else "no way known",
            known.grants or "not established",
            known.source,
        )
        for name, known in CLASSES.items()
    ]
    head = ("class", "InferencePool", "policies", "timeout of a request", "a route's header reaches the picker")
    yield from table((*head, "the model in a body", "tokens", "grant for a pool elsewhere", "source"), rows)
