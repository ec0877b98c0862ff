"""The sets that are judged: each package in each release, as it stands in its files and as each overlay is built."""

from __future__ import annotations

import copy
import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from krm_inference.domain.facts.releases import RELEASES

from tests.conftest import ROOT, SCRIPTS, Copy
from tests.judge.client import Object

Intents = dict[str, Object]
Edit = Callable[[Intents], None]
# A package as its files stand, and as kustomize builds it without an overlay.
FILES, BASE = "files", "base"
DEFAULT_NAMESPACE = "default"


class Set(NamedTuple):
    """One rendered set: the package, the release, and what stands between the files and the cluster."""

    package: str
    release: str
    overlay: str

    def __str__(self) -> str:
        return f"{self.package}-{self.release}-{self.overlay}"


def packages() -> list[str]:
    """Return the packages that are moved through releases and overlays; test_platforms.py has the others once."""
    return ["llama-3.1-8b", "shared-gateway"]


def overlays(package: str) -> list[str]:
    """Return the overlays that are built over a package."""
    found = []
    for file in sorted((ROOT / "overlays").glob("*/kustomization.yaml")):
        resources = yaml.safe_load(file.read_text(encoding="utf-8"))["resources"]
        if any(Path(each).name == package for each in resources):
            found.append(file.parent.name)
    return found


def sets() -> list[Set]:
    """Return every package × release × overlay."""
    return [
        Set(package, release, overlay)
        for package in packages()
        for release in RELEASES
        for overlay in (FILES, BASE, *overlays(package))
    ]


class Unrendered(Exception):
    """A package did not render; the text is what the functions said."""


class Workshop:
    """A copy of packages/ and overlays/ in which intents are changed and rendered; the repository stays as it is."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="judge-sets-"))
        shutil.copytree(ROOT / "packages", self.root / "packages")
        shutil.copytree(ROOT / "overlays", self.root / "overlays")

    def close(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def intents(self, package: str) -> Intents:
        """Return the LLMServices of a package by their files."""
        read = {
            file.name: yaml.safe_load(file.read_text(encoding="utf-8"))
            for file in sorted((self.root / "packages" / package).glob("*.yaml"))
            if "kind: LLMService" in file.read_text(encoding="utf-8")
        }
        assert read, f"{package} has no intent"
        return read

    def write(self, package: str, intents: Intents) -> None:
        for name, intent in intents.items():
            (self.root / "packages" / package / name).write_text(yaml.safe_dump(intent, sort_keys=False), "utf-8")

    def render(self, package: str) -> None:
        """Render in place, over what was rendered before."""
        one = Copy(self.root / "packages" / package)
        if not one.render():
            raise Unrendered("\n".join(one.said))

    def objects(self, package: str, overlay: str = FILES) -> list[Object]:
        """Return what an overlay, or FILES, brings to the cluster."""
        if overlay == FILES:
            return Copy(self.root / "packages" / package).objects()
        command = (
            ["kubectl", "kustomize", str(self.root / "packages" / package)]
            if overlay == BASE
            else [f"{SCRIPTS}/krmfn", "build", str(self.root / "overlays" / overlay)]
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unrendered(done.stderr)
        return [one for one in yaml.safe_load_all(done.stdout) if one]


def in_release(release: str) -> Edit:
    """Return the edit that moves intents to a release, less what the release lacks."""

    def edit(intents: Intents) -> None:
        for intent in intents.values():
            intent["spec"]["release"] = release
            for path in RELEASES[release].lacks:
                _drop(intent, path.split("."))

    return edit


def _drop(value: Any, path: list[str]) -> None:
    for key in path[:-1]:
        value = value.get(key, {}) if isinstance(value, dict) else {}
    if isinstance(value, dict):
        value.pop(path[-1], None)


@functools.cache
def _rendered(one: Set) -> str:
    workshop = Workshop()
    try:
        intents = workshop.intents(one.package)
        in_release(one.release)(intents)
        workshop.write(one.package, intents)
        workshop.render(one.package)
        return json.dumps(workshop.objects(one.package, one.overlay))
    finally:
        workshop.close()


def rendered(one: Set) -> list[Object]:
    """Return the objects of a set, in the order of its files, each with its namespace."""
    return placed(json.loads(_rendered(one)))


def placed(objects: list[Object]) -> list[Object]:
    """Return objects with the namespace written out that `kubectl -n default` would give those that name none."""
    found = copy.deepcopy(objects)
    for one in found:
        if one["kind"] not in ("ClusterRole", "ClusterRoleBinding", "ComputeClass", "Namespace"):
            one["metadata"].setdefault("namespace", DEFAULT_NAMESPACE)
    return found


def namespaces(objects: list[Object]) -> set[str]:
    return {one["metadata"]["namespace"] for one in objects if "namespace" in one["metadata"]}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each scalar and each empty map or list with its path."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}[{index}]")
    else:
        yield path, value


def merged(value: Any, change: Any) -> Any:
    """Return the value with a change laid over it; a list replaces a list."""
    if not (isinstance(value, dict) and isinstance(change, dict)):
        return change
    return value | {key: merged(value.get(key), part) for key, part in change.items()}


def beside(row: dict[str, Any], intent: Object) -> Intents:
    """Return the other services that a change of tests/judge/changes.yaml needs in the package, by their files."""
    return {
        f"{name}.yaml": {
            **intent,
            "metadata": {**intent["metadata"], "name": name},
            "spec": merged(intent["spec"], change),
        }
        for name, change in row.get("beside", {}).items()
    }
