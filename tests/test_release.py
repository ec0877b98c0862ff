"""A release: one version in every place, the base by digest, an archive that runs alone, and what is in it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, missing

RELEASE = ROOT / "release"
TOOLS = ROOT / "build" / "release"
WORKFLOW = ROOT / ".github" / "workflows" / "release.yaml"
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
# Steps of the workflow that a machine of one's own cannot run, and why.
ELSEWHERE = {
    "make images": "needs a container engine; tests/test_images.py runs it",
    "docker login": "a registry of GitHub's",
    "release/push.py": "needs images and a registry; tests/test_signing.py runs it at a registry of its own",
    "release/provenance.py": "tests/test_signing.py runs it",
    "release/sign.py": "signs with the identity of a run at GitHub; tests/test_signing.py runs it with a key",
    "release/verify.py": "tests/test_signing.py runs it with a key",
    "gh release create": "GitHub",
    "release/base.py --check": "the registry of the base; a loopback one stands in for it below",
    "make audit": "the index; what is said where it gives no answer is tested below",
}
HERE = ('test "$GITHUB_REF_NAME"', "make release", "find dist")


def module(name: str) -> ModuleType:
    """Import a script of release/, which is no package."""
    sys.path.insert(0, str(RELEASE))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(RELEASE))


version, base = module("version"), module("base")


@pytest.fixture(scope="module")
def tools() -> Path:
    """The tools of a release, which `make dist` installs apart."""
    return TOOLS if (TOOLS / ".locked").exists() else missing("needs build/release; make dist installs it")


def run(command: list[str | Path], place: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(TOOLS), **variables}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that git knows, in a repository of their own."""
    place = tmp_path / "clone"
    for name in version._files(ROOT):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place / name, follow_symlinks=False)
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        subprocess.run(command, cwd=place, check=True)
    return place


def test_a_version_is_written_into_every_place_and_can_be_tagged(clone: Path) -> None:
    """After it nothing names the version before, but history, and the two words of what `krmfn new` makes."""
    before = version.version()
    assert run([sys.executable, "release/version.py", "9.8.7"], clone).returncode == 0
    done = run([sys.executable, "release/version.py"], clone)
    assert (done.returncode, done.stdout.strip()) == (0, "every place says 9.8.7: v9.8.7 can be tagged")
    left = [
        f"{name}: {line.strip()}"
        for name in version._files(clone)
        if not version.NO_PLACES.fullmatch(name)
        for line in (clone / name).read_bytes().decode(errors="replace").splitlines()
        if re.search(rf"(?<![\d.]){re.escape(before)}(?![\d.])", line)
    ]
    allowed = ("sdk/krm_functions_sdk/commands/new.py: ", "sdk/krm_functions_sdk/templates/pyproject.toml.in: ")
    assert [line for line in left if not line.startswith(allowed)] == []
    log = (clone / "CHANGELOG.md").read_text()
    assert re.search(r"^## \[Unreleased\]\n\n## \[9\.8\.7\] - \d{4}-\d\d-\d\d$", log, re.MULTILINE)
    wrong = clone / "packages" / "llama-3.1-8b" / "Kptfile"
    wrong.write_text(wrong.read_text().replace(":v9.8.7", ":v9.8.6", 1))
    done = run([sys.executable, "release/version.py"], clone)
    assert done.returncode == 1
    assert "packages/llama-3.1-8b/Kptfile:11: found 9.8.6, expected 9.8.7" in done.stderr


def test_today_every_place_names_one_version() -> None:
    """What keeps it from being tagged, if anything, is that the changelog has no date for it yet."""
    assert [line for line in version.faults() if not line.startswith("CHANGELOG.md: has no heading")] == []
    assert run([sys.executable, RELEASE / "version.py", "9.8"], ROOT).returncode == 2


