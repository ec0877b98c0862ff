"""A package, an installed distribution, and a cache in one folder, for tests of renders that are remembered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import krm_functions_sdk
from krm_functions_sdk.files import cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Change: TypeAlias = Callable[["Place"], object]

SDK = Path(krm_functions_sdk.__file__).parent

# krmfn in a process, which says at its end whether a function was imported. A file may be young here, but where a test
# is about that; and the day is the one that the environment names.
DRIVER = """\
import os, sys, time
from krm_functions_sdk import krmfn
from krm_functions_sdk.function import installation
installation._YOUNG = int(os.environ.get("YOUNG", "0")) * 10**9
if "DAY" in os.environ:
    time.strftime = lambda *_: os.environ["DAY"]
exec(os.environ.get("BEFORE", ""))
status = krmfn.main()
sys.stdout.flush()
print("RAN" if "counting" in sys.modules else "REMEMBERED", file=sys.stderr)
sys.exit(status)
"""
FUNCTION = """\
from pathlib import Path
from krm_functions_sdk import repeatable
from counting.words import WORD

DATA = Path(__file__).with_name("data.txt").read_text(encoding="utf-8")

@repeatable
def count(resources):
    print(f"{len(resources)} resources, {WORD} {DATA}")
    config = resources.function_config
    for one in resources.where("ConfigMap"):
        one.set("metadata.labels.seen", "yes")
        resources.results.info("is seen", one, "data.a", current=1, proposed=[1.5, {"b": None}], tags={"c": "d"})
        if one.name == "warns":
            resources.results.warning("a doubt", one, "metadata.name")
        if one.name == "fails":
            resources.results.error("a reason", one)

@repeatable
def lines(resources):
    yield f"{len(resources)} in all"

def unsure(resources):
    pass
"""
ENTRY_POINTS = (
    "[krm_functions]\ncount = counting:count\nunsure = counting:unsure\n[krmfn_summary]\nx = counting:lines\n"
)
KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"
PIPELINE = "pipeline:\n  mutators:\n  - image: example.com/{}\n"
CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  labels:\n    seen: "yes"\ndata:\n  a: "1"\n'


class Said(NamedTuple):
    """What one run of krmfn left."""

    status: int
    out: str
    errors: str
    remembered: bool


class Place:
    """A package, an installed distribution, and a cache, all below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.package, self.site = folder, folder / "work" / "p", folder / "site"
        self.cache = folder / "cache"
        self.path = [self.site, SDK.parent]
        self.environment: dict[str, str] = {}
        self.arguments: list[str] = []
        self.operand = "p"
        for path, text in {
            "work/p/Kptfile": KPTFILE + PIPELINE.format("count"),
            "work/p/a.yaml": CONFIG.format("warns"),
            "work/p/b/b.yaml": CONFIG.format("b"),
            "work/p/notes.md": "# notes\n",
            "work/p/below/Kptfile": KPTFILE,
            "work/p/below/c.yaml": CONFIG.format("c"),
            "site/counting/__init__.py": FUNCTION,
            "site/counting/words.py": 'WORD = "one"\n',
            "site/counting/data.txt": "two",
            "site/counting-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: counting\nVersion: 1.0\n",
            "site/counting-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
        }.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-c", DRIVER, "render", self.operand, *self.arguments, *arguments]

    def settings(self, **environment: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != cache.VARIABLE}
        path = os.pathsep.join(map(str, self.path))
        return {**kept, "PYTHONPATH": path, "XDG_CACHE_HOME": str(self.cache), **self.environment, **environment}

    def run(self, *arguments: str, **environment: str) -> Said:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder / "work",
            env=self.settings(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        *errors, last = done.stderr.splitlines()
        assert last in ("RAN", "REMEMBERED"), done.stderr
        return Said(done.returncode, done.stdout, "\n".join(errors), last == "REMEMBERED")

    def remember(self) -> Said:
        """Render until it is remembered; the first may have compiled a module, the next fills the cache."""
        first = self.run()
        said = self.run()
        assert (first.status, first.out, first.errors) == (said.status, said.out, said.errors)
        assert said.remembered, said
        return said

    @property
    def kept(self) -> list[Path]:
        return sorted(self.cache.glob("krmfn/*"))


# What a case changes of a place


def write(path: str, text: str) -> Change:
    """Write a file."""
    return lambda place: place.write(path, text)


def append(path: str, text: str) -> Change:
    """Write something more into a file."""
    return lambda place: place.write(path, (place.folder / path).read_text() + text)


def edit(path: str, old: str, new: str) -> Change:
    """Edit a file as one that wants to hide it: as many bytes, and the old time of its last change."""

    def change(place: Place) -> None:
        file = place.folder / path
        had, text = file.stat(), file.read_text()
        assert old in text
        assert len(old) == len(new)
        file.write_text(text.replace(old, new))
        os.utime(file, ns=(had.st_atime_ns, had.st_mtime_ns))

    return change


def remove(path: str) -> Change:
    """Remove a file."""
    return lambda place: (place.folder / path).unlink()


def move(path: str, to: str) -> Change:
    """Give a file or folder another name."""

    def change(place: Place) -> None:
        (place.folder / path).rename(place.folder / to)

    return change


def link(path: str, target: str) -> Change:
    """Let a name lead to another."""

    def change(place: Place) -> None:
        (place.folder / path).unlink(missing_ok=True)
        (place.folder / path).symlink_to(target)

    return change


def given(*options: str) -> Change:
    """Give options."""
    return lambda place: place.arguments.extend(options)


def named(operand: str) -> Change:
    """Name the package otherwise; FOLDER is that of the place."""

    def change(place: Place) -> None:
        place.operand = operand.replace("FOLDER", str(place.folder))

    return change


def said(**variables: str) -> Change:
    """Set variables of the environment."""
    return lambda place: place.environment.update(variables)


def each(*changes: Change) -> Change:
    """Make several changes."""

    def change(place: Place) -> None:
        for one in changes:
            one(place)

    return change


def does(line: str) -> Change:
    """Let the function do something more."""

    def change(place: Place) -> None:
        file = place.site / "counting" / "__init__.py"
        file.write_text(file.read_text().replace("    config = ", f"    {line}\n    config = "))

    return change
