"""Manifests that helm or kustomize makes, checked as they come out, with findings told of the files they come from.

The tools are those of the PATH, called with their arguments as a list: no value reaches a shell. helm writes the
template above each document; kustomize adds annotations, for which a copy of the folder that names it is made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from krm_functions_sdk import Resource, ResourceList, Result, YamlFault
from krm_functions_sdk.document import emitter, parser, tree
from krm_functions_sdk.document.pattern import pattern

_SOURCE = pattern(r"^# Source: (?P<path>\S.*?)\s*$")
_ORIGIN = "config.kubernetes.io/origin"
_TIMEOUT = 300.0  # seconds
_UNREADABLE = ("", "", "")

# Objects by kind, namespace and name, each with the file that it was made from.
Origins = dict[tuple[str, str, str], str]


class NotRendered(Exception):
    """What a tool could not make, or the lack of the tool; the message says what to do."""


def helm(chart: str, options: list[str]) -> tuple[ResourceList, Origins]:
    """Return what `helm template` makes of a chart with these options, and where from. Raises NotRendered."""
    tool = shutil.which("helm")
    if tool is None:
        raise NotRendered("--helm needs helm on the PATH, and there is none")
    folder = Path(chart)
    if not (folder / "Chart.yaml").is_file():
        raise NotRendered(f"--helm {chart}: expected the folder of a chart, with a Chart.yaml")
    text = _made([tool, "template", "release", str(folder.resolve()), *options], f"--helm {chart}")
    resources = ResourceList.read(text, f"what helm makes of {chart}")
    name, lines = _chart_name(folder), text.splitlines()
    sources = ((resource, _source(lines, resource.first_line)) for resource in resources)
    return resources, {
        _key(resource): (folder / path.removeprefix(f"{name}/")).as_posix()
        for resource, path in sources
        if path.startswith(f"{name}/") and _key(resource) != _UNREADABLE
    }


def kustomize(folder: str) -> tuple[ResourceList, Origins]:
    """Return what kustomize builds of a folder, and where from. Raises NotRendered."""
    tool, kubectl = shutil.which("kustomize"), shutil.which("kubectl")
    if tool is None and kubectl is None:
        raise NotRendered("--kustomize needs kubectl or kustomize on the PATH, and there is neither")
    if not Path(folder).is_dir():
        raise NotRendered(f"--kustomize {folder}: no such folder")
    with tempfile.TemporaryDirectory() as made:
        # A Kustomization over the folder, so that nothing of the user's changes: it asks for the origins.
        place = Path(made) / "kustomization.yaml"
        above = {"resources": [_relative(Path(folder), Path(made))], "buildMetadata": ["originAnnotations"]}
        place.write_text(emitter.document(above), encoding="utf-8")
        argv = [kubectl, "kustomize", made] if kubectl else [str(tool), "build", made]
        text = _made(argv, f"--kustomize {folder}")
        resources, origins = ResourceList.read(text, f"what kustomize makes of {folder}"), Origins()
        for resource in resources:
            origin = str(resource.get(f"metadata.annotations[{_ORIGIN}]", ""))
            if path := _origin(origin):
                origins[_key(resource)] = _shown((Path(made).resolve() / path).resolve())
            if origin:
                resource.remove(f"metadata.annotations[{_ORIGIN}]")
    return resources, origins


def told(results: list[Result], origins: Origins) -> int:
    """Give results the file that their object was made from, and return how many have none that is known.

    A line is that of what the tool made, and says nothing of the file: it is left out.
    """
    for result in results:
        result.file = origins.get(_of(result.reference))
        result.line = result.start = None
    return sum(not result.file for result in results)


def _key(resource: Resource) -> tuple[str, str, str]:
    try:
        return resource.kind, resource.namespace, resource.name
    except YamlFault:
        return _UNREADABLE  # the rule `readable` says so


def _of(reference: dict[str, str]) -> tuple[str, str, str]:
    return reference.get("kind", ""), reference.get("namespace", ""), reference.get("name", "")


def _made(argv: list[str], what: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise NotRendered(f"{what}: {Path(argv[0]).name} did not end within {_TIMEOUT:.0f} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise NotRendered(f"{what}: {Path(argv[0]).name} failed: {said}")
    return done.stdout.decode("utf-8")


def _chart_name(folder: Path) -> str:
    data = tree.value(parser.parse((folder / "Chart.yaml").read_text(encoding="utf-8")))
    return str(data.get("name", "")) if isinstance(data, dict) else ""


def _source(lines: list[str], first: int) -> str:
    """Return the template that helm names in the comment above, or at the head of, the document on line `first`."""
    start = first - 1
    while start > 0 and lines[start - 1].startswith("#"):
        start -= 1
    for line in lines[start:]:
        if not line.startswith(("#", "---")):
            return ""
        if match := _SOURCE.match(line):
            return match["path"]
    return ""


def _origin(text: str) -> str:
    """Return the path that an origin of kustomize says, "" where it comes from elsewhere than this machine."""
    data = tree.value(parser.parse(text)) if text.strip() else None
    if not isinstance(data, dict) or "repo" in data:
        return ""
    return str(data.get("path") or data.get("configuredIn") or "")


def _relative(folder: Path, start: Path) -> str:
    return os.path.relpath(folder.resolve(), start.resolve())


def _shown(file: Path) -> str:
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else file.as_posix()
