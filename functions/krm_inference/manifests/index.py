"""The manifests as one set: every object by its identity, and what is derived from them once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import emitter
from krm_functions_sdk.resources.resource import LOCAL_CONFIG

from krm_inference.domain.service import LLMService
from krm_inference.manifests import definitions, foreign
from krm_inference.manifests.groups import CLUSTER_SCOPED, FOR_TOOLS
from krm_inference.manifests.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    S = TypeVar("S")
    T = TypeVar("T")

Kind = tuple[str, str]
Identity = tuple[str, str, str, str]


class Index:
    """The objects that reach a cluster, in order; `for_tools` never do, and `broken` cannot be read.

    `foreign` are documents that are no objects, each with the reason.

    An object without a namespace lands where it is applied: it may be meant by a reference into any namespace, and its
    own references by those of any object of that name.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.objects: list[Object] = []
        self.for_tools: list[Object] = []
        self.broken: list[tuple[Resource, YamlFault]] = []
        self.foreign: list[tuple[Resource, str]] = []
        self.services: list[LLMService] = []
        self.intents: set[str] = set()  # the names of all LLMServices, also of those that are at fault
        self.has_broken_intent = False
        self.is_incomplete = False  # an error came before: what is missing may be missing for that
        self.capacity: dict[str, int] = {}
        self.whole = self  # of which it is a part, where a folder holds several sets
        self.parts: list[Index] = [self]
        self._derived: dict[Callable[[Index], Any], Any] = {}
        self._of_one: dict[tuple[Callable[[Index, Any], Any], Any], Any] = {}
        for resource in resources:
            self._add(resource)
        self._leave_patches_out()
        self._arrange()

    def _arrange(self) -> None:
        self._of_kind: dict[Kind, list[Object]] = defaultdict(list)
        self._named: dict[tuple[str, str, str], list[Object]] = defaultdict(list)
        self._inside: set[tuple[str, str, str]] = set()
        self.first: dict[Identity, Object] = {}
        for item in self.objects:
            if self.first.setdefault(identity(item), item) is not item and item.name:
                continue  # of two that are one object to a cluster, references mean the first; `duplicate` says so
            self._of_kind[item.group, item.kind].append(item)
            self._named[item.group, item.kind, item.name].append(item)
            self._inside.add((item.group, item.kind, item.namespace))

    def _add(self, resource: Resource) -> None:
        try:
            parts = list(_parts(resource))
        except YamlFault as fault:
            reason = foreign.unread(resource)
            if reason:
                self.foreign.append((resource, reason))
            else:
                self.broken.append((resource, fault))
            return
        for part, data in parts:
            if reason := foreign.reason(data):
                self.foreign.append((resource, reason))
                continue
            item = Object(part, data, len(self.objects) + len(self.for_tools))
            if not item.name and foreign.is_template(resource):
                self.foreign.append((resource, foreign.TEMPLATE))
                continue
            is_for_tools = item.group in FOR_TOOLS or _is_local_config(item)
            (self.for_tools if is_for_tools else self.objects).append(item)

    def _leave_patches_out(self) -> None:
        """Take the files out that a Kustomization merges into others: each is a part of an object."""
        folders = foreign.kustomizations(self.for_tools, self.foreign)
        files = {name for path, data in folders for name in foreign.patches(path, data)}
        named = {name for path, data in folders for name in foreign.resources(path, data)}
        charts = tuple(f"{folder}/" for folder in foreign.charts(self.foreign))
        kept = []
        for item in self.objects:
            path = item.resource.path or ""
            if path in files or (foreign.is_patch(path) and path not in named):
                self.foreign.append((item.resource, foreign.PATCH))
            elif charts and path.startswith(charts):
                self.foreign.append((item.resource, foreign.TEMPLATE))
            else:
                kept.append(item)
        self.objects = kept

    def parted(self, members: list[list[Object]]) -> list[Index]:
        """Return an index of each part of the objects; what is no object goes with the first."""
        tools = set(self.for_tools)
        self.parts = []
        for items in members:
            part = Index(())
            part.objects = [item for item in items if item not in tools]
            part.for_tools = [item for item in items if item in tools]
            part.has_broken_intent, part.capacity, part.whole = self.has_broken_intent, self.capacity, self
            part.is_incomplete, part.intents = self.is_incomplete, self.intents
            own = {id(item.resource) for item in part.for_tools}
            part.services = [service for service in self.services if id(service.resource) in own]
            part._arrange()  # of its own kind
            self.parts.append(part)
        self.parts[0].broken, self.parts[0].foreign = self.broken, self.foreign
        return self.parts

    def of(self, *kinds: Kind) -> list[Object]:
        """Return the objects of the kinds, each a (group, kind)."""
        return [item for kind in kinds for item in self._of_kind.get(kind, ())]

    def named(self, kind: Kind, name: str) -> list[Object]:
        """Return the objects of a kind and name, of whatever namespace."""
        return self._named.get((*kind, name), [])

    def find(self, kind: Kind, name: str, namespace: str) -> Object | None:
        """Return the object that a reference into `namespace` means, or None."""
        found = self.named(kind, name)
        if kind in CLUSTER_SCOPED:
            return found[0] if found else None
        exact = (item for item in found if item.namespace == namespace)
        return next(exact, None) or next((item for item in found if meets(item.namespace, namespace)), None)

    def inside(self, kind: Kind, namespace: str) -> list[Object]:
        """Return the objects of a kind that are, or may land, in the namespace."""
        return [item for item in self.of(kind) if kind in CLUSTER_SCOPED or meets(item.namespace, namespace)]

    def has(self, kind: Kind, namespace: str) -> bool:
        """Say whether an object of a kind is, or may land, in the namespace."""
        if not namespace or kind in CLUSTER_SCOPED:
            return bool(self._of_kind.get(kind))
        return (*kind, namespace) in self._inside or (*kind, "") in self._inside

    def derive(self, function: Callable[[Index], T]) -> T:
        """Return what `function` makes of this index; it is called once."""
        if function not in self._derived:
            self._derived[function] = function(self)
        return self._derived[function]  # type: ignore[no-any-return]  # it came out of this very function

    def derive_of(self, function: Callable[[Index, S], T], one: S) -> T:
        """Return what `function` makes of this index and one thing in it; it is called once for each."""
        key = function, one
        if key not in self._of_one:
            self._of_one[key] = function(self, one)
        return self._of_one[key]  # type: ignore[no-any-return]  # it came out of this very function


def identity(item: Object) -> Identity:
    """Return what makes an object one and the same to a cluster."""
    namespace = "" if (item.group, item.kind) in CLUSTER_SCOPED else item.namespace
    return item.group, item.kind, namespace, item.name


def meets(one: str, other: str) -> bool:
    """Say whether two namespaces can be the same; "" is the one into which the manifests are applied."""
    return one == other or not one or not other


def _parts(resource: Resource) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Yield the resource with its values, or the items of a List, as kubectl applies them."""
    data = definitions.data(resource) if resource.kind == definitions.KIND else resource.data
    if data.get("kind") != "List" or not isinstance(data.get("items"), list):
        yield resource, data
        return
    for item in data["items"]:
        if isinstance(item, dict):
            part = Resource(emitter.document(item), path=resource.path, index=resource.index)
            yield part, part.data


def _is_local_config(item: Object) -> bool:
    said = item.annotations.get(LOCAL_CONFIG)
    return isinstance(said, str) and said not in ("", "false")
