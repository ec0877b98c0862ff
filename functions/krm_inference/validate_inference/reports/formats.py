"""Reports for CI and for people: text, JSON, SARIF, JUnit, GitHub's annotations and Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

from krm_functions_sdk import ERROR, INFO, MISSING, WARNING, Result, Results
from krm_functions_sdk.function import report

from krm_inference.validate_inference.rules import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAGE = "https://github.com/krm-inference/krm-inference/blob/main/docs/rules.md"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_UNNAMED = "intent"  # the rule of what an LLMService says of itself
# Characters that XML has not, which YAML lets stand in a quoted text.
_NO_XML = {code: "�" for code in range(32) if code not in (9, 10, 13)}

Format = Callable[[list[Result], int], str]


def link(rule: str) -> str:
    """Return the address of the page of a rule."""
    return f"{PAGE}#{rule}"


def _rule(result: Result) -> str:
    return result.tags.get("rule", _UNNAMED)


def _thing(result: Result) -> str:
    return " ".join(filter(None, (result.reference.get(part, "") for part in ("kind", "namespace", "name"))))


def _said(result: Result) -> str:
    proposed = "" if result.proposed is MISSING else f"; proposed: {json.dumps(result.proposed, ensure_ascii=False)}"
    return f"{f'{result.field}: ' if result.field else ''}{result.said(with_file=True)}{proposed}"


def text(results: list[Result], objects: int) -> str:
    """Return the report that a terminal shows, with the counts by rule below it."""
    found = Results()
    found.extend(results)
    counts = Counter(map(_rule, results)).most_common()
    return report.text(found, objects, is_stream=False) + "".join(f"  {count:>4} {rule}\n" for rule, count in counts)


def as_json(results: list[Result], objects: int) -> str:
    """Return the findings as JSON, with their counts by severity and by rule."""
    findings: list[dict[str, Any]] = [
        {
            "rule": _rule(each),
            "severity": each.severity,
            "message": each.said(with_file=True),
            "object": each.reference,
            "field": each.field,
            "file": each.file,
            "line": each.line,
            "page": link(_rule(each)),
            **({} if each.proposed is MISSING else {"proposed": each.proposed}),
        }
        for each in results
    ]
    summary = {
        "objects": objects,
        "severities": Counter(each.severity for each in results),
        "rules": Counter(map(_rule, results)),
    }
    return json.dumps({"summary": summary, "findings": findings}, indent=2, ensure_ascii=False) + "\n"


def sarif(results: list[Result], _: int) -> str:
    """Return the findings in SARIF 2.1.0."""
    used = {_rule(each) for each in results}
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.what},
            "fullDescription": {"text": f"{rule.why}. Source: {rule.source}."},
            "help": {"text": rule.fix},
            "helpUri": link(rule.id),
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in RULES
        if rule.id in used
    ]
    if _UNNAMED in used:
        rules.append({"id": _UNNAMED, "shortDescription": {"text": "An LLMService says what its schema takes"}})
    driver = {"name": "validate-inference", "informationUri": PAGE, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(each) for each in results]}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _sarif_result(result: Result) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if result.file:
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(result.file)}}
        if line := result.line or result.start:
            location["physicalLocation"]["region"] = {"startLine": line}
    if result.field or result.reference:
        name = ": ".join(filter(None, (_thing(result), result.field)))
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    return {
        "ruleId": _rule(result),
        "level": _LEVELS[result.severity],
        "message": {"text": _said(result)},
        **({"locations": [location]} if location else {}),
    }


def junit(results: list[Result], objects: int) -> str:
    """Return the findings as test cases of JUnit, which fail but for notices; without one a case passes."""
    from xml.sax.saxutils import escape, quoteattr

    cases = []
    for each in results:
        name = quoteattr(" ".join(filter(None, (_rule(each), _thing(each), each.field))).translate(_NO_XML))
        place = f"{each.file}:{each.line or each.start or 1}" if each.file else ""
        said = escape(f"{place}\n{_said(each)}\n{link(_rule(each))}".strip().translate(_NO_XML))
        kind, message = quoteattr(each.severity), each.said(with_file=True).translate(_NO_XML)
        inner = (
            f"<system-out>{said}</system-out>"
            if each.severity == INFO
            else f"<failure type={kind} message={quoteattr(message)}>{said}</failure>"
        )
        cases.append(f'  <testcase classname={quoteattr(_rule(each))} name={name} time="0">{inner}</testcase>\n')
    cases = cases or [f'  <testcase classname="validate-inference" name="{objects} objects" time="0"/>\n']
    failures = sum(each.severity != INFO for each in results)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0" time="0"'
    head = f'<testsuite name="validate-inference" {counts}>'
    body = "".join(cases)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{head}\n{body}</testsuite>\n</testsuites>\n'


def github(results: list[Result], _: int) -> str:
    """Return workflow commands, which GitHub shows beside the lines of a pull request."""
    lines = []
    for each in results:
        places = {"file": each.file or "", "line": str(each.line or each.start or ""), "title": _rule(each)}
        where = ",".join(f"{key}={_property(value)}" for key, value in places.items() if value)
        message = _data(": ".join(filter(None, (_thing(each), f"{_said(each)} {link(_rule(each))}"))))
        lines.append(f"::{_COMMANDS[each.severity]} {where}::{message}\n")
    return "".join(lines)


def _data(said: str) -> str:
    return said.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(said: str) -> str:
    return _data(said).replace(":", "%3A").replace(",", "%2C")


def markdown(results: list[Result], objects: int) -> str:
    """Return a table for a pull request, the rules with most findings first."""
    counts = Counter(map(_rule, results))
    rows = [
        f"| {each.severity} | [`{_rule(each)}`]({link(_rule(each))}) | {_cell(_place(each))} | {_cell(_said(each))} |\n"
        for each in sorted(results, key=lambda each: (list(_LEVELS).index(each.severity), -counts[_rule(each)]))
    ]
    if not rows:
        return f"validate-inference found nothing in {objects} objects.\n"
    head = "| severity | rule | where | what |\n|---|---|---|---|\n"
    return f"validate-inference: {len(rows)} findings in {objects} objects.\n\n{head}{''.join(rows)}"


def _place(result: Result) -> str:
    return f"{result.file}:{result.line or result.start or 1} {_thing(result)}" if result.file else _thing(result)


def _cell(said: str) -> str:
    return said.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


FORMATS: dict[str, Format] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "markdown": markdown,
}
