"""Measure what the SDK and its renderer cost beside what people use today, and print a table of ratios.

Each ratio is that of the medians of two costs that were measured in turns in this run; inputs are made for it. Name
sections (start, scale, go, render, explain, fleet, validate) to measure only those. What a tool is missing for says so
and is left out.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import inputs
from measure import Cost, Work, medians, run

HERE = Path(__file__).resolve().parent
RUAMEL = HERE.parent / "build" / "ruamel"
BIN = Path(sys.executable).parent
SIZES = (1, 100, 1_000, 10_000)
MANY = 10_000
PLAIN = (1_000, 5_000)
FLEET = 500
ENVIRONMENTS = 200
SERVICES = 1_000
REPOSITORY = 1_500
EXPLAINED = (
    "spec.template.spec.terminationGracePeriodSeconds",
    "metadata.annotations[inference.fn.kpt.dev/generated-by]",
    "metadata.name",
    "apiVersion",
)

PYTHON = [sys.executable]
IDLE = [*PYTHON, "-c", "pass"]
YAML = [*PYTHON, "-c", "import yaml"]
NAIVE = [*PYTHON, str(HERE / "naive.py")]
EDIT = [*PYTHON, str(HERE / "edit.py")]


class Row(NamedTuple):
    """One line of the table: what was measured, both costs as text, their ratio, and the goal that it has to reach."""

    work: str
    ours: str
    other: str
    ratio: float | None = None
    goal: float | None = None
    at_least: bool = False

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}×"
        goal = "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.goal:g}×"
        return f"| {self.work} | {self.ours} | {self.other} | {ratio} | {goal} | {self._verdict()} |"

    def _verdict(self) -> str:
        if self.ratio is None or self.goal is None:
            return ""
        met = self.ratio >= self.goal if self.at_least else self.ratio <= self.goal
        return "met" if met else "**missed**"


def ms(milliseconds: float) -> str:
    """Show a time with three digits."""
    return f"{milliseconds:.3g} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.3g} s"


def slower(work: str, ours: Cost, other: Cost, goal: float | None = None) -> Row:
    """Return the row of a work whose CPU time is a multiple of another."""
    return Row(work, ms(ours.cpu), ms(other.cpu), ours.cpu / other.cpu, goal)


def faster(work: str, ours: Cost, other: Cost, goal: float | None = None) -> Row:
    """Return the row of a work that another takes a multiple of the CPU time for."""
    return Row(work, ms(ours.cpu), ms(other.cpu), other.cpu / ours.cpu, goal, at_least=True)


def start(folder: Path, rounds: int) -> Iterator[Row]:
    """What a process costs before it does anything, and with little to do."""
    nothing = str(inputs.resource_list(folder / "nothing.yaml", 1))
    configured = str(inputs.resource_list(folder / "configured.yaml", 1, inputs.CONFIG))
    objectives = [*PYTHON, str(BIN / "generate-objectives")]
    idle, ours, function, work = medians(
        [
            Work(IDLE),
            Work([*EDIT, "nothing"], nothing),
            Work(objectives, nothing),
            Work([*EDIT, "configured"], configured),
        ],
        rounds * 4,
    )
    yield slower("a function of the SDK, nothing to do / idle Python", ours, idle, 3)
    yield slower("generate-objectives, no LLMService / idle Python", function, idle, 3)
    yield slower("reads config, checks it, edits one resource / idle Python", work, idle, 7)


def scale(folder: Path, rounds: int) -> Iterator[Row]:
    """Ten thousand resources, and twice as many, against PyYAML and ruamel.yaml."""
    file = inputs.resource_list(folder / "many.yaml", MANY)
    twice = str(inputs.resource_list(folder / "twice.yaml", 2 * MANY))
    size = file.stat().st_size / 2**20
    idle, naive, one, every, one_twice, every_twice = medians(
        [
            Work(IDLE),
            Work(NAIVE, str(file)),
            Work([*EDIT, "one"], str(file)),
            Work([*EDIT, "every"], str(file)),
            Work([*EDIT, "one"], twice),
            Work([*EDIT, "every"], twice),
        ],
        rounds,
    )
    yield slower(f"{MANY:,} resources ({size:.1f} MiB), one edited / PyYAML's load and dump", one, naive, 0.1)
    yield slower(f"{MANY:,} resources, each edited / PyYAML's load and dump", every, naive, 0.5)
    yield slower(f"{2 * MANY:,} resources, one edited / {MANY:,}", one_twice, one, 2.3)
    yield slower(f"{2 * MANY:,} resources, each edited / {MANY:,}", every_twice, every, 2.3)
    for what, cost in (("one", one), ("each", every), ("PyYAML", naive)):
        memory = cost.memory - idle.memory
        goal = None if what == "PyYAML" else 6
        title = f"peak memory above idle Python, {what}{'' if what == 'PyYAML' else ' edited'} / input"
        yield Row(title, f"{memory:.0f} MB", f"{size:.1f} MB", memory / size, goal)
    yield from round_trip(folder, rounds, naive, every)


def round_trip(folder: Path, rounds: int, naive: Cost, every: Cost) -> Iterator[Row]:
    """What ruamel.yaml takes, measured on a twentieth and scaled up."""
    if not RUAMEL.is_dir():
        print("ruamel.yaml is not in build/ruamel; `make bench` puts it there", file=sys.stderr)
        return
    part = str(inputs.resource_list(folder / "part.yaml", MANY // 20))
    environment = ["env", f"PYTHONPATH={RUAMEL}"]
    command = [*environment, *PYTHON, str(HERE / "round_trip.py")]
    imported = [*environment, *PYTHON, "-c", "import ruamel.yaml"]
    ruamel, idle = medians([Work(command, part), Work(imported)], rounds)
    scaled = ruamel._replace(cpu=(ruamel.cpu - idle.cpu) * 20 + idle.cpu)
    yield faster(f"{MANY:,} resources: ruamel.yaml's round trip (from {MANY // 20:,}) / each edited", every, scaled)
    yield slower(f"{MANY:,} resources: PyYAML's load and dump / ruamel.yaml's round trip", naive, scaled)


def go(folder: Path, rounds: int) -> Iterator[Row]:
    """The same two functions written with the Go SDK."""
    compiler = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
    binary = str(folder / "edit")
    if not compiler or subprocess.run([compiler, "build", "-o", binary, "."], cwd=HERE / "go", check=False).returncode:
        print("the Go SDK is left out: needs go and what benchmarks/go/go.mod names", file=sys.stderr)
        return
    for size in SIZES:
        file = str(inputs.resource_list(folder / f"go-{size}.yaml", size))
        works = [Work([*command, what], file) for what in ("one", "every") for command in (EDIT, [binary])]
        one, go_one, every, go_every = medians(works, rounds if size > 1000 else rounds * 2)
        goal = 1 if size >= 1_000 else None
        for what, ours, other in (("one", one, go_one), ("each", every, go_every)):
            yield slower(f"{size:,} resources, {what} edited / Go SDK, CPU", ours, other, goal)
            title = f"{size:,} resources, {what} edited / Go SDK, elapsed"
            yield Row(title, ms(ours.elapsed), ms(other.elapsed), ours.elapsed / other.elapsed, goal)


def render(folder: Path, rounds: int) -> Iterator[Row]:
    """The embedded renderer, beside kpt where it is installed."""
    remembers = [*PYTHON, str(BIN / "krmfn"), "render"]
    krmfn = [*remembers, "--no-cache"]  # here functions are measured, and not whether they need to run
    seed = folder / "llama-3.1-8b"
    inputs.intent(seed)
    run(Work([*krmfn, str(seed)]))
    yield from nothing_changes(folder, rounds, [*remembers, str(seed)])
    kpt = shutil.which("kpt")
    if not kpt:
        print("kpt is not installed: its rows are left out", file=sys.stderr)
    yield from from_intent(folder, rounds, krmfn, kpt)
    images = [f"image: ghcr.io/krm-inference/{name}:v{version('krm-inference')}" for name in inputs.FUNCTIONS]
    costs: list[Cost] = []
    for count in PLAIN:
        ours = Work([*krmfn, str(inputs.plain_package(folder / f"plain-{count}", count, images))])
        works = [ours]
        if kpt:
            cats = inputs.plain_package(folder / f"cat-{count}", count, [f"exec: {shutil.which('cat')}"] * 3)
            works.append(Work([kpt, "fn", "render", "--allow-exec", str(cats)]))
        cost, *others = medians(works, rounds)
        costs.append(cost)
        for other in others:
            yield faster(f"{count:,} plain resources, three functions / kpt with `cat`, CPU", cost, other)
            title = f"{count:,} plain resources, three functions / kpt with `cat`, elapsed"
            yield Row(title, ms(cost.elapsed), ms(other.elapsed), other.elapsed / cost.elapsed, 30, at_least=True)
    yield slower(f"{PLAIN[1]:,} plain resources / {PLAIN[0]:,}", costs[1], costs[0], 6)
    yield Row(f"{PLAIN[1]:,} plain resources, peak memory / 150 MB", f"{costs[1].memory:.0f} MB", "150 MB",
              costs[1].memory / 150, 1)  # fmt: skip


def nothing_changes(folder: Path, rounds: int, command: list[str]) -> Iterator[Row]:
    """A package that is as it renders: remembered, for the first time, and where no answers are kept."""
    first, filled = folder / "first", folder / "filled"

    def empty() -> None:
        shutil.rmtree(first, ignore_errors=True)

    def cached(place: Path) -> list[str]:
        return ["env", f"XDG_CACHE_HOME={place}", *command]

    time.sleep(11)  # code that is younger is not trusted
    works = [Work(cached(filled)), Work(cached(first), prepare=empty), Work([*command, "--no-cache"]), Work(YAML)]
    remembered, new, anew, imported = medians(works, rounds * 4)
    if not any((filled / "krmfn").glob("*")):
        raise RuntimeError("the render was not remembered: was code changed meanwhile?")
    title = "seed package, nothing changes{} / `python -c 'import yaml'`"
    yield slower(title.format(", remembered"), remembered, imported, 2.5)
    yield slower(title.format(" for the first time: each function runs, and its answer is kept"), new, imported)
    yield slower(title.format(", `--no-cache`: each function runs"), anew, imported)


def from_intent(folder: Path, rounds: int, krmfn: list[str], kpt: str | None) -> Iterator[Row]:
    """The seed package from its intent, by the renderer and by kpt with the same functions as exec."""
    fresh, other = folder / "fresh", folder / "kpt"
    ours = Work([*krmfn, str(fresh)], prepare=lambda: inputs.intent(fresh))

    def executables() -> None:
        inputs.intent(other)
        kptfile = other / "Kptfile"
        lines = kptfile.read_text().splitlines()
        names = (line.rpartition("/")[2].partition(":")[0] if "image:" in line else "" for line in lines)
        texts = (f"  - exec: {BIN / name}" if name else line for name, line in zip(names, lines, strict=True))
        kptfile.write_text("\n".join([*texts, ""]))

    works = [ours]
    if kpt:
        works.append(Work([kpt, "fn", "render", "--allow-exec", str(other)], prepare=executables))
    cost, *others = medians(works, rounds)
    for found in others:
        yield faster("seed package from intent / kpt with the functions as exec, CPU", cost, found)
        title = "seed package from intent / kpt with the functions as exec, elapsed"
        yield Row(title, ms(cost.elapsed), ms(found.elapsed), found.elapsed / cost.elapsed, 5, at_least=True)
    yield from containers(ours, other, rounds, kpt)


def containers(ours: Work, other: Path, rounds: int, kpt: str | None) -> Iterator[Row]:
    """The seed package from its intent, beside kpt with the images of the functions."""
    podman = shutil.which("podman")
    image = f"ghcr.io/krm-inference/{inputs.FUNCTIONS[0]}:v{version('krm-inference')}"
    if not kpt or not podman or run_quietly([podman, "image", "exists", image]):
        print("kpt with containers is left out: needs podman and what `make images` builds", file=sys.stderr)
        return
    command = ["env", "KPT_FN_RUNTIME=podman", kpt, "fn", "render", str(other)]
    cost, found = medians([ours, Work(command, prepare=lambda: inputs.intent(other))], rounds)
    title = "seed package from intent / kpt with the functions in containers (podman), elapsed"
    yield Row(title, ms(cost.elapsed), ms(found.elapsed), found.elapsed / cost.elapsed, 20, at_least=True)


def explain(folder: Path, rounds: int) -> Iterator[Row]:
    """Where one value comes from, of one service and of two, beside a render of the package from its intent.

    The fields are those that take longest: each is of many objects, or follows from most fields of an intent.
    """
    krmfn = [*PYTHON, str(BIN / "krmfn")]
    for what, package in (("one service", inputs.PACKAGE), ("two services", inputs.TWO_SERVICES)):
        fresh, whole = folder / "fresh", folder / "whole"
        rendered = Work([*krmfn, "render", str(fresh)], prepare=partial(inputs.intent, fresh, package))
        inputs.intent(whole, package)
        run(Work([*krmfn, "render", str(whole)]))
        works = [Work([*krmfn, "explain", str(whole), field]) for field in EXPLAINED]
        base, *costs = medians([rendered, *works], rounds)
        shutil.rmtree(whole)
        for field, cost in zip(EXPLAINED, costs, strict=True):
            yield slower(f"explain {field}, {what} / render from intent", cost, base, 5)


def run_quietly(command: list[str]) -> int:
    """Return the exit status of a command whose output tells nothing more."""
    return subprocess.run(command, capture_output=True, check=False).returncode


def fleet(folder: Path, rounds: int) -> Iterator[Row]:
    """Many packages like the seed's, from intent to manifests."""
    packages = folder / "packages"

    def intents() -> None:
        for number in range(FLEET):
            inputs.intent(packages / f"service-{number:03}")

    command = [*PYTHON, str(BIN / "krmfn"), "render", "--no-cache", str(packages), "--jobs"]
    run(Work([*command, "2"], prepare=intents))
    text = folder / "rendered.yaml"
    files = sorted((packages / "service-000").glob("*.yaml"))
    text.write_text("---\n".join(file.read_text() for file in files for _ in range(FLEET)))
    works = [Work([*command, jobs], prepare=intents) for jobs in ("1", "2")]
    one, two, naive = medians([*works, Work(NAIVE, str(text))], rounds)
    title = f"{FLEET} packages from intent, two workers / one, elapsed"
    yield Row(title, ms(two.elapsed), ms(one.elapsed), one.elapsed / two.elapsed, 1.7, at_least=True)
    yield slower(f"{FLEET} packages from intent / PyYAML's load and dump of their text", one, naive, 2.5)


