"""What the fields of an HTTPRoute demand of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from krm_functions_sdk.document.pattern import pattern

from krm_inference.manifests import groups
from krm_inference.manifests.durations import milliseconds
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BLOCKS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
    "CORS": "cors",
}
_REPLACED = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}
_NOT_IN_PATHS = ("//", "/./", "/../", "%2f", "%2F", "#")
_NOT_AT_THE_END = ("/..", "/.")
_PATH = pattern(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+")
_MOST_MATCHES = 128


def parent(item: Field) -> Any:
    """Return what no two parentRefs have in common."""
    names = ("group", "kind", "name", "namespace", "sectionName", "port")
    return tuple(str(item[name].value) if item[name].exists else "" for name in names)


def sections(parents: Field) -> Iterator[Finding]:
    """Yield parentRefs to one parent of which some name a section and others do not."""
    named: dict[Any, bool] = {}
    for item in parents:
        section = item["sectionName"]
        if named.setdefault(_parent_object(item), bool(section.text)) != bool(section.text):
            yield Finding(section, "some parentRefs to this parent have a sectionName and others do not; all need one")


def _parent_object(item: Field) -> Any:
    defaults = {"group": groups.GATEWAY, "kind": "Gateway", "name": "", "namespace": ""}
    return tuple(item[name].text if item[name].exists else default for name, default in defaults.items())


def path(match: Field) -> Iterator[Finding]:
    """Yield paths with what a literal path may not hold; `routes` says which start with no slash."""
    value = match["value"]
    if match["type"].text not in ("", "Exact", "PathPrefix") or not value.text.startswith("/"):
        return
    inside = [part for part in _NOT_IN_PATHS if part in value.text]
    inside += [part for part in _NOT_AT_THE_END if value.text.endswith(part)]
    if inside:
        yield Finding(value, f'a path must not contain "{inside[0]}"')
    elif not _PATH.fullmatch(value.text):
        yield Finding(
            value, f'a path must not contain "{_PATH.sub("", value.text)[:1]}", except as % and two hex digits'
        )


def backend_port(backend: Field) -> Iterator[Finding]:
    """Yield backends that are Services and have no port."""
    if not backend["group"].text and backend["kind"].text in ("", "Service") and not backend["port"].exists:
        yield Finding(backend["port"], "a backend of kind Service needs a port")


def block(item: Field) -> Iterator[Finding]:
    """Yield what a filter has beside the block of its type, or that it has not that one."""
    yield from _of_its_type(item, _BLOCKS, "a filter of type")


def _of_its_type(item: Field, keys: Mapping[str, str], what: str) -> Iterator[Finding]:
    """Yield the field that belongs to the type of a union and is not there, and those of other types that are."""
    kind = item["type"].text
    for name, key in keys.items():
        if name == kind and not item[key].exists:
            yield Finding(item[key], f"{what} {kind} needs {key}")
        elif name != kind and item[key].exists and kind in keys:
            yield Finding(item[key], f"{what} {kind} must not have {key}")


def content(item: Field) -> Iterator[Finding]:
    """Yield what the fields inside of a filter say against each other."""
    for key in ("requestRedirect", "urlRewrite"):
        yield from _of_its_type(item[key]["path"], _REPLACED, "type")
    for name in ("allowHeaders", "allowMethods", "allowOrigins"):
        values = [entry.text for entry in item["cors"][name]]
        if "*" in values and len(values) > 1:
            yield Finding(item["cors"][name], f"{name} is either * alone or names without *", ["*"])
    mirror = item["requestMirror"]
    if mirror["percent"].exists and mirror["fraction"].exists:
        yield Finding(mirror["fraction"], "a mirror can have a percent or a fraction, not both")
    if mirror["backendRef"].map:
        yield from backend_port(mirror["backendRef"])
    part, whole = mirror["fraction"]["numerator"], mirror["fraction"]["denominator"]
    of = whole.number if whole.exists else 100
    if part.number is not None and of is not None and part.number > of:
        yield Finding(part, f"the numerator {part.number} is larger than the denominator {of}", of)


def filters(items: Field) -> Iterator[Finding]:
    """Yield filters that may not stand together."""
    types = [item["type"].text for item in items]
    for position, item in enumerate(items):
        kind = types[position]
        if kind in types[:position] and kind not in ("RequestMirror", "ExtensionRef"):
            yield Finding(item["type"], f"only one filter of type {kind} is allowed")
        if kind == "URLRewrite" and "RequestRedirect" in types:
            yield Finding(item["type"], "URLRewrite cannot be combined with RequestRedirect")


def redirect(rule: Field) -> Iterator[Finding]:
    """Yield redirects of a rule that has backends."""
    if rule["backendRefs"].value and rule["backendRefs"].exists:
        for item in rule["filters"]:
            if item["requestRedirect"].exists:
                yield Finding(item["requestRedirect"], "a rule with a redirect must not have backendRefs")


def prefix(rule: Field) -> Iterator[Finding]:
    """Yield filters that replace a prefix where the rule has not exactly one match of a prefix.

    The API looks at a rule's backends only where one alone has such a filter.
    """
    kinds = [match.at("path.type").text or "PathPrefix" for match in rule["matches"]]
    if not rule["matches"].exists or kinds == ["PathPrefix"]:
        return  # without matches the API's default is one for every path
    for key in ("requestRedirect", "urlRewrite"):
        found = list(_prefixes(rule["filters"], key))
        of_backends = [_prefixes(backend["filters"], key) for backend in rule["backendRefs"]]
        behind = [kind for kinds in of_backends if len(once := list(kinds)) == 1 for kind in once]
        for kind in (*found, *(behind if len(behind) == 1 else ())):
            yield Finding(kind, "ReplacePrefixMatch needs a rule with exactly one match, of type PathPrefix")


def _prefixes(items: Field, key: str) -> Iterator[Field]:
    for item in items:
        replacement = item[key]["path"]
        if replacement["type"].text == "ReplacePrefixMatch" and replacement["replacePrefixMatch"].exists:
            yield replacement["type"]


def timeouts(block: Field) -> Iterator[Finding]:
    """Yield timeouts of one try that are longer than that of the whole request."""
    whole, backend = block["request"], block["backendRequest"]
    limit, part = milliseconds(whole.text), milliseconds(backend.text)
    if limit and part > limit:  # 0s is no limit
        yield Finding(
            backend, f"found {backend.text}, longer than the timeout of the whole request, {whole.text}", whole.text
        )


def matches(spec: Field) -> Iterator[Finding]:
    """Yield the rules of a route that has too many matches."""
    count = sum(len(list(rule["matches"])) if rule["matches"].exists else 1 for rule in spec["rules"])
    if count > _MOST_MATCHES:
        yield Finding(spec["rules"], f"found {count} matches in all rules together, expected at most {_MOST_MATCHES}")
