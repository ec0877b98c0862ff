"""Rules about pools and the servers behind them.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules import missing, selectors, server_paths
from krm_inference.validate_inference.rules.servers import ports, probes, rollouts, unknown, workers

# fmt: off
TOPIC = Topic("Pools and servers", "Whether pools select their servers, and all fields agree on a server's port.", (
    Rule("pool-selector", ERROR, selectors.pools_without_pods,
         "The selector of an InferencePool matches the labels of a Pod template",
         "The pool is empty and the gateway answers 503; labels of the workload itself do not count",
         "GAIE v1.0.0, the picker's watch on Pods",
         "Select labels of the Pod template",
         needs_all=True),
    Rule("service-selector", WARNING, selectors.services_without_pods,
         "The selector of a Service matches the labels of the workload that has its name",
         "The Service has no endpoints: every connection to it is refused or hangs",
         "Kubernetes: Services, selectors",
         "Select labels of the Pod template",
         needs_all=True),
    Rule("pool-selects-picker", ERROR, selectors.pools_with_a_picker,
         "An InferencePool does not select its endpoint picker",
         "Requests would be sent to the picker, which serves no model",
         "GAIE v1.0.0, the picker's watch on Pods",
         "Remove the label from the picker's template"),
    Rule("pool-overlap", WARNING, selectors.overlapping_pools,
         "No two InferencePools select the same servers",
         "Each picker plans with servers that another one fills too; if models differ, requests reach the wrong one",
         "GAIE v1.0.0: a picker knows its own pool only",
         "Select a label that only the servers of this pool have"),
    Rule("objective-pool", ERROR, missing.missing("objective-pool"),
         "poolRef of an InferenceObjective or InferenceModelRewrite names an InferencePool of its namespace",
         "The picker ignores the object",
         "GAIE v1.0.0, inferenceobjective_reconciler",
         "Name the pool that serves it",
         needs_all=True),
    Rule("server-port", ERROR, ports.disagreeing_ports,
         "vLLM's --port, the containerPort, probes, pool, health check and LoRA syncer use the same port",
         "A part with another port does not reach the server",
         "vLLM 0.32 and the LoRA syncer v1.0.0, as run",
         "Use the same port everywhere"),
    Rule("server-path", ERROR, server_paths.unanswered_paths,
         "Probes and health checks ask vLLM for a path that it knows",
         "It answers 404: the kubelet restarts the server, the load balancer sends it no requests",
         "vLLM 0.32, as run",
         "Use /health"),
    Rule("rollout-deadline", INFO, rollouts.too_short_deadlines,
         "progressDeadlineSeconds of a Deployment is more than its servers may take to start",
         "A slow but healthy rollout goes on, but kubectl rollout, Argo CD and kpt report it as failed",
         "Kubernetes: Deployments, whose default is 600 s; the startup probe",
         "Set more seconds than the startup probe allows"),
    Rule("probe-port-name", ERROR, ports.undeclared_port_names,
         "A port that a probe names is declared by its container",
         "The probe fails, and the Pod never becomes ready",
         "Kubernetes: probes",
         "Name a port of the container"),
    Rule("probe-readiness", WARNING, probes.without_readiness,
         "A server to which a Service or a pool sends requests has a readiness or startup probe",
         "Without one a Pod is ready as soon as its process runs: each update sends requests to servers that are "
         "still loading, and they fail",
         "Kubernetes: probes",
         "Add a readinessProbe that asks for /health"),
    Rule("probe-liveness", WARNING, probes.killed_while_loading,
         "A liveness probe lets a server load its model",
         "The kubelet kills it again and again, and it never serves",
         "vLLM 0.26 on an H200, 8B: 105 to 113 s, of which 75 s before the weights; Kubernetes: probes",
         "Add a startupProbe that asks for /health, with a failureThreshold for the whole start"),
    Rule("engine-unknown", INFO, unknown.unknown_engines,
         "The engine of a server is one whose flags are known",
         "Of another one only what holds for any server is checked: probes, images, volumes, rights and credentials",
         "The commands and images in benchmarks/public-manifests.yaml",
         "Check them with the engine itself",
         needs_all=True),
    Rule("pool-headless", ERROR, workers.selected_by_pools,
         "An InferencePool selects no Pod that runs vLLM with --headless",
         "The picker sends requests to a port at which nothing listens",
         "vLLM 0.33, entrypoints/cli/serve.py: no API server is started there",
         "Select a label that only leaders have, such as leaderworkerset.sigs.k8s.io/worker-index: \"0\""),
    Rule("headless-probe", ERROR, workers.probed,
         "A container that runs vLLM with --headless has no probe that asks a port",
         "The probe always fails: the Pod is never ready, or the kubelet restarts it, and its group with it",
         "vLLM 0.33, entrypoints/cli/serve.py: no API server is started there",
         "Remove the probe: the leader's probes fail where a worker does"),
    Rule("group-size", ERROR, workers.other_sizes,
         "--nnodes of vLLM in a LeaderWorkerSet is the number of Pods of a group",
         "The leader waits for machines that never come, or Pods have a rank that vLLM refuses",
         "vLLM 0.33, engine/arg_utils.py; kubernetes-sigs/lws v0.9.0, api/leaderworkerset/v1",
         "Set both to the number of machines of one replica"),
))
# fmt: on
