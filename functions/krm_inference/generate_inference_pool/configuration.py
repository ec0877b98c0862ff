"""The configuration that the endpoint picker reads: its plugins, their weights, and when a server counts as full."""

from __future__ import annotations

from krm_functions_sdk.document import emitter

from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.facts.releases import Release


def configuration(service: LLMService) -> str:
    """Return the EndpointPickerConfig of `service`, in the terms of its release."""
    release, wanted = service.release, service.spec["picker"]
    scorers = [(release.scorers[name].plugin, weight) for name, weight in _weights(service)]
    detectors = _detectors(service)
    gates = [release.flow_control] if "flowControl" in wanted else []
    apart, profiles = _profiles(service, [_scored(*scorer) for scorer in scorers])
    text: dict[str, Any] = {
        "apiVersion": release.picker_config_api,
        "kind": "EndpointPickerConfig",
        **({"featureGates": gates} if gates else {}),
        "plugins": [*({"type": plugin} for plugin, _ in scorers), *release.plugins, *apart, *detectors],
        "schedulingProfiles": profiles,
    }
    if detectors:
        *above, key = release.saturation_field
        _under(text, above)[key] = {"pluginRef": release.saturation_plugin}
    if flow := wanted.get("flowControl"):
        policies, limits = _flow(flow, release)
        text["plugins"] += [{"type": policy} for policy in policies]
        if limits:
            _under(text, ["flowControl"]).update(limits)
    return emitter.document(text)


def _profiles(service: LLMService, scored: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the plugins that prefill and decode take, and the profiles by which servers are chosen."""
    if "prefill" not in service.spec:
        return [], [{"name": "default", "plugins": scored}]
    from krm_inference.domain.facts.disaggregation import DISAGGREGATION

    known = DISAGGREGATION[service.spec["release"]]
    # The handler's profiles have by default the names of the parts.
    plugins: list[dict[str, Any]] = [
        *({"type": kind} for _, kind in known.filters),
        {"type": known.decider, "parameters": {known.threshold: service.spec["prefill"]["nonCachedTokens"]}},
        {"type": known.handler, "parameters": {"deciders": {"prefill": known.decider}}},
    ]
    return plugins, [{"name": part, "plugins": [{"pluginRef": kind}, *scored]} for part, kind in known.filters]


def _under(text: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """Return the mapping at `keys`, made where there is none."""
    for key in keys:
        text = text.setdefault(key, {})
    return text


def _weights(service: LLMService) -> list[tuple[str, int | None]]:
    """Return the scorers that count, by their names in the intent, with their weights."""
    own, wanted = service.release.scorers, service.spec["picker"]["weights"]
    weights = [(name, wanted.get(name, scorer.weight)) for name, scorer in own.items()]
    return [(name, weight) for name, weight in weights if weight != 0 and (name != "loraAffinity" or service.adapters)]


def _scored(plugin: str, weight: int | None) -> dict[str, Any]:
    return {"pluginRef": plugin, **({"weight": weight} if weight is not None else {})}


def _detectors(service: LLMService) -> list[dict[str, Any]]:
    release, wanted = service.release, service.saturation
    parameters = {name: wanted[key] for key, name in release.saturation_parameters.items() if key in wanted}
    return [{"type": release.saturation_plugin, "parameters": parameters}] if parameters else []


def _flow(wanted: dict[str, Any], release: Release) -> tuple[list[str], dict[str, Any]]:
    """Return the policies that are used, and the limits of all priorities together, of each, and of bands.

    A band that is written takes nothing from the default one, and keeps limits of the picker's own that act first
    (pkg/epp/flowcontrol/registry/config.go of GAIE v1.5.0 and of llm-d-router v0.10.0), so each says all.
    """
    shared: dict[str, Any] = {name: wanted[name] for name in ("maxRequests", "maxBytes", "fairness") if name in wanted}
    bands = [{"priority": one["priority"], **_band({**shared, **one}, release)} for one in wanted["bands"]]
    default = _band(shared, release)
    limits: dict[str, Any] = {name: wanted[name] for name in ("maxRequests", "maxBytes") if name in wanted}
    limits |= {"defaultPriorityBand": default} if default else {}
    limits |= {"priorityBands": sorted(bands, key=lambda band: -int(band["priority"]))} if bands else {}
    for name, key in (("requestTTLSeconds", "defaultRequestTTL"), ("noEndpointTTLSeconds", "noEndpointRequestTTL")):
        limits |= {key: f"{wanted[name]}s"} if name in wanted else {}
    used = dict.fromkeys(band["fairnessPolicyRef"] for band in (default, *bands) if "fairnessPolicyRef" in band)
    return list(used), limits


def _band(wanted: dict[str, Any], release: Release) -> dict[str, Any]:
    band: dict[str, Any] = {name: wanted[name] for name in ("maxRequests", "maxBytes") if name in wanted}
    if "requestTTLSeconds" in wanted:
        band["defaultRequestTTL"] = f"{wanted['requestTTLSeconds']}s"
    if policy := release.fairness.get(wanted.get("fairness", "")):
        band["fairnessPolicyRef"] = policy
    return band
