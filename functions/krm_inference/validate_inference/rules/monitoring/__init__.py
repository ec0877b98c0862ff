"""Rules about monitors of Prometheus, and about metrics that autoscalers ask for.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules import selectors, server_paths
from krm_inference.validate_inference.rules.monitoring import autoscalers, rights, secrets

# fmt: off
_ABOUT = "What monitors select and scrape and with which credentials, and which metrics autoscalers ask for."
TOPIC = Topic("Monitoring", _ABOUT, (
    Rule("monitor-selector", WARNING, selectors.monitors_without_pods,
         "The selector of a monitor matches the labels of a Pod template",
         "Nothing is scraped",
         "CRDs of managed Prometheus",
         "Select labels of the Pod template",
         needs_all=True),
    Rule("monitor-port", WARNING, selectors.undeclared_monitor_ports,
         "The Pods that a monitor selects declare its port",
         "Nothing is scraped",
         "CRDs of managed Prometheus",
         "Name a port of the Pods"),
    Rule("monitor-path", WARNING, server_paths.paths_without_metrics,
         "Monitors of servers and pickers scrape /metrics",
         "They answer 404, and nothing is scraped",
         "vLLM 0.32, as run; GAIE v1.0.0, the chart's monitors",
         "Use /metrics"),
    Rule("monitor-picker-port", WARNING, server_paths.ports_without_metrics,
         "The port of a picker that a monitor scrapes is its metrics port",
         "Nothing is scraped",
         "GAIE v1.0.0, the flags of its runner",
         "Declare the port of --metrics-port, which is 9090 by default"),
    Rule("monitor-key", WARNING, rights.unknown_token_keys,
         "A monitor reads a key that a token Secret has",
         "Every scrape is refused",
         "Kubernetes: token controller",
         "Use the key token"),
    Rule("monitor-rights", WARNING, rights.may_not_scrape,
         "The ServiceAccount of a monitor's token may get /metrics, and that of the picker may review tokens",
         "Every scrape is refused",
         "GAIE v1.0.0, the chart's roles",
         "Add the right to the ClusterRole",
         needs_all=True),
    Rule("monitor-reader", WARNING, rights.unreadable_secrets,
         "The collector may read the Secret of a monitor",
         "The collector scrapes without credentials and is refused",
         "Managed Prometheus: secrets of monitors",
         "Grant get, list and watch on secrets",
         needs_all=True),
    Rule("monitor-secret", WARNING, secrets.secrets_out_of_reach,
         "The Secret with the credentials of a monitor exists, in its own namespace",
         "Every scrape is refused",
         "CRDs of managed Prometheus",
         "Name the Secret of the metrics reader",
         needs_all=True),
    Rule("autoscaler-metric", WARNING, autoscalers.on_absent_metrics,
         "An autoscaler asks for metrics that the version of its server or picker shows",
         "It finds no value and never scales",
         "vLLM's source, 0.8.5 to 0.33.0; pkg/epp/metrics of GAIE and of llm-d-router",
         "Ask for a metric that the version shows"),
))
# fmt: on
