"""The drain arithmetic: the seed's numbers, what always holds, and sums in comments that add up."""

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from krm_inference.domain.drain import LONGEST_DRAINING, LONGEST_REQUEST, Drain

SEED = Drain(4096, 10, 0.4, 30, 1.5)

DRAINS = st.builds(
    Drain,
    st.integers(1, 2**31 - 1),
    st.floats(0.01, 60000) | st.integers(1, 60000),
    st.floats(0, 10) | st.integers(0, 10),
    st.integers(0, 600),
    st.floats(1, 10),
    st.floats(0, 10) | st.just(0.5),
    st.just(0.0) | st.floats(0, 3600),
)


def test_the_seed() -> None:
    """4096 tokens at 10 ms, 40 % for prompts, 30 s preStop and a factor of 1.5 give 57.3, 130 and 90."""
    assert round(SEED.seconds, 1) == 57.3
    assert SEED.grace_period == 130
    assert SEED.shutdown_timeout == 90
    assert SEED.backend_timeout(300) == 300
    assert SEED.draining_timeout == 130


@pytest.mark.parametrize(
    ("drain", "grace", "shutdown"),
    [
        (SEED._replace(max_output_tokens=8192), 220, 180),
        (SEED._replace(pre_stop=0), 90, 80),
        (SEED._replace(safety_factor=1), 98, 58),
        (SEED._replace(max_output_tokens=1), 50, 10),
        (SEED._replace(max_output_tokens=131072), 2800, 2760),
        (SEED._replace(queue_share=0.5), 170, 130),
    ],
)
def test_other_figures(drain: Drain, grace: int, shutdown: int) -> None:
    """The larger of the buffered time to the nearest ten and the bare time with ten seconds to exit."""
    assert (drain.grace_period, drain.shutdown_timeout) == (grace, shutdown)


@given(DRAINS)
def test_the_kill_comes_after_everything(drain: Drain) -> None:
    """The grace period holds drain, preStop and ten seconds to exit, and vLLM may drain as long as a request lasts."""
    assume(not drain.fault)
    assert drain.grace_period >= drain.seconds + drain.pre_stop + 10
    assert drain.shutdown_timeout >= drain.seconds
    assert drain.pre_stop + drain.shutdown_timeout + 10 == drain.grace_period
    assert drain.draining_timeout == min(drain.grace_period, LONGEST_DRAINING)


@given(DRAINS, st.integers(1, 3600))
def test_the_balancer_waits_for_the_longest_request(drain: Drain, at_least: int) -> None:
    """The backend timeout is never below the longest request, nor below the release's own."""
    assume(not drain.fault)
    assert drain.backend_timeout(at_least) >= max(drain.seconds, at_least)


@given(DRAINS)
def test_a_request_of_days_is_a_fault(drain: Drain) -> None:
    """Figures that make a request last longer than a day are a fault, which names the product."""
    assert bool(drain.fault) == (drain.seconds > LONGEST_REQUEST)
    if drain.fault:
        assert drain.sum in drain.fault


def _worth(sum_: str) -> float:
    """Return the value in seconds of a sum as it stands in a comment."""
    text = re.sub(r"(\S+) tokens? × (\S+) ms × ", r"\1 / 1000 * \2 * ", sum_)
    text = re.sub(r" s (preStop|grace|to exit)", "", text).replace("×", "*").replace(", rounded up, + 10", "")
    assert not re.search(r"[^-+*/(). \de]", text), text
    return float(eval(text))  # digits and operators only


FIGURES = st.builds(
    Drain,
    st.integers(1, 100_000),
    st.integers(1, 50),
    st.sampled_from([0, 0.2, 0.25, 0.4, 1]),
    st.integers(0, 120),
    st.sampled_from([1, 1.2, 1.5, 2]),
    st.sampled_from([0, 0.5, 1, 1.34]),
    st.sampled_from([0, 46]),
)


@given(FIGURES)
def test_the_sums_in_the_comments_are_right(drain: Drain) -> None:
    """A comment's sum, worked out, gives the number beside it, rounded as the comment says."""
    worth = _worth(drain.grace_reason)
    if "rounded up" in drain.grace_reason:
        assert math.ceil(round(worth, 6)) + 10 == drain.grace_period
    else:
        assert abs(worth - drain.grace_period) <= 5 + 1e-6
    assert _worth(drain.shutdown_reason) == drain.shutdown_timeout
    assert _worth(drain.sum) == pytest.approx(drain.seconds)


def test_the_reasons_of_the_seed() -> None:
    """The comments of the seed, word for word."""
    assert SEED.grace_reason == "(4096 tokens × 10 ms × 1.4 + 30 s preStop) × 1.5"
    assert SEED.shutdown_reason == "130 s grace - 30 s preStop - 10 s to exit"
    assert SEED.backend_reason(300) == "the release's default; longest request 57.3 s × 1.5 is not more"
    assert SEED._replace(max_output_tokens=131072).backend_reason(300) == "longest request 1835.0 s × 1.5, rounded up"
    assert SEED._replace(max_output_tokens=262144).draining_reason == (
        "the most that GKE allows; the Pods' grace period is 5550 s"
    )
