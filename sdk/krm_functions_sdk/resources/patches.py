"""Patches of one resource: strategic merge as kustomize does it, and JSON patches (RFC 6902); comments stay.

A strategic merge goes into maps, replaces scalars and removes what is null. Lists of built-in kinds whose items have a
key are merged item by item, new ones at the end; all other lists are replaced. `$patch: replace` and `$patch: delete`
say otherwise, and `$deleteFromPrimitiveList/finalizers` takes items out.
"""

from __future__ import annotations

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.tree import LIST, MAP
from krm_functions_sdk.document.tree import value as value_of
from krm_functions_sdk.document.wanted import MISSING, bare, plain, same
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath
    from krm_functions_sdk.document.tree import Node

# Keys of list items by the name of the list: x-kubernetes-patch-merge-key and x-kubernetes-list-map-keys of Kubernetes'
# OpenAPI v1.21.2, which kustomize merges by (kubernetes-sigs/kustomize, kyaml/openapi/kubernetesapi, 2026-08-20).
_KEYS: dict[str, tuple[str, ...]] = {
    "conditions": ("type",),
    "containers": ("name",),
    "drivers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
    "webhooks": ("name",),
}
# Where the same name has other keys, or none, elsewhere: by kind, or by the list that the map is an item of.
_KEYS_IN: dict[tuple[str, str], tuple[str, ...]] = {
    ("containers", "ports"): ("containerPort", "protocol"),
    ("Service", "ports"): ("port", "protocol"),
    ("ServiceAccount", "secrets"): ("name",),
}
_POD_SPECS = ("imagePullSecrets",)  # merged by name below a `spec`, replaced elsewhere
_MERGED = ("finalizers",)  # lists of strings that are merged
_BUILT_IN = ("", "apps", "batch", "extensions", "policy")  # groups, besides those below k8s.io
_CONTAINERS = (
    "spec.template.spec.containers",
    "spec.jobTemplate.spec.template.spec.containers",
    "spec.containers",
    "template.spec.containers",
)
_DIRECTIVE, _TAKE_OUT, _ORDER = "$patch", "$deleteFromPrimitiveList/", "$setElementOrder/"


def strategic_merge(resource: Resource, patch: str | Mapping[str, Any]) -> None:
    """Merge a patch, text or values, into a resource; comments of a text, and those of `because`, come along.

    Raises ValueError for a directive that is not known, and YamlFault where text cannot be read or edited.
    """
    values = _values(patch)
    is_known = resource.group in _BUILT_IN or resource.group.endswith(".k8s.io")
    merge = _Merge(resource.kind if is_known else "", is_known=is_known)
    if values.get(_DIRECTIVE) is not None:
        raise ValueError(
            f"{_DIRECTIVE}: {plain(values[_DIRECTIVE])} of a whole resource: use resources.remove or upsert"
        )
    for key, part in values.items():
        merged = merge.part(resource.get(field_path.show((key,)), MISSING), part, key, "")
        if merged is MISSING:
            resource.remove(field_path.show((key,)))
        else:
            resource.set(field_path.show((key,)), merged)


def patch_containers(resource: Resource, patch: str | Mapping[str, Any], *names: str) -> None:
    """Merge a patch into the containers of a workload, all of them or those of these names.

    Raises ValueError for a directive that is not known, and YamlFault where text cannot be read or edited.
    """
    values = _values(patch)
    for path in _CONTAINERS:
        found = resource.find(path)
        if found is None or found.target.kind != LIST:
            continue
        for position in range(len(found.target.value)):
            item = f"{path}[{position}]"
            have = resource.get(item)
            if not names or (isinstance(have, dict) and have.get("name") in names):
                resource.set(item, _Merge("", is_known=True).part(have, values, "", "containers"))
        return


