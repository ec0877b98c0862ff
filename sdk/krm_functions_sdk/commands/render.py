"""krmfn render."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk import package
from krm_functions_sdk import render as renderer
from krm_functions_sdk.command_line import Misuse
from krm_functions_sdk.commands import options

USAGE = """\
usage: krmfn render [--check | --diff] [PACKAGE...]

Renders packages in place with the installed functions: an `image:` stands for the installed function of its name.
A PACKAGE is a folder with a Kptfile, or a folder of such folders. Default: the current folder.

  --diff   show what a render would change as a patch (patch -p0), and write nothing
  --check  the same, and exit 1 where it would change anything: for CI and pre-commit"""
OPTIONS = {"--check": "", "--diff": ""}


def main(arguments: list[str]) -> int:
    """Render, and return 1 where a package failed. Raises Misuse, before anything is rendered."""
    given = options.parse(arguments, OPTIONS)
    roots = [root for name in given.operands or ["."] for root in _packages(name)]
    if "--check" in given or "--diff" in given:
        return _preview(roots, check="--check" in given)
    worked = [renderer.render(root, print, _complain) for root in roots]
    return 0 if all(worked) else 1


def _preview(roots: list[Path], *, check: bool) -> int:
    previews = [renderer.preview(root, print, _complain) for root in roots]
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
