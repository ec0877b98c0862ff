"""Fuzz the reading and editing of resources: `python sdk/fuzz/fuzz_resource.py --seconds 600`.

Real YAML texts and generated ones are mutated, read and edited. Nothing but a YamlFault or InputFault may be raised, no
input may take long, no byte outside the edited field may change, the edited tree is the edit of the tree, the same edit
twice is the edit once, and the fast reader gives the tree of the parser or none. Each distinct finding is printed once,
reduced to few lines; exit status 1 says that there is one.
"""
# ruff: noqa: INP001  # a script, no package

from __future__ import annotations

import argparse
import contextlib
import re
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, FlakyStrategyDefinition, HypothesisDeprecationWarning
from krm_functions_sdk import InputFault, Resource, ResourceList, YamlFault
from krm_functions_sdk.document import field_path, parser, values
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match
from krm_functions_sdk.document.wanted import same

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import yaml_documents  # noqa: E402  # it stands beside the tests, which are no package
import yaml_trees  # noqa: E402  # the same

SECONDS_PER_INPUT = 2.0
MUTANTS, EDITS = 20, 3  # of each text, and of each mutant
LONGEST = 2500  # characters of a text: longer ones find the same and take longer
ABSENT: Any = object()

AWKWARD = [
    "a: 12:30:45\non: yes\nb: 0644\nc: 1_000\nd: ~\ne: =\nf: <<\ng: .inf\nh: 18446744073709551616\n",
    "base: &b\n  x: 1\nother:\n  <<: *b\n  y: 2\nthird:\n  !!merge <<: *b\n",
    "# head\ndata: # on data\n  # above\n  a: b # line\n  # foot\nother: x\n# end\n",
    "l:\n# above one\n- name: one # first\n  v: 1\n# above two\n- name: two\n  v: 2 # last\n# foot\nz: 1\n",
    "data:\n  a: [one, # first\n    two] # last\n  b: {x: 1, # y\n    z: 2}\n",
    "a: |+\n  x\n\n\nb: >-\n  one\n  two\n\n   three\nc: |2-\n    x\n   y\nd: |\n  end",
    "a: \"one\n  two\n\n  three\"\nb: 'it''s\n  me'\nc: plain\n  goes on\n  here # done\nd: \"x\\\n  y\"\n",
    "? a\n: v\n? |\n  two\n  lines\n: w\n? - x\n: y\n",
    "a: &x one\nb: *x\nc: &m {k: v}\nd: *m\ne: &l\n- 1\nf: *l\ng: !!str 1\nh: !foo {x: y}\n",
    '\ufeffa: 😀\n"😀 x": ключ\nc: x\ty\t# tab\nd: b   \n',
    "a: 1\r\nb: # c\r\n  c: |\r\n    x\r\n    y\r\n  d: [1,\r\n    2]\r\n",
    '{"apiVersion": "v1", "kind": "Foo", "l": [{"name": "a", "v": null}, {"name": "b"}]}\n',
    "a:\n- - x\n  - y\n- \n  - z\n-\n  k: v\n- k: v\n  l:\n    - m\n",
    "kind: ResourceList\nitems:\n- kind: A\n  metadata: {name: a} # x\n- kind: B\n  metadata:\n    name: b\n",
    "kind: ResourceList\nitems:\n  - kind: A\nfunctionConfig:\n  kind: C\n  data: {}\nresults: []\n",
]
LINES = ["<<: *x\n", "---\n", "...\n", "%YAML 1.1\n", "name: one\n", "a: b\n", "  a: b\n", "- name: one\n", "# c\n"]
SIGNS = list("-:#{}[],@`%\\'\">| \t\n\r=~\x00\x85\u2028\ufeffé😀")
PARTS = [
    ": ",
    "- ",
    "? ",
    " # c",
    "|-",
    "|+",
    ">2-",
    "&x ",
    "*x",
    "!!str ",
    "!t ",
    "{}",
    "[]",
    '""',
    "{a: b}",
    "[x, {y: z}]",
]
TOKENS = [*LINES, *SIGNS, *PARTS, "  ", "\r\n", "\n\n", "null", "0x1F", "1e3"]
TEXTS = [
    "x",
    "",
    "1e3",
    "a: b #c",
    "two\nlines\n",
    "\nfirst empty",
    " lead\n x",
    "trail \ny",
    "keep\n\n\n",
    "😀\t\x85\u2028",
]
TREES: list[Any] = [{}, [], {"k": "v", "l": {"m": 1}}, ["p", "q"], [{"name": "one", "v": [1]}], {"": None, "on": []}]
VALUES: list[Any] = [5, 1.5, True, None, "~", *TEXTS, *TREES]


