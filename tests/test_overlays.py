"""A matrix of overlays: what each builds is what editing the intents and rendering gives, byte by byte.

Two changes of the intent at a time, in each way in which kustomize brings them together: one overlay, an overlay over
an overlay, a component, JSON patches in a file, several packages.
"""

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from krm_functions_sdk.kpt.build import Environment
from krm_functions_sdk.kpt.render import render

from tests.conftest import CAD_FABRICATOR, ROOT

NAME = "vllm-llama3.1-8b-instruct"
API = "inference.fn.kpt.dev/v1alpha1"
RENAMED = "fn.kpt.dev/renamed-from"
KUSTOMIZE = {"kustomization.yaml", "kustomizeconfig.yaml", "README.md", "smoke-test.sh"}
FOOD_REVIEW = {"name": "food-review", "source": "Kawon/llama3.1-food-finetune_v14_r8", "priority": 10}

Json = dict[str, Any]


class Change(NamedTuple):
    """One change: of the spec in a patch or of the kustomization, the same by hand, and the files that follow."""

    spec: Json
    kustomization: Json
    by_hand: tuple[tuple[str, str], ...]
    files: frozenset[str]


def of_spec(spec: Json, old: str, new: str, *files: str) -> Change:
    return Change(spec, {}, ((old, new),), frozenset(("llm.yaml", *files)))


MODEL = "    id: meta-llama/Llama-3.1-8B-Instruct\n"
ALL = (
    *("endpoint-picker.yaml", "gateway.yaml", "inference-pool.yaml", "lora-adapters.yaml", "metrics-access.yaml"),
    *("model-server.yaml", "monitoring.yaml", "objectives.yaml", "route.yaml"),
)
NAMED = frozenset(("llm.yaml", *ALL))
CHANGES = {
    "replicas": of_spec({"replicas": 1}, "replicas: 3", "replicas: 1", "model-server.yaml"),
    "tokens": of_spec(
        {"model": {"maxOutputTokens": 1024}}, MODEL, MODEL + "    maxOutputTokens: 1024\n",
        "model-server.yaml", "inference-pool.yaml", "endpoint-picker.yaml",
    ),
    "accelerator": of_spec(
        {"accelerator": {"type": "nvidia-a100-80gb"}}, "nvidia-h100-80gb", "nvidia-a100-80gb",
        "model-server.yaml", "inference-pool.yaml", "endpoint-picker.yaml",
    ),
    "adapters": of_spec({"adapters": [FOOD_REVIEW]}, CAD_FABRICATOR, "", "model-server.yaml", "lora-adapters.yaml"),
    "release": of_spec(
        {"release": "gaie-v1.5"}, "gaie-v1.0", "gaie-v1.5",
        "endpoint-picker.yaml", "inference-pool.yaml", "monitoring.yaml",
    ),
    "gateway": of_spec(
        {"gateway": {"className": "gke-l7-rilb"}}, "gke-l7-regional-external-managed", "gke-l7-rilb", "gateway.yaml"
    ),
    "namespace": Change({}, {"namespace": "mine"}, (('"true"\n', '"true"\n  namespace: mine\n'),), NAMED),
    "prefix and suffix": Change(
        {},
        {"namePrefix": "my-", "nameSuffix": "-blue"},
        ((f"name: {NAME}\n", f"name: my-{NAME}-blue\n"), ('"true"\n', f'"true"\n    {RENAMED}: {NAME}\n')),
        NAMED,
    ),
}  # fmt: skip


def patch(spec: Json) -> list[Json]:
    if not spec:
        return []
    value = {"apiVersion": API, "kind": "LLMService", "metadata": {"name": NAME}, "spec": spec}
    return [{"patch": yaml.safe_dump(value)}]


def pointers(value: Any, path: str = "/spec") -> list[Json]:
    """Return the operations of a JSON patch that set each part of a spec."""
    if isinstance(value, dict):
        return [one for key, part in value.items() for one in pointers(part, f"{path}/{key}")]
    return [{"op": "add", "path": path, "value": value}]


def write(folder: Path, value: Json) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(value, sort_keys=False))


BASE = "../../packages/llama-3.1-8b"


