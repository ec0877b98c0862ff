"""Report everything that is wrong in a set of manifests, and change nothing.

Holds the function; its rules are in `rules/`. May import: the SDK, the domain and `manifests/`, no other function.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from krm_functions_sdk import ERROR, INFO, MISSING, WARNING, ResourceList, Result, after_errors, repeatable, run
from krm_functions_sdk.function.run import collect_rarely

from krm_inference.domain import intent, secrets
from krm_inference.domain.service import is_llm_service
from krm_inference.manifests import placeholders, sets
from krm_inference.manifests.index import Index
from krm_inference.validate_inference import origins, settings
from krm_inference.validate_inference.findings import OFF, result
from krm_inference.validate_inference.rules import RULES, fields
from krm_inference.validate_inference.rules.exceptions.annotation import Exceptions

OWNS: dict[str, tuple[str, ...]] = {}
READABLE, PLACEHOLDER = "readable", "placeholder"
_RANK = {ERROR: 0, WARNING: 1, INFO: 2}


@after_errors
@repeatable
def validate_inference(resources: ResourceList) -> None:
    """Report everything that is wrong in a set of manifests, and change nothing."""
    chosen = settings.read(resources)
    index = Index(resources)
    index.capacity, index.is_incomplete = chosen.capacity, resources.is_incomplete
    for unread in resources.results:
        if unread.file and "rule" not in unread.tags:
            unread.tags["rule"] = READABLE  # a file that is no text, as the SDK found it
    _read_intents(resources, index)
    severities = {rule.id: chosen.severity.get(rule.id, rule.severity) for rule in RULES}
    for part in sets.split(index):
        resources.results += _check(part, severities)
    resources.results.sort(key=_order)
    secrets.hide(resources.results)


def _check(index: Index, severities: dict[str, str]) -> Iterator[Result]:
    """Yield what the rules find, with the severity that the object's exceptions leave.

    A rule says one thing of a field; where another rule has said as much of it, the schema need not.
    """
    exceptions = index.derive(Exceptions)
    exceptions.rules = {rule.id: severities[rule.id] != OFF for rule in RULES[:-1]}
    seen: set[tuple[str, int, str]] = set()
    for rule in RULES:
        is_asked = severities[rule.id] != OFF and not (index.is_incomplete and rule.needs_all)
        for finding in rule.check(index) if is_asked else ():
            severity = exceptions.severity(rule.id, finding.field.object, severities[rule.id])
            if severity == OFF:
                continue
            if rule.id != PLACEHOLDER and placeholders.waits(finding.field):
                continue  # `placeholder` says it once for the set
            if placeholders.holds(finding.proposed):
                finding = finding._replace(proposed=MISSING)  # noqa: PLW2901  # the same finding without a value
            found = result(finding, rule, severity)
            place = (id(finding.field.object), found.field)
            is_said = rule in fields.TOPIC.rules and {("", *place), (severity, *place)} & seen
            if (rule.id, *place) not in seen and not is_said:
                seen |= {(rule.id, *place), ("" if severity == ERROR else severity, *place)}
                told = origins.of_intent(index, finding, found)
                if not index.is_incomplete or origins.is_certain(index, finding, told):
                    yield told


def _read_intents(resources: ResourceList, index: Index) -> None:
    """Let the LLMServices say their own faults, apart from the resources that cannot be read."""
    left_out = {id(resource) for resource, _ in (*index.broken, *index.foreign)}
    readable = ResourceList([item for item in resources if id(item) not in left_out], resources.function_config)
    readable.is_incomplete = resources.is_incomplete
    index.intents = {item.name for item in readable if is_llm_service(item)}
    index.services = intent.read(readable, takes_other_config=True)
    index.has_broken_intent = readable.results.failed
    resources.results += readable.results


def _order(found: Result) -> tuple[int, str, int, int, str, str, str]:
    name = f"{found.reference.get('kind', '')} {found.reference.get('namespace', '')} {found.reference.get('name', '')}"
    place = (found.file or "", found.index, found.line or 0)
    return (_RANK[found.severity], *place, name, found.field, found.message)


def main() -> None:
    """Be the executable; with an option of a check in CI, such as `--format`, report as that asks."""
    arguments = sys.argv[1:]
    if any(argument.startswith("--") for argument in arguments):
        from krm_inference.validate_inference.reports import command  # a run in a pipeline does not pay for it

        if command.is_asked(arguments):
            collect_rarely()
            sys.exit(command.main(validate_inference, arguments))
    run(validate_inference, reports=True)
