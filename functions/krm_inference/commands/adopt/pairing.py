"""Which object that people have is which that is rendered: the same one, or the one in its place around the pool."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.commands.adopt.facts import Draft
from krm_inference.domain.generation import FROM_INTENT
from krm_inference.domain.remains import MARK
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import GATEWAY_KIND, links
from krm_inference.manifests.pickers import picker_pods, picker_service, pools_of
from krm_inference.manifests.pods import pods

Values = dict[str, str]
_MODEL = ".args[--model]"
_OURS = tuple(f"metadata.annotations[{name}]" for name in (MARK, FROM_INTENT))


def pairs(theirs: list[Resource], made: list[Resource], linked: set[int]) -> list[tuple[Resource | None, Resource]]:
    """Return each rendered object with the one that it takes the place of; `linked` are the ids of those around."""
    left = list(theirs)
    found: dict[int, Resource] = {}
    for new in made:
        for is_same in (_is_same, _was_same):
            if id(new) not in found and (old := next((item for item in left if is_same(item, new)), None)):
                found[id(new)] = old
                left = [item for item in left if item is not old]
    around = [item for item in left if id(item) in linked]
    open_ = [new for new in made if id(new) not in found]
    ranked = sorted(
        ((_alike(old, new), -at, old, new) for at, new in enumerate(open_) for old in around if old.kind == new.kind),
        key=lambda one: one[:2],
        reverse=True,
    )
    taken: set[int] = set()
    for alike, _, old, new in ranked:
        if alike and id(old) not in taken and id(new) not in found:
            found[id(new)] = old
            taken.add(id(old))
    return [(found.get(id(new)), new) for new in made]


def _is_same(old: Resource, new: Resource) -> bool:
    is_named = (old.group, old.kind, old.name) == (new.group, new.kind, new.name)
    return is_named and meets(old.namespace, new.namespace)


def _was_same(old: Resource, new: Resource) -> bool:
    """Say whether an object is another of its name but for its group, as an objective of another release is."""
    is_named = bool(old.group) and bool(new.group) and (old.kind, old.name) == (new.kind, new.name)
    return is_named and meets(old.namespace, new.namespace)


def _alike(old: Resource, new: Resource) -> int:
    """Return how many values two objects share, 0 where it is less than half of them: then they only look alike."""
    was, now = values(old), values(new)
    own = {path: value for path, value in was.items() if not path.startswith(("metadata.", "kind", "apiVersion"))}
    shared = sum(now.get(path) == value for path, value in own.items())
    return shared if 2 * shared >= len(own) else 0


def around(index: Index, drafts: list[Draft]) -> set[int]:
    """Return the ids of the objects that refer to a server, its pool or its picker, or that these refer to."""
    edges: list[tuple[Any, Any]] = []
    for link in links(index):
        target = index.find(link.kind, link.name.text, link.namespace)
        if target is not None:
            edges.append((link.field.object, target))
    for draft in drafts:
        if draft.pool is not None:
            edges.append((draft.pool, draft.server.pod.object))
            service = picker_service(index, draft.pool)
            edges += [(draft.pool, service)] if service is not None else []
    for pod in pods(index):
        if pod in picker_pods(index):
            edges += [(pool, pod.object) for pool in pools_of(index, pod)]
    near: dict[int, list[Any]] = {}
    for one, other in edges:
        near.setdefault(id(one), []).append(other)
        near.setdefault(id(other), []).append(one)
    queue = [draft.server.pod.object for draft in drafts]
    seen = {id(item) for item in queue}
    found = set()
    while queue:
        item = queue.pop()
        found.add(id(item.resource))
        if (item.group, item.kind) == GATEWAY_KIND:  # routes of others attach to it as well
            continue
        for other in near.get(id(item), ()):
            if id(other) not in seen:
                seen.add(id(other))
                queue.append(other)
    return found


def values(resource: Resource) -> Values:
    """Return the values of an object line by line: as they read, whatever way they are written."""
    return _values(resource.text)


@lru_cache(4096)  # from trial to trial most objects are the same
def _values(text: str) -> Values:
    found: Values = {}
    for path, value in leaves(Resource(text).data).items():
        if path in _OURS:
            continue
        if path.endswith(_MODEL):  # the same as the first argument
            found[path.removesuffix(_MODEL) + ".args[0]"] = str(value).removeprefix("--model").lstrip("= ")
        elif isinstance(value, str) and "\n" in value:
            found |= {f"{path} {inside}": said for inside, said in _of_text(value)}
        else:
            found[path] = _normal(path, value)
    return found


def _of_text(text: str) -> Iterable[tuple[str, str]]:
    try:
        value = tree.value(parser.parse(text))
    except YamlFault:
        value = None
    if isinstance(value, dict):
        return ((path, _normal(path, inside)) for path, inside in leaves(value).items())
    return ((f"line {number}", line) for number, line in enumerate(text.splitlines(), 1))


def _normal(path: str, value: Any) -> str:
    if ".resources." in path or isinstance(value, str):
        flag = path.rpartition("[")[2].removesuffix("]")
        text = str(value)
        if flag.startswith("-") and text.startswith(f"{flag} "):
            return f"{flag}={text[len(flag) + 1 :]}"
        return text
    return repr(value)
