"""Plain kustomize over the rendered package: the root, hydrated environments, and overlays of a user's own."""

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from krm_inference.domain.facts.disaggregation import ROLE_LABEL

from tests.conftest import PACKAGE, ROOT, SCRIPTS, Copy

Object = dict[str, Any]

BASE = f"packages/{PACKAGE.name}"
ENVIRONMENTS = ("dev", "staging", "prod")
CLUSTER_SCOPED = ("ClusterRole", "ClusterRoleBinding")

# Fields that hold the name of another object: kind and path, and the kind that is named, "" where the field says it.
REFERENCES = (
    ("HTTPRoute", "spec.rules[].backendRefs[]", ""),
    ("HTTPRoute", "spec.parentRefs[]", ""),
    ("HealthCheckPolicy", "spec.targetRef", ""),
    ("GCPBackendPolicy", "spec.targetRef", ""),
    ("InferenceObjective", "spec.poolRef", ""),
    ("InferencePool", "spec.endpointPickerRef", ""),
    ("PodMonitoring", "spec.endpoints[].authorization.credentials.secret", "Secret"),
    ("RoleBinding", "roleRef", ""),
    ("RoleBinding", "subjects[]", ""),
    ("ClusterRoleBinding", "roleRef", ""),
    ("ClusterRoleBinding", "subjects[]", ""),
    ("Role", "rules[].resourceNames[]", "Secret"),
    ("Secret", "metadata.annotations[kubernetes.io/service-account.name]", "ServiceAccount"),
    ("Deployment", "spec.template.spec.serviceAccountName", "ServiceAccount"),
    ("Deployment", "spec.template.spec.volumes[].configMap", "ConfigMap"),
    ("Deployment", "spec.template.spec.containers[].env[].valueFrom.secretKeyRef", "Secret"),
    ("Deployment", "spec.template.spec.containers[].env[POOL_NAME].value", "InferencePool"),
)
# Fields that select Pods by their labels.
SELECTORS = (
    ("Deployment", "spec.selector.matchLabels"),
    ("InferencePool", "spec.selector.matchLabels"),
    ("PodMonitoring", "spec.selector.matchLabels"),
    ("Service", "spec.selector"),
)
# What a cluster or a user provides: kind, name, namespace ("" for that of the object).
PROVIDED = (
    ("Secret", "hf-secret", ""),
    *(("ServiceAccount", "collector", namespace) for namespace in ("gmp-system", "gke-gmp-system")),
)

# Overlays of a user's own.
OWN: dict[str, Object] = {
    "namespace": {"namespace": "mine"},
    "nameSuffix": {"nameSuffix": "-mine"},
    "namePrefix": {"namePrefix": "mine-"},
    "namespace and nameSuffix": {"namespace": "mine", "nameSuffix": "-mine"},
    "namespace, namePrefix and labels in selectors": {
        "namespace": "mine",
        "namePrefix": "mine-",
        "labels": [{"pairs": {"instance": "blue"}, "includeSelectors": True}],
    },
}
# Fields that keep a name under a suffix: they are labels, or say where an object came from.
NOT_RENAMED = (
    r"metadata\.annotations\[inference\.fn\.kpt\.dev/generated-by\]",
    r"metadata\.labels\[?\.?(app|app\.kubernetes\.io/name)\]?",
    r"spec\.(selector|template\.metadata\.labels)\.?.*",
    r"data\[configmap\.yaml\]",  # the adapters' ids are names of models
)


def values(one: Any, path: str) -> Iterator[Any]:
    """Yield what stands at a path; `[]` takes every item of a list, `[NAME]` a key or the item of that name."""
    head, *rest = re.findall(r"[^.\[\]]+|\[[^\]]*\]", path)
    name = head.strip("[]")
    if isinstance(one, list):
        found = [item for item in one if not name or item["name"] == name]
    else:
        found = [one[name]] if name in one else []
    for each in found:
        if rest:
            yield from values(each, ".".join(rest).replace(".[", "["))
        else:
            yield each


