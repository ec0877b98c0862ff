"""The recipe of the function images, and the images themselves."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILD = load(ROOT / "images" / "build.py")
FUNCTIONS: list[str] = list(BUILD.FUNCTIONS)
EXAMPLES = sorted((ROOT / "functions" / "krm_inference").glob("*/examples/*/input.yaml"))
# One of each kind: kpt takes half a minute for one.
PACKAGES = [ROOT / "packages" / name for name in ("llama-3.1-8b", "llama-3.1-8b-tenants", "shared-gateway")]
GENERATED = "inference.fn.kpt.dev/generated-by"

# What kpt passes, and more: no capability, and nowhere to write.
KPT = ["run", "--rm", "-i", "--network", "none", "--user", "nobody", "--security-opt=no-new-privileges"]
CONFINED = [*KPT, "--read-only", "--cap-drop=all"]

Run = Callable[..., subprocess.CompletedProcess[str]]
Script = Callable[[str, str], None]


def run(*command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False)


def function_of(example: Path) -> str:
    return example.parts[-4].replace("_", "-")


def console_script(function: str) -> str:
    return str(Path(sys.executable).parent / function)


# The recipe


def instructions() -> list[list[str]]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]


def test_no_instruction_needs_a_shell() -> None:
    commands = {name: json.loads(words) for name, words in instructions() if name in ("RUN", "CMD", "ENTRYPOINT")}
    assert commands["ENTRYPOINT"][0] == "python3"
    assert "CMD" not in commands


def test_the_function_is_named_in_the_last_layer_alone() -> None:
    lines = instructions()
    assert [name for name, _ in lines[lines.index(["ARG", "FUNCTION"]) + 1 :]] == ["LABEL", "COPY"]


def test_what_is_taken_out_is_there_and_no_function_imports_it() -> None:
    """Each pattern names files of the sources, or of what the lock installs; no room of functions is among them."""
    site = Path(jsonschema_rs.__file__).parent.parent
    for pattern in BUILD.NEEDLESS:
        assert any(list(root.glob(pattern)) for root in (ROOT / "sdk", ROOT / "functions", site)), pattern
    kept = ("krm_functions_sdk/function", "krm_functions_sdk/files", "krm_inference/domain", "krm_inference/manifests")
    assert not set(kept) & set(BUILD.NEEDLESS)


def test_a_shared_object_loads_without_what_stands_behind(tmp_path: Path) -> None:
    """Symbols and debug information go, and the module works as before; what is no such file stays."""
    for module in (yaml, jsonschema_rs):
        folder = Path(str(module.__file__)).parent
        shutil.copytree(folder, tmp_path / folder.name)
    BUILD.slim(tmp_path)
    code = "import yaml, jsonschema_rs; print(yaml.load('[1]', yaml.CSafeLoader), jsonschema_rs.is_valid({}, 1))"
    done = run(sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}")
    assert done.stdout == "[1] True\n", done.stderr
    have, was = (
        next((root / "yaml").glob("*.so")).read_bytes() for root in (tmp_path, Path(yaml.__file__).parent.parent)
    )
    assert was[64 : len(have)] == have[64:]
    assert BUILD.loaded(have) == have
    assert BUILD.loaded(b"no such file") == b"no such file"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Put a shell script of that name on an otherwise empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(name: str, body: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)

    return write


@pytest.mark.parametrize(("answering", "chosen"), [("podman docker", "podman"), ("docker", "docker")])
def test_the_engine_is_the_one_that_answers(script: Script, answering: str, chosen: str) -> None:
    for name in ("podman", "docker"):
        script(name, "exit 0" if name in answering else "exit 1")
    assert BUILD.engine() == chosen


def test_a_client_without_an_engine_is_no_engine(script: Script) -> None:
    script("docker", '[ "$1" = --version ]')
    with pytest.raises(SystemExit, match="neither answers"):
        BUILD.engine()


def test_wheels_are_chosen_for_the_python_of_the_base(script: Script) -> None:
    script("podman", """echo '["3.12.9", "aarch64", "glibc", "2.19"]'""")
    platforms = [f"--platform=manylinux{tag}_aarch64" for tag in ("_2_19", "_2_18", "_2_17", "2014")]
    assert BUILD.wheel_options("podman") == ["--python-version=3.12.9", "--implementation=cp", *platforms]


def test_a_base_without_glibc_is_refused(script: Script) -> None:
    script("podman", """echo '["3.12.9", "x86_64", "", ""]'""")
    with pytest.raises(SystemExit, match="glibc"):
        BUILD.wheel_options("podman")


# The images


@pytest.fixture(scope="session")
def engine(require: Callable[[str], str]) -> str:
    """The engine that answers here."""
    try:
        return str(BUILD.engine())
    except SystemExit:
        return require("a podman or docker that answers")


@pytest.fixture(scope="session")
def inspect(engine: str) -> Callable[[str], dict[str, Any]]:
    """Return what the engine knows of an image."""

    def details(image: str) -> dict[str, Any]:
        shown = run(engine, "image", "inspect", image)
        assert shown.returncode == 0, f"no image {image}; `make images` builds it\n{shown.stderr}"
        found: dict[str, Any] = json.loads(shown.stdout)[0]
        return found

    return details


@pytest.mark.container
@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_image_shows_the_help_that_the_console_script_shows(engine: str, function: str) -> None:
    here = run(console_script(function), "--help")
    there = run(engine, *CONFINED, BUILD.image_of(function), "--help")
    assert (there.returncode, there.stdout, there.stderr) == (0, here.stdout, "")
    assert function in there.stdout


@pytest.mark.container
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{function_of(path)}-{path.parts[-2]}")
def test_an_image_answers_as_the_console_script_does(engine: str, example: Path) -> None:
    function, text = function_of(example), example.read_text()
    here = run(console_script(function), stdin=text)
    there = run(engine, *CONFINED, BUILD.image_of(function), stdin=text)
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)


@pytest.mark.container
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_run_compiles_no_module(engine: str, function: str) -> None:
    text = next(path for path in EXAMPLES if function_of(path) == function).read_text()
    python = [*CONFINED, "--entrypoint", "python3", BUILD.image_of(function)]
    log = run(engine, *python, "-v", "-S", "-P", "/function/main", stdin=text).stderr
    assert "code object from '/function/bytecode/" in log
    assert not re.findall(r"code object from (/.+\.py)$", log, re.MULTILINE)


@pytest.mark.container
def test_an_image_parses_yaml_in_c(engine: str) -> None:
    python = [*CONFINED, "--entrypoint", "python3", BUILD.image_of(FUNCTIONS[0])]
    done = run(engine, *python, "-S", "-c", "import yaml; print(yaml.__with_libyaml__)")
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.container
@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_image_runs_as_nobody_with_no_command_of_its_own(inspect: Callable[[str], Any], function: str) -> None:
    config = inspect(BUILD.image_of(function))["Config"]
    assert (config["User"], config.get("Cmd") or []) == ("65534:65534", [])
    assert config["Labels"]["org.opencontainers.image.title"] == function


@pytest.mark.container
def test_images_share_all_layers_but_the_last(inspect: Callable[[str], Any]) -> None:
    stacks = [tuple(inspect(BUILD.image_of(function))["RootFS"]["Layers"]) for function in FUNCTIONS]
    assert len({stack[:-1] for stack in stacks}) == 1
    assert len({stack[-1] for stack in stacks}) == len(FUNCTIONS)


@pytest.mark.container
def test_an_image_is_small(inspect: Callable[[str], Any]) -> None:
    base = inspect(BUILD.BASE)["Size"]
    assert inspect(BUILD.image_of(FUNCTIONS[0]))["Size"] - base < 24_000_000


# kpt with the images


@pytest.fixture
def kpt(engine: str, require: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of kpt, told to use the engine that answers."""
    for variable in ("KPT_FN_RUNTIME", "KRM_FN_RUNTIME"):  # the name up to kpt 1.0.0-beta.58, and the one since
        monkeypatch.setenv(variable, engine)
    return require("kpt")


