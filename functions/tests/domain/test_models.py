"""Models: their shape, how large the weights are, and where the figure comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_inference.domain.facts.models import MODELS, known, split_fault, weights


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


@pytest.mark.parametrize("model", MODELS)
def test_known_models_agree_with_their_names(model: str) -> None:
    """The card and the name of a known model differ by less than a third: a slip in the table would show."""
    name = model.partition("/")[2]
    if "x" not in name and "phi" not in name:  # 8x7B shares layers, and phi-4 says no size
        assert weights(model).gib == pytest.approx(weights(f"unknown/{name}").gib, rel=0.31)


@pytest.mark.parametrize("model", [name for name, model in MODELS.items() if model.intermediate and model.kv_heads])
def test_shapes_amount_to_the_parameters(model: str) -> None:
    """Attention and MLP of all layers make up all parameters but those of the vocabulary: a slip would show."""
    shape = MODELS[model]
    numbers = (shape.layers, shape.heads, shape.kv_heads, shape.head_size, shape.hidden, shape.intermediate)
    layers, heads, kv_heads, head_size, hidden, intermediate = (number or 0 for number in numbers)
    shared = layers * hidden * (2 * (heads + kv_heads) * head_size + 3 * intermediate) / 1e9
    vocabularies = [times * words * hidden / 1e9 for times in (1, 2) for words in (32768, 100352, 128256, 152064)]
    assert min(abs(shape.parameters - shared - words) for words in vocabularies) < 0.01 * shape.parameters


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
