"""krmfn: render packages; write, test and list functions. Each command is a module of krm_functions_sdk.commands.

A distribution adds commands by entry points of the group `krmfn_commands`: a callable that takes the arguments and
returns an exit status. They are looked up only where the command is not built in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module

from krm_functions_sdk.function import terminal
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
    "new": "write a new function, with configuration, tests and Dockerfile",
    "doctor": "say which tools are here, and what will not work without the others",
    "completion": "write the completion of a shell: bash, zsh or fish",
}
QUIET = ("--quiet", "-q")
# Commands whose standard output is a report, unless one of these options makes it what somebody asked for.
REPORTS = ("render", "hydrate", "new", "init", "upgrade", "adopt")
PRODUCTS = ("--output", "-o", "--diff", "--check", "--help", "-h")


def main() -> int:
    """Be the executable."""
    collect_rarely()
    if terminal.columns(sys.stderr):
        sys.stderr = terminal.Folding(sys.stderr)
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
        terminal.show_help(usage())
        return 0
    if command in ("version", "--version", "-V") or {"--version", "-V"} & {*_ours(arguments)}:
        terminal.say(version())
        return 0
    if {*QUIET} & {command, *_ours(arguments)}:
        from krm_functions_sdk.function import quiet

        left = [argument for argument in _ours(arguments) if argument not in QUIET]
        words = [*left, *arguments[len(_ours(arguments)) :]]
        command, arguments = (command, words) if command not in QUIET else ((words or ["--help"])[0], words[1:])
        with quiet.held(is_report=command in REPORTS and not {*PRODUCTS} & {word.partition("=")[0] for word in left}):
            return _call(command, arguments)
    return _call(command, arguments)


def _ours(arguments: list[str]) -> list[str]:
    """Return the arguments before `--`: those behind it are another's."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _call(command: str, arguments: list[str]) -> int:
    try:
        if command in BUILT_IN:
            module = import_module(f"krm_functions_sdk.commands.{command}")
            if {"--help", "-h"} & {*arguments}:
                terminal.show_help(module.USAGE)
                return 0
            status: int = module.main(arguments)
            return status
        return _further(command)(arguments)
    except Misuse as misuse:
        print(f"krmfn: {misuse}", file=sys.stderr)
        return 2


def version() -> str:
    """Return what `krmfn --version` prints: this SDK, Python, and each distribution that brings functions."""
    from importlib.metadata import version as of

    from krm_functions_sdk.function import registry

    found: dict[str, int] = {}
    for function in registry.installed().values():
        which = f"{function.value.partition('.')[0].partition(':')[0]} {function.version}"
        found[which] = found.get(which, 0) + 1
    own = f"krmfn {of('krm-functions-sdk')} on Python {sys.version.split()[0]}"
    return "\n".join([own, *(f"{which}: {count} functions" for which, count in sorted(found.items()))])


def usage() -> str:
    """Return what `krmfn --help` prints: a line for each command, built in or installed."""
    from krm_functions_sdk.function import registry

    further = [name for name, command in registry.commands().items() if command.is_there]
    lines = {**{name: f"see krmfn {name} --help" for name in further}, **BUILT_IN}
    width = max(len(name) for name in lines)
    table = "".join(f"  {name:<{width}}  {lines[name]}\n" for name in [*BUILT_IN, *sorted(lines.keys() - BUILT_IN)])
    more = (
        "`krmfn COMMAND --help` says more about one of them. Each takes --quiet (-q), which leaves out\n"
        "reports and what is only information; `krmfn --version` says what is installed."
    )
    return f"usage: krmfn COMMAND [ARGUMENT...]\n\n{table}\n{more}"


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
