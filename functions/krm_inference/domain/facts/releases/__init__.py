"""Releases of the inference gateway, by the name that an intent gives them: one table a module.

May import: what `facts/` may.
"""

from __future__ import annotations

from krm_inference.domain.facts.releases.gaie_v1_0 import GAIE_V1_0
from krm_inference.domain.facts.releases.gaie_v1_5 import GAIE_V1_5
from krm_inference.domain.facts.releases.llm_d_router_v0_10 import LLM_D_ROUTER_V0_10
from krm_inference.domain.facts.releases.llm_d_router_v0_11 import LLM_D_ROUTER_V0_11
from krm_inference.domain.facts.releases.release import Flag, Release, Scorer

__all__ = ["RECOMMENDED", "RELEASES", "Flag", "Release", "Scorer"]

RELEASES: dict[str, Release] = {
    "gaie-v1.0": GAIE_V1_0,
    "gaie-v1.5": GAIE_V1_5,
    "llm-d-router-v0.10": LLM_D_ROUTER_V0_10,
    "llm-d-router-v0.11": LLM_D_ROUTER_V0_11,
}
# What a new intent names: the last of the project that the Gateways' own documentation is about.
RECOMMENDED = "gaie-v1.5"