LETTERS = "".join(SIGNS) + "&*!?abyn019.-_ "


class Comment(NamedTuple):
    """A comment to be set: at the end of the line of a scalar, or on the lines above a field or list item."""

    text: str
    is_head: bool


COMMENTS = ["", "c", "a # b", "kpt-set: ${name}", "'q' \"r\" {x: [y]} &a *b !t", "ключ 😀", "  wide  ", "- x: y", "#"]


class Edit(NamedTuple):
    """A field to be set to a value or a comment, or to be removed where the value is ABSENT."""

    path: FieldPath
    value: Any


class Wrong(Exception):
    """The SDK did what it must not do."""


class Hang(Exception):
    """One input took too long."""


class TimeIsUp(BaseException):
    """The run is over."""


class Finding(NamedTuple):
    """What went wrong, and the smallest input that shows it."""

    key: str
    text: str
    edit: Edit | None


# What must hold


def check_reading(text: str) -> Any:
    """Read a text as a resource and as a list; return the tree of the resource, ABSENT where it has none."""
    demand(not yaml_trees.disagreement(text), "the fast reader and the parser read different trees")
    resource = Resource(text)
    for name in ("api_version", "kind", "name", "namespace", "path", "index", "labels", "annotations"):
        with contextlib.suppress(YamlFault):
            getattr(resource, name)
    try:
        resources = ResourceList.read(text)
        demand("results" in text or resources.write() == text, "a list that is only read changes")
    except InputFault:
        pass
    try:
        data = resource.data
    except YamlFault as fault:
        demand(0 <= fault.line <= len(text.splitlines()) + text.count("\n"), "a fault stands outside the text")
        return ABSENT
    demand(resource.text == text, "reading changes the text")
    known = Resource(text)
    demand(known.kind == resource.kind and known.name == resource.name, "the scan and the parser read different names")
    return data


def check_edit(text: str, edit: Edit) -> bool:
    """Make one edit and look at all that it did; return whether it was made and not refused."""
    if isinstance(edit.value, Comment):
        return check_comment(text, field_path.show(edit.path), edit)
    resource = Resource(text)
    before = resource.data
    try:
        change(resource, edit)
    except YamlFault:
        demand(resource.text == text, "a refused edit changes the text")
        return False
    is_flag = isinstance(edit.path[-1], Flag)
    field = edit.path[:-1] if is_flag else edit.path
    demand(is_flag or same(resource.data, expected(before, edit)), "the edited tree is not the edit of the tree")
    parsed = nodes.value(parser.parse_events(resource.text))  # whatever the edit was checked by
    demand(same(parsed, resource.data), "the text says something else than the tree")
    demand(raw_rest(text, resource.text, field), "another YAML reader sees another field change")
    check_bytes(text, resource.text, Edit(field, [] if is_flag else edit.value))
    again = Resource(resource.text)
    change(again, edit)
    appends = edit.path[-1] == Flag("")  # `[-]` adds an item each time
    demand(appends or again.text == resource.text, "the edit made twice is not the edit made once")
    return True


