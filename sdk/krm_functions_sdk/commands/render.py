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
is installed. A PACKAGE is a folder with a Kptfile, or a folder of such folders. Default: the current folder.

  --diff                  show what a render would change as a patch (patch -p0), and write nothing
  --check                 the same, and exit 1 where it would change anything: for CI and pre-commit
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
    limits = options.limits(given, allow_exec="--allow-exec" in given, allow_network="--allow-network" in given)
    is_preview = "--check" in given or "--diff" in given
    place, results = given.value("--output") or given.value("-o"), given.value("--results-dir")
    if (place or results) and (len(roots) > 1 or is_preview):
        raise Misuse("--output and --results-dir take one PACKAGE, and neither --check nor --diff")
    if is_preview:
        return _preview(roots, limits, check="--check" in given)
    mode = Mode(place, Path(results) if results else None)
    worked = [renderer.render(root, print, _complain, limits, mode) for root in roots]
    return 0 if all(worked) else 1


def _preview(roots: list[Path], limits: Limits, *, check: bool) -> int:
    previews = [renderer.preview(root, print, _complain, limits) for root in roots]
    changed = sum(count for _, count in previews)
    if check and changed:
        differ = "1 file differs" if changed == 1 else f"{changed} files differ"
        _complain(f"{differ} from what renders; run krmfn render")
        return 1
    return 0 if all(worked for worked, _ in previews) else 1


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
