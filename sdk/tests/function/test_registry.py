"""Installed functions: found by entry point, named by image."""

import re
import sys
from pathlib import Path

import pytest
from krm_functions_sdk.function import registry

IMAGES = (
    ("set-labels", "set-labels", ""),
    ("set-labels:v1", "set-labels", "v1"),
    ("example.com/functions/set-labels:v0.1.0", "set-labels", "v0.1.0"),
    ("localhost:5000/set-labels", "set-labels", ""),
    ("localhost:5000/a/set-labels:v1", "set-labels", "v1"),
    ("example.com/set-labels@sha256:0123", "set-labels", ""),
    ("example.com/set-labels:v1@sha256:0123", "set-labels", "v1"),
)


@pytest.mark.parametrize(("image", "name", "tag"), IMAGES)
def test_an_image_is_its_last_part(image: str, name: str, tag: str) -> None:
    """Registry, folders and digest do not count; a port is no tag."""
    assert registry.parse_image(image) == (name, tag)


@pytest.mark.parametrize("image", ["", "a/", ":v1", "a b:"])
def test_an_image_that_is_none_names_no_function(image: str) -> None:
    """Whatever a user wrote, the answer is a name that is looked up in vain."""
    assert registry.parse_image(image)[0] not in registry.installed()


def test_installed_functions_have_name_and_version() -> None:
    """Each entry point of the group is one, with the version of its distribution."""
    for name, function in registry.installed().items():
        assert function.name == name
        assert function.version


CODE = "def {}(resources):\n    pass\n"
FOLDERS = {  # files → the module of the function that the folder `folder` defines
    "a module": ({"folder/one_function.py": CODE.format("one_function")}, "one_function"),
    "a package": ({"folder/__init__.py": CODE.format("two_functions")}, "two_functions"),
    "a package in a package": (
        {
            "outer_package/__init__.py": "",
            "outer_package/folder/__init__.py": "from outer_package.folder.inner import three_functions\n",
            "outer_package/folder/inner.py": CODE.format("three_functions"),
        },
        "outer_package.three_functions.inner",
    ),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_defines_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """Without being installed: as a module, as a package, and in a package of several."""
    files, module = FOLDERS[case]
    before = list(sys.path)
    name = re.findall(r"(\w+_functions?)", module)[0]
    for path, text in files.items():
        file = tmp_path / path.replace("folder", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("folder", name))
    folder = tmp_path / "outer_package" if "outer_package" in module else tmp_path
    monkeypatch.chdir(folder)
    found = registry.of_folder(Path(name))
    assert (found.__module__, sys.path) == (module, before)
    assert registry.of_folder(Path(name)) is found


FAULTY = {
    "set_nothing": ({}, "nor does .*/set_nothing hold an __init__.py or a set_nothing.py"),
    "set_syntax": ({"__init__.py": "def\n"}, r"__init__.py cannot be loaded: SyntaxError: "),
    "set_other": ({"__init__.py": "def other(): pass\n"}, "AttributeError: module 'set_other' has no attribute"),
    "registry-of": ({"registry_of.py": "raise SystemExit\n"}, "registry_of.py cannot be loaded: SystemExit"),
    "pytest": ({"__init__.py": "def pytest(_): pass\n"}, "ImportError: .*pytest.* has the same name"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_folder_without_a_function_says_why(tmp_path: Path, name: str) -> None:
    """No code, code that does not run, another name, and a name that is taken."""
    files, message = FAULTY[name]
    (tmp_path / name).mkdir()
    for path, text in files.items():
        (tmp_path / name / path).write_text(text)
    with pytest.raises(LookupError, match=message):
        registry.of_folder(tmp_path / name)


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("set-labels", "set-labels"),
        ("set-labels:v1", "set-labels"),
        ("example.com:5000/a/set-labels:v1", "example.com:5000/a/set-labels"),
        ("example.com/set-labels@sha256:0", "example.com/set-labels"),
        ("example.com/set-labels:v1@sha256:0", "example.com/set-labels"),
    ],
)
def test_the_repository_of_an_image(image: str, repository: str) -> None:
    """It is the image without tag and digest; the port of a registry is no tag."""
    assert registry.repository(image) == repository
