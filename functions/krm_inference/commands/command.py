"""What the commands `explain` and `graph` of krmfn have in common: help, the format of the output, and misuse."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from krm_functions_sdk.function.command_line import Misuse

OUTPUT, SHORT = "--output", "-o"
Work = Callable[[list[str], str], tuple[str, list[str]]]  # arguments and format to text and the lines of what is wrong


def serve(name: str, usage: str, formats: Sequence[str], arguments: list[str], work: Work) -> int:
    """Do the work, print what comes of it, and return the exit status: 1 where something is wrong, 2 for misuse."""
    if {"--help", "-h"} & {*arguments}:
        print(usage)
        return 0
    try:
        output, rest = option(arguments, OUTPUT, formats)
        text, faults = work(rest, output)
    except Misuse as misuse:
        print(f"krmfn {name}: {misuse}", file=sys.stderr)
        return 2
    print("".join(f"{fault}\n" for fault in faults), end="", file=sys.stderr)
    print(text, end="")
    return 1 if faults else 0


def option(arguments: list[str], name: str, choices: Sequence[str]) -> tuple[str, list[str]]:
    """Return the value of an option, the first choice without it, and the other arguments. Raises Misuse."""
    value, rest = choices[0], list(arguments)
    names = (name, SHORT) if name == OUTPUT else (name,)
    for position, argument in enumerate(arguments):
        if argument.partition("=")[0] in names:
            count = 1 if "=" in argument else 2
            value = argument.partition("=")[2] if count == 1 else "".join(arguments[position + 1 : position + 2])
            del rest[position : position + count]
            break
    if value not in choices:
        raise Misuse(f"{name}: found {value or 'nothing'}, expected {' or '.join(choices)}")
    return value, rest
