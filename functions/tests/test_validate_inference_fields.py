"""The tables of fields against the CRDs, the checks against a JSON Schema validator, and the rules between fields."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from krm_functions_sdk import Resource, emitter, field_path
from krm_inference.validate_inference.field_rules import contradictions
from krm_inference.validate_inference.field_tables import TABLES
from krm_inference.validate_inference.fields import ELSEWHERE, Shape, faults_of, shapes
from krm_inference.validate_inference.index import Index

CRDS = Path(__file__).resolve().parents[2].parent / "shared" / "crds"
FOLDERS = (
    "gaie-v1.0.0", "gaie-v1.5.0", "gaie-v1.6.0", "gateway-api-standard-v1.6.1", "gke-gateway-api", "gmp",
    "llm-d-router-v0.10.0",
)  # fmt: skip
needs_crds = pytest.mark.skipif(not CRDS.exists(), reason="the CRDs are not here")
Json = dict[str, Any]
BOUNDS = ("imum", "Length", "Items", "Properties")


@cache
def revisions() -> dict[tuple[str, str], list[Json]]:
    """The schemas of all revisions of each kind, the oldest first."""
    found: dict[tuple[str, str], list[Json]] = {}
    for file in (file for folder in FOLDERS for file in sorted((CRDS / folder).glob("*.yaml"))):
        for crd in yaml.load_all(file.read_text(), Loader=yaml.CSafeLoader):
            if crd and crd["kind"] == "CustomResourceDefinition":
                for version in crd["spec"]["versions"]:
                    key = f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]
                    found.setdefault(key, []).append(version["schema"]["openAPIV3Schema"])
    return found


def described(
    schema: Json, stops: set[str], path: str = "spec", *, required: bool = False
) -> Iterator[tuple[str, Shape]]:
    """Yield each field of a schema in the terms of our tables; those at `stops` are not looked into."""
    kind = {"string": "text", "array": "list", "integer": "int", "boolean": "bool"}.get(schema.get("type", ""), "")
    kind = kind or schema.get("type", "any")
    if kind == "object" and not schema.get("properties"):
        kind = "map"
    kind = "int|text" if schema.get("x-kubernetes-int-or-string") else "enum" if "enum" in schema else kind
    if path in stops:
        yield path, Shape("any", is_required=required)
        return
    low, high = (next((schema[end + what] for what in BOUNDS if end + what in schema), None) for end in ("min", "max"))
    yield path, Shape(kind, low or None if kind == "text" else low, high, tuple(schema.get("enum", ())), "", required)
    for name, part in schema.get("properties", {}).items():
        yield from described(part, stops, f"{path}.{name}", required=name in schema.get("required", ()))
    if "items" in schema:
        yield from described(schema["items"], stops, f"{path}[]")


def merged(schemas: list[Json], stops: set[str]) -> dict[str, Shape]:
    """Return the fields that some revision has, with the widest bounds."""
    tables = [
        dict(described(schema["properties"]["spec"], stops, required="spec" in schema.get("required", ())))
        for schema in schemas
    ]
    result = {}
    for path in dict.fromkeys(path for table in tables for path in table):
        found = [table[path] for table in tables if path in table]
        lows, highs = [shape.low for shape in found], [shape.high for shape in found]
        result[path] = Shape(
            found[-1].type,
            None if None in lows else min(low for low in lows if low is not None),
            None if None in highs else max(high for high in highs if high is not None),
            tuple(dict.fromkeys(value for shape in found for value in shape.values)),
            "",
            len(found) == len(tables) and all(shape.is_required for shape in found),
        )
    return result


@needs_crds
@pytest.mark.parametrize("key", TABLES, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_table_says_what_the_crds_say(key: tuple[str, str]) -> None:
    ours = shapes(TABLES[key])
    stops = {path for path, shape in ours.items() if shape.type == "any"}
    theirs = merged(revisions()[key], stops)
    assert {path: shape._replace(format="") for path, shape in ours.items()} == theirs
    # What is only elsewhere is not here: else it belongs into the table.
    assert not set(ELSEWHERE.get(key[1], ())) & ours.keys()


def closed(schema: Json) -> Json:
    """Return the JSON Schema in which unknown fields are faults."""
    result = {key: value for key, value in schema.items() if not key.startswith("x-") and key != "format"}
    if "items" in schema:
        result["items"] = closed(schema["items"])
    if "properties" in schema:
        result["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
        result["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
    return result


BASES = """\
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  targetPorts: [{number: 8000}]
  endpointPickerRef: {group: "", kind: Service, name: a, failureMode: FailOpen, port: {number: 9002}}
