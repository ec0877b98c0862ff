"""The rendered package against what it replaces, field by field: the pool's chart and the tutorial's manifests."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_inference.domain.facts.releases import RELEASES

from tests.conftest import ROOT, Copy

Object = dict[str, Any]
Fields = dict[str, str]

S = "vllm-llama3.1-8b-instruct"
B = "vllm-llama3-1-8b-instruct"
KEYS = ("name", "key", "mountPath", "id", "pluginRef", "type", "number")


def leaves(one: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of each scalar with its value; items of lists by their key, YAML inside a text is read as well."""
    if isinstance(one, dict) and one:
        for key, value in one.items():
            yield from leaves(value, path + (f"[{key}]" if re.search(r"[./]", key) else f".{key}"))
    elif isinstance(one, list):
        for label, value in arguments(one) if path.endswith(".args") else labelled(one):
            yield from leaves(value, f"{path}[{label}]")
    elif isinstance(one, str) and "\n" in one:
        yield from leaves(yaml.safe_load(one), path)
    else:
        yield path.removeprefix("."), str(one)


def labelled(items: list[Any]) -> Iterator[tuple[str, Any]]:
    for index, item in enumerate(items):
        keys = [f"{key}={item[key]}" for key in KEYS if key in item] if isinstance(item, dict) else []
        yield keys[0] if keys else str(index), item


