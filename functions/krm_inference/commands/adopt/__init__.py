"""krmfn adopt: from manifests that people have to the shortest intent that renders them, with the rest kept as edits.

May import: the SDK, the domain, manifests, `command.py` and `package_files.py`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn adopt [OPTION...] DIR|- [PACKAGE]

Reads the manifests in DIR, or from standard input: hand-written ones, those of a tutorial, or what helm template or
kubectl kustomize printed. Finds the vLLM servers among them with their pools, pickers and routes, and the shortest
LLMService from which the same renders. Says which share of the lines that is, and of every other line whether it is
kept as an edit or what becomes of it. Nothing is written without PACKAGE, a new folder: it gets the intent, a Kptfile,
and all the manifests, rendered, with what no function owns as it was. DIR stays as it is.

  --accelerator TYPE     GPUs of the servers, where no nodeSelector says it
  --gateway-class CLASS  of the Gateway, where it is not among the manifests

The status is 1 where nothing can be adopted, and where what was written is not valid yet."""
_OPTIONS = {"--accelerator": "TYPE", "--gateway-class": "CLASS"}


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where nothing can be adopted, 2 for misuse."""
    from krm_inference.commands import command

    return command.run("adopt", USAGE, arguments, adopt)


def adopt(arguments: list[str]) -> int:
    """Do it, say so, and return the exit status. Raises Misuse."""
    import sys
    from pathlib import Path

    from krm_functions_sdk.commands import options
    from krm_functions_sdk.function import terminal
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.adopt import adoption, facts, reading, report, writing

    given = options.parse(arguments, _OPTIONS)
    if len(given.operands) not in (1, 2):
        raise Misuse("expected a DIR, or - for standard input, and perhaps a PACKAGE")
    source, package = given.operands[0], given.operands[1] if len(given.operands) > 1 else ""
    if package:
        writing.in_the_way(Path(package))
    if wrong := facts.unknown(given.value("--accelerator")):
        raise Misuse(f"--accelerator: {wrong}")
    read = reading.read(source)
    if read.faults:
        print("".join(f"{fault}\n" for fault in read.faults), end="", file=sys.stderr)
        return 1
    try:
        found = adoption.adopt(read.resources, given.value("--accelerator"), given.value("--gateway-class"))
        print(report.text(found, read.left, terminal.columns(sys.stdout)), end="")
        is_valid = not package or writing.write(found, Path(package))
    except adoption.Refused as refused:
        print("".join(f"{fault}\n" for fault in refused.faults) + "nothing was written", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"krmfn adopt: {package} cannot be written: {error}", file=sys.stderr)
        return 1
    end = report.written(found, package, is_valid=is_valid) if package else report.UNWRITTEN
    terminal.say(end)
    return 0 if is_valid else 1
