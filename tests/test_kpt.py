"""Real kpt and the embedded renderer: the same functions, the same files, byte for byte."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import EDITS, PACKAGE, ROOT, SCRIPTS, Copy, Edit

Require = Callable[[str], str]

# As a user has it: other values in owned fields, comments, quotes and flow style, and fields that no function owns.
SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: vllm-llama3.1-8b-instruct
  labels:
    team: search # who to call
spec:
  replicas: 2 # for now
  selector:
    matchLabels:
      app: vllm-llama3.1-8b-instruct
  template:
    metadata:
      labels:
        app: vllm-llama3.1-8b-instruct
    spec:
      # the server, and what writes its logs
      containers:
      - name: vllm
        # a moving tag
        image: "vllm/vllm-openai:latest"
        command: [sh, -c]
        args:
        - "vllm serve mistralai/Mistral-7B-v0.1"
        env:
        - name: PORT
          value: "80"
        - name: MINE
          value: 'yes'
        ports:
        - containerPort: 80
          name: http
        readinessProbe:
          httpGet: {path: /ready, port: 80}
          periodSeconds: 30
        resources:
          limits: {nvidia.com/gpu: 2}
          requests: {nvidia.com/gpu: 2}
      - name: logger
        image: example.com/logger:v1
      terminationGracePeriodSeconds: 30 # the default
      nodeSelector:
        cloud.google.com/gke-accelerator: "nvidia-l4"
      volumes:
      - name: logs
        emptyDir: {}
"""

ROUTING = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: inference-gateway
spec:
  gatewayClassName: gke-l7-rilb # internal
  listeners:
  - {name: http, port: 8080, protocol: HTTP}
  - {name: https, port: 443, protocol: HTTPS}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: vllm-llama3.1-8b-instruct
spec:
  parentRefs:
  - name: elsewhere # for now
  hostnames: [llm.example.com]
"""


def twin(one: Copy) -> Copy:
    """Return a copy of the copy, of the same folder name."""
    folder = one.root.parent / "twin" / one.root.name
    shutil.copytree(one.root, folder)
    return Copy(folder)


def assert_same(kpt: str, package: Copy) -> None:
    """Render one copy with kpt and one with the embedded renderer, compare, and let each render the other's result."""
    other = twin(package)
    assert package.render(), package.said
    run = other.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    assert package.texts() == other.texts()
    after = package.texts()
    run = package.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    assert package.texts() == after
    assert other.render(), other.said
    assert other.texts() == after


def test_both_render_the_intent_alone(kpt: str, intent: Copy) -> None:
    """From the intent alone both write the same files."""
    assert_same(kpt, intent)


# Two changes at a time, of which each leaves the other's lines alone: kpt starts nine processes for each render.
HALF = (len(EDITS) + 1) // 2
PAIRS = [list(EDITS)[first::HALF] for first in range(HALF)]
CHANGES = [*((", ".join(pair), [edit for name in pair for edit in EDITS[name]]) for pair in PAIRS), ("none", [])]
# Each begins where the one before ended.
STAGES = [CHANGES[max(0, first - 1) : first + 4] for first in range(0, len(CHANGES), 4)]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage[-1][0])
def test_both_follow_every_change_of_the_intent(kpt: str, package: Copy, stage: list[tuple[str, list[Edit]]]) -> None:
    """Both change the same bytes when the intent goes from one change to the next, and so takes the one before back."""
    seed, other = package.read("llm.yaml"), twin(package)
    for change, edits in stage:
        for each in (package, other):
            each.write("llm.yaml", seed)
            each.edit(*edits)
        assert package.render(), package.said
        run = other.render_with_kpt(kpt)
        assert run.returncode == 0, run.stderr
        assert package.texts() == other.texts(), change


def test_both_adopt_what_was_written_by_hand(kpt: str, intent: Copy) -> None:
    """Objects of a user's own become the same files under both, where they are, unmarked; the user's fields stay."""
    intent.write("server.yaml", SERVER)
    intent.write("routing/all.yaml", ROUTING)
    assert_same(kpt, intent)
    server, routing = intent.read("server.yaml"), intent.read("routing/all.yaml")
    for kept in (
        "    team: search # who to call\n",
        "      # the server, and what writes its logs\n",
        "        - name: MINE\n          value: 'yes'\n",
        "      - name: logger\n        image: example.com/logger:v1\n",
        "      - name: logs\n        emptyDir: {}\n",
    ):
        assert kept in server
    assert "{name: https, port: 443, protocol: HTTPS}" in routing
    assert "generated-by" not in server + routing
    assert not {"model-server.yaml", "gateway.yaml", "route.yaml"} & intent.texts().keys()


