"""Rules about draining: the times of a shutdown.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.draining import timeouts, times

_TIMES = "model, hardware and flags of the server, and what its LLMService says; where they are unknown, 10 ms a token"

# fmt: off
TOPIC = Topic("Draining", "Whether a Pod finishes its running requests before it stops.", (
    Rule("drain-order", ERROR, times.killed_while_draining,
         "preStop and --shutdown-timeout end before terminationGracePeriodSeconds",
         "The kubelet kills the server while it is still answering",
         "vLLM 43208",
         "Raise the grace period, or lower the timeout"),
    Rule("drain-time", WARNING, times.drains_too_briefly,
         "--shutdown-timeout covers the longest answer",
         "The last requests are aborted",
         _TIMES,
         "Raise --shutdown-timeout and the grace period, or limit the length of answers"),
    Rule("drain-grace", INFO, times.grace_too_short,
         "terminationGracePeriodSeconds covers preStop and the longest answer",
         "The kubelet kills the server while it is still answering, whether or not vLLM would wait",
         _TIMES,
         "Raise terminationGracePeriodSeconds, or limit the length of answers"),
    Rule("drain-picker", ERROR, times.pickers_leave_first,
         "A picker's grace period is at least that of the Pods of its pool",
         "The picker stops while servers of its pool still answer requests",
         "GAIE 614",
         "Raise the picker's terminationGracePeriodSeconds"),
    Rule("drain-shutdown-timeout", WARNING, times.aborts_at_sigterm,
         "vLLM has a --shutdown-timeout",
         "Its default 0 aborts running requests at SIGTERM, and a grace period does not change that",
         "vLLM 34730",
         "Set --shutdown-timeout to the longest answer; vLLM has it from 0.18 on"),
    Rule("drain-output-bound", INFO, times.unbounded_answers,
         "The length of an answer is limited",
         "Only max_new_tokens in --override-generation-config, or --max-model-len, limits how long draining takes",
         "vLLM 0.32, as run",
         "Set max_new_tokens in --override-generation-config, or --max-model-len"),
    Rule("drain-concurrency", INFO, times.unbounded_concurrency,
         "--max-num-seqs bounds the requests that a server answers at once, and --max-num-queued-reqs those that wait",
         "A drain waits for all of them: with vLLM's default up to 1,024, and for any number that wait",
         "vLLM 0.26, as run: of 256 long answers 144 were cut; vLLM 0.32, config/scheduler.py",
         "Set both, to what fits and what there is time for"),
    Rule("drain-signal", WARNING, times.kept_from_sigterm,
         "SIGTERM reaches vLLM",
         "sh -c without exec does not pass it on, so each shutdown takes the whole grace period and ends in SIGKILL",
         "dash and vLLM 0.32, as run; vLLM 23935",
         "Use command [vllm, serve] with each flag as its own item, or start vLLM with exec"),
    Rule("backend-timeout", WARNING, times.backends_cut_answers,
         "timeoutSec of a GCPBackendPolicy covers the longest answer",
         "The load balancer cuts off longer answers",
         _TIMES,
         "Raise timeoutSec"),
    Rule("backend-policy", WARNING, timeouts.pools_without_policy,
         "A pool behind a GKE Gateway has a GCPBackendPolicy, if its servers are among the manifests",
         "The load balancer cuts off answers after its default of 30 s, and at once if their endpoint is removed",
         "CRD of gke-gateway-api fc40d60",
         "Add one with timeoutSec and connectionDraining, as the charts of GAIE do",
         needs_all=True),
    Rule("route-timeout", WARNING, timeouts.routes_cut_answers,
         "Timeouts of a route rule that leads to a pool cover the longest answer",
         "The gateway cuts off longer answers",
         f"Gateway API v1.6.1, HTTPRouteTimeouts; {_TIMES}",
         "Raise the timeout, or limit the length of answers"),
    Rule("route-timeout-refused", ERROR, timeouts.refused_timeouts,
         "A route on a GKE Gateway has no timeouts",
         "GKE refuses the whole route",
         "kserve/kserve 5311",
         "Remove it, and set timeoutSec in a GCPBackendPolicy"),
    Rule("backend-draining", WARNING, times.connections_cut,
         "A GCPBackendPolicy gives running requests time to finish when their endpoint is removed",
         "drainingTimeoutSec is 0 by default, which cuts them off",
         "CRD of gke-gateway-api fc40d60",
         "Set connectionDraining.drainingTimeoutSec to the grace period"),
))
# fmt: on
