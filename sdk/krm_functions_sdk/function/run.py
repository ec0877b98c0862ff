"""The process around a function: standard input to standard output, results to standard error, one exit status.

With files or folders as arguments it changes these in place instead; `key=value` or `--config FILE` configure it.
Called by kustomize as an exec plugin, it is one. Where `reports` is set, people get the results as a report, and kpt
and kustomize as ever.

Whatever happens, standard output holds one readable ResourceList (or stream), and after a failure it holds the
resources as they came in. Exit status 0 means that no result is an error.
"""

from __future__ import annotations

import atexit
import gc
import sys

from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.callable import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from krm_functions_sdk.function.callable import Function

# What prints a text of the function and reads nothing: the names of functions of `manual`, which few runs import.
_TEXTS = {"--help": "help_text", "-h": "help_text", "--doc": "doc_text", "--definition": "definition_text"}


def run(function: Function, argv: list[str] | None = None, *, reports: bool = False) -> NoReturn:
    """Be the executable of `function` and leave with its exit status.

    `--help` prints what the function is for and what it takes, `--doc` the same and its schema as JSON, and
    `--definition` its KRMFunctionDefinition as YAML, without reading standard input.

    `reports` is for functions that only check: of a plain stream and of files, the results are a report on standard
    error, and a terminal as standard output is spared the stream.
    """
    collect_rarely()
    sys.exit(_serve(function, sys.argv[1:] if argv is None else argv, reports=reports))


def collect_rarely() -> None:
    """Let the collector of cycles look less often in a process that reads many small objects, and not when it ends.

    Trees and values hold no cycles; looking through all of them again and again is a third of what a large package
    takes, and the last look at all modules is a tenth of what a small one takes.
    """
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)


def _serve(function: Function, argv: list[str], *, reports: bool) -> int:
    if argv:
        return _serve_arguments(function, argv, reports=reports)
    stdout = _claim()
    output, errors, status = execute(function, _input(), reports=reports, is_seen=_is_terminal(stdout))
    _say(errors)
    return _put(stdout, output, status)


def _serve_arguments(function: Function, argv: list[str], *, reports: bool) -> int:
    """Do what a person at a terminal asks for; of kpt and kustomize only the latter's exec plugins get arguments."""
    stdout = _claim()
    if argv[0] in _TEXTS:
        from krm_functions_sdk.function import manual

        return _put(stdout, f"{getattr(manual, _TEXTS[argv[0]])(function)}\n".encode(), 0)
    from krm_functions_sdk.function import kustomize_plugin
    from krm_functions_sdk.function.command_line import CommandLine, Misuse

    try:
        if kustomize_plugin.is_called(argv):
            output, errors, status = kustomize_plugin.serve(function, _input())
        else:
            line = CommandLine.parse(argv)
            config = line.config()
            if line.paths:
                from krm_functions_sdk.function import in_place

                said, errors, status = in_place.change(function, config, line.paths, reports=reports)
                output = said.encode()
            else:
                seen = _is_terminal(stdout)
                output, errors, status = execute(function, _input(), config, reports=reports, is_seen=seen)
    except Misuse as misuse:
        _say(f"{name_of(function)}: {misuse}\n")
        return 2
    _say(errors)
    return _put(stdout, output, status)


def _input() -> bytes:
    try:
        return sys.stdin.buffer.read() if sys.stdin is not None else b""
    except (OSError, ValueError):  # it is closed
        return b""


def _claim() -> int:
    """Take standard output for the resources alone and return a descriptor of it; -1 where it is closed.

    From now on to the end of the process, whatever else is written to standard output goes to standard error: what C
    code, child processes and threads write, whenever their buffers are flushed.
    """
    import os

    if sys.stderr is None:  # it is closed, and its number is free for the next file that is opened
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    stdout = -1 if sys.stdout is None else os.dup(1)
    os.dup2(2, 1)
    return stdout


def _is_terminal(descriptor: int) -> bool:
    import os

    return descriptor >= 0 and os.isatty(descriptor)


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # it is closed
        pass


def _put(stdout: int, output: bytes, status: int) -> int:
    """Write to standard output and return the exit status; a reader that went away is no success."""
    try:
        with open(stdout, "wb") as file:
            file.write(output)
    except (OSError, ValueError) as error:
        _say(f"[error] cannot write to standard output: {error}\n")
        return 1
    return status
