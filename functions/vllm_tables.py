#!/usr/bin/env python3
"""Write the tables of vLLM's flags, variables and metrics from what the parsers of its wheels take.

usage: functions/vllm_tables.py [--check] [MINOR...]

MINOR is a minor version, 33 for 0.33; all of them without it. Of each, the first and the last patch are fetched by
pip, one after the other, and unpacked without what is compiled; `vllm_parser.py` then runs the parser of each in an
environment of its own. What a wheel takes is kept in build/vllm, so that only new ones are fetched.
--check writes nothing and fails where the tables and a parser differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
import venv
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from krm_inference.domain.facts import vllm_releases
from vllm_parser import LIGHT

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "vllm"
TABLE = Path(vllm_releases.__file__)
# The first and the last patch of each minor version; one where there is but one.
PATCHES: dict[int, tuple[str, ...]] = {
    8: ("0.8.0", "0.8.5"),
    9: ("0.9.0", "0.9.2"),
    10: ("0.10.0", "0.10.2"),
    11: ("0.11.0", "0.11.2"),
    12: ("0.12.0",),
    13: ("0.13.0",),
    14: ("0.14.0", "0.14.1"),
    15: ("0.15.0", "0.15.1"),
    16: ("0.16.0",),
    17: ("0.17.0", "0.17.1"),
    18: ("0.18.0", "0.18.1"),
    19: ("0.19.0", "0.19.1"),
    20: ("0.20.0", "0.20.2"),
    21: ("0.21.0",),
    22: ("0.22.0", "0.22.1"),
    23: ("0.23.0",),
    24: ("0.24.0",),
    25: ("0.25.0", "0.25.1"),
    26: ("0.26.0",),
    27: ("0.27.0", "0.27.1"),
    28: ("0.28.0",),
    29: ("0.29.0",),
    30: ("0.30.0",),
    31: ("0.31.0",),
    32: ("0.32.0",),
    33: ("0.33.0",),
}
# The tables, each with the prefix that its names stand without.
TABLES = {"FLAGS": "--", "VARIABLES": "VLLM_", "METRICS": "vllm:"}
Names = dict[int, set[str]]
_HEAD = '''\
"""What each release of vLLM takes: its flags, its environment variables, and the metrics that it shows.

Written by functions/vllm_tables.py, which runs the parsers of the wheels from {first} to {last}, the first and the
last patch of each minor version. A name that one patch has counts for all of them.

Every entry is a span of minor versions, the first and the last that has the names: (9, 11) is 0.9 to 0.11. A name has
as many spans as it came back. Flags stand without their `--`, variables without their `VLLM_`, metrics without their
`vllm:`; the few names of one hyphen are short forms. Flags are those of `vllm serve`, without the opposites that
argparse adds. What came with FIRST may be older, what LAST has may still be there.
"""

from __future__ import annotations

FIRST, LAST = {first_minor}, {last_minor}
'''


def taken(version: str) -> dict[str, list[str]]:
    """Return what a version takes, by the table that it goes into; fetch it where that is not known yet."""
    kept = KEPT / f"{version}.json"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        kept.write_text(_read(version), encoding="utf-8")
    found = json.loads(kept.read_text(encoding="utf-8"))
    return {"FLAGS": list(found["flags"]), "VARIABLES": found["variables"], "METRICS": found["metrics"]}


def _read(version: str) -> str:
    """Fetch the wheel of a version and return what its parser says, a JSON object."""
    if (KEPT / version / "vllm").exists():
        return run(str(python()), str(HERE / "vllm_parser.py"), str(KEPT / version)).splitlines()[-1]
    with tempfile.TemporaryDirectory() as folder:
        unpack(version, Path(folder))
        return run(str(python()), str(HERE / "vllm_parser.py"), folder).splitlines()[-1]


def unpack(version: str, folder: Path) -> None:
    """Fetch the wheel of a version and put its Python files into a folder."""
    print(f"fetching vllm {version}", file=sys.stderr)
    run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder),
        f"vllm=={version}")  # fmt: skip
    (wheel,) = folder.glob("vllm-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.endswith((".py", "METADATA"))])
    wheel.unlink()


def python() -> Path:
    """Return a Python with what the parsers really need, in an environment that is made where there is none."""
    folder = KEPT / "venv"
    if not (folder / "ready").exists():
        venv.create(folder, clear=True, with_pip=True)
        run(str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *LIGHT)
        (folder / "ready").touch()
    return folder / "bin" / "python"


def run(*command: str) -> str:
    """Run a command and return what it prints; end with what it says where it fails."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\n{ran.stderr}")
    return ran.stdout


