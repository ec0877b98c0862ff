"""The protocol of kustomize's exec plugins, without kustomize."""

import os
import subprocess
import sys
from pathlib import Path

import krm_functions_sdk
import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.function import kustomize_plugin

CONFIG = "apiVersion: fn.example.com/v1\nkind: Scale\nmetadata:\n  name: x\nspec:\n  mode: {}\n"
WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n"
PROGRAM = """
import sys
sys.path.insert(0, {sdk!r})
from krm_functions_sdk import run
def scale(resources):
    "Scale."
    print("scaling")
    for one in resources.where("Deployment"):
        one.set("spec.replicas", 3)
run(scale)
"""


def start(folder: Path, config: str, variable: str | None) -> subprocess.CompletedProcess[str]:
    """Run a function as kustomize would, with one configuration in the file and one in the environment."""
    (folder / "config").write_text(config)
    (folder / "scale.py").write_text(PROGRAM.format(sdk=str(Path(krm_functions_sdk.__file__).parent.parent)))
    environment = dict(os.environ)
    if variable is not None:
        environment[kustomize_plugin.VARIABLE] = variable
    command = [sys.executable, str(folder / "scale.py"), str(folder / "config")]
    return subprocess.run(command, input=WEB, env=environment, capture_output=True, text=True, check=False)


def test_a_transformer_answers_with_the_documents(tmp_path: Path) -> None:
    """They come out as they came in, but for the change; what is printed goes to standard error."""
    done = start(tmp_path, CONFIG, CONFIG)
    assert (done.stdout, done.stderr, done.returncode) == (WEB.replace("replicas: 1", "replicas: 3"), "scaling\n", 0)
    assert (tmp_path / "config").read_text() == CONFIG


@pytest.mark.parametrize("variable", [None, "", WEB])
def test_another_plugins_environment_makes_no_plugin(tmp_path: Path, variable: str | None) -> None:
    """A function that a plugin starts, with a file of its own, changes that file."""
    done = start(tmp_path, WEB + "# end\n", variable)
    assert (done.stdout, done.returncode) == (f"changed {tmp_path}/config\n", 0)
    assert "replicas: 3" in (tmp_path / "config").read_text()


def act(resources: ResourceList) -> None:
    """Do what the configuration says."""
    config = resources.function_config
    assert config is not None
    mode = config.get("spec.mode")
    if mode == "fail":
        resources.results.error("no", config, "spec.mode")
    if mode == "crash":
        raise KeyError(mode)
    if mode == "rubbish":
        resources.items.append(5)  # type: ignore[arg-type]  # on purpose
    else:
        resources.add(Resource.new({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}), "s.yaml")
        resources.results.info("made it")


GENERATED = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"
GENERATORS = {
    "work": (GENERATED, "[info] made it\n", 0),
    "fail": ("", "[error] Scale x: spec.mode: no\n[info] made it\n", 1),
    "crash": ("", "[error] act crashed at test_kustomize_plugin.py:", 1),
    "rubbish": ("", "[error] act crashed: ", 1),
}


@pytest.mark.parametrize("mode", GENERATORS)
def test_a_generator_gets_no_input(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """It answers with new documents, without a place; after an error with none."""
    monkeypatch.setenv(kustomize_plugin.VARIABLE, CONFIG.format(mode))
    output, errors, status = kustomize_plugin.serve(act, b"")
    expected, message, expected_status = GENERATORS[mode]
    assert (output.decode(), status) == (expected, expected_status)
    assert errors.startswith(message.partition(":")[0])
    assert "Traceback" not in errors
