"""The facts of a release as one JSON value, made of the tables that the functions use."""

from __future__ import annotations

from typing import Any

from krm_inference.domain.facts import vllm, vllm_releases
from krm_inference.domain.facts.releases import RELEASES, Release, picker_lines, picker_tables
from krm_inference.domain.facts.releases.breakages import BREAKAGES
from krm_inference.domain.facts.releases.definitions import DEFINITIONS, NEEDED
from krm_inference.domain.facts.releases.estimated import ESTIMATED
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS, PickerConfig

FORMAT = 1
VLLM = "vllm-0."
# In the order in which one follows another; definitions alone stand after the last release of their project.
ORDER = tuple(DEFINITIONS)
Facts = dict[str, Any]


def names() -> tuple[str, ...]:
    """Return all that facts are known of: releases of the gateway, definitions, and minor versions of vLLM."""
    return (*ORDER, *(f"{VLLM}{minor}" for minor in range(vllm_releases.FIRST, vllm_releases.LAST + 1)))


def of(name: str) -> Facts:
    """Return the facts of one of `names()`. Raises KeyError."""
    if name.startswith(VLLM) and name in names():
        return _vllm(name, int(name.removeprefix(VLLM)))
    known = DEFINITIONS[name]
    facts: Facts = {
        "format": FORMAT,
        "name": name,
        "source": known.source,
        "definitions": dict(known.kinds),
        "fields": _fields(name),
        **({"notes": known.notes} if known.notes else {}),
        **({"estimated": ESTIMATED[name]} if name in ESTIMATED else {}),
        "breaks": [
            {"what": one.what, "instead": one.instead, "source": one.source} for one in BREAKAGES if one.release == name
        ],
    }
    if name in RELEASES:
        facts |= _release(RELEASES[name], NEEDED[name])
        facts["picker"]["configuration"] = _configuration(name, PICKER_CONFIGS[name], RELEASES[name])
        facts["picker"]["allFlags"] = picker_lines.said(picker_tables.FLAGS, name)
        facts["picker"]["metrics"] = picker_lines.said(picker_tables.METRICS, name)
        facts["chart"] = picker_lines.said(picker_tables.CHART, name)
    return facts


def _fields(name: str) -> Facts:
    """Return the fields of the kinds that a release defines, each with its type, limits, format and default."""
    found: Facts = {}
    for line in picker_lines.lines(picker_tables.FIELDS, name):
        api, kind, path, said = line.split(" ", 3)
        found.setdefault(f"{kind} {api}", {})[path] = said
    return found


def _vllm(name: str, minor: int) -> Facts:
    tables = {"flags": (vllm_releases.FLAGS, "--"), "variables": (vllm_releases.VARIABLES, "VLLM_"),
              "metrics": (vllm_releases.METRICS, "vllm:")}  # fmt: skip
    return {
        "format": FORMAT,
        "name": name,
        "source": f"the parser and the modules of the wheels of vllm 0.{minor}",
        "defaults": {"gpu-memory-utilization": vllm.utilization(minor)},
        **{
            key: sorted(
                name if name.startswith("-") else prefix + name
                for (first, last), found in table.items()
                if first <= minor <= last
                for name in found.split()
            )
            for key, (table, prefix) in tables.items()
        },
    }


def _release(release: Release, needed: tuple[tuple[str, ...], ...]) -> Facts:
    minor = vllm.minor(release.server_image)
    return {
        "needs": [list(row) for row in needed],
        "apis": release.apis,
        "images": {"picker": release.picker_image, "server": release.server_image, "syncer": release.syncer_image},
        "vllm": f"0.{minor}",
        "pool": {
            "targetPorts": release.most_target_ports,
            "appProtocol": release.app_protocol,
            "failureMode": release.failure_mode,
            "healthCheck": dict(release.health_check),
            "backendTimeoutSeconds": release.backend_timeout,
        },
        "requests": {"objectiveHeaders": list(release.read_headers)},
        "picker": {
            "flags": {text: value for text, _, value in (flag.text.partition("=") for flag in release.flags)},
            "refusedFlags": list(release.metric_flags_refused),
            "electionFlag": release.election_flag,
            "kvCacheMetric": release.kv_cache_metric,
            "weights": {name: one.weight if one.weight is not None else 1 for name, one in release.scorers.items()},
            "scorers": {name: one.plugin for name, one in release.scorers.items()},
            "flowControlGate": release.flow_control,
            "fairness": dict(release.fairness),
            "fairnessHeader": release.fairness_header,
            "saturationVariables": dict(release.saturation_env),
            "traces": release.trace_service,
            "resources": {part: dict(amounts) for part, amounts in release.resources.items()},
            "readiness": dict(release.probe),
            "strategy": release.strategy or "RollingUpdate",
            "serviceProtocol": release.service_protocol,
            "rights": [{key: list(value) for key, value in rule.items()} for rule in release.rules],
        },
        "lacks": dict(release.lacks),
    }


def _configuration(name: str, config: PickerConfig, release: Release) -> Facts:
    return {
        "source": config.source,
        "apis": list(config.apis),
        "keys": sorted(config.keys),
        "gates": sorted(config.gates),
        "weight": config.weight,
        "unknownParameter": "refused" if config.strict else "ignored",
        "saturationDetector": ".".join(release.saturation_field),
        "experimental": sorted(config.experimental),
        "fields": picker_lines.said(picker_tables.CONFIGURATION, name),
        "parameters": _parameters(name, config),
        "plugins": {
            kind: None if known is None else dict(sorted(known.items()))
            for kind, known in sorted(config.plugins.items())
        },
    }


def _parameters(name: str, config: PickerConfig) -> Facts:
    """Return the parameters of plugins that the release has, each with type and default, as far as sources tell."""
    found: Facts = {}
    for line in picker_lines.lines(picker_tables.PARAMETERS, name):
        kind, _, rest = line.partition(" ")
        if kind in config.plugins:
            parameter, of, *default = rest.split(" ", 2)
            found.setdefault(kind, {})[parameter] = {"type": of, **({"default": default[0]} if default else {})}
    return found
