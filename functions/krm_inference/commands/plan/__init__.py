"""krmfn plan: the capacity and the cost of services, and the hardware that a service level takes.

May import: the SDK, the domain and `command.py`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn plan [--output text|json|markdown] [--prices FILE] PACKAGE...
       krmfn plan --model ID --slo ttft=MS,tpot=MS [--gpus TYPE,...] [--prompt-tokens N] [--output-tokens N]
                  [--tokens-per-second N] [--prices FILE] [--output text|json|markdown]

Say of each LLMService how many GPUs it takes, how many requests it answers at once, how fast, how long a drain lasts,
and what it costs. Or propose accelerators and replicas with which a model keeps to a service level, and the intent that
follows. Nothing is written. Times and rates are estimates: the time of a token is within 20 % of what was measured on
an H200; other accelerators follow from their data sheets.

  --prices FILE            prices of an hour of one GPU, in YAML: currency: EUR, gpuHour: {nvidia-l4: 0.70}
  --slo ttft=MS,tpot=MS    the longest time to the first token and of each further one, in ms; one of them is enough
  --gpus TYPE,...          accelerators to choose from; NVIDIA's on GKE without it
  --prompt-tokens N        the longest prompt, 2048 without it
  --output-tokens N        the longest output, 4096 without it
  --tokens-per-second N    output tokens per second of all replicas; one replica without it
  --output FORMAT, -o      text (the default), json, or markdown for a pull request"""
FORMATS = ("text", "json", "markdown")


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where an intent has faults or no hardware will do, 2 for misuse."""
    from krm_inference.commands.command import serve

    return serve("plan", USAGE, FORMATS, arguments, plan, is_report=True)


def plan(arguments: list[str], output: str) -> tuple[str, list[str]]:
    """Return the plan of packages, or of a model with a service level, and the lines of what is wrong.

    Raises Misuse.
    """
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands import packages
    from krm_inference.commands.plan import estimates, goals, options, prices, text

    found, operands = options.read(arguments)
    known = prices.read(found["--prices"]) if "--prices" in found else prices.NONE
    if "--model" in found or "--slo" in found:
        if operands:
            raise Misuse(f"found {operands[0]}, expected a PACKAGE or --model with --slo, not both")
        goal = goals.of(found)
        proposals, faults = goals.propose(goal, known)
        return text.proposals(goal, proposals, known, output), faults
    if extra := [name for name in found if name != "--prices"]:
        raise Misuse(f"{extra[0]} is for --model with --slo")
    if not operands:
        raise Misuse("expected a PACKAGE, or --model with --slo")
    read, faults = packages.read(operands)
    return text.plan(
        [one for name, service in read for one in estimates.of(name, service, known)], known, output
    ), faults
