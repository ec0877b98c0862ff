"""The rendered package against the CRDs: structural schemas with unknown fields refused, CEL rules, defaults."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import crds
import pytest
import yaml

from tests.conftest import EDITS, ROOT, SERVING, Copy

pytestmark = crds.needs_crds
Object = dict[str, Any]
Schemas = dict[crds.Kind, list[Object]]

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
# The folders whose CRDs every cluster has; alt/ holds older revisions of HealthCheckPolicy.
OTHERS = ("gateway-api-standard-v1.6.1", "gke-gateway-api", "gmp", "alt")
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
def schemas() -> Schemas:
    """The schemas of every revision of our custom kinds, by API version and kind."""
    return schemas_of("gaie-v1.0")


def schemas_of(release: str) -> Schemas:
    """Return the schemas of a release's cluster."""
    return crds.revisions((*crds.OF_RELEASE[release], *OTHERS))


def faults(one: Object, schemas: Schemas) -> list[str]:
    """Return what a strict API server with any of the revisions would say of a custom resource."""
    revisions = schemas.get((one["apiVersion"], one["kind"]), [])
    if not revisions:
        return [f"{one['kind']}: no CRD serves it in {one['apiVersion']}"]
    return [
        f"{one['kind']} {one['metadata']['name']}: revision {number}: {fault}"
        for number, schema in enumerate(revisions, 1)
        for fault in crds.faults(schema, one)
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
        for schema in schemas[one["apiVersion"], one["kind"]]
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
def test_what_examples_show_fits_its_crd(file: Path) -> None:
    """Each custom resource that a function makes in an example is one that a cluster of its release takes."""
    if "severity: error" in file.read_text():
        pytest.skip("the example shows a fault, and nothing is made")
    for release, objects in sets(file):
        own = [one for one in objects if "generated-by" in str(one["metadata"].get("annotations"))]
        assert [fault for one in own for fault in faults(one, schemas_of(release))] == []


# The definitions of Istio and of the Prometheus Operator are the judge's.
ON_GKE = [package.name for package in SERVING if "gke-" in (package / "gateway.yaml").read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", ON_GKE)
def test_every_package_fits_the_crds_of_its_release(name: str) -> None:
    """Schema, unknown fields, CEL rules and defaults of the release's CRDs accept what a package holds."""
    package = Copy(ROOT / "packages" / name)
    releases = re.findall(r"^  release: (\S+)$", "".join(package.texts().values()), re.MULTILINE)
    known = schemas_of(releases[0])
    assert set(releases) == {releases[0]}
    assert [fault for one in custom(package) for fault in faults(one, known)] == []
    found = [
        f"{one['kind']} {path}"
        for one in custom(package)
        for schema in known[one["apiVersion"], one["kind"]]
        for path in defaults(schema, one, one["kind"])
    ]
    assert found == []
