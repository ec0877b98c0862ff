"""Call a function: on resources, or on the bytes of a ResourceList. Whatever it raises becomes a result."""

from __future__ import annotations

import io
import os
import sys

from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.function.callable import name_of
from krm_functions_sdk.resources.resource_list import InputFault, ResourceList
from krm_functions_sdk.resources.results import ERROR, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from traceback import FrameSummary

    from krm_functions_sdk.function.callable import Function
    from krm_functions_sdk.resources.resource import Resource

TRACEBACK = "KRM_FN_TRACEBACK"  # what shows crashes in full, in the environment
LONGEST = 6 * 2**20  # bytes of a ResourceList that Porch passes to a function and back, in a message of gRPC
_PORCH = "Porch passes at most 6 MiB from one function to the next (kpt has no limit): split the package"


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
        resources = ResourceList.read(text, "standard input")
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
        from krm_functions_sdk.function import report

        return report.text(resources.results, len(resources), is_stream=resources.is_stream, stream=sys.stderr)
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
        resources.has_crash = True
        if os.environ.get(TRACEBACK):
            import traceback

            traceback.print_exception(error, file=printed)
    finally:
        sys.stdout = stdout
    if had and not resources.items and not resources.is_part and not resources.results.failed:
        resources.results.error("the function returned no resources at all; this would delete the whole package")
        resources.has_crash = True
    return printed.getvalue()


def invoke(function: Function, resources: ResourceList) -> None:
    """Call a function, or make an instance of one that is a class and call that; whatever it raises passes through."""
    if isinstance(function, type):
        from krm_functions_sdk.function import config

        config.call(function, resources)
    else:
        function(resources)


def _invoke_within(timeout: float, function: Function, resources: ResourceList) -> None:
    from krm_functions_sdk.function import time_limit

    try:
        with time_limit.of(timeout):
            invoke(function, resources)
    except time_limit.TookTooLong as error:
        where = _where(error, function)
        resources.has_crash = True
        resources.results.error(f"{name_of(function)} was stopped{where} after {timeout:g} s; --timeout allows more")


def report_crash(resources: ResourceList, function: Function, error: BaseException) -> None:
    """Add the result that says where and why a function crashed, or which resource of the input is to blame."""
    if isinstance(error, YamlFault) and error.resource is not None:
        culprit: Resource = error.resource  # type: ignore[assignment]  # nothing else is ever set
        line = culprit.first_line + error.line if culprit.first_line else None
        found = Result(ERROR, f"cannot be read or edited as YAML: {error.message}", culprit)
        if line is None or not found.file:
            where = f"line {error.line + 1} of the resource" if line is None else f"line {line}"
            found.message = f"cannot be read or edited as YAML: {where}: {error.message}"
        found.line = line or found.line
        resources.results.append(found)
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
    ours = str(sys.modules[__name__.partition(".")[0]].__file__).removesuffix("__init__.py")
    others = [frame for frame in frames if not frame.filename.startswith(ours)]
    return (own or others or frames)[-1]
