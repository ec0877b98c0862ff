"""The rendered package against the CRDs: structural schemas with unknown fields refused, CEL rules, defaults."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.conftest import EDITS, ROOT, Copy

Object = dict[str, Any]
Schemas = dict[tuple[str, str], list[tuple[str, Object]]]

BUILT_IN = {
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "Deployment",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
}
# The folders whose CRDs the release and GKE have; alt/ holds older revisions of HealthCheckPolicy.
OTHERS = ("gateway-api-standard-v1.6.1", "gke-gateway-api", "gmp", "alt")
FOLDERS = ("gaie-v1.0.0", *OTHERS)
FOLDERS_OF = {
    "gaie-v1.0": FOLDERS,
    "gaie-v1.5": ("gaie-v1.5.0", *OTHERS),
    "llm-d-router-v0.10": ("gaie-v1.5.0", "llm-d-router-v0.10.0", *OTHERS),
}
CUSTOM = {
    "GCPBackendPolicy",
    "Gateway",
    "HTTPRoute",
    "HealthCheckPolicy",
    "InferenceObjective",
    "InferencePool",
    "PodMonitoring",
}
# Kinds that other packages and examples hold.
MORE = {"InferenceModelRewrite", "ReferenceGrant"}


@pytest.fixture(scope="session")
def schemas(shared: Path) -> Schemas:
    """The schemas of every revision of our custom kinds, by API version and kind."""
    return schemas_of(shared, "gaie-v1.0")


def schemas_of(shared: Path, release: str) -> Schemas:
    """Return the schemas of a release's cluster, by API version and kind."""
    found: Schemas = {}
    for folder in FOLDERS_OF[release]:
        for file in sorted((shared / "crds" / folder).glob("*.yaml")):
            for crd in yaml.load_all(file.read_text(), Loader=yaml.CSafeLoader):
                if crd and crd["kind"] == "CustomResourceDefinition" and crd["spec"]["names"]["kind"] in CUSTOM | MORE:
                    for version in crd["spec"]["versions"]:
                        key = (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"])
                        found.setdefault(key, []).append((file.name, version["schema"]["openAPIV3Schema"]))
    return found


# Structural schemas


def closed(schema: Object) -> Object:
    """Return the JSON Schema of a structural schema in which unknown fields are faults, as in a strict dry run."""
    result = {key: value for key, value in schema.items() if not key.startswith("x-") and key != "format"}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            result[key] = closed(schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        result |= {key: [{**part} for part in schema[key]]} if key in schema else {}
    if "properties" in schema:
        result["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
        if "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            result["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
    if schema.get("format") in ("int32", "int64"):
        bits = int(schema["format"].removeprefix("int"))
        result = {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1, **result}
    return result


def schema_faults(one: Object, schema: Object) -> list[str]:
    strict = closed(schema)
    strict["properties"]["metadata"] = {"type": "object"}
    validator = jsonschema_rs.Draft7Validator(strict)
    return [f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(one)]


# CEL rules: what of a rule's text says which one it is, and the same rule in Python


def secrets(one: Any) -> Iterator[Object]:
    if isinstance(one, dict):
        for key, value in one.items():
            if key == "secret":
                yield value
            yield from secrets(value)


def parent_key(ref: Object) -> tuple[str, ...]:
    return tuple(str(ref.get(key) or "") for key in ("group", "kind", "name", "namespace", "sectionName"))


def listener_key(one: Object) -> tuple[Any, ...]:
    return one["port"], one["protocol"], one.get("hostname")


def implies(condition: bool, then: bool) -> bool:
    return then or not condition


def replaces_prefix(rule: Object, key: str) -> bool:
    paths = [each.get(key, {}).get("path", {}) for each in rule.get("filters", [])]
    return sum("replacePrefixMatch" in path for path in paths) == 1


def has_one_prefix(rule: Object) -> bool:
    return [match.get("path", {}).get("type") for match in rule["matches"]] == ["PathPrefix"]


def unique(keys: list[Any]) -> bool:
    return len(set(keys)) == len(keys)


TLS_MODES = {"HTTPS": ("", "Terminate"), "TLS": ("Terminate", "Passthrough")}
PATH_TYPES = ("Exact", "PathPrefix")
PATH = re.compile(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+\Z")
Rule = Callable[[re.Match[str], Any], bool]
RULES: tuple[tuple[str, Rule], ...] = (
    # PodMonitoring
    (
        r"self\.spec\.endpoints\.all\(e, !has\(e\.(\w+)\).*\.secret\.__namespace__",
        lambda m, x: not any("namespace" in s for e in x["spec"]["endpoints"] for s in secrets(e.get(m[1]))),
    ),
    (r"!has\(self\.timeout\) \|\| self\.timeout <= self\.interval", lambda _, x: "timeout" not in x),
    (
        r"\(\(has\(self\.authorization\)",
        lambda _, x: sum(key in x for key in ("authorization", "basicAuth", "oauth2")) <= 1,
    ),
    (r"self != 0\Z", lambda _, x: x != 0),
    (r"self != 'Basic'\Z", lambda _, x: x != "Basic"),
    # InferencePool
    (r"self\.kind != 'Service' \|\| has\(self\.port\)", lambda _, x: x["kind"] != "Service" or "port" in x),
    # HealthCheckPolicy
    (
        # One of the two left out counts as 5 s.
        r"has\(self\.checkIntervalSec\) && has|!has\(self\.checkInt|has\(self\.checkIntervalSec\) && !has",
        lambda _, x: x.get("checkIntervalSec", 5) >= x.get("timeoutSec", 5),
    ),
    (r"self\.type == '\w+' \? has\(self\.(\w+Check)\)", lambda m, x: implies(f"'{x['type']}'" in m[0], m[1] in x)),
    (
        r"self\.portSpecification == 'USE_FIXED_PORT'",
        lambda _, x: implies(x.get("portSpecification") == "USE_FIXED_PORT", "port" in x and "portName" not in x),
    ),
    (
        r"self\.portSpecification == 'USE_NAMED_PORT'",
        lambda _, x: implies(x.get("portSpecification") == "USE_NAMED_PORT", "portName" in x and "port" not in x),
    ),
    (
        r"self\.portSpecification == 'USE_SERVING_PORT'",
        lambda _, x: implies(
            x.get("portSpecification", "USE_SERVING_PORT") == "USE_SERVING_PORT", not {"port", "portName"} & x.keys()
        ),
    ),
    # Gateway
    (
        r"self\.all\(l, l\.protocol in .* \? !has\(l\.tls\)",
        lambda _, x: not any("tls" in each and each["protocol"] in ("HTTP", "TCP", "UDP") for each in x),
    ),
    (
        r"self\.all\(l, \(l\.protocol == '(HTTPS|TLS)'",
        lambda m, x: all(
            (m[1] == "HTTPS" or "tls" in each) and each.get("tls", {}).get("mode", "Terminate") in TLS_MODES[m[1]]
            for each in x
            if each["protocol"] == m[1]
        ),
    ),
    (r"!\(has\(self\.request\) && has\(self\.backendRequest\)", lambda _, x: "backendRequest" not in x),
    (
        r"self\.mode == 'Terminate' \? size\(self\.certificateRefs\)",
        lambda _, x: x.get("mode", "Terminate") != "Terminate" or bool(x.get("certificateRefs") or x.get("options")),
    ),
    (
        r"self\.all\(l, l\.protocol in \['TCP'",
        lambda _, x: not any(each["protocol"] in ("TCP", "UDP") and each.get("hostname") for each in x),
    ),
    (r"self\.all\(l1, self\.exists_one\(l2, l1\.name", lambda _, x: unique([each["name"] for each in x])),
    (r"self\.all\(l1, self\.exists_one\(l2, l1\.port", lambda _, x: unique([listener_key(each) for each in x])),
    (r"self\.all\(a1, a1\.type", lambda _, x: unique([(each["type"], each.get("value")) for each in x])),
    (r"self\.type == 'Hostname' \? ", lambda _, x: x["type"] != "Hostname"),
    # HTTPRoute
    (r"self\.all\(p1, self\.(all|exists_one)\(p2", lambda _, x: unique([parent_key(each) for each in x])),
    (
        r"\(self\.size\(\) > 0 \? self\[0\]\.matches",
        lambda _, x: sum(len(each.get("matches", [])) for each in x) <= 128,
    ),
    (
        r"\(has\(self\.backendRefs\) && size\(self\.backendRefs\) > 0\) \? \(!has\(self\.filters\)",
        lambda _, x: not (x.get("backendRefs") and any("requestRedirect" in each for each in x.get("filters", []))),
    ),
    (
        r"\(has\(self\.filters\) && .*exists_one\(f, has\(f\.(requestRedirect|urlRewrite)\)",
        lambda m, x: implies(replaces_prefix(x, m[1]), has_one_prefix(x)),
    ),
    (
        r"\(has\(self\.backendRefs\) && self\.backendRefs\.exists_one\(b, .*(requestRedirect|urlRewrite)",
        lambda _, x: not any(ref.get("filters") for ref in x.get("backendRefs", [])),
    ),
    (
        r"!\(self\.exists\(f, f\.type == 'RequestRedirect'\) && ",
        lambda _, x: not {"RequestRedirect", "URLRewrite"} <= {each["type"] for each in x},
    ),
    (
        r"self\.filter\(f, f\.type == '(\w+)'\)\.size\(\) <= 1",
        lambda m, x: sum(each["type"] == m[1] for each in x) <= 1,
    ),
    (r"!\(has\(self\.(\w+)\) && self\.type != '(\w+)'\)", lambda m, x: implies(m[1] in x, x["type"] == m[2])),
    (r"!\(!has\(self\.(\w+)\) && self\.type == '(\w+)'\)", lambda m, x: implies(x["type"] == m[2], m[1] in x)),
    (r"self\.type == '\w+' \? has\(self\.(replace\w+)\)", lambda m, x: implies(f"'{x['type']}'" in m[0], m[1] in x)),
    (r"has\(self\.(replace\w+)\) \? self\.type == '(\w+)'", lambda m, x: implies(m[1] in x, x["type"] == m[2])),
    (r"\(self\.type in .*\? self\.value\.startsWith\('/'\)", lambda _, x: x["value"].startswith("/")),
    (r"\(self\.type in .*\? !self\.value\.contains\('(.+)'\)", lambda m, x: m[1] not in x["value"]),
    (r"\(self\.type in .*\? !self\.value\.endsWith\('(.+)'\)", lambda m, x: not x["value"].endswith(m[1])),
    (r"self\.type in .*\|\| self\.type == 'Regular", lambda _, x: x["type"] in (*PATH_TYPES, "RegularExpression")),
    (r"\(self\.type in .*\? self\.value\.matches\(", lambda _, x: PATH.match(x["value"]) is not None),
    (
        r"\(size\(self\.group\) == 0 && self\.kind == 'Service'\)",
        lambda _, x: implies(not x["group"] and x["kind"] == "Service", "port" in x),
    ),
)


def cel_faults(schema: Object, value: Any, path: str) -> Iterator[str]:
    """Yield the rules of the schema that `value` breaks, and those that the table does not know."""
    for each in schema.get("x-kubernetes-validations", []):
        text = " ".join(each["rule"].split())
        if "oldSelf" in text:
            continue
        found = [(match, rule) for pattern, rule in RULES if (match := re.match(pattern, text))]
        if len(found) != 1:
            yield f"{path}: {len(found)} rows for the rule {text}"
        elif not found[0][1](found[0][0], value):
            yield f"{path}: {each.get('message', text)}"
    if isinstance(value, dict):
        for key, part in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                yield from cel_faults(inner, part, f"{path}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from cel_faults(schema.get("items", {}), part, f"{path}[{index}]")


def faults(one: Object, schemas: Schemas) -> list[str]:
    """Return what a strict API server with any of the revisions would say of a custom resource."""
    revisions = schemas.get((one["apiVersion"], one["kind"]), [])
    if not revisions:
        return [f"{one['kind']}: no CRD serves it in {one['apiVersion']}"]
    return [
        f"{one['kind']} {one['metadata']['name']}: {file}: {fault}"
        for file, schema in revisions
        for fault in (*schema_faults(one, schema), *cel_faults(schema, one, ""))
    ]


def custom(package: Copy) -> list[Object]:
    """Return the custom resources of a package."""
    return [one for one in package.objects() if one["kind"] not in BUILT_IN | {"Kptfile"}]


def test_every_custom_resource_fits_its_crd(package: Copy, schemas: Schemas) -> None:
    """Schema, unknown fields and CEL rules of every revision of the CRDs accept what the package holds."""
    assert {one["kind"] for one in custom(package)} == CUSTOM
    assert [fault for one in custom(package) for fault in faults(one, schemas)] == []


@pytest.mark.parametrize(
    "change", ["port", "host names", "path prefix", "namespace", "maximum output tokens", "priority"]
)
def test_custom_resources_fit_after_a_change_of_the_intent(package: Copy, schemas: Schemas, change: str) -> None:
    """What the intent can change in custom resources stays acceptable."""
    package.edit(*EDITS[change])
    assert package.render(), package.said
    assert [fault for one in custom(package) for fault in faults(one, schemas)] == []


BROKEN: tuple[tuple[str, str, Any, str], ...] = (
    (
        "HealthCheckPolicy",
        "spec.default.config.httpHealthCheck.portSpecification",
        None,
        "port and portName must be unset",
    ),
    ("HealthCheckPolicy", "spec.default.config.type", "TCP", "tcpHealthCheck must be specified"),
    ("HTTPRoute", "spec.rules.0.matches.0.path.value", "no-slash", "must be an absolute path"),
    ("HTTPRoute", "spec.rules.0.matches.0.path.value", "/a//b", "must not contain '//'"),
    ("HTTPRoute", "spec.rules.0.backendRefs.0.wieght", 1, "wieght"),
    ("InferencePool", "spec.targetPorts.0.number", 70000, "65535"),
    ("InferencePool", "spec.endpointPickerRef.port", None, "port is required"),
    ("InferenceObjective", "spec.priority", "high", "integer"),
    ("Gateway", "spec.listeners.0.protocol", "TLS", "tls mode must be set"),
    ("GCPBackendPolicy", "spec.default.connectionDraining.drainingTimeoutSec", 3601, "3600"),
    ("PodMonitoring", "spec.endpoints.0.authorization.type", "Basic", "authorization type"),
)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]} {case[1]}")
def test_the_check_sees_a_broken_resource(package: Copy, schemas: Schemas, case: tuple[str, str, Any, str]) -> None:
    """A value that the API server would refuse is refused here, so that the tests above mean something."""
    kind, path, value, message = case
    one = next(one for one in package.objects() if one["kind"] == kind)
    *parents, last = path.split(".")
    inner: Any = one
    for key in parents:
        inner = inner[int(key)] if key.isdigit() else inner[key]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    assert any(message in fault for fault in faults(one, schemas)), faults(one, schemas)


# Defaults of the API


def defaults(schema: Object, value: Any, path: str) -> Iterator[str]:
    """Yield the path of each field that the API server would add."""
    if isinstance(value, dict):
        for key, part in schema.get("properties", {}).items():
            if key in value:
                yield from defaults(part, value[key], f"{path}.{key}")
            elif "default" in part and f"{path}.{key}".count(".") > 1:
                yield f"{path}.{key}"
    elif isinstance(value, list):
        for part in value:
            yield from defaults(schema.get("items", {}), part, f"{path}[]")


def test_defaults_of_the_api_are_written_out(package: Copy, schemas: Schemas) -> None:
    """GitOps sees no drift: a field that the API server would fill in stands in the package already."""
    missing = {
        path
        for one in custom(package)
        for _, schema in schemas[one["apiVersion"], one["kind"]]
        for path in defaults(schema, one, one["kind"])
    }
    assert missing == set()


# Every package, and every object that an example of a function shows

EXAMPLES = sorted((ROOT / "functions" / "krm_inference").glob("generate_*/examples/*/expected.yaml"))


def sets(file: Path) -> Iterator[tuple[str, list[Object]]]:
    """Yield the release of a file's services, and the custom resources beside them."""
    documents: list[Object] = [one for one in yaml.safe_load_all(file.read_text()) if one]
    items = [item for one in documents for item in one.get("items", [one])]
    releases = {one["spec"]["release"] for one in items if one["kind"] == "LLMService" and "release" in one["spec"]}
    if len(releases) == 1:
        yield releases.pop(), [one for one in items if one["kind"] in CUSTOM | MORE]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parts[-4]} {file.parts[-2]}")
def test_what_examples_show_fits_its_crd(file: Path, shared: Path) -> None:
    """Each custom resource that a function makes in an example is one that a cluster of its release takes."""
    if "severity: error" in file.read_text():
        pytest.skip("the example shows a fault, and nothing is made")
    for release, objects in sets(file):
        own = [one for one in objects if "generated-by" in str(one["metadata"].get("annotations"))]
        assert [fault for one in own for fault in faults(one, schemas_of(shared, release))] == []


@pytest.mark.parametrize("name", [path.parent.name for path in sorted((ROOT / "packages").glob("*/Kptfile"))])
def test_every_package_fits_the_crds_of_its_release(name: str, shared: Path) -> None:
    """Schema, unknown fields, CEL rules and defaults of the release's CRDs accept what a package holds."""
    package = Copy(ROOT / "packages" / name)
    releases = re.findall(r"^  release: (\S+)$", "".join(package.texts().values()), re.MULTILINE)
    known = schemas_of(shared, releases[0])
    assert set(releases) == {releases[0]}
    assert [fault for one in custom(package) for fault in faults(one, known)] == []
    found = [
        f"{one['kind']} {path}"
        for one in custom(package)
        for _, schema in known[one["apiVersion"], one["kind"]]
        for path in defaults(schema, one, one["kind"])
    ]
    assert found == []
