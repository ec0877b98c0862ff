"""krmfn sink."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn sink FOLDER

Writes the ResourceList on standard input into a new folder, each resource into the file that its annotations name."""
OPTIONS: dict[str, str] = {}


def main(arguments: list[str]) -> int:
    """Write the folder, and return 1 where that cannot be done. Raises Misuse."""
    from krm_functions_sdk.document.tree import YamlFault
    from krm_functions_sdk.files import output
    from krm_functions_sdk.kpt import transport
    from krm_functions_sdk.resources.resource_list import InputFault, ResourceList

    operands = options.parse(arguments, OPTIONS).operands
    if len(operands) != 1:
        raise Misuse("sink takes one FOLDER, a new one")
    try:
        items = [
            transport.unmarked(item) for item in ResourceList.read(sys.stdin.buffer.read().decode(), "standard input")
        ]
        output.write([(output.place(item), item) for item in items], Path(operands[0]))
    except (InputFault, UnicodeDecodeError, YamlFault, ValueError, OSError, output.Refusal) as fault:
        print(f"[error] {fault}", file=sys.stderr)
        return 1
    return 0
