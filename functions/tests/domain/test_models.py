"""Models: their shape, how large the weights are, and where the figure comes from."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_inference.domain.facts.models import MODELS, guessed, known, split_fault, weights


@pytest.mark.parametrize(
    ("model", "facts", "gib", "reason"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", {}, 14.96, "15.0 GiB of weights (8.03B parameters × 2 bytes)"),
        ("example/chat-13b-v2", {}, 24.21, "24.2 GiB of weights (13B parameters by its name × 2 bytes)"),
        ("example/tiny-0.5B", {}, 0.93, "0.9 GiB of weights (0.5B parameters by its name × 2 bytes)"),
        ("example/model", {}, 60, "60 GiB of weights assumed, size unknown"),
        ("example/a8base", {}, 60, "60 GiB of weights assumed, size unknown"),
        ("example/model", {"parameters": 9.5}, 17.70, "17.7 GiB of weights (9.5B parameters × 2 bytes)"),
        ("example/model", {"parameters": 8, "dtype": "fp8"}, 7.45, "7.5 GiB of weights (8B parameters × 1 byte)"),
        ("example/chat-13b", {"dtype": "fp8"}, 12.11, "12.1 GiB of weights (13B parameters by its name × 1 byte)"),
        ("example/model", {"layers": 32}, 60, "60 GiB of weights assumed, size unknown"),
    ],
)
def test_weights(model: str, facts: dict[str, object], gib: float, reason: str) -> None:
    """By the intent, a known model by its card, another by the size in its name, and else a guess that says so."""
    found = weights(model, facts)
    assert found.gib == pytest.approx(gib, abs=0.01)
    assert found.reason == reason


def test_a_cache_of_two_sizes_of_heads() -> None:
    """Gemma 4: 10 of 60 layers keep 4 heads of 512 values of each token, the others 16 of 256 of the last 1,024."""
    model = MODELS["google/gemma-4-31B-it"]
    assert model.cache(100_000) == 2 * 2 * (10 * 4 * 512 * 100_000 + 50 * 16 * 256 * 1024)
    assert model.cache(100_000, 4) == 2 * 2 * (10 * 1 * 512 * 100_000 + 50 * 4 * 256 * 1024)
    assert model.cache(100_000, 8) == 2 * 2 * (10 * 1 * 512 * 100_000 + 50 * 2 * 256 * 1024)


def test_a_state_of_mamba_does_not_grow() -> None:
    """Nemotron 3 Nano: 6 of 52 layers keep 2 heads of 128 values; 23 keep a state of 64 × 64 × 128 of 32 bits."""
    model = MODELS["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"]
    grows = 6 * 2 * 2 * 128 * 2
    state = 23 * (64 * 64 * 128 * 4 + 3 * (64 * 64 + 2 * 8 * 128) * 2)
    assert model.cache(1) == grows + state
    assert model.cache(1000) == 1000 * grows + state


# Of these the name says no size, or the size of what a token uses.
NAMELESS = (
    "DeepSeek-R1",
    "DeepSeek-R1-0528",
    "DeepSeek-V3",
    "Llama-4",
    "phi-4",
    "Phi-4",
    "Mistral-L",
    "Kimi",
    "GLM",
    "MiniMax",
    "MiMo",
)
SIZED = [
    name
    for name in MODELS
    if (not any(mark in name for mark in NAMELESS) and "8x" not in name) or "Distill" in name  # 8x7B shares layers
]


@pytest.mark.parametrize("model", SIZED)
def test_known_models_agree_with_their_names(model: str) -> None:
    """The card and the name of a known model differ by less than a third: a slip in the table would show."""
    said = guessed(f"unknown/{model.partition('/')[2]}".replace("oss-20b", "oss-20B"))
    assert said is not None
    assert MODELS[model].parameters == pytest.approx(said.parameters, rel=0.31)


# A tower for pictures, or linear attention, is no part of the sum.
DENSE = [
    name
    for name, model in MODELS.items()
    if model.intermediate and model.kv_heads and not model.uncached and not re.search("gemma-[34]-|-VL-", name)
]


@pytest.mark.parametrize("model", [*DENSE, "google/gemma-3-1b-it"])
def test_shapes_amount_to_the_parameters(model: str) -> None:
    """Attention and MLP of all layers and the vocabulary make up all parameters: a slip would show."""
    shape = MODELS[model]
    numbers = (shape.layers, shape.heads, shape.kv_heads, shape.head_size, shape.hidden, shape.intermediate)
    layers, heads, kv_heads, head_size, hidden, intermediate = (number or 0 for number in numbers)
    shared = layers * hidden * (2 * (heads + kv_heads) * head_size + 3 * intermediate) / 1e9
    words = (shape.vocabulary or 0) * hidden * (1 if shape.tied else 2) / 1e9
    assert shared + words == pytest.approx(shape.parameters, rel=0.01)


# Width of one expert, and the layers that have none, by the same configurations as the table.
EXPERTS = {
    "MiniMaxAI/MiniMax-M2.5": (1536, 0),
    "Qwen/Qwen3-235B-A22B": (1536, 0),
    "Qwen/Qwen3-30B-A3B": (768, 0),
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": (2560, 0),
    "deepseek-ai/DeepSeek-V3": (2048, 3),
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct": (8192, 24),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": (8192, 0),
    "mistralai/Mixtral-8x7B-Instruct-v0.1": (14336, 0),
    "mistralai/Mixtral-8x22B-Instruct-v0.1": (16384, 0),
    "moonshotai/Kimi-K2-Instruct": (2048, 1),
    "openai/gpt-oss-120b": (2880, 0),
    "openai/gpt-oss-20b": (2880, 0),
    "zai-org/GLM-5": (2048, 3),
}


@pytest.mark.parametrize("model", EXPERTS)
def test_experts_amount_to_what_a_token_leaves_out(model: str) -> None:
    """All experts of all layers make up what total and active parameters differ by: a slip in either would show."""
    shape, (width, without) = MODELS[model], EXPERTS[model]
    assert shape.active
    assert shape.experts
    assert shape.chosen
    assert shape.layers
    assert shape.hidden
    routed = (shape.layers - without) * shape.experts * 3 * shape.hidden * width / 1e9
    assert shape.parameters - shape.active == pytest.approx(routed * (1 - shape.chosen / shape.experts), rel=0.05)


@pytest.mark.parametrize("model", [name for name, model in MODELS.items() if model.active])
def test_a_mixture_reads_the_experts_that_its_tokens_choose(model: str) -> None:
    """One token reads what it uses; the more tokens, the more of all weights, and never more than all."""
    shape = MODELS[model]
    sizes = [shape.read(streams) for streams in (1, 8, 64, 512, 100_000)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == pytest.approx(shape.size - shape.lookup)
    assert sizes[0] < 0.5 * sizes[-1]


@pytest.mark.parametrize(
    ("model", "length", "mib"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", 8192, 1024),
        ("google/gemma-3-27b-it", 131072, 2 * 16 * 128 * 2 * (10 * 131072 + 52 * 1024) / 2**20),
        ("google/gemma-3-27b-it", 512, 2 * 16 * 128 * 2 * 62 * 512 / 2**20),
        ("deepseek-ai/DeepSeek-V3", 8192, 61 * 576 * 2 * 8192 / 2**20),
        ("openai/gpt-oss-120b", 131072, 2 * 8 * 64 * 2 * (18 * 131072 + 18 * 128) / 2**20),
        ("Qwen/Qwen3.5-27B", 8192, (2 * 4 * 256 * 2 * 16 * 8192 + 39223296 * 2) / 2**20),
    ],
)
def test_caches(model: str, length: int, mib: float) -> None:
    """All layers or the whole ones, a window or the whole sequence, latent values or heads, and what has no length."""
    assert (MODELS[model].cache(length) or 0) / 2**20 == pytest.approx(mib)


def test_what_gpus_share_of_a_cache() -> None:
    """KV heads are shared out and, beyond their number, copied; latent values every GPU keeps."""
    llama, deepseek = MODELS["meta-llama/Llama-3.1-8B-Instruct"], MODELS["deepseek-ai/DeepSeek-V3"]
    whole = llama.cache(1000) or 0
    assert llama.cache(1000, 2) == whole / 2
    assert llama.cache(1000, 16) == llama.cache(1000, 8) == whole / 8
    assert deepseek.cache(1000, 8) == deepseek.cache(1000)


@pytest.mark.parametrize(
    ("model", "of", "dtype"),
    [
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen/Qwen2.5-7B-Instruct", "awq"),
        ("Qwen/Qwen2.5-32B-Instruct-GPTQ-Int4", "Qwen/Qwen2.5-32B-Instruct", "gptq"),
        ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "meta-llama/Llama-3.3-70B-Instruct", "fp8"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "meta-llama/Llama-3.1-8B-Instruct", "int8"),
        ("hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4", "meta-llama/Llama-3.1-70B-Instruct", "awq"),
        ("nvidia/Qwen3-235B-A22B-NVFP4", "Qwen/Qwen3-235B-A22B", "nvfp4"),
        ("Qwen/Qwen3-32B-FP8", "Qwen/Qwen3-32B", "fp8"),
    ],
)
def test_a_quantized_copy_has_the_shape_of_its_model(model: str, of: str, dtype: str) -> None:
    """Its name says which model it is a copy of and how it was quantized."""
    assert known(model) == MODELS[of]._replace(dtype=dtype)


@pytest.mark.parametrize(("model", "gib"), [("openai/gpt-oss-20b", 12.8), ("openai/gpt-oss-120b", 60.8)])
def test_models_with_quantized_experts_are_as_large_as_their_files(model: str, gib: float) -> None:
    """Within five percent: of these OpenAI's model card gives the size of the files."""
    assert weights(model).gib == pytest.approx(gib, rel=0.05)


