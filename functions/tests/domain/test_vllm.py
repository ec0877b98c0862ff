"""vLLM by version: what its releases were seen to take and to refuse when they were run or read."""

import pytest
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.vllm_releases import FIRST, FLAGS, LAST, METRICS, VARIABLES

REFUSED_BY_NEW = (
    "--enable-loras",
    "--swap-space",
    "--lora-extra-vocab-size",
    "--long-lora-scaling-factors",
    "--enable-lora-bias",
    "--enable-prompt-adapter",
    "--enable-reasoning",
    "--disable-frontend-multiprocessing",
    "--speculative-model",
    "--num-speculative-tokens",
    "--num-scheduler-steps",
    "--use-v2-block-manager",
    "--preemption-mode",
    "--scheduler-delay-factor",
    "--rope-scaling",
    "--rope-theta",
    "--guided-decoding-backend",
    "--task",
    "--device",
    "--worker-use-ray",
    "--disable-async-output-proc",
)


@pytest.mark.parametrize("flag", REFUSED_BY_NEW)
@pytest.mark.parametrize("version", [32, 33])
def test_refused_flags(flag: str, version: int) -> None:
    """What the parsers of 0.32 and 0.33 refused."""
    assert not vllm.takes_flag(flag, version)


@pytest.mark.parametrize(
    ("flag", "taken", "refused"),
    [
        ("--shutdown-timeout", (18, 32), (8, 17)),
        ("--swap-space", (8, 17), (18, 33)),
        ("--max-seq-len-to-capture", (8, 10), (11, 33)),
        ("--task", (8, 12), (14, 33)),
        ("--disable-log-requests", (8, 16, 33), (17, 32)),
        ("--no-enable-prefix-caching", (8, 32, 33), ()),
        ("--disable-prefix-caching", (33,), (32,)),
        ("--max_num_seqs", (8, 33), ()),
        ("--max-num-seq", (8, 33), ()),
        ("--override-generation-config.max_new_tokens", (10, 33), ()),
        ("--compilation-config.cudagraph_capture_sizes+", (33,), ()),
        ("--watchdog-config", (33,), (32,)),
        ("--tensor-parralel-size", (), (8, 33)),
        ("--no-such-thing", (), (8, 33)),
        ("-tp", (8, 33), ()),
        ("-O3", (8, 33), ()),
        ("--help", (8, 33), ()),
    ],
)
def test_flags(flag: str, taken: tuple[int, ...], refused: tuple[int, ...]) -> None:
    """Flags come and go, and are written in several ways."""
    assert [version for version in taken if not vllm.takes_flag(flag, version)] == []
    assert [version for version in refused if vllm.takes_flag(flag, version)] == []


@pytest.mark.parametrize(
    ("variable", "taken", "refused"),
    [
        ("VLLM_USE_V1", (8, 11), (12, 33)),
        ("VLLM_ATTENTION_BACKEND", (8, 14), (16, 33)),
        ("VLLM_ALLOW_RUNTIME_LORA_UPDATING", (8, 33), ()),
        ("VLLM_API_KEY", (8, 33), ()),
        ("VLLM_PORT", (8, 33), ()),
        ("HF_HOME", (8, 33), ()),
        ("VLLM_LOGING_LEVEL", (), (8, 33)),
    ],
)
def test_variables(variable: str, taken: tuple[int, ...], refused: tuple[int, ...]) -> None:
    """Variables come and go; those of others are none of its business."""
    assert [version for version in taken if not vllm.takes_variable(variable, version)] == []
    assert [version for version in refused if vllm.takes_variable(variable, version)] == []


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("docker.io/vllm/vllm-openai:v0.32.0", 32),
        ("vllm/vllm-openai:v0.8.5.post1", 8),
        ("vllm/vllm-openai:v0.11.0@sha256:abc", 11),
        ("vllm/vllm-openai:v0.20.0-aarch64", 20),
        ("registry:5000/mirror/vllm-openai:0.18.1", 18),
        ("vllm/vllm-openai-rocm:v0.18.1", 18),
        ("vllm/vllm-openai:latest", None),
        ("vllm/vllm-openai", None),
        ("vllm/vllm-openai:v0.99.0", None),
        ("vllm/vllm-openai:v0.6.3", None),
        ("vllm/vllm-openai:v1.2.0", None),
        ("ghcr.io/llm-d/llm-d:v0.11.0", None),
        ("example.com/team/vllm:v0.12.0", None),
        ("vllm/vllm-openai:v0.320", None),
    ],
)
def test_versions_of_images(image: str, version: int | None) -> None:
    """Only the tag of the project's own image says a version, and only one that the tables hold counts."""
    assert vllm.minor(image) == version


def test_nearest_names() -> None:
    """A slip of the pen finds what was meant, and something else finds nothing."""
    assert vllm.nearest_flag("--tensor-parralel-size", 32) == "--tensor-parallel-size"
    assert vllm.nearest_flag("--enable_loras", 32) == "--enable-lora"
    assert vllm.nearest_variable("VLLM_LOGING_LEVEL", 32) == "VLLM_LOGGING_LEVEL"
    assert vllm.nearest_flag("--frobnicate", 32) is None


def test_spans() -> None:
    """A name has spans inside of what was read, with versions between them, and the names are in order."""
    for table in (FLAGS, VARIABLES, METRICS):
        assert all(FIRST <= first <= last <= LAST for first, last in table)
        ends: dict[str, int] = {}
        for (first, last), part in sorted(table.items()):
            for name in part.split():
                assert first > ends.get(name, FIRST - 2) + 1
                ends[name] = last
        assert all(
            part.split() == sorted(part.split(), key=lambda name: (name[0] == "-", name)) for part in table.values()
        )
    assert vllm.flag_span("--shutdown_timeout") == (18, 33)
    assert vllm.variable_span("VLLM_USE_V1") == (8, 11)
    assert vllm.flag_span("--frobnicate") is None
    assert vllm.metric_span("vllm:gpu_cache_usage_perc") == (8, 11)
    assert vllm.metric_span("vllm:prompt_tokens_total") == (8, 33)
    assert vllm.metric_span("vllm:frobnicated") is None


@pytest.mark.parametrize(
    ("rank", "version", "allowed"), [(1, 32, 1), (1, 10, 8), (9, 32, 16), (257, 32, 320), (513, 32, None)]
)
def test_ranks(rank: int, version: int, allowed: int | None) -> None:
    """The smallest rank that vLLM has and that holds the adapter."""
    assert vllm.rank_for(rank, version) == allowed


@pytest.mark.parametrize("release", RELEASES)
def test_releases_run_a_version_that_is_known(release: str) -> None:
    """The tables hold the version that a release of the gateway runs: who raises it has to extend them."""
    assert vllm.minor(RELEASES[release].server_image) is not None


def test_utilization() -> None:
    """The default share of the memory rose in 0.20."""
    assert (vllm.utilization(19), vllm.utilization(20)) == (0.9, 0.92)


@pytest.mark.parametrize("name", vllm._SUCCESSORS)
def test_a_successor_is_there_when_the_name_is_gone(name: str) -> None:
    """From the first version without the name on, the newest has what took its place."""
    span = vllm.flag_span(name) if name.startswith("--") else vllm.variable_span(name)
    assert span is not None
    for flag in vllm.successor(name).split(" with "):
        assert all(vllm.takes_flag(flag, version) for version in range(span.last + 1, LAST + 1))
    assert vllm.successor(name.replace("-b", "_b")) == vllm.successor(name)
