"""What the commands of krmfn here have in common: help, misuse, and the format of the output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse

OUTPUT, SHORT = "--output", "-o"
Work = Callable[[list[str], str], tuple[str, list[str]]]  # arguments and format to text and the lines of what is wrong


def run(name: str, usage: str, arguments: list[str], work: Callable[[list[str]], int]) -> int:
    """Show the help, or do the work and return its exit status, 2 for misuse."""
    if {"--help", "-h"} & {*arguments}:
        terminal.show_help(usage)
        return 0
    try:
        return work(arguments)
    except Misuse as misuse:
        print(f"krmfn {name}: {misuse}", file=sys.stderr)
        return 2


def serve(
    name: str, usage: str, formats: Sequence[str], arguments: list[str], work: Work, *, is_report: bool = False
) -> int:
    """Do the work, print what comes of it, and return the exit status: 1 where something is wrong, 2 for misuse.

    What `is_report` in the first format is fitted to the terminal that it is printed on.
    """

    def answer(arguments: list[str]) -> int:
        output, rest = option(arguments, OUTPUT, formats)
        text, faults = work(rest, output)
        print("".join(f"{fault}\n" for fault in faults), end="", file=sys.stderr)
        show = terminal.say if is_report and output == formats[0] else print
        show(text, end="")
        return 1 if faults else 0

    return run(name, usage, arguments, answer)


def option(arguments: list[str], name: str, choices: Sequence[str]) -> tuple[str, list[str]]:
    """Return the value of an option, the first choice without it, and the other arguments. Raises Misuse."""
    found, rest = taken(arguments, (name, SHORT) if name == OUTPUT else (name,))
    value = choices[0] if found is None else found
    if value not in choices:
        raise Misuse(f"{name}: found {value or 'nothing'}, expected {' or '.join(choices)}")
    return value, rest


def taken(arguments: list[str], names: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the value of the first option of one of these names, None without it, and the other arguments."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names:
            end = position + (1 if equals else 2)
            return value if equals else "".join(arguments[position + 1 : end]), arguments[:position] + arguments[end:]
    return None, list(arguments)
