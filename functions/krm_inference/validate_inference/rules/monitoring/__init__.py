"""Rules about monitors of Prometheus."""

from __future__ import annotations

from krm_functions_sdk import WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules import selectors, server_paths
from krm_inference.validate_inference.rules.monitoring import rights
from krm_inference.validate_inference.rules.references import kinds

# fmt: off
TOPIC = Topic("Monitoring", "What monitors of managed Prometheus select, scrape and with which credentials.", (
    Rule("monitor-selector", WARNING, selectors.monitor_selects,
         "The selector of a monitor matches the labels of a Pod template",
         "Nothing is scraped",
         "CRDs of managed Prometheus",
         "Ask for labels of the template"),
    Rule("monitor-port", WARNING, selectors.monitor_ports,
         "The Pods that a monitor selects declare its port",
         "Nothing is scraped",
         "CRDs of managed Prometheus",
         "Name a port of the Pods"),
    Rule("monitor-path", WARNING, server_paths.unscraped,
         "Monitors of servers and pickers ask for /metrics",
         "They answer 404, and nothing is scraped",
         "vLLM 0.32, as run; GAIE v1.0.0, the chart's monitors",
         "Ask for /metrics"),
    Rule("monitor-picker-port", WARNING, server_paths.other_ports,
         "The port that a monitor names on a picker is the one of its metrics",
         "Nothing is scraped",
         "GAIE v1.0.0, the flags of its runner",
         "Declare the number of --metrics-port, which is 9090 without it"),
    Rule("monitor-key", WARNING, rights.keys,
         "A monitor takes a key that a token Secret has",
         "Every scrape is refused",
         "Kubernetes: token controller",
         "Take the key token"),
    Rule("monitor-rights", WARNING, rights.lacking,
         "The account of a monitor's token may get /metrics, and the picker's may ask whose token it is",
         "Every scrape is refused",
         "GAIE v1.0.0, the chart's roles",
         "Give the ClusterRole the right"),
    Rule("monitor-reader", WARNING, rights.readers,
         "A Role for the Secret of a monitor lets it be read",
         "The collector scrapes without credentials, and is refused",
         "Managed Prometheus: secrets of monitors",
         "Give get, list and watch on secrets"),
    Rule("monitor-secret", WARNING, kinds.monitor_secrets,
         "The credentials of a monitor are there, in its own namespace",
         "Every scrape is refused",
         "CRDs of managed Prometheus",
         "Name the Secret of the metrics reader"),
))
# fmt: on
