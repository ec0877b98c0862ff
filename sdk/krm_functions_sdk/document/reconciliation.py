"""Find out what has to change in a document so that what a function owns becomes what it wants.

The result is a target (see `plan`) for the whole document and a list of changes; `edits` then turns the target into
replacements of text. New fields go to the end, where kpt puts them as well. New items stand where they would stand if
all were new: behind the one that they follow among those that are owned whole, else before the one that follows them,
else at the end.
"""

from __future__ import annotations

from krm_functions_sdk.document import arguments
from krm_functions_sdk.document.alignment import align
from krm_functions_sdk.document.field_path import Flag, Match
from krm_functions_sdk.document.lines import comment_of
from krm_functions_sdk.document.ownership import Owned, matches, worth
from krm_functions_sdk.document.plan import ListTarget, MapTarget, commented, resolve
from krm_functions_sdk.document.tree import ALIAS, LIST, MAP, SCALAR, Node, YamlFault, value
from krm_functions_sdk.document.wanted import MISSING, Change, Commented, bare, plain, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath, Step


class Reconciliation:
    """One pass over one document; afterwards `changes` says what has to change."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.changes: list[Change] = []

    def run(self, root: Node, wanted: dict[str, Any], owned: Owned) -> Any:
        """Return the target that makes what `owned` names in `root` equal to `wanted`."""
        target = self._map(root, wanted, owned, ())
        return {} if target is MISSING else target

    # Maps and lists owned in part. Each method returns MISSING where nothing would be left of the map or list.

    def _map(self, node: Node, wanted: dict[str, Any], owned: Owned, path: FieldPath) -> Any:
        before = len(self.changes)
        entries: dict[str, Any] = {}
        for key_node, part in node.value:
            key: str = key_node.value
            child = owned.children.get(key)
            target = part if child is None else self._part(part, wanted.get(key, MISSING), child, (*path, key))
            if target is not MISSING:
                entries[key] = target
        if node.value and not entries:
            return self._fresh(node, wanted, owned, path) or MISSING
        fresh = self._fresh(node, wanted, owned, path)
        if node.merged() and (len(self.changes) > before or _inherits(node, wanted, owned)):
            raise YamlFault("a merge key (<<) stands where fields have to change; write its fields out", node.line)
        return _map_target(node, {**entries, **fresh}) if node.value else fresh or node

    def _fresh(self, node: Node, wanted: dict[str, Any], owned: Owned, path: FieldPath) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for key, want in wanted.items():
            child = owned.children.get(key)
            part = MISSING if child is None or node.entry(key) else worth(want, child)
            inherited = node.child(key) if part is not MISSING else None
            if part is not MISSING and not (inherited and same(value(inherited), plain(part))):
                self.changes.append(Change((*path, key), MISSING, plain(part)))
                entries[key] = part
        return entries

    def _part(self, node: Node, want: Any, owned: Owned, path: FieldPath) -> Any:
        """Return the target of a map's entry or list item."""
        if not owned.whole:
            return self.inside(node, want, owned, path)
        if want is MISSING:
            self._note(path, node, MISSING)
            return MISSING
        return self.whole(node, want, path)

    def inside(self, node: Node, want: Any, owned: Owned, path: FieldPath) -> Any:
        """Go into a field that is owned in part; one that is null, or empty, or of another type is replaced."""
        there, is_list = node.target, owned.is_list
        if there.kind == (LIST if is_list else MAP) and there.value:
            inner: Any = ([] if is_list else {}) if want is MISSING else bare(want)
            target = self._list(there, inner, owned, path) if is_list else self._map(there, inner, owned, path)
            if node.kind == ALIAS:
                return node if target is there else target if target is MISSING else resolve(target)
            return target
        part = MISSING if want is MISSING else worth(want, owned)
        if part is MISSING:
            return node
        self._note(path, node, part)
        return part

    def _list(self, node: Node, wanted: list[Any], owned: Owned, path: FieldPath) -> Any:
        if owned.is_arguments:
            return self._arguments(node, wanted, owned, path)
        items: dict[Any, tuple[Node | None, Any]] = {}
        met: set[Step] = set()
        for index, item in enumerate(node.value):
            step = next((step for step in owned.children if _is(item, index, step)), None)
            if step is None:
                items[id(item)] = item, item
                continue
            want = MISSING if step in met else _wanted_item(wanted, step)
            target = self._item(item, step, want, owned.children[step], (*path, step))
            if target is not MISSING:
                items[id(item) if step in met else step] = item, target
            met.add(step)
        if len(items) < len(node.value) and not items and not wanted:
            return MISSING
        steps = [next((step for step in owned.children if matches(want, step)), None) for want in wanted]
        fresh: dict[Any, tuple[Node | None, Any]] = {}
        for step, want in zip(steps, wanted, strict=True):
            if step is not None and step not in met:
                met.add(step)
                self.changes.append(Change((*path, step), MISSING, plain(want)))
                fresh[step] = None, want
        return _list_target(node, list(_placed(items, fresh, steps, _whole(owned)).values()))

    def _item(self, item: Node, step: Step, want: Any, owned: Owned, path: FieldPath) -> Any:
        """Return the target of a keyed list item; one of which only its key would be left is removed."""
        if owned.whole or not isinstance(step, Match):
            return self._part(item, want, owned, path)
        key = step[0]
        rest = MISSING if want is MISSING else {name: part for name, part in bare(want).items() if name != key}
        target = self.inside(item, rest, owned, path)
        is_alone = isinstance(target, MapTarget) and not target.entries.keys() - {key}
        return MISSING if is_alone and want is MISSING and len(item.value) > 1 else target

    # Arguments

    def _arguments(self, node: Node, wanted: list[Any], owned: Owned, path: FieldPath) -> Any:
        texts = [_argument_text(item) for item in node.value]
        further = {arguments.flag_name(_text(want[0])): want[1:] for want in wanted if isinstance(want, list)}
        wanted = [want[0] if isinstance(want, list) else want for want in wanted]
        switches = {
            arguments.normalize(text)
            for text in map(_text, wanted)
            if arguments.is_flag(text) and "=" not in text and arguments.normalize(text) not in further
        }
        left = list(wanted)
        end: Any = None
        items: dict[Any, list[tuple[Node | None, Any]]] = {}
        for have in arguments.parse(texts, switches, further):
            mine = [(item, item) for item in node.value[have.first : have.first + have.count]]
            if have.name == arguments.END:
                end = have.first
            if Flag(have.name) not in owned.children:
                items[have.first] = list(mine)
                continue
            want = next((want for want in left if arguments.flag_name(_text(want)) == have.name), MISSING)
            if want is MISSING:
                self.changes.append(Change((*path, Flag(have.name)), _shown(texts, have), MISSING))
                continue
            left.remove(want)
            key = have.name if have.name and have.name not in items else have.first
            if have.name in further:
                items[key] = self._several(mine, texts, have, want, further[have.name], path)
            else:
                items[key] = self._argument(mine, texts, have, want, path)
        for want in left:
            self.changes.append(Change((*path, Flag(arguments.flag_name(_text(want)))), MISSING, plain(want)))
        first = [(None, want) for want in left if not arguments.is_flag(_text(want))]
        fresh: dict[Any, list[tuple[Node | None, Any]]] = {}
        for want in left:
            if arguments.is_flag(_text(want)):
                name = arguments.flag_name(_text(want))
                values = [(None, each) for each in (want, *further.get(name, []))]
                (items if name in items else fresh).setdefault(name, []).extend(values)
        order = [arguments.flag_name(_text(want)) for want in wanted if arguments.is_flag(_text(want))]
        placed = _placed(items, fresh, order, order, end)
        everything: list[tuple[Node | None, Any]] = [*first, *(item for part in placed.values() for item in part)]
        return _list_target(node, everything) if everything else MISSING

    def _several(
        self,
        mine: list[tuple[Node, Any]],
        texts: list[str],
        have: arguments.Argument,
        want: Any,
        values: list[Any],
        path: FieldPath,
    ) -> list[tuple[Node | None, Any]]:
        """Return the items of a flag that takes several values: those that it has, or all values anew."""
        wanted, there = [_text(want), *map(_text, values)], texts[have.first : have.first + have.count]
        head: Any = mine[0][0]
        target: Any = head if there[0] == wanted[0] else wanted[0]
        if isinstance(want, Commented):
            target = self._commented(head, target, want.comment)
        if there == wanted:
            return [(head, target), *mine[1:]]
        self.changes.append(Change((*path, Flag(have.name)), _shown(texts, have), " ".join(wanted)))
        return [(head, target), *((None, value) for value in values)]

    def _argument(
        self, mine: list[tuple[Node, Any]], texts: list[str], have: arguments.Argument, want: Any, path: FieldPath
    ) -> list[tuple[Node | None, Any]]:
        """Return the items of an argument that is wanted, in the form that it has: `--flag=value`, or two items."""
        text = _text(want)
        wanted_value = text.partition("=")[2] if have.name and "=" in text else text if not have.name else None
        last = mine[-1][0]
        target: Any = last
        if have.value != wanted_value:
            self.changes.append(Change((*path, Flag(have.name)), _shown(texts, have), text))
            if wanted_value is None or have.count == 1 or arguments.is_flag(wanted_value):
                mine, target = mine[:1], text
            else:
                target = wanted_value
        if isinstance(want, Commented):
            target = self._commented(last, target, want.comment)
        return [*mine[:-1], (mine[-1][0], target)]

    def _commented(self, node: Node, target: Any, comment: str) -> Any:
        if target is not node:
            return Commented(target, comment)
        return node if comment_of(node, self.text) == comment else Commented(value(node), comment)

    # Values owned whole

    def whole(self, node: Node, want: Any, path: FieldPath) -> Any:
        """Return the target that changes as little in `node` as makes it equal to `want`."""
        if isinstance(want, Commented) and isinstance(want.value, dict | list | tuple):
            return commented(node, self.whole(node, want.value, path), want.comment)
        wanted = bare(want)
        if node.kind == MAP and isinstance(wanted, dict) and not node.merged():
            if any(key.value in wanted for key, _ in node.value):
                return self._whole_map(node, wanted, path)
        elif node.kind == LIST and isinstance(wanted, list | tuple) and node.value and wanted:
            return self._whole_list(node, list(wanted), path)
        if same(value(node), plain(wanted)):
            return self._commented(node, node, want.comment) if isinstance(want, Commented) else node
        self._note(path, node, want)
        return want

    def _whole_map(self, node: Node, want: dict[str, Any], path: FieldPath) -> Any:
        entries: dict[str, Any] = {}
        for key_node, part in node.value:
            key: str = key_node.value
            if key in want:
                entries[key] = self.whole(part, want[key], (*path, key))
            else:
                self._note((*path, key), part, MISSING)
        fresh = {key: part for key, part in want.items() if key not in entries}
        self.changes += [Change((*path, key), MISSING, plain(part)) for key, part in fresh.items()]
        return _map_target(node, {**entries, **fresh})

    def _whole_list(self, node: Node, want: list[Any], path: FieldPath) -> Any:
        items: list[tuple[Node | None, Any]] = []
        for index, (item, part) in enumerate(align(node.value, want, MISSING)):
            inner = (*path, index)
            if item is None:
                self.changes.append(Change(inner, MISSING, plain(part)))
                items.append((None, part))
            elif part is MISSING:
                self._note(inner, item, MISSING)
            else:
                items.append((item, self.whole(item, part, inner)))
        return _list_target(node, items)

    def _note(self, path: FieldPath, node: Node, want: Any) -> None:
        self.changes.append(Change(path, value(node), want if want is MISSING else plain(want)))


