"""A release's images, from the build to whoever verifies them: pushed, signed and attested at a registry of its own.

The scripts are those that the release workflow calls, and verification is by the commands of SECURITY.md. A key stands
for the identity of a run at GitHub, and no public log is asked.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.conftest import ROOT, missing
from tests.judge import components
from tests.judge.test_delivery import registry_in, tool
from tests.test_release import WORKFLOW, module

pytestmark = pytest.mark.container

push, provenance, verify = module("push"), module("provenance"), module("verify")
BILL = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []}
# As a runner sets them: docs.github.com/en/actions/reference/workflows-and-actions/variables.
RUNNER = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/tags/v9.8.7",
    "GITHUB_REPOSITORY": "krm-inference/krm-inference",
    "GITHUB_REPOSITORY_ID": "1",
    "GITHUB_REPOSITORY_OWNER_ID": "2",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "3",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_WORKFLOW_REF": "krm-inference/krm-inference/.github/workflows/release.yaml@refs/tags/v9.8.7",
    "RUNNER_ENVIRONMENT": "github-hosted",
}


class Signed(NamedTuple):
    """What a release has pushed and signed."""

    folder: Path
    registry: str
    images: list[str]

    @property
    def key(self) -> str:
        return str(self.folder / "cosign.pub")


def run(*command: str | Path, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{cosign().parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COSIGN_PASSWORD": "of this test", **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert not (check and done.returncode), f"{command}: {done.stdout}{done.stderr}"
    return done


def cosign() -> Path:
    try:
        return components.cosign()
    except components.Missing as fault:
        missing(str(fault))


def script(name: str, *arguments: str | Path, **variables: str) -> str:
    """Run a script of release/, as the workflow does, and return what it prints."""
    return run(sys.executable, ROOT / "release" / name, *arguments, check=True, **variables).stdout


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    """All images of `make images`, pushed and signed by the workflow's scripts in its order."""
    folder = tmp_path_factory.mktemp("signed")
    with registry_in(folder) as registry:
        run(cosign(), "generate-key-pair", "--output-key-prefix", folder / "cosign")
        (folder / "sbom.cdx.json").write_text(json.dumps(BILL))
        (folder / "images.txt").write_text(script("push.py", f"{registry}/krm-inference"))
        (folder / "provenance.json").write_text(script("provenance.py", **RUNNER))
        files = [folder / name for name in ("images.txt", "sbom.cdx.json", "provenance.json")]
        said = script("sign.py", *files, "--key", folder / "cosign.key")
        images = push.images(folder / "images.txt")
        assert said.splitlines() == [f"{image}: signed, with bill of materials and provenance" for image in images]
        yield Signed(folder, registry, images)


def test_each_image_is_verified_by_the_commands_of_the_security_page(signed: Signed) -> None:
    assert len(signed.images) == len(push.BUILD.FUNCTIONS)
    said = script("verify.py", signed.folder / "images.txt", "--key", signed.key)
    assert said.splitlines() == [f"{image}: verified" for image in signed.images]
    assert verify.script("IMAGE").count("cosign verify") == 3


def test_the_steps_of_the_workflow_are_those_that_ran_here() -> None:
    """But for the key, and what GitHub and its registry do themselves."""
    steps = [step for job in yaml.safe_load(WORKFLOW.read_text())["jobs"].values() for step in job["steps"]]
    ran = [step["run"] for step in steps if "release/" in step.get("run", "") and "images.txt" in step["run"]]
    assert ran == [
        'python3 release/push.py "$REGISTRY" > images.txt',
        "python3 release/sign.py images.txt dist/sbom.cdx.json provenance.json",
        "python3 release/verify.py images.txt",
    ]
    (installer,) = (step["uses"] for step in steps if "cosign-installer" in step.get("uses", ""))
    assert installer.endswith("@6f9f17788090df1f26f669e9d70d6ae9567deba6")  # v4.1.2, whose cosign-release is this:
    assert components.SIGNING.version == "v3.0.6"