def in_one(tree: Path, one: Change, two: Change) -> None:
    patches = patch(one.spec) + patch(two.spec)
    write(tree / "overlays/e", {"resources": [BASE], "patches": patches, **one.kustomization, **two.kustomization})


def nested(tree: Path, one: Change, two: Change) -> None:
    write(tree / "overlays/base", {"resources": [BASE], "patches": patch(one.spec), **one.kustomization})
    write(tree / "overlays/e", {"resources": ["../base"], "patches": patch(two.spec), **two.kustomization})


def with_component(tree: Path, one: Change, two: Change) -> None:
    head = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
    write(tree / "components/c", {**head, "patches": patch(one.spec), **one.kustomization})
    rest = {"components": ["../../components/c"], "patches": patch(two.spec)}
    write(tree / "overlays/e", {"resources": [BASE], **rest, **two.kustomization})


def with_files(tree: Path, one: Change, two: Change) -> None:
    (tree / "overlays/e").mkdir(parents=True)
    files = {}
    for name, change in (("one.json", one), ("two.json", two)):
        if change.spec:
            (tree / "overlays/e" / name).write_text(json.dumps(pointers(change.spec)))
            files[name] = {"target": {"kind": "LLMService"}, "path": name}
    rest = {"patches": [*files.values()], **one.kustomization, **two.kustomization}
    write(tree / "overlays/e", {"resources": [BASE], **rest})


WAYS: tuple[Callable[[Path, Change, Change], None], ...] = (in_one, nested, with_component, with_files)
PAIRS = list(itertools.combinations(CHANGES, 2))
CASES = [(pair, WAYS[number % len(WAYS)]) for number, pair in enumerate(PAIRS)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "packages", tmp_path / "packages")
    return tmp_path


def built(tree: Path) -> dict[str, str]:
    """Return the files of the environment, without what is for kustomize alone; there is no finding above info."""
    environment = Environment(tree / "overlays/e")
    assert environment.run(), [*map(str, environment.results)]
    assert not [str(result) for result in environment.results if result.severity != "info"]
    return {path: text for path, text in environment.files().items() if Path(path).name not in KUSTOMIZE}


def environment_of(tree: Path) -> list[Json]:
    environment = Environment(tree / "overlays/e")
    assert environment.run()
    for path, text in environment.files().items():
        (tree / "hydrated" / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / "hydrated" / path).write_text(text)
    return sorted(yaml.safe_load_all(environment.stream()), key=kind_and_name)


