"""What manifests say of an endpoint picker and of the models that a pool rewrites."""

from __future__ import annotations

from typing import Any

from krm_inference.domain.facts.releases import Release
from krm_inference.manifests import files, groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import Picker

_SECONDS = "s"


def picker(index: Index, pool: Object, found: Picker | None, release: Release) -> dict[str, Any]:
    """Return `spec.picker` of a service with this pool and picker."""
    spec: dict[str, Any] = {}
    mode = pool.at("spec.endpointPickerRef.failureMode").text
    spec |= {"failureMode": mode} if mode else {}
    if found is None:
        return spec
    spec["image"] = found.container.image
    replicas = found.pod.object.at("spec.replicas").number
    spec |= {"replicas": replicas} if replicas else {}
    spec |= {"priorityClassName": name} if (name := found.pod.spec["priorityClassName"].text) else {}
    _, level = found.number("--v", -1)
    spec |= {"logLevel": level} if level is not None and level >= 0 else {}
    resources = found.container.field["resources"].map
    amounts = {part: dict(value) for part, value in resources.items() if isinstance(value, dict) and value}
    spec |= {"resources": amounts} if amounts else {}
    variables = {each["name"].text: each["value"].value for each in found.container.field["env"]}
    if endpoint := variables.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        ratio = variables.get("OTEL_TRACES_SAMPLER_ARG")
        spec["tracing"] = {"endpoint": endpoint, **({} if ratio is None else {"samplingRatio": _number(ratio)})}
    for config in files.picker_configs(index, found):
        spec |= _configuration(config, release)
    if release.saturation_env:
        named = {name: key for key, name in release.saturation_env.items()}
        settings = {named[name]: _number(value) for name, value in variables.items() if name in named}
        spec |= {"saturation": settings} if settings else {}
    return spec


def rewrites(index: Index, pool: Object) -> list[dict[str, Any]]:
    """Return `spec.rewrites` of a service with this pool."""
    found = []
    for item in index.of(*groups.REWRITES):
        if item.at("spec.poolRef.name").text != pool.name:
            continue
        for rule in item.at("spec.rules"):
            names = [match.at("model.value").text for match in rule["matches"]]
            targets = [
                {"model": target["modelRewrite"].text, **_some("weight", target["weight"].number)}
                for target in rule["targets"]
            ]
            found += [{"model": name, "targets": targets} for name in names if name and targets]
    return found


def _some(key: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {key: value}


def _configuration(config: Field, release: Release) -> dict[str, Any]:
    """Return weights, saturation and flow control of an EndpointPickerConfig."""
    kinds = {plugin["name"].text or plugin["type"].text: plugin["type"].text for plugin in config["plugins"]}
    scorers = {scorer.plugin: name for name, scorer in release.scorers.items()}
    profile = next(iter(config["schedulingProfiles"]), None)
    used = {
        kinds.get(each["pluginRef"].text, ""): each["weight"].number
        for each in (profile["plugins"] if profile is not None else ())
    }
    weights = {name: used.get(plugin, 0) for plugin, name in scorers.items()}
    spec: dict[str, Any] = {"weights": {name: 1 if weight is None else weight for name, weight in weights.items()}}
    for plugin in config["plugins"]:
        if plugin["type"].text == release.saturation_plugin and plugin["parameters"].map:
            names = {name: key for key, name in release.saturation_parameters.items()}
            said = plugin["parameters"].map.items()
            spec["saturation"] = {names[name]: value for name, value in said if name in names}
    if release.flow_control in [gate.value for gate in config["featureGates"]]:
        spec["flowControl"] = _flow(config["flowControl"], release)
    return spec


def _flow(limits: Field, release: Release) -> dict[str, Any]:
    policies = {policy: name for name, policy in release.fairness.items()}
    spec = {key: limits[key].value for key in ("maxRequests", "maxBytes") if limits[key].exists}
    for key, name in (("defaultRequestTTL", "requestTTLSeconds"), ("noEndpointRequestTTL", "noEndpointTTLSeconds")):
        spec |= _some(name, _whole_seconds(limits[key].text))
    spec |= _some("fairness", policies.get(limits["defaultPriorityBand"]["fairnessPolicyRef"].text))
    bands = [_band(band, policies) for band in limits["priorityBands"]]
    return {**spec, **({"bands": bands} if bands else {})}


def _band(band: Field, policies: dict[str, str]) -> dict[str, Any]:
    found = {key: band[key].value for key in ("priority", "maxRequests", "maxBytes") if band[key].exists}
    found |= _some("requestTTLSeconds", _whole_seconds(band["defaultRequestTTL"].text))
    return found | _some("fairness", policies.get(band["fairnessPolicyRef"].text))


def _whole_seconds(text: str) -> int | None:
    number = text.removesuffix(_SECONDS)
    return int(number) if number.isdecimal() and number != text else None


def _number(value: Any) -> Any:
    text = str(value)
    return int(text) if text.isdecimal() else float(text) if text.replace(".", "", 1).isdecimal() else value