def check_comment(text: str, path: str, edit: Edit) -> bool:
    """Set one comment and look at all that it did: no value changes, and no line but those of the comment."""
    resource, comment = Resource(text), edit.value
    before = resource.data
    try:
        change(resource, edit)
    except (YamlFault, ValueError):
        demand(resource.text == text, "a refused comment changes the text")
        return False
    new = resource.text
    demand(same(resource.data, before), "a comment changes a value")
    demand(same(nodes.value(parser.parse_events(new)), before), "a comment changes what the text says")
    found = resource.head_comment(path) if comment.is_head else resource.comment(path)
    wanted = comment.text.splitlines() if comment.is_head else [comment.text.strip().lstrip("#")]
    is_kept = [line.strip() for line in found.splitlines()] == [
        line.strip() for line in wanted if line.strip() or found
    ]
    demand(is_kept or not (found or any(wanted)), "a comment is read otherwise than it was set")
    old_lines, new_lines = text.splitlines(keepends=True), new.splitlines(keepends=True)
    while old_lines and new_lines and old_lines[0] == new_lines[0]:
        del old_lines[0], new_lines[0]
    while old_lines and new_lines and old_lines[-1] == new_lines[-1]:
        del old_lines[-1], new_lines[-1]
    if comment.is_head:
        lines = [line.strip() for line in (*old_lines, *new_lines)]
        demand(all(not line or line.startswith("#") for line in lines), "a comment above changes another line")
    else:
        most = 2 if isinstance(Resource(text).get(path), dict | list) else 1  # what stood behind a dash moves below it
        demand(len(old_lines) <= most and len(new_lines) <= most, "a comment changes another line")
    again = Resource(new)
    change(again, edit)
    demand(again.text == new, "a comment set twice is not the comment set once")
    return True


def check_in_list(text: str, edit: Edit) -> None:
    """Make the edit in an item of a ResourceList: it does the same, and the neighbours stay."""
    column = Resource(text).root.column
    # A tag or an anchor on a line above the fields is laid out anew with its list's dash; no field is in those lines.
    if (
        column
        or Resource(text).root.style == "flow"
        or re.search(r"\A\s*[!&]|[\ufeff\x85\u2028\u2029]|\r(?!\n)|(?m:^(?:%|---|\.\.\.))", text)
    ):
        return
    inner = Resource(text).indented(2)
    neighbour = "- kind: N\n  metadata: {name:  n} # stays\n"
    head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
    end = "" if inner.endswith("\n") else "\n"
    resources = ResourceList.read(f"{head}{neighbour}-\n{inner}{end}{neighbour}")
    if len(resources) != 3 or not same(resources.items[1].data, Resource(text + end).data):
        return  # blocks that keep line ends, and the like
    alone = Resource(inner + end)
    try:
        change(alone, edit)
        change(resources.items[1], edit)
    except YamlFault:
        return
    below = alone.text if alone.text.endswith("\n") else alone.text + "\n"
    demand(resources.write() == f"{head}{neighbour}-\n{below}{neighbour}", "an item is edited differently in its list")


def check_bytes(old: str, new: str, edit: Edit) -> None:
    """Demand that only the text of the edited field changed."""
    resource = Resource(old)
    if old == new:
        return
    found: nodes.Node | None = resource.root
    for step in edit.path:
        found = None if found is None or found.kind == nodes.ALIAS else step_into(found, step)
    is_line = edit.value is not ABSENT and not isinstance(edit.value, dict | list) and "\n" not in str(edit.value)
    if (
        found is not None
        and is_line
        and found.kind == nodes.SCALAR
        and found.style not in ("|", ">")
        and found.start < found.end
    ):
        demand(new.startswith(old[: found.start]) and new.endswith(old[found.end :]), "bytes beside the value change")
        return
    start, end = region(resource, topmost_gone(resource, Resource(new), edit.path))
    demand(new.startswith(old[:start]), "bytes before the field change")
    rest = old[end:]
    demand(new.endswith(rest) or new.rstrip("\r\n").endswith(rest.rstrip("\r\n")), "bytes behind the field change")


