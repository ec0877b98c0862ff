"""krmfn hydrate."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse

USAGE = f"""\
usage: krmfn hydrate [OPTION...] [OVERLAY...]

Builds overlays as `krmfn build` does, each into clusters/<name of the overlay>/, all of them or none: where one fails,
or has a finding above info, nothing is written. Only files that changed are written. Default: all below overlays/.
An overlay lets warnings pass with the annotation fn.kpt.dev/allowed-findings: warning in its kustomization.yaml.

  --output FOLDER, -o     write below FOLDER instead of clusters
  --check                 write nothing, and exit 1 where a file would change: for CI
  --allow-exec            run executables that a pipeline names with `exec`: they run as you
  --allow-network         let functions in containers reach the network
{options.LIMITS_USAGE}"""
OPTIONS = {
    "--output": "FOLDER",
    "-o": "FOLDER",
    "--check": "",
    "--allow-exec": "",
    "--allow-network": "",
    **options.LIMITS,
}
OVERLAYS, CLUSTERS = Path("overlays"), "clusters"


def main(arguments: list[str]) -> int:
    """Hydrate, and return 1 where that failed; nothing is written then. Raises Misuse."""
    from krm_functions_sdk.files import disk, journal
    from krm_functions_sdk.kpt import hydration

    given = options.parse(arguments, OPTIONS)
    overlays = list(dict.fromkeys(Path(name) for name in given.operands))
    if not overlays:
        overlays = hydration.find(OVERLAYS) if OVERLAYS.is_dir() else []
        if not overlays:
            raise Misuse("no overlay below overlays/: name the folders")
    seen: dict[str, Path] = {}
    for overlay in overlays:
        if not overlay.is_dir():
            raise Misuse(f"{overlay}: no such folder")
        name = overlay.name
        if not name or name == "..":
            raise Misuse(f"{overlay}: give the folder by its name, which its folder in clusters gets")
        if name in seen:
            raise Misuse(f"{seen[name]} and {overlay} would both be written to {name}: rename one")
        seen[name] = overlay
    limits = options.limits(given, allow_exec="--allow-exec" in given, allow_network="--allow-network" in given)
    clusters = Path(given.value("--output") or given.value("-o") or CLUSTERS)
    try:
        worked = hydration.hydrate(overlays, clusters, limits, terminal.say, _complain, check="--check" in given)
        for folder in () if given.operands else hydration.left_over(overlays, clusters):
            _complain(f"{folder}: its overlay is gone, and it is still applied: delete it, or put the overlay back")
    except OSError as error:
        _complain(f"[error] {disk.told(error)}")
        is_unfinished = isinstance(error, journal.Unfinished)
        _complain(f"not hydrated, {'some files were' if is_unfinished else 'no file was'} changed")
        worked = False
    return 0 if worked else 1


def _complain(line: str) -> None:
    print(line, file=sys.stderr)
