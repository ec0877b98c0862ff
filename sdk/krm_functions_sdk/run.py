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
import io
import re
import sys
from collections.abc import Callable

from krm_functions_sdk.node import YamlFault
from krm_functions_sdk.resource_list import InputFault, ResourceList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from traceback import FrameSummary
    from typing import NoReturn, Protocol, TypeAlias

    from krm_functions_sdk.resource import Resource

    class Configured(Protocol):
        """A function that is a class: its instance is the configuration, and is called with the resources."""

        def __call__(self, resources: ResourceList, /) -> None: ...

    Function: TypeAlias = Callable[[ResourceList], None] | type[Configured]
else:
    Function = Callable

LONGEST = 6 * 2**20  # bytes of a ResourceList that Porch passes to a function and back, in a message of gRPC
_PORCH = "Porch passes at most 6 MiB from one function to the next (kpt has no bound): split the package"


def name_of(function: Function) -> str:
    """Return the name of a function as users write it: `set-owner` for a function set_owner or a class SetOwner."""
    name = getattr(function, "__name__", type(function).__name__).replace("_", "-")
    return name if name.islower() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def folder_of(function: Function) -> Path:
    """Return the folder of the module in which a function is defined; its definition.yaml and README.md are there."""
    from pathlib import Path

    return Path(str(sys.modules[function.__module__].__file__)).parent


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
    if argv[0] in TEXTS:
        return _put(stdout, f"{TEXTS[argv[0]](function)}\n".encode(), 0)
    from krm_functions_sdk import kustomize_plugin
    from krm_functions_sdk.command_line import CommandLine, Misuse

    try:
        if kustomize_plugin.is_called(argv):
            output, errors, status = kustomize_plugin.serve(function, _input())
        else:
            line = CommandLine.parse(argv)
            config = line.config()
            if line.paths:
                from krm_functions_sdk import in_place

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


def execute(
    function: Function, data: bytes, config: Resource | None = None, *, reports: bool = False, is_seen: bool = False
) -> tuple[bytes, str, int]:
    """Run `function` on the bytes of a ResourceList or stream; return output, text for standard error, and status.

    `config` is a functionConfig for an input without one; it is not part of the output. Where the function `reports`,
    the results of a stream are a report, and there is no output where it `is_seen`: manifests would bury the report.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data, f"[error] standard input is not UTF-8: line {line}, byte {error.start}: {error.reason}\n", 1
    size = len(data)
    del data  # it is as large as the text, and can be had from it again
    try:
        resources = ResourceList.read(text)
    except InputFault as fault:
        return text.encode(), f"[error] {fault}\n", 1
    if config is not None and resources.function_config is not None:
        return (
            text.encode(),
            "[error] found a functionConfig on standard input and one in the arguments, expected one\n",
            1,
        )
    if config is not None:
        resources.function_config = config
    errors = call(function, resources)
    if config is not None:
        resources.function_config = None
    output = b""
    if not resources.results.failed:
        try:
            output = resources.encode()
        except Exception as error:  # noqa: BLE001  # what the function left behind cannot be written
            report_crash(resources, function, error)
    if size <= LONGEST < len(output) and not resources.is_stream:
        resources.results.warning(f"the output has {len(output) / 2**20:.1f} MiB; {_PORCH}")
        output = resources.encode()
    is_report = reports and resources.is_stream
    errors += said(resources, reports=is_report)
    if is_report and is_seen:
        return b"", errors, 1 if resources.results.failed else 0
    if not resources.results.failed:
        return output, errors, 0
    original = ResourceList.read(text)
    original.results = resources.results
    return original.write().encode(), errors, 1


def said(resources: ResourceList, *, reports: bool) -> str:
    """Return the results as standard error has them: a report, or a line for each."""
    if reports:
        from krm_functions_sdk import report

        return report.text(resources.results, len(resources), is_stream=resources.is_stream)
    return "".join(f"{result}\n" for result in resources.results)


def call(function: Function, resources: ResourceList, timeout: float = 0) -> str:
    """Call `function`; whatever it raises becomes an error result, and what it prints is returned.

    With a `timeout` in seconds it is stopped where it takes longer; `time_limit` says what can be stopped.
    """
    had = len(resources)
    printed, stdout = io.StringIO(), sys.stdout
    sys.stdout = printed
    try:
        if timeout:
            _invoke_within(timeout, function, resources)
        else:
            invoke(function, resources)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a crash must become a result
        report_crash(resources, function, error)
    finally:
        sys.stdout = stdout
    if had and not resources.items and not resources.is_part and not resources.results.failed:
        resources.results.error("the function returned no resources at all; this would delete the whole package")
    return printed.getvalue()


def invoke(function: Function, resources: ResourceList) -> None:
    """Call a function, or make an instance of one that is a class and call that; whatever it raises passes through."""
    if isinstance(function, type):
        from krm_functions_sdk import config

        config.call(function, resources)
    else:
        function(resources)


def _invoke_within(timeout: float, function: Function, resources: ResourceList) -> None:
    from krm_functions_sdk import time_limit

    try:
        with time_limit.of(timeout):
            invoke(function, resources)
    except time_limit.TookTooLong as error:
        where = _where(error, function)
        resources.results.error(f"{name_of(function)} was stopped{where} after {timeout:g} s; --timeout allows more")


def report_crash(resources: ResourceList, function: Function, error: BaseException) -> None:
    """Add the result that says where and why a function crashed, or which resource of the input is to blame."""
    if isinstance(error, YamlFault) and error.resource is not None:
        culprit: Resource = error.resource  # type: ignore[assignment]  # nothing else is ever set
        place = (
            f"line {culprit.first_line + error.line}"
            if culprit.first_line
            else f"line {error.line + 1} of the resource"
        )
        resources.results.error(f"cannot be read or edited as YAML: {place}: {error.message}", culprit)
        return
    where = _where(error, function)
    said = str(error)
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    resources.results.error(f"{name_of(function)} crashed{where}: {what}")


def _where(error: BaseException, function: Function) -> str:
    """Return where in the code of the function's author something was raised, "" where nothing tells."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    frame = _own(frames, function) if frames else None
    return f" at {frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}" if frame else ""


