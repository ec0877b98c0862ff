"""A dashboard for Grafana: what users of a service feel, and why, by metrics that its server and its picker have.

A panel stands for the first of its metrics that the version of vLLM or the release of the picker has, by the tables of
both; one that has none of them is left out. Grafana's sidecar loads ConfigMaps with the label (kube-prometheus-stack,
grafana.sidecar.dashboards); Managed Prometheus is read through the same queries.
"""

from __future__ import annotations

import json

from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.vllm_releases import LAST
from krm_inference.domain.generation import metadata
from krm_inference.domain.record import Record
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LABEL = {"grafana_dashboard": "1"}
_WIDTH, _HEIGHT, _COLUMNS = 8, 7, 3
# What a Deployment puts behind its name in those of its Pods: no other Deployment whose name begins alike is meant.
_POD = "-[^-]+-[^-]+"
_LONGEST_UID = 40  # Grafana's
_QUANTILES = (0.5, 0.95)


class Panel(Record):
    """One panel.

    `metrics` stand in the order in which they are looked for. `query` has the name of one for `@` and labels for `$`,
    and a quantile for `Q` where it is a histogram. `by` is the legend where there are several lines.
    """

    title: str
    metrics: tuple[str, ...]
    query: str
    unit: str = "short"
    by: str = ""


_RATE = "sum(rate(@{$}[5m]))"
_HISTOGRAM = "histogram_quantile(Q, sum by (le) (rate(@_bucket{$}[5m])))"
_BY_POD = "sum by (pod) (@{$})"
SERVER = (
    Panel("Time to first token", ("vllm:time_to_first_token_seconds",), _HISTOGRAM, "s"),
    Panel("Time between tokens", ("vllm:inter_token_latency_seconds",), _HISTOGRAM, "s"),
    Panel("Whole answer", ("vllm:e2e_request_latency_seconds",), _HISTOGRAM, "s"),
    Panel("Output tokens a second", ("vllm:generation_tokens_total",), _RATE, "tps"),
    Panel("Requests that run, by Pod", ("vllm:num_requests_running",), _BY_POD, by="{{pod}}"),
    Panel("Requests that wait, by Pod", ("vllm:num_requests_waiting",), _BY_POD, by="{{pod}}"),
    Panel(
        "KV cache in use, by Pod",
        ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
        "max by (pod) (@{$})",
        "percentunit",
        "{{pod}}",
    ),
    Panel(
        "Answers, by how they end",
        ("vllm:request_success_total",),
        "sum by (finished_reason) (rate(@{$}[5m]))",
        "reqps",
        "{{finished_reason}}",
    ),
    Panel("Requests put back for lack of cache", ("vllm:num_preemptions_total",), _RATE, "ops"),
)
PICKER = (
    Panel("Replicas that are ready", ("llm_d_epp_ready_endpoints", "inference_pool_ready_pods"), "max(@{$})"),
    Panel(
        "Mean queue of a replica", ("llm_d_epp_average_queue_size", "inference_pool_average_queue_size"), "max(@{$})"
    ),
    Panel(
        "Mean KV cache in use",
        ("llm_d_epp_average_kv_cache_utilization", "inference_pool_average_kv_cache_utilization"),
        "max(@{$})",
        "percentunit",
    ),
    Panel(
        "Time of a choice",
        ("llm_d_epp_scheduler_e2e_duration_seconds", "inference_extension_scheduler_e2e_duration_seconds"),
        _HISTOGRAM,
        "s",
    ),
    Panel(
        "Saturation of the pool",
        ("llm_d_epp_flow_control_pool_saturation", "inference_extension_flow_control_pool_saturation"),
        "max(@{$})",
        "percentunit",
    ),
    Panel(
        "Requests in the picker's queues",
        ("llm_d_epp_flow_control_queue_size", "inference_extension_flow_control_queue_size"),
        "sum(@{$})",
    ),
    Panel(
        "Errors",
        (
            "llm_d_epp_request_error_total",
            "inference_objective_request_error_total",
            "inference_model_request_error_total",
        ),
        _RATE,
        "reqps",
    ),
)
# Of prefill and decode: without a line prefill-decode all are ready, and the prefill servers do nothing.
APART = (
    Panel(
        "Requests, by the servers that they go to",
        ("llm_d_epp_disagg_decision_total",),
        "sum by (decision_type) (rate(@{$}[5m]))",
        "reqps",
        "{{decision_type}}",
    ),
)


def config_map(service: LLMService) -> dict[str, Any]:
    """Return the ConfigMap with the dashboard of a service."""
    name = f"{service.names.base}-dashboard"
    text = json.dumps(_dashboard(service), indent=1) + "\n"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(name, service, LABEL),
        "data": {"dashboard.json": text},
    }


def _workload(service: LLMService) -> str:
    """Return how the names of its workloads are matched."""
    return f"{service.name}-(decode|prefill)" if "prefill" in service.spec else service.name


def _dashboard(service: LLMService) -> dict[str, Any]:
    where = f'namespace="{service.namespace}", ' if service.namespace else ""
    server = _present(SERVER, lambda name: _has_server(service, name))
    known = (*PICKER, *APART) if "prefill" in service.spec else PICKER
    picker = _present(known, lambda name: _has_picker(service, name))
    panels = [
        *((panel, name, f'{where}pod=~"{_workload(service)}{_POD}"') for panel, name in server),
        *((panel, name, f'{where}pod=~"{service.names.picker}{_POD}"') for panel, name in picker),
    ]
    return {
        "title": f"LLM service {service.name}",
        "uid": "-".join(filter(None, (service.namespace, service.names.base)))[:_LONGEST_UID],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(position, *found) for position, found in enumerate(panels)],
    }


def _present(panels: tuple[Panel, ...], has: Any) -> list[tuple[Panel, str]]:
    found = ((panel, next(filter(has, panel.metrics), "")) for panel in panels)
    return [(panel, name) for panel, name in found if name]


def _has_server(service: LLMService, name: str) -> bool:
    span = vllm.metric_span(name)
    return span is not None and span.first <= (vllm.minor(service.server_image) or LAST) <= span.last


def _has_picker(service: LLMService, name: str) -> bool:
    from krm_inference.domain.facts.releases import picker_lines
    from krm_inference.domain.facts.releases.picker_tables import METRICS

    return name in picker_lines.said(METRICS, service.spec["release"])


def _panel(position: int, panel: Panel, name: str, labels: str) -> dict[str, Any]:
    query = panel.query.replace("@", name).replace("$", labels)
    is_histogram = panel.query == _HISTOGRAM
    queries = [(query.replace("Q", f"{share:g}"), f"p{100 * share:g}") for share in _QUANTILES] if is_histogram else []
    queries = queries or [(query, panel.by or panel.title)]
    row, column = divmod(position, _COLUMNS)
    return {
        "id": position + 1,
        "title": panel.title,
        "type": "timeseries",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expression, "legendFormat": legend}
            for index, (expression, legend) in enumerate(queries)
        ],
    }
