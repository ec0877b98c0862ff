"""Real kpt and the embedded renderer: the same functions, the same files, byte for byte."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk.document import emitter
from krm_inference.domain.facts import merging

from tests.conftest import EDITS, PACKAGE, ROOT, SCRIPTS, Copy, Edit, edits_together

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


def assert_same(kpt: str, package: Copy) -> Copy:
    """Render one copy with kpt and one with the embedded renderer, compare, and return the one of kpt."""
    other = twin(package)
    assert package.render(), package.said
    run = other.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    assert package.texts() == other.texts()
    return other


def assert_same_and_done(kpt: str, package: Copy) -> None:
    """The same, and let each render the other's result, which changes nothing."""
    other = assert_same(kpt, package)
    after = package.texts()
    run = package.render_with_kpt(kpt)
    assert run.returncode == 0, run.stderr
    assert package.texts() == after
    assert other.render(), other.said
    assert other.texts() == after


def test_both_render_the_intent_alone(kpt: str, intent: Copy) -> None:
    """From the intent alone both write the same files."""
    assert_same_and_done(kpt, intent)


# kpt starts nine processes for each render.
CHANGES = [(", ".join(names), [edit for name in names for edit in EDITS[name]]) for names in (*edits_together(), [])]
# Each begins where the one before ended.
STAGES = [CHANGES[max(0, first - 1) : first + 4] for first in range(0, len(CHANGES), 4)]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage[-1][0] or "none")
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
    assert_same_and_done(kpt, intent)
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
    assert_same_and_done(kpt, intent)
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
    assert_same_and_done(kpt, intent)
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
    assert_same_and_done(kpt, package)


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
    start = next(number for number, line in enumerate(lines) if line.startswith("  rewrites:"))
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


# An entry of each list of the intent, with the lists and maps around it: `{0}` is its name, `{1}` its number.
ENTRIES: dict[str, Any] = {
    "server.extraArgs": "--{0}=1",
    "server.env": {"name": "{0}", "value": "v"},
    "adapters": {"name": "{0}", "source": "x/{0}"},
    "adapters[].match.hostnames": "{0}.example.com",
    "adapters[].match.headers": {"name": "{0}", "values": ["v"]},
    "adapters[].match.headers[].values": "{0}",
    "rewrites": {"model": "{0}", "targets": []},
    "rewrites[].targets": {"model": "{0}"},
    "objectives": {"name": "{0}", "priority": 1},
    "objectives[].match.hostnames": "{0}.example.com",
    "objectives[].match.headers": {"name": "{0}", "values": ["v"]},
    "objectives[].match.headers[].values": "{0}",
    "picker.flowControl.bands": {"priority": "{1}"},
    "gateway.allowedNamespaces": "{0}",
    "gateway.tls.secrets": {"name": "{0}"},
    "gateway.tls.preSharedCerts": "{0}",
    "gateway.tls.certManagerCerts": "{0}",
    "gateway.jwt.audiences": "{0}",
    "route.hostnames": "{0}.example.com",
    "route.paths": "/{0}",
    "route.headers": {"name": "{0}", "values": ["v"]},
    "route.headers[].values": "{0}",
    "route.setHeaders": {"name": "{0}", "value": "v"},
    "networkPolicy.gatewayRanges": "{0}/24",
}
NUMBERS = {"first": 1, "mine": 2, "theirs": 3}
# Where the comment stands: nowhere, in the copy, in the newer version of the package, or in all.
PLACES = {"nowhere": (), "mine": ("mine",), "theirs": ("theirs",), "everywhere": ("first", "mine", "theirs")}


def intent_with(path: str, name: str, words: tuple[str, ...], comment: str) -> str:
    """Return an intent with these entries in one of its lists, and comments behind the keys that lead there."""
    entries = [json.dumps(ENTRIES[path]).replace("{0}", word).replace('"{1}"', str(NUMBERS[word])) for word in words]
    value: Any = [json.loads(entry) for entry in entries]
    for step in reversed(path.split(".")):
        key = step.removesuffix("[]")
        value = {key: value} if key == step else {key: [{"model" if key == "rewrites" else "name": "one", **value}]}
    head = {"apiVersion": "inference.fn.kpt.dev/v1alpha1", "kind": "LLMService", "metadata": {"name": name}}
    text = emitter.document({**head, "spec": value})
    outer = [".".join(path.split(".")[:end]).removesuffix("[]") for end in range(1, path.count(".") + 2)]
    for each in (each for each in outer if each in merging.KEYS) if comment else ():
        key = each.rpartition(".")[2]
        text = re.sub(rf"^([- ]*{key}:)$", rf"\1 {merging.comment(each)}", text, flags=re.MULTILINE)
    return text


