"""Every package: listed where a reader looks, rendered as committed, and sound under kustomize."""

import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk import ResourceList
from krm_inference.commands import graph, smoke_test
from krm_inference.validate_inference import validate_inference

from tests.conftest import FRESH, PACKAGE, ROOT, SCRIPTS, SERVING, Copy
from tests.test_kustomize import OWN, identity, objects_of, scalars, unresolved

NAMES = [package.name for package in SERVING]
EACH = [*NAMES, *FRESH]  # those that the guide makes pass the same tests
# The same in every package, but for the name and the description in the Kptfile.
SHARED = (".krmignore", "kustomizeconfig.yaml")


def committed(name: str) -> Copy:
    return Copy(ROOT / "packages" / name)


def test_every_package_is_listed() -> None:
    """Both READMEs name each package, and the root kustomization those for GKE Standard, in one order."""
    root = yaml.safe_load((ROOT / "kustomization.yaml").read_text())["resources"]
    assert root == [f"packages/{name}" for name in NAMES if not _platforms(name)]
    for readme, link in (("README.md", "packages/{}/README.md"), ("packages/README.md", "{}/README.md")):
        text = (ROOT / readme).read_text()
        assert [name for name in NAMES if f"| [{name}]({link.format(name)}) |" not in text] == []


def _platforms(name: str) -> list[str]:
    """Return the platforms that the intents of a package name: none where it is the default."""
    files = (ROOT / "packages" / name).glob("*.yaml")
    return [line for file in files for line in re.findall(r"^  platform: (\S+)$", file.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("name", EACH)
def test_packages_share_what_is_the_same_for_all(name: str, all_packages: Path) -> None:
    """Pipeline, .krmignore and kustomize's configuration are those of the first package."""
    one, other = Copy(all_packages / name), Copy(PACKAGE)
    assert [one.read(file) for file in SHARED] == [other.read(file) for file in SHARED]
    assert yaml.safe_load(one.read("Kptfile"))["pipeline"] == yaml.safe_load(other.read("Kptfile"))["pipeline"]
    assert yaml.safe_load(one.read("Kptfile"))["metadata"]["name"] == name


@pytest.mark.parametrize("name", EACH)
def test_a_package_is_what_its_intents_render(name: str, tmp_path: Path, all_packages: Path) -> None:
    """Rendered from its intents alone, a package is what it was, with every file in the kustomization."""
    copy = Copy(tmp_path / name)
    shutil.copytree(all_packages / name, copy.root)
    files = yaml.safe_load(copy.read("kustomization.yaml"))["resources"]
    for file in files:
        (copy.root / file).unlink()
    assert copy.render(), copy.said
    assert copy.texts() == Copy(all_packages / name).texts()
    generated = {file for file, text in copy.texts().items() if "generated-by: " in text and file.endswith(".yaml")}
    assert generated == set(files)


@pytest.mark.parametrize("name", NAMES)
def test_a_smoke_test_asks_what_the_intents_serve(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The script is what krmfn smoke-test prints of the committed intents."""
    assert smoke_test.main([str(ROOT / "packages" / name)]) == 0
    assert capsys.readouterr().out == committed(name).read("smoke-test.sh")


@pytest.mark.parametrize("name", [name for name in NAMES if "```mermaid" in committed(name).read("README.md")])
def test_a_picture_is_of_what_is_committed(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README draws what krmfn graph draws."""
    monkeypatch.chdir(ROOT / "packages" / name)
    assert graph.main(["."]) == 0
    assert f"```mermaid\n{capsys.readouterr().out}```\n" in committed(name).read("README.md")


@pytest.mark.parametrize("name", [*NAMES, "cluster"])
def test_a_readme_says_what_a_stranger_asks(name: str) -> None:
    """What it costs and what to change first, or for the first ones in words of their own; and how to end it."""
    text = committed(name).read("README.md")
    assert "\n## Updating a package\n" in text or name == "shared-gateway"
    assert "\n## Clean up\n" in text
    if name not in ("llama-3.1-8b", "shared-gateway"):
        assert "**What it costs.**" in text
        assert "**What to change first.**" in text
    gallery = (ROOT / "packages" / "README.md").read_text(encoding="utf-8")
    assert gallery.count(f"\n| [{name}]({name}/README.md) | ") == 2


@pytest.mark.parametrize("name", NAMES)
def test_whoever_applies_it_waits_for_as_long_as_it_may_take(name: str) -> None:
    """The time after which kpt gives up is no shorter than that after which Kubernetes does."""
    said = re.findall(r"live apply.* --reconcile-timeout=(\d+)m", committed(name).read("README.md"))
    specs = [one["spec"] for one in committed(name).objects() if one["kind"] == "Deployment"]
    assert said
    assert min(map(int, said)) * 60 >= max(spec.get("progressDeadlineSeconds", 600) for spec in specs)


@pytest.fixture(scope="module")
def build(
    tmp_path_factory: pytest.TempPathFactory, require: Callable[[str], str], all_packages: Path
) -> Callable[[str, str], str]:
    """Build a package under one of the overlays of a user's own, with the real kustomize."""
    kubectl = require("kubectl")
    site = Copy(tmp_path_factory.mktemp("site"))
    shutil.copytree(all_packages, site.root / "packages")

    @cache
    def of(name: str, overlay: str) -> str:
        own: dict[str, Any] = {"resources": [f"../../packages/{name}"], **OWN.get(overlay, {})}
        site.write(f"{name}/{overlay}/kustomization.yaml", yaml.safe_dump(own))
        folder = site.root / name / overlay
        run = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (0, "")
        return run.stdout

    return of


@pytest.mark.parametrize("overlay", ["plain", *OWN])
@pytest.mark.parametrize("name", EACH)
def test_an_overlay_of_a_package_is_sound(name: str, overlay: str, build: Callable[[str, str], str]) -> None:
    """Under names, namespaces and labels of an overlay every reference follows, and the validator finds nothing."""
    text = build(name, overlay)
    assert unresolved(objects_of(text)) == []
    resources = ResourceList.read(text)
    validate_inference(resources)
    assert [str(result) for result in resources.results if result.severity != "info"] == []


@pytest.mark.parametrize("name", EACH)
def test_the_header_of_an_objective_follows_its_name(name: str, build: Callable[[str, str], str]) -> None:
    """Under a suffix a route sets the new names of objectives, and no old one."""
    objects = objects_of(build(name, "nameSuffix"))
    named = {one["metadata"]["name"] for one in objects if one["kind"] == "InferenceObjective"}
    said = {
        value
        for one in objects
        if one["kind"] == "HTTPRoute"
        for path, value in scalars(one)
        if ".requestHeaderModifier.set" in path and path.endswith(".value")
    }
    assert said <= named


def test_all_packages_fit_on_one_cluster(build: Callable[[str, str], str]) -> None:
    """No object of one package is an object of another."""
    found = [identity(one) for name in NAMES for one in objects_of(build(name, "plain"))]
    assert len(set(found)) == len(found)


CERTIFICATES = """\
apiVersion: v1
kind: Secret
metadata: {name: models-tls, namespace: llm}
type: kubernetes.io/tls
---
apiVersion: v1
kind: Secret
metadata: {name: models-tls, namespace: certificates}
type: kubernetes.io/tls
"""


def test_references_to_certificates_follow(tmp_path: Path, require: Callable[[str], str]) -> None:
    """Under a suffix the Gateway and the ReferenceGrant name the Secrets by their new names."""
    copy = Copy(tmp_path / "shared-gateway")
    shutil.copytree(ROOT / "packages" / "shared-gateway", copy.root)
    for file in ("llama.yaml", "qwen.yaml"):
        name = file.removesuffix(".yaml")
        copy.edit((f"  name: {name}\n", f"  name: {name}\n  namespace: llm\n"), file=file)
    copy.edit(
        ("models-tls\n", "models-tls\n      - name: models-tls\n        namespace: certificates\n"), file="llama.yaml"
    )
    assert copy.render(), copy.said
    copy.write("certificates.yaml", CERTIFICATES)
    copy.edit(("resources:\n", "nameSuffix: -mine\nresources:\n- certificates.yaml\n"), file="kustomization.yaml")
    run = subprocess.run([require("kubectl"), "kustomize", copy.root], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    by_kind = {one["kind"]: one for one in objects_of(run.stdout)}
    refs = by_kind["Gateway"]["spec"]["listeners"][0]["tls"]["certificateRefs"]
    assert [(ref["name"], ref.get("namespace", "llm")) for ref in refs] == [
        ("models-tls-mine", "llm"),
        ("models-tls-mine", "certificates"),
    ]
    grant = by_kind["ReferenceGrant"]
    assert (grant["metadata"]["namespace"], grant["spec"]["to"][0]["name"]) == ("certificates", "models-tls-mine")
    assert grant["spec"]["from"] == [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "llm"}]


OVERLAY = re.compile(r"```yaml\n(resources: \[\.\./\.\./packages/.*?)```", re.DOTALL)


@pytest.mark.parametrize("name", [name for name in NAMES if OVERLAY.search(committed(name).read("README.md"))])
def test_the_environment_that_a_readme_shows_is_built(name: str, tmp_path: Path, require: Callable[[str], str]) -> None:
    """`krmfn build` renders the package with its patch, without a fault, into a namespace of its own."""
    require("kubectl")
    shutil.copytree(ROOT / "packages" / name, tmp_path / "packages" / name)
    shown = OVERLAY.search(committed(name).read("README.md"))
    assert shown
    Copy(tmp_path).write("overlays/mine/kustomization.yaml", shown[1])
    run = subprocess.run(
        [SCRIPTS / "krmfn", "build", "overlays/mine"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    objects = [one for one in yaml.safe_load_all(run.stdout) if one]
    assert {one["metadata"]["namespace"] for one in objects if "namespace" in one["metadata"]} == {"llm-mine"}
    assert "[error]" not in run.stderr


def test_there_are_environments_in_readmes() -> None:
    """The pattern finds those that are there."""
    assert sum(bool(OVERLAY.search(committed(name).read("README.md"))) for name in NAMES) >= 5
