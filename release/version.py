"""The version in every place that names it: check that it is the same, or write another one.

Usage: version.py           say which place names another version, and whether this version can be tagged
       version.py --show    print the version
       version.py VERSION   write it into every place, and give what is unreleased in the changelog its heading

A place is a file and a pattern around a version. What is of other projects, of history or of examples is none.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = "CHANGELOG.md"
_VERSION = r"(?P<version>\d+\.\d+\.\d+)"
# What stands before a version of ours, or around it; in any file.
PATTERNS = (
    rf"ghcr\.io/krm-inference/[\w$@{{}}<>-]+:v{_VERSION}",
    rf"krm-inference/krm-inference(?:\.git(?:/[\w./-]+)?)?@v{_VERSION}",
    rf"krm-(?:inference|functions-sdk)(?:==| ){_VERSION}",
    rf"krm_(?:inference|functions_sdk)-{_VERSION}",
    rf"release\.yaml@refs/tags/v{_VERSION}",
)
# And in single files: deliveries of this repository's own environments, and the distributions themselves.
PLACES = {
    "sdk/pyproject.toml": rf'^version = "{_VERSION}"',
    "functions/pyproject.toml": rf'^version = "{_VERSION}"',
    "functions/krm_inference/__init__.py": rf'__version__ = "{_VERSION}"',
    "deploy/argo-cd/application.yaml": rf"targetRevision: v{_VERSION}",
    "deploy/config-sync/root-sync-oci.yaml": rf"/environments/[\w-]+:v{_VERSION}",
    "deploy/flux/oci.yaml": rf"tag: v{_VERSION}",
    "deploy/README.md": rf"tag `v{_VERSION}`",
    "deploy/prod/root-sync.yaml": rf"revision: v{_VERSION}",
    "docs/delivery/porch.md": rf"`v{_VERSION}`",
    "docs/delivery/config-sync.md": rf"/environments/[\w-]+:v{_VERSION}",
}
# What was, and what measurements were made with.
NO_PLACES = re.compile(
    r"CHANGELOG\.md|docs/performance\.md|.*\.lock|.*/go\.(?:sum|mod)|(?:.*/)?tests/.*|release/version\.py"
)
_UNRELEASED, _FIRST_LINE = "## [Unreleased]", "What will be 0.1.0, the first release.\n\n"


class Place(NamedTuple):
    """A version in a file: where it begins, and what it is."""

    file: str
    start: int
    version: str
    line: int


def version() -> str:
    """Return the version of the functions, which is that of all."""
    text = (ROOT / "functions" / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def places(root: Path = ROOT) -> Iterator[Place]:
    """Yield every version of ours in the files that git knows."""
    for name in _files(root):
        if NO_PLACES.fullmatch(name) or (root / name).is_symlink():
            continue
        try:
            text = (root / name).read_bytes().decode()
        except UnicodeDecodeError:
            continue
        found: dict[int, Place] = {}
        for pattern in (*PATTERNS, *([PLACES[name]] if name in PLACES else [])):
            for match in re.finditer(pattern, text, re.MULTILINE):
                start = match.start("version")
                found[start] = Place(name, start, match["version"], text.count("\n", 0, start) + 1)
        yield from (found[start] for start in sorted(found))


def faults(root: Path = ROOT) -> list[str]:
    """Return what keeps the version from being tagged, a line each."""
    wanted = version()
    every = list(places(root))
    said = [
        f"{place.file}:{place.line}: found {place.version}, expected {wanted}"
        for place in every
        if place.version != wanted
    ]
    known = {place.file for place in every}
    said += [f"{name}: names no version any more; take it out of release/version.py" for name in PLACES if
             name not in known]  # fmt: skip
    if not re.search(rf"^## \[{re.escape(wanted)}\] - \d{{4}}-\d{{2}}-\d{{2}}$", _changelog(root), re.MULTILINE):
        said.append(
            f"{CHANGELOG}: has no heading ## [{wanted}] with a date; python release/version.py {wanted} writes it"
        )
    return said


def write(wanted: str, root: Path = ROOT, today: str = "") -> list[str]:
    """Write a version into every place, date the changelog, and return the files that changed."""
    changed = []
    by_file: dict[str, list[Place]] = {}
    for place in places(root):
        by_file.setdefault(place.file, []).append(place)
    for name, found in by_file.items():
        text = old = (root / name).read_bytes().decode()
        for place in reversed(found):
            text = text[: place.start] + wanted + text[place.start + len(place.version) :]
        if text != old:
            (root / name).write_bytes(text.encode())
            changed.append(name)
    log = _changelog(root)
    if f"## [{wanted}]" not in log:
        heading = f"{_UNRELEASED}\n\n## [{wanted}] - {today or dt.date.today().isoformat()}"  # noqa: DTZ011
        (root / CHANGELOG).write_bytes(log.replace(_FIRST_LINE, "").replace(_UNRELEASED, heading, 1).encode())
        changed.append(CHANGELOG)
    return changed


def _files(root: Path) -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name and (root / name).is_file()]


def _changelog(root: Path) -> str:
    return (root / CHANGELOG).read_bytes().decode()


def main() -> int:
    """Be the command and return its exit status."""
    if sys.argv[1:] == ["--show"]:
        print(version())
        return 0
    if wanted := "".join(sys.argv[1:2]):
        if not re.fullmatch(_VERSION, wanted):
            print(f"found {wanted}, expected a version such as 0.2.0", file=sys.stderr)
            return 2
        print("".join(f"changed {name}\n" for name in write(wanted)), end="")
        return 0
    said = faults()
    print("".join(f"{line}\n" for line in said), end="", file=sys.stderr)
    if not said:
        print(f"every place says {version()}: v{version()} can be tagged")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
