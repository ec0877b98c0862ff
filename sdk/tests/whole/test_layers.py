"""The rooms of the SDK: which may import which, what only one of them does, and that nothing runs in a circle."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import krm_functions_sdk
import pytest

SDK = Path(krm_functions_sdk.__file__).parent
NAME = SDK.name

# Each room, and what it may import besides itself: only what stands above it here, so that no arrow runs up. The last
# are single modules: the face, what tests of functions use, and the console script, which finds a command by its name.
ROOMS = {
    "document": (),
    "resources": ("document",),
    "files": ("resources", "document"),
    "function": ("files", "resources", "document"),
    "kpt": ("function", "files", "resources", "document"),
    "golden": ("function", "resources"),
    "commands": ("golden", "kpt", "function", "files", "resources", "document"),
    "krmfn": ("function",),
    NAME: ("function", "resources", "document"),
}
FOLDERS = [room for room in ROOMS if (SDK / room).is_dir()]
BUFFERS = {"resources.resource_list"}  # it imports io, for a buffer of bytes
# A library, and the one module that imports it.
LIBRARIES = {"yaml": "document.parser", "jsonschema_rs": "function.schema"}
# What changes a file or a folder, whoever has it; and what does so of `os` and `shutil` alone, since strings have a
# `replace` too.
WRITES = {
    *("makedirs", "mkdir", "rename", "rmdir", "rmtree"),
    *("symlink_to", "touch", "unlink", "write_bytes", "write_text"),
}
WRITES_OF_OS = {"copy2", "copytree", "fdopen", "ftruncate", "link", "open", "remove", "replace", "symlink", "write"}
# Who else writes, what, and where: never into a package.
WRITERS = {
    "kpt.hydration": "the folder of all environments, which files/journal then writes into",
    "kpt.overlay": "a temporary copy of an overlay, for kustomize",
    "kpt.promotion": "a temporary copy of an overlay, to build it as it is proposed",
    "kpt.sides": "a temporary folder of what is compared: a commit, or an overlay as it builds",
    "commands.new": "the folder of a new function, which the user names",
    "function.run": "standard output, by its descriptor",
    "golden": "expected.yaml beside the input of a case",
    "kpt.fleet": "the report for machines, which the user names",
    "kpt.results_file": "the results of functions, in a folder that the user names",
    "function.quiet": "nothing: it opens the null device in place of standard output",
    "krmfn": "nothing: it opens the null device where who read standard output went away",
}


def modules() -> dict[str, Path]:
    """Return the file of each module, by its name below the package; the face by the name of the package."""
    files = {file.relative_to(SDK).with_suffix(""): file for file in SDK.rglob("*.py")}
    names = {".".join(path.parts).removesuffix("__init__").removesuffix("."): file for path, file in files.items()}
    return {name or NAME: file for name, file in names.items()}


MODULES = modules()


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def room_of(module: str) -> str:
    return module.partition(".")[0]


def imported(module: str) -> set[str]:
    """Return what a module imports, at its start or later, to run or for its types: modules of the SDK, and others."""
    found: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: an import says the whole name of a module"
            base = str(node.module)
            named = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if own(name) in MODULES else base for name in named} if base.startswith(NAME) else {base}
    return found


def own(name: str) -> str:
    """Return the name of a module below the package, "" for one of another package."""
    return NAME if name == NAME else name.removeprefix(f"{NAME}.") if name.startswith(f"{NAME}.") else ""


@cache
def own_of(module: str) -> set[str]:
    """Return the modules of the SDK that a module imports."""
    return {own(name) for name in imported(module)} - {""}


def writes(module: str) -> bool:
    """Say whether a module calls what changes a file, or opens one for that."""
    return any(_writes(node) for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call))


def _writes(call: ast.Call) -> bool:
    called = call.func
    if isinstance(called, ast.Name):
        modes = [part.value for part in call.args[1:] if isinstance(part, ast.Constant)]
        return called.id == "open" and any(isinstance(mode, str) and set("wax+") & set(mode) for mode in modes)
    is_of_os = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in ("os", "shutil")
    return isinstance(called, ast.Attribute) and called.attr in (WRITES_OF_OS | WRITES if is_of_os else WRITES)


def test_every_module_has_its_place() -> None:
    """A module lies in a room or is one of the few beside them, and the table knows every room."""
    folders = {path.name for path in SDK.iterdir() if path.is_dir() and path.name not in ("__pycache__", "templates")}
    assert folders == {*FOLDERS}
    assert {room_of(module) for module in MODULES} == ROOMS.keys()


def test_no_arrow_runs_up() -> None:
    """A module imports its own room and those that the table names, for its types too."""
    arrows = {(module, room_of(name)) for module in MODULES for name in own_of(module)}
    assert [arrow for arrow in sorted(arrows) if arrow[1] not in (room := room_of(arrow[0]), *ROOMS[room])] == []


def test_the_table_has_no_circle() -> None:
    """Each room comes after those that it may import."""
    names = list(ROOMS)
    assert all(names.index(other) < names.index(room) for room, others in ROOMS.items() for other in others)


def test_every_arrow_of_the_table_is_walked() -> None:
    """What no module needs is not allowed."""
    walked = {(room_of(module), room_of(name)) for module in MODULES for name in own_of(module)}
    assert {(room, other) for room, others in ROOMS.items() for other in others} <= walked


def test_no_modules_import_each_other() -> None:
    """There is an order of all modules in which each imports only earlier ones, imports for types included."""
    left = {module: own_of(module) - {module} for module in MODULES}
    while free := [module for module, needs in left.items() if not needs & left.keys()]:
        for module in free:
            del left[module]
    assert not left, "these run in a circle"


@pytest.mark.parametrize("room", FOLDERS)
def test_a_room_is_a_docstring(room: str) -> None:
    """It says what the room holds and what it may import, each by name, and the package of a room imports nothing."""
    (only,) = tree_of(room).body
    assert isinstance(only, ast.Expr)
    text = str(ast.get_docstring(tree_of(room)))
    assert "import" in text
    for other in ROOMS[room]:
        assert f"`{other}`" in text or "every other room" in text


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_has_one_door(library: str) -> None:
    """One module imports it, so that one module knows when that is paid for."""
    assert [module for module in MODULES if library in {name.partition(".")[0] for name in imported(module)}] == [
        LIBRARIES[library]
    ]


def test_resources_touch_no_disk_and_no_process() -> None:
    """What objects say is worked out from their text."""
    outside = {"io", "os", "pathlib", "shutil", "subprocess", "tempfile", "threading", "jsonschema_rs"}
    for module in MODULES:
        if room_of(module) in ("document", "resources") and module not in BUFFERS:
            assert not {name.partition(".")[0] for name in imported(module)} & outside, module


def test_packages_are_written_by_one_room() -> None:
    """Only `files` changes what lies in a package; the few others that write say what."""
    writers = {module for module in MODULES if room_of(module) != "files" and writes(module)}
    assert writers == WRITERS.keys()
    assert {module for module in MODULES if room_of(module) == "files" and writes(module)}
