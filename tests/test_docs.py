"""The documentation: its commands run, its links lead somewhere, and the YAML that it shows is the package's."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.conftest import PACKAGE, ROOT, SCRIPTS, Copy

IGNORED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
BUILT = ("build", "dist", "node_modules")
REQUIRED = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "overlays/README.md", "packages/llama-3.1-8b/README.md")

# Commands that cannot run here, and why.
NOT_RUN = {
    r"git clone https://": "the network",
    r"kpt pkg get https://": "the network; test_kpt.py does it with a local repository",
    r"kpt pkg update ": "the network; test_kpt.py does it with a local repository",
    r"krmfn diff HEAD:": "a history; test_diff.py has one",
    r"(tar .* -C clusters|crane append)": "a registry; `make judge` runs it against one on the loopback",
    r"cosign verify": "an image of a registry; test_signing.py runs it against one on the loopback",
    r"cd ": "a folder that a command before would have made",
    r"make test": "it is what runs now",
    r"make judge": "real clusters, which take minutes to build; `.ci/run` runs it",
    r"gcloud |(IP=\$\()?kubectl (apply|create|delete|get|wait) |kpt live ": "a cluster",
    r"curl ": "a cluster",
    r"krmfn lock ": "registries; functions/tests/commands/test_lock.py has one",
    r"\./smoke-test\.sh": "a cluster; test_smoke_test.py has a stand-in",
    r"read -rs HF_TOKEN": "a terminal",
    r"printf %s \"\$HF_TOKEN\" \| kubectl create": "a cluster",
    r"unset HF_TOKEN": "nothing to see",
    r"kubectl kustomize --enable-alpha-plugins": "containers; test_kustomize_functions.py does it",
    r"kpt fn render": "containers; `make e2e` does it, and test_kpt.py with executables",
    r"kpt fn eval .* --image ": "containers",
    r"python benchmarks/public_manifests.py CLONES": "clones of 47 repositories; test_public_manifests.py has the rest",
    r"python benchmarks/public_faults.py CLONES": "clones of 17 repositories; test_public_manifests.py has the rest",
    r"python -m benchmarks.gpu measure ": "a GPU; test_gpu_benchmark.py has what can be had without",
}

# Files that commands find in the reader's own folders.
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-app
spec:
  selector:
    matchLabels:
      app: my-app
  template:
    metadata:
      labels:
        app: my-app
    spec:
      containers:
      - name: server
        image: example.com/server:v1
        args:
        - --port=8000
"""
CONFIGURATION = "apiVersion: fn.kpt.dev/v1alpha1\nkind: {}\nmetadata:\n  name: mine\n"
RESULTS = """\
{"kind": "about", "date": "2026-11-30", "vllm": "0.26.0", "torch": "2.11.0", "transformers": "5.17.0", \
"triton": "3.6.0", "python": "3.12.3", "gpu": ["NVIDIA H200, 580.159.04, 143771 MiB, 1980 MHz"]}
{"kind": "start", "run": "1b", "shape": "1b", "lora": false, "max_num_seqs": 256, "ready_s": 81.8, \
"gpu_idle_mib": 132707, "weights_gib": 2.32, "kv_gib": 125.51, "kv_tokens": 4112864}
{"kind": "load", "run": "1b", "shape": "1b", "lora": false, "streams": 8, "prompt_tokens": 32, "output_tokens": 128, \
"complete": 8, "tpot_ms": 1.911, "ttft_ms": 26.5, "longest_s": 0.269, "step_ms": 1.834, "step_context": 88}
"""
SERVER = WORKLOAD.replace("name: my-app", "name: my-llm").replace("app: my-app", "app: my-llm")
SERVER = SERVER.replace("example.com/server:v1", "docker.io/vllm/vllm-openai:v0.33.0").replace(
    "        - --port=8000\n",
    "        - --model=Qwen/Qwen3-8B\n        - --max-model-len=8192\n        resources:\n          limits:\n"
    '            nvidia.com/gpu: "2"\n      nodeSelector:\n        cloud.google.com/gke-accelerator: nvidia-l4\n',
)
FILES = {
    "my-manifests/server.yaml": SERVER,
    "gpu-results/results.jsonl": RESULTS,
    "my-app/deployment.yaml": WORKLOAD,
    "my-package/deployment.yaml": WORKLOAD,
    "adapters.yaml": CONFIGURATION.format("InjectLora")
    + "spec:\n  model: example/model\n  adapters:\n  - name: haiku\n    source: example/haiku\n",
    "lifecycle.yaml": CONFIGURATION.format("InjectLifecycle") + "spec:\n  maxOutputTokens: 1000\n",
}


@cache
def pages() -> list[Path]:
    """Return every Markdown file of the repository, but for what is built or hidden."""
    found: list[Path] = []
    for folder, names, files in os.walk(ROOT):
        names[:] = [
            name for name in names if not name.startswith(".") and name not in ("build", "dist", "node_modules")
        ]
        found += [Path(folder, name) for name in files if name.endswith(".md") and not name.startswith(".")]
    return sorted(found)


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a language, without the indentation of the list that they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indentation}", "", text, flags=re.MULTILINE) for indentation, text in found]


