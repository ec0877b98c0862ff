"""Where kinds of other projects keep the Pods of servers: a table of paths, `[]` behind a list, `{}` behind a map.

Each ends at a Pod's spec, or at what has one container by the name of MAIN beside its fields. Source: the CRDs of
kserve, kuberay, lws, rbg, aibrix, kthena, kaito and llmaz, and the objects of these kinds, in their repositories at the
commits of benchmarks/public-manifests.yaml; ai-dynamo/grove fcc3b3bb; ai-dynamo/dynamo 0fddc01b, deploy/operator/api,
and its examples of vLLM. Of production-stack only objects were seen: its CRD of VLLMRuntime takes no Pod template.
"""

from __future__ import annotations

MAIN = "mainContainer"
_RBG = "workloads.x-k8s.io"
_KSERVE = "serving.kserve.io"
_RAY = ("headGroupSpec.template.spec", "workerGroupSpecs[].template.spec")
_LLM = ("spec.template", "spec.worker", "spec.prefill.template", "spec.prefill.worker")

POD_SPECS: dict[tuple[str, str], tuple[str, ...]] = {
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): ("spec.leaderWorkerTemplate.leaderTemplate.spec",),
    (_KSERVE, "LLMInferenceService"): _LLM,
    (_KSERVE, "LLMInferenceServiceConfig"): _LLM,
    (_KSERVE, "InferenceService"): ("spec.predictor", "spec.predictor.workerSpec", "spec.transformer"),
    (_KSERVE, "ServingRuntime"): ("spec", "spec.workerSpec"),
    (_KSERVE, "ClusterServingRuntime"): ("spec", "spec.workerSpec"),
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
        "spec.template.roleTemplates[].template.spec",
        "spec.groupTemplate.spec.roles[].standalonePattern.template.spec",
        "spec.groupTemplate.spec.roles[].leaderWorkerPattern.template.spec",
        "spec.groupTemplate.spec.roleTemplates[].template.spec",
    ),
    ("workload.serving.volcano.sh", "ModelServing"): (
        "spec.template.roles[].entryTemplate.spec",
        "spec.template.roles[].workerTemplate.spec",
    ),
    ("orchestration.aibrix.ai", "RayClusterFleet"): tuple(f"spec.template.spec.{path}" for path in _RAY),
    ("orchestration.aibrix.ai", "RayClusterReplicaSet"): tuple(f"spec.template.spec.{path}" for path in _RAY),
    ("orchestration.aibrix.ai", "PodSet"): ("spec.template.spec",),
    ("orchestration.aibrix.ai", "RoleSet"): ("spec.roles[].template.spec",),
    ("orchestration.aibrix.ai", "StormService"): ("spec.template.spec.roles[].template.spec",),
    ("production-stack.vllm.ai", "VLLMRuntime"): ("spec.podTemplate.spec",),
    ("kaito.sh", "Workspace"): ("inference.template.spec",),
    ("disaggregatedset.x-k8s.io", "DisaggregatedSet"): (
        "spec.roles[].spec.leaderWorkerTemplate.leaderTemplate.spec",
        "spec.roles[].spec.leaderWorkerTemplate.workerTemplate.spec",
    ),
    ("grove.io", "PodClique"): ("spec.podSpec",),
    ("grove.io", "PodCliqueSet"): ("spec.template.cliques[].spec.podSpec",),
    ("nvidia.com", "DynamoGraphDeployment"): (
        "spec.components[].podTemplate.spec",  # v1beta1
        "spec.services{}.extraPodSpec",  # v1alpha1
    ),
    ("nvidia.com", "DynamoComponentDeployment"): ("spec.podTemplate.spec", "spec.extraPodSpec"),
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
        *(("orchestration.aibrix.ai", kind) for kind in ("RayClusterFleet", "RayClusterReplicaSet")),
        ("production-stack.vllm.ai", "VLLMRuntime"),
        ("kaito.sh", "Workspace"),
        *(("nvidia.com", kind) for kind in ("DynamoGraphDeployment", "DynamoComponentDeployment")),
        ("inference.llmaz.io", "Service"),
    )
)
