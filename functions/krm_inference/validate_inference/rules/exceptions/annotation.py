"""Exceptions: an annotation sets the severity of one rule on one object, with a reason.

`validate.inference.fn.kpt.dev/<rule>: "off: <reason>"`; instead of `off`, any severity is allowed.
On an LLMService it holds for what is only information on any object: such a finding stands in each render of a sound
package, and is acknowledged once where people write. A warning or an error is excepted on its own object only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from krm_functions_sdk import ERROR, INFO, WARNING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.service import is_llm_service
from krm_inference.domain.spelling import nearest
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import OFF, Finding

PREFIX = "validate.inference.fn.kpt.dev/"
_TEXT = pattern(rf"({OFF}|{ERROR}|{WARNING}|{INFO}): *(\S.*)", re.DOTALL)


class Exceptions:
    """The exceptions of a set of manifests; it remembers which of them changed a finding.

    `rules` are the rules that an exception can name and that are not switched off.
    """

    def __init__(self, index: Index) -> None:
        self.rules: dict[str, bool] = {}
        self._levels: dict[tuple[int, str], str] = {}
        self._used: set[tuple[int, str]] = set()
        self._fields: dict[tuple[int, str], Field] = {}
        self._of_intents: list[tuple[int, str]] = []  # those of all objects
        for item in (*index.objects, *index.for_tools):
            for name in item.annotations:
                if str(name).startswith(PREFIX):
                    self._read(item, item.at("metadata.annotations")[name], str(name).removeprefix(PREFIX))

    def _read(self, item: Object, field: Field, rule: str) -> None:
        key = id(item), rule
        self._fields[key] = field
        match = _TEXT.fullmatch(field.text)
        if match:
            self._levels[key] = match[1]
            if is_llm_service(item.resource):
                self._of_intents.append(key)

    def severity(self, rule: str, item: Object, default: str) -> str:
        """Return the severity of a finding of a rule on an object."""
        key = id(item), rule
        if key not in self._levels and default == INFO:
            key = next((known for known in self._of_intents if known[1] == rule), key)
        if key not in self._levels or rule not in self.rules:
            return default
        self._used.add(key)
        return self._levels[key]

    def faults(self) -> Iterator[Finding]:
        """Yield the exceptions that say too little, name no rule, or change nothing."""
        for key, field in self._fields.items():
            _, rule = key
            if rule not in self.rules:
                near = nearest(rule, self.rules)
                yield Finding(field, f'no rule "{rule}"' + (f'; did you mean "{near}"?' if near else ""))
            elif key not in self._levels:
                yield Finding(field, f'found "{field.value}", expected a severity or {OFF}, then a colon and a reason')
            elif key not in self._used and self.rules[rule]:
                yield Finding(field, f"{rule} finds nothing on {field.object}, so the exception is not needed")


def faults(index: Index) -> Iterator[Finding]:
    """Yield what is wrong with the exceptions, after all other rules were checked."""
    return index.derive(Exceptions).faults()
