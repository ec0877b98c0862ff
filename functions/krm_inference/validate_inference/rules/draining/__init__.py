"""Rules about draining: the times of a shutdown.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.draining import timeouts, times

_TIMES = "the times of the LLMService, or the defaults of its schema"

# fmt: off
TOPIC = Topic("Draining", "Whether a Pod that has to go finishes what it is answering.", (
    Rule("drain-order", ERROR, times.killed_while_draining,
         "preStop and --shutdown-timeout end before terminationGracePeriodSeconds",
         "The kubelet kills the server while it still answers",
         "vLLM 43208",
         "Raise the grace period, or lower the timeout"),
    Rule("drain-time", WARNING, times.drains_too_briefly,
         "--shutdown-timeout covers the longest answer",
         "The last requests are aborted",
         _TIMES,
         "Raise --shutdown-timeout and the grace period, or bound the answers"),
    Rule("drain-grace", INFO, times.grace_too_short,
         "terminationGracePeriodSeconds covers preStop and the longest answer",
         "The kubelet kills the server while it still answers, whether or not vLLM would wait",
         _TIMES,
         "Raise terminationGracePeriodSeconds, or bound the answers"),
    Rule("drain-picker", ERROR, times.pickers_leave_first,
         "A picker's grace period is at least that of the Pods of its pool",
         "Requests of a draining server lose their picker",
         "GAIE 614",
         "Raise the picker's terminationGracePeriodSeconds"),
    Rule("drain-shutdown-timeout", WARNING, times.aborts_at_sigterm,
         "vLLM has a --shutdown-timeout",
         "Its default 0 aborts running requests at SIGTERM, and a grace period does not change that",
         "vLLM 34730",
         "Set --shutdown-timeout to the longest answer"),
    Rule("drain-output-bound", INFO, times.unbounded_answers,
         "The length of an answer is bounded",
         "Only max_new_tokens in --override-generation-config, or --max-model-len, makes a bound on draining true",
         "vLLM 0.32, as run",
         "Set max_new_tokens in --override-generation-config, or --max-model-len"),
    Rule("drain-signal", WARNING, times.kept_from_sigterm,
         "SIGTERM reaches vLLM",
         "sh -c without exec keeps it, so that every termination ends in SIGKILL after the whole grace period",
         "dash and vLLM 0.32, as run; vLLM 23935",
         "Use command [vllm, serve] with one flag an item, or exec"),
    Rule("backend-timeout", WARNING, times.backends_cut_answers,
         "timeoutSec of a GCPBackendPolicy covers the longest answer",
         "The load balancer cuts longer ones",
         _TIMES,
         "Raise timeoutSec"),
    Rule("backend-policy", WARNING, timeouts.pools_without_policy,
         "A pool behind a Gateway of GKE has a GCPBackendPolicy, where its servers are here",
         "The load balancer cuts answers after its default of 30 s, and those of an endpoint that goes away at once",
         "CRD of gke-gateway-api fc40d60",
         "Add one with timeoutSec and connectionDraining, as the charts of GAIE do"),
    Rule("route-timeout", WARNING, timeouts.routes_cut_answers,
         "Timeouts of a rule that leads to a pool cover the longest answer",
         "The gateway cuts longer ones",
         f"Gateway API v1.6.1, HTTPRouteTimeouts; {_TIMES}",
         "Raise the timeout, or bound the answers"),
    Rule("route-timeout-refused", ERROR, timeouts.refused_timeouts,
         "A route on a Gateway of GKE carries no timeouts",
         "GKE refuses the whole route",
         "kserve/kserve 5311",
         "Remove it, and set timeoutSec in a GCPBackendPolicy"),
    Rule("backend-draining", WARNING, times.connections_cut,
         "A GCPBackendPolicy gives an endpoint that goes away time for its requests",
         "The default of drainingTimeoutSec, 0, cuts them",
         "CRD of gke-gateway-api fc40d60",
         "Set connectionDraining.drainingTimeoutSec to the grace period"),
))
# fmt: on
