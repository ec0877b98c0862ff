"""The functions as exec plugins of a real kustomize, without a container: transformers and generators.

Under `validators:` kustomize 5.5.0 takes no exec plugin, not even `cat`: it finds its own resources unequal to
themselves. A function that only validates does so under `transformers:`.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import SCRIPTS

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-app
spec:
  selector:
    matchLabels:
      app: my-app
  template:
    metadata:
      labels:
        app: my-app
    spec:
      containers:
      - name: server
        image: example.com/server:v1
"""
ACCELERATOR = """\
apiVersion: fn.kpt.dev/v1alpha1
kind: InjectAccelerator
metadata:
  name: gpus
spec:
  type: {}
"""
SERVICE = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: my-llm
spec:
  release: gaie-v1.0
  model:
    id: meta-llama/Llama-3.1-8B-Instruct
  replicas: 1
  accelerator:
    type: nvidia-l4
  gateway:
    name: inference-gateway
    className: gke-l7-rilb
  objectives:
  - name: urgent
    priority: 10
"""
VALIDATION = "apiVersion: fn.kpt.dev/v1alpha1\nkind: ValidateInference\nmetadata:\n  name: strict\n"

Build = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def build(tmp_path: Path, require: Callable[[str], str]) -> Build:
    """Build a kustomization with one plugin, the function of a console script."""
    kubectl = require("kubectl")

    def run(field: str, function: str, config: str, *, resources: str = DEPLOYMENT) -> subprocess.CompletedProcess[str]:
        named = yaml.safe_load(config)
        plugin = tmp_path / "plugins" / named["apiVersion"] / named["kind"].lower() / named["kind"]
        plugin.parent.mkdir(parents=True)
        plugin.symlink_to(SCRIPTS / function)
        folder = tmp_path / "kustomization"
        folder.mkdir()
        (folder / "resources.yaml").write_text(resources)
        (folder / "plugin.yaml").write_text(config)
        (folder / "kustomization.yaml").write_text(f"resources: [resources.yaml]\n{field}: [plugin.yaml]\n")
        command = [kubectl, "kustomize", "--enable-alpha-plugins", str(folder)]
        environment = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(tmp_path / "plugins")}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    return run


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def test_a_transformer_changes_the_resources(build: Build) -> None:
    """The one eligible workload gets its accelerator, and none of kustomize's own annotations is left."""
    (deployment,) = objects(build("transformers", "inject-accelerator", ACCELERATOR.format("nvidia-l4")))
    pod = deployment["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"cloud.google.com/gke-accelerator": "nvidia-l4"}
    assert "annotations" not in deployment["metadata"]


def test_an_error_fails_the_build_and_is_shown(build: Build) -> None:
    """The build shows what stands on standard error: the fault, its field and what is known."""
    done = build("transformers", "inject-accelerator", ACCELERATOR.format("nvidia-l5"))
    assert (done.stdout, done.returncode) == ("", 1)
    assert "[error] " in done.stderr
    assert "InjectAccelerator gpus: spec.type: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_generator_gets_nothing_but_its_configuration(build: Build) -> None:
    """An LLMService alone is enough for its objectives, beside the resources."""
    found = objects(build("generators", "generate-objectives", SERVICE))
    assert sorted((one["kind"], one["metadata"]["name"]) for one in found) == [
        ("Deployment", "my-app"),
        ("InferenceObjective", "urgent"),
    ]


def test_a_function_that_validates_is_a_transformer_that_changes_nothing(build: Build) -> None:
    """What is right passes as it is; test_an_error_fails_the_build_and_is_shown has the other case."""
    (deployment,) = objects(build("transformers", "validate-inference", VALIDATION))
    assert deployment == yaml.safe_load(DEPLOYMENT)


def test_no_exec_plugin_validates(build: Build) -> None:
    """When this fails, kustomize takes exec plugins under `validators:`, and the pages that deny it are out of date."""
    done = build("validators", "validate-inference", VALIDATION)
    assert done.returncode == 1
    assert "validator shouldn't modify the resource map: nodes unequal" in done.stderr
