"""Every package: listed where a reader looks, rendered as committed, and sound under kustomize."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import FRESH, PACKAGE, ROOT, SCRIPTS, Copy
from tests.test_kustomize import OWN, identity, objects_of, scalars, unresolved

NAMES = [path.parent.name for path in sorted((ROOT / "packages").glob("*/Kptfile"))]
EACH = [*NAMES, *FRESH]  # those that the guide makes pass the same tests
# The same in every package, but for the name and the description in the Kptfile.
SHARED = (".krmignore", "kustomizeconfig.yaml")


def test_every_package_is_listed() -> None:
    """Both READMEs and the root kustomization name each package, in one order."""
    root = yaml.safe_load((ROOT / "kustomization.yaml").read_text())["resources"]
    assert root == [f"packages/{name}" for name in NAMES]
    for readme, link in (("README.md", "packages/{}/README.md"), ("packages/README.md", "{}/README.md")):
        text = (ROOT / readme).read_text()
        assert [name for name in NAMES if f"| [{name}]({link.format(name)}) |" not in text] == []


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


@pytest.fixture(scope="module")
def build(
    tmp_path_factory: pytest.TempPathFactory, require: Callable[[str], str], all_packages: Path
) -> Callable[[str, str], str]:
    """Build a package under one of the overlays of a user's own, with the real kustomize."""
    kubectl = require("kubectl")
    site = Copy(tmp_path_factory.mktemp("site"))
    shutil.copytree(all_packages, site.root / "packages")

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
    command = [str(SCRIPTS / "validate-inference")]
    run = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    assert re.search(r"^(nothing found|\d+ infos?) in \d+ objects\n\Z", run.stderr, re.MULTILINE), run.stderr


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