def topmost_gone(old: Resource, new: Resource, path: FieldPath) -> FieldPath:
    """Return the first part of a path that is there before and not after, or the path."""
    parts = (path[:length] for length in range(1, len(path)))
    return next((part for part in parts if old.find(part) is not None and new.find(part) is None), path)


def region(resource: Resource, path: FieldPath) -> tuple[int, int]:
    """Return the part of the text that an edit may change: the lines of the deepest field there is, with comments."""
    text, current, start, column = resource.text, resource.root, 0, -1
    for step in path:
        parent = current
        if parent.style == "flow" and parent.value:
            return parent.start, parent.end
        found = step_into(parent, step)
        if found is None or parent.kind == nodes.ALIAS:
            break
        current = found
        if isinstance(step, Match):
            index = parent.value.index(current)
            start = nodes.line_after(parent.value[index - 1], text) if index else parent.start - parent.column
            column = parent.column
        else:
            entry = parent.entry(str(step))
            if entry is None:
                break
            start, column = text.rfind("\n", 0, entry[0].start) + 1, entry[0].column
    is_behind_dash = text[start : text.find("\n", start)].lstrip(" ").startswith("- ")
    while start and text[text.rfind("\n", 0, start - 1) + 1 : start].lstrip(" ").startswith("#"):
        start = text.rfind("\n", 0, start - 1) + 1
    end = nodes.line_after(current, text)
    own_comment = re.compile(rf" {{{column + 1},}}#[^\n]*")
    while match := re.compile(r"[ \t]*\r?\n").match(text, end) or own_comment.match(text, end):
        end = match.end()
    if is_behind_dash:
        while text[end : end + 1] == " ":  # what follows moves up behind the dash
            end += 1
    return start, end


def step_into(parent: nodes.Node, step: field_path.Step) -> nodes.Node | None:
    """Return the child of a node, aliases not followed."""
    if isinstance(step, Match):
        items = parent.value if parent.kind == nodes.LIST else []
        return next((item for item in items if (key := item.target.child(step[0])) and key.value == step[1]), None)
    entry = parent.entry(str(step))
    return entry[1] if entry else None


def change(resource: Resource, edit: Edit) -> None:
    """Make the edit."""
    path = field_path.show(edit.path)
    if isinstance(edit.value, Comment):
        (resource.set_head_comment if edit.value.is_head else resource.set_comment)(path, edit.value.text)
    elif edit.value is ABSENT:
        resource.remove(path)
    else:
        resource.set(path, edit.value)


def expected(tree: Any, edit: Edit) -> Any:
    """Return the tree after the edit."""
    if edit.value is not ABSENT:
        return after_set(tree, edit.path, edit.value)
    after = after_remove(tree, edit.path)
    return {} if after is ABSENT else after


def after_set(tree: Any, path: FieldPath, new: Any) -> Any:
    """Return the tree in which the field at `path` is `new`."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, Match):
        items = list(tree) if isinstance(tree, list) else []
        index = next((at for at, item in enumerate(items) if is_named(item, step)), None)
        old = {step[0]: step[1]} if index is None else items[index]
        item = {step[0]: step[1], **new} if not rest else after_set(old, rest, new)
        return [*items, item] if index is None else [*items[:index], item, *items[index + 1 :]]
    entries = dict(tree) if isinstance(tree, dict) else {}
    entries[str(step)] = after_set(entries.get(str(step)), rest, new)
    return entries


def after_remove(tree: Any, path: FieldPath) -> Any:
    """Return the tree without the field, and without what is empty for that; ABSENT where nothing is left."""
    step, rest = path[0], path[1:]
    if isinstance(step, Match):
        index = next(at for at, item in enumerate(tree) if is_named(item, step))
        item = after_remove(tree[index], rest) if rest else ABSENT
        if item is not ABSENT and rest and item.keys() == {step[0]}:
            item = ABSENT
        return [*tree[:index], *([] if item is ABSENT else [item]), *tree[index + 1 :]] or ABSENT
    entries = dict(tree)
    part = after_remove(entries[str(step)], rest) if rest else ABSENT
    if part is ABSENT:
        del entries[str(step)]
    else:
        entries[str(step)] = part
    return entries or ABSENT


def is_named(item: Any, step: Match) -> bool:
    """Say whether a list item is the one that the step names."""
    return isinstance(item, dict) and item.get(step[0]) == step[1]


def raw_rest(old: str, new: str, path: FieldPath) -> bool:
    """Say whether PyYAML's reader of plain text sees the same in both, but for the field."""
    # Of two byte order marks libyaml takes the second for a column, and a second line for another map; kubectl not.
    old, new = old.removeprefix("\ufeff"), new.removeprefix("\ufeff")
    try:
        before = yaml.load(old, Loader=PlainTextLoader)
    except (yaml.composer.ComposerError, yaml.constructor.ConstructorError):
        return True  # an anchor that is set twice, a merge of something else than maps: it does not read that
    after = yaml.load(new, Loader=PlainTextLoader)
    return bool(without([nulls_alike(tree) or {} for tree in (before, after)], path))


