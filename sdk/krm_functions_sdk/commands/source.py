"""krmfn source."""

from __future__ import annotations

import sys

from krm_functions_sdk.command_line import Misuse
from krm_functions_sdk.commands import options

USAGE = """\
usage: krmfn source [--output unwrap] [PATH...]

Writes the resources in folders and files (default: the current folder) as a ResourceList, for a function to read:
krmfn source my-package | my-fn | krmfn sink new-package

  --output unwrap, -o     write the documents alone"""
OPTIONS = {"--output": "unwrap", "-o": "unwrap"}


def main(arguments: list[str]) -> int:
    """Write the resources, and return 1 where they cannot be read. Raises Misuse."""
    from krm_functions_sdk import delivery, output
    from krm_functions_sdk.in_place import InPlace

    given = options.parse(arguments, OPTIONS)
    form = given.value("--output") or given.value("-o") or output.STDOUT
    if form not in (output.STDOUT, output.UNWRAP):
        raise Misuse(f"--output: found {form}, expected {output.UNWRAP}")
    read = InPlace(lambda _: None, None)
    if not read.run(given.operands or ["."]):
        print(*read.results, sep="\n", file=sys.stderr)
        return 1
    print(delivery.put([(output.place(item), item) for item in read.resources], form), end="")
    return 0
