"""krmfn test."""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk import golden
from krm_functions_sdk.commands import options
from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn test [--update] [FOLDER...]

Runs the golden cases below the folders: examples/<case>/input.yaml and expected.yaml. Default: the current folder.
It takes the installed function that the folder above `examples` names, or else the one defined there.

  --update  rewrite expected.yaml, and fail where that changed one"""
OPTIONS = {"--update": ""}


def main(arguments: list[str]) -> int:
    """Run the cases, and return 1 where one failed or was updated. Raises Misuse."""
    given = options.parse(arguments, OPTIONS)
    folders = given.operands or ["."]
    try:
        cases = [case for folder in folders for case in golden.cases(Path(folder))]
    except LookupError as error:
        raise Misuse(str(error)) from None
    if not cases:
        raise Misuse(f"no golden case below {', '.join(folders)}")
    update = "--update" in given
    failed = sum(_changed(case) if update else _failed(case) for case in cases)
    said = "updated: read the change, then run again" if update else "failed"
    terminal.say(f"{len(cases) - failed} passed, {failed} {said}")
    return 1 if failed else 0


def _changed(case: golden.Case) -> bool:
    changed = case.update()
    if changed:
        terminal.say(f"updated {case}")
    return changed


def _failed(case: golden.Case) -> bool:
    problem = case.problem()
    if problem:
        terminal.say(f"FAILED {case}")
        print(problem)  # a diff stays as it is
    return bool(problem)
