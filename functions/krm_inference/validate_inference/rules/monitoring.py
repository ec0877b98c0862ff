"""Rules about monitors of Prometheus."""

from __future__ import annotations

from krm_functions_sdk import WARNING

from krm_inference.validate_inference import references, selectors
from krm_inference.validate_inference.findings import Rule, Topic

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
    Rule("monitor-secret", WARNING, references.monitor_secrets,
         "The credentials of a monitor are there, in its own namespace",
         "Every scrape is refused",
         "CRDs of managed Prometheus",
         "Name the Secret of the metrics reader"),
))
# fmt: on
