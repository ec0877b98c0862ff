"""docs/disaggregation.md: what each release calls the parts of prefill and decode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from krm_inference.domain.facts.disaggregation import DISAGGREGATION, THRESHOLD

from page_tables.markdown import table


def disaggregation(_: Path) -> Iterator[str]:
    """Yield what each release calls the parts of prefill and decode."""
    rows = []
    for name, one in DISAGGREGATION.items():
        flags = (f"{one.port_flag}=", f"{one.server_flag}=", one.connector_flag, one.plain_flag)
        plugins = (*(kind for _, kind in one.filters), one.handler, one.decider)
        source = f"estimated: {one.source}" if one.is_estimated else one.source
        cells = (
            f"`{name}`",
            f"`{one.proxy_image}`",
            *(" ".join(f"`{word}`" for word in part) for part in (flags, plugins)),
        )
        rows.append((*cells, f"`{one.threshold}`, {THRESHOLD} here (an estimate)", source))
    yield from table(("release", "proxy", "its flags", "plugins of the picker", "threshold", "from"), rows)
