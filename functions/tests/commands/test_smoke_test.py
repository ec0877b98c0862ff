"""krmfn smoke-test: what it asks of a stand-in that answers as vLLM does, and what it says of one that does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ROOT / "packages"
SERVERS = sorted(PACKAGES.glob("*/model-server.yaml"))
KRMFN = str(Path(sys.executable).with_name("krmfn"))
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
NAMES = (LLAMA, "food-review", "cad-fabricator")


class Server(ThreadingHTTPServer):
    """A stand-in for a Gateway with vLLM behind it: it knows some models, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, *names: str, host: str = "", prefix: str = "", header: str = "", text: str = "choices") -> None:
        self.names, self.host, self.prefix, self.header, self.text = names, host, prefix, header, text
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers as vLLM does: a list, completions of known models, 404 for others."""

    server: Server

    def do_GET(self) -> None:
        self.say(200 if self.is_routed() else 404, {"data": [{"id": name} for name in self.server.names]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert ("prompt" in body) != ("messages" in body)
        assert self.headers["Content-Type"] == "application/json"
        self.server.asked.append((self.path, body["model"], {key.lower(): text for key, text in self.headers.items()}))
        if not self.is_routed() or body["model"] not in self.server.names:
            self.say(404, {"error": {"message": f"The model `{body['model']}` does not exist."}})
        else:
            self.say(200, {self.server.text: []})

    def is_routed(self) -> bool:
        has_host = not self.server.host or self.headers["Host"] == self.server.host
        return has_host and self.path.startswith(self.server.prefix) and self.server.header in str(self.headers)

    def say(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(*NAMES) as one:
        yield one
        one.shutdown()


def _script(package: Path, *more: str) -> str:
    done = subprocess.run([KRMFN, "smoke-test", *more, str(package)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(script: str, *arguments: str, path: str = "", **more: str) -> tuple[int, list[str]]:
    shell = shutil.which("dash") or "sh"
    environment = {"PATH": path or os.environ["PATH"], "HOME": "/nonexistent", **more}
    done = subprocess.run(
        [shell, "-c", script, "smoke-test.sh", *arguments], capture_output=True, text=True, env=environment, check=False
    )
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()


def _package(folder: Path, *edits: tuple[str, str]) -> Path:
    text = (PACKAGES / "llama-3.1-8b" / "llm.yaml").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    (folder / "llm.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_service_that_answers_passes_with_one_verdict_a_line(server: Server) -> None:
    """The list, completion and chat of every model, each objective, requests without one, and an unknown model."""
    status, said = _run(_script(PACKAGES / "llama-3.1-8b"), server.url)
    name = "vllm-llama3.1-8b-instruct"
    assert (status, said) == (
        0,
        [
            f"asking {server.url}",
            f"ok   {name}: list of models: 200",
            *(f"ok   {name}: {what} of {model}: 200" for model in NAMES for what in ("completion", "chat")),
            f"ok   {name}: chat with objective llama3-base-model: 200",
            f"ok   {name}: chat without an objective: 200",
            f"ok   {name}: unknown model is refused: 404",
            "10 passed, 0 failed",
        ],
    )
    header = "x-gateway-inference-objective"
    sent = [(path, model, headers.get(header)) for path, model, headers in server.asked]
    assert ("/v1/chat/completions", "food-review", "food-review") in sent
    assert ("/v1/completions", "cad-fabricator", None) in sent
    assert ("/v1/chat/completions", LLAMA, "llama3-base-model") in sent
    assert sent[-2:] == [("/v1/chat/completions", LLAMA, None), ("/v1/chat/completions", "no-such-model", None)]


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        ((LLAMA, "food-review"), "choices", "cad-fabricator: got 404, expected 200. "),
        ((LLAMA, "food-review"), "choices", 'list of models: got 200, but the answer does not hold "cad-fabricator"'),
        ((*NAMES, "no-such-model"), "choices", "unknown model is refused: got 200, expected 404. "),
        (NAMES, "error", f'chat of {LLAMA}: got 200, but the answer does not hold "choices"'),
    ],
    ids=["an adapter is not loaded", "an adapter is not listed", "any model is taken", "an answer is none"],
)
def test_a_fault_is_one_verdict_and_the_exit_status(names: tuple[str, ...], text: str, expected: str) -> None:
    with Server(*names, text=text) as one:
        status, said = _run(_script(PACKAGES / "llama-3.1-8b"), one.url)
        one.shutdown()
    assert status == 1
    assert [line for line in said if line.startswith("FAIL") and expected in line], said
    assert "0 failed" not in said[-1]


def test_nobody_at_the_address_fails_every_request() -> None:
    with Server() as one:
        url = one.url
        one.shutdown()
    status, said = _run(_script(PACKAGES / "llama-3.1-8b"), url)
    assert status == 1
    assert said[-1] == "0 passed, 10 failed"
    assert all("got none, expected" in line and "curl: (7)" in line for line in said[1:-1])


def test_the_address_is_asked_of_the_gateway(server: Server, tmp_path: Path) -> None:
    """Without an address kubectl is asked for that of the Gateway; one without an address is said so."""
    kubectl = tmp_path / "kubectl"
    port = server.server_address[1]
    package = _package(tmp_path, ("    name: inference-gateway\n", f"    name: inference-gateway\n    port: {port}\n"))
    kubectl.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\nprintf 127.0.0.1\n', encoding="utf-8")
    kubectl.chmod(0o755)
    script, path = _script(package), f"{tmp_path}:{os.environ['PATH']}"
    status, said = _run(script, path=path)
    assert (status, said[0]) == (0, f"asking {server.url}")
    wanted = "get gateway inference-gateway -o jsonpath={.status.addresses[0].value}\n"
    assert (tmp_path / "asked").read_text(encoding="utf-8") == wanted
    kubectl.write_text("#!/bin/sh\n", encoding="utf-8")
    assert _run(script, path=path) == (2, ["FAIL Gateway inference-gateway has no address yet"])


def test_host_prefix_and_headers_of_the_route_are_sent(tmp_path: Path) -> None:
    """What the route takes requests by is in each request, and one without its headers is refused."""
    route = (
        "  route:\n    hostnames: ['*.llm.example.com']\n    pathPrefix: /llama\n    stripPrefix: true\n"
        "    headers:\n    - {name: x-team, values: [a$(touch x)'b\"c]}\n"
    )
    package = _package(tmp_path, ("  gateway:\n", f"{route}  gateway:\n"))
    header = "x-team: a$(touch x)'b\"c"
    with Server(*NAMES, host="smoke-test.llm.example.com", prefix="/llama/v1/", header=header) as one:
        status, said = _run(_script(package), one.url)
        one.shutdown()
    assert status == 0, said
    assert said[-2] == "ok   vllm-llama3.1-8b-instruct: request without the route's headers is refused: 404"
    assert not list(tmp_path.glob("x"))


def test_the_objective_header_is_that_of_the_release(tmp_path: Path, server: Server) -> None:
    package = _package(tmp_path, ("gaie-v1.0", "llm-d-router-v0.10"))
    assert _run(_script(package), server.url)[0] == 0
    assert ("food-review", "food-review") in [
        (model, headers.get("x-llm-d-inference-objective")) for _, model, headers in server.asked
    ]


def test_the_job_runs_the_same_script(server: Server) -> None:
    """A ConfigMap holds the script with its address, and a Job runs it, restricted and outside the package."""
    text = _script(PACKAGES / "llama-3.1-8b", "--output=job", f"--address={server.url}")
    config_map, job = yaml.safe_load_all(text)
    (script,) = config_map["data"].values()
    status, said = _run(script)
    assert (status, said[0]) == (0, f"asking {server.url}")
    pod = job["spec"]["template"]["spec"]
    assert pod["volumes"][0]["configMap"]["name"] == config_map["metadata"]["name"]
    assert pod["containers"][0]["command"] == ["sh", "/smoke-test/smoke-test.sh"]
    for one in (config_map, job):
        assert one["metadata"]["annotations"] == {"config.kubernetes.io/local-config": "true"}


@pytest.mark.parametrize("package", [file.parent for file in SERVERS], ids=lambda package: package.name)
def test_the_script_of_each_package_is_current(package: Path) -> None:
    """`packages/*/smoke-test.sh` is what the command prints for the package, and may be run."""
    file = package / "smoke-test.sh"
    text = _script(package)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
    assert file.read_text(encoding="utf-8") == text
    assert os.access(file, os.X_OK)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected one PACKAGE"),
        (["a", "b"], "expected one PACKAGE"),
        (["--output=job", "p"], "a Job cannot ask kubectl for the address"),
        (["--output=yaml", "p"], "--output: found yaml, expected script or job"),
        (["--address=$(id)", "p"], "--address: found $(id), expected a URL such as http://203.0.113.7"),
        (["--job", "p"], "unknown option --job"),
    ],
)
def test_misuse_is_said(arguments: list[str], said: str) -> None:
    done = subprocess.run([KRMFN, "smoke-test", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"krmfn smoke-test: {said}")


def test_a_faulty_intent_prints_no_script(tmp_path: Path) -> None:
    package = _package(tmp_path, ("nvidia-h100-80gb", "nvidia-h100"))
    done = subprocess.run([KRMFN, "smoke-test", str(package)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert not done.stdout
    assert "spec.accelerator.type" in done.stderr


KEYED = (
    ("  replicas: 3\n", "  replicas: 3\n  server: {apiKeySecret: {name: keys}}\n  lora: {loader: static}\n"),
    ("  gateway:\n", "  route: {pathPrefix: /v1}\n  gateway:\n"),
)


def test_a_key_is_taken_from_the_environment_and_sent_with_each_request(tmp_path: Path) -> None:
    """It stands in no script and on no command line; without it nothing is asked."""
    script = _script(_package(tmp_path, *KEYED))
    with Server(*NAMES, header="Authorization: Bearer sesame $HOME") as one:
        status, said = _run(script, one.url, API_KEY="sesame $HOME")
        assert (status, said[-1]) == (0, "10 passed, 0 failed")
        assert _run(script, one.url, API_KEY="wrong")[0] == 1
        asked = len(one.asked)
        status, said = _run(script, one.url)
        assert (status, said[-1].startswith("FAIL no API key"), len(one.asked)) == (2, True, asked)
        one.shutdown()
    job = list(yaml.safe_load_all(_script(tmp_path, "--output", "job", "--address", "http://10.0.0.7")))[1]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "API_KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "api_key"}}}]


def test_adapters_of_a_resolver_are_not_in_the_list_before_they_are_asked_for(tmp_path: Path) -> None:
    loader = ("  replicas: 3\n", "  replicas: 3\n  lora: {loader: resolver, claim: adapters}\n")
    sources = (
        ("Kawon/llama3.1-food-finetune_v14_r8", "/lora-adapters/food-review"),
        ("redcathode/fabricator", "/lora-adapters/cad-fabricator"),
    )
    script = _script(_package(tmp_path, loader, *sources))
    assert f'holds "{LLAMA}"' in script
    assert 'holds "food-review"' not in script
