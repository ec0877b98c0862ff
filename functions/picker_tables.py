#!/usr/bin/env python3
"""Write the table of what each release of the inference gateway takes and shows, from its own sources.

usage: functions/picker_tables.py [--check] GAIE ROUTER

GAIE and ROUTER are clones (or their .git folders) of the repositories of REVISIONS, with its tags. What is read there:
flags of the picker and their defaults, its metrics, the fields of its configuration, the defaults of its plugins'
parameters, the values of the chart, and the fields of the definitions with their limits and defaults.
--check writes nothing and fails where the table is out of date.

It stands here and not in the package: the package carries the table, never the sources.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import crd_tables
import picker_sources
import yaml
from picker_sources import Source

HERE = Path(__file__).resolve().parent
TABLE = HERE / "krm_inference" / "domain" / "facts" / "releases" / "picker_tables.py"
GAIE, ROUTER = "kubernetes-sigs/gateway-api-inference-extension", "llm-d/llm-d-router"
Lines = dict[str, str]


class Revision(NamedTuple):
    """Where a release is read: repository, revision, and its chart with the library whose values it takes as `alias`.

    `gone` are fields of the configuration that the revision still has and the release has not, `new` the other way.
    """

    repository: str
    revision: str
    chart: str = ""
    library: str = ""
    alias: str = ""
    gone: tuple[str, ...] = ()
    new: tuple[tuple[str, str], ...] = ()


_BANDS = ("defaultPriorityBand", "defaultNegativePriorityBand", "priorityBands[]")
REVISIONS = {
    "gaie-v1.0": Revision(GAIE, "v1.0.0", "inferencepool"),
    "gaie-v1.5": Revision(GAIE, "v1.5.0", "inferencepool", "epplib", "inferenceExtension"),
    "gaie-v1.6": Revision(GAIE, "v1.6.0"),
    "llm-d-router-v0.10": Revision(ROUTER, "v0.10.0", "llm-d-router-gateway", "routerlib", "router"),
    # The tag of v0.11.0 is not at hand. This is the last revision before it that is, of 2026-08-22, two days after
    # v0.10.0 and four weeks before v0.11.0; `gone` is what 2838 of 2026-09-14 took out, `new` what 2649 brought.
    "llm-d-router-v0.11": Revision(
        ROUTER,
        "ebab6879",
        "llm-d-router-gateway",
        "routerlib",
        "router",
        ("saturationDetector.", "parser."),
        tuple((f"flowControl.{band}.defaultRequestTTL", "string") for band in _BANDS),
    ),
}
_PICKER = ("cmd/epp", "pkg/epp", "pkg/common")
_FOLDERS = (*_PICKER, "apix", "config")


def main(arguments: list[str]) -> int:
    """Write the table, or with --check only say whether it is out of date; return the exit status."""
    check, repositories = "--check" in arguments, [one for one in arguments if one != "--check"]
    if len(repositories) != 2 or any(one.startswith("-") for one in repositories):
        print(__doc__, file=sys.stderr)
        return 2
    places = dict(zip((GAIE, ROUTER), map(Path, repositories), strict=True))
    text = table({name: read(places[one.repository], one) for name, one in REVISIONS.items()})
    if TABLE.exists() and TABLE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{TABLE}: {'out of date' if check else 'written'}")
    if not check:
        TABLE.write_text(text, encoding="utf-8")
    return int(check)


def read(repository: Path, one: Revision) -> dict[str, Lines]:
    """Return what a revision says, a part each."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        there = subprocess.run(
            ["git", "-C", str(repository), "ls-tree", "-d", "--name-only", one.revision, *_FOLDERS],
            check=True, capture_output=True, text=True,
        ).stdout.split()  # fmt: skip
        archive = subprocess.run(
            ["git", "-C", str(repository), "archive", one.revision, *there], check=True, capture_output=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(root, filter="data")
        return dict(_parts(root, one))


def _parts(root: Path, one: Revision) -> Iterator[tuple[str, Lines]]:
    if one.chart:
        source = Source.of(root, *_PICKER)
        yield "FLAGS", picker_sources.flags(source)
        yield "METRICS", picker_sources.metrics(source)
        fields = picker_sources.configuration(Source.of(root, "apix/config"))
        kept = {path: kind for path, kind in fields.items() if not path.startswith(one.gone or ("-",))}
        yield "CONFIGURATION", {**kept, **dict(one.new)}
        yield (
            "PARAMETERS",
            {
                f"{kind} {name}": f"{of} {default}".strip()
                for kind, parameters in sorted(picker_sources.parameters(source).items())
                for name, (of, default) in parameters.items()
            },
        )
        yield "CHART", chart(root / "config" / "charts", one)
    yield "FIELDS", dict(definitions(root / "config" / "crd" / "bases"))


def chart(charts: Path, one: Revision) -> Lines:
    """Return the values of a chart with their defaults; those of its library stand below its alias."""
    own = _flat(yaml.safe_load((charts / one.chart / "values.yaml").read_text(encoding="utf-8")))
    library = charts / one.library / "values.yaml"
    inherited = _flat(yaml.safe_load(library.read_text(encoding="utf-8")), one.alias) if one.library else ()
    values = {**dict(inherited), **dict(own)}
    # An empty map that the chart writes says nothing where its library fills it in.
    return {path: value for path, value in sorted(values.items()) if not _is_filled(path, value, values)}


def _is_filled(path: str, value: str, values: Lines) -> bool:
    return value in ("{}", "null") and any(other.startswith(f"{path}.") for other in values)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _flat(part, f"{path}.{key}".lstrip("."))
    else:
        yield path, " ".join(yaml.safe_dump(value, default_flow_style=True, width=10**6).replace("...", "").split())


def definitions(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each field of each served kind, by API, kind and path, with its type, limits and default."""
    for file in sorted(folder.glob("*.yaml")):
        for crd in yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            for version in crd["spec"]["versions"] if crd else ():
                schema = version["schema"]["openAPIV3Schema"]
                if "spec" not in schema["properties"]:
                    continue
                kind = f"{crd['spec']['group']}/{version['name']} {crd['spec']['names']['kind']}"
                parts = crd_tables.fields(schema)
                for line in crd_tables.lines([schema]):
                    path, _, words = line.partition(" ")
                    default = parts[path.rstrip("!")].get("default")
                    said = "" if default is None else f" default {default}"
                    yield f"{kind} {path}", f"{words}{said}"


def table(found: dict[str, dict[str, Lines]]) -> str:
    """Return the text of the module."""
    sources = "".join(f"- {name}: {one.repository} {one.revision}\n" for name, one in REVISIONS.items())
    bodies = []
    for part, about in _ABOUT.items():
        having: dict[str, list[str]] = {}  # releases by line: most lines are those of several
        for name, of in found.items():
            for key, said in of.get(part, {}).items():
                having.setdefault(f"{key} {said}".rstrip(), []).append(name)
        groups: dict[tuple[str, ...], list[str]] = {}
        for line, names in having.items():
            groups.setdefault(tuple(names), []).append(line)
        rows = ""
        for releases in sorted(groups, key=lambda names: [list(found).index(name) for name in names]):
            text = "\n".join(sorted(groups[releases]))
            rows += f'    "{" ".join(releases)}": r"""\n{text}\n""",\n'
        bodies.append(f"# {about}\n{part} = {{\n{rows}}}\n")
    return (
        "# Written by functions/picker_tables.py: change that, not this file.\n"
        "# ruff: noqa: E501  # an entry stands on one line\n"
        '"""What each release of the inference gateway takes and shows, as its own sources say.\n\n'
        "A line stands once, below all releases that have it; picker_lines.py reads that.\n"
        f'Read at\n\n{sources}"""\n\nfrom __future__ import annotations\n\n' + "\n".join(bodies)
    )


_ABOUT = {
    "FLAGS": "Flags of the picker, each with its default.",
    "METRICS": "Metrics of the picker, each with its type.",
    "CONFIGURATION": "Fields of the EndpointPickerConfig, each with its type; [] is an item of a list.",
    "PARAMETERS": "Parameters of plugins that the sources tell in one struct: plugin, name, type and default.",
    "CHART": "Values of the chart, each with its default.",
    "FIELDS": "Fields of the definitions: API, kind and path (! where needed), type, limits, format and default.",
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
