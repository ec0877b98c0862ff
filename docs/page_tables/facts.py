"""docs/facts: when a kind, a flag, a plugin, a metric or a field came and went, and what breaks by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from krm_inference.commands.facts.release_facts import ORDER, Facts, of
from krm_inference.domain.facts import vllm_releases

from page_tables.markdown import said, table


def comings(_: Path) -> Iterator[str]:
    """Yield in which releases of the gateway each flag, gate, key and plugin of a picker is, and each definition."""
    known = {name: of(name) for name in ORDER}
    pickers = [name for name in ORDER if "picker" in known[name]]
    yield from ("### Kinds", "")
    kinds = sorted({(kind, api) for facts in known.values() for kind, api in facts["definitions"].items()})
    rows = [
        (f"{kind} `{api}`", *("yes" if known[name]["definitions"].get(kind) == api else "" for name in ORDER))
        for kind, api in kinds
    ]
    yield from table(("defined by", *(f"`{name}`" for name in ORDER)), rows)
    parts: tuple[tuple[str, Callable[[Facts], Sequence[str]]], ...] = (
        ("Flags of the picker", lambda facts: facts["allFlags"]),
        ("Flags with which the picker exits", lambda facts: facts["refusedFlags"]),
        ("Keys of the configuration", lambda facts: facts["configuration"]["keys"]),
        ("Feature gates", lambda facts: facts["configuration"]["gates"]),
        ("Plugins", lambda facts: facts["configuration"]["plugins"]),
        ("Metrics of the picker", lambda facts: facts["metrics"]),
    )
    for title, part in parts:
        yield from ("", f"### {title}", "")
        found = sorted({one for name in pickers for one in part(known[name]["picker"])})
        rows = [
            (f"`{one}`", *("yes" if one in part(known[name]["picker"]) else "" for name in pickers)) for one in found
        ]
        yield from table(("", *(f"`{name}`" for name in pickers)), rows)
    yield from ("", "### Fields of the configuration, with their types", "")
    yield from said({name: known[name]["picker"]["configuration"]["fields"] for name in pickers})
    for kind in sorted({kind for facts in known.values() for kind in facts["fields"]}):
        having = {name: known[name]["fields"][kind] for name in ORDER if kind in known[name]["fields"]}
        yield from ("", f"### Fields of {kind.replace(' ', ' of `')}`, with type, limits, format and default", "")
        yield from said(having)


def breaks(_: Path) -> Iterator[str]:
    """Yield what is reported to break, by the release from which on it does."""
    rows = [(f"`{name}`", one["what"], one["instead"], one["source"]) for name in ORDER for one in of(name)["breaks"]]
    yield from table(("from", "what no longer works", "what to do", "source"), rows)


def vllm_names(_: Path) -> Iterator[str]:
    """Yield the flags, variables and metrics of vLLM that came or went, by their versions."""
    first, last = vllm_releases.FIRST, vllm_releases.LAST
    for title, prefix, versions in (
        ("Flags", "--", vllm_releases.FLAGS),
        ("Variables", "VLLM_", vllm_releases.VARIABLES),
        ("Metrics", "vllm:", vllm_releases.METRICS),
    ):
        yield from ("", f"### {title}", "")
        rows = [
            (
                f"0.{since}" if since > first else "before",
                f"0.{until}" if until < last else "",
                " ".join(f"`{name if name.startswith('-') else prefix + name}`" for name in found.split()),
            )
            for (since, until), found in versions.items()
            if (since, until) != (first, last)
        ]
        yield from table(("came with", "last in", "names"), rows)