def test_both_adopt_the_tutorial(kpt: str, intent: Copy, shared: Path) -> None:
    """The tutorial's manifests, in kpt's format and without what has to go, become the same files under both."""
    for name in ("01-metrics-rbac", "02-vllm-llama3.1-8b-instruct", "05b-gateway-substituted"):
        intent.write(f"tutorial/{name}.yaml", (shared / "tutorial" / f"{name}.yaml").read_text())
    objectives = "04b-inferenceobjective-examples-x-k8s-v1alpha2.yaml"
    intent.write(f"tutorial/{objectives}", (shared / "tutorial" / objectives).read_text())
    # The validator refuses a second HealthCheckPolicy of the pool. The comment in `env` is of a variable that goes.
    workload, _, _ = intent.read("tutorial/02-vllm-llama3.1-8b-instruct.yaml").partition("---\nkind: HealthCheckPolicy")
    start, name, end = workload.partition("          - name: VLLM_USE_V1\n")
    intent.write("tutorial/02-vllm-llama3.1-8b-instruct.yaml", start.rpartition("env:\n")[0] + "env:\n" + name + end)
    kptfile = intent.read("Kptfile")
    intent.write("Kptfile", kptfile.partition("pipeline:")[0])
    run = intent.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    intent.write("Kptfile", kptfile)
    assert_same(kpt, intent)
    assert not {"model-server.yaml", "objectives.yaml", "gateway.yaml"} & intent.texts().keys()


def test_kpt_gives_the_comment_of_a_removed_item_to_the_next(kpt: str, intent: Copy) -> None:
    """The one known difference: kpt pairs list items by position, so the comment of a removed variable moves on."""
    intent.write(
        "server.yaml", SERVER.replace("        - name: PORT\n", "        # where it listens\n        - name: PORT\n")
    )
    other = twin(intent)
    assert intent.render(), intent.said
    run = other.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    assert "where it listens" not in intent.read("server.yaml")
    assert other.read("server.yaml").replace("        # where it listens\n", "") == intent.read("server.yaml")
    after = intent.texts()
    assert intent.render_with_kpt(kpt).returncode == 0
    assert intent.texts() == after


def test_both_adopt_deleted_files_and_documents(kpt: str, package: Copy) -> None:
    """What was deleted comes back at the same place under both, also a document out of the middle of a file."""
    (package.root / "route.yaml").unlink()
    package.write("gateway.yaml", "")
    documents = package.read("endpoint-picker.yaml").split("\n---\n")
    package.write("endpoint-picker.yaml", "\n---\n".join(documents[:2] + documents[4:]))
    assert_same(kpt, package)


def test_both_render_two_services(kpt: str, intent: Copy) -> None:
    """Two services, one of them in a folder below, give the same files under both."""
    text = intent.read("llm.yaml")
    for old, new in (
        ("vllm-llama3.1-8b-instruct", "qwen"),
        ("food-review", "haiku"),
        ("llama3-base-model", "base"),
        ("external-managed\n", "external-managed\n  route:\n    pathPrefix: /qwen\n"),
    ):
        text = text.replace(old, new)
    intent.write("qwen/llm.yaml", text)
    assert_same(kpt, intent)
    assert "qwen/model-server.yaml" in intent.texts()


def test_both_render_subpackages_first(kpt: str, intent: Copy) -> None:
    """A package below another one renders first, and each keeps its own files."""
    folder = intent.root.parent / "outer"
    shutil.copytree(intent.root, folder / "inner")
    (folder / "Kptfile").write_text(
        (folder / "inner" / "Kptfile").read_text().replace("name: llama-3.1-8b", "name: outer")
    )
    assert_same(kpt, Copy(folder))


def test_bad_input_fails_under_both(kpt: str, package: Copy) -> None:
    """A render of kpt fails as the embedded one does, shows every mistake, and leaves the files as they are."""
    package.edit(("replicas: 3", "replica: 3"), ("priority: 20", "priority: high"))
    before = package.texts()
    run = package.render_with_kpt(kpt)
    assert run.returncode != 0
    assert 'unknown field "replica"' in run.stderr
    assert 'found the string "high"' in run.stderr
    assert "Traceback" not in run.stderr
    assert package.texts() == before
    assert not package.render()
    assert package.texts() == before