def commands(page: Path) -> Iterator[str]:
    """Yield each command of the shell blocks; one after `&&` is one of its own."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", "").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield from (re.sub(r"\s+", " ", part).partition(" # ")[0].strip() for part in line.split(" && "))


# Commands that compare two things which differ, and say so by their exit status.
DIFFERING = ("krmfn facts diff ", "krmfn diff overlays/dev ", "krmfn diff packages/")


def is_run(command: str) -> bool:
    return not any(re.match(pattern, command) for pattern in NOT_RUN)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


COMMANDS = [(name_of(page), command) for page in pages() for command in dict.fromkeys(commands(page))]


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the working tree, rendered, with this installation and the files that commands speak of."""
    root = tmp_path_factory.mktemp("clone") / "krm-inference"
    shutil.copytree(ROOT, root, ignore=IGNORED)
    for ignore_file in ROOT.glob("packages/*/.krmignore"):
        shutil.copy(ignore_file, root / ignore_file.relative_to(ROOT))
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(SCRIPTS)
    (root / ".venv" / ".locked").touch()
    for name, text in FILES.items():
        Copy(root).write(name, text)
    package = Copy(root / "packages" / PACKAGE.name)
    assert package.render(), package.said
    return root


@pytest.mark.parametrize("name", REQUIRED)
def test_the_page_is_there(name: str) -> None:
    """The repository has the pages that a reader looks for first."""
    assert (ROOT / name).is_file()


# What several pages show runs once, for the first of them.
RUN = {command: page for page, command in reversed(COMMANDS) if is_run(command)}


@pytest.mark.parametrize(("page", "command"), [each for each in COMMANDS if RUN.get(each[1]) == each[0]])
def test_a_command_of_the_documentation_runs(
    page: str, command: str, clone: Path, require: Callable[[str], str]
) -> None:
    """Every command of the documentation works at the root of a clone, with the virtual environment on the PATH."""
    for tool in ("kpt", "kubectl", "make"):
        if re.search(rf"(^|\| ){tool} ", command):
            require(tool)
    environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    run = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == int(command.startswith(DIFFERING)), f"{page}: {command}\n{run.stdout}{run.stderr}"


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_the_table_of_commands_that_do_not_run_is_current(pattern: str) -> None:
    """Each row of the table still stands for a command."""
    assert any(re.match(pattern, command) for _, command in COMMANDS)


# Links


def prose(page: Path) -> str:
    """Return a page without its code."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(page))
    yield from re.findall(r"^\[[^\]]+\]: (\S+)$", prose(page), re.MULTILINE)


@pytest.mark.parametrize("name", [name_of(page) for page in pages()])
def test_links_inside_the_repository_lead_somewhere(name: str) -> None:
    """Each relative link names a file or folder that is there, and each anchor a heading."""
    page = ROOT / name
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", [name_of(page) for page in pages()])
def test_references_of_links_are_defined(name: str) -> None:
    """Each link by reference has its definition, and each definition its use."""
    text = prose(ROOT / name)
    defined = set(re.findall(r"^\[([^\]]+)\]: ", text, re.MULTILINE))
    used = set(re.findall(r"\[([^\]\[]+)\](?![(:\[])", text))
    assert defined <= used
    assert {label for label in used if re.search(r"#\d+$", label)} <= defined


# What the README shows


def test_the_readme_shows_the_intent_and_what_renders(package: Copy) -> None:
    """The first YAML is the package's intent; the others stand in its Deployment, line for line, or are an overlay."""
    first, *others = blocks(ROOT / "README.md", "yaml")
    assert first == re.sub(r" # \{.*\}$", "", package.read("llm.yaml"), flags=re.MULTILINE)  # kpt reads these comments
    assert others
    overlays = [file.read_text() for file in ROOT.glob("overlays/*/kustomization.yaml")]
    for text in others:
        assert text in package.read("model-server.yaml") or text in overlays


def test_the_readme_counts_the_objects(package: Copy) -> None:
    """The number of objects in the README is the number that the package applies."""
    count = len(package.objects())
    assert [int(number) for number in re.findall(r"(\d+) objects", (ROOT / "README.md").read_text())] == [count]


def test_the_package_says_which_files_hold_what(package: Copy) -> None:
    """The table in the package's README has a row for each file of it, and names each kind of the rendered ones."""
    rows = re.findall(r"^\| (`.+?`) \| (.+) \|$", package.read("README.md"), re.MULTILINE)
    described = {file: text for names, text in rows for file in re.findall(r"`([\w.-]+)`", names)}
    files = yaml.safe_load(package.read("kustomization.yaml"))["resources"]
    assert set(described) == {"llm.yaml", "smoke-test.sh", *files}


@pytest.mark.parametrize("name", ["README.md", "sdk/README.md"])
def test_the_function_that_a_page_shows_works(name: str, tmp_path: Path) -> None:
    """The Python that the page shows is an executable: it changes the Deployment, and bad input is an exit status."""
    (script,) = (text for text in blocks(ROOT / name, "python") if "__main__" in text)
    (tmp_path / "function.py").write_text(script)
    command = [sys.executable, str(tmp_path / "function.py")]
    run = subprocess.run(command, input=WORKLOAD, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert yaml.safe_load(run.stdout)["spec"]["replicas"] == 3
    broken = subprocess.run(command, input="kind: [\n", capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "[error]" in broken.stderr
