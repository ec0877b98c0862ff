"""krmfn lock: digests of a registry go into the package's lock, and nothing else changes there."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from krm_inference.commands import lock
from krm_inference.commands.lock import registry as registries
from krm_inference.commands.lock.credentials import Credentials, Unreadable

SECRET = "s3cret-of-mine"  # what must be seen nowhere
OLD = f"sha256:{'0' * 64}"
MANIFEST = b'{"schemaVersion": 2}'


class Registry(BaseHTTPRequestHandler):
    """As registries do: no answer without a token, which another path gives; some images want a login for it."""

    digests: ClassVar[dict[str, str]] = {}
    private: ClassVar[set[str]] = set()
    without_header: ClassVar[set[str]] = set()
    asked: ClassVar[list[tuple[str, str]]] = []
    status = 404
    challenge = 'Bearer realm="http://{host}/token?account=a",service="here",scope="repository:{name}:pull"'

    def do_HEAD(self) -> None:
        self._manifest()

    def do_GET(self) -> None:
        if self.path.startswith("/token"):
            self._token(parse_qs(urlsplit(self.path).query), self.headers["Authorization"] or "")
        else:
            self._manifest()

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._token(form, "Refresh" if form["refresh_token"] == [SECRET] else "")

    def _manifest(self) -> None:
        image = self.path.removeprefix("/v2/").replace("/manifests/", ":")
        name = image.rpartition(":")[0]
        self.asked.append((self.command, image))
        if self.headers["Authorization"] != f"Bearer good-{name}":
            said = self.challenge.format(host=self.headers["Host"], name=name)
            self._answer(401, {"WWW-Authenticate": said})
        elif image in self.without_header:
            self._answer(200, {}, MANIFEST)
        elif image in self.digests and "image.index" in self.headers["Accept"]:
            self._answer(200, {"Docker-Content-Digest": self.digests[image]})
        else:
            self._answer(self.status, {"Retry-After": "17"})

    def _token(self, said: dict[str, list[str]], login: str) -> None:
        name = said["scope"][0].split(":")[1]
        basic = f"Basic {base64.b64encode(f'me:{SECRET}'.encode()).decode()}"
        if name in self.private and login not in (basic, "Refresh"):
            self._answer(401, {})
        else:
            self._answer(200, {}, json.dumps({"token": f"good-{name}"}).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that its caller knows
        """Say nothing."""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of a registry on the loopback, and no logins."""
    for name, value in (("digests", {}), ("private", set()), ("without_header", set()), ("asked", [])):
        monkeypatch.setattr(Registry, name, value)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.fixture
def package(tmp_path: Path, host: str) -> Path:
    """A package whose two images are in the registry."""
    Registry.digests = {"vllm:v1": digest("vllm"), "team/epp:v1": digest("epp")}
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "Kptfile").write_text("apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: package}\n")
    (folder / "llm.yaml").write_text(
        f"""\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama # ours
  annotations: {{config.kubernetes.io/local-config: "true"}}
spec:
  release: gaie-v1.5
  model: {{id: meta-llama/Llama-3.1-8B-Instruct}}
  accelerator: {{type: nvidia-h100-80gb}}
  gateway: {{name: gateway}}
  server: {{image: "{host}/vllm:v1"}}
  picker: {{image: "{host}/team/epp:v1"}}
"""
    )
    return folder


def logins(tmp_path: Path, said: Any) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text(said if isinstance(said, str) else json.dumps(said))


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir() if file.is_file()}