def _own(frames: list[FrameSummary], function: Function) -> FrameSummary:
    """Return the innermost frame in the code of the function's author, or else in any that is not ours."""
    module = sys.modules.get(getattr(function, "__module__", ""))
    package = sys.modules.get(module.__name__.partition(".")[0]) if module else None
    file = getattr(package, "__file__", None) or ""
    folder = file.rpartition("/")[0] + "/" if file.endswith("/__init__.py") else file
    own = [frame for frame in frames if folder and frame.filename.startswith(folder)]
    others = [frame for frame in frames if not frame.filename.startswith(__file__.removesuffix("run.py"))]
    return (own or others or frames)[-1]


def help_text(function: Function) -> str:
    """Return the help of a function: its README, or where it has none its docstring and the fields of its dataclass."""
    readme = folder_of(function) / "README.md"
    if readme.exists():
        return readme.read_text(encoding="utf-8").rstrip()
    text = f"{name_of(function)}: {_docstring(function)}".rstrip().removesuffix(":")
    if not isinstance(function, type):
        return text
    from krm_functions_sdk import doc
    from krm_functions_sdk.definition import Definition

    return f"{text}\n\n{doc.configuration(Definition.of(function))}".rstrip()


def doc_text(function: Function) -> str:
    """Return the documentation of a function as JSON, from its definition and its README."""
    from krm_functions_sdk import doc
    from krm_functions_sdk.definition import Definition

    folder, name = folder_of(function), name_of(function)
    return doc.to_json(doc.document(Definition.of(function), folder, name, _docstring(function)))


def definition_text(function: Function) -> str:
    """Return the KRMFunctionDefinition of a function as YAML: its dataclass's, or that of its definition.yaml."""
    from krm_functions_sdk import emitter
    from krm_functions_sdk.definition import FILE, Definition

    value = Definition.of(function).value
    return emitter.document(value).rstrip() if value else f"# {name_of(function)} has no {FILE}, and is no dataclass"


def _docstring(function: Function) -> str:
    """Return what the author wrote, and not what a dataclass without a docstring makes up."""
    text = function.__doc__ or ""
    return "" if text.startswith(f"{getattr(function, '__name__', '')}(") else text


TEXTS = {"--help": help_text, "-h": help_text, "--doc": doc_text, "--definition": definition_text}


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