---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferenceObjective
metadata: {name: a}
spec: {priority: 1, poolRef: {group: inference.networking.k8s.io, kind: InferencePool, name: a}}
---
apiVersion: llm-d.ai/v1alpha2
kind: InferenceModelRewrite
metadata: {name: a}
spec:
  poolRef: {name: a}
  rules:
  - matches: [{model: {type: Exact, value: a}}]
    targets: [{modelRewrite: b, weight: 1}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec:
  parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: a, namespace: b, sectionName: http, port: 80}]
  hostnames: [a.example.com]
  rules:
  - matches:
    - path: {type: PathPrefix, value: /}
      method: GET
      headers: [{type: Exact, name: a, value: b}]
      queryParams: [{type: Exact, name: a, value: b}]
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: {set: [{name: a, value: b}], add: [{name: b, value: b}], remove: [c]}
    - type: URLRewrite
      urlRewrite: {hostname: a.example.com, path: {type: ReplaceFullPath, replaceFullPath: /}}
    backendRefs: [{group: a.io, kind: InferencePool, name: a, namespace: b, port: 80, weight: 1}]
    timeouts: {request: 10s, backendRequest: 5s}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a}
spec:
  gatewayClassName: gke-l7-regional-external-managed
  listeners:
  - name: https
    hostname: a.example.com
    port: 443
    protocol: HTTPS
    tls: {mode: Terminate, certificateRefs: [{group: "", kind: Secret, name: a, namespace: b}]}
    allowedRoutes: {namespaces: {from: Same}, kinds: [{group: gateway.networking.k8s.io, kind: HTTPRoute}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: a}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: a}]
  to: [{group: inference.networking.k8s.io, kind: InferencePool, name: a}]
---
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata: {name: a}
spec:
  targetRef: {group: a.io, kind: InferencePool, name: a, namespace: b}
  default:
    checkIntervalSec: 15
    timeoutSec: 10
    healthyThreshold: 1
    unhealthyThreshold: 1
    logConfig: {enabled: true}
    config:
      type: HTTP
      httpHealthCheck:
        {portSpecification: USE_FIXED_PORT, port: 80, requestPath: /, host: a, proxyHeader: NONE, response: a}
---
apiVersion: networking.gke.io/v1
kind: GCPBackendPolicy
metadata: {name: a}
spec:
  targetRef: {group: a.io, kind: InferencePool, name: a}
  default:
    timeoutSec: 300
    connectionDraining: {drainingTimeoutSec: 60}
    logging: {enabled: true, sampleRate: 1}
    maxRatePerEndpoint: 1
    backendPreference: DEFAULT
    securityPolicy: a
    sessionAffinity: {type: NONE, cookieTtlSec: 1}
---
apiVersion: monitoring.googleapis.com/v1
kind: PodMonitoring
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  endpoints:
  - port: http
    interval: 5s
    path: /metrics
    scheme: http
    authorization: {type: Bearer, credentials: {secret: {name: a, key: token}}}
"""
NEAR: tuple[Any, ...] = (None, True, "", "a", "A", "-", "a.b", "a" * 63, "a" * 64, [], {}, {"a": "b"}, 1.5, "1")
# What our tables leave to the API server: the format of texts that neither names nor hosts are, and dropped nulls.
LEFT = ("pattern", "not match", "does not match")


def bases() -> list[Json]:
    return list(yaml.safe_load_all(BASES))


def changes(kind: Json) -> Iterator[tuple[str, Json]]:
    """Yield the object with one field dropped, misspelt, or set to a value that is at or beyond a limit."""
    table = shapes(TABLES[kind["apiVersion"], kind["kind"]])

    def walk(value: Any, path: tuple[Any, ...], shape_path: str) -> Iterator[tuple[tuple[Any, ...], str]]:
        yield path, shape_path
        if table.get(shape_path, Shape("any")).type in ("any", "map"):
            return
        if isinstance(value, dict):
            for key, part in value.items():
                yield from walk(part, (*path, key), f"{shape_path}.{key}")
        elif isinstance(value, list):
            for index, part in enumerate(value):
                yield from walk(part, (*path, index), f"{shape_path}[]")

    for path, shape_path in walk(kind["spec"], ("spec",), "spec"):
        shape = table[shape_path]
        numbers = [end + by for end in (shape.low, shape.high) if end is not None for by in (-1, 0, 1)]
        values = [*NEAR, *shape.values, *(numbers if "int" in shape.type else ())]
        values += ["a" * size for size in numbers if shape.type == "text" and 0 < size < 3000]
        for value in values:
            yield f"{shape_path} = {str(value)[:20]!r}", replaced(kind, path, value)
        if not isinstance(path[-1], int):
            yield f"{shape_path} dropped", replaced(kind, path, ...)
            yield f"{shape_path} misspelt", replaced(replaced(kind, path, ...), (*path[:-1], f"{path[-1]}x"), "a")


def replaced(kind: Json, path: tuple[Any, ...], value: Any) -> Json:
    result = copy.deepcopy(kind)
    inner: Any = result
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return result


def verdict(one: Json) -> list[str]:
    index = Index([Resource(emitter.document(one))])
    return [f"{fault.kind}: {fault.finding.message}" for item in index.objects for fault in faults_of(item)]


def without_nulls(value: Any) -> Any:
    """Return the value as the API server reads it: it drops a null of a field."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