def _placed(
    have: dict[Any, Any], fresh: dict[Any, Any], order: list[Any], whole: Container[Any], end: Any = None
) -> dict[Any, Any]:
    """Return what is there and what is new, the new in its place in the wanted `order`, or else before the key `end`.

    Of what is there only the keys in `whole` tell a place: a part that functions share says nothing of the order.
    """
    if not fresh:
        return have
    keys = list(have)
    known = {key for key in order if key in have and key in whole}
    for position, key in enumerate(order):
        if key not in fresh or key in known:
            continue
        before = next((other for other in reversed(order[:position]) if other in known), None)
        behind = next((other for other in order[position:] if other in known), end)
        place = keys.index(before) + 1 if before is not None else len(keys) if behind is None else keys.index(behind)
        keys.insert(place, key)
        known.add(key)
    return {key: have[key] if key in have else fresh[key] for key in keys}


def _whole(owned: Owned) -> set[Step]:
    return {step for step, child in owned.children.items() if child.whole}


def _map_target(node: Node, entries: dict[str, Any]) -> Any:
    stays = len(entries) == len(node.value) and all(entries.get(key.value) is part for key, part in node.value)
    return node if stays else MapTarget(node, entries)


def _list_target(node: Node, items: list[tuple[Node | None, Any]]) -> Any:
    stays = len(items) == len(node.value) and all(item is not None and item is target for item, target in items)
    return node if stays else ListTarget(node, items)


def _inherits(node: Node, wanted: dict[str, Any], owned: Owned) -> bool:
    """Say whether a map merges in a field that has to go."""
    keys = (step for step, child in owned.children.items() if child.whole and isinstance(step, str))
    return any(node.entry(key) is None and node.child(key) is not None for key in keys if key not in wanted)


def _is(item: Node, index: int, step: Step) -> bool:
    if isinstance(step, int):
        return index == step
    child = item.target.child(step[0]) if isinstance(step, Match) else None
    return child is not None and child.kind == SCALAR and isinstance(step, Match) and child.value == step[1]


def _wanted_item(wanted: list[Any], step: Step) -> Any:
    return next((item for item in wanted if matches(item, step)), MISSING)


def _text(want: Any) -> str:
    return str(plain(want))


def _argument_text(item: Node) -> str:
    node = item.target
    if node.kind != SCALAR:
        raise YamlFault(f"found a {node.kind} in a list of arguments, expected a string", item.line)
    return str(node.value)


def _shown(texts: list[str], argument: arguments.Argument) -> str:
    return " ".join(texts[argument.first : argument.first + argument.count])
