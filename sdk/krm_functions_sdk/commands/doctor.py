"""krmfn doctor: which tools are here, and what will not work without the others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from typing import NamedTuple

from krm_functions_sdk.commands import options
from krm_functions_sdk.files import cache
from krm_functions_sdk.function import registry, terminal
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.function.entry_points import EntryPoint
from krm_functions_sdk.kpt import external

USAGE = """\
usage: krmfn doctor [--output text|json]

Says which Python, functions, kpt, kubectl and container engine are here, where answers of renders are kept, and of what
is missing or broken what will not work, and why. Nothing is changed. The exit status is 1 where something that is here
is broken.

  --output FORMAT, -o     text (the default) or json"""
OPTIONS = {"--output": "FORMAT", "-o": "FORMAT"}
OK, MISSING, BROKEN = "ok", "missing", "broken"
_PATIENCE = 20  # seconds for a tool to answer
KPT = "1.0.0-beta.56"  # the version with which every behaviour is compared


class Finding(NamedTuple):
    """One thing that was looked for: its state, what was found, and what that means where it is not ok."""

    name: str
    state: str
    found: str
    means: str = ""


def main(arguments: list[str]) -> int:
    """Look, and say what was found. Raises Misuse."""
    given = options.parse(arguments, OPTIONS)
    form = given.value("--output") or given.value("-o", "text")
    if form not in ("text", "json"):
        raise Misuse(f"--output: found {form}, expected text or json")
    if given.operands:
        raise Misuse(f"doctor takes no argument, found {given.operands[0]!r}")
    findings = [_python(), *_distributions(), _kpt(), _kustomize(), _engine(), _git(), _cache()]
    if form == "json":
        print(json.dumps([finding._asdict() for finding in findings], indent=2))
    else:
        terminal.say(text(findings))
    return int(any(finding.state == BROKEN for finding in findings))


def text(findings: list[Finding]) -> str:
    """Return a line for each finding, and what follows from it below."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        head = f"{finding.state:<7}  {finding.name:<{width}}  "
        lines += [head + finding.found, *([" " * len(head) + finding.means] if finding.means else [])]
    return "\n".join(lines)


def _python() -> Finding:
    return Finding("python", OK, f"{sys.version.split()[0]} in {sys.prefix}")


def _distributions() -> list[Finding]:
    """Return the SDK, and each distribution with functions: whether they can be imported."""
    found = [Finding("krm-functions-sdk", OK, version("krm-functions-sdk"))]
    groups: dict[str, list[EntryPoint]] = {}
    for function in registry.installed().values():
        groups.setdefault(function.value.partition(".")[0].partition(":")[0], []).append(function)
    for name, functions in sorted(groups.items()):
        faults = [fault for function in functions if (fault := _fault(function))]
        count = f"{functions[0].version}, {len(functions)} functions"
        if faults:
            found.append(Finding(name, BROKEN, count, f"{faults[0]}; install it again"))
        else:
            found.append(Finding(name, OK, count))
    if not groups:
        means = "krmfn render runs every image in a container; install a distribution with functions"
        found.append(Finding("functions", MISSING, "no function is installed", means))
    return found


def _fault(function: EntryPoint) -> str:
    try:
        registry.load(function)
    except LookupError as error:
        return str(error)
    return ""


def _kpt() -> Finding:
    path, said, works = _asked("kpt", "version")
    if not path:
        return Finding("kpt", MISSING, "not on the PATH", "kpt pkg get, update and live; krmfn render does without it")
    if not works:
        return Finding("kpt", BROKEN, path, said)
    newer = "" if said.lstrip("v") == KPT else f"krmfn is compared with {KPT}; others may render otherwise"
    return Finding("kpt", OK, f"{said} at {path}", newer)


def _kustomize() -> Finding:
    path, said, works = _asked("kubectl", "version", "--client")
    if path and works:
        return Finding("kubectl", OK, f"{_first(said)} at {path}")
    other, _, other_works = _asked("kustomize", "version")
    if other and other_works:
        return Finding("kubectl", MISSING, f"kustomize at {other} builds instead", "applying packages needs kubectl")
    if path:
        return Finding("kubectl", BROKEN, path, f"krmfn build and krmfn hydrate will not work: {said}")
    means = "krmfn build and krmfn hydrate need kubectl or kustomize, and applying packages kubectl"
    return Finding("kubectl", MISSING, "neither kubectl nor kustomize is on the PATH", means)


def _engine() -> Finding:
    name = external.runtime()
    means = "images that are no installed function, and kpt fn render, need it"
    if reason := external.missing_runtime():
        return Finding("containers", MISSING, reason, means)
    path, said, works = _asked(name, "info")
    if not works:
        return Finding("containers", BROKEN, f"{name} at {path} does not answer", f"{means}: {_first(said)}")
    return Finding("containers", OK, f"{name} at {path}")


def _git() -> Finding:
    path, said, works = _asked("git", "--version")
    if not path:
        return Finding("git", MISSING, "not on the PATH", "kpt pkg get and update need it")
    return Finding(
        "git", OK if works else BROKEN, f"{_first(said)} at {path}" if works else path, "" if works else said
    )


def _cache() -> Finding:
    """Return where answers of renders that changed nothing are kept."""
    means = "each render runs all functions"
    if cache.is_off():
        return Finding("cache", OK, f"off by {cache.VARIABLE}", means)
    if not cache.place():
        return Finding("cache", MISSING, "neither XDG_CACHE_HOME nor HOME names a folder", means)
    try:
        count, size = cache.size()
    except OSError as error:
        found = f"{cache.place()} is not used: {error.strerror or error}"
        return Finding("cache", MISSING, found, f"{means}; remove it, and the next render makes it anew")
    answers = f"{count} answers, " if count != 1 else "1 answer, "
    return Finding("cache", OK, f"{answers}{-(-size // 1024)} KiB in {cache.place()}")


def _asked(name: str, *arguments: str) -> tuple[str, str, bool]:
    """Return the path of a tool ("" where it is not there), what it says, and whether it works."""
    path = shutil.which(name)
    if path is None:
        return "", "", False
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return path, str(error), False
    works = done.returncode == 0
    return path, (done.stdout if works else done.stderr or done.stdout).strip(), works


def _first(said: str) -> str:
    return said.partition("\n")[0]
