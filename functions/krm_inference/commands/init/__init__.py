"""krmfn init: a new package for a model of one's own, by five questions or by flags, rendered and validated.

May import: the SDK, the domain, `command.py` and `smoke_script/`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn init [OPTION...] [DIR]

Writes a package into DIR, by default the current folder: the intent, a Kptfile, a kustomization, a README, a smoke
test, and the manifests that render from them, validated. On a terminal it asks for what no option says; elsewhere each
question is answered by its default, and only --model has to be given. No file is ever overwritten.

  --model ID             Hugging Face repository of the model
  --accelerator TYPE     GPUs of a replica; by default the least on which the model fits with room for requests
  --count N              how many of them for each replica; by default as many as the model takes
  --platform P           kind of cluster (default: gke-standard)
  --release R            release of the inference gateway, see krmfn facts
  --gateway-class C      GatewayClass that brings the requests in
  --managed-definitions  GKE brings the definition of InferencePool: its version is 1.34.0-gke.1626000 or newer
  --adapter NAME=SOURCE  a LoRA adapter, by Hugging Face repository; may stand several times

What nobody chooses is left to the intent, llm.yaml, where each field can be changed: krmfn render then writes the
manifests anew."""
_OPTIONS = {
    "--model": "ID", "--accelerator": "TYPE", "--count": "N", "--platform": "P", "--release": "R",
    "--gateway-class": "C", "--managed-definitions": "", "--adapter": "NAME=SOURCE",
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where the choice cannot be, 2 for misuse."""
    from krm_inference.commands import command

    return command.run("init", USAGE, arguments, init)


def init(arguments: list[str]) -> int:
    """Write the package, say so, and return the exit status. Raises Misuse."""
    import sys
    from pathlib import Path

    from krm_functions_sdk.commands import options
    from krm_functions_sdk.function import terminal
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.init import questions, report, writing
    from krm_inference.commands.init import terminal as asking

    given = options.parse(arguments, _OPTIONS)
    if len(given.operands) > 1:
        raise Misuse(f"found {' '.join(given.operands)}, expected one DIR")
    folder = Path(*given.operands[:1])
    is_asking = asking.is_there()
    if not is_asking and "--model" not in given:
        raise Misuse("--model is missing, and there is no terminal on which to ask for it")
    writing.in_the_way(folder)
    flags = questions.Given(
        model=given.value("--model"), accelerator=given.value("--accelerator"), gpus=given.value("--count"),
        platform=given.value("--platform"), release=given.value("--release"),
        gateway_class=given.value("--gateway-class"), adapters=tuple(given.values.get("--adapter", ())),
        is_managed="--managed-definitions" in given,
    )  # fmt: skip
    choice = questions.choose(flags, asking.ask if is_asking else asking.take_default)
    if wrong := writing.faults(choice):
        print("".join(f"krmfn init: {line}\n" for line in wrong) + "nothing was written", file=sys.stderr)
        return 1
    try:
        files, results, worked = writing.write(choice, folder)
    except OSError as error:
        print(f"krmfn init: {folder} cannot be written: {error}", file=sys.stderr)
        return 1
    print("".join(f"{line}\n" for line in results), end="", file=sys.stderr)
    if not worked:
        print(f"krmfn init: {folder}: nothing was written", file=sys.stderr)
        return 1
    terminal.say(report.text(choice, folder, files))
    return 0