@pytest.mark.parametrize("model", MODELS)
def test_shapes_hold_together(model: str) -> None:
    """KV heads divide the attention heads."""
    shape = MODELS[model]
    assert shape.heads
    assert shape.heads % (shape.kv_heads or 1) == 0


@pytest.mark.parametrize(
    ("model", "gpus", "fault"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", 8, ""),
        (
            "meta-llama/Llama-3.1-8B-Instruct",
            3,
            "32 attention heads cannot be split over 3 GPUs, expected 1, 2, 4, 8 or 16",
        ),
        ("Qwen/Qwen2.5-7B-Instruct", 8, "28 attention heads cannot be split over 8 GPUs, expected 1, 2 or 4"),
        ("Qwen/Qwen2.5-7B-Instruct", 7, "4 KV heads can be neither split over 7 GPUs nor copied to them evenly"),
        ("microsoft/phi-4", 4, "10 KV heads can be neither split over 4 GPUs nor copied to them evenly"),
        ("Qwen/Qwen2.5-0.5B-Instruct", 14, ""),
    ],
)
def test_splits(model: str, gpus: int, fault: str) -> None:
    """Heads are shared out evenly; KV heads that are fewer than the GPUs are copied evenly."""
    assert split_fault(MODELS[model], gpus) == fault


def test_facts_of_an_intent_win() -> None:
    """What an LLMService says of its model stands before the table, and needs the parameters of an unknown model."""
    found = known("Qwen/Qwen3-8B", {"contextLength": 131072, "kvHeads": 4})
    assert found is not None
    assert (found.context, found.kv_heads, found.layers) == (131072, 4, 36)
    assert known("example/model", {"layers": 32}) is None


@given(st.from_regex(r"[A-Za-z0-9/][A-Za-z0-9._/-]*", fullmatch=True))
def test_every_model_has_weights(model: str) -> None:
    """Whatever the name, there is a size and a reason."""
    found = weights(model)
    assert found.gib >= 0
    assert found.reason
