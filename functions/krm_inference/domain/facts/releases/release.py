"""A release of the inference gateway: the groups, images, flags, plugins, rights and limits that belong together."""

from __future__ import annotations

from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


VIEW = ("get", "watch", "list")


class Flag(Record):
    """A flag of the picker as it is passed, and why, where that is no matter of course."""

    text: str
    reason: str = ""


class Scorer(Record):
    """A plugin that scores servers, and its weight; None leaves the picker's own, which is 1."""

    plugin: str
    weight: int | None = None


class Release(Record):
    """One release of the Gateway API Inference Extension or its successor, and the model server that fits it.

    `source` is the repository and tag that the facts come from. `version` is the value of the label
    app.kubernetes.io/version, as the chart writes it. APIs are `group/version`, "" where the release has none.

    Of the pool: `app_protocol` is "" where the CRD has no such field; `most_target_ports` is the CRD's limit.
    `health_check` are times of the HealthCheckPolicy; `backend_timeout` are the seconds that the chart gives a backend.

    Of requests: `objective_header` selects an InferenceObjective; `read_headers` are all that the picker reads for it.
    `flow_control` is the feature gate that queues requests by priority; without it all priorities from 0 on are equal.
    `fairness` are the policies between the tenants of one priority, by their name in the intent, but for the picker's
    own; `fairness_header` names the tenant of a request.

    Of the picker: `flags` in order; `election_flag` lets one of several replicas lead; `log_level` None passes no flag.
    `picker_config_suffix` follows the picker's name in that of its ConfigMap, in each release another one.
    `kv_cache_metric` is what it asks for by itself; with one of `metric_flags_refused` it exits. `scorers` have their
    names in `spec.picker.weights`; `plugins` are the configured ones that score nothing. `spec.picker.saturation` goes
    into variables (`saturation_env`) or into parameters of a plugin, which the configuration names at
    `saturation_field`. `trace_service` is the service name of its traces,
    "" where it emits none. `probe` are the times of its readiness. `pod_fields` are variables of the downward API.

    `lacks` are the fields of the intent that the release cannot do, each with the reason.
    """

    source: str
    version: str
    server_image: str
    syncer_image: str
    pool_api: str
    objective_api: str
    rewrite_api: str
    app_protocol: str
    failure_mode: str
    most_target_ports: int
    health_check: dict[str, int]
    backend_timeout: int
    objective_header: str
    read_headers: tuple[str, ...]
    flow_control: str
    fairness: dict[str, str]
    fairness_header: str
    picker_image: str
    picker_config_api: str
    picker_config_suffix: str
    flags: tuple[Flag, ...]
    election_flag: str
    log_level: int | None
    kv_cache_metric: str
    metric_flags_refused: tuple[str, ...]
    scorers: dict[str, Scorer]
    plugins: tuple[dict[str, Any], ...]
    saturation_env: dict[str, str]
    saturation_plugin: str
    saturation_parameters: dict[str, str]
    saturation_field: tuple[str, ...]
    trace_service: str
    mode_labels: dict[str, str]
    service_protocol: str
    strategy: str
    probe: dict[str, int]
    pod_fields: dict[str, str]
    resources: dict[str, dict[str, str | int]]
    rules: tuple[dict[str, Any], ...]
    scrape_interval: str
    lacks: dict[str, str]

    @property
    def apis(self) -> dict[str, str]:
        """The API of each kind that needs a definition and that a package may have."""
        return {
            "InferencePool": self.pool_api,
            "InferenceObjective": self.objective_api,
            **({"InferenceModelRewrite": self.rewrite_api} if self.rewrite_api else {}),
        }


def view(group: str, *resources: str) -> dict[str, Any]:
    """Return the rule that lets the picker see `resources` of `group`."""
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(VIEW)}