@pytest.mark.container
def test_kpt_shows_the_help_of_an_image(kpt: str) -> None:
    done = run(kpt, "fn", "doc", "-i", BUILD.image_of(FUNCTIONS[0]))
    assert done.returncode == 0, done.stderr
    assert FUNCTIONS[0] in done.stdout


@pytest.mark.container
@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_kpt_renders_what_is_committed_from_the_intent_alone(kpt: str, package: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(package, tmp_path / package.name)
    for path in copy.rglob("*.yaml"):
        if GENERATED in path.read_text():
            path.unlink()
    done = run(kpt, "fn", "render", str(copy), "--truncate-output=false")
    assert done.returncode == 0, done.stderr
    files = [sorted(path for path in top.rglob("*") if path.is_file()) for top in (copy, package)]
    rendered, committed = ({path.name: path.read_text() for path in paths} for paths in files)
    assert rendered == committed


@pytest.mark.container
def test_an_image_that_is_not_installed_runs_as_kpt_runs_it(kpt: str, engine: str, tmp_path: Path) -> None:
    """Krmfn runs a foreign image in a container and gives the same files as kpt."""
    foreign = "localhost/foreign/accelerate:v1"
    assert run(engine, "tag", BUILD.image_of("inject-accelerator"), foreign).returncode == 0
    for name in ("kpt", "krmfn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Kptfile").write_text(
            "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n"
            f"    - image: {foreign}\n      configMap:\n        type: nvidia-l4\n"
        )
        (tmp_path / name / "app.yaml").write_text(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app # mine\nspec:\n  template:\n    spec:\n"
            "      containers:\n      - name: app\n        image: example.com/app:v1\n"
        )
    theirs = run(kpt, "fn", "render", str(tmp_path / "kpt"))
    ours = run(console_script("krmfn"), "render", str(tmp_path / "krmfn"))
    assert (theirs.returncode, ours.returncode) == (0, 0), theirs.stderr + ours.stderr
    for file in ("Kptfile", "app.yaml"):
        assert (tmp_path / "krmfn" / file).read_text() == (tmp_path / "kpt" / file).read_text()
    assert "nvidia-l4" in (tmp_path / "krmfn" / "app.yaml").read_text()