def hydrate(folder: Path, rounds: int) -> Iterator[Row]:
    """Many services in four environments each, beside the runs of kustomize alone that this takes, as many at once.

    A run takes half a minute, so three of each count at most, and a twentieth of the environments warms the machine.
    """
    kubectl = shutil.which("kubectl")
    if not kubectl:
        print("kubectl is not here: nothing about hydrate", file=sys.stderr)
        return
    services = ENVIRONMENTS // len(inputs.ENVIRONMENTS)
    jobs = len(os.sched_getaffinity(0))
    works = hydrations(folder / "all", services, kubectl, jobs)
    first, again, kustomize = medians(works, min(rounds, 3), hydrations(folder / "few", services // 20, kubectl, jobs))
    title = f"hydrate of {ENVIRONMENTS} environments / their runs of kustomize alone, {jobs} at once"
    for what, cost in (("", first), (", nothing changes", again)):
        ratio = cost.elapsed / kustomize.elapsed
        yield Row(f"{title}{what}, elapsed", ms(cost.elapsed), ms(kustomize.elapsed), ratio, 2)
        yield slower(f"{title}{what}, CPU", cost, kustomize, 2)


def hydrations(folder: Path, services: int, kubectl: str, jobs: int) -> list[Work]:
    """Hydrate services where nothing was, once more where all is there, and run kustomize alone on their overlays."""
    ours, alone = folder / "ours", folder / "alone"
    overlays = [inputs.environments(tree, services) for tree in (ours, alone)][1]
    inputs.for_kustomize(alone)
    names = folder / "names"
    names.write_text("".join(f"{overlay}\n" for overlay in overlays))

    def nothing_is_there() -> None:
        shutil.rmtree(ours / "clusters", ignore_errors=True)

    command = ["env", "-C", str(ours), *PYTHON, str(BIN / "krmfn"), "hydrate"]
    # each in a session of its own, as krmfn starts it: where other work runs, the kernel shares the cores by sessions
    kustomize = ["xargs", "-P", str(jobs), "-n", "1", "setsid", "--wait", kubectl, "kustomize"]
    return [Work(command, prepare=nothing_is_there), Work(command), Work(kustomize, str(names))]


def validate(folder: Path, rounds: int) -> Iterator[Row]:
    """The manifests of many services, with nothing wrong, beside reading them with PyYAML."""
    function = [*PYTHON, str(BIN / "validate-inference")]
    many, half = (str(inputs.services(folder / f"{count}.yaml", count)) for count in (SERVICES, SERVICES // 2))
    cost, of_half, loaded = medians([Work(function, many), Work(function, half), Work([*NAIVE, "load"], many)], rounds)
    yield slower(f"validate-inference, {SERVICES:,} services / PyYAML's C loader", cost, loaded, 3)
    yield slower(f"validate-inference, {SERVICES:,} services / {SERVICES // 2:,}", cost, of_half, 2.3)
    repository, text = inputs.repository(folder / "repository", REPOSITORY)
    check = [*function, "--format=json", "--fail-on=never", str(repository)]
    checked, loaded = medians([Work(check), Work([*NAIVE, "load"], str(text))], rounds)
    title = f"validate-inference, a repository of {REPOSITORY:,} files with large definitions / PyYAML's C loader"
    yield slower(title, checked, loaded, 1)


SECTIONS = {
    "start": start,
    "scale": scale,
    "go": go,
    "render": render,
    "explain": explain,
    "fleet": fleet,
    "hydrate": hydrate,
    "validate": validate,
}


def machine() -> str:
    """Say on what the numbers were taken."""
    names = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.partition(":")[2].strip() for line in names if line.startswith("model name")), platform.machine())
    packages = ", ".join(f"{name} {version(name)}" for name in ("PyYAML", "jsonschema-rs", "krm-functions-sdk"))
    return f"{os.cpu_count()} × {cpu}, {platform.system()}, Python {platform.python_version()}, {packages}"


def main() -> None:
    """Measure the sections and print the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, of which the median counts (default: 5)")
    options = parser.parse_args()
    print(f"{machine()}\n\n| work | ours | other | ratio | goal | |\n|---|--:|--:|--:|--:|---|", flush=True)
    for name in options.sections or SECTIONS:
        with tempfile.TemporaryDirectory() as folder:
            for row in SECTIONS[name](Path(folder), options.rounds):
                print(row, flush=True)


if __name__ == "__main__":
    main()