def test_a_lock_is_made_and_a_second_run_changes_nothing(
    package: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lock.main([str(package)]) == 0
    made = (package / "image-lock.yaml").read_text()
    assert made.endswith(
        f"""\
  images:
  - image: {host}/team/epp:v1
    digest: {digest("epp")}
  - image: {host}/vllm:v1
    digest: {digest("vllm")}
"""
    )
    assert 'config.kubernetes.io/local-config: "true"' in made
    assert capsys.readouterr().out == (
        f"added: {host}/team/epp:v1\n  {digest('epp')}\nadded: {host}/vllm:v1\n  {digest('vllm')}\n"
        f"created {package}/image-lock.yaml\n"
    )
    Registry.asked.clear()
    assert lock.main([str(package)]) == 0
    assert capsys.readouterr().out.endswith("nothing to change\n")
    assert Registry.asked == [], "what is locked is not asked for"
    assert lock.main(["--check", str(package)]) == 0
    assert capsys.readouterr().out == "every image has its digest\n"


def test_the_lock_in_place_is_filled_and_keeps_its_comments_and_its_order(package: Path, host: str) -> None:
    """Digests that are there stay, also of images that only an overlay runs; one that is missing is filled in."""
    text = f"""\
# checked by the platform team
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: ImageLock
metadata: {{name: ours, annotations: {{config.kubernetes.io/local-config: "true"}}}}
spec:
  images:
  - image: "{host}/vllm:v1" # the server
    digest: {OLD} # approved
  - digest: {OLD}
    image: {host}/other:v2 # prod's
"""
    (package / "images.yaml").write_text(text)
    assert lock.main([str(package)]) == 0
    assert (package / "images.yaml").read_text() == (
        f"{text}  - image: {host}/team/epp:v1\n    digest: {digest('epp')}\n"
    )
    assert not (package / "image-lock.yaml").exists()


@pytest.mark.parametrize("images", ["", "  images: []\n", "  images:\n  - image: {host}/vllm:v1\n"])
def test_a_lock_that_is_not_whole_is_filled(package: Path, host: str, images: str) -> None:
    head = "apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: ImageLock\nmetadata: {name: ours}\nspec:\n"
    (package / "images.yaml").write_text((head + images.format(host=host)) if images else head.replace(":\n", ": {}\n"))
    assert lock.main([str(package)]) == 0
    made = (package / "images.yaml").read_text()
    assert made.count("digest: sha256:") == 2
    assert digest("vllm") in made


def test_tags_are_asked_for_again_only_when_told_to(
    package: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check too nothing is written, and the status says that something would be."""
    assert lock.main([str(package)]) == 0
    Registry.digests["vllm:v1"] = digest("another")
    before = texts(package)
    assert lock.main(["--update", "--check", str(package)]) == 1
    assert texts(package) == before
    assert f"updated: {host}/vllm:v1\n  was {digest('vllm')}\n  is {digest('another')}\n" in capsys.readouterr().out
    assert lock.main(["--update", str(package)]) == 0
    assert digest("another") in (package / "image-lock.yaml").read_text()
    assert digest("vllm") not in (package / "image-lock.yaml").read_text()


def test_a_check_asks_no_registry_and_names_what_is_missing(
    package: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = texts(package)
    assert lock.main(["--check", str(package)]) == 1
    assert f"missing: {host}/vllm:v1\n" in capsys.readouterr().out
    assert Registry.asked == []
    assert texts(package) == before


def test_an_image_of_an_overlay_is_locked_too(package: Path, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    Registry.digests["vllm:v2"] = digest("v2")
    assert lock.main(["--image", f"{host}/vllm:v2", f"--image={host}/vllm:v1", str(package)]) == 0
    assert digest("v2") in (package / "image-lock.yaml").read_text()
    assert lock.main(["--image", f"{host}/vllm@{OLD}", str(package)]) == 2
    assert "which has its digest already" in capsys.readouterr().err


def test_every_image_without_a_digest_is_said_on_its_field_and_no_file_changes(
    package: Path, host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Registry.digests = {}
    before = texts(package)
    assert lock.main([str(package)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"llm.yaml:11: LLMService llama: spec.server.image: {host}/vllm:v1 has no digest: {host} has no vllm" in (
        said.err
    )
    assert f"llm.yaml:12: LLMService llama: spec.picker.image: {host}/team/epp:v1 has no digest" in said.err
    assert said.err.endswith("krmfn lock: failed, no file was changed\n")
    assert texts(package) == before
    for status, words in ((429, "try again in 17 s"), (500, "answered 500"), (403, "run `docker login")):
        monkeypatch.setattr(Registry, "status", status)
        assert lock.main([str(package)]) == 1
        assert words in capsys.readouterr().err


def test_a_registry_that_is_not_there_is_said_and_no_file_changes(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (package / "llm.yaml").read_text()
    lines = ["  server: {image: '127.0.0.1:9/vllm:v1'}" if "server:" in line else line for line in text.splitlines()]
    (package / "llm.yaml").write_text("\n".join(lines) + "\n")
    assert lock.main([str(package)]) == 1
    assert "127.0.0.1:9 was not reached: " in capsys.readouterr().err
    assert not (package / "image-lock.yaml").exists()


def test_a_registry_without_the_header_is_asked_for_the_manifest(package: Path) -> None:
    Registry.without_header = {"vllm:v1"}
    assert lock.main([str(package)]) == 0
    assert f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}" in (package / "image-lock.yaml").read_text()


@pytest.mark.parametrize(
    "entry",
    [
        {"auth": base64.b64encode(f"me:{SECRET}".encode()).decode()},
        {"username": "me", "password": SECRET},
        {"auth": "", "identitytoken": SECRET},
    ],
    ids=["auth", "username", "identitytoken"],
)
def test_a_login_of_dockers_file_is_used_and_never_shown(
    package: Path, host: str, tmp_path: Path, entry: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Registry.private = {"vllm"}
    assert lock.main([str(package)]) == 1
    assert f"{host} has no such image, or shows it to who is logged in only" in capsys.readouterr().err
    logins(tmp_path, {"auths": {f"http://{host}/v2/": entry}})
    assert lock.main([str(package)]) == 0
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert SECRET not in "".join(texts(package).values())


def test_a_wrong_login_is_refused_by_name_and_not_shown(
    package: Path, host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Registry.private = {"vllm"}
    wrong = base64.b64encode(f"me:{SECRET}-old".encode()).decode()
    logins(tmp_path, {"auths": {host: {"auth": wrong}}})
    assert lock.main([str(package)]) == 1
    said = capsys.readouterr().err
    assert f"{host} refuses the login of {tmp_path}/docker/config.json for vllm; run `docker login {host}`" in said
    assert SECRET not in said
    assert wrong not in said


@pytest.mark.parametrize("said", ["credHelpers", "credsStore"])
def test_a_helper_of_dockers_is_asked_for_the_login(
    package: Path, host: str, tmp_path: Path, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "bin" / "docker-credential-mine"
    helper.parent.mkdir()
    answer = json.dumps({"Username": "me", "Secret": SECRET})
    helper.write_text(
        f"#!/bin/sh\n[ \"$1 $(cat)\" = 'get {host}' ] || {{ echo credentials not found; exit 1; }}\necho '{answer}'\n"
    )
    helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{helper.parent}:/usr/bin:/bin")
    logins(tmp_path, {said: {host: "mine"} if said == "credHelpers" else "mine"})
    Registry.private = {"vllm"}
    assert lock.main([str(package)]) == 0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "has no object in it"),
        ({"auths": {"example.com": {"auth": "%%%"}}}, "auths[example.com].auth is no login in base64"),
        ({"credHelpers": {"example.com": "gone"}}, "names docker-credential-gone, which does not run"),
    ],
)
def test_a_file_of_dockers_that_cannot_be_read_is_said(tmp_path: Path, said: Any, words: str) -> None:
    logins(tmp_path, said)
    with pytest.raises(Unreadable) as caught:
        Credentials(tmp_path / "docker" / "config.json").of("example.com")
    assert words in str(caught.value)


def test_a_registry_gets_no_login_of_another_and_sends_none_to_plain_http() -> None:
    """Off this machine a token is fetched over HTTPS only, wherever a registry sends to."""
    assert Credentials(Path("/nonexistent/config.json")).of("example.com") is None
    image = registries.of("example.com/vllm:v1")
    with pytest.raises(registries.Unanswered, match="expected an https address"):
        registries._token(image, {"realm": "http://example.com/token"}, None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("vllm/vllm-openai:v1", ("docker.io", "vllm/vllm-openai", "v1", "https://registry-1.docker.io")),
        ("python", ("docker.io", "library/python", "latest", "https://registry-1.docker.io")),
        ("docker.io/python:3", ("docker.io", "library/python", "3", "https://registry-1.docker.io")),
        ("registry.k8s.io/a/b/epp:v1", ("registry.k8s.io", "a/b/epp", "v1", "https://registry.k8s.io")),
        ("localhost:5000/epp", ("localhost:5000", "epp", "latest", "http://localhost:5000")),
        ("example.com:443/epp:v1", ("example.com:443", "epp", "v1", "https://example.com:443")),
    ],
)
def test_an_image_is_read_as_docker_reads_it(text: str, wanted: tuple[str, ...]) -> None:
    found = registries.of(text)
    assert (*found, f"{found.scheme}://{found.host}") == wanted


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "expected a PACKAGE"),
        (["--force", "x"], "unknown option '--force'"),
        (["nowhere"], "nowhere: no such folder"),
        (["--image"], "--image: found nothing"),
    ],
)
def test_misuse_is_said(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lock.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_fault_of_an_intent_is_said_before_a_registry_is_asked(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (package / "llm.yaml").read_text().replace("nvidia-h100-80gb", "nvidia-h100")
    (package / "llm.yaml").write_text(text)
    assert lock.main([str(package)]) == 1
    assert "no registry was asked and no file was changed" in capsys.readouterr().err
    assert Registry.asked == []
