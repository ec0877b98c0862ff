"""The lock files: all pinned, all hashed, and from no index in particular."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
OTHERS = ("release/requirements.lock", "site/requirements.lock")


def locked(name: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Return the requirements of a lock file, each with its hashes."""
    entries = {}
    text = re.sub(r" *#.*", "", (ROOT / name).read_text()).replace("\\\n", "\n")
    for entry in re.split(r"\n(?=\w)", text.strip()):
        requirement = Requirement(entry.partition("--hash=")[0].strip())
        entries[requirement.name] = (requirement, re.findall(r"--hash=(\S+)", entry))
    return entries


def declared() -> dict[str, Requirement]:
    """Return what the two distributions depend on, apart from one another."""
    projects = [tomllib.loads((ROOT / room / "pyproject.toml").read_text())["project"] for room in ("sdk", "functions")]
    own = {project["name"] for project in projects}
    requirements = [Requirement(text) for project in projects for text in project["dependencies"]]
    return {requirement.name.lower(): requirement for requirement in requirements if requirement.name not in own}


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_every_requirement_has_one_version_and_hashes(lock: str) -> None:
    for requirement, hashes in locked(lock).values():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert hashes, requirement


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_a_lock_names_no_index(lock: str) -> None:
    assert not re.search(r"://|^-", (ROOT / lock).read_text(), re.MULTILINE)


def test_the_development_lock_holds_the_runtime_lock() -> None:
    runtime, development = (locked(lock) for lock in LOCKS)
    assert runtime == {name: development.get(name) for name in runtime}


def test_the_distributions_accept_what_is_locked_for_them() -> None:
    runtime = locked("requirements.lock")
    for name, accepted in declared().items():
        (pin,) = runtime[name][0].specifier
        assert accepted.specifier.contains(pin.version), accepted
