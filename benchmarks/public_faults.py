"""Recall of validate-inference on faults of public manifests, from a folder of clones.

    python benchmarks/public_faults.py CLONES [--write]

CLONES holds a clone of each repository of public-faults.yaml, named OWNER+NAME, with its history; a bare one will do.
Each row is a fault that its authors mended. The folder of the row is checked as it was before the commit that mended it
and as that left it: the fault is found if an error or a warning of the row's file stands before and is gone after.
Exit code 1: other faults are found than the table says. With --write the table gets the rules that found them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from krm_functions_sdk import INFO
from krm_functions_sdk.function.in_place import InPlace
from krm_inference.validate_inference import validate_inference
from public_manifests import read, renew

TABLE = Path(__file__).with_name("public-faults.yaml")
MANIFESTS = (".yaml", ".yml", "Kptfile")


def main(arguments: list[str]) -> int:
    """Look at every fault, and say which are found, and by which rule."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    given = read(str(__doc__), arguments, [(row["repository"], f"{row['fixed']}^") for row in table["faults"]])
    differ = False
    for row in table["faults"]:
        clone = given.clones / row["repository"].replace("/", "+")
        before, after = (said(clone, commit, row) for commit in (f"{row['fixed']}^", row["fixed"]))
        rules = sorted({rule for rule, _, _ in before - after})
        known = row.get("found", [])
        mark = "" if rules == known else f"; the table says {', '.join(known) or 'nothing'}"
        print(f"{row['repository']} {row['fixed'][:12]} {row['path']}: {', '.join(rules) or 'not found'}{mark}")
        differ |= rules != known
        if given.write:
            row.pop("found", None)
            if rules:
                row["found"] = rules
                row.pop("why", None)
    if given.write:
        renew(TABLE, table)
    return int(differ)


def said(clone: Path, commit: str, row: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return rule, field and message of what is said of a row's file, but for notices, at a commit."""
    with tempfile.TemporaryDirectory() as folder:
        write(clone, commit, row["folder"], Path(folder))
        run = InPlace(validate_inference, None, reports=True)
        run.run([folder])
        return {
            (result.tags.get("rule", ""), result.field, result.message)
            for result in run.results
            if result.severity != INFO and (result.file or "").removeprefix(folder).lstrip("/") == row["path"]
        }


def write(clone: Path, commit: str, under: str, folder: Path) -> None:
    """Write the manifests below a folder of a commit into another one."""
    git = ["git", "-C", str(clone)]
    listed = subprocess.run(
        [*git, "ls-tree", "-r", "-z", "--name-only", commit, "--", under], capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name.endswith(MANIFESTS):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            shown = subprocess.run([*git, "cat-file", "blob", f"{commit}:{name}"], capture_output=True, check=True)
            file.write_bytes(shown.stdout)


def page(table: dict[str, Any]) -> str:
    """Return the part of docs/precision.md: how many are found, and each fault with the rule that finds it."""
    faults = table["faults"]
    found = [row for row in faults if row.get("found")]
    lines = [f"**{len(found)} of {len(faults)} are found**, {len(found) / len(faults):.0%}.", ""]
    lines += ["| repository, commit before which it stands | fault | found by |", "| --- | --- | --- |"]
    for row in faults:
        by = ", ".join(f"`{rule}`" for rule in row.get("found", [])) or f"not found: {row['why']}"
        lines.append(f"| {row['repository']} `{row['fixed'][:12]}`, `{row['path']}` | {row['fault']} | {by} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
