"""What people have: the objects of a folder or of standard input, and what of it is no object."""

from __future__ import annotations

import sys
from typing import NamedTuple

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter, stream
from krm_functions_sdk.function import in_place
from krm_functions_sdk.function.command_line import Misuse

from krm_inference.domain.service import is_llm_service
from krm_inference.manifests.groups import FOR_TOOLS
from krm_inference.manifests.index import Index

STDIN, FILE = "-", "manifests.yaml"
_RENDERED = 'found LLMService {} in {}: it is a package already, see "krmfn render"'


class Read(NamedTuple):
    """The objects, lines of what is left where it is, and lines of what cannot be read."""

    resources: list[Resource]
    left: list[str]
    faults: list[str]


def read(source: str) -> Read:
    """Return what a folder or file holds, or standard input for `-`. Raises Misuse."""
    found, faults = _stdin() if source == STDIN else _files(source)
    index = Index(found)
    faults += [f"[error] {_place(item)}: {fault}" for item, fault in index.broken]
    left = [f"{_place(item)}: {reason}" for item, reason in index.foreign]
    intents = [item for item in found if not _is_unread(item, index) and is_llm_service(item)]
    if intents:
        raise Misuse(_RENDERED.format(intents[0].name, intents[0].path or "standard input"))
    aside = {id(item) for item, _ in (*index.foreign, *index.broken)}
    objects = []
    for item in found:
        if id(item) in aside:
            continue
        if item.group in FOR_TOOLS or item.is_local_config:
            left.append(f"{_place(item)}: {item} is for tools, and never reaches a cluster")
        else:
            objects += _parts(item)
    if not objects and not faults:
        raise Misuse(f"{'standard input' if source == STDIN else source}: there is no Kubernetes object")
    return Read(objects, left, faults)


def _is_unread(item: Resource, index: Index) -> bool:
    return any(item is other for other, _ in (*index.foreign, *index.broken))


def _parts(item: Resource) -> list[Resource]:
    """Return the object, or the items of a List."""
    if item.kind != "List" or item.group or not isinstance(item.get("items"), list):
        return [item]
    parts = [part for part in item.get("items") if isinstance(part, dict)]
    return [Resource(emitter.document(part), path=item.path) for part in parts]


def _stdin() -> tuple[list[Resource], list[str]]:
    text = sys.stdin.read()
    documents = [each for each in stream.split(text) if not each.is_empty]
    return [Resource(each.text, path=FILE, index=number, first_line=each.first_line) for number, each in
            enumerate(documents)], []  # fmt: skip


def _files(source: str) -> tuple[list[Resource], list[str]]:
    found: list[Resource] = []

    def collect(resources: ResourceList) -> None:
        """Collect what the files hold."""
        found.extend(resources)

    run = in_place.InPlace(collect, None, reports=True)
    try:
        with in_place.held([source], lambda said: print(said, file=sys.stderr)):
            run.run([source])
    except OSError as error:
        return [], [f"[error] {source} cannot be read: {error}"]
    return found, [str(result) for result in run.results if result.severity == "error"]


def _place(item: Resource) -> str:
    line = item.first_line
    return f"{item.path or FILE}:{line}" if line else item.path or FILE