def json_patch(resource: Resource, operations: str | Iterable[Mapping[str, Any]]) -> None:
    """Do the operations of a JSON patch, of a text or of values, one after the other; all of them, or none.

    Raises ValueError for the first operation that cannot be done, and YamlFault where text cannot be read or edited.
    """
    if isinstance(operations, str):
        from krm_functions_sdk.document import parser

        operations = _operations(value_of(parser.parse(operations)))
    done = resource.copy()
    for number, operation in enumerate(operations, 1):
        what = f"operation {number}, {operation.get('op')} {operation.get('path')}"
        try:
            _operate(done, operation)
        except (KeyError, ValueError) as error:
            said = f"found no {error}" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"{what}: {said}") from None
    if done.text != resource.text:
        resource._replace(done.text, done.root, MISSING)  # the same class


class _Merge:
    """A strategic merge into an object of one kind; `is_known` says that the keys of its lists are."""

    def __init__(self, kind: str, *, is_known: bool) -> None:
        self.kind = kind
        self.is_known = is_known

    def part(self, have: Any, patch: Any, name: str, above: str) -> Any:
        """Return what a field becomes, MISSING where it goes.

        `name` is that of the field, "" for an item, and `above` that of the list that it is in.
        """
        want = bare(patch)
        if want is None:
            return MISSING
        if not isinstance(want, dict | list):
            return patch
        have = bare(have)
        new = self._map(have, want, name, above) if isinstance(want, dict) else self._list(have, want, name, above)
        return new if want is patch or new is MISSING else _as(patch, new)

    def _map(self, have: Any, patch: dict[str, Any], name: str, above: str) -> Any:
        directive = plain(patch.get(_DIRECTIVE))
        if directive == "delete":
            return MISSING
        if directive not in (None, "merge", "replace"):
            raise ValueError(f"{_DIRECTIVE}: found {directive!r}, expected merge, replace or delete")
        merged = dict(have) if isinstance(have, dict) and directive != "replace" else {}
        for key, part in patch.items():
            if key == _DIRECTIVE or key.startswith(_ORDER):
                continue
            if key.startswith(_TAKE_OUT):
                field = key.removeprefix(_TAKE_OUT)
                merged[field] = [item for item in merged.get(field) or [] if item not in plain(part)]
                continue
            if key.startswith("$"):
                raise ValueError(f"{key}: no directive of this name is known")
            new = self.part(merged.get(key, MISSING), part, key, above if name == "" else "")
            if new is MISSING:
                merged.pop(key, None)
            else:
                merged[key] = new
        return merged

    def _list(self, have: Any, patch: list[Any], name: str, above: str) -> Any:
        replaces = any(
            isinstance(bare(item), dict) and plain(bare(item).get(_DIRECTIVE)) == "replace" for item in patch
        )
        given = [item for item in patch if not (isinstance(bare(item), dict) and set(bare(item)) == {_DIRECTIVE})]
        if replaces:
            return given
        there = list(have) if isinstance(have, list) else []
        if self.is_known and name in _MERGED:
            return [*there, *(item for item in given if plain(item) not in there)]
        keys = self._keys(name, above) if all(isinstance(bare(item), dict) for item in (*there, *given)) else ()
        if not keys:
            return given
        for item in given:
            want = bare(item)
            at = next((index for index, old in enumerate(there) if _is_same(bare(old), want, keys)), None)
            new = self.part(MISSING if at is None else there[at], item, "", name)
            if new is MISSING:
                there = [old for index, old in enumerate(there) if index != at]
            elif at is None:
                there.append(new)
            else:
                there[at] = new
        return there

    def _keys(self, name: str, above: str) -> tuple[str, ...]:
        if not self.is_known:
            return ()
        above = "containers" if above in ("initContainers", "ephemeralContainers") else above
        special = _KEYS_IN.get((above, name)) or (_KEYS_IN.get((self.kind, name)) if not above else None)
        is_pod = name in _POD_SPECS and self.kind != "ServiceAccount"
        return special or (("name",) if is_pod else _KEYS.get(name, ()))