def statement(signed: Signed, kind: str) -> dict[str, Any]:
    """What the first image's attestation of a kind says, once cosign has verified it."""
    options = ("--key", signed.key, "--insecure-ignore-tlog", "--type", kind)
    said = json.loads(run(cosign(), "verify-attestation", *options, signed.images[0]).stdout.splitlines()[0])
    found: dict[str, Any] = json.loads(base64.b64decode(said["payload"]))
    return found


def test_the_provenance_names_the_workflow_the_commit_and_the_base(signed: Signed) -> None:
    said = statement(signed, "slsaprovenance1")
    assert said["subject"][0]["digest"]["sha256"] == signed.images[0].partition("@sha256:")[2]
    predicate = said["predicate"]
    workflow = f"https://github.com/{RUNNER['GITHUB_WORKFLOW_REF']}"
    assert predicate["runDetails"]["builder"]["id"] == workflow
    assert workflow.replace("9.8.7", push.BUILD.PROJECT["version"]) in (ROOT / "SECURITY.md").read_text()
    source, base = predicate["buildDefinition"]["resolvedDependencies"]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert source == {
        "uri": "git+https://github.com/krm-inference/krm-inference@refs/tags/v9.8.7",
        "digest": {"gitCommit": commit.strip()},
    }
    assert base["uri"] == f"docker://{push.BUILD.BASE.partition('@')[0]}"


def test_the_bill_of_materials_comes_with_the_image(signed: Signed) -> None:
    assert statement(signed, "cyclonedx")["predicate"] == BILL


def test_an_image_that_somebody_changed_is_not_verified(signed: Signed) -> None:
    """Not under the old tag, nor with the signatures of the image that it was made from."""
    name, _, digest = signed.images[0].partition("@sha256:")
    (signed.folder / "more").write_text("more")
    run("tar", "-C", signed.folder, "-cf", signed.folder / "more.tar", "more")
    changed = run(tool("crane"), "append", "--base", signed.images[0], "--new_layer", signed.folder / "more.tar",
                  "--new_tag", f"{name}:v0.1.0").stdout.strip()  # fmt: skip
    assert changed.startswith(f"{name}@sha256:")
    assert "no signatures found" in refused(signed, changed)
    other = changed.partition("@sha256:")[2]
    run(tool("crane"), "copy", f"{name}:sha256-{digest}", f"{name}:sha256-{other}")
    assert "artifact digest does not match" in refused(signed, changed)
    assert ": verified" in refused(signed, "\n".join((changed, signed.images[0])))


def test_an_image_that_another_key_signed_is_not_verified(signed: Signed, tmp_path: Path) -> None:
    run(cosign(), "generate-key-pair", "--output-key-prefix", tmp_path / "other")
    assert "NOT verified" in refused(signed, signed.images[0], str(tmp_path / "other.pub"))


def refused(signed: Signed, image: str, key: str = "") -> str:
    """What verify.py says of images, one of which at least it does not verify."""
    (signed.folder / "one.txt").write_text(f"{image}\n")
    command = [sys.executable, str(ROOT / "release" / "verify.py"), str(signed.folder / "one.txt")]
    done = run(*command, "--key", key or signed.key, check=False)
    assert done.returncode == 1, done.stdout
    return done.stdout


@pytest.mark.parametrize("text", ["", "ghcr.io/krm-inference/inject-lora:v0.1.0", "a@sha256:12"])
def test_nothing_is_signed_but_digests(signed: Signed, tmp_path: Path, text: str) -> None:
    (tmp_path / "images.txt").write_text(text)
    done = run(sys.executable, ROOT / "release" / "sign.py", tmp_path / "images.txt", "bill", "provenance",
               "--key", signed.folder / "cosign.key", check=False)  # fmt: skip
    assert done.returncode == 1
    assert re.search(r"expected lines NAME@sha256:", done.stderr)
