"""Where kinds of other projects keep the Pods of servers: a table of paths, `[]` behind a list.

Each ends at a Pod's spec. Source: the objects of these kinds in the repositories of benchmarks/public-manifests.yaml at
the commits of that table, in which these paths hold containers; the CRDs of kserve, kuberay, lws, rbg, aibrix, kthena,
kaito, llmaz and production-stack at the same commits.
"""

from __future__ import annotations

_RBG = "workloads.x-k8s.io"
_KSERVE = "serving.kserve.io"
_RAY = ("headGroupSpec.template.spec", "workerGroupSpecs[].template.spec")
_LLM = ("spec.template", "spec.worker", "spec.prefill.template", "spec.prefill.worker")

POD_SPECS: dict[tuple[str, str], tuple[str, ...]] = {
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): ("spec.leaderWorkerTemplate.leaderTemplate.spec",),
    (_KSERVE, "LLMInferenceService"): _LLM,
    (_KSERVE, "LLMInferenceServiceConfig"): _LLM,
    (_KSERVE, "InferenceService"): ("spec.predictor",),
    (_KSERVE, "ServingRuntime"): ("spec",),
    (_KSERVE, "ClusterServingRuntime"): ("spec",),
    ("ray.io", "RayCluster"): tuple(f"spec.{path}" for path in _RAY),
    ("ray.io", "RayService"): tuple(f"spec.rayClusterConfig.{path}" for path in _RAY),
    ("ray.io", "RayJob"): tuple(f"spec.rayClusterSpec.{path}" for path in _RAY),
    (_RBG, "RoleBasedGroup"): (
        "spec.roles[].template.spec",
        "spec.roles[].standalonePattern.template.spec",
        "spec.roles[].leaderWorkerPattern.template.spec",
        "spec.roles[].customComponentsPattern.components[].template.spec",
        "spec.roleTemplates[].template.spec",
    ),
    (_RBG, "RoleBasedGroupSet"): (
        "spec.template.roles[].template.spec",
        "spec.groupTemplate.spec.roles[].standalonePattern.template.spec",
    ),
    ("workload.serving.volcano.sh", "ModelServing"): (
        "spec.template.roles[].entryTemplate.spec",
        "spec.template.roles[].workerTemplate.spec",
    ),
    ("orchestration.aibrix.ai", "RayClusterFleet"): tuple(f"spec.template.spec.{path}" for path in _RAY),
    ("orchestration.aibrix.ai", "RoleSet"): ("spec.roles[].template.spec",),
    ("orchestration.aibrix.ai", "StormService"): ("spec.template.spec.roles[].template.spec",),
    ("production-stack.vllm.ai", "VLLMRuntime"): ("spec.podTemplate.spec",),
    ("kaito.sh", "Workspace"): ("inference.template.spec",),
    ("inference.llmaz.io", "Service"): (
        "spec.workloadTemplate.leaderTemplate.spec",
        "spec.workloadTemplate.workerTemplate.spec",
    ),
}
# Kinds whose controller adds containers, probes or flags to what is written: what is not here need not be missing.
MERGED = frozenset(
    (
        *((_KSERVE, kind) for kind in ("LLMInferenceService", "LLMInferenceServiceConfig", "InferenceService")),
        *((_KSERVE, kind) for kind in ("ServingRuntime", "ClusterServingRuntime")),
        *(("ray.io", kind) for kind in ("RayCluster", "RayService", "RayJob")),
        ("orchestration.aibrix.ai", "RayClusterFleet"),
        ("production-stack.vllm.ai", "VLLMRuntime"),
        ("kaito.sh", "Workspace"),
        ("inference.llmaz.io", "Service"),
    )
)
