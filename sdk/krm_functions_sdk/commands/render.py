"""krmfn render."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk import package
from krm_functions_sdk import render as renderer
from krm_functions_sdk.command_line import Misuse
from krm_functions_sdk.commands import options
from krm_functions_sdk.delivery import Mode
from krm_functions_sdk.external import Limits

USAGE = """\
usage: krmfn render [OPTION...] [PACKAGE...]

Renders packages in place: an `image:` stands for the installed function of its name, and runs in a container where none
is installed. A PACKAGE is a folder with a Kptfile, or a folder of such folders. Default: the current folder. Of several
packages each gets a line, and one that fails does not stop the others.

  --diff                  show what a render would change as a patch (patch -p0), and write nothing
  --check                 the same, and exit 1 where it would change anything: for CI and pre-commit
  --jobs N                render so many packages at once (default: one on each usable core)
  --report FILE           write to FILE, as JSON, what became of each package
  --output PLACE, -o      write to stdout (a ResourceList), unwrap (documents) or a new folder, and leave the package
  --results-dir FOLDER    write what the functions report to FOLDER/results.yaml, in kpt's format
  --allow-exec            run executables that a pipeline names with `exec`: they run as you
  --allow-network         let functions in containers reach the network
  --image-pull-policy P   Always, IfNotPresent (the default) or Never
  --timeout SECONDS       end a function in another process after this time (default: 300)

Containers run with docker, or with what KPT_FN_RUNTIME names: podman or nerdctl."""
OPTIONS = {
    "--diff": "",
    "--check": "",
    "--jobs": "N",
    "--report": "FILE",
    "--output": "PLACE",
    "-o": "PLACE",
    "--results-dir": "FOLDER",
    "--allow-exec": "",
    "--allow-network": "",
    "--image-pull-policy": "P",
    "--timeout": "SECONDS",
}


def main(arguments: list[str]) -> int:
    """Render, and return 1 where a package failed. Raises Misuse, before anything is rendered."""
    given = options.parse(arguments, OPTIONS)
    roots = list(dict.fromkeys(root for name in given.operands or ["."] for root in _packages(name)))
    jobs = given.whole("--jobs")
    limits = options.limits(given, allow_exec="--allow-exec" in given, allow_network="--allow-network" in given)
    is_preview = "--check" in given or "--diff" in given
    place, results = given.value("--output") or given.value("-o"), given.value("--results-dir")
    if (place or results) and (len(roots) > 1 or is_preview or "--report" in given):
        raise Misuse("--output and --results-dir take one PACKAGE, and none of --check, --diff and --report")
    if len(roots) > 1 or "--report" in given:
        return _fleet(roots, limits, given, jobs)
    if is_preview:
        return _preview(roots[0], limits, check="--check" in given)
    mode = Mode(place, Path(results) if results else None)
    return 0 if renderer.render(roots[0], print, _complain, limits, mode) else 1


def _preview(root: Path, limits: Limits, *, check: bool) -> int:
    worked, rendering = renderer.preview(root, print, _complain, limits)
    changed = sum(len(texts) for _, texts in rendering.changes) if worked else 0
    return _checked(changed, check=check, failed=not worked)


def _checked(changed: int, *, check: bool, failed: bool) -> int:
    if check and changed:
        differ = "1 file differs" if changed == 1 else f"{changed} files differ"
        _complain(f"{differ} from what renders; run krmfn render")
        return 1
    return 1 if failed else 0


def _fleet(roots: list[Path], limits: Limits, given: options.Options, jobs: int) -> int:
    from krm_functions_sdk import fleet

    is_preview = "--check" in given or "--diff" in given
    task = fleet.Task(limits, is_preview)
    outcomes = fleet.render_all(fleet.distinct(roots), jobs or fleet.usable_cores(), task, print, _complain)
    failed = any(outcome.result == fleet.FAILED for outcome in outcomes)
    if report := given.value("--report"):
        try:
            fleet.write_report(Path(report), outcomes)
        except OSError as error:
            _complain(f"[error] {report}: the report cannot be written: {error}")
            failed = True
    changed = sum(outcome.files for outcome in outcomes) if is_preview else 0
    return _checked(changed, check="--check" in given, failed=failed)


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