class PlainTextLoader(yaml.CSafeLoader):
    """PyYAML's reader, for which each scalar is text; it merges `<<`, which its own BaseLoader takes for a key."""

    yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("<<"))]}  # noqa: RUF012  # as in PyYAML
    yaml_constructors = {}  # noqa: RUF012  # as in PyYAML


def read_plain(loader: PlainTextLoader, found: yaml.Node) -> Any:
    """Return a node as text, list or map, whatever its tag is."""
    if isinstance(found, yaml.MappingNode):
        return loader.construct_mapping(found, deep=True)
    if isinstance(found, yaml.SequenceNode):
        return loader.construct_sequence(found, deep=True)
    return found.value


PlainTextLoader.add_constructor(None, read_plain)


def nulls_alike(tree: Any) -> Any:
    """Return a tree of strings in which a null that is written and one that is not are the same."""
    if isinstance(tree, dict):
        return {key: nulls_alike(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [nulls_alike(part) for part in tree]
    return "" if tree in ("null", "~") else tree


def without(trees: list[Any], path: FieldPath) -> bool:
    """Compare two trees of strings, their parts at `path` left out."""
    step, rest = path[0], path[1:]
    if isinstance(step, Match):
        step = Match(step[0], nulls_alike(step[1]))
        if not all(isinstance(tree, list) for tree in trees):
            return True
        found = [next((item for item in tree if is_named(item, step)), ABSENT) for tree in trees]
        others: list[Any] = [
            [item for item in tree if item is not mine] for tree, mine in zip(trees, found, strict=True)
        ]
        parts = found
    else:
        if not all(isinstance(tree, dict) for tree in trees):
            return True
        others = [{key: part for key, part in tree.items() if key != step} for tree in trees]
        parts = [tree.get(step, ABSENT) for tree in trees]
    if others[0] != others[1]:
        return False
    return not rest or any(part is ABSENT for part in parts) or without(parts, rest)


def paths_of(tree: Any, path: FieldPath = ()) -> list[FieldPath]:
    """Return the paths of all fields and named items inside a tree."""
    found: list[FieldPath] = []
    if isinstance(tree, dict):
        for key, part in tree.items():
            found += [(*path, key), *paths_of(part, (*path, key))]
    elif (
        isinstance(tree, list)
        and tree
        and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in tree)
    ):
        names = [item["name"] for item in tree]
        for item in tree:
            if names.count(item["name"]) == 1:
                step = (*path, Match("name", item["name"]))
                found += [step, *(inner for inner in paths_of(item, step) if inner != (*step, "name"))]
    return found


def demand(holds: bool, message: str) -> None:  # an assertion that -O leaves in
    """Raise Wrong where something does not hold."""
    if not holds:
        raise Wrong(message)


# Inputs


def corpus(folders: list[Path]) -> list[str]:
    """Return the documents of the YAML files below some folders, and the awkward ones."""
    texts = list(AWKWARD)
    for folder in folders:
        for file in sorted(folder.rglob("*.yaml")):
            text = file.read_text(encoding="utf-8", errors="replace")
            texts += [part for part in (text, *text.split("\n---\n")) if part and len(part) <= LONGEST]
    return sorted(set(texts))


def mutant(dice: Random, text: str) -> str:
    """Return a text, or a part of it, after some mutations."""
    if dice.random() < 0.5:
        lines = text.splitlines(keepends=True)
        first = dice.randint(0, max(0, len(lines) - 2))
        text = "".join(lines[first : first + dice.randint(2, 20)])
        indent = len(text) - len(text.lstrip(" "))
        text = re.sub(rf"(?m)^ {{1,{indent}}}", "", text) if indent else text
    for _ in range(dice.choice([0, 1, 1, 2, 3, 6])):
        text = dice.choice(MUTATIONS)(dice, text)
    return text


def insert_token(dice: Random, text: str) -> str:
    """Insert a token."""
    at = dice.randint(0, len(text))
    return text[:at] + dice.choice(TOKENS) + text[at:]


def append_token(dice: Random, text: str) -> str:
    """Insert a token at the end of a line, behind a colon, or at the start of a value."""
    places = [match.start() for match in re.finditer(r"\n|(?<=: )|(?<=- )|:(?= )", text)] or [0]
    at = dice.choice(places)
    return text[:at] + dice.choice(TOKENS) + text[at:]


def delete_span(dice: Random, text: str) -> str:
    """Delete some characters."""
    at = dice.randint(0, len(text))
    return text[:at] + text[at + dice.randint(1, 8) :]


def replace_value(dice: Random, text: str) -> str:
    """Put a token in the place of a value."""
    found = list(re.finditer(r"(?<=: )[^\n]*", text))
    if not found:
        return text
    match = dice.choice(found)
    return text[: match.start()] + dice.choice(TOKENS) + text[match.end() :]


def shuffle_line(dice: Random, text: str) -> str:
    """Move, copy or indent a line."""
    lines = text.splitlines(keepends=True) or [""]
    at, to = dice.randint(0, len(lines) - 1), dice.randint(0, len(lines))
    kind = dice.randint(0, 3)
    line = lines[at]
    if kind == 0:
        lines[at] = " " * dice.randint(1, 4) + line
    elif kind == 1:
        lines[at] = line[min(2, len(line) - len(line.lstrip(" "))) :]
    else:
        lines.insert(to, lines.pop(at) if kind == 2 else line)
    return "".join(lines)


def end_lines(dice: Random, text: str) -> str:
    """Change how lines end."""
    end = dice.choice(["\r\n", "\n\n", " \n", "\r", "strip"])
    return text.rstrip("\r\n") if end == "strip" else text.replace("\r\n", "\n").replace("\n", end)


MUTATIONS: list[Callable[[Random, str], str]] = [
    insert_token, append_token, append_token, delete_span, replace_value, shuffle_line, shuffle_line, end_lines,
]  # fmt: skip


def draw_edit(dice: Random, tree: Any) -> Edit:
    """Return an edit that the tree allows."""
    paths = paths_of(tree)
    kind = dice.randint(0, 7)
    if kind >= 6 and paths:
        text = dice.choice(COMMENTS)
        is_head = dice.random() < 0.5
        return Edit(dice.choice(paths), Comment(f"{text}\n{dice.choice(COMMENTS)}" if is_head else text, is_head))
    if kind == 0 or not paths:
        parents = [
            (),
            *(path for path in paths if isinstance(at(tree, path), dict) and not isinstance(path[-1], Match)),
        ]
        return Edit((*dice.choice(parents), "fresh"), dice.choice(VALUES))
    path = dice.choice(paths)
    if kind == 1:
        return Edit(path, ABSENT)
    if kind == 3 and is_arguments(at(tree, path)):
        flags = ["--port", "-v", "--a_b", ""]
        flag, text = dice.choice(flags), dice.choice(["=80", "", "=", "= #", "=1e3"])
        return Edit((*path, Flag(flag)), dice.choice([ABSENT, flag + text if flag else "word"]))
    if kind == 2:
        value: Any = rearranged(dice, at(tree, path))
        if not isinstance(path[-1], Match):
            return Edit(path, value)
    value = dice.choice(VALUES) if dice.random() < 0.7 else "".join(dice.choices(LETTERS, k=dice.randint(0, 12)))
    return Edit(path, {"v": value} if isinstance(path[-1], Match) else value)


def is_arguments(tree: Any) -> bool:
    """Say whether a value is a list of strings that is not empty."""
    return isinstance(tree, list) and bool(tree) and all(isinstance(item, str) for item in tree)


def rearranged(dice: Random, tree: Any) -> Any:
    """Return a list with items moved, added and removed, a map with entries added and removed, or another value."""
    if isinstance(tree, list) and tree:
        items = dice.choices(range(len(tree) + 1), k=dice.randint(0, len(tree) + 2))
        return [tree[index] if index < len(tree) else dice.choice(VALUES) for index in items]
    if isinstance(tree, dict) and tree:
        kept = [key for key in tree if dice.random() < 0.7]
        entries = {key: part for key, part in tree.items() if key in kept}
        return {**entries, "added": dice.choice(VALUES)} if dice.random() < 0.5 else entries
    return dice.choice(VALUES)


def at(tree: Any, path: FieldPath) -> Any:
    """Return the part of a tree at a path of keys and named items."""
    for step in path:
        tree = next(item for item in tree if is_named(item, step)) if isinstance(step, Match) else tree[str(step)]
    return tree


# The run


@contextlib.contextmanager
def bounded(text: str) -> Iterator[None]:
    """Raise Hang where the body takes long; twice as long for ten times the longest text is not asked."""

    def on_alarm(*_: object) -> None:
        raise Hang(f"takes more than {SECONDS_PER_INPUT:g} s")

    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_INPUT * (1 + len(text) / LONGEST) * 2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def fault_of(text: str, edit: Edit | None) -> str:
    """Return what is wrong with one input, "" for nothing; the same text for the same cause."""
    try:
        with bounded(text):
            tree = check_reading(text)
            if edit is not None and tree is not ABSENT and not is_stray(tree, edit) and check_edit(text, edit):
                check_in_list(text, edit)
    except Wrong as wrong:
        kind = (
            "" if edit is None or isinstance(edit.value, Comment) else " (remove)" if edit.value is ABSENT else " (set)"
        )
        return f"{wrong}{kind}"
    except Exception as error:  # noqa: BLE001  # this is what the fuzzer looks for
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "krm_functions_sdk" in frame.filename]
        where = f" in {Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
        return f"{type(error).__name__}{where}"
    return ""


