"""krmfn new."""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk.commands import options, scaffold
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn new NAME [FOLDER]

Writes a new function into FOLDER/NAME, with schema, tests and Dockerfile. Default: the current folder."""


def main(arguments: list[str]) -> int:
    """Write the function. Raises Misuse."""
    operands = options.parse(arguments, {}).operands
    if len(operands) not in (1, 2):
        raise Misuse("new takes the NAME of the function, and the FOLDER to write it into")
    try:
        folder = scaffold.create(operands[0], Path(*operands[1:]))
    except scaffold.Refusal as refusal:
        raise Misuse(str(refusal)) from None
    except OSError as error:
        raise Misuse(f"cannot be written: {error}") from None
    print(f"wrote {folder}; next: krmfn test {folder}")
    return 0
