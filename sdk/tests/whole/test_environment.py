"""Which variables of the environment the code reads: those that a render feels are part of what it is remembered by."""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

import krm_functions_sdk
from krm_functions_sdk.function import call, installation
from krm_functions_sdk.kpt import answers, external

SDK = Path(krm_functions_sdk.__file__).parent

# Each module that has to do with the environment, and what a render feels of what it reads there.
READERS: dict[str, tuple[str, ...]] = {
    "function/call.py": (call.TRACEBACK,),
    "kpt/external.py": (*external.RUNTIME_VARIABLES, external.PREFIX_VARIABLE),
    "kpt/answers.py": answers.VARIABLES,
    "commands/options.py": (),  # it sets what an option says
    "files/cache.py": (),  # whether answers are kept, and where
    "function/kustomize_plugin.py": (),  # only the executable of a function asks
    "function/terminal.py": (),  # what is kept is fitted and coloured when it is printed
    "kpt/isolation.py": (),  # it puts back all of it
}
# Who asks for the moment: to wait, to know how old a file is, and for the day in the key.
CLOCKS = {
    *("commands/watch.py", "files/cache.py", "files/lock.py"),
    *("function/installation.py", "kpt/answers.py", "kpt/fleet.py"),
}
MOMENTS = {"time", "datetime", "random", "secrets", "uuid", "getpass", "locale", "platform", "socket"}


def readers(folder: Path) -> set[str]:
    """Return the modules that name the environment."""
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv"))
        or (isinstance(node, ast.ImportFrom) and {"environ", "getenv"} & {alias.name for alias in node.names})
    }


def importers(folder: Path, names: set[str]) -> set[str]:
    """Return the modules that import one of some others."""
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and names & {alias.name for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module in names)
    }


def test_whoever_reads_the_environment_is_in_the_table() -> None:
    assert readers(SDK) == READERS.keys()


def test_what_a_render_feels_of_it_is_part_of_its_key() -> None:
    assert {name for names in READERS.values() for name in names} <= {*answers.VARIABLES}


def test_nothing_else_of_the_place_or_the_moment_is_asked_for() -> None:
    assert importers(SDK, MOMENTS) == CLOCKS


def test_the_libraries_that_are_looked_at_are_those_that_the_sdk_needs() -> None:
    """By the names of their modules; what they need themselves is no part of a render that is remembered."""
    wanted = {
        requirement.partition(">")[0].replace("-", "_").lower()
        for requirement in metadata.requires("krm-functions-sdk") or []
    }
    of_modules = metadata.packages_distributions()
    found = {of_modules[name][0].replace("-", "_").lower() for name in installation.LIBRARIES}
    assert found == wanted