def _as(item: Any, new: Any) -> Any:
    """Return the new value with the comment that the item of the patch has."""
    return type(item)(new, item.comment)


def _is_same(have: dict[str, Any], want: dict[str, Any], keys: tuple[str, ...]) -> bool:
    """Say whether two items have the same keys; one that only one of them has does not count, but the first."""
    first, *others = keys
    is_same = first in have and first in want and same(plain(have[first]), plain(want[first]))
    both = [key for key in others if key in have and key in want]
    return is_same and all(same(plain(have[key]), plain(want[key])) for key in both)


def _values(patch: str | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(patch, str):
        return dict(patch)
    from krm_functions_sdk.document import comments
    from krm_functions_sdk.document.edits import Edits

    read = Resource(patch)
    found: dict[str, Any] = comments.commented(read.root, Edits(read.text, read.root))
    return found


def _operations(read: Any) -> list[Mapping[str, Any]]:
    if not isinstance(read, list) or not all(isinstance(each, dict) for each in read):
        raise ValueError("found no list of operations")
    return read


def _operate(resource: Resource, operation: Mapping[str, Any]) -> None:
    op, path = operation["op"], _steps(resource, operation["path"])
    if op == "test":
        have = _at(resource, path)
        if not same(value_of(have), operation["value"]):
            raise ValueError(f"found {value_of(have)!r}, expected {operation['value']!r}")
    elif op == "add":
        _add(resource, path, operation["value"])
    elif op == "replace":
        _at(resource, path)
        resource.set(field_path.show(path), operation["value"])
    elif op == "remove":
        _remove(resource, path)
    elif op in ("move", "copy"):
        source = _steps(resource, operation["from"])
        value = _commented(resource, source)
        if op == "move":
            if path[: len(source)] == source:
                raise ValueError("a field cannot move into itself")
            _remove(resource, source)
            path = _steps(resource, operation["path"])
        _add(resource, path, value)
    else:
        raise ValueError(f"found the operation {op!r}, expected add, remove, replace, move, copy or test")


def _steps(resource: Resource, pointer: str) -> FieldPath:
    """Return the steps of a JSON pointer (RFC 6901): positions where there are lists. Raises ValueError."""
    if not pointer.startswith("/"):
        raise ValueError(f"found the path {pointer!r}, expected one that begins with a slash")
    steps: FieldPath = ()
    for part in pointer[1:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        parent = resource.find(steps)
        is_position = parent is not None and parent.target.kind == LIST and key.isascii() and key.isdecimal()
        steps = (*steps, int(key) if is_position else key)
    return steps


def _at(resource: Resource, path: FieldPath) -> Node:
    found = resource.find(path)
    if found is None:
        raise ValueError("there is no such field")
    return found


def _commented(resource: Resource, path: FieldPath) -> Any:
    from krm_functions_sdk.document import comments
    from krm_functions_sdk.document.edits import Edits

    return comments.commented(_at(resource, path), Edits(resource.text, resource.root))


def _add(resource: Resource, path: FieldPath, value: Any) -> None:
    parent, last = _at(resource, path[:-1]).target, path[-1]
    if parent.kind == MAP:
        resource.set(field_path.show(path), value)
        return
    if parent.kind != LIST or not (last == "-" or (isinstance(last, int) and last <= len(parent.value))):
        raise ValueError(f"found a {parent.kind}, where no item {last!r} can be added")
    position = last if isinstance(last, int) else len(parent.value)
    have = value_of(parent)
    resource.set(field_path.show(path[:-1]), [*have[:position], value, *have[position:]])


def _remove(resource: Resource, path: FieldPath) -> None:
    """Remove a field; a map or list that is empty then stays, as the RFC has it."""
    _at(resource, path)
    parent = resource.find(path[:-1])
    if len(path) == 1 or (parent is not None and len(parent.target.value) > 1):
        resource.remove(field_path.show(path))
    elif parent is not None:
        resource.set(field_path.show(path[:-1]), {} if parent.target.kind == MAP else [])
