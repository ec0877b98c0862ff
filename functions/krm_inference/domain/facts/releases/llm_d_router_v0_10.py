"""llm-d-router v0.10: where the picker, its objectives and its charts went after gaie-v1.5."""

from __future__ import annotations

from krm_inference.domain.facts.releases.gaie_v1_5 import GAIE_V1_5
from krm_inference.domain.facts.releases.release import Flag, view

# It is gaie-v1.5 grown on: what is not named here is the same.
LLM_D_ROUTER_V0_10 = GAIE_V1_5._replace(
    source="llm-d/llm-d-router v0.10.0",
    version="0.10.0",
    objective_api="llm-d.ai/v1alpha2",
    rewrite_api="llm-d.ai/v1alpha2",
    objective_header="x-llm-d-inference-objective",
    read_headers=("x-llm-d-inference-objective", "x-gateway-inference-objective"),
    # The old name counts as well (pkg/epp/metadata/consts.go).
    fairness_header="x-llm-d-inference-fairness-id",
    # The chart's own default is the moving tag main.
    picker_image="ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.10.0",
    picker_config_api="llm-d.ai/v1alpha1",
    picker_config_suffix="-llm-d-router-v0.10",
    # It reads this place and the old one, and this one wins (apix/config/v1alpha1 of v0.10.0); v0.11 reads this one.
    saturation_field=("flowControl", "saturationDetector"),
    flags=(*GAIE_V1_5.flags, Flag("--grpc-health-port=9003")),
    log_level=None,
    trace_service="llm-d-router/epp",
    mode_labels={"llm-d.ai/igw-mode": "llm-d-router-gateway"},
    service_protocol="kubernetes.io/h2c",
    resources={"requests": {"cpu": "8", "memory": "8Gi"}, "limits": {"memory": "16Gi"}},
    rules=(
        # Those of the old group count only where the definitions of llm-d.ai are not installed.
        view("inference.networking.x-k8s.io", "inferenceobjectives", "inferencemodelrewrites"),
        view("llm-d.ai", "inferenceobjectives", "inferencemodelrewrites"),
        view("inference.networking.k8s.io", "inferencepools"),
        view("", "pods"),
    ),
    lacks={field: reason for field, reason in GAIE_V1_5.lacks.items() if field != "spec.prefill"},
)
