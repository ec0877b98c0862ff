"""krmfn: render packages; write, test and list functions. Each command is a module of krm_functions_sdk.commands.

A distribution adds commands by entry points of the group `krmfn_commands`: a callable that takes the arguments and
returns an exit status. They are looked up only where the command is not built in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module

from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.function.run import collect_rarely

Command = Callable[[list[str]], int]  # arguments to exit status
BUILT_IN = {
    "render": "render packages in place with the installed functions",
    "build": "build a kustomize overlay, and run the pipeline over it",
    "hydrate": "build all overlays into clusters/, validated",
    "diff": "say what really differs between two environments, commits or clusters",
    "promote": "propose what one environment takes over from another",
    "eval": "run one function on packages, files or a stream",
    "source": "write the resources of packages and files as a ResourceList",
    "sink": "write a ResourceList as a new folder",
    "test": "run golden cases",
    "functions": "list the installed functions",
    "doc": "describe a function as Markdown, or its functionConfig as JSON Schema",
    "new": "write a new function, with schema, tests and Dockerfile",
}


def main() -> int:
    """Be the executable."""
    collect_rarely()
    try:
        status = _run()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the last flush of the interpreter goes nowhere
        return 1
    except KeyboardInterrupt:
        print("krmfn: interrupted", file=sys.stderr)
        return 130
    return status


def _run() -> int:
    command, arguments = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    if command in ("help", "--help", "-h"):
        print(usage())
        return 0
    try:
        if command in BUILT_IN:
            module = import_module(f"krm_functions_sdk.commands.{command}")
            if {"--help", "-h"} & {*arguments}:
                print(module.USAGE)
                return 0
            status: int = module.main(arguments)
            return status
        return _further(command)(arguments)
    except Misuse as misuse:
        print(f"krmfn: {misuse}", file=sys.stderr)
        return 2


def usage() -> str:
    """Return what `krmfn --help` prints: a line for each command, built in or installed."""
    from krm_functions_sdk.function import registry

    lines = {**{name: f"see krmfn {name} --help" for name in registry.commands()}, **BUILT_IN}
    width = max(len(name) for name in lines)
    table = "".join(f"  {name:<{width}}  {lines[name]}\n" for name in [*BUILT_IN, *sorted(lines.keys() - BUILT_IN)])
    return f"usage: krmfn COMMAND [ARGUMENT...]\n\n{table}\n`krmfn COMMAND --help` says more about one of them."


def _further(command: str) -> Command:
    """Return the command that another distribution adds. Raises Misuse."""
    from krm_functions_sdk.function import registry

    commands = registry.commands()
    if command in commands:
        try:
            found: Command = commands[command].load()
        except Exception as error:  # noqa: BLE001  # whatever the import of a command raises is a reason
            raise Misuse(f"{command} cannot be loaded: {type(error).__name__}: {error}") from None
        return found
    from difflib import get_close_matches

    known = [*BUILT_IN, *sorted(commands)]
    near = get_close_matches(command, known, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else f"; known are {', '.join(known)}"
    raise Misuse(f"unknown command {command!r}{hint}")
