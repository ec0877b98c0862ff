"""Where what functions say stands on the disk: they speak of resources as they left them, and a user reads files."""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.kpt import runners
from krm_functions_sdk.resources.results import with_derived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_functions_sdk.kpt.steps import Step
    from krm_functions_sdk.resources.resource import Resource
    from krm_functions_sdk.resources.results import Result

_INSIDE = " > "  # behind a field whose text is a document of its own: where in that


def locate(
    found: Iterable[Result], package: Package, step: Step, seen: list[Resource], owner: dict[int, Package]
) -> None:
    """Make the files of a function's results, which are relative to the package of each resource, real ones."""
    results = with_derived(found)
    has_others = any(result.file for result in results) and any(owner[id(item)] is not package for item in seen)
    places = {(item.identity, item.path, item.index): owner[id(item)].root for item in seen} if has_others else {}
    for result in results:
        if step.config_map and not result.file:
            runners.locate(result, package, step)
        elif result.file:
            root = places.get((_identity(result), result.file, result.index), package.root)
            result.file = (root / result.file).as_posix()


def as_on_disk(results: list[Result], read: list[Package], resources: list[Resource]) -> None:
    """Let the results of a render that failed name lines of the files as they are, and no file that is not there."""
    left = {id(item): item.text for item in resources}
    there: dict[tuple[str, int], tuple[Resource, bool]] = {}
    for package in read:
        for file in package.files.values():
            known = [resource for _, resource in file.documents if resource is not None]
            for before, item in zip(file.read_anew(), known, strict=True):
                path = (package.root / file.path).as_posix()
                there[path, item.index] = before, left.get(id(item)) == before.text
    files = {path for path, _ in there}
    derived = {id(result.derived) for result in results}
    for result in with_derived(results):
        if not result.file or not result.reference:
            continue
        stood = there.get((result.file, result.index))
        if stood is not None and _is_of(stood[0], result):
            original, is_unchanged = stood
            result.line = result.line if is_unchanged else _line(original, result.field)
        elif result.file not in files and not Path(result.file).exists():
            result.message += "" if id(result) in derived else f" ({Path(result.file).name}, not written)"
            result.file = result.line = None
        else:
            result.line = None


def _is_of(resource: Resource, result: Result) -> bool:
    try:
        return resource.kind == result.reference.get("kind") and resource.name == result.reference.get("name")
    except YamlFault:
        return False


def _line(resource: Resource, field: str) -> int | None:
    try:
        return resource.line(field_path.parse(field.partition(_INSIDE)[0]))
    except (YamlFault, ValueError):
        return resource.first_line or None


def _identity(result: Result) -> tuple[str, str, str, str]:
    names = result.reference
    group = names.get("apiVersion", "").rpartition("/")[0]
    return group, names.get("kind", ""), names.get("namespace", ""), names.get("name", "")
