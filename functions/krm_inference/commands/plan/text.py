"""Plans as text, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator

from krm_inference.commands.plan import goals
from krm_inference.commands.plan.estimates import ERROR_PERCENT, Estimate
from krm_inference.commands.plan.goals import Goal
from krm_inference.commands.plan.prices import Prices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ABOUT = (
    f"Times and rates are estimates. The time of a token is within {ERROR_PERCENT} % of what was measured on an H200; "
    "other accelerators follow from their data sheets. The time to the first token is so where eight or more prompts "
    "of 2,000 tokens arrive together; for short prompts it is within 35 %, and for one long prompt alone vLLM took up "
    "to 2.2 times as long. What it compiles once for a shape comes on top (docs/numbers.md)."
)
_SHOWN = 5


def plan(estimates: list[Estimate], prices: Prices, output: str) -> str:
    """Return the plan of services, "" without any."""
    if not estimates:
        return ""
    if output == "json":
        whole: dict[str, Any] = {
            "services": [_fields(item, prices) for item in estimates],
            "gpus": _gpus(estimates),
            "errorPercent": ERROR_PERCENT,
        }
        if (hour := _hour(estimates)) is not None:
            whole |= {"costPerHour": round(hour, 2), "currency": prices.currency}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    if output == "markdown":
        return _markdown(estimates, prices)
    blocks = ["\n".join(_block(item, prices)) for item in estimates]
    return "\n\n".join([*blocks, _total(estimates, prices)]) + "\n"


def proposals(goal: Goal, choices: list[Estimate], prices: Prices, output: str) -> str:
    """Return the choices of hardware and the intent that follows from the first, "" without any."""
    if not choices:
        return ""
    if output == "json":
        listed = [_fields(choice, prices) for choice in choices]
        return json.dumps({"choices": listed, "intent": goals.intent(goal, choices[0])}, indent=2) + "\n"
    rows = [_choice(choice, prices) for choice in choices[:_SHOWN]]
    head = ["hardware", "replicas", "at once", "token", "first token", "tokens/s", "cost/h", "cost/million"]
    if not prices.gpu_hour:
        head, rows = head[:-2], [row[:-2] for row in rows]
    order = "the cheapest first" if prices.gpu_hour else "what takes the least memory bandwidth first"
    text = goals.intent(goal, choices[0])
    if output == "markdown":
        return f"{_table(head, rows)}\n\n{order.capitalize()}. {_ABOUT}\n\n```yaml\n{text}```\n"
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return "\n".join([*lines, "", f"{order.capitalize()}. {_ABOUT}", "", f"{text}"])


def _choice(choice: Estimate, prices: Prices) -> list[str]:
    return [
        f"{choice.gpus} × {choice.accelerator}", f"{choice.replicas}", f"{choice.concurrency}",
        f"{choice.token_ms:g} ms", f"{choice.first_ms:.0f} ms", f"{choice.all_rate:,.0f}",
        _money(choice.hour, prices), _money(choice.million, prices),
    ]  # fmt: skip


def _rows(item: Estimate, prices: Prices) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a service: what it is about, and the figures."""
    many = item.replicas > 1
    each, gpu = (" on each replica" if many else ""), f"{item.gpus} {item.accelerator}"
    yield "GPUs", f"{item.replicas} × {gpu} = {item.all_gpus}" if item.takes_accelerators else "none, it has CPUs"
    yield "requests", f"{item.concurrency} at once and {item.queue} that wait{each}"
    if item.tokens:
        full = f"{item.fitting:.1f} sequences of {item.length:,}"
        yield "KV cache", f"{item.tokens:,} tokens{each}, {full}, at {item.utilization:.0%} of GPU memory"
    else:
        yield "KV cache", "not checked, because spec.model.facts does not say the shape of the model"
    if item.reads_only:
        rate = f", {item.all_rate:,.1f} in all" if many else ""
        yield "prompts", f"{item.rate:,.1f} of {item.prompt:,} tokens a second{each}{rate}"
        yield from _times(item, prices)
        return
    rate = f", {item.all_rate:,.0f} in all" if many else ""
    yield "output", f"{item.rate:,.0f} tokens/s{each} with all of these{rate}"
    yield "first token", f"{item.first_ms:.0f} ms for a prompt of {item.prompt:,} tokens"
    yield "each token", f"{item.token_ms:g} ms"
    longest = f", {item.longest_seconds:.0f} s for the last that waits" if item.queue else ""
    yield "longest answer", f"{item.answer_seconds:.0f} s for {item.output:,} tokens{longest}"
    yield from _times(item, prices)


