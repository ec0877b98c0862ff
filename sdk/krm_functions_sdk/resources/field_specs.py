r"""Fields as kustomize's field specs name them: `spec/template/spec/containers/env/name`.

On the way, lists are gone into item by item, so that one path stands for many fields. A key in which a slash stands
has it escaped: `metadata/annotations/example.com\/owner`. A key that ends in `[]` is that of a list, which is never
created.
"""

from __future__ import annotations

from krm_functions_sdk.document import tree
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.document.plan import ListTarget, MapTarget, resolve
from krm_functions_sdk.document.reconciliation import Reconciliation
from krm_functions_sdk.document.tree import ALIAS, LIST, MAP, Blame, Node, YamlFault
from krm_functions_sdk.document.wanted import MISSING, Change, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath
    from krm_functions_sdk.resources.resource import Resource

_SLASH = pattern(r"(?<!\\)/")
_LIST = "[]"


def update(resource: Resource, path: str, change: Callable[[Any], Any], *, create: bool = False) -> list[Change]:
    """Replace the value of every field that `path` names by what `change` makes of it, and return what changed.

    Items of a list at the end of the path are changed one by one. With `create`, a field that is missing is made, of
    what `change` makes of None; None stays unwritten. Raises YamlFault where the text cannot be edited.
    """
    return _Update(resource, change, create=create).run([key.replace("\\/", "/") for key in _SLASH.split(path)])


class FieldSpec:
    """A path of kustomize and the kinds that it is for; "" stands for any group, version or kind.

    `create` says that a field that is missing is made.
    """

    __slots__ = ("create", "group", "kind", "path", "version")

    def __init__(self, path: str, *, group: str = "", version: str = "", kind: str = "", create: bool = False) -> None:
        self.path = path
        self.group = group
        self.version = version
        self.kind = kind
        self.create = create

    def __repr__(self) -> str:
        return f"<FieldSpec {self.path}>"

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> FieldSpec:
        """Return the field spec that stands in a configuration. Raises ValueError for one without a path."""
        names = ("path", "group", "version", "kind", "create")
        if unknown := [key for key in written if key not in names]:
            raise ValueError(f"found the field {unknown[0]!r}, expected {', '.join(names)}")
        if not written.get("path"):
            raise ValueError("found no path, expected one such as spec/template/metadata/labels")
        texts = {key: str(written.get(key) or "") for key in names[1:4]}
        return cls(str(written["path"]), **texts, create=bool(written.get("create")))

    def is_for(self, resource: Resource) -> bool:
        """Say whether the resource has the group, version and kind that it names."""
        group, _, version = resource.api_version.rpartition("/")
        have = (group, version, resource.kind)
        return all(want in ("", found) for want, found in zip((self.group, self.version, self.kind), have, strict=True))


def update_all(
    resources: Iterable[Resource], specs: Iterable[FieldSpec], change: Callable[[Any], Any]
) -> list[tuple[Resource, Change]]:
    """Replace the values of all fields that the field specs name, of the resources that they are for.

    Returns what changed. Raises YamlFault where the text of a resource cannot be edited.
    """
    specs = list(specs)
    return [
        (resource, done)
        for resource in resources
        for spec in specs
        if spec.is_for(resource)
        for done in update(resource, spec.path, change, create=spec.create)
    ]


def values(resource: Resource, path: str) -> list[Any]:
    """Return the values of all fields that `path` names."""
    found: list[Any] = []

    def note(value: Any) -> Any:
        found.append(value)
        return value

    update(resource, path, note)
    return found


class _Update:
    """One pass over one document. Each method returns the target of a node: the node itself where nothing changes."""

    def __init__(self, resource: Resource, change: Callable[[Any], Any], *, create: bool) -> None:
        self.resource = resource
        self.change = change
        self.create = create
        self.reconciliation = Reconciliation(resource.text)

    def run(self, keys: list[str]) -> list[Change]:
        with Blame(self.resource):
            target = self._target(self.resource.root, keys, ())
            if target is not self.resource.root:
                self.resource._become(target)  # noqa: SLF001  # one package
        return self.reconciliation.changes

    def _target(self, part: Node, keys: list[str], path: FieldPath) -> Any:
        there = part.target
        if there.kind == LIST:
            target = self._list(there, keys, path)
        elif not keys:
            have = tree.value(there)
            want = self.change(have)
            target = there if same(have, want) else self.reconciliation.whole(there, want, path)
        elif there.kind == MAP:
            target = self._map(there, keys, path)
        else:
            target = self._made(there, keys, path) if there.is_null else there
        if target is there:
            return part
        return resolve(target) if part.kind == ALIAS else target

    def _list(self, there: Node, keys: list[str], path: FieldPath) -> Any:
        items = [(item, self._target(item, keys, (*path, index))) for index, item in enumerate(there.value)]
        return there if all(item is target for item, target in items) else ListTarget(there, items)

    def _map(self, there: Node, keys: list[str], path: FieldPath) -> Any:
        key = keys[0].removesuffix(_LIST)
        part, entries = there.child(key), {name.value: value for name, value in there.value}
        if part is None:
            made = self._made(there, keys, path)
            target = made if made is there or not there.value else MapTarget(there, {**entries, **made})
        else:
            part = entries.get(key, part)
            changed = self._target(part, keys[1:], (*path, key))
            target = there if changed is part else MapTarget(there, {**entries, key: changed})
        if target is not there and there.merged():
            raise YamlFault("a merge key (<<) stands where fields have to change; write its fields out", there.line)
        return target

    def _made(self, there: Node, keys: list[str], path: FieldPath) -> Any:
        """Return the map that holds the missing field, or `there` where none is made."""
        value = self.change(None) if self.create and not any(key.endswith(_LIST) for key in keys) else None
        if value is None:
            return there
        for key in reversed(keys):
            value = {key: value}
        self.reconciliation.changes.append(Change((*path, keys[0]), MISSING, value[keys[0]]))
        return value
