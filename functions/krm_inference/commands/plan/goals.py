"""The hardware with which a model keeps to a service level, and the intent that follows from it."""

from __future__ import annotations

import math
import re

from krm_functions_sdk.document import emitter
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.function.command_line import Misuse

from krm_inference.commands.plan import options
from krm_inference.commands.plan.estimates import Estimate, estimate, first_ms
from krm_inference.commands.plan.prices import Prices
from krm_inference.domain.facts import models
from krm_inference.domain.facts.accelerators import ACCELERATORS, PROPOSED
from krm_inference.domain.facts.models import Model
from krm_inference.domain.facts.releases import RECOMMENDED
from krm_inference.domain.facts.vllm import utilization
from krm_inference.domain.facts.vllm_releases import LAST
from krm_inference.domain.record import Record
from krm_inference.domain.sizing import PROMPT, Demand, Sizing, Wishes, seats
from krm_inference.domain.startup import DOWNLOAD_RATE, LOAD_RATE, startup

_TIME = pattern(r"(\d+(?:\.\d+)?)(ms|s)?")
_GPUS = (1, 2, 4, 8)
_OUTPUT = 4096


class Goal(Record):
    """What is wanted of a model: times in ms (None: any), and output tokens per second (0: those of one replica)."""

    model: str
    first_ms: float | None
    token_ms: float | None
    accelerators: tuple[str, ...]
    prompt: int
    output: int
    rate: int


def of(found: dict[str, str]) -> Goal:
    """Return the goal that the options describe. Raises Misuse."""
    for name in ("--model", "--slo"):
        if name not in found:
            raise Misuse(f"{name} is missing; --model and --slo go together")
    times = _times(found["--slo"])
    kinds = tuple(found["--gpus"].split(",")) if "--gpus" in found else PROPOSED
    if unknown := [kind for kind in kinds if kind not in ACCELERATORS]:
        raise Misuse(f"--gpus: found {unknown[0]}, expected some of {', '.join(ACCELERATORS)}")
    if models.guessed(found["--model"]) is None:
        raise Misuse(
            f"--model: nothing is known of {found['--model']}; describe it in an LLMService by spec.model.facts"
        )
    return Goal(
        found["--model"],
        times.get("ttft"),
        times.get("tpot"),
        kinds,
        options.count(found, "--prompt-tokens", PROMPT),
        options.count(found, "--output-tokens", _OUTPUT),
        options.count(found, "--tokens-per-second", 1) if "--tokens-per-second" in found else 0,
    )


def _times(text: str) -> dict[str, float]:
    times: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        match = _TIME.fullmatch(value)
        if name not in ("ttft", "tpot") or name in times or match is None or not float(match[1]):
            raise Misuse(f"--slo: found {part or 'nothing'}, expected ttft=500ms, tpot=30ms, or both")
        times[name] = float(match[1]) * (1000 if match[2] == "s" else 1)
    return times


def propose(goal: Goal, prices: Prices) -> tuple[list[Estimate], list[str]]:
    """Return what keeps to the goal, the best first, or the lines that say why nothing does.

    The best is the cheapest for an hour if all have prices, and else what takes the least memory bandwidth.
    """
    model = models.guessed(goal.model)
    assert model is not None  # of() refuses what nothing is known of
    fitting = list(_fitting(goal, model))
    found = [choice for kind, sizing in fitting if (choice := _choice(goal, kind, sizing, prices))]
    if not found:
        return [], [_refusal(goal, model, fitting)]
    has_prices = all(choice.hour is not None for choice in found)

    def effort(choice: Estimate) -> tuple[float, int]:
        bandwidth = choice.all_gpus * ACCELERATORS[choice.accelerator].bandwidth
        per_token = choice.hour if has_prices and choice.hour is not None else bandwidth
        return (per_token if goal.rate else per_token / choice.all_rate), choice.all_gpus

    return sorted(found, key=effort), []


def _fitting(goal: Goal, model: Model) -> list[tuple[str, Sizing]]:
    """Return the accelerators and numbers of them into which the model fits."""
    found = []
    for kind in goal.accelerators:
        for gpus in _GPUS:
            if gpus > ACCELERATORS[kind].most or models.split_fault(model, gpus):
                continue
            cache = max(2.0, model.bytes)
            demand = Demand(
                model, ACCELERATORS[kind], gpus, goal.prompt, goal.output, 0, 0, utilization(LAST), cache_bytes=cache
            )
            sizing = Sizing(demand, Wishes(30, 1.5))
            if sizing.fitting or (not sizing.is_shape_known and sizing.cache > 0):
                found.append((kind, sizing))
    return found


def _choice(goal: Goal, kind: str, sizing: Sizing, prices: Prices) -> Estimate | None:
    """Return the most sequences with which hardware keeps to the goal, None where it does with none."""
    for number in reversed(seats(sizing.sequences)):
        fewer = Sizing(sizing.demand, sizing.wishes._replace(concurrency=number))
        if _keeps(goal, fewer):
            replicas = max(1, math.ceil(goal.rate / fewer.tokens_per_second))
            model = sizing.demand.model
            start = startup(fewer, model.weights, DOWNLOAD_RATE, LOAD_RATE, None)
            return estimate(
                fewer, package="", name="", model=goal.model, accelerator=kind, replicas=replicas,
                length=model.context or fewer.length, startup=start.seconds, prices=prices,
            )  # fmt: skip
    return None


def _keeps(goal: Goal, sizing: Sizing) -> bool:
    is_quick = goal.token_ms is None or sizing.token_ms <= goal.token_ms
    return is_quick and (goal.first_ms is None or first_ms(sizing) <= goal.first_ms)


def _refusal(goal: Goal, model: Model, fitting: list[tuple[str, Sizing]]) -> str:
    if not fitting:
        return f"[error] {goal.model} ({model.weights:.1f} GiB) fits into none of {', '.join(goal.accelerators)}"
    alone = [(kind, Sizing(sizing.demand, sizing.wishes._replace(concurrency=1))) for kind, sizing in fitting]
    kind, best = min(alone, key=lambda pair: first_ms(pair[1]) if goal.token_ms is None else pair[1].token_ms)
    return (
        f"[error] nothing keeps to the service level: {best.demand.gpus} × {kind} comes nearest, with one request at a "
        f"time {best.token_ms:g} ms a token and {first_ms(best):.0f} ms to the first"
    )


def intent(goal: Goal, choice: Estimate) -> str:
    """Return the intent that follows from a choice, of a service that has a name to be replaced."""
    name = re.sub(r"[^a-z0-9]+", "-", goal.model.rpartition("/")[2].lower()).strip("-")
    text: str = emitter.document(
        {
            "apiVersion": "inference.fn.kpt.dev/v1alpha1",
            "kind": "LLMService",
            "metadata": {"name": name, "annotations": {"config.kubernetes.io/local-config": "true"}},
            "spec": {
                "release": RECOMMENDED,
                "model": {"id": goal.model, "maxOutputTokens": goal.output, "promptTokens": goal.prompt},
                "replicas": choice.replicas,
                "accelerator": {"type": choice.accelerator, "count": choice.gpus},
                "server": {"maxConcurrency": choice.concurrency},
                "gateway": {"name": "inference-gateway"},
            },
        }
    )
    return text