def read(minors: Iterable[int]) -> dict[str, Names]:
    """Return the names of each table by minor version, without their prefix."""
    found: dict[str, Names] = {table: {} for table in TABLES}
    for minor in minors:
        for version in PATCHES[minor]:
            for table, names in taken(version).items():
                known = found[table].setdefault(minor, set())
                known |= {name.removeprefix(TABLES[table]) for name in names}
    return found


def written(table: str) -> Names:
    """Return the names of a table as it stands, by minor version."""
    spans: dict[tuple[int, int], str] = getattr(vllm_releases, table, {})
    found: Names = {}
    for (first, last), names in spans.items():
        for minor in range(first, last + 1):
            found.setdefault(minor, set()).update(names.split())
    return found


def spans(names: Names) -> dict[tuple[int, int], list[str]]:
    """Return the names by the spans of minor versions that have them, in order."""
    found: dict[tuple[int, int], list[str]] = {}
    minors = sorted(names)
    for name in set().union(*names.values()):
        start = None
        for minor in minors:
            has = name in names[minor]
            if has and start is None:
                start = minor
            if start is not None and (not has or minor == minors[-1]):
                found.setdefault((start, minor if has else minor - 1), []).append(name)
                start = None
    return {span: sorted(found[span], key=lambda name: (name[0] == "-", name)) for span in sorted(found)}


def text(tables: Mapping[str, Names]) -> str:
    """Return the module that holds the tables."""
    minors = sorted(next(iter(tables.values())))
    head = _HEAD.format(
        first=PATCHES[minors[0]][0], last=PATCHES[minors[-1]][-1], first_minor=minors[0], last_minor=minors[-1]
    )
    return head + "".join(f"\n{_table(table, names)}" for table, names in tables.items())


def _table(table: str, names: Names) -> str:
    lines = [f"{table}: dict[tuple[int, int], str] = {{"]
    for span, found in spans(names).items():
        joined = " ".join(found)
        if len(f'    {span}: "{joined}",') <= 120:
            lines.append(f'    {span}: "{joined}",')
        else:
            wrapped = textwrap.wrap(joined, 112, break_long_words=False, break_on_hyphens=False)
            lines += [f'    {span}: """', *(f"        {line}" for line in wrapped), '    """,']
    return "\n".join([*lines, "}\n"])


def main(arguments: list[str]) -> int:
    """Write the tables, or compare them with --check; return the exit status."""
    check = "--check" in arguments
    asked = [argument for argument in arguments if argument != "--check"]
    if any(not argument.isdecimal() or int(argument) not in PATCHES for argument in asked):
        print(__doc__, file=sys.stderr)
        return 2
    minors = sorted(int(argument) for argument in asked) or sorted(PATCHES)
    tables = {table: {**written(table), **names} for table, names in read(minors).items()}
    if not check:
        TABLE.write_text(text(tables), encoding="utf-8")
        return 0
    differ = False
    for table, names in tables.items():
        for minor in minors:
            known, found = written(table).get(minor, set()), names[minor]
            for sign, one in [*(("-", one) for one in known - found), *(("+", one) for one in found - known)]:
                differ = True
                print(f"vLLM 0.{minor}: {sign}{'' if one.startswith('-') else TABLES[table]}{one}")
    print(f"{', '.join(f'0.{minor}' for minor in minors)}: {'the tables differ' if differ else 'the tables agree'}")
    return int(differ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
