"""Prefill and decode apart: what picker, proxy and servers of a release have to agree on, once and with its source.

One server of a pair reads the prompt and keeps its cache (prefill), the other one fetches that and writes the answer
(decode). The proxy in front of each decode server takes the request, has the prompt read elsewhere where the picker
names a prefill server, and then asks its own server. Whatever two of them disagree on, all are ready and each prompt is
read by the decode server: so each name and port stands here and nowhere else.
"""

from __future__ import annotations

from krm_inference.domain.record import Record


class Disaggregation(Record):
    """What one release calls the parts of prefill and decode.

    `source` says where the facts are from, and `is_estimated` that it is not the release itself. `proxy_image` runs in
    front of each decode server; `port_flag` says where it listens, `server_flag` where its server does,
    `connector_flag` how caches are handed over and `plain_flag` that it speaks no TLS. Of the picker, `filters` choose
    the servers of a part by its name, `handler` runs the profiles, and `decider` says of each prompt whether a prefill
    server reads it, from so many tokens on as `threshold` names.
    """

    source: str
    proxy_image: str
    is_estimated: bool = False
    port_flag: str = "--port"
    server_flag: str = "--model-server-port"
    connector_flag: str = "--kv-connector=nixlv2"
    plain_flag: str = "--secure-proxy=false"
    filters: tuple[tuple[str, str], ...] = (("prefill", "prefill-filter"), ("decode", "decode-filter"))
    handler: str = "disagg-profile-handler"
    decider: str = "prefix-based-pd-decider"
    threshold: str = "nonCachedTokens"


_V0_10 = Disaggregation(
    source=(
        "llm-d/llm-d-router v0.10.0 (71f4f099): cmd/epp/runner/runner.go, docs/disaggregation.md, "
        "pkg/epp/framework/plugins/scheduling/profilehandler/disagg, pkg/sidecar/proxy/options.go and "
        ".github/workflows/ci-release.yaml"
    ),
    proxy_image="ghcr.io/llm-d/llm-d-router-disagg-sidecar:v0.10.0",
)
# By the name of the release; the others have no such parts. v0.9.0, which is no release of an LLMService, has them too:
# its proxy knows --vllm-port alone, by default 8001, and no promptTokens of the decider.
DISAGGREGATION: dict[str, Disaggregation] = {
    "llm-d-router-v0.10": _V0_10,
    # Estimated: read four weeks before the tag (ebab6879), where all of it is v0.10's. Of what v0.11 took out nothing
    # is named here (`releases/picker_configs.py`), and the image keeps its name in both.
    "llm-d-router-v0.11": _V0_10._replace(
        source="llm-d/llm-d-router ebab6879, four weeks before the tag v0.11.0",
        is_estimated=True,
        proxy_image="ghcr.io/llm-d/llm-d-router-disagg-sidecar:v0.11.0",
    ),
}

# The label of a Pod with its part (pkg/epp/framework/plugins/scheduling/filter/bylabel/roles.go). decode-filter takes
# Pods without the label too, prefill-filter does not.
ROLE_LABEL = "llm-d.ai/role"
DECODE, PREFILL = "decode", "prefill"
# Where a decode server listens behind its proxy: what the proxy takes where nobody says it (defaultVLLMPort).
SERVER_PORT = 8200
# Where servers ask one another for what a transfer needs: VLLM_NIXL_SIDE_CHANNEL_PORT and its default, vllm/envs.py of
# 0.33.0. The caches themselves go by ports that UCX chooses.
SIDE_CHANNEL_PORT = 5600
# What both parts are told; NixlConnector makes no difference between kv_role (docs/features/nixl_connector_usage.md).
# By default a request fails whose cache cannot be fetched, such as that of a prefill server that is gone.
TRANSFER = {"kv_connector": "NixlConnector", "kv_role": "kv_both", "kv_load_failure_policy": "recompute"}
TRANSFER_FLAG = "--kv-transfer-config"
# Variables that both parts get; PYTHONHASHSEED is not among them: it is for pickers that follow caches by events, and
# this one does by what it sent where. Without it, vLLM 0.33 has one seed for all servers (v1/core/kv_cache_utils.py).
VARIABLES = ("VLLM_NIXL_SIDE_CHANNEL_HOST", "VLLM_NIXL_SIDE_CHANNEL_PORT")
# The first minor version of vLLM with all of it. The connector is in 0.9; before 0.22 a prefill server keeps the cache
# of a request that went away for 480 s (docs/operations/disaggregation/vllm.md of llm-d/llm-d).
FIRST_VLLM = 22
# From so many tokens on that are in no cache, a prefill server reads the prompt. An estimate: the picker's own 0 never
# asks one, llm-d's examples have 8 and 16, its guide asks always, and one hand-over costs a round trip to two servers.
THRESHOLD = 256
# What the proxy takes. Estimates: no chart of v0.10.0 says it. It copies what passes and holds one request body each.
PROXY_RESOURCES = {"cpu": "500m", "memory": "256Mi"}
