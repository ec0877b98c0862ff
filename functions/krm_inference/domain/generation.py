"""Write what a function wants into the package, and nothing else.

Objects are found by their identity and keep file and position. An object that a function creates carries its mark, the
annotation `inference.fn.kpt.dev/generated-by: <function>/<service>`; only marked objects are ever deleted.
"""

from __future__ import annotations

import posixpath
from functools import cache

from krm_functions_sdk import MISSING, Resource, ResourceList
from krm_functions_sdk.document import emitter, ownership
from krm_functions_sdk.document.ownership import Owned

from krm_inference.domain import kustomization
from krm_inference.domain.remains import MARK, former_name, maker
from krm_inference.domain.secrets import redacted
from krm_inference.domain.service import KIND, LLMService, is_llm_service
from krm_inference.domain.workloads import Target, nested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from krm_inference.domain.llm_cluster import LLMCluster

    Owner = LLMService | LLMCluster  # the intent for which objects are made

# What of an object came from the intent and nowhere else: what leaves the intent has to leave the object as well.
FROM_INTENT = "inference.fn.kpt.dev/from-intent"
_LONGEST_SHOWN = 60
_ALWAYS_OWNED = ("apiVersion",)
_OWNED_WHERE_MARKED = ("metadata.name", "metadata.namespace", f"metadata.annotations[{MARK}]")

Table = dict[str, tuple[str, ...]]


class Generation:
    """One run of one function over a package; `table` names what it owns, by the role of the object.

    `services` are the intents for which it makes objects, those that `is_intent` finds among resources.
    """

    def __init__(
        self,
        resources: ResourceList,
        services: Sequence[Owner],
        function: str,
        table: Table,
        is_intent: Callable[[Resource], bool] = is_llm_service,
    ) -> None:
        self.resources = resources
        self.services = services
        self.function = function
        self.table = table
        self.is_intent = is_intent
        self.kept: dict[int, Resource] = {}  # by id(), in the order of services and of their objects
        self.added: set[int] = set()

    def apply(
        self,
        service: Owner,
        role: str,
        wanted: dict[str, Any],
        file: str,
        also_owned: tuple[str, ...] = (),
        further_role: str = "",
    ) -> Resource:
        """Make the object of `role` as wanted, in an existing one or in a new one at the end of `file`.

        Owned with the fields of the role are those of a further role that the object may have, and `also_owned`, which
        no role owns always.
        """
        owned = (*_ALWAYS_OWNED, *self.table[role], *(self.table[further_role] if further_role else ()), *also_owned)
        resource = self.find(service, wanted)
        if resource is None:
            resource = Resource.new(self._marked(service, wanted))
            self.resources.add(resource, posixpath.join(service.folder, file))
            self.added.add(id(resource))
        elif maker(resource)[0] == self.function:
            # It follows its service into another namespace and to another name; what services share is marked with the
            # first that is left.
            marked = _without_kind(self._marked(service, wanted))
            self.change(resource, marked, ownership.table((*owned, *_OWNED_WHERE_MARKED)))
        else:
            self.change(resource, _without_kind(wanted, "name", "namespace"), ownership.table(owned))
        self.kept[id(resource)] = resource
        return resource

    def change(self, resource: Resource, wanted: dict[str, Any], owned: Owned) -> None:
        """Make the owned fields of an existing object as wanted, and report each change of a value that was there."""
        if strays := ownership.stray(wanted, owned):
            raise AssertionError(f"{self.function} does not own {', '.join(strays)}")
        for change in resource.apply(wanted, owned):
            if change.before is not MISSING:
                before, after = redacted(change.path, change.before), redacted(change.path, change.after)
                message = _message(before, after)
                self.resources.results.info(message, resource, change.path, current=before, proposed=after)

    def inject(self, target: Target, pod: dict[str, Any], paths: tuple[str, ...]) -> None:
        """Make `paths`, all or some of what this function owns in a workload, as the Pod's spec `pod` says."""
        self.change(target.resource, nested(target.pod, pod), ownership.table(target.paths(paths)))

    def sweep(self) -> None:
        """Delete what this function once made and no service wants any more; without any intent, nothing.

        What is new goes to where it would stand if all were new: before what follows it in its file.
        """
        if self.resources.results.failed or not self._has_intent():
            return
        self._arrange()
        for resource in list(self.resources):
            if id(resource) in self.kept:
                continue
            function, service = maker(resource)
            if function == self.function:
                message = f"deleted: generated for {self._kind} {service}, which no longer needs it"
                self.resources.results.info(message, resource)
                self.resources.remove(resource)
        kustomization.update(self.resources, self.function)

    @property
    def _kind(self) -> str:
        return next((item.kind for item in self.resources if self.is_intent(item)), KIND)

    def _arrange(self) -> None:
        wanted = list(self.kept.values())
        for position in range(len(wanted) - 1, -1, -1):
            new = wanted[position]
            if id(new) not in self.added:
                continue
            other = next((other for other in wanted[position + 1 :] if other.path == new.path), None)
            if other is not None and other.index < new.index:
                self.resources.put_before(new, other)

    def _has_intent(self) -> bool:
        config = self.resources.function_config
        return any(self.is_intent(item) for item in (*self.resources, *([config] if config else [])))

    def find(self, service: Owner, wanted: dict[str, Any]) -> Resource | None:
        """Return the object of this identity, or the one that was it before a change of release or of namespace."""
        group, kind = wanted["apiVersion"].rpartition("/")[0], wanted["kind"]
        name, namespace = wanted["metadata"]["name"], wanted["metadata"].get("namespace", "")
        names = _names(service, kind, name)
        existing = self.resources.find(group, kind, name, namespace)
        if existing is not None:
            return existing
        for former in _groups(kind) - {group}:
            existing = self.resources.find(former, kind, name, namespace)
            if existing is not None:
                return existing
        if (former := former_name(service.resource)) and (renamed := self._renamed(service, wanted, former)):
            return renamed
        if namespace != service.namespace:
            return None
        inhabited = {other.namespace for other in self.services if other.name == service.name} - {namespace}
        for before in names:
            for resource in self.resources.where(kind, group=group, name=before):
                if maker(resource) == (self.function, service.name) and resource.namespace not in inhabited:
                    return resource
        return None

    def _renamed(self, service: Owner, wanted: dict[str, Any], former: str) -> Resource | None:
        """Return the object that this one was while its service had its former name."""
        group, kind = wanted["apiVersion"].rpartition("/")[0], wanted["kind"]
        own = _names(service, kind, wanted["metadata"]["name"])
        names = {*own, *(before for name in own for before in service.names.before(name, former))}
        head, _, tail = service.name.partition(former)  # an overlay puts the same around every name
        names |= {f"{head}{name}{tail}" for name in names}
        for resource in self.resources.where(kind):
            is_ours = resource.group in {group, *_groups(kind)} and maker(resource) == (self.function, former)
            if is_ours and resource.name in names and id(resource) not in self.kept:
                return resource
        return None

    def _marked(self, service: Owner, wanted: dict[str, Any]) -> dict[str, Any]:
        metadata = dict(wanted["metadata"])
        annotations = dict(metadata.get("annotations", {}))
        # What comes and goes stands last in its map: there kpt puts a field that is new, so both give the same text.
        last = {FROM_INTENT: annotations.pop(FROM_INTENT)} if FROM_INTENT in annotations else {}
        metadata["annotations"] = {**annotations, MARK: f"{self.function}/{service.name}", **last}
        return {**wanted, "metadata": metadata}


