"""How clusters fetch environments: the examples of deploy/, judged by the tools' own definitions and programs."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import crds
import pytest
import yaml

from tests.conftest import ROOT, SCRIPTS, missing
from tests.judge import components
from tests.judge.components import GoModule, Missing

pytestmark = pytest.mark.judge

TOOLS = GoModule("delivery", "github.com/google/go-containerregistry", ("crane", "registry", "glua"))
# The modules whose CRDs judge a folder of deploy/, and where these lie in it.
DEFINITIONS = {
    "argo-cd": (("github.com/argoproj/argo-cd/v3@v3.3.2", "manifests/crds"),),
    "flux": (
        ("github.com/fluxcd/kustomize-controller@v1.7.2", "config/crd/bases"),
        ("github.com/fluxcd/source-controller@v1.7.3", "config/crd/bases"),
    ),
}
EXAMPLES = [file for folder in DEFINITIONS for file in sorted((ROOT / "deploy" / folder).glob("*.yaml"))]


def tool(name: str) -> Path:
    try:
        return components._go(TOOLS) / name
    except Missing as fault:
        missing(str(fault))


@cache
def module(name: str) -> Path:
    """Return the folder of a Go module, fetched at this moment and never kept in the repository."""
    if not shutil.which("go"):
        missing("needs go")
    done = subprocess.run(["go", "mod", "download", "-json", name], capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"{name} cannot be fetched: {done.stdout}{done.stderr}")
    return Path(json.loads(done.stdout)["Dir"])


@cache
def schemas(folder: str) -> dict[tuple[str, str], Any]:
    found = {}
    for name, inside in DEFINITIONS[folder]:
        for file in (module(name) / inside).glob("*.yaml"):
            definition = yaml.safe_load(file.read_text(encoding="utf-8"))
            if not definition or definition.get("kind") != "CustomResourceDefinition":
                continue
            spec = definition["spec"]
            for version in spec["versions"]:
                kind = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                found[kind] = version["schema"]["openAPIV3Schema"]
    return found


def examples(file: Path) -> list[Any]:
    return [one for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_example_is_what_the_tools_own_definition_takes(file: Path) -> None:
    """No field that it does not know, and none that it refuses."""
    for one in examples(file):
        schema = schemas(file.parent.name)[one["apiVersion"], one["kind"]]
        assert crds.faults(crds.closed(schema), one) == []
        one["spec"]["nonsense"] = 1
        assert crds.faults(crds.closed(schema), one)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_example_names_a_folder_that_hydrate_writes(file: Path) -> None:
    known = {f"clusters/{path.parent.name}" for path in (ROOT / "overlays").glob("*/kustomization.yaml")}
    for one in examples(file):
        source = one["spec"].get("source", {})
        path = source.get("path") or (one["spec"].get("path") if one["kind"] == "Kustomization" else None)
        assert path in (None, "./") or str(path).removeprefix("./") in known


# The status of an InferencePool, and what Argo CD shows of it.
HEALTH: dict[str, tuple[Any, str]] = {
    "nothing yet": (None, "Progressing"),
    "accepted": ([("Accepted", "True", 2), ("ResolvedRefs", "True", 2)], "Healthy"),
    "refused": ([("Accepted", "False", 2)], "Degraded"),
    "no picker": ([("Accepted", "True", 2), ("ResolvedRefs", "False", 2)], "Degraded"),
    "not seen yet": ([("Accepted", "True", 1)], "Progressing"),
}


def lua(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{json.dumps(key)}] = {lua(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(lua, value)) + "}"
    return json.dumps(value)


@pytest.mark.parametrize("case", HEALTH)
def test_argo_cd_sees_the_health_of_a_pool(case: str, tmp_path: Path) -> None:
    """By the interpreter that Argo CD itself uses."""
    conditions, wanted = HEALTH[case]
    pool: dict[str, Any] = {"metadata": {"generation": 2}}
    if conditions:
        rows = [
            {"type": kind, "status": status, "observedGeneration": seen, "message": "m"}
            for kind, status, seen in conditions
        ]
        pool["status"] = {"parents": [{"conditions": rows}]}
    script = (ROOT / "deploy/argo-cd/health.lua").read_text(encoding="utf-8")
    text = f"obj = {lua(pool)}\nlocal function judge()\n{script}\nend\nprint(judge().status)\n"
    (tmp_path / "health.lua").write_text(text, encoding="utf-8")
    done = subprocess.run([tool("glua"), tmp_path / "health.lua"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == wanted


@contextmanager
def registry_in(folder: Path) -> Iterator[str]:
    """Run a real registry on the loopback, which keeps what it has in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    (folder / "registry.yaml").write_text(yaml.safe_dump(config))
    command = [str(tool("registry")), "serve", str(folder / "registry.yaml")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """A real registry on the loopback."""
    with registry_in(tmp_path) as address:
        yield address


def test_a_hydrated_environment_goes_through_a_registry_and_comes_back_byte_by_byte(
    registry: str, tmp_path: Path
) -> None:
    """By the commands of docs/delivery/config-sync.md; the same environment has the same digest."""
    for name in ("packages", "overlays"):
        shutil.copytree(ROOT / name, tmp_path / name)
    subprocess.run([f"{SCRIPTS}/krmfn", "hydrate", "overlays/prod"], cwd=tmp_path, check=True, capture_output=True)
    page = (ROOT / "docs/delivery/config-sync.md").read_text(encoding="utf-8")
    (command,) = (block for block in page.split("```sh\n")[1:] if "crane append" in block)
    script = command.partition("```")[0].replace("europe-docker.pkg.dev/my-project", registry)
    environment = {**os.environ, "PATH": f"{tool('crane').parent}{os.pathsep}{os.environ['PATH']}"}
    digests = []
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        digests.append(done.stdout.strip().splitlines()[-1])
    assert digests[0] == digests[1]
    exported = subprocess.run([tool("crane"), "export", digests[0], "-"], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(exported)) as tar:
        found = {
            one.name.removeprefix("./"): tar.extractfile(one).read()  # type: ignore[union-attr]  # it is a file
            for one in tar
            if one.isfile()
        }
    folder = tmp_path / "clusters/prod"
    wanted = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert found == wanted
