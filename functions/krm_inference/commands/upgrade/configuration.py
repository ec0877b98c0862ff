"""An EndpointPickerConfig as text, moved to what another release reads: lines move, and nothing is written anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import parser, tree

from krm_inference.domain.facts.releases import Release
from krm_inference.domain.facts.releases.picker_configs import PickerConfig

# A key of the text that went below another one: where it was, where it is, and whether it became a list.
_MOVED = {
    "saturationDetector": ("flowControl", "saturationDetector", False),
    "parser": ("requestHandler", "parsers", True),
}
# Types of plugins that took a new name and kept their parameters.
RENAMED = {"by-label-selector": "label-selector-filter", "tokenizer": "token-producer"}
# Feature gates that are always open where they are unknown.
_ALWAYS_OPEN = ("dataLayer", "prepareDataPlugins")
Told = list[tuple[str, str]]  # the field and what is said of it


class Moved:
    """A configuration on its way: `text` as it is now, `done` what was changed, and `left` what was not."""

    def __init__(self, text: str, release: Release, known: PickerConfig) -> None:
        self.text = text
        self.release = release
        self.known = known
        self.done: Told = []
        self.left: Told = []
        self._api()
        for key in _MOVED:
            self._move(key)
        self._gates()
        self._plugins()

    def _value(self) -> dict[str, Any]:
        found = tree.value(parser.parse(self.text))
        return found if isinstance(found, dict) else {}

    def _api(self) -> None:
        api = str(self._value().get("apiVersion", ""))
        if api and api != self.release.picker_config_api:
            self._set("apiVersion", self.release.picker_config_api)
            self.done.append(("apiVersion", f"set to {self.release.picker_config_api}, was {api}"))

    def _set(self, field: str, value: Any) -> None:
        resource = Resource(self.text)
        resource.set(field, value)
        self.text = resource.text

    def _move(self, key: str) -> None:
        """Move a key of the text below another one, with its lines and comments."""
        above, name, is_list = _MOVED[key]
        value = self._value()
        if key in self.known.keys or key not in value:
            return
        if above not in self.known.keys:
            self.left.append((key, f"this picker knows no {key}, and no {above} to move it to"))
            return
        if name in (value.get(above) or {}):
            self.left.append((key, f"{above}.{name} is there as well; take {key} out"))
            return
        wanted = {inside: part for inside, part in value.items() if inside != key}
        wanted[above] = {**(wanted.get(above) or {}), name: [value[key]] if is_list else value[key]}
        text = _with_block_moved(self.text, key, above, name, is_list=is_list)
        try:
            moved = tree.value(parser.parse(text))
        except YamlFault:
            moved = None
        if moved != wanted:  # a style that lines cannot be moved in, such as {...}
            self._set(f"{above}.{name}", wanted[above][name])
            resource = Resource(self.text)
            resource.remove(key)
            text = resource.text
        self.text = text
        self.done.append((key, f"moved to {above}.{name}"))

    def _gates(self) -> None:
        gates = self._value().get("featureGates") or []
        for index in reversed(range(len(gates))):
            name = str(gates[index]).partition("=")[0]
            if name in self.known.gates:
                continue
            if name in _ALWAYS_OPEN:
                del gates[index]
                resource = Resource(self.text)
                if gates:
                    resource.set("featureGates", gates)
                else:
                    resource.remove("featureGates")
                self.text = resource.text
                self.done.append((f"featureGates[{index}]", f"taken out: {name} is always open"))
            else:
                self.left.append((f"featureGates[{index}]", f"this picker has no feature gate {name}"))

    def _plugins(self) -> None:
        for index, plugin in enumerate(self._value().get("plugins") or []):
            kind = str(plugin.get("type", "")) if isinstance(plugin, dict) else ""
            field = f"plugins[{index}].type"
            if not kind or kind in self.known.plugins:
                if kind in self.known.experimental:
                    self.left.append((field, f"this picker takes {kind} only with --allow-experimental-plugins"))
            elif RENAMED.get(kind) in self.known.plugins:
                if "name" not in plugin:  # others name it by its type
                    self._set(f"plugins[type={kind}].name", kind)
                self._set(f"plugins[name={plugin.get('name', kind)}].type", RENAMED[kind])
                self.done.append((field, f"set to {RENAMED[kind]}, was {kind}"))
            else:
                instead = self.known.successors.get(kind, "")
                hint = f"; use {instead}" if instead else ""
                self.left.append((field, f"this picker has no plugin of type {kind}{hint}"))
            self.left += self._parameters(index, kind, plugin)

    def _parameters(self, index: int, kind: str, plugin: Any) -> Iterator[tuple[str, str]]:
        known = self.known.plugins.get(kind)
        if known is None or not self.known.strict or not isinstance(plugin, dict):
            return
        names = {name.lower() for name in known}
        for name in plugin.get("parameters") or {}:
            if str(name).lower() not in names:
                field = f"plugins[{index}].parameters.{name}"
                yield field, f"this picker refuses {name} of {kind}, which the former one ignored or knew"


def _with_block_moved(text: str, key: str, above: str, name: str, *, is_list: bool) -> str:
    """Return the text with the lines of a top-level key below another one, which is made at its place if need be."""
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if re.match(rf"{key}:(\s|$)", line)), None)
    if first is None:
        return text
    last = _end(lines, first)
    block = lines[first:last]
    block[0] = block[0].replace(key, name, 1)
    if is_list:
        inner = [f"  {line}" if line.strip() else line for line in block[1:]]
        head = next((i for i, line in enumerate(inner) if line.strip() and not line.lstrip().startswith("#")), None)
        if head is None:
            return text
        indent = len(inner[head]) - len(inner[head].lstrip())
        inner[head] = inner[head][: indent - 2] + "- " + inner[head].lstrip()
        block = [block[0], *inner]
    block = [f"  {line}" if line.strip() else line for line in block]
    rest = lines[:first] + lines[last:]
    target = next((i for i, line in enumerate(rest) if re.match(rf"{above}:\s*(#.*)?$", line)), None)
    if target is None:
        return "".join([*lines[:first], f"{above}:\n", *block, *lines[last:]])
    end = _end(rest, target)
    if not rest[end - 1].endswith("\n"):
        rest[end - 1] += "\n"
    return "".join([*rest[:end], *block, *rest[end:]])


def _end(lines: list[str], first: int) -> int:
    """Return the line behind a top-level block: the next key, without comments and blank lines that precede it."""
    last = first + 1
    while last < len(lines) and (lines[last][:1] in " -\n\r" or lines[last].startswith("#")):
        last += 1
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1
    return last
