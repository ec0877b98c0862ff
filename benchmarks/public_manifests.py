"""Precision of validate-inference on public manifests, from a folder of clones.

    python benchmarks/public_manifests.py CLONES [--write] [--list]

CLONES holds a clone of each repository of public-manifests.yaml, named OWNER+NAME; a bare one will do. The manifests
are taken at the commit of the table, each repository is checked in one run, and what is found is compared with the
verdicts of the table: by rule how many findings there are, and each one that was read and is wrong, with the reason.
Exit code 1: there are other findings than those that were read, which says nothing of whether they are right.
With --write the table gets the counts that were found, for somebody who has read them; --list prints each finding.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from krm_functions_sdk import ERROR, INFO, WARNING, Result
from krm_functions_sdk.function.in_place import InPlace
from krm_inference.validate_inference import validate_inference

TABLE = Path(__file__).with_name("public-manifests.yaml")
MANIFESTS = (".yaml", ".yml", "Kptfile")
Key = tuple[str, str, str]  # repository, rule, and file with field


def main(arguments: list[str]) -> int:
    """Check every repository, and say what was found of each rule and how much of it is right."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    given = read(str(__doc__), arguments, [(each["name"], each["commit"]) for each in table["repositories"]])
    found: list[tuple[Key, str]] = []
    for repository in table["repositories"]:
        results, files = checked(given.clones, repository["name"], repository["commit"], is_listed=given.list)
        if files != repository["files"]:
            print(f"{repository['name']}: {files} files, expected {repository['files']}")
        found += [((repository["name"], *keys), severity) for keys, severity in results]
    counts = {severity: Counter(key[1] for key, each in found if each == severity) for severity in (ERROR, WARNING)}
    wrong = {(each["repository"], each["rule"], each["place"]): each["why"] for each in table["wrong"]}
    unread = said(counts, wrong, [key for key, _ in found], table["found"])
    if given.write:
        table["found"] = {severity: dict(sorted(counter.items())) for severity, counter in counts.items()}
        renew(TABLE, table)
    return int(unread)


def read(about: str, arguments: list[str], commits: list[tuple[str, str]]) -> argparse.Namespace:
    """Return `clones`, the folder that holds each of these commits of repositories, and what else is asked for."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("clones", type=Path, metavar="CLONES", help="a folder with a clone of each: owner+name")
    parser.add_argument("--write", action="store_true", help="write what is found now into the table")
    parser.add_argument("--list", action="store_true", help="print each finding")
    given = parser.parse_args(arguments)
    lacking = [f"  {name} at {commit}" for name, commit in commits if not holds(given.clones, name, commit)]
    if lacking:
        whole = "clone each whole, into a folder such as owner+name:"
        parser.error("\n".join([f"{given.clones} lacks {len(lacking)} of {len(commits)} commits; {whole}", *lacking]))
    return given


def holds(clones: Path, name: str, commit: str) -> bool:
    """Say whether there is a clone of a repository that has a commit."""
    git = ["git", "-C", str(clones / name.replace("/", "+")), "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(git, capture_output=True, check=False).returncode == 0


def checked(clones: Path, name: str, commit: str, *, is_listed: bool) -> tuple[list[tuple[tuple[str, str], str]], int]:
    """Return the findings in the manifests of a commit, and how many files those are."""
    with tempfile.TemporaryDirectory() as folder:
        count = write(clones / name.replace("/", "+"), commit, Path(folder))
        run = InPlace(validate_inference, None, reports=True)
        run.run([folder])
        results = [result for result in run.results if result.severity != INFO]
        for result in results if is_listed else ():
            print(result.severity, name, *key(result, folder), "|", result.message.replace("\n", " "), sep="  ")
        return [(key(result, folder), result.severity) for result in results], count


def key(result: Result, folder: str) -> tuple[str, str]:
    """Return the rule of a finding, and its file and field."""
    file = (result.file or "").removeprefix(folder).lstrip("/")
    return result.tags.get("rule", ""), f"{file} {result.reference.get('name', '')} {result.field}"


def write(clone: Path, commit: str, folder: Path) -> int:
    """Write the manifests of a commit into a folder, and return how many there are."""
    git = ["git", "-C", str(clone)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-z", "--name-only", commit], capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name.endswith(MANIFESTS)]
    asked = "".join(f"{commit}:{name}\n" for name in names).encode()
    out = subprocess.run([*git, "cat-file", "--batch"], input=asked, capture_output=True, check=True).stdout
    position, count = 0, 0
    for name in names:
        end = out.index(b"\n", position)
        header = out[position:end].split()
        position = end + 1
        if header[-1] == b"missing":  # a partial clone need not have a large file
            continue
        size = int(header[2])
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(out[position : position + size])
        position, count = position + size + 1, count + 1
    return count


def said(counts: dict[str, Counter[str]], wrong: dict[Key, str], found: list[Key], expected: dict[str, Any]) -> bool:
    """Print a line for each rule and the precision of each severity; say whether there is what nobody has read."""
    still = Counter(rule for repository, rule, place in found if (repository, rule, place) in wrong)
    unread = False
    for severity, counter in counts.items():
        for rule, count in sorted(counter.items()):
            known = expected.get(severity, {}).get(rule, 0)
            unread |= known != count
            print(
                f"{severity:8} {rule:28} {count:5} found {still[rule]:4} wrong"
                + f"; {known} were read" * (known != count)
            )
        total, mistakes = sum(counter.values()), sum(still[rule] for rule in counter)
        print(f"{severity:8} {'all':28} {total:5} found {mistakes:4} wrong: {1 - mistakes / max(1, total):.1%} right\n")
    return unread


def page(table: dict[str, Any]) -> str:
    """Return the tables of docs/precision.md: repositories, and by rule what was found and what of it is wrong."""
    wrong = Counter(each["rule"] for each in table["wrong"])
    lines = ["| repository | commit | files |", "| --- | --- | --- |"]
    lines += [f"| {each['name']} | `{each['commit'][:12]}` | {each['files']} |" for each in table["repositories"]]
    for severity, counts in table["found"].items():
        total, mistakes = sum(counts.values()), sum(wrong[rule] for rule in counts)
        lines += ["", f"**{severity}s: {1 - mistakes / total:.1%} right**, {mistakes} of {total} wrong.", ""]
        lines += ["| rule | found | wrong |", "| --- | --- | --- |"]
        lines += [f"| `{rule}` | {count} | {wrong[rule] or ''} |" for rule, count in counts.items()]
    return "\n".join(lines)


def renew(file: Path, table: dict[str, Any]) -> None:
    """Write a table anew below the comment at its top."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    head = "".join(line for line in lines if line.startswith("#"))
    file.write_text(head + yaml.safe_dump(table, sort_keys=False, width=120), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