def test_an_update_keeps_the_entries_of_both_sides(kpt: str, require: Require, tmp_path: Path) -> None:
    """`kpt pkg update` takes a list of the intent as a whole, unless a comment on it says how its entries merge."""
    names = {
        (path, place): f"{re.sub(r'[^a-z]+', '-', path.lower())}-{place}" for path in merging.KEYS for place in PLACES
    }

    def texts(side: str, *words: str) -> dict[str, str]:
        return {
            f"{name}.yaml": intent_with(path, name, words, merging.comment(path) if side in PLACES[place] else "")
            for (path, place), name in names.items()
        }

    history = History(kpt, require, tmp_path)
    history.publish("v1", "p", {"Kptfile": KPTFILE.format("p"), **texts("first", "first")})
    history.publish("v2", "p", texts("theirs", "first", "theirs"))
    copy = history.get("p", "v1")
    history.change(copy, texts("mine", "first", "mine"))
    history.update("p", "v2")
    for (path, place), name in names.items():
        text = (copy / f"{name}.yaml").read_text()
        entry = ENTRIES[path] if isinstance(ENTRIES[path], str) else next(iter(ENTRIES[path].values()))
        there = {
            word
            for word, number in NUMBERS.items()
            if re.search(rf"[- ]{re.escape(entry.format(word, number))}$", text, re.MULTILINE)
        }
        merges = merging.KEYS[path] is not None and place != "nowhere"
        assert there == ({*NUMBERS} if merges else {"first", "theirs"}), f"{path} {place}: {text}"


KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: {}\n"
# What both sides add to the intents of a package, by its file and the key of the list.
ADDED = {
    "llama-3.1-8b": {
        "llm.yaml": {"adapters": "- name: {0}\n    source: x/{0}", "objectives": "- name: {0}\n    priority: 1"}
    },
    "shared-gateway": {
        "llama.yaml": {
            "adapters": "- name: {0}\n    source: x/{0}",
            "objectives": "- name: {0}\n    priority: 1",
            "hostnames": "- {0}.example.com",
            "rewrites": "- model: alias-{0}\n    targets:\n    - model: food-review-v1",
        },
        "qwen.yaml": {"hostnames": "- {0}-qwen.example.com"},
    },
    "fresh": {"llm.yaml": {"adapters": "- name: {0}\n    source: x/{0}"}},
}


@pytest.mark.parametrize("name", ADDED)
def test_an_updated_package_has_what_both_sides_added_and_renders(
    kpt: str, require: Require, tmp_path: Path, name: str
) -> None:
    """The steps of "Updating a package", for each of our packages and for one that `krmfn init` makes."""
    source = tmp_path / "source" / name
    if name == "fresh":
        init = ["krmfn", "init", str(source), "--model=Qwen/Qwen3-8B", "--adapter=poems=example/poems"]
        subprocess.run([SCRIPTS / init[0], *init[1:]], check=True, capture_output=True)
    else:
        shutil.copytree(ROOT / "packages" / name, source)

    def extended(word: str, files: dict[str, str]) -> dict[str, str]:
        found = {}
        for file, lists in ADDED[name].items():
            text = files[file]
            for key, entry in lists.items():
                line = next(line for line in text.splitlines() if line.strip().startswith(f"{key}: #"))
                indent = " " * (len(line) - len(line.lstrip()))
                more = entry.format(word).replace("\n  ", f"\n{indent}")
                text = text.replace(line, f"{line}\n{indent}{more}", 1)
            found[file] = text
        return found

    history = History(kpt, require, tmp_path)
    files = {path.name: path.read_text() for path in source.iterdir() if path.is_file()}
    history.publish("v1", name, files)
    history.publish("v2", name, extended("theirs", files))
    copy = history.get(name, "v1")
    history.change(copy, extended("mine", {path.name: path.read_text() for path in copy.iterdir() if path.is_file()}))
    history.update(name, "v2")
    for file, lists in ADDED[name].items():
        text = (copy / file).read_text()
        for entry in lists.values():
            for word in ("mine", "theirs"):
                assert entry.format(word).partition("\n")[0] in text, text
    package = Copy(copy)
    assert package.render(), package.said


class History:
    """A repository from which packages are taken, and one that takes them."""

    def __init__(self, kpt: str, require: Require, folder: Path) -> None:
        self._kpt, self._git = kpt, require("git")
        self.up, self.local = folder / "up", folder / "local"
        for each in (self.up, self.local):
            each.mkdir()
            self.git(each, "init", "-q", "-b", "main")

    def git(self, folder: Path, *words: str) -> None:
        settings = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run([self._git, *settings, *words], cwd=folder, check=True, capture_output=True)

    def publish(self, version: str, package: str, files: dict[str, str]) -> None:
        """Write files of a package and tag them."""
        self.change(self.up / package, files)
        self.git(self.up, "tag", version)

    def change(self, folder: Path, files: dict[str, str]) -> None:
        """Write files and commit them."""
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        self.git(folder, "add", "-A")
        self.git(folder, "commit", "-q", "-m", "change")

    def get(self, package: str, version: str) -> Path:
        """Take a package, and return the folder of the copy."""
        self._run("get", f"{self.up.as_uri()}/.git/{package}@{version}", package)
        self.change(self.local / package, {})
        return self.local / package

    def update(self, package: str, version: str) -> None:
        """Update the copy of a package."""
        self._run("update", f"{package}@{version}")

    def _run(self, *words: str) -> None:
        done = subprocess.run([self._kpt, "pkg", *words], cwd=self.local, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
