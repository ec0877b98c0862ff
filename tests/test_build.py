"""krmfn build: an overlay patches the intent, and all that follows from it is true."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, krmfn_here

SERVICE = "vllm-llama3.1-8b-instruct"
INTENT = f"apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: LLMService\nmetadata:\n  name: {SERVICE}\n"
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ../../packages/llama-3.1-8b\n"

# What an overlay says of the intent, and the same done by hand: (text, instead of it).
CASES = {
    "replicas": ("spec: {replicas: 1}", [("replicas: 3", "replicas: 1")]),
    "accelerator": (
        "spec: {accelerator: {type: nvidia-l4}, model: {maxModelLen: 8192}}",
        [
            ("type: nvidia-h100-80gb", "type: nvidia-l4"),
            ("id: meta-llama/Llama-3.1-8B-Instruct\n", "id: meta-llama/Llama-3.1-8B-Instruct\n    maxModelLen: 8192\n"),
        ],
    ),
    "adapters": (
        "spec: {adapters: [{name: food-review, source: Kawon/llama3.1-food-finetune_v14_r8, priority: 10}]}",
        [("  - name: cad-fabricator\n    source: redcathode/fabricator\n", "")],
    ),
    "tokens": (
        "spec: {model: {maxOutputTokens: 1024}}",
        [
            (
                "id: meta-llama/Llama-3.1-8B-Instruct\n",
                "id: meta-llama/Llama-3.1-8B-Instruct\n    maxOutputTokens: 1024\n",
            )
        ],
    ),
    "release": ("spec: {release: gaie-v1.5}", [("release: gaie-v1.0", "release: gaie-v1.5")]),
    "gateway": (
        "spec: {gateway: {className: gke-l7-rilb}}",
        [("className: gke-l7-regional-external-managed", "className: gke-l7-rilb")],
    ),
    "nothing": ("", []),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "packages/llama-3.1-8b", tmp_path / "packages/llama-3.1-8b")
    (tmp_path / "overlays/e").mkdir(parents=True)
    return tmp_path


def krmfn(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return krmfn_here(tree, *arguments)


def overlay(tree: Path, rest: str) -> None:
    text = rest if rest.startswith("resources:") else HEAD + rest
    (tree / "overlays/e/kustomization.yaml").write_bytes(text.encode(errors="surrogateescape"))


def patch(text: str) -> str:
    return "patches:\n- patch: |-\n" + "".join(f"    {line}\n" for line in text.splitlines())


def texts(folder: Path) -> dict[str, str]:
    """Return the files of a package, without what is for kustomize and for people."""
    names = ("kustomization.yaml", "kustomizeconfig.yaml", "README.md", "smoke-test.sh")
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in names]
    return {file.relative_to(folder).as_posix(): file.read_text() for file in files}


@pytest.mark.parametrize("case", CASES)
def test_a_build_is_the_intent_patched_by_hand_and_rendered(tree: Path, case: str) -> None:
    """Byte by byte, with comments, reasons and intents; it says nothing above info, and a render changes nothing."""
    said, by_hand = CASES[case]
    overlay(tree, patch(INTENT + said) if said else "")
    before = texts(tree / "packages/llama-3.1-8b")
    first, second = (krmfn(tree, "build", "overlays/e", "-o", name) for name in ("out", "again"))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "[warning]" not in first.stderr
    assert "[error]" not in first.stderr
    assert texts(tree / "packages/llama-3.1-8b") == before
    intent = tree / "packages/llama-3.1-8b/llm.yaml"
    for old, new in by_hand:
        assert old in intent.read_text()
        intent.write_text(intent.read_text().replace(old, new))
    assert krmfn(tree, "render", "packages/llama-3.1-8b").returncode == 0
    assert texts(tree / "out") == texts(tree / "packages/llama-3.1-8b")
    assert texts(tree / "again") == texts(tree / "out")
    assert krmfn(tree, "render", "--check", "out").returncode == 0
    built = subprocess.run(["kubectl", "kustomize", tree / "out"], capture_output=True, check=False)
    assert built.returncode == 0, built.stderr


@pytest.mark.parametrize(
    "comment",
    [
        "",
        ' # {"x-kubernetes-patch-strategy":"merge"}',
        ' # {"x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"}',
    ],
    ids=["none", "of texts", "of maps"],
)
def test_a_patch_replaces_a_list_whatever_its_comment_says_to_kpt(tree: Path, comment: str) -> None:
    """Such a comment is for updates of the package; a text that only looks like one stays as it is."""
    intent = tree / "packages/llama-3.1-8b/llm.yaml"
    lists = f"  route:\n    hostnames:{comment}\n    - old.example.com\n"
    looks = (
        '  server:\n    env:\n    - name: MINE\n      value: |\n        a # {"x-kubernetes-patch-strategy":"merge"}\n'
    )
    intent.write_text(intent.read_text() + lists + looks)
    overlay(tree, patch(INTENT + "spec: {route: {hostnames: [new.example.com]}, adapters: [{name: own, source: a/b}]}"))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    assert done.returncode == 0, done.stderr
    spec = yaml.safe_load((tree / "out/llm.yaml").read_text())["spec"]
    assert spec["route"]["hostnames"] == ["new.example.com"]
    assert [adapter["name"] for adapter in spec["adapters"]] == ["own"]
    assert spec["server"]["env"][0]["value"] == 'a # {"x-kubernetes-patch-strategy":"merge"}\n'


def test_standard_output_holds_what_a_cluster_takes(tree: Path) -> None:
    """No intent, no Kptfile; each object has the namespace and the label of the overlay, also one made anew."""
    rest = "namespace: mine\nlabels:\n- pairs: {environment: e}\n  includeTemplates: true\n"
    adapter = "spec: {adapters: [{name: other, source: a/b, rank: 8, priority: 5}]}"
    overlay(tree, rest + patch(INTENT + adapter))
    done = krmfn(tree, "build", "overlays/e")
    assert done.returncode == 0, done.stderr
    assert "[warning]" not in done.stderr
    objects = list(yaml.safe_load_all(done.stdout))
    assert not {"LLMService", "Kptfile"} & {one["kind"] for one in objects}
    assert "other" in {one["metadata"]["name"] for one in objects if one["kind"] == "InferenceObjective"}
    assert {one["metadata"].get("labels", {}).get("environment") for one in objects} == {"e"}
    pods = [one["spec"]["template"]["metadata"] for one in objects if one["kind"] == "Deployment"]
    assert {one["labels"]["environment"] for one in pods} == {"e"}
    scoped = ("ClusterRole", "ClusterRoleBinding")
    assert {one["metadata"].get("namespace") for one in objects if one["kind"] not in scoped} == {"mine"}
    assert "build.krmfn" not in done.stdout


def test_what_a_function_owns_is_corrected_with_a_word_and_the_rest_survives(tree: Path) -> None:
    deployment = (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {SERVICE}\n  annotations: {{mine: stays}}\n"
    )
    overlay(tree, patch(deployment + "spec: {replicas: 7, revisionHistoryLimit: 4}"))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if line.startswith("[warning]")]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"[warning] overlays/e/kustomization.yaml:12: Deployment {SERVICE}: spec.replicas: ")
    assert "the overlay says 7, and the pipeline writes 3" in warnings[0]
    server = yaml.safe_load((tree / "out/model-server.yaml").read_text())
    assert (server["spec"]["replicas"], server["spec"]["revisionHistoryLimit"]) == (3, 4)
    assert server["metadata"]["annotations"]["mine"] == "stays"


DEPLOYMENT = f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {SERVICE}\n"
OWN = "env: [{name: MINE, value: mine}]"
SIDECAR = "{name: proxy, image: 'example.com/proxy:v1'}"


def in_container(more: str) -> str:
    """Return patches of the intent, which change flags of the server, and of its container."""
    server = f"spec: {{template: {{spec: {{containers: [{{name: vllm, {more}}}, {SIDECAR}]}}}}}}"
    return patch(INTENT + "spec: {model: {maxOutputTokens: 1024}}") + patch(DEPLOYMENT + server).partition("\n")[2]


def test_a_container_keeps_what_is_patched_into_it_while_its_flags_follow_the_intent(tree: Path) -> None:
    """Lists are compared by their items: another flag, which follows from the intent, is no correction of a patch."""
    overlay(tree, in_container(OWN))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    assert done.returncode == 0, done.stderr
    assert "[warning]" not in done.stderr
    (server,) = (
        one for one in yaml.safe_load_all((tree / "out/model-server.yaml").read_text()) if one["kind"] == "Deployment"
    )
    containers = {one["name"]: one for one in server["spec"]["template"]["spec"]["containers"]}
    assert {"name": "MINE", "value": "mine"} in containers["vllm"]["env"]
    assert containers["proxy"] == {"name": "proxy", "image": "example.com/proxy:v1"}
    assert 'new_tokens":1024' in " ".join(containers["vllm"]["args"])


# What an overlay says inside of a container that a function owns, and of which field it is told.
CORRECTED = {
    "image": ("image: 'example.com/vllm:v1'", "image: the overlay says example.com/vllm:v1, and the pipeline writes"),
    "probe": (
        "readinessProbe: {periodSeconds: 99}",
        "readinessProbe.periodSeconds: the overlay says 99, and the pipeline writes",
    ),
}


def test_a_flag_that_a_function_owns_is_corrected_with_a_word_and_another_one_stays(tree: Path) -> None:
    operations = [
        {"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": flag}
        for flag in ("--max-num-seqs=7", "--enforce-eager")
    ]
    target = {"kind": "Deployment", "name": SERVICE}
    overlay(tree, yaml.safe_dump({"patches": [{"target": target, "patch": yaml.safe_dump(operations)}]}))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    warnings = [line for line in done.stderr.splitlines() if line.startswith("[warning]")]
    assert len(warnings) == 1
    assert "the overlay says --max-num-seqs=7, and the pipeline removes it" in warnings[0]
    assert "--enforce-eager" in (tree / "out/model-server.yaml").read_text()


def test_a_list_of_items_without_names_of_their_own_is_told_once(tree: Path) -> None:
    ports = "ports: [{name: http, containerPort: 9000}]"  # kustomize has two of this name then
    overlay(tree, in_container(ports))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("[warning]"))
    assert "containers[name=vllm].ports: the overlay says [{" in line
    assert "and the pipeline writes [{name: http, containerPort: 8000, protocol: TCP}]: a function owns" in line


def test_the_value_of_a_variable_is_not_told(tree: Path) -> None:
    """It may be a secret. A function refers to the Secret instead."""
    overlay(tree, in_container("env: [{name: HUGGING_FACE_HUB_TOKEN, value: hf_secret, valueFrom: null}]"))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    assert (
        "env[name=HUGGING_FACE_HUB_TOKEN].value: the overlay says a value, and the pipeline removes it" in done.stderr
    )
    assert "hf_secret" not in done.stderr


@pytest.mark.parametrize("case", CORRECTED)
def test_what_a_function_owns_in_a_container_is_named_and_nothing_else(tree: Path, case: str) -> None:
    more, words = CORRECTED[case]
    overlay(tree, in_container(f"{OWN}, {more}"))
    done = krmfn(tree, "build", "overlays/e", "-o", "out")
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("[warning]")]
    assert warnings
    assert all(f"containers[name=vllm].{words.partition(':')[0]}" in line for line in warnings), warnings
    assert any(words in line for line in warnings), warnings


# What is wrong in the overlay, and what the error names.
BROKEN = {
    "an unknown field": (
        patch(INTENT + "spec: {acelerator: {}}"),
        ("overlays/e/kustomization.yaml:11", "spec.acelerator"),
    ),
    "an unknown value": (
        patch(INTENT + "spec:\n  accelerator:\n    type: nvidia-l5"),
        ("overlays/e/kustomization.yaml:13", "spec.accelerator.type", "nvidia-l5"),
    ),
    "a value of another type": (
        patch(INTENT + "spec: {replicas: many}"),
        ("overlays/e/kustomization.yaml:11", "spec.replicas"),
    ),
    "a patch of nothing": (
        patch(INTENT.replace(SERVICE, "vllm-llama3-8b-instruct")),
        (
            "overlays/e/kustomization.yaml:6",
            "patches[0]",
            "LLMService vllm-llama3-8b-instruct",
            f"did you mean LLMService {SERVICE}",
        ),
    ),
    "a patch of a kind that nothing has": (
        patch(INTENT.replace("LLMService", "LLMServise")),
        ("overlays/e/kustomization.yaml:6", "patches[0]", "LLMServise", 'did you mean "LLMService"'),
    ),
    "no YAML": ("patches: [\n", ("overlays/e/kustomization.yaml", "cannot be read as YAML")),
    "no UTF-8": ("# caf\udce9\n", ("overlays/e/kustomization.yaml", "byte 110 is not UTF-8; save the file as UTF-8")),
    "a base that is not there": (
        "- ../../packages/llama\n",
        ("overlays/e/kustomization.yaml:5", "../../packages/llama"),
    ),
    "a file that is not there": ("- mine.yaml\n", ("overlays/e/kustomization.yaml:5", "mine.yaml: no such file")),
    "an unknown field of kustomize": (
        "patchez: []\n",
        ("overlays/e/kustomization.yaml:5", 'patchez: unknown field (did you mean "patches"?)'),
    ),
    "a base that is no list": (
        "resources: x\n",
        ("overlays/e/kustomization.yaml:1", "resources: expected a list of files and folders"),
    ),
    "an unknown field inside": (
        "images:\n- name: a\n  newTga: b\n",
        ("overlays/e/kustomization.yaml:7", "newTga: unknown field"),
    ),
    "a value of another type in kustomize's own field": (
        "namespace: [a]\n",
        ("overlays/e/kustomization.yaml:5", "namespace: found a list, expected a string"),
    ),
    "a patch whose file is not there": (
        "patches:\n- path: nope.yaml\n",
        ("overlays/e/kustomization.yaml:6", "patches[0].path: nope.yaml: no such file"),
    ),
    "a patch that is none": (
        "patches:\n- patch: 'spec: {}'\n",
        ("overlays/e/kustomization.yaml:6", "patches[0].patch", "apiVersion, kind and metadata.name", "JSON patch"),
    ),
}
SEVERAL = ("patchez: []\nlable: {}\n", ("patchez: unknown field", "lable: unknown field"))


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_overlay_fails_and_names_file_and_field(tree: Path, case: str) -> None:
    """And nothing is written, not to standard output either."""
    rest, words = BROKEN[case]
    overlay(tree, rest)
    before = {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()}
    for arguments in (("build", "overlays/e", "-o", "out"), ("build", "overlays/e")):
        done = krmfn(tree, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        errors = [line for line in done.stderr.splitlines() if line.startswith("[error]")]
        assert any(all(word in line for word in words) for line in errors), done.stderr
        assert not re.search(r"run\.go|command failed|evalsymlink|json:", done.stderr)
        assert done.stderr.endswith("overlays/e: not built, nothing was written\n")
        assert str(tree) not in done.stderr
    assert {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()} == before


def test_all_unknown_fields_are_named_at_once(tree: Path) -> None:
    """Kustomize itself names one."""
    rest, words = SEVERAL
    overlay(tree, rest)
    done = krmfn(tree, "build", "overlays/e")
    assert done.returncode == 1
    assert [word for word in words if word not in done.stderr] == []


def test_a_folder_without_a_kustomization_is_named_once(tree: Path) -> None:
    done = krmfn(tree, "build", "overlays/e")
    assert done.stderr.splitlines()[0] == "[error] overlays/e: holds no kustomization.yaml"


def test_a_place_that_cannot_be_written_is_told_in_words(tree: Path) -> None:
    overlay(tree, "")
    (tree / "file").write_text("mine")
    done = krmfn(tree, "build", "overlays/e", "-o", "file/out")
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("[error]"))
    assert line.startswith("[error] overlays/e: file")
    assert line.endswith("; move it")
    assert "Errno" not in line