def kind_and_name(one: Json) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def by_kustomize_alone(tree: Path) -> list[tuple[str, str]]:
    """Return what kubectl builds of the hydrated folder; environment_of has to write it first."""
    command = ["kubectl", "kustomize", str(tree / "hydrated")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(kind_and_name(one) for one in yaml.safe_load_all(done.stdout))


def by_hand(package: Path, *changes: Change) -> dict[str, str]:
    """Edit the intent of a package, render it, and return its files; what a rename said is taken out again."""
    intent = package / "llm.yaml"
    text = intent.read_text()
    for old, new in (pair for change in changes for pair in change.by_hand):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    intent.write_text(text)
    said: list[str] = []
    assert render(package, lambda _: None, said.append), said
    lines = intent.read_text().splitlines(keepends=True)
    intent.write_text("".join(line for line in lines if RENAMED not in line))
    return files(package)


def files(package: Path) -> dict[str, str]:
    found = [path for path in package.rglob("*") if path.is_file() and path.name not in KUSTOMIZE]
    return {path.relative_to(package).as_posix(): path.read_text() for path in found}


@pytest.mark.parametrize(("pair", "way"), CASES, ids=[f"{' and '.join(pair)}, {way.__name__}" for pair, way in CASES])
def test_an_overlay_builds_what_editing_the_intent_and_rendering_gives(
    tree: Path, pair: tuple[str, str], way: Callable[[Path, Change, Change], None]
) -> None:
    one, two = (CHANGES[name] for name in pair)
    way(tree, one, two)
    found = built(tree)
    assert found == by_hand(tree / "packages/llama-3.1-8b", one, two)


@pytest.mark.parametrize("name", CHANGES)
def test_kustomize_alone_builds_what_was_hydrated(tree: Path, name: str) -> None:
    in_one(tree, CHANGES[name], Change({}, {}, (), frozenset()))
    objects = environment_of(tree)
    assert by_kustomize_alone(tree) == [kind_and_name(one) for one in objects]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_in_an_overlay_changes_exactly_the_files_that_follow(tree: Path, name: str) -> None:
    in_one(tree, CHANGES[name], Change({}, {}, (), frozenset()))
    before, after = files(tree / "packages/llama-3.1-8b"), built(tree)
    assert before.keys() == after.keys()
    assert {path for path, text in after.items() if text != before[path]} == CHANGES[name].files


def test_an_overlay_over_two_packages_builds_each_as_if_it_were_alone(tree: Path) -> None:
    """Each has its folder, and its pipeline sees its own objects and no others."""
    patches = patch({"replicas": 1})
    write(tree / "overlays/e", {"resources": [BASE, "../../packages/shared-gateway"], "patches": patches})
    found = built(tree)
    wanted = by_hand(tree / "packages/llama-3.1-8b", CHANGES["replicas"])
    assert {path: text for path, text in found.items() if path.startswith("llama-3.1-8b/")} == {
        f"llama-3.1-8b/{path}": text for path, text in wanted.items()
    }
    objects = environment_of(tree)
    assert by_kustomize_alone(tree) == [kind_and_name(one) for one in objects]
    other = files(tree / "packages/shared-gateway")
    assert {path: text for path, text in found.items() if path.startswith("shared-gateway/")} == {
        f"shared-gateway/{path}": text for path, text in other.items()
    }


# A target, and whether it is told that it meets nothing.
TARGETS: dict[str, tuple[Json, bool]] = {
    "another kind": ({"target": {"kind": "LLMServise"}}, True),
    "another name": ({"target": {"kind": "Gateway", "name": "other"}}, True),
    "a label that nothing has": ({"target": {"labelSelector": "team=mine"}}, True),
    "a pattern that meets": ({"target": {"kind": "Gateway", "name": "inference-.*"}}, False),
    "what another patch deletes": ({"target": {"kind": "Role", "name": "mine"}}, False),
    "nothing, as it says": ({"target": {"kind": "Other"}, "options": {"allowNoTargetMatch": True}}, False),
}
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "mine"}, "rules": []}


@pytest.mark.parametrize("case", TARGETS)
def test_a_target_that_meets_nothing_is_told(tree: Path, case: str) -> None:
    """Kustomize passes over it without a word. What was met and deleted afterwards was met."""
    entry, told = TARGETS[case]
    label = '[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]'
    delete = {"$patch": "delete", **{key: part for key, part in ROLE.items() if key != "rules"}}
    removal = {"target": {"kind": "Role", "name": "mine"}, "patch": yaml.safe_dump(delete)}
    write(tree / "overlays/e", {"resources": [BASE, "role.yaml"], "patches": [{**entry, "patch": label}, removal]})
    (tree / "overlays/e/role.yaml").write_text(yaml.safe_dump(ROLE))
    environment = Environment(tree / "overlays/e")
    assert environment.run(), [*map(str, environment.results)]
    warnings = [str(result) for result in environment.results if result.severity == "warning"]
    assert len(warnings) == told
    assert all("overlays/e/kustomization.yaml:" in line and "patches[0].target" in line for line in warnings)
    assert all("meets no object" in line for line in warnings)


def test_an_object_that_is_deleted_and_made_anew_is_told(tree: Path) -> None:
    removal = {"$patch": "delete", "apiVersion": "v1", "kind": "any", "metadata": {"name": "any"}}
    patches = [{"target": {"kind": "PodMonitoring"}, "patch": yaml.safe_dump(removal)}]
    write(tree / "overlays/e", {"resources": [BASE], "patches": patches})
    environment = Environment(tree / "overlays/e")
    assert environment.run()
    warnings = [str(result) for result in environment.results if result.severity == "warning"]
    assert len(warnings) == 2
    assert all("kustomization.yaml: PodMonitoring" in line and "makes it anew" in line for line in warnings)