def arguments(args: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each flag with its value, however it is written; a shell's one line is split first."""
    words = shlex.split(args[0]) if len(args) == 1 else args
    position, index = 0, 0
    while index < len(words):
        name, equals, value = words[index].partition("=")
        if not name.startswith("--"):
            yield str(position), words[index]
            position += 1
        elif equals or index + 1 == len(words) or words[index + 1].startswith("--"):
            yield name, value
        else:
            index += 1
            yield name, words[index]
        index += 1


def manifests(*files: Path) -> list[Object]:
    return [one for file in files for one in yaml.safe_load_all(file.read_text()) if one]


def fields(one: Object) -> Fields:
    return dict(leaves(one))


def named(release: str, kind: str, name: str) -> tuple[str, str]:
    """Return kind and name of ours for those of a chart's object."""
    if (kind, name) == ("ConfigMap", f"{B}-epp"):
        return kind, name + RELEASES[release].picker_config_suffix
    return RENAMED.get((kind, name), (kind, name))


def counterpart(package: Copy, kind: str, name: str) -> Fields:
    """Return the fields of the one object of the package that has this kind and name."""
    (found,) = [one for one in package.objects() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return fields(found)


def test_flags_are_read_however_they_are_written() -> None:
    """One line of a shell, flag and value apart or joined: the same flags."""
    apart = dict(arguments(["--a", "1", "--b", "--c", "x"]))
    assert apart == dict(arguments(["--a 1 --b --c=x"])) == {"--a": "1", "--b": "", "--c": "x"}


# The charts

# The chart of each release, by its file.
CHARTS = {
    "gaie-v1.0": "gaie-inferencepool-v1.0.0.yaml",
    "gaie-v1.5": "gaie-inferencepool-v1.5.0.yaml",
    "llm-d-router-v0.10": "llm-d-router-gateway-v0.10.0.yaml",
}
# Releases whose chart nobody printed for us, each with what is known of it instead.
WITHOUT_CHART = {
    "llm-d-router-v0.11": "only its templates of 2026-08-22 were read, which emit what v0.10.0's do; see releases.md",
}
# Kind and name in the chart, kind and name of ours where they are not the same.
RENAMED = {
    ("ClusterRole", f"{B}-epp"): ("ClusterRole", f"default-{B}-epp"),
    ("ClusterRoleBinding", f"{B}-epp"): ("ClusterRoleBinding", f"default-{B}-epp"),
    ("ClusterPodMonitoring", f"default-{B}"): ("PodMonitoring", f"{B}-epp"),
    ("GCPBackendPolicy", B): ("GCPBackendPolicy", S),
    ("HealthCheckPolicy", B): ("HealthCheckPolicy", S),
    ("InferencePool", B): ("InferencePool", S),
    ("Role", f"{B}-epp-non-sa"): ("Role", f"{B}-epp"),
    ("RoleBinding", f"{B}-epp-non-sa"): ("RoleBinding", f"{B}-epp"),
}
DIFFERENCES: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs" / "chart-differences.yaml").read_text())


def emitted(chart: Path) -> list[Object]:
    """Return what a chart emits, with the rules of its two Roles in one, as we have them."""
    objects = manifests(chart)
    roles = [one for one in objects if one["kind"] == "Role"]
    roles[0]["rules"] = [rule for role in roles for rule in role["rules"]]
    dropped = [role["metadata"]["name"] for role in roles[1:]]
    return [one for one in objects if one["metadata"]["name"] not in dropped]


def test_every_release_has_its_chart() -> None:
    """The releases that are compared are those that there are, and no row of the table names another one."""
    assert [*CHARTS, *WITHOUT_CHART] == list(RELEASES)
    assert {name for row in DIFFERENCES for name in row.get("only", ())} <= CHARTS.keys()


def test_the_package_holds_what_the_charts_emit(intent: Copy, shared: Path) -> None:
    """Each object of each chart is there, and every field that differs is in the table with its reason."""
    used: set[tuple[str, str]] = set()
    former = "gaie-v1.0"
    for release, chart in CHARTS.items():
        intent.edit((f"release: {former}", f"release: {release}"))
        former = release
        assert intent.render(), intent.said
        for one in emitted(shared / "charts" / chart):
            kind, name = one["kind"], one["metadata"]["name"]
            theirs, ours = fields(one), counterpart(intent, *named(release, kind, name))
            for path in theirs.keys() | ours.keys():
                if theirs.get(path) != ours.get(path):
                    reasons = {(row["path"], release) for row in DIFFERENCES if explains(row, release, kind, path)}
                    assert reasons, f"{release} {kind} {path}: the chart has {theirs.get(path)}, we {ours.get(path)}"
                    used |= reasons
    assert used == {(row["path"], release) for row in DIFFERENCES for release in row.get("only", CHARTS)}


def explains(row: dict[str, Any], release: str, kind: str, path: str) -> bool:
    """Say whether a row of the table is about a field of a chart's object."""
    return release in row.get("only", CHARTS) and re.fullmatch(row["path"], f"{kind} {path}") is not None


# The tutorial

READER, SECRET = f"{B}-metrics-reader", f"{B}-metrics-reader-secret"
OLD = "inference-gateway-sa-metrics-reader"
COUNTERPARTS: dict[str, dict[tuple[str, str], tuple[str, str]]] = {
    "01-metrics-rbac.yaml": {
        ("ClusterRole", "inference-gateway-metrics-reader"): ("ClusterRole", f"default-{READER}"),
        ("ServiceAccount", OLD): ("ServiceAccount", READER),
        ("ClusterRoleBinding", f"{OLD}-role-binding"): ("ClusterRoleBinding", f"default-{READER}"),
        ("Secret", f"{OLD}-secret"): ("Secret", READER),
        ("ClusterRole", f"{OLD}-secret-read"): ("Role", SECRET),
        ("ClusterRoleBinding", f"gmp-system:collector:{OLD}-secret-read"): ("RoleBinding", SECRET),
    },
    "02-vllm-llama3.1-8b-instruct.yaml": {
        ("Deployment", S): ("Deployment", S),
        ("ConfigMap", "vllm-llama3.1-8b-adapters"): ("ConfigMap", f"{S}-adapters"),
        ("HealthCheckPolicy", "health-check-policy"): ("HealthCheckPolicy", S),
    },
    "04b-inferenceobjective-examples-x-k8s-v1alpha2.yaml": {
        ("InferenceObjective", "food-review"): ("InferenceObjective", "food-review"),
        ("InferenceObjective", "llama3-base-model"): ("InferenceObjective", "llama3-base-model"),
    },
    "05b-gateway-substituted.yaml": {("Gateway", "inference-gateway"): ("Gateway", "inference-gateway")},
    "06b-httproute-substituted.yaml": {("HTTPRoute", "my-route"): ("HTTPRoute", S)},
}
VLLM = r"Deployment spec\.template\.spec\.containers\[name=vllm\]"
# Every field of the tutorial that we have otherwise or not at all: a pattern of `kind path`, and the row of
# docs/tutorial-corrections.md that says why.
CORRECTIONS = {
    r"(ClusterRole|ServiceAccount|Secret) metadata\.name": "M2",
    r"ClusterRoleBinding (metadata|roleRef|subjects\[.*\])\.name": "M2",
    r"ClusterRoleBinding subjects\[name=inference-gateway-sa-metrics-reader\]\.(kind|namespace)": "M2",
    r"Secret metadata\.annotations\[kubernetes\.io/service-account\.name\]": "M2",
    r"ClusterRole rules\[0\]\.resourceNames\[0\]": "M2",
    r"ClusterRole(Binding)? kind": "M4",
    r"ClusterRoleBinding roleRef\.kind": "M4",
    r"ClusterRoleBinding metadata\.namespace": "M1",
    r"(ServiceAccount|Secret|HealthCheckPolicy) metadata\.namespace": "H3",
    VLLM + r"\.(image|imagePullPolicy)": "D1",
    VLLM + r"\.command\[.*": "D2",
    VLLM + r"\.args\[[01]\]": "D4",
    VLLM + r"\.args\[[234]\]": "D3",
    VLLM + r"\.args\[--model\]": "D2",
    VLLM + r"\.env\[name=VLLM_USE_V1\]\..*": "D5",
    VLLM + r"\.env\[name=PORT\]\..*": "D6",
    VLLM + r"\.env\[name=HUGGING_FACE_HUB_TOKEN\]\..*": "D7",
    VLLM + r"\.volumeMounts\[name=adapters\]\..*": "D12",
    r"Deployment spec\.template\.spec\.volumes\[name=adapters\]\..*": "D12",
    r"Deployment spec\.template\.spec\.volumes\[name=data\]\.emptyDir": "D12",
    r"Deployment spec\.template\.spec\.containers\[name=lora-adapter-syncer\]\..*": "L3",
    r"Deployment spec\.template\.spec\.volumes\[name=config-volume\]\..*": "L7",
    r"Deployment spec\.template\.spec\.terminationGracePeriodSeconds": "D9",
    r"ConfigMap metadata\.name": "L7",
    r"HealthCheckPolicy metadata\.name": "H2",
    r"HTTPRoute metadata\.name": "G4",
}


@pytest.fixture(scope="session")
def rows() -> set[str]:
    """The ids of the rows of docs/tutorial-corrections.md."""
    text = (ROOT / "docs" / "tutorial-corrections.md").read_text()
    return set(re.findall(r"^\| ([A-Z]\d+) \|", text, re.MULTILINE))


def corrected(package: Copy, tutorial: Path) -> Iterator[tuple[str, str, str | None]]:
    """Yield `kind path`, the tutorial's value and ours of each field of the tutorial that we have otherwise."""
    for file, counterparts in COUNTERPARTS.items():
        for one in manifests(tutorial / file):
            theirs = fields(one)
            ours = counterpart(package, *counterparts[one["kind"], one["metadata"]["name"]])
            for path, value in theirs.items():
                if ours.get(path) != value:
                    yield f"{one['kind']} {path}", value, ours.get(path)


def test_every_field_of_the_tutorial_is_there_or_corrected(package: Copy, shared: Path, rows: set[str]) -> None:
    """Each field of the tutorial has the same value in the package, or a row of the corrections that names why not."""
    used: set[str] = set()
    for field, theirs, ours in corrected(package, shared / "tutorial"):
        patterns = [pattern for pattern in CORRECTIONS if re.fullmatch(pattern, field)]
        assert patterns, f"{field}: the tutorial has {theirs}, we have {ours}"
        used.update(patterns)
    assert used == CORRECTIONS.keys()
    assert set(CORRECTIONS.values()) <= rows


def test_the_syncer_is_the_same_but_for_its_place_and_image(package: Copy, shared: Path) -> None:
    """The tutorial's second container is our native sidecar: same variables and same mount path."""
    (theirs,) = [
        one for one in manifests(shared / "tutorial/02-vllm-llama3.1-8b-instruct.yaml") if one["kind"] == "Deployment"
    ]
    (ours,) = [one for one in package.objects() if one["kind"] == "Deployment" and one["metadata"]["name"] == S]
    container = theirs["spec"]["template"]["spec"]["containers"][1]
    (sidecar,) = ours["spec"]["template"]["spec"]["initContainers"]
    assert sidecar["name"] == container["name"]
    assert sidecar["env"] == container["env"]
    assert [one["mountPath"] for one in sidecar["volumeMounts"]] == [
        one["mountPath"] for one in container["volumeMounts"]
    ]
    assert sidecar["restartPolicy"] == "Always"
