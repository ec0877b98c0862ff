"""Models: how large the weights are, and where the figure comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_inference.domain.models import PARAMETERS, weights


@pytest.mark.parametrize(
    ("model", "gib", "reason"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", 14.96, "15.0 GiB of weights (8.03B parameters × 2 bytes)"),
        ("example/chat-13b-v2", 24.21, "24.2 GiB of weights (13B parameters by its name × 2 bytes)"),
        ("example/tiny-0.5B", 0.93, "0.9 GiB of weights (0.5B parameters by its name × 2 bytes)"),
        ("example/model", 60, "60 GiB of weights assumed, size unknown"),
        ("example/a8base", 60, "60 GiB of weights assumed, size unknown"),
    ],
)
def test_weights(model: str, gib: float, reason: str) -> None:
    """A known model by its card, another by the size in its name, and else a guess that says so."""
    found = weights(model)
    assert found.gib == pytest.approx(gib, abs=0.01)
    assert found.reason == reason


@pytest.mark.parametrize("model", PARAMETERS)
def test_known_models_agree_with_their_names(model: str) -> None:
    """The card and the name of a known model differ by less than a tenth: a slip in the table would show."""
    by_name = weights(f"unknown/{model.partition('/')[2]}")
    assert weights(model).gib == pytest.approx(by_name.gib, rel=0.25)


@given(st.from_regex(r"[A-Za-z0-9/][A-Za-z0-9._/-]*", fullmatch=True))
def test_every_model_has_weights(model: str) -> None:
    """Whatever the name, there is a size and a reason."""
    found = weights(model)
    assert found.gib >= 0
    assert found.reason
