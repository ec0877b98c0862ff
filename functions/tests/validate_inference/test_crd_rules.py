"""Every CEL rule of every CRD, asked of CEL itself and of validate-inference, with objects that keep and break it.

`crd_rules.yaml` holds the objects, and why some rules are not checked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest
import yaml
from crd_changes import changes
from crds import HERE, Json, Rule, bases, broken, misfits, needs_crds, replaced, revisions, rules_of
from krm_functions_sdk import INFO, Resource
from krm_functions_sdk.document import emitter, field_path
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.validate_inference.rules import api, fields
from krm_inference.validate_inference.rules.fields.tables import TABLES

pytest.importorskip("cel_expr_python")
pytestmark = needs_crds
TABLE = yaml.safe_load((HERE / "crd_rules.yaml").read_text(encoding="utf-8"))
OURS = {kind for _, kind in TABLES}
# The rules that speak of one object by itself.
OF_ONE = [rule for topic in (api.TOPIC, fields.TOPIC) for rule in topic.rules if rule.severity != INFO]


class Case(NamedTuple):
    """An object with some fields changed, and the field at which it breaks a rule, "" where it breaks none.

    `beyond` is why it is found though CEL has no such rule.
    """

    kind: str
    fields: dict[str, Any]
    found: str = ""
    beyond: str = ""

    def object(self) -> Json:
        [one] = [one for one in bases() if one["kind"] == self.kind]
        for path, value in self.fields.items():
            one = replaced(one, steps(path), value)
        return one


def steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(key) if key.isdigit() else key for key in path.split("."))


def tabled() -> Iterator[Case]:
    """Yield the cases of the table."""
    for kind, rows in TABLE["cases"].items():
        for row in rows:
            changed: dict[str, Any] = {
                path: value for path, value in row.items() if path not in ("drop", "found", "beyond")
            }
            yield Case(
                kind,
                changed | ({row["drop"]: ...} if "drop" in row else {}),
                row.get("found", ""),
                row.get("beyond", ""),
            )


FILTERS: dict[str, tuple[str, Json]] = {
    "RequestHeaderModifier": ("requestHeaderModifier", {"remove": ["a"]}),
    "ResponseHeaderModifier": ("responseHeaderModifier", {"remove": ["a"]}),
    "RequestMirror": ("requestMirror", {"backendRef": {"name": "a", "port": 80}}),
    "RequestRedirect": ("requestRedirect", {"hostname": "a"}),
    "URLRewrite": ("urlRewrite", {"hostname": "a"}),
    "ExtensionRef": ("extensionRef", {"group": "a.io", "kind": "A", "name": "a"}),
    "CORS": ("cors", {"allowCredentials": True}),
}


def of_filters() -> Iterator[Case]:
    """Yield cases of the filters of a rule, and of those of a backend."""
    for path, place in (
        ("spec.rules.3.filters", "spec.rules[3].filters"),
        ("spec.rules.0.backendRefs.0.filters", "spec.rules[0].backendRefs[0].filters"),
    ):
        every = {name: {"type": name, block: value} for name, (block, value) in FILTERS.items()}

        def case(*filters: Json, at: str = "", path: str = path, place: str = place) -> Case:
            return Case("HTTPRoute", {path: list(filters)}, f"{place}{at}" if at else "")

        for name, (block, value) in FILTERS.items():
            other = "URLRewrite" if name != "URLRewrite" else "CORS"
            yield case(every[name])
            yield case({"type": name}, at=f"[0].{block}")
            yield case({**every[other], block: value}, at=f"[0].{block}")
            takes_two = name in ("RequestMirror", "ExtensionRef")
            yield case(every[name], every[name], at="" if takes_two else "[1].type")
        yield case(every["RequestRedirect"], every["URLRewrite"], at="[1].type")
        for name in ("allowHeaders", "allowMethods", "allowOrigins"):
            yield case({"type": "CORS", "cors": {name: ["*"]}})
            yield case(
                {"type": "CORS", "cors": {name: ["*", "https://a" if name == "allowOrigins" else "GET"]}},
                at=f"[0].cors.{name}",
            )
        mirror = FILTERS["RequestMirror"][1]
        for fields_of, at in (
            ({"percent": 1, "fraction": {"numerator": 1}}, "fraction"),
            ({"fraction": {"numerator": 101}}, "fraction.numerator"),
            ({"fraction": {"numerator": 2, "denominator": 1}}, "fraction.numerator"),
            ({"fraction": {"numerator": 2, "denominator": 2}}, ""),
            ({"backendRef": {"name": "a"}}, "backendRef.port"),
            ({"backendRef": {"name": "a", "group": "a.io"}}, ""),
        ):
            one = {"type": "RequestMirror", "requestMirror": {**mirror, **fields_of}}
            yield case(one, at=f"[0].requestMirror.{at}" if at else "")
        for name, block in (("RequestRedirect", "requestRedirect"), ("URLRewrite", "urlRewrite")):
            for kind, key in (("ReplaceFullPath", "replaceFullPath"), ("ReplacePrefixMatch", "replacePrefixMatch")):
                other = "replacePrefixMatch" if key == "replaceFullPath" else "replaceFullPath"
                both = {"type": kind, key: "/", other: "/"}
                yield case({"type": name, block: {"path": {"type": kind}}}, at=f"[0].{block}.path.{key}")
                yield case({"type": name, block: {"path": both}}, at=f"[0].{block}.path.{other}")


def of_health_checks() -> Iterator[Case]:
    """Yield cases of the blocks of a health check."""
    config = "spec.default.config"
    for kind, block in (("TCP", "tcp"), ("HTTP", "http"), ("HTTPS", "https"), ("HTTP2", "http2"), ("GRPC", "grpc")):
        key, other = f"{block}HealthCheck", "tcpHealthCheck" if kind != "TCP" else "httpHealthCheck"
        yield Case(
            "HealthCheckPolicy",
            {config: {"type": kind, other: {"portSpecification": "USE_SERVING_PORT"}}},
            f"{config}.{key}",
        )
        for ports, at in (
            ({}, "portSpecification"),
            ({"port": 80}, "portSpecification"),
            ({"portName": "a"}, "portSpecification"),
            ({"portSpecification": "USE_SERVING_PORT"}, ""),
            ({"portSpecification": "USE_SERVING_PORT", "port": 80}, "portSpecification"),
            ({"portSpecification": "USE_FIXED_PORT"}, "port"),
            ({"portSpecification": "USE_FIXED_PORT", "port": 80, "portName": "a"}, "portName"),
            ({"portSpecification": "USE_NAMED_PORT"}, "portName"),
            ({"portSpecification": "USE_NAMED_PORT", "portName": "a"}, ""),
            ({"portSpecification": "USE_NAMED_PORT", "port": 80, "portName": "a"}, "port"),
        ):
            yield Case("HealthCheckPolicy", {config: {"type": kind, key: ports}}, f"{config}.{key}.{at}" if at else "")


def of_secrets() -> Iterator[Case]:
    """Yield Secrets of a monitor that name a namespace, which a ClusterPodMonitoring may."""
    for path, place in (
        ("spec.endpoints.0.authorization.credentials", "spec.endpoints[0].authorization.credentials"),
        ("spec.endpoints.0.tls.ca", "spec.endpoints[0].tls.ca"),
        ("spec.endpoints.0.tls.cert", "spec.endpoints[0].tls.cert"),
        ("spec.endpoints.0.tls.key", "spec.endpoints[0].tls.key"),
        ("spec.endpoints.1.oauth2.clientSecret", "spec.endpoints[1].oauth2.clientSecret"),
        ("spec.endpoints.2.basicAuth.password", "spec.endpoints[2].basicAuth.password"),
    ):
        changed = {f"{path}.secret.namespace": "b"}
        yield Case("PodMonitoring", changed, f"{place}.secret.namespace")
        yield Case("ClusterPodMonitoring", changed)


def of_limits() -> Iterator[Case]:
    """Yield cases whose values are too long for a table."""
    yield Case(
        "HTTPRoute", {"spec.rules.2": {"matches": [{}] * 64}, "spec.rules.3": {"matches": [{}] * 63}}, "spec.rules"
    )
    yield Case("HTTPRoute", {"spec.rules.2": {"matches": [{}] * 64}, "spec.rules.3": {"matches": [{}] * 62}})
    for name in ("labels", "annotations"):
        for length in (252, 253):
            key = f"{'a' * length}/b"
            at = f"spec.infrastructure.{name}[{key}]" if length == 253 else ""
            yield Case("Gateway", {f"spec.infrastructure.{name}": {key: "c"}}, at)
        yield Case("Gateway", {f"spec.infrastructure.{name}": {"-a": "b"}}, f"spec.infrastructure.{name}.-a")


CASES = [*tabled(), *of_filters(), *of_health_checks(), *of_secrets(), *of_limits()]


@cache
def breaks(number: int) -> frozenset[tuple[str, Rule]]:
    """Return the rules that a case breaks in the revision of its kind that says least."""
    one = CASES[number].object()
    if CASES[number].beyond:
        return frozenset()
    known = revisions()[one["apiVersion"], one["kind"]]
    assert [schema for schema in known if not misfits(schema, one)], (one, [misfits(schema, one) for schema in known])
    found = [broken(schema, one) for schema in known if not misfits(schema, one)]
    return frozenset((one["kind"], rule) for rule in min(found, key=len))


def said(one: Json) -> list[str]:
    """Return the fields at which validate-inference finds something in an object by itself."""
    index = Index([Resource(emitter.document(one))])
    return sorted({field_path.show(found.field.path) for rule in OF_ONE for found in rule.check(index)})


def named(case: Case) -> str:
    return f"{case.kind} {' '.join(f'{path}={value}' for path, value in case.fields.items())}"[:120]


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: named(CASES[number]))
def test_what_cel_refuses_is_found_at_its_field_and_what_it_takes_is_not(number: int) -> None:
    case = CASES[number]
    if not case.beyond:
        assert bool(breaks(number)) == bool(case.found)
    assert said(case.object()) == ([case.found] if case.found else [])


@pytest.mark.parametrize("base", bases(), ids=lambda base: base["kind"])
def test_the_objects_break_no_rule(base: Json) -> None:
    for schema in revisions()[base["apiVersion"], base["kind"]]:
        assert (misfits(schema, base), broken(schema, base)) == ([], set())
    assert said(base) == []


@pytest.mark.parametrize("base", bases(), ids=lambda base: base["kind"])
def test_what_we_say_of_any_changed_field_is_what_cel_says(base: Json, far: bool) -> None:
    """Of objects that the schema takes; the rules beyond CEL have cases of their own. One of three is tried near by."""
    schemas = revisions()[base["apiVersion"], base["kind"]]
    asked = 0
    for what, one in itertools.islice(changes(base), 0, None, 1 if far else 3):
        takes = [schema for schema in schemas if not misfits(schema, one)]
        if takes and not what.endswith("Labels{} = 'None'"):  # it is dropped there, and of no use
            asked += 1
            theirs = min((broken(schema, one) for schema in takes), key=len)
            assert bool(said(one)) == bool(theirs), (what, said(one), theirs)
    assert asked > 10


def known() -> set[tuple[str, Rule]]:
    """Return the rules of all kinds."""
    return {
        (kind, rule) for (_, kind), schemas in revisions().items() for schema in schemas for rule in rules_of(schema)
    }


def listed(part: str) -> set[tuple[str, Rule]]:
    """Return the rules that a part of the table means; each row means at least one."""
    found = set()
    for row in TABLE[part]:
        meant = {
            (kind, rule)
            for kind, rule in known()
            if (kind, rule.path) == (row["kind"], row["path"]) and row.get("rule", "") in rule.text
        }
        assert meant, row
        found |= meant
    return found


def test_every_rule_of_a_kind_of_ours_is_broken_by_an_object_or_is_listed_as_out_of_reach() -> None:
    ours = {(kind, rule) for kind, rule in known() if kind in OURS}
    reached = {each for number in range(len(CASES)) for each in breaks(number)}
    assert ours - reached == listed("unreachable")


def test_every_rule_is_broken_by_an_object_that_breaks_no_other() -> None:
    """Else a finding could be meant for the other rule."""
    broken_by = [breaks(number) for number in range(len(CASES))]
    reached = {each for found in broken_by for each in found}
    alone = {each for found in broken_by if len(found) == 1 for each in found}
    assert reached - alone == listed("never-alone")


def test_every_other_kind_with_rules_is_listed_with_a_reason() -> None:
    assert {kind for kind, _ in known()} - OURS == TABLE["others"].keys()
    assert all(TABLE["others"].values())
    assert not OURS & TABLE["others"].keys()


def test_the_kinds_and_versions_that_we_know_are_those_of_the_crds() -> None:
    theirs = {(version.partition("/")[0], kind): set[str]() for version, kind in revisions()}
    for version, kind in revisions():
        theirs[version.partition("/")[0], kind].add(version.partition("/")[2])
    for (group, kind), versions in theirs.items():
        assert kind in groups.kinds_of(group), kind
        assert set(groups.SERVED.get((group, kind), versions)) <= versions, kind
    # Of the Prometheus Operator's definitions no copy is here; the judge has them.
    ours = {key for key in groups.SERVED if "." in key[0] and key[0] not in (groups.RBAC, groups.PROMETHEUS)}
    assert ours <= theirs.keys()
