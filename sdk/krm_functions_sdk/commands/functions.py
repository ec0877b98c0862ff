"""krmfn functions."""

from __future__ import annotations

from krm_functions_sdk.commands import options
from krm_functions_sdk.function import registry
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn functions

Lists the installed functions, each with its version; what is declared but no longer there is left out."""


def main(arguments: list[str]) -> int:
    """List the functions. Raises Misuse."""
    if operands := options.parse(arguments, {}).operands:
        raise Misuse(f"functions takes no argument, found {operands[0]!r}")
    for name, function in sorted(registry.installed().items()):
        if function.is_there:
            print(f"{name} {function.version}")
    return 0
