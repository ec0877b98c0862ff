"""krmfn source."""

from __future__ import annotations

import sys

from krm_functions_sdk.commands import options
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn source [--output unwrap] [PATH...]

Writes the resources in folders and files (default: the current folder) as a ResourceList, for a function to read:
krmfn source my-package | my-fn | krmfn sink new-package

  --output unwrap, -o     write the documents alone"""
OPTIONS = {"--output": "unwrap", "-o": "unwrap"}


def main(arguments: list[str]) -> int:
    """Write the resources, and return 1 where they cannot be read. Raises Misuse."""
    from krm_functions_sdk.files import output
    from krm_functions_sdk.function import in_place

    given = options.parse(arguments, OPTIONS)
    form = given.value("--output") or given.value("-o") or output.STDOUT
    if form not in (output.STDOUT, output.UNWRAP):
        raise Misuse(f"--output: found {form}, expected {output.UNWRAP}")
    paths = given.operands or ["."]
    read = in_place.InPlace(lambda _: None, None)
    try:
        with in_place.held(paths, _complain):  # a render that was killed is finished or undone first
            read.run(paths)
    except OSError as error:
        read.results.error(f"cannot be read: {error}")
    if read.results.failed:
        _complain(*read.results)
        return 1
    print(output.put([(output.place(item), item) for item in read.resources], form), end="")
    return 0


def _complain(*said: object) -> None:
    print(*said, sep="\n", file=sys.stderr)
