"""A git repository of environments, and a server on the loopback address that git and its libraries clone it from."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from tests.conftest import ROOT, SCRIPTS
from tests.judge.client import Object

WHO = ("-c", "user.name=judge", "-c", "user.email=judge@example.com")


class Repository:
    """A repository with the packages and overlays of this one, in which environments are hydrated and committed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("packages", "overlays"):
            shutil.copytree(ROOT / name, folder / name)
        self.run("git", "init", "--quiet", "--initial-branch=main")

    def commit(self, *environments: str) -> dict[str, list[Object]]:
        """Hydrate environments, commit, and return what each brings to a cluster."""
        self.run(f"{SCRIPTS}/krmfn", "hydrate", *(f"overlays/{name}" for name in environments))
        self.run("git", "add", "--all")
        self.run("git", *WHO, "commit", "--quiet", "--message=hydrated")
        built = {name: self.run("kubectl", "kustomize", f"clusters/{name}") for name in environments}
        return {name: [one for one in yaml.safe_load_all(text) if one] for name, text in built.items()}

    def edit(self, environment: str, old: str, new: str) -> None:
        """Replace a text that an overlay has once."""
        overlay = self.folder / "overlays" / environment / "kustomization.yaml"
        assert overlay.read_text().count(old) == 1
        overlay.write_text(overlay.read_text().replace(old, new))

    def head(self) -> str:
        return self.run("git", "rev-parse", "HEAD").strip()

    def run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to `git http-backend`, which speaks CGI (RFC 3875)."""

    root: str

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": self.root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"],
            input=self._body(),
            env={**os.environ, **variables},
            capture_output=True,
            check=False,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = [line.partition(": ") for line in head.decode().splitlines()]
        self.send_response(next((int(value.split()[0]) for name, _, value in fields if name == "Status"), 200))
        for name, _, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # the name of http.server

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests ask those who clone."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the repositories below a folder, to be read; give the address above them."""
    handler = type("Handler", (_Handler,), {"root": str(folder)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
