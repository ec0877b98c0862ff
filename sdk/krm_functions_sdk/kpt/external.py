"""Functions that are no Python of this process: executables and container images, run as kpt runs them."""

from __future__ import annotations

import os
import re

from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.resources.resource_list import InputFault, ResourceList
from krm_functions_sdk.resources.results import Result, Results

RUNTIME_VARIABLES = ("KRM_FN_RUNTIME", "KPT_FN_RUNTIME")  # kpt's since 1.0.0-beta.59, and before
RUNTIMES = ("docker", "podman", "nerdctl")
PULL_POLICIES = {"always": "always", "ifnotpresent": "missing", "never": "never"}  # kpt's names to the runtimes'
PREFIX_VARIABLE = "KPT_IMAGE_PREFIX"
_NOT_RUN = 125  # the exit status of container runtimes that could not run a container at all
CATALOG = "gcr.io/kpt-fn/"  # where an image without a slash lies, for kpt 1.0.0-beta.56


TIMEOUT = 300.0  # seconds: kpt's


class Limits:
    """What a user allows functions: executables, the network, pulling, seconds; and where images lie."""

    def __init__(
        self,
        *,
        allow_exec: bool = False,
        allow_network: bool = False,
        pull: str = PULL_POLICIES["ifnotpresent"],
        timeout: float = TIMEOUT,
        prefix: str = "",
    ) -> None:
        self.allow_exec = allow_exec
        self.allow_network = allow_network
        self.pull = pull
        self.timeout = timeout
        self.prefix = prefix


_WORD = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*"
_IMAGE = pattern(
    rf"(?:{_HOST}(?:\.{_HOST})*(?::[0-9]+)?/)?{_WORD}(?:/{_WORD})*(?::\w[\w.-]{{0,127}})?(?:@sha256:[a-zA-Z0-9]{{64}})?",
    re.ASCII,
)
_LONGEST_IMAGE, _SHOWN = 1000, 80


class External:
    """A function in a process of its own; it is called with resources, as any other.

    `folders` says by `id()` in the folder of which package a resource lies, and `hint` what else may have been meant,
    where there is no such image.
    """

    def __init__(self, name: str, argv: list[str], timeout: float, hint: str = "") -> None:
        self.__name__ = name
        self.argv = argv
        self.timeout = timeout
        self.folders: dict[int, str] = {}
        self.hint = hint
        self.is_container = False
        self.status = 0

    def __call__(self, resources: ResourceList) -> None:
        """Run it, print what it says on standard error, and take over what it answers; every fault becomes an error."""
        from krm_functions_sdk.kpt import process
        from krm_functions_sdk.kpt.transport import Exchange

        exchange = Exchange(resources, self.folders)
        outcome = process.run(self.argv, exchange.request, self.timeout)
        self.status = outcome.status
        if self.is_container and outcome.status == _NOT_RUN:
            name = self.__name__.rpartition("/")[2].partition("@")[0].partition(":")[0]
            print(f"no function {name} is installed here{self.hint}, and {self.argv[0]} could not run the image:")
        print(outcome.stderr, end="")
        results = resources.results
        if outcome.fault:
            results.error(f"{self.__name__} {outcome.fault}")
            return
        try:
            answer = ResourceList.read(outcome.stdout.decode(), "its answer") if outcome.stdout.strip() else None
            found = _results(answer)
        except (InputFault, UnicodeDecodeError, ValueError, YamlFault) as fault:
            self._complain(results, fault)
            return
        results.extend(found)
        if outcome.status and not results.failed:
            last = outcome.stderr.strip().rpartition("\n")[2]
            said = f": {last}" if last else ""
            hint = self.hint if outcome.status == _NOT_RUN else ""
            results.error(f"{self.__name__} failed with exit status {outcome.status}{hint}{said}")
        if results.failed:
            return
        if answer is None:
            if len(resources):
                results.error(f"{self.__name__} wrote nothing to standard output; this would delete the whole package")
            return
        try:
            exchange.take(answer)
        except (YamlFault, ValueError) as fault:
            self._complain(results, fault)

    def _complain(self, results: Results, fault: Exception) -> None:
        why = str(fault).replace("standard input", "it")
        ended = f"; exit status {self.status}" if self.status else ""
        results.error(f"{self.__name__} wrote no ResourceList to standard output: {why}{ended}")


def executable(command: str, limits: Limits) -> External:
    """Return the function that a command line runs: its words are split as kpt splits them, no shell reads them.

    Raises ValueError where its quotes do not match.
    """
    import shlex

    return External(command, shlex.split(command), limits.timeout)


def container(image: str, limits: Limits, hint: str = "") -> External:
    """Return the function that an image holds, with the very arguments that kpt gives the container runtime.

    `hint` is said where the runtime cannot run the image, as where there is none. Raises ValueError where the full name
    is none that kpt takes.
    """
    if wrong := image_fault(full_name(image, limits.prefix)):
        raise ValueError(wrong)
    network = "host" if limits.allow_network else "none"
    argv = [runtime(), "run", "--rm", "-i", "--network", network, "--user", "nobody"]
    argv += ["--security-opt=no-new-privileges", "--pull", limits.pull, full_name(image, limits.prefix)]
    found = External(image, argv, limits.timeout, hint)
    found.is_container = True
    return found


def image_fault(image: str) -> str:
    """Return what is wrong with the name of an image, "" where nothing is: what kpt refuses never reaches an engine.

    Else `--volume=/:/host` would be an option of it. Source: ValidateFunctionImageURL in kpt,
    pkg/api/kptfile/v1/validation.go; a tag and a digest together, which newer ones take, are taken as well.
    """
    if len(image) <= _LONGEST_IMAGE and _IMAGE.fullmatch(image):
        return ""
    shown = image if len(image) <= _SHOWN else f"{image[:_SHOWN]}…"
    return f"found {shown!r}, expected the name of an image, such as ghcr.io/krm-functions/set-labels:v1.0.0"


def runtime() -> str:
    """Return the container runtime that the environment names, docker without it, as kpt does."""
    return next((os.environ[name] for name in RUNTIME_VARIABLES if os.environ.get(name)), RUNTIMES[0])


def missing_runtime() -> str:
    """Return why no container can be run, "" where the runtime is there."""
    from shutil import which

    name = runtime()
    if name not in RUNTIMES:
        return f"{RUNTIME_VARIABLES[1]} is {name}, expected {', '.join(RUNTIMES)}"
    return "" if which(name) else f"{name} is not on the PATH ({RUNTIME_VARIABLES[1]} names another runtime)"


def full_name(image: str, prefix: str = "") -> str:
    """Return the image that a name without a slash means: one below `prefix`, or else of the catalog of kpt."""
    if "/" in image:
        return image
    prefix = prefix or os.environ.get(PREFIX_VARIABLE, "") or CATALOG
    return f"{prefix.removesuffix('/')}/{image}"


def _results(answer: ResourceList | None) -> list[Result]:
    written = answer.written_results if answer is not None else None
    if written is not None and not isinstance(written, list):
        raise ValueError("results: expected a list")
    return [Result.of(each) for each in written or []]
