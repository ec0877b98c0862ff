"""What kustomize refuses of an overlay, said of the file, line and field where a person wrote it.

kustomize names one fault, in words of its own code and without a line; a kubectl puts the time and its process before.
What is known here is said in other words, and all of its kind at once; the rest is what kustomize said.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.function.schema import nearest
from krm_functions_sdk.kpt import targets
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import ERROR, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

# The fields of a kustomization: api/types/kustomization.go of kubernetes-sigs/kustomize, kustomize/v5.7.1. They tell
# which field of a file is misspelt, where kustomize has refused one.
_FIELDS = (
    *("apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels"),
    *("commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "patches", "images", "imageTags"),
    *("replacements", "replicas", "vars", "sortOptions", "resources", "components", "crds", "bases"),
    *("configMapGenerator", "secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator"),
    *("generatorOptions", "configurations", "generators", "transformers", "validators", "buildMetadata"),
)
_TYPES = {"string": "a string", "array": "a list", "object": "a map", "number": "a number", "bool": "true or false"}
_HEAD = re.compile(r'^\s*(?:[EWF]\d{4} \S+ +\d+ \S+\] )?(?:"command failed" err=)?')


class Refusal(NamedTuple):
    """What kustomize said, and what it was given: kustomizations by folder, their files, and objects of packages."""

    said: str
    kustomizations: Mapping[Path, Resource]
    files: Mapping[Path, Path]
    objects: Sequence[Mapping[str, Any]]

    def results(self) -> list[Result]:
        """Return what is wrong where it is known, nothing where it is not."""
        for words, find in _KNOWN.items():
            if match := re.search(words, self.said):
                return list(find(self, match))
        return []

    def at(self, folder: Path, field: tuple[Any, ...], message: str) -> Result:
        result = Result(ERROR, message)
        kustomization = self.kustomizations[folder]
        result.file, result.line = self.files[folder].as_posix(), kustomization.line(field)
        return result

    def patches(self) -> Iterator[tuple[Path, int, Any]]:
        """Yield the patches of all kustomizations: the folder, the position there, and the entry."""
        for folder, kustomization in self.kustomizations.items():
            found = kustomization.data.get("patches")
            for position, entry in enumerate(found if isinstance(found, list) else ()):
                yield folder, position, entry if isinstance(entry, dict) else {}


def plain(said: str) -> str:
    """Return what kustomize said on one line, without what a kubectl puts around it."""
    text = said.strip()
    if head := _HEAD.match(text):
        text = text[head.end() :]
    if text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('\\"', '"')
    elif text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    return re.sub(r"^[Ee]rror: ", "", " ".join(text.split()))


def _unknown(refusal: Refusal, match: re.Match[str]) -> Iterator[Result]:
    is_found = False
    for folder, kustomization in refusal.kustomizations.items():
        for name in kustomization.data:
            if name not in _FIELDS:
                is_found = True
                yield refusal.at(folder, (name,), f"{name}: unknown field{nearest(name, list(_FIELDS))}")
    for folder, kustomization in refusal.kustomizations.items() if not is_found else ():
        for field in kustomization.walk():
            if field.path.endswith(f".{match[1]}"):
                result = refusal.at(folder, (), f"{field.path}: unknown field")
                result.line = kustomization.line(field.path)
                yield result


def _type(refusal: Refusal, match: re.Match[str]) -> Iterator[Result]:
    found, field, wanted = match.groups()
    kind = "array" if wanted.startswith("[]") else "object" if wanted.startswith("map") else wanted
    for folder, kustomization in refusal.kustomizations.items():
        if field in kustomization.data and _TYPES.get(_type_of(kustomization.data[field])) == _TYPES.get(found):
            message = f"{field}: found {_TYPES.get(found, found)}, expected {_TYPES.get(kind, wanted)}"
            yield refusal.at(folder, (field,), message)


def _type_of(value: Any) -> str:
    kinds = {bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "string")


def _no_match(refusal: Refusal, match: re.Match[str]) -> Iterator[Result]:
    kind, name = match[1], match[2]
    for folder, position, entry in refusal.patches():
        if "target" not in entry and any((one.kind, one.name) == (kind, name) for one in _read(folder, entry)):
            near = targets.near(kind, name, refusal.objects)
            message = (
                f"patches[{position}]: {kind} {name} is not among what it patches{near}. Name an object that is, or "
                "say by a target what it is for"
            )
            yield refusal.at(folder, ("patches", position), message)


def _no_file(refusal: Refusal, _: re.Match[str]) -> Iterator[Result]:
    for folder, position, entry in refusal.patches():
        path = entry.get("path")
        if isinstance(path, str) and not (folder / path).exists():
            field = ("patches", position, "path")
            yield refusal.at(folder, field, f"patches[{position}].path: {path}: no such file")


def _no_patch(refusal: Refusal, _: re.Match[str]) -> Iterator[Result]:
    for folder, position, entry in refusal.patches():
        field = "patch" if "patch" in entry else "path"
        if not _is_patch(folder, entry):
            message = (
                f"patches[{position}].{field}: is no patch: expected an object with apiVersion, kind and "
                "metadata.name, or a JSON patch, a list of operations with op and path"
            )
            yield refusal.at(folder, ("patches", position, field), message)


def _is_patch(folder: Path, entry: Any) -> bool:
    text = _text(folder, entry)
    if text.lstrip().startswith("["):  # kustomize takes these for JSON, in which every name is quoted
        import json

        try:
            return isinstance(json.loads(text), list)
        except ValueError:
            return False
    if text.lstrip().startswith("- "):
        return True
    return any(one.api_version and one.kind and one.name for one in _read(folder, entry))


def _read(folder: Path, entry: Any) -> list[Resource]:
    """Return the object that a patch is, and none where it is none."""
    try:
        return [Resource(_text(folder, entry))]
    except YamlFault:
        return []


def _text(folder: Path, entry: Any) -> str:
    if isinstance(entry.get("patch"), str):
        return str(entry["patch"])
    try:
        return (folder / str(entry.get("path"))).read_text("utf-8", "replace")
    except OSError:
        return ""


_KNOWN: dict[str, Callable[[Refusal, re.Match[str]], Iterator[Result]]] = {
    r'unknown field "([^"]+)"': _unknown,
    r"cannot unmarshal (\w+) into Go struct field Kustomization\.(\w+) of type (\S+)": _type,
    r"no matches for Id (\w+)\.[^/\s]*/(\S+)\.(?:\[noNs\]|[a-z0-9-]+)(?:[;\s]|$)": _no_match,
    r"failed to get the patch file from path": _no_file,
    r"unable to parse SM or JSON patch": _no_patch,
}