class _Registry(BaseHTTPRequestHandler):
    """As registries do: no answer without a token, which another address gives to whoever asks for this name."""

    digest = NEW

    def do_HEAD(self) -> None:
        host = self.headers["Host"]
        if self.headers["Authorization"] != "Bearer good":
            self.send_response(401)
            scope = 'scope="repository:library/python:pull"'
            self.send_header("WWW-Authenticate", f'Bearer realm="http://{host}/token",service="here",{scope}')
        elif self.path == "/v2/library/python/manifests/3.13-slim" and "image.index" in self.headers["Accept"]:
            self.send_response(200)
            self.send_header("Docker-Content-Digest", self.digest)
        else:
            self.send_response(404)
        self.end_headers()

    def do_GET(self) -> None:
        asked = "service=here" in self.path and "library%2Fpython%3Apull" in self.path
        self.send_response(200 if asked else 400)
        self.end_headers()
        self.wfile.write(b'{"token": "good"}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that its caller knows
        """Say nothing."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Registry)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("REGISTRY_URL", address)
    yield address
    server.shutdown()
    server.server_close()


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "Dockerfile"
    text = (ROOT / "Dockerfile").read_text()
    file.write_text(re.sub(r"(?<=slim@)sha256:\w+", OLD, text))
    monkeypatch.setattr(base, "base", lambda: _base(file))
    monkeypatch.setattr(base, "write", lambda image, found: _write(image, found, file))
    return file


_base, _write = base.base, base.write


@pytest.mark.usefixtures("registry")
def test_the_base_is_renewed_by_what_the_registry_has(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check fails and writes nothing, a renewal writes, and a second one has nothing to do."""
    before = recipe.read_text()
    monkeypatch.setattr("sys.argv", ["base.py", "--check"])
    assert base.main() == 1
    assert recipe.read_text() == before
    monkeypatch.setattr("sys.argv", ["base.py"])
    assert base.main() == 0
    assert recipe.read_text() == before.replace(OLD, NEW)
    assert base.main() == 0
    assert f"is still {NEW}" in capsys.readouterr().out


def test_a_registry_that_gives_no_digest_changes_nothing(
    recipe: Path, registry: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and the status is 1: an address that does not answer, and one that names none."""
    before = recipe.read_text()
    monkeypatch.setattr("sys.argv", ["base.py"])
    monkeypatch.setattr(_Registry, "digest", "latest")
    assert base.main() == 1
    assert f"{registry}/v2/library/python/manifests/3.13-slim: found latest" in capsys.readouterr().err
    monkeypatch.setenv("REGISTRY_URL", "http://127.0.0.1:9")
    assert base.main() == 1
    assert "the base image was not asked for: " in capsys.readouterr().err
    assert recipe.read_text() == before


def test_the_base_of_the_images_is_named_by_digest() -> None:
    """The tag stays beside it, for whoever reads and for whoever renews it."""
    image = _base(ROOT / "Dockerfile")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", image.digest)
    assert (image.name, image.tag) == ("docker.io/library/python", "3.13-slim")


@pytest.fixture(scope="module")
def dist(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make release` builds, beside the check of the version."""
    assert tools.is_dir()
    folder = tmp_path_factory.mktemp("dist")
    for script in ("dist.py", "archive.py", "sbom.py"):
        done = run([sys.executable, RELEASE / script, folder], ROOT, SOURCE_DATE_EPOCH="1700000000")
        assert done.returncode == 0, done.stderr
    return folder


def test_the_archive_runs_without_an_installation(dist: Path, tmp_path: Path) -> None:
    """One file and a Python: a package begins and renders, and every function is there."""
    (archive,) = dist.glob("krmfn-*.pyz")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SHIV_ROOT": str(tmp_path / "unpacked")}

    def krmfn(*arguments: str) -> str:
        command = [sys.executable, "-I", str(archive), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert version.version() in krmfn("--version")
    krmfn("init", "mine", "--model", "Qwen/Qwen3-8B")
    krmfn("render", "--check", "mine")
    assert "validate-inference" in krmfn("functions")
    assert not [path for path in archive.parent.iterdir() if path.name == "unpacked"]


def test_a_second_archive_has_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    """Whoever builds the tag can compare."""
    for wheel in dist.glob("*.whl"):
        shutil.copy(wheel, tmp_path)
    done = run([sys.executable, RELEASE / "archive.py", tmp_path], ROOT, SOURCE_DATE_EPOCH="1700000000")
    assert done.returncode == 0, done.stderr
    (one,), (other,) = dist.glob("*.pyz"), tmp_path.glob("*.pyz")
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


def test_the_bill_of_materials_holds_what_is_locked_and_what_is_ours(dist: Path) -> None:
    """Valid CycloneDX; each part with version and hashes, ours with those of the wheels."""
    file = dist / "sbom.cdx.json"
    judge = (
        "import sys; from cyclonedx.validation.json import JsonStrictValidator;"
        "from cyclonedx.schema import SchemaVersion;"
        "print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))"
    )
    done = run([sys.executable, "-c", judge, file], ROOT)
    assert done.stdout.strip() == "None", done.stdout + done.stderr
    parts = {part["name"].lower(): part for part in json.loads(file.read_text())["components"]}
    locked = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert {name: part["version"] for name, part in parts.items() if not name.startswith("krm-")} == {
        name.lower(): number for name, number in locked
    }
    for wheel in dist.glob("*.whl"):
        part = parts[wheel.name.split("-")[0].replace("_", "-")]
        assert part["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}]


@pytest.mark.usefixtures("tools")
def test_an_audit_says_when_the_index_gave_no_answer() -> None:
    """Its status is another one than that of a finding, and GitHub shows a warning."""
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    command: list[str | Path] = [sys.executable, RELEASE / "audit.py", "requirements.lock"]
    done = run(command, ROOT, GITHUB_ACTIONS="true", NO_PROXY="", no_proxy="", **nowhere)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "requirements.lock: NOT audited, the index gave no answer" in done.stdout
    assert "::warning file=requirements.lock::not audited" in done.stdout


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each step of the workflow with the name of its job."""
    for name, job in yaml.safe_load(WORKFLOW.read_text())["jobs"].items():
        yield from ((name, step) for step in job["steps"])


@pytest.mark.parametrize("file", [WORKFLOW, ROOT / "action.yml", ROOT / "deploy" / "ci" / "github-actions.yaml"])
def test_each_action_is_pinned_by_a_commit_with_its_version_beside_it(file: Path) -> None:
    """A tag of an action can move. The version tells a reader, and who renews it, which commit it should be."""
    used = re.findall(r"^ *(?:- )?uses: *(.*)$", file.read_text(), re.MULTILINE)
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
    assert used or file.name == "action.yml"


def test_one_action_has_one_commit_everywhere() -> None:
    text = WORKFLOW.read_text() + (ROOT / "deploy" / "ci" / "github-actions.yaml").read_text()
    pins = set(re.findall(r"uses: *([\w./-]+)@(\S+ # \S+)", text))
    assert len(pins) == len({name for name, _ in pins})


def test_the_workflow_has_few_rights() -> None:
    """A right that a job does not need is one that it can lose."""
    workflow = yaml.safe_load(WORKFLOW.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    writes = {name: {key for key, value in job["permissions"].items() if value == "write"} for name, job in
              workflow["jobs"].items()}  # fmt: skip
    assert writes == {
        "build": {"id-token", "attestations"},
        "images": {"packages", "id-token"},
        "publish": {"contents", "id-token"},
    }
    assert not re.search(r"run:.*\$\{\{", WORKFLOW.read_text())  # no value of GitHub's is read as a part of a script


def test_each_step_of_the_workflow_runs_here_or_says_why_not() -> None:
    """The two lists have every command, and no other."""
    known = (*ELSEWHERE, *HERE)
    commands = [step["run"] for _, step in steps() if "run" in step]
    assert [command for command in commands if not any(part in command for part in known)] == []
    assert [part for part in known if not any(part in command for command in commands)] == []


@pytest.mark.usefixtures("tools")
def test_the_steps_that_ask_nobody_outside_run_word_by_word(clone: Path) -> None:
    """From a tag: the version is checked, all is built, and what an index gets is what is left."""
    run([sys.executable, "release/version.py", "9.8.7"], clone)
    # Folders of its own, since make may clear them, and stamps that are newer than what they are made from.
    for folder, source in ((clone / ".venv", Path(sys.prefix)), (clone / "build" / "release", TOOLS)):
        folder.mkdir(parents=True)
        for entry in source.iterdir():
            if entry.name != ".locked":
                (folder / entry.name).symlink_to(entry)
    for folder in (clone / ".venv", clone / "build" / "release"):
        (folder / ".locked").touch()
    environment = {"GITHUB_REF_NAME": "v9.8.7", "SOURCE_DATE_EPOCH": "1700000000"}
    for _, step in steps():
        if not any(part in step.get("run", "") for part in HERE):
            continue
        done = run(["bash", "-euc", step["run"]], clone, **environment)
        assert done.returncode == 0, f"{step['run']}\n{done.stdout}{done.stderr}"
        if "make release" in step["run"]:
            built = {path.name for path in (clone / "dist").iterdir()}
            assert {"SHA256SUMS", "sbom.cdx.json"} < built
            sums = run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], clone / "dist")
            assert sums.returncode == 0, sums.stdout
    assert {path.suffix for path in (clone / "dist").iterdir()} == {".whl"}