def metadata(name: str, service: Owner, labels: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the metadata of a namespaced object that belongs to `service`."""
    result: dict[str, Any] = {"name": name}
    if service.namespace:
        result["namespace"] = service.namespace
    if labels:
        result["labels"] = labels
    return result


@cache
def _groups(kind: str) -> frozenset[str]:
    """Return the groups that a kind has had: with its release, an object changes its group where it stands."""
    from krm_inference.domain.facts.releases import RELEASES

    apis = {
        "InferenceObjective": [release.objective_api for release in RELEASES.values()],
        "InferenceModelRewrite": [release.rewrite_api for release in RELEASES.values()],
    }
    return frozenset(api.partition("/")[0] for api in apis.get(kind, ()) if api)


def _names(service: Owner, kind: str, name: str) -> list[str]:
    """Return the names that an object has in all releases: only the picker's ConfigMap has one in each."""
    if kind != "ConfigMap" or not isinstance(service, LLMService):
        return [name]
    return service.picker_configs if name in service.picker_configs else [name]


def _without_kind(wanted: dict[str, Any], *also: str) -> dict[str, Any]:
    """Return what an existing object may still be given: all but its kind, and what `also` names of its metadata."""
    left = {key: part for key, part in wanted["metadata"].items() if key not in also}
    rest = {key: part for key, part in wanted.items() if key not in ("kind", "metadata")}
    return {**rest, **({"metadata": left} if left else {})}


def _message(before: Any, after: Any) -> str:
    return f"removed, was {_shown(before)}" if after is MISSING else f"set to {_shown(after)}, was {_shown(before)}"


def _shown(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        return f"a text of {len(value.splitlines())} lines"
    text = emitter.flow(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
