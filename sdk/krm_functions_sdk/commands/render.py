"""krmfn render."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.files import package
from krm_functions_sdk.files.output import Mode
from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.kpt import render as renderer
from krm_functions_sdk.kpt.external import Limits

USAGE = f"""\
usage: krmfn render [OPTION...] [PACKAGE...]

Renders packages in place: an `image:` stands for the installed function of its name, and runs in a container where none
is installed. A PACKAGE is a folder with a Kptfile, or a folder of such folders. Default: the current folder. Of several
packages each gets a line, and one that fails does not stop the others.

  --diff                  show what a render would change as a patch (patch -p0), and write nothing
  --check                 the same, and exit 1 where it would change anything: for CI and pre-commit
  --watch                 render again each time that a file changes, until Ctrl-C
  --jobs N                render so many packages at once (default: one on each usable core)
  --report FILE           write to FILE, as JSON, what became of each package
  --output PLACE, -o      write to stdout (a ResourceList), unwrap (documents) or a new folder, and leave the package
  --results-dir FOLDER    write what the functions report to FOLDER/results.yaml, in kpt's format
  --no-cache              run each function, also where nothing has changed since it last had nothing to do
  --allow-exec            run executables that a pipeline names with `exec`: they run as you
  --allow-network         let functions in containers reach the network
{options.LIMITS_USAGE}

Containers run with docker, or with what KPT_FN_RUNTIME names: podman or nerdctl."""
OPTIONS = {
    "--diff": "",
    "--check": "",
    "--watch": "",
    "--jobs": "N",
    "--report": "FILE",
    **options.MODE,
    "--no-cache": "",
    "--allow-exec": "",
    "--allow-network": "",
    **options.LIMITS,
}


def main(arguments: list[str]) -> int:
    """Render, and return 1 where a package failed. Raises Misuse, before anything is rendered."""
    given = options.parse(arguments, OPTIONS)
    if "--watch" in given:
        return _watch(given)
    roots = _roots(given.operands or ["."])
    jobs = given.whole("--jobs")
    limits = _limits(given)
    is_preview, remembers = "--check" in given or "--diff" in given, "--no-cache" not in given
    mode = options.mode(given)
    if (mode.place or mode.results) and (len(roots) > 1 or is_preview or "--report" in given):
        raise Misuse("--output and --results-dir take one PACKAGE, and none of --check, --diff and --report")
    if len(roots) > 1 or "--report" in given:
        return _fleet(roots, limits, given, jobs)
    if is_preview:
        return _preview(roots[0], limits, check="--check" in given, remembers=remembers)
    show = print if mode.place else terminal.say  # a stream stays as it is
    return 0 if renderer.render(roots[0], show, _complain, limits, mode, remembers=remembers) else 1


def _watch(given: options.Options) -> int:
    """Render until the user ends it."""
    from krm_functions_sdk.commands import watch
    from krm_functions_sdk.kpt import fleet

    if others := sorted({*given.values} - {"--watch", "--jobs", "--allow-exec", "--allow-network", *options.LIMITS}):
        raise Misuse(f"--watch renders in place, again and again; it cannot be combined with {', '.join(others)}")
    task, jobs = fleet.Task(_limits(given)), given.whole("--jobs") or fleet.usable_cores()
    names = given.operands or ["."]
    _roots(names)

    def work() -> set[Path]:
        try:
            roots = fleet.distinct(_roots(names))
        except Misuse as misuse:  # for now: a Kptfile may be on its way from one place to another
            _complain(f"krmfn: {misuse}")
            return set()
        if len(roots) == 1:
            _, done = renderer.perform(roots[0], terminal.say, _complain, task.limits, Mode())
            written = {package.root / path for package, texts in done.changes for path in texts}
        else:
            outcomes = fleet.render_all(roots, jobs, task, terminal.say, _complain)
            written = {path for root, outcome in zip(roots, outcomes, strict=True) for path in outcome.paths(root)}
        return written

    watch.forever([Path(name) for name in names], work, _complain)
    return 0


def _preview(root: Path, limits: Limits, *, check: bool, remembers: bool) -> int:
    # a diff stays as it is
    worked, rendering = renderer.preview(root, print, _complain, limits, remembers=remembers)
    changed = sum(len(texts) for _, texts in rendering.changes) if worked else 0
    return _checked(changed, check=check, failed=not worked)


def _checked(changed: int, *, check: bool, failed: bool) -> int:
    if check and changed:
        differ = "1 file differs" if changed == 1 else f"{changed} files differ"
        _complain(f"{differ} from what renders; run krmfn render")
        return 1
    return 1 if failed else 0


def _fleet(roots: list[Path], limits: Limits, given: options.Options, jobs: int) -> int:
    from krm_functions_sdk.kpt import fleet

    is_preview = "--check" in given or "--diff" in given
    task = fleet.Task(limits, is_preview, remembers="--no-cache" not in given)
    show = print if is_preview else terminal.say
    outcomes = fleet.render_all(fleet.distinct(roots), jobs or fleet.usable_cores(), task, show, _complain)
    failed = any(outcome.result == fleet.FAILED for outcome in outcomes)
    if report := given.value("--report"):
        try:
            fleet.write_report(Path(report), outcomes)
        except OSError as error:
            _complain(f"[error] {report}: the report cannot be written: {error}")
            failed = True
    changed = sum(outcome.files for outcome in outcomes) if is_preview else 0
    return _checked(changed, check="--check" in given, failed=failed)


def _limits(given: options.Options) -> Limits:
    return options.limits(given, allow_exec="--allow-exec" in given, allow_network="--allow-network" in given)


def _roots(names: list[str]) -> list[Path]:
    return list(dict.fromkeys(root for name in names for root in _packages(name)))


def _packages(name: str) -> list[Path]:
    folder = Path(name)
    if not folder.is_dir():
        raise Misuse(f"{name}: no such folder")
    try:
        found = package.find(folder)
    except OSError as error:
        raise Misuse(f"{name}: cannot be read: {error}") from None
    if not found:
        raise Misuse(f"{name}: no Kptfile here or below")
    return found


def _complain(line: str) -> None:
    print(line, file=sys.stderr)