def is_stray(tree: Any, edit: Edit) -> bool:
    """Say whether the edit does not fit the tree (while a text is reduced, its fields go), or is not for a function."""
    parent = edit.path[:-1]
    if edit.path[:1] == ("metadata",) and "config.k" in f"{tree}{edit}":
        return True  # what the tools write into annotations stays, whatever is set
    if isinstance(edit.value, Comment):
        edit = Edit(edit.path, ABSENT)
    try:
        values.check(nested(edit))
        is_new = edit.path[-1] == "fresh" or isinstance(edit.path[-1], Flag)
        found = at(tree, parent if is_new else edit.path)
        return isinstance(edit.path[-1], Flag) and not is_arguments(found)
    except (KeyError, TypeError, StopIteration, AttributeError, ValueError):
        return True


def nested(edit: Edit) -> Any:
    """Return the value of an edit at its path, as far as it leads through maps."""
    value = None if edit.value is ABSENT else edit.value
    for step in reversed(edit.path):
        value = {step: value} if type(step) is str and edit.value is not ABSENT else [value]
    return value


def reduced(finding: Finding) -> Finding:
    """Return the finding with as few lines and characters as still show it."""
    text, edit = finding.text, finding.edit
    begin = time.monotonic()
    for parts in (re.compile(r"[^\n]*\n|[^\n]+\Z"), re.compile(r"(?s).")):
        size = max(1, len(parts.findall(text)) // 2)
        while size and time.monotonic() - begin < 20:
            pieces = parts.findall(text)
            start = 0
            while start < len(pieces):
                rest = pieces[:start] + pieces[start + size :]
                if fault_of("".join(rest), edit) == finding.key:
                    pieces = rest
                else:
                    start += size
            text = "".join(pieces)
            size //= 2
    return Finding(finding.key, text, edit)


class Run:
    """One run of the fuzzer: what it tried and what it found."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.findings: dict[str, Finding] = {}
        self.refusals: dict[str, str] = {}  # the shortest text of each reason
        self.tried = self.readable = self.made = self.refused = 0

    def some(self, text: str, dice: Random) -> None:
        """Try some mutants of a text, each with some edits."""
        for number in range(MUTANTS):
            self.one((yaml_trees.mutant if number % 2 else mutant)(dice, text), dice)

    def one(self, text: str, dice: Random) -> None:
        """Try one text."""
        if time.monotonic() > self.end:
            raise TimeIsUp
        self.tried += 1
        if self.note(text, None):
            return
        try:
            tree = Resource(text).data
        except YamlFault:
            return
        self.readable += 1
        for _ in range(EDITS):
            edit = draw_edit(dice, tree)
            if is_stray(tree, edit) or self.note(text, edit):
                continue
            try:
                change(Resource(text), edit)
                self.made += 1
            except (YamlFault, ValueError) as fault:
                self.refused += 1
                message = fault.message if isinstance(fault, YamlFault) else re.sub(r"'.*'", "…", str(fault))
                shortest = self.refusals.setdefault(message, text)
                self.refusals[message] = min(text, shortest, key=len)

    def note(self, text: str, edit: Edit | None) -> bool:
        """Return whether something is wrong with an input, and keep it where it is new."""
        key = fault_of(text, edit)
        if key and key not in self.findings:
            self.findings[key] = found = reduced(Finding(key, text, edit))
            show(found)
        return bool(key)


def show(finding: Finding) -> None:
    """Print a finding."""
    print(f"\n{finding.key}\n  text: {finding.text!r}")
    if finding.edit is not None:
        print(f"  path: {field_path.show(finding.edit.path)}")
        print(f"  value: {'remove' if finding.edit.value is ABSENT else repr(finding.edit.value)}", flush=True)


def main(argv: list[str] | None = None) -> int:
    """Run for some seconds and return 1 where something was found."""
    command = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    command.add_argument("--seconds", type=float, default=60, help="how long to run (60)")
    command.add_argument("--seed", type=int, default=int(time.time()), help="where to start (the time)")
    command.add_argument(
        "folders", nargs="*", type=Path, default=[ROOT.parent], help="folders of YAML files (the repository)"
    )
    given_arguments = command.parse_args(argv)
    warnings.simplefilter("ignore", HypothesisDeprecationWarning)
    texts = corpus(given_arguments.folders)
    run = Run(given_arguments.seconds)
    print(f"{len(texts)} texts, seed {given_arguments.seed}", flush=True)
    chunk = 0
    while time.monotonic() < run.end:
        chunk += 1

        @seed(given_arguments.seed + chunk)
        @settings(
            max_examples=1000,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.one_of(st.sampled_from(texts), yaml_documents.documents()), st.integers(0, 2**32))
        def try_some(text: str, number: int) -> None:
            run.some(text, Random(number))

        with contextlib.suppress(
            TimeIsUp, Flaky, FlakyStrategyDefinition
        ):  # what was found before is not drawn on again
            try_some()
    print(f"\n{run.tried} texts tried, {run.readable} readable; {run.made} edits made, {run.refused} refused")
    for reason, text in run.refusals.items():
        print(f"  {reason}: such as {text!r}")
    print(f"{len(run.findings)} findings")
    return 1 if run.findings else 0


if __name__ == "__main__":
    sys.exit(main())
