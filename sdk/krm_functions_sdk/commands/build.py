"""krmfn build."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse

USAGE = f"""\
usage: krmfn build [OPTION...] OVERLAY

Builds a kustomize overlay, and then runs the pipeline and the validators of its packages, so that a patch to an intent
changes all that follows from it. Needs kubectl or kustomize. Writes what a cluster takes to standard output.

  --output FOLDER, -o     write a new folder instead: the package as it is there, with its intents and comments
  --allow-exec            run executables that a pipeline names with `exec`: they run as you
  --allow-network         let functions in containers reach the network
{options.LIMITS_USAGE}"""
OPTIONS = {"--output": "FOLDER", "-o": "FOLDER", "--allow-exec": "", "--allow-network": "", **options.LIMITS}


def main(arguments: list[str]) -> int:
    """Build, and return 1 where that failed; nothing is written then. Raises Misuse."""
    from krm_functions_sdk.files import disk, output
    from krm_functions_sdk.kpt.build import Environment

    given = options.parse(arguments, OPTIONS)
    if len(given.operands) != 1:
        raise Misuse("build takes one OVERLAY, a folder with a kustomization.yaml")
    overlay = Path(given.operands[0])
    if not overlay.is_dir():
        raise Misuse(f"{overlay}: no such folder")
    limits = options.limits(given, allow_exec="--allow-exec" in given, allow_network="--allow-network" in given)
    environment = Environment(overlay, limits, _complain)
    target = given.value("--output") or given.value("-o")
    try:
        worked = environment.run()
        for line in (*environment.printed, *map(str, environment.results)):
            _complain(line)
        if worked and target:
            output.write_texts(environment.files(), Path(target))
            terminal.say(f"{overlay}: built into {target}")
        elif worked:
            sys.stdout.write(environment.stream())
    except (OSError, output.Refusal) as error:
        _complain(f"[error] {overlay}: {disk.told(error)}")
        worked = False
    if not worked:
        _complain(f"{overlay}: not built, nothing was written")
    return 0 if worked else 1


def _complain(line: str) -> None:
    print(line, file=sys.stderr)
