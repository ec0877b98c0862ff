"""Reports for CI and for people: text, JSON, SARIF, JUnit, GitHub's annotations and Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

from krm_functions_sdk import ERROR, INFO, MISSING, WARNING, Result, Results
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.function import report

from krm_inference.validate_inference.rules import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

PAGE = "https://github.com/krm-inference/krm-inference/blob/main/docs/rules.md"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_UNNAMED = "intent"  # the rule of what an LLMService says of itself
# What a quoted text of YAML and a name of a file can hold, and UTF-8 cannot.
_NO_UNICODE = pattern("[\ud800-\udfff]")
# That, what XML 1.0 has not, and other characters that control a terminal, in which people read logs of CI.
_NO_TEXT = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACED = "\ufffd"

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


def text(results: list[Result], objects: int, stream: TextIO | None = None) -> str:
    """Return the report that a terminal shows, with the counts by rule below it, as `stream` takes it."""
    found = Results()
    found.extend(results)
    counts = Counter(map(_rule, results)).most_common()
    said = report.text(found, objects, is_stream=False, stream=stream)
    return said + "".join(f"  {count:>4} {rule}\n" for rule, count in counts)


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
    return _dumped({"summary": summary, "findings": findings})


def valid(said: str) -> str:
    """Return a text that UTF-8 can hold."""
    return _NO_UNICODE.sub(_REPLACED, said)


def _dumped(value: dict[str, Any]) -> str:
    return valid(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def _readable(said: str) -> str:
    return _NO_TEXT.sub(_REPLACED, said)


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
    return _dumped({"$schema": _SARIF, "version": "2.1.0", "runs": [run]})


def _sarif_result(result: Result) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if result.file:
        location["physicalLocation"] = {"artifactLocation": {"uri": _address(result.file)}}
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


def _address(file: str) -> str:
    """Return the address of a file; what of its name is no text, which Python keeps as surrogates, keeps its bytes."""
    try:
        return quote(file.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # it comes from an annotation
        return quote(valid(file))


def junit(results: list[Result], objects: int) -> str:
    """Return the findings as test cases of JUnit, which fail but for notices; without one a case passes."""
    from xml.sax.saxutils import escape, quoteattr

    cases = []
    for each in results:
        name = quoteattr(_readable(" ".join(filter(None, (_rule(each), _thing(each), each.field)))))
        place = f"{each.file}:{each.line or each.start or 1}" if each.file else ""
        said = escape(_readable(f"{place}\n{_said(each)}\n{link(_rule(each))}".strip()))
        kind, message = quoteattr(each.severity), _readable(each.said(with_file=True))
        inner = (
            f"<system-out>{said}</system-out>"
            if each.severity == INFO
            else f"<failure type={kind} message={quoteattr(message)}>{said}</failure>"
        )
        cases.append(f'  <testcase classname={quoteattr(_rule(each))} name={name} time="0">{inner}</testcase>\n')
    cases = cases or [f'  <testcase classname="validate-inference" name="{_counted(objects, "object")}" time="0"/>\n']
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
    return _readable(said).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


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
        return f"validate-inference found nothing in {_counted(objects, 'object')}.\n"
    head = "| severity | rule | where | what |\n|---|---|---|---|\n"
    found = f"{_counted(len(rows), 'finding')} in {_counted(objects, 'object')}"
    return f"validate-inference: {found}.\n\n{head}{''.join(rows)}"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _place(result: Result) -> str:
    return f"{result.file}:{result.line or result.start or 1} {_thing(result)}" if result.file else _thing(result)


def _cell(said: str) -> str:
    return _readable(said).replace("|", "\\|").replace("\n", " ").replace("\r", " ").replace("<", "&lt;")


FORMATS: dict[str, Format] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "markdown": markdown,
}
