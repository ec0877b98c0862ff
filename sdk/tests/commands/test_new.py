"""`krmfn new`: what it writes passes its tests at once, installed or not, and it never writes over anything."""

import ast
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from krm_functions_sdk.commands import new

KRMFN = str(Path(sys.executable).parent / "krmfn")


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new function."""
    return new.create("add-two-replicas", tmp_path_factory.mktemp("new"))


@pytest.fixture(scope="module")
def installed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the new function is installed into."""
    target = tmp_path_factory.mktemp("lib")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    done = run(*pip, "--disable-pip-version-check", "--target", str(target), str(folder))
    assert done.returncode == 0, done.stderr
    return target


def test_what_it_consists_of(folder: Path) -> None:
    """A distribution, a recipe, and one folder that is the function."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    cases = {f"examples/{case}/{file}.yaml" for case in ("mistakes", "set-replicas") for file in ("input", "expected")}
    inside = {"__init__.py", "README.md", *cases}
    assert files == {"pyproject.toml", "Dockerfile", *(f"add_two_replicas/{name}" for name in inside)}


def test_its_texts_are_complete() -> None:
    """Every template is used, every mark filled in, and every text readable as what it is."""
    assert sorted(new.FILES.values()) == sorted(path.name for path in new.TEMPLATES.iterdir())
    texts = new.texts("set-x")
    assert not [path for path, text in texts.items() if "@" in text.replace("@dataclass", "") or "@" in path]
    ast.parse(texts["set_x/__init__.py"])
    project = tomllib.loads(texts["pyproject.toml"])["project"]
    assert project["entry-points"]["krm_functions"] == {"set-x": "set_x:SetX"}
    (config,) = [node for node in ast.walk(ast.parse(texts["set_x/__init__.py"])) if isinstance(node, ast.ClassDef)]
    assert (config.name, [ast.unparse(each) for each in config.decorator_list]) == ("SetX", ["dataclass"])
    recipe = texts["Dockerfile"]
    assert "\nUSER 65534:65534\n" in recipe
    assert json.loads(recipe.rpartition("ENTRYPOINT ")[2])[-1] == "/function/lib/bin/set-x"


def test_its_golden_cases_pass_before_it_is_installed(folder: Path) -> None:
    """One case that works, and one of a user's mistakes."""
    done = run(KRMFN, "test", str(folder))
    assert (done.stdout, done.stderr, done.returncode) == ("2 passed, 0 failed\n", "", 0)
    mistakes = (folder / "add_two_replicas/examples/mistakes/expected.yaml").read_text()
    assert mistakes.count("severity: error") == 2


def test_its_golden_cases_pass_when_it_is_installed(folder: Path, installed: Path) -> None:
    """The entry point and the console script are there, and the examples stay out of the wheel."""
    done = run(KRMFN, "test", str(folder), PYTHONPATH=str(installed))
    assert (done.stdout, done.stderr, done.returncode) == ("2 passed, 0 failed\n", "", 0)
    listed = run(KRMFN, "functions", PYTHONPATH=str(installed)).stdout.splitlines()
    assert "add-two-replicas 0.1.0" in listed
    assert not (installed / "add_two_replicas" / "examples").exists()


def test_its_executable_runs_below_kpt(folder: Path, installed: Path, kpt: str, tmp_path: Path) -> None:
    """`kpt fn eval` changes the one line."""
    del folder
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1 # few\n"
    (tmp_path / "web.yaml").write_text(text)
    script = str(installed / "bin" / "add-two-replicas")
    done = run(
        kpt, "fn", "eval", str(tmp_path), "--exec", script, "--", "replicas=3", "reason=x", PYTHONPATH=str(installed)
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "web.yaml").read_text() == text.replace("1 # few", "3 # x")


def test_its_readme_holds_the_table_of_its_definition(folder: Path) -> None:
    """What `krmfn doc` writes of the fields is what the README says."""
    page = run(KRMFN, "doc", str(folder)).stdout
    table = page[page.index("| field |") :]
    assert table in (folder / "add_two_replicas" / "README.md").read_text()


def test_its_executable_documents_itself(folder: Path, installed: Path) -> None:
    """`--help` and `--doc` answer without input, from what is in the wheel."""
    script = str(installed / "bin" / "add-two-replicas")
    readme = (folder / "add_two_replicas" / "README.md").read_text()
    assert run(script, "--help", PYTHONPATH=str(installed)).stdout == readme
    document = json.loads(run(script, "--doc", PYTHONPATH=str(installed)).stdout)
    assert document["image"] == "example.com/functions/add-two-replicas:v0.1.0"
    assert (document["kind"], document["apiVersion"]) == ("AddTwoReplicas", "fn.example.com/v1alpha1")
    assert document["examples"].startswith("Each folder under `examples/` is a test")


BAD_NAMES = {
    "SetOwner": "; set-owner would do",
    "set_owner": "; set-owner would do",
    "Set Owner 2": "; set-owner-2 would do",
    "2-owners": "expected lower-case words",
    "set--owner": "; set-owner would do",
    "-x": "; x would do",
    "": "expected lower-case words",
    "é": "expected lower-case words",
    "../x": "; x would do",
    "a" * 64: "64 characters, expected at most 63",
    "import": "is a word of Python itself",
    "match": "is a word of Python itself",
    "json": "is the name of a module",
    "yaml": "is the name of a module",
    "krm-functions-sdk": "is the name of a module",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    """With the reason, and with a good name where there is one near."""
    with pytest.raises(new.Refusal) as caught:
        new.create(name, tmp_path)
    assert BAD_NAMES[name] in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder, a file or a link of the name is left alone."""
    for name, make in (("a", Path.mkdir), ("b", Path.touch), ("c", lambda path: path.symlink_to("nowhere"))):
        make(tmp_path / name)
        with pytest.raises(new.Refusal, match="already exists; nothing was written"):
            new.create(name, tmp_path)
    assert not list((tmp_path / "a").iterdir())