def _times(item: Estimate, prices: Prices) -> Iterator[tuple[str, str]]:
    """Yield how long it takes to stop and to start, and what it costs."""
    yield "drain", f"{item.shutdown_timeout} s, {item.grace_period} s grace"
    yield "start", f"at most {item.startup_seconds} s"
    if item.hour is not None:
        has_rate = item.million and not item.reads_only
        million = f", {_money(item.million, prices)} a million output tokens" if has_rate else ""
        yield "cost", f"{_money(item.hour, prices)} an hour{million}"
    elif prices.gpu_hour:
        yield "cost", f"no price of {item.accelerator} in the file"


def _block(item: Estimate, prices: Prices) -> Iterator[str]:
    yield f"{item.package}: {item.name}, {item.model}"
    yield from (f"  {name:<15} {figures}" for name, figures in _rows(item, prices))


def _total(estimates: list[Estimate], prices: Prices) -> str:
    gpus = ", ".join(f"{count} × {kind}" for kind, count in _gpus(estimates).items())
    hour = _hour(estimates)
    cost = f", {_money(hour, prices)} an hour" if hour is not None else ""
    return f"in all: {gpus}{cost}\n{_ABOUT}"


def _markdown(estimates: list[Estimate], prices: Prices) -> str:
    names = [f"`{item.name}`" for item in estimates]
    columns = [dict(_rows(item, prices)) for item in estimates]
    heads = dict.fromkeys(head for column in columns for head in column)
    rows = [[head, *(column.get(head, "") for column in columns)] for head in heads]
    return f"{_table(['', *names], rows)}\n\n{_total(estimates, prices)}\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fields(item: Estimate, prices: Prices) -> dict[str, Any]:
    named = {
        "package": item.package, "name": item.name, "model": item.model, "accelerator": item.accelerator,
        "replicas": item.replicas, "gpusPerReplica": item.gpus, "gpus": item.all_gpus,
        "gpuMemoryUtilization": item.utilization, "maxConcurrency": item.concurrency, "maxQueue": item.queue,
        "kvCacheTokens": item.tokens or None, "longestSequence": item.length,
        "sequencesAtFullLength": round(item.fitting, 1) if item.tokens else None,
        "promptTokens": item.prompt, "outputTokens": item.output,
        "tokensPerSecond": {"perReplica": round(item.rate), "all": round(item.all_rate)},
        "timeToFirstTokenMs": round(item.first_ms), "timePerOutputTokenMs": item.token_ms,
        "longestAnswerSeconds": round(item.answer_seconds, 1), "longestRequestSeconds": round(item.longest_seconds, 1),
        "shutdownTimeoutSeconds": item.shutdown_timeout, "terminationGracePeriodSeconds": item.grace_period,
        "startupSeconds": item.startup_seconds,
    }  # fmt: skip
    if item.hour is not None and item.million is not None:
        costs = {"costPerHour": round(item.hour, 2), "costPerMillionOutputTokens": round(item.million, 3)}
        named |= {**costs, "currency": prices.currency}
    return {key: value for key, value in named.items() if value not in ("", None)}


def _gpus(estimates: list[Estimate]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in (item for item in estimates if item.takes_accelerators):
        found[item.accelerator] = found.get(item.accelerator, 0) + item.all_gpus
    return found


def _hour(estimates: list[Estimate]) -> float | None:
    paid = [item for item in estimates if item.takes_accelerators]
    known = [item.hour for item in paid if item.hour is not None]
    return sum(known) if known and len(known) == len(paid) else None


def _money(amount: float | None, prices: Prices) -> str:
    return "?" if amount is None else f"{amount:,.2f} {prices.currency}".rstrip()