def test_kpt_writes_our_results(kpt: str, package: Copy, tmp_path: Path) -> None:
    """The results file of kpt has an entry for each function, with our results and their fields."""
    package.edit(("replicas: 3", "replicas: 5"))
    run = package.render_with_kpt(kpt, f"--results-dir={tmp_path / 'results'}")
    assert run.returncode == 0, run.stderr
    written = yaml.safe_load((tmp_path / "results" / "results.yaml").read_text())
    assert written["exitCode"] == 0
    steps = yaml.safe_load(package.read("Kptfile"))["pipeline"]
    assert len(written["items"]) == sum(len(section) for section in steps.values())
    results = [result for item in written["items"] for result in item.get("results", []) if "field" in result]
    assert {result["severity"] for result in results} == {"info"}
    (changed,) = [result for result in results if "rule" not in result.get("tags", {})]
    assert changed["field"] == {"path": "spec.replicas", "currentValue": 3, "proposedValue": 5}
    assert changed["file"] == {"path": "model-server.yaml"}
    assert changed["resourceRef"]["kind"] == "Deployment"


def test_a_function_acts_on_the_deployment_of_anyone(kpt: str, tmp_path: Path) -> None:
    """`kpt fn eval` puts a Deployment without any LLMService onto GPUs and changes nothing else in its file."""
    file = tmp_path / "server.yaml"
    file.write_text(SERVER)
    command = [kpt, "fn", "eval", str(tmp_path), "--exec", str(SCRIPTS / "inject-accelerator"), "--"]
    arguments = ["type=nvidia-h100-80gb", "container=vllm"]
    run = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    pod: dict[str, Any] = yaml.safe_load(file.read_text())["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"cloud.google.com/gke-accelerator": "nvidia-h100-80gb"}
    assert pod["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert "# the server, and what writes its logs" in file.read_text()
    ambiguous = subprocess.run([*command, arguments[0]], capture_output=True, text=True, check=False)
    assert ambiguous.returncode != 0
    assert "vllm, logger" in ambiguous.stderr


def test_the_folder_alone_is_a_working_package(kpt: str, require: Require, tmp_path: Path) -> None:
    """`kpt pkg get` of the folder out of a git repository gives a package that renders and that kustomize builds."""
    kubectl, git = require("kubectl"), require("git")
    repository = tmp_path / "repository"
    shutil.copytree(PACKAGE.parent, repository / "packages")
    shutil.copy(ROOT / ".krmignore", repository)
    settings = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([git, *settings, *command], cwd=repository, check=True)
    source = f"{repository.as_uri()}.git/packages/{PACKAGE.name}@main".replace("repository.git", "repository/.git")
    run = subprocess.run(
        [kpt, "pkg", "get", source, str(tmp_path / "got")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    got = Copy(tmp_path / "got")
    assert got.render(), got.said
    before = got.texts()
    run = got.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    assert got.texts() == before
    built = subprocess.run([kubectl, "kustomize", str(got.root)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert built.stdout.count("\nkind: Deployment\n") == 2


def test_an_image_of_the_same_name_from_elsewhere_is_told(tmp_path: Path) -> None:
    """The installed function runs instead, with a warning that names both."""
    root = shutil.copytree(PACKAGE, tmp_path / "p")
    kptfile = (root / "Kptfile").read_text()
    (root / "Kptfile").write_text(kptfile.replace("ghcr.io/krm-inference/inject-lora", "example.com/mine/inject-lora"))
    done = subprocess.run([SCRIPTS / "krmfn", "render", root], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "[warning] " in done.stderr
    assert "the installed inject-lora, ghcr.io/krm-inference/inject-lora, runs instead" in done.stderr


def test_both_render_many_models_behind_one_gateway(kpt: str, tmp_path: Path) -> None:
    """The package with two models, TLS, tenants and a canary comes out of both alike, from its intents alone."""
    package = Copy(shutil.copytree(ROOT / "packages" / "shared-gateway", tmp_path / "shared-gateway"))
    for path in package.root.rglob("*.yaml"):
        if "inference.fn.kpt.dev/generated-by" in path.read_text():
            path.unlink()
    assert_same(kpt, package)


def test_both_keep_the_kustomization_current(kpt: str, require: Require, tmp_path: Path) -> None:
    """A file that comes or goes is listed or not, with kpt as with krmfn, and the package builds each time."""
    kubectl = require("kubectl")
    package = Copy(shutil.copytree(ROOT / "packages" / "shared-gateway", tmp_path / "shared-gateway"))
    package.edit(
        ("resources:\n", "resources:\n# the team's own\n- dashboards.yaml # for Grafana\n"), file="kustomization.yaml"
    )
    package.write("dashboards.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dashboards\n")
    before = package.texts()
    for intent in (llama_without_rewrites(before["llama.yaml"]), before["llama.yaml"]):
        package.write("llama.yaml", intent)
        assert_same(kpt, package)
        shutil.rmtree(tmp_path / "twin")
        has_rewrites = "rewrites:" in intent
        assert ("- rewrites.yaml\n" in package.read("kustomization.yaml")) == has_rewrites
        assert (package.root / "rewrites.yaml").exists() == has_rewrites
        built = subprocess.run([kubectl, "kustomize", package.root], capture_output=True, text=True, check=False)
        assert built.returncode == 0, built.stderr
    assert package.texts() == before


def llama_without_rewrites(intent: str) -> str:
    """Return the intent without its part `rewrites`."""
    lines = intent.splitlines(keepends=True)
    start = lines.index("  rewrites:\n")
    end = next(number for number in range(start + 1, len(lines)) if not lines[number].startswith(("  -", "   ")))
    return "".join(lines[:start] + lines[end:])


def test_a_hidden_kustomization_is_told(tmp_path: Path) -> None:
    """Where the ignore file names it, as in packages of 0.1, the render warns of what comes and goes."""
    package = Copy(shutil.copytree(ROOT / "packages" / "shared-gateway", tmp_path / "shared-gateway"))
    package.write(".krmignore", "kustomization.yaml\nkustomizeconfig.yaml\n")
    package.write("llama.yaml", llama_without_rewrites(package.read("llama.yaml")))
    assert package.render(), package.said
    (said,) = [line for line in package.said if "kustomization.yaml" in line]
    assert said.startswith("[warning] ")
    assert "rewrites.yaml is listed and gone" in said


NAMED = '# {"x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"}'
WORDS = (
    '# {"items":{"type":"string"},"type":"array","x-kubernetes-list-type":"set","x-kubernetes-patch-strategy":"merge"}'
)
# Each list of the intent that both sides extend: its comment, and an entry of it.
LISTS = {
    "adapters": (NAMED, "- name: {0}\n    source: x/{0}"),
    "objectives": (NAMED, "- name: {0}\n    priority: 1"),
    "env": (NAMED, "- name: {0}\n    value: v"),
    "extraArgs": (WORDS, "- --{0}=1"),
    "hostnames": (WORDS, "- {0}.example.com"),
}


@pytest.mark.parametrize("with_comment", [True, False], ids=["with the comment", "without"])
@pytest.mark.parametrize("name", LISTS)
def test_an_update_keeps_the_entries_of_both_sides(
    kpt: str, require: Require, tmp_path: Path, name: str, with_comment: bool
) -> None:
    """`kpt pkg update` takes a list of the intent as a whole, unless a comment on it says how its entries merge."""
    comment, entry = LISTS[name]
    settings = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]

    def git(folder: Path, *words: str) -> None:
        subprocess.run([require("git"), *settings, *words], cwd=folder, check=True, capture_output=True)

    def write(folder: Path, title: str, *entries: str) -> None:
        head = "apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: LLMService\nmetadata:\n  name: llama\nspec:\n"
        lines = "".join(f"  {entry.format(one)}\n" for one in entries)
        (folder / "p" / "llm.yaml").write_text(f"{head}  {name}:{title}\n{lines}")

    up, local = tmp_path / "up", tmp_path / "local"
    (up / "p").mkdir(parents=True)
    local.mkdir()
    (up / "p" / "Kptfile").write_text("apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n")
    write(up, "", "first")
    git(up, "init", "-q", "-b", "main")
    for folder, version, entries in ((up, "v1", ["first"]), (up, "v2", ["first", "theirs"])):
        write(folder, "", *entries)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", version)
        git(folder, "tag", version)
    git(local, "init", "-q", "-b", "main")
    get = [kpt, "pkg", "get", f"{up.as_uri()}/.git/p@v1", "p"]
    assert subprocess.run(get, cwd=local, capture_output=True, check=False).returncode == 0
    own = (local / "p" / "llm.yaml").read_text()
    mine = "\n  ".join(["", *entry.format("mine").split("\n  ")])
    own = own.rstrip("\n") + mine + "\n"
    if with_comment:
        own = own.replace(f"  {name}:\n", f"  {name}: {comment}\n")
    (local / "p" / "llm.yaml").write_text(own)
    git(local, "add", "-A")
    git(local, "commit", "-q", "-m", "mine")
    update = subprocess.run([kpt, "pkg", "update", "p@v2"], cwd=local, capture_output=True, text=True, check=False)
    assert update.returncode == 0, update.stderr
    text = (local / "p" / "llm.yaml").read_text()
    assert "first" in text
    assert "theirs" in text
    assert ("mine" in text) == with_comment