@needs_crds
@pytest.mark.parametrize("base", bases(), ids=lambda base: base["kind"])
def test_the_checks_say_what_a_validator_says_with_the_crd(base: Json) -> None:
    validators = []
    for revision in revisions()[base["apiVersion"], base["kind"]]:
        schema = closed(revision)
        schema["properties"]["metadata"] = {"type": "object"}
        validators.append(jsonschema_rs.Draft7Validator(schema))
    assert verdict(base) == []
    count = 0
    for what, one in changes(base):
        # The widest of all revisions holds.
        errors = min(
            ([error.message for error in each.iter_errors(without_nulls(one))] for each in validators), key=len
        )
        theirs = [message for message in errors if not any(left in message for left in LEFT)]
        ours = [message for message in verdict(one) if "which is no " not in message]
        if len(errors) == len(theirs):
            assert bool(ours) == bool(theirs), (what, ours, theirs)
        # A format that we refuse is one that the CRD refuses.
        assert errors or not verdict(one), (what, verdict(one))
        count += 1
    assert count > 50


PREFIX = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}
CONTRADICTIONS: tuple[tuple[str, str, Any, str], ...] = (
    ("InferencePool", "spec.endpointPickerRef.port", ..., "spec.endpointPickerRef.port.number"),
    ("InferencePool", "spec.targetPorts", [{"number": 1}, {"number": 1}], "spec.targetPorts[1].number"),
    ("HTTPRoute", "spec.rules.0.matches.0.path.value", "/a//b", "spec.rules[0].matches[0].path.value"),
    ("HTTPRoute", "spec.rules.0.matches.0.path.value", "/a/..", "spec.rules[0].matches[0].path.value"),
    ("HTTPRoute", "spec.rules.0.backendRefs.0", {"name": "a"}, "spec.rules[0].backendRefs[0].port"),
    ("HTTPRoute", "spec.parentRefs", [{"name": "a"}, {"name": "a"}], "spec.parentRefs[1].name"),
    ("HTTPRoute", "spec.rules.0.filters.0.type", "CORS", "spec.rules[0].filters[0].cors"),
    ("HTTPRoute", "spec.rules.0.filters.1.requestRedirect", {}, "spec.rules[0].filters[1].requestRedirect"),
    ("HTTPRoute", "spec.rules.0.matches", [{}] * 129, "spec.rules"),
    ("HTTPRoute", "spec.rules.0.timeouts.backendRequest", "10001ms", "spec.rules[0].timeouts.backendRequest"),
    ("HTTPRoute", "spec.rules.0.timeouts.request", "4s999ms", "spec.rules[0].timeouts.backendRequest"),
    (
        "HTTPRoute",
        "spec.parentRefs",
        [{"name": "a", "sectionName": "b"}, {"kind": "Gateway", "name": "a"}],
        "spec.parentRefs[1].sectionName",
    ),
    (
        "HTTPRoute",
        "spec.rules.0",
        {
            "matches": [{"path": {"type": "Exact", "value": "/"}}],
            "filters": [{"type": "URLRewrite", "urlRewrite": {"path": PREFIX}}],
        },
        "spec.rules[0].filters[0].urlRewrite.path.type",
    ),
    (
        "HTTPRoute",
        "spec.rules.0",
        {
            "matches": [{"path": {"value": "/a"}}, {"path": {"value": "/b"}}],
            "filters": [{"type": "RequestRedirect", "requestRedirect": {"path": PREFIX}}],
        },
        "spec.rules[0].filters[0].requestRedirect.path.type",
    ),
    ("Gateway", "spec.listeners.0.protocol", "HTTP", "spec.listeners[name=https].tls"),
    ("Gateway", "spec.listeners.0.protocol", "TCP", "spec.listeners[name=https].tls"),
    ("Gateway", "spec.listeners.0.tls.mode", "Passthrough", "spec.listeners[name=https].tls.mode"),
    ("Gateway", "spec.listeners.0.tls.certificateRefs", ..., "spec.listeners[name=https].tls.certificateRefs"),
    ("HealthCheckPolicy", "spec.default.timeoutSec", 16, "spec.default.timeoutSec"),
    ("HealthCheckPolicy", "spec.default.checkIntervalSec", ..., "spec.default.timeoutSec"),
    ("HealthCheckPolicy", "spec.default", {"checkIntervalSec": 4}, "spec.default.checkIntervalSec"),
    (
        "InferenceModelRewrite",
        "spec.rules.0.targets",
        [{"modelRewrite": "a", "weight": 1}, {"modelRewrite": "b"}],
        "spec.rules[0].targets[1].weight",
    ),
    ("PodMonitoring", "spec.endpoints.0.authorization.type", "Basic", "spec.endpoints[0].authorization.type"),
    ("PodMonitoring", "spec.endpoints.0.timeout", "5001ms", "spec.endpoints[0].timeout"),
    ("PodMonitoring", "spec.endpoints.0.port", 0, "spec.endpoints[0].port"),
    ("PodMonitoring", "spec.endpoints.0.basicAuth", {}, "spec.endpoints[0].basicAuth"),
    (
        "PodMonitoring",
        "spec.endpoints.0.authorization.credentials.secret.namespace",
        "a",
        "spec.endpoints[0].authorization.credentials.secret.namespace",
    ),
)