def scalars(one: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of each scalar with its value."""
    if isinstance(one, dict):
        for key, value in one.items():
            yield from scalars(value, path + (f"[{key}]" if re.search(r"[./]", key) else f".{key}"))
    elif isinstance(one, list):
        for index, value in enumerate(one):
            yield from scalars(value, f"{path}[{index}]")
    else:
        yield path.lstrip("."), one


def identity(one: Object) -> tuple[str, str, str]:
    return one["kind"], one["metadata"]["name"], one["metadata"].get("namespace", "")


def unresolved(objects: list[Object]) -> list[str]:
    """Return every reference of the table that meets no object, and every selector that does not meet one workload."""
    there = {identity(one) for one in objects}
    wrong: list[str] = []
    for one in objects:
        place = f"{one['kind']}/{one['metadata']['name']}"
        own = one["metadata"].get("namespace", "")
        for kind, path, target in REFERENCES:
            for value in values(one, path) if one["kind"] == kind else ():
                reference = {"name": value} if isinstance(value, str) else value
                named, name = target or reference["kind"], reference["name"]
                space = "" if named in CLUSTER_SCOPED else reference.get("namespace", own)
                if (named, name, space if space != own else "") in PROVIDED:
                    continue
                # Without a namespace anywhere, a ClusterRoleBinding has to name the one that such objects land in.
                spaces = {space, ""} if space == "default" else {space}
                if not any((named, name, each) in there for each in spaces):
                    wrong.append(f"{place} {path}: no {named} {name} in namespace {space!r}")
        for kind, path in SELECTORS:
            for selector in values(one, path) if one["kind"] == kind else ():
                met = [
                    (other["metadata"]["name"], sorted(other["spec"]["template"]["metadata"]["labels"].items()))
                    for other in objects
                    if other["kind"] == "Deployment"
                    and other["metadata"].get("namespace", "") == own
                    and selector.items() <= other["spec"]["template"]["metadata"]["labels"].items()
                ]
                # What prefills and what decodes for one service differ in that label alone.
                services = {tuple(pair for pair in labels if pair[0] != ROLE_LABEL) for _, labels in met}
                if len(services) != 1:
                    wrong.append(f"{place} {path}: selects {[name for name, _ in met]}")
    return wrong


def faults(objects: list[Object]) -> list[str]:
    """Return what makes a set of objects wrong, whatever they are."""
    identities = [identity(one) for one in objects]
    wrong = [f"twice: {each}" for each in set(identities) if identities.count(each) > 1]
    wrong += [f"namespace on {each}" for each in identities if each[0] in CLUSTER_SCOPED and each[2]]
    wrong += [f"local: {identity(one)}" for one in objects if "local-config" in str(one["metadata"])]
    return wrong + unresolved(objects)


Build = Callable[[str], str]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the repository's packages, rendered, with its environments hydrated and the root kustomization."""
    root = tmp_path_factory.mktemp("site")
    for folder in ("packages", "overlays"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "kustomization.yaml", root)
    listed = yaml.safe_load((root / "kustomization.yaml").read_text())["resources"]
    for each in (root / "packages").iterdir():
        if each.is_dir() and f"packages/{each.name}" not in listed:
            shutil.rmtree(each)
    package = Copy(root / BASE)
    assert package.render(), package.said
    for name, own in OWN.items():
        text = yaml.safe_dump({"resources": [f"../../{BASE}"], **own})
        Copy(root).write(f"own/{name}/kustomization.yaml", text)
    done = subprocess.run([f"{SCRIPTS}/krmfn", "hydrate"], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return Copy(root)


@pytest.fixture(scope="session")
def build(site: Copy, require: Callable[[str], str]) -> Build:
    """Build a folder of the site with `kubectl kustomize`."""
    kubectl = require("kubectl")
    built: dict[str, str] = {}

    def of(folder: str) -> str:
        if folder not in built:
            command = [kubectl, "kustomize", str(site.root / folder)]
            run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
            assert run.returncode == 0, run.stderr
            assert not run.stderr, run.stderr
            built[folder] = run.stdout
        return built[folder]

    return of


def objects_of(text: str) -> list[Object]:
    return [one for one in yaml.safe_load_all(text) if one]


FOLDERS = (".", BASE, *(f"clusters/{name}" for name in ENVIRONMENTS), *(f"own/{name}" for name in OWN))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_reference_follows(build: Build, folder: str) -> None:
    """In every build each reference and selector meets its object, no cluster-scoped object has a namespace."""
    assert faults(objects_of(build(folder))) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_build_holds_the_whole_package(build: Build, site: Copy, folder: str) -> None:
    """Every object of the package that is not local is in the build."""
    have = sorted(one["kind"] for one in objects_of(build(folder)))
    wanted = sorted(one["kind"] for one in Copy(site.root / ("packages" if folder == "." else BASE)).objects())
    assert have == wanted


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_validator_accepts_a_build(build: Build, folder: str) -> None:
    """Piped in, a build comes out as it went in, with exit status 0 and no finding above info."""
    command = [str(SCRIPTS / "validate-inference")]
    run = subprocess.run(command, input=build(folder), capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout == build(folder)
    assert re.search(r"^(nothing found|\d+ infos?) in \d+ objects\n\Z", run.stderr, re.MULTILINE), run.stderr


def test_the_table_of_references_is_whole(build: Build) -> None:
    """Under a suffix no field keeps the old name of an object, apart from labels and marks: no reference is missing."""
    names = {one["metadata"]["name"] for one in objects_of(build(BASE))}
    kept = {
        path
        for one in objects_of(build("own/nameSuffix"))
        for path, value in scalars(one)
        if any(name in str(value) for name in names)
        and "-mine" not in str(value)
        and not any(re.fullmatch(pattern, path) for pattern in NOT_RENAMED)
    }
    assert kept == set()


@pytest.mark.parametrize("kind_and_path", [(kind, path) for kind, path, _ in REFERENCES], ids=" ".join)
def test_the_package_has_each_reference_of_the_table(build: Build, kind_and_path: tuple[str, str]) -> None:
    """Each row of the table of references is met in the package, so that none goes stale."""
    kind, path = kind_and_path
    assert [value for one in objects_of(build(BASE)) if one["kind"] == kind for value in values(one, path)]


def test_a_reference_that_dangles_is_seen(build: Build) -> None:
    """The checker of these tests sees a reference broken by hand, for each row of its table."""
    for kind, path, _ in REFERENCES:
        objects = objects_of(build(BASE))
        one = next(one for one in objects if one["kind"] == kind and list(values(one, path)))
        value = next(iter(values(one, path)))
        name = value if isinstance(value, str) else value["name"]
        text = json.dumps(one).replace(f'"{name}"', '"gone"')
        broken = [json.loads(text) if each is one else each for each in objects]
        broken[objects.index(one)]["metadata"]["name"] = one["metadata"]["name"]
        assert any(path in line for line in unresolved(broken)), (kind, path)


# The overlays of the repository


def described() -> dict[str, list[str]]:
    """Return the cells of the table in overlays/README.md by environment."""
    rows = re.findall(
        r"^\| \[(\w+)\]\(\1/kustomization\.yaml\) \|(.*)\|$", (ROOT / "overlays/README.md").read_text(), re.MULTILINE
    )
    return {name: [cell.strip().replace("`", "") for cell in cells.split("|")] for name, cells in rows}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_overlay_differs_as_its_readme_says(build: Build, name: str) -> None:
    """What the table in overlays/README.md says of an environment is what it hydrates to, and so is its label."""
    objects = objects_of(build(f"clusters/{name}"))
    by_kind: dict[str, list[Object]] = {}
    for one in objects:
        by_kind.setdefault(one["kind"], []).append(one)
    (server,) = [
        one for one in by_kind["Deployment"] if one["spec"]["template"]["spec"]["containers"][0]["name"] == "vllm"
    ]
    (base,) = [one for one in by_kind["InferenceObjective"] if one["metadata"]["name"] == "llama3-base-model"]
    (loaded,) = [one for one in by_kind["ConfigMap"] if one["metadata"]["name"].endswith("-adapters")]
    assert [
        *{one["metadata"]["namespace"] for one in objects if one["kind"] not in CLUSTER_SCOPED},
        str(server["spec"]["replicas"]),
        server["spec"]["template"]["spec"]["nodeSelector"]["cloud.google.com/gke-accelerator"],
        ", ".join(re.findall(r"id: (\S+)", loaded["data"]["configmap.yaml"])),
        by_kind["Gateway"][0]["spec"]["gatewayClassName"],
        str(base["spec"]["priority"]),
    ] == [cell.removesuffix(" (internal)") for cell in described()[name]]
    assert {one["metadata"]["labels"]["environment"] for one in objects} == {name}
    templates = [one["spec"]["template"]["metadata"]["labels"] for one in by_kind["Deployment"]]
    assert {labels["environment"] for labels in templates} == {name}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_kustomize_alone_refuses_an_overlay_of_the_intent(site: Copy, require: Callable[[str], str], name: str) -> None:
    """It knows no intent, so nobody applies the base in the place of the environment."""
    command = [require("kubectl"), "kustomize", str(site.root / "overlays" / name)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert "no matches for Id LLMService" in run.stderr


def test_the_readme_describes_every_overlay() -> None:
    """The table in overlays/README.md has a row for each folder, and each folder is tested here."""
    assert tuple(described()) == ENVIRONMENTS
    assert {path.parent.name for path in (ROOT / "overlays").glob("*/kustomization.yaml")} == set(ENVIRONMENTS)


@pytest.mark.parametrize("pair", list(itertools.combinations(ENVIRONMENTS, 2)), ids=" and ".join)
def test_two_environments_share_a_cluster(build: Build, pair: tuple[str, str]) -> None:
    """No object of one overlay is an object of another, so that two of them live on one cluster."""
    one, other = ({identity(each) for each in objects_of(build(f"clusters/{name}"))} for name in pair)
    assert one & other == set()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_root_sync_points_to_its_environment(name: str) -> None:
    """Each environment has a RootSync that applies what it was hydrated to."""
    sync = yaml.safe_load((ROOT / "deploy" / name / "root-sync.yaml").read_text())
    assert sync["spec"]["git"]["dir"] == f"clusters/{name}"
    assert (ROOT / "overlays" / name / "kustomization.yaml").is_file()
    assert sync["metadata"]["name"] == f"llm-{name}"
