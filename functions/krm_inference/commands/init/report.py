"""What is said of a new package: its files, what it takes and gives, and what to do next."""

from __future__ import annotations

import shlex
from pathlib import Path

from krm_inference.commands.init import proposal
from krm_inference.commands.init.choice import Choice, intent
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.backends import BACKENDS


def text(choice: Choice, folder: Path, files: list[str]) -> str:
    """Return the report."""
    value = intent(choice)
    numbers = proposal.sizing(value)
    drain, count = numbers.drain, choice.gpus
    context = value["spec"]["model"].get("maxModelLen") or numbers.demand.model.context
    lines = [
        f"{folder}: {len(files)} files, rendered and validated",
        f"  model     {choice.model}" + (f", up to {context:,} tokens" if context else ""),
        f"  takes     1 replica × {count} {choice.accelerator}{_units(choice)}",
        f"  gives     {numbers.sequences} requests at once, about {numbers.tokens_per_second:,.0f} tokens/s",
        f"  longest   answer {drain.answer_seconds:.0f} s for {numbers.demand.output:,} tokens",
        f"  drain     {drain.grace_period} s",
        "",
        "next",
    ]
    place = shlex.quote(str(folder))
    steps = [
        (f"krmfn plan {place}", "what it takes and gives; --prices FILE adds the cost"),
        (f"krmfn explain {place} args", "where each flag of vLLM comes from"),
        (f"krmfn render {place}", "after a change of llm.yaml"),
    ]
    width = max(len(command) for command, _ in steps)
    lines += [f"  {command:<{width}}  {why}" for command, why in steps]
    return "\n".join([*lines, f"  {folder / 'README.md'} says what the cluster needs, and how to apply it"])


def _units(choice: Choice) -> str:
    """Return how many GPUs or chips that are, or that there are none."""
    known = ACCELERATORS.get(choice.accelerator)
    backend = BACKENDS[known.backend if known else "cuda"]
    return f" = {choice.gpus} {backend.unit}{'s' * (choice.gpus > 1)}" if backend.resource else ", and no GPU"