@pytest.mark.parametrize("case", CONTRADICTIONS, ids=lambda case: f"{case[0]} {case[1]}")
def test_fields_that_contradict_each_other_are_found(case: tuple[str, str, Any, str]) -> None:
    kind, path, value, field = case
    [base] = [one for one in bases() if one["kind"] == kind]
    assert contradicted(base) == []
    assert field in contradicted(replaced(base, keys(path), value))


AGREEMENTS: tuple[tuple[str, str, Any], ...] = (
    ("HTTPRoute", "spec.rules.0.timeouts.backendRequest", "10000ms"),
    ("HTTPRoute", "spec.rules.0.timeouts.request", "0s"),
    ("HTTPRoute", "spec.rules.0.timeouts", {"backendRequest": "1h"}),
    ("HTTPRoute", "spec.parentRefs", [{"name": "a", "sectionName": "b"}, {"name": "a", "sectionName": "c"}]),
    ("HTTPRoute", "spec.parentRefs", [{"name": "a", "sectionName": "b"}, {"name": "a", "namespace": "c"}]),
    ("HTTPRoute", "spec.rules.0", {"filters": [{"type": "URLRewrite", "urlRewrite": {"path": PREFIX}}]}),
    (
        "HTTPRoute",
        "spec.rules.0",
        {"matches": [{}], "filters": [{"type": "URLRewrite", "urlRewrite": {"path": PREFIX}}]},
    ),
    ("PodMonitoring", "spec.endpoints.0", {"port": 80, "interval": "10s", "timeout": "9s"}),
    ("PodMonitoring", "spec.endpoints.0", {"port": 80, "interval": "1m", "timeout": "60s"}),
    ("PodMonitoring", "spec.endpoints.0", {"port": 80, "interval": "5.5s", "timeout": "5.4s"}),
)


@pytest.mark.parametrize("case", AGREEMENTS, ids=lambda case: f"{case[0]} {case[1]} {case[2]}")
def test_fields_that_agree_are_let_be(case: tuple[str, str, Any]) -> None:
    kind, path, value = case
    [base] = [one for one in bases() if one["kind"] == kind]
    assert contradicted(replaced(base, keys(path), value)) == []


def keys(path: str) -> tuple[str | int, ...]:
    return tuple(int(key) if key.isdigit() else key for key in path.split("."))


def contradicted(one: Json) -> list[str]:
    found = contradictions(Index([Resource(emitter.document(one))]))
    return [field_path.show(finding.field.path) for finding in found]
