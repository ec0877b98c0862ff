"""docs/releases.md: what differs between the releases, what each lacks, needs and rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from krm_functions_sdk.document import parser, tree
from krm_inference.domain.facts.releases import RELEASES, Release
from krm_inference.domain.facts.releases.definitions import DEFINITIONS, NEEDED
from krm_inference.domain.facts.releases.estimated import ESTIMATED
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS, PickerConfig

from page_tables.markdown import named, table


def releases(_: Path) -> Iterator[str]:
    """Yield what differs between the releases, a column for each."""
    facts: dict[str, Callable[[Release], object]] = {
        "source": lambda release: release.source,
        "InferencePool": lambda release: f"`{release.pool_api}`",
        "InferenceObjective": lambda release: f"`{release.objective_api}`",
        "InferenceModelRewrite": lambda release: f"`{release.rewrite_api}`" if release.rewrite_api else "none",
        "header of an objective": lambda release: ", ".join(f"`{name}`" for name in release.read_headers),
        "target ports of a pool": lambda release: f"up to {release.most_target_ports}",
        "`appProtocol` of the pool": lambda release: f"`{release.app_protocol}`" if release.app_protocol else "none",
        "while no picker answers": lambda release: f"`{release.failure_mode}`",
        "health check": lambda release: named(release.health_check) or "GKE's own times",
        "picker": lambda release: f"`{release.picker_image}`",
        "its configuration": lambda release: f"`{release.picker_config_api}`",
        "its flags": lambda release: ", ".join(f"`{flag.text.partition('=')[0]}`" for flag in release.flags),
        "flags with which it exits": lambda release: ", ".join(f"`{flag}`" for flag in release.metric_flags_refused),
        "KV-cache metric by itself": lambda release: f"`{release.kv_cache_metric}`",
        "weights": lambda release: named({name: one.weight or 1 for name, one in release.scorers.items()}),
        "flow control": lambda release: f"feature gate `{release.flow_control}`" if release.flow_control else "none",
        "tenants that take turns": lambda release: f"by `{release.fairness_header}`" if release.fairness else "none",
        "saturation": lambda release: (
            f"plugin `{release.saturation_plugin}`"
            if release.saturation_plugin
            else ", ".join(f"`{name}`" for name in release.saturation_env.values())
        ),
        "several replicas": lambda release: f"`{release.election_flag}`",
        "traces": lambda release: f"as `{release.trace_service}`" if release.trace_service else "none",
        "log level": lambda release: release.log_level if release.log_level is not None else "the picker's own",
        "its resources": lambda release: "; ".join(
            f"{part}: {named(amounts)}" for part, amounts in release.resources.items()
        ),
        "its roll-out": lambda release: f"`{release.strategy or 'RollingUpdate'}`",
        "ext-proc port": lambda release: f"`{release.service_protocol}`" if release.service_protocol else "no protocol",
        "scraped every": lambda release: release.scrape_interval,
        "vLLM": lambda release: f"`{release.server_image}`",
        "LoRA syncer": lambda release: f"`{release.syncer_image}`",
    }
    rows = [(name, *(str(fact(release)) or "none" for release in RELEASES.values())) for name, fact in facts.items()]
    yield from table(("", *(f"`{name}`" for name in RELEASES)), rows)


def lacks(_: Path) -> Iterator[str]:
    """Yield the fields that a release cannot do."""
    rows = [
        (f"`{name}`", f"`{field}`", reason)
        for name, release in RELEASES.items()
        for field, reason in release.lacks.items()
    ]
    yield from table(("release", "field", "reason"), rows)


def picker_configs(_: Path) -> Iterator[str]:
    """Yield the plugins of the pickers with their parameters, a column for each release."""
    configs = PICKER_CONFIGS.values()
    rows = [
        ("apiVersion", *(", ".join(f"`{name}`" for name in config.apis) for config in configs)),
        ("keys", *(", ".join(f"`{name}`" for name in config.keys) for config in configs)),
        ("feature gates", *(", ".join(f"`{name}`" for name in config.gates) or "none" for config in configs)),
        ("a weight", *(config.weight for config in configs)),
        ("an unknown parameter", *("refused" if config.strict else "ignored" for config in configs)),
        ("experimental", *(", ".join(f"`{kind}`" for kind in sorted(config.experimental)) for config in configs)),
        ("read in", *(config.source for config in configs)),
    ]
    kinds = {kind for config in configs for kind in config.plugins}
    rows += [(f"`{kind}`", *(_parameters(config, kind) for config in configs)) for kind in sorted(kinds)]
    yield from table(("", *(f"`{name}`" for name in PICKER_CONFIGS)), rows)


def _parameters(config: PickerConfig, kind: str) -> str:
    if kind not in config.plugins:
        return ""
    known = config.plugins[kind]
    if known is None:
        return "yes"
    return ", ".join(f"`{name}` {of}" for name, of in known.items()) or "no parameters"


def definitions(_: Path) -> Iterator[str]:
    """Yield which definitions a package of each release needs, and what each of these brings."""
    needed = [
        (f"`{name}`", " and ".join(" or ".join(f"`{one}`" for one in row) for row in rows))
        for name, rows in NEEDED.items()
    ]
    yield from table(("package of", "definitions of"), needed)
    yield ""
    rows = [
        (f"`{name}`", ", ".join(f"{kind} `{api}`" for kind, api in one.kinds.items()), one.source, one.notes)
        for name, one in DEFINITIONS.items()
    ]
    yield from table(("definitions", "kinds", "from", ""), rows)


def estimates(_: Path) -> Iterator[str]:
    """Yield what of a release was not read at its tag."""
    rows = [
        (f"`{name}`", f"`{path}`", rests_on) for name, parts in ESTIMATED.items() for path, rests_on in parts.items()
    ]
    yield from table(("release", "part of its facts", "rests on"), rows)


def differences(folder: Path) -> Iterator[str]:
    """Yield what the package has otherwise than the charts of the releases."""
    items = tree.value(parser.parse((folder / "chart-differences.yaml").read_text(encoding="utf-8")))
    rows = [
        ("`" + item["path"].replace("|", "\\|") + "`", ", ".join(item.get("only", ["all"])), item["reason"])
        for item in items
    ]
    yield from table(("kind and field (a pattern)", "release", "why"), rows)
