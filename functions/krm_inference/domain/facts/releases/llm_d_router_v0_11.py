"""llm-d-router v0.11: its picker no longer loads what v0.9 had declared deprecated.

The tag's files were not at hand. What is said here was read in its changes (pull requests with the date on which they
were merged, all before the tag of 2026-09-19, commit a5cbe600), and in files of others that are pinned to the tag.
What has no row here is v0.10's, and no source says otherwise: flags, ports, probes, rights, resources and labels are
those of the chart on 2026-08-22 (ebab6879), two days after v0.10.0 and four weeks before v0.11.0.
"""

from __future__ import annotations

from krm_inference.domain.facts.releases.llm_d_router_v0_10 import LLM_D_ROUTER_V0_10

LLM_D_ROUTER_V0_11 = LLM_D_ROUTER_V0_10._replace(
    source="llm-d/llm-d-router v0.11.0",
    version="0.11.0",
    picker_image="ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.11.0",
    picker_config_suffix="-llm-d-router-v0.11",
    # A top-level saturationDetector fails to load (2838, of 2026-09-14). llm-d.ai/v1 came after the tag (2923 was
    # still open on 2026-09-18), so v1alpha1 is the one that it reads; NVIDIA/srt-slurm, pinned to the tag, writes it.
    #
    # noEndpointRequestTTL is in apix/config/v1alpha1 of 2026-08-22 (ebab6879; 2284). A band's defaultRequestTTL and the
    # header x-llm-d-inference-ttl came with 2649 of September, and whoever read apix/config/v1alpha1 and
    # pkg/epp/metadata/consts.go at the tag on 2026-09-27 lists both.
    lacks={},
)
