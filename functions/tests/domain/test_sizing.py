"""Numbers of a server: each follows from the others, none contradicts another, and what somebody decided wins."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from krm_inference.domain import sizing_reasons
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.memory import graph_sizes
from krm_inference.domain.facts.models import MODELS, guessed, split_fault
from krm_inference.domain.facts.shapes import Model
from krm_inference.domain.sizing import Demand, Sizing, Wishes, seat, seats
from krm_inference.domain.startup import BEFORE, LEAST, startup

LLAMA = MODELS["meta-llama/Llama-3.1-8B-Instruct"]


def sizing(accelerator: str = "nvidia-h100-80gb", model: Model = LLAMA, gpus: int = 1, **other: Any) -> Sizing:
    """Return the numbers of a server; `other` are wishes, and `prompt`, `output`, `loras`."""
    sizes = {name: other.pop(name) for name in ("prompt", "output", "loras") if name in other}
    demand = Demand(model, ACCELERATORS[accelerator], gpus, 2048, 4096, 0, 16, 0.92)._replace(**sizes)
    return Sizing(demand, Wishes(30, 1.5)._replace(**other))


SERVERS = st.builds(
    lambda model, kind, gpus, prompt, output, loras, most: (
        None
        if gpus > ACCELERATORS[kind].most or split_fault(MODELS[model], gpus)
        else sizing(kind, MODELS[model], gpus, prompt=prompt, output=output, loras=loras, most_grace=most)
    ),
    st.sampled_from(sorted(MODELS)),
    st.sampled_from(sorted(ACCELERATORS)),
    st.sampled_from([1, 2, 4, 8]),
    st.integers(1, 8192),
    st.integers(16, 16384),
    st.integers(0, 8),
    st.none() | st.integers(60, 3600),
).filter(lambda found: found is not None and (found.fitting > 0 or not found.is_shape_known) and found.cache > 0)


@given(SERVERS)
@settings(max_examples=150)
def test_the_numbers_of_a_server_fit_together(found: Sizing) -> None:
    """Whatever runs fits, graphs of its size are captured, and the kill comes after everything that runs and waits."""
    drain = found.drain
    assert found.sequences >= 1
    assert found.sequences < 8 or found.sequences % 8 == 0
    if found.is_shape_known:
        assert found.sequences <= found.fitting
    assert drain.grace_period >= drain.seconds + 30 + 10
    if found.wishes.most_grace is None:
        assert found.queue == max(1, found.sequences // 2)
    elif drain.grace_period > found.wishes.most_grace:
        assert (found.sequences, found.queue) == (1, 0)
    spare = found.demand.hardware.memory * (1 - found.utilization)
    assert spare >= found.outside - 0.01 * found.demand.hardware.memory or found.utilization == 0.92
    assert found.token_ms >= found.fastest_ms


@given(SERVERS)
@settings(max_examples=100)
def test_a_burst_is_answered_in_time(found: Sizing) -> None:
    """Also where all that may be there came at once, so that the last one waits for a whole answer, none is cut."""
    answer = found.drain.answer_seconds
    if found.wishes.most_grace is None:
        assert found.drain.shutdown_timeout >= 2 * answer


@given(SERVERS, st.integers(0, 400))
@settings(max_examples=100)
def test_more_at_once_is_never_quicker(found: Sizing, more: int) -> None:
    """With more requests at once each token takes longer."""
    times = [found.step(number).ms for number in (1, 1 + more // 2, 1 + more)]
    assert times == sorted(times)


@given(st.integers(1, 2000))
def test_seats(number: int) -> None:
    """The largest number that vLLM has a graph for is below, and less than eight away."""
    assert seat(number) in seats(number)
    assert seat(number) == seats(number)[-1]
    assert number - 8 < seat(number) <= number


def test_graphs() -> None:
    """As vLLM counts them: 51 sizes up to 512, and four with four sequences."""
    assert graph_sizes(1024) == graph_sizes(256) == 51
    assert graph_sizes(4) == 4
    assert graph_sizes(8) == 5


@pytest.mark.parametrize(
    ("kind", "model", "gpus", "share", "at_once", "token_ms", "grace"),
    [
        ("nvidia-h100-80gb", "meta-llama/Llama-3.1-8B-Instruct", 1, 0.92, 72, 19.8, 240),
        ("nvidia-h200-141gb", "meta-llama/Llama-3.1-8B-Instruct", 1, 0.92, 144, 24.3, 290),
        ("nvidia-l4", "meta-llama/Llama-3.1-8B-Instruct", 1, 0.9, 4, 70.8, 700),
        ("nvidia-tesla-a100", "meta-llama/Llama-3.1-8B-Instruct", 1, 0.92, 24, 22.8, 270),
        ("nvidia-b200", "meta-llama/Llama-3.1-8B-Instruct", 1, 0.92, 192, 19.5, 240),
        ("nvidia-h100-80gb", "meta-llama/Llama-3.3-70B-Instruct", 2, 0.92, 4, 30.3, 330),
        ("nvidia-h100-80gb", "meta-llama/Llama-3.3-70B-Instruct", 8, 0.92, 224, 28.6, 340),
        ("nvidia-h200-141gb", "deepseek-ai/DeepSeek-V3.1", 8, 0.92, 112, 34.2, 370),
        ("nvidia-l4", "Qwen/Qwen2.5-7B-Instruct-AWQ", 1, 0.89, 32, 49.5, 530),
    ],
)
def test_hardware(kind: str, model: str, gpus: int, share: float, at_once: int, token_ms: float, grace: int) -> None:
    """One model on many accelerators, larger ones on several GPUs, a mixture of experts and a quantized copy."""
    shape = guessed(model)
    assert shape is not None
    found = sizing(kind, shape, gpus)
    assert (found.utilization, found.sequences, found.token_ms) == (share, at_once, token_ms)
    assert found.drain.grace_period == grace


def test_what_somebody_decided_wins() -> None:
    """A number of requests, a queue, a measured time and the longest grace period each change what follows."""
    free = sizing()
    assert sizing(concurrency=10).sequences == 10
    assert sizing(queue=7).queue == 7
    assert sizing(token_ms=10.0).token_ms == 10
    assert sizing(token_ms=10.0).sequences < free.sequences
    assert sizing(most_grace=130).drain.grace_period <= 130 < free.drain.grace_period
    assert sizing(most_grace=130).sequences < free.sequences


def test_the_tutorials_numbers_can_be_had() -> None:
    """10 ms, 40 % for prompts and no queue are 130 s and 90 s, and so many run that 10 ms are true."""
    found = sizing(loras=2, token_ms=10.0, prefill_share=0.4, queue=0)
    assert (found.drain.grace_period, found.drain.shutdown_timeout) == (130, 90)
    assert found.step(found.sequences).ms <= 12


def test_more_than_fit_wait() -> None:
    """Those beyond the cache are preempted and computed again: they lengthen the drain like those in the queue."""
    found = sizing(concurrency=150, queue=0)
    assert found.in_step == found.fitting == 75
    assert found.drain.queue_share == 1.0


def test_a_model_of_unknown_shape_reads_at_most_what_there_is() -> None:
    """Without a shape no step reads more than the share of memory, and the comment says what is assumed."""
    found = sizing(model=Model(13.0, None, None, None, None))
    assert (found.sequences, found.fitting, found.tokens) == (32, 0, 0)
    took = found.step(32)
    read = took.weights * 3350e6 * 0.81 + took.cache * 3350e6 * 0.95
    assert read == pytest.approx(found.budget * 2**30, rel=0.01)
    assert "32 assumed" in sizing_reasons.sequences(found)


def test_an_old_vllm_bounds_no_queue() -> None:
    """Where the flag is missing, nothing counts with a queue, and the comment says what one costs."""
    found = sizing(can_bound_queue=False)
    assert found.queue == 0
    assert found.drain.queue_share == 0
    seconds = f"{found.drain.answer_seconds:.0f}"
    assert f"this vLLM bounds no queue: 72 that wait take {seconds} s more to drain" in sizing_reasons.sequences(found)


def test_weights_decide_how_long_a_start_may_take() -> None:
    """A large model gets more than the least, a local one needs no download, and what is said wins."""
    small, large = (startup(sizing(), gib, 50, 400, None) for gib in (15.0, 135.0))
    assert small.seconds == LEAST
    assert large.seconds > 135 * 1024 / 50
    assert large.deadline == large.seconds + 2 + BEFORE
    assert startup(sizing(), 135.0, None, 400, None).seconds == LEAST
    assert startup(sizing(), 135.0, 50, 400, 1234).seconds == 1234
    assert startup(sizing(loras=2), 15.0, 50, 400, None).total > small.total
