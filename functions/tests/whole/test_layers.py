"""The arrows between rooms: which of them may import which, types included, and no circle among modules."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
INFERENCE = ROOT / "functions" / "krm_inference"
SDK = ROOT / "sdk" / "krm_functions_sdk"

FUNCTIONS = tuple(sorted(file.parent.name for file in INFERENCE.glob("*/definition.yaml")))
RULES = "validate_inference.rules"
FINDINGS = "validate_inference.findings"
TOPICS = tuple(
    f"{RULES}.{file.parent.name}" for file in sorted(INFERENCE.glob("validate_inference/rules/*/__init__.py"))
)
# Checks that several topics fill in.
SHARED = tuple(f"{RULES}.{name}" for name in ("agreement", "missing", "selectors", "server_paths", "unchecked"))
DOMAIN = ("domain", "domain.facts", "domain.spelling", "domain.record")
READING = (*DOMAIN, "manifests")

# A room, a folder with what is below it or a single module, and the rooms that it may import beside itself. A module
# belongs to the longest name that it begins with; all may import the SDK but those of NO_SDK.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "": (),
    "domain.spelling": (),
    "domain.record": (),
    "domain.facts": ("domain.spelling", "domain.record"),
    "domain": ("domain.facts", "domain.spelling", "domain.record"),
    "manifests": DOMAIN,
    "cluster": READING,
    **dict.fromkeys(FUNCTIONS, DOMAIN),
    FINDINGS: READING,
    **dict.fromkeys(SHARED, (*READING, FINDINGS, *SHARED)),
    **dict.fromkeys(TOPICS, (*READING, FINDINGS, *SHARED)),
    f"{RULES}.fields.tables": (),
    f"{RULES}.fields": (*READING, FINDINGS, *SHARED, f"{RULES}.fields.tables"),
    RULES: (FINDINGS, *TOPICS),
    "validate_inference": (*READING, FINDINGS, RULES, *TOPICS),
    "commands": (),
    "commands.package_files": (),
    "commands.init": (*DOMAIN, "commands", "commands.package_files", "commands.smoke_script"),
    "commands.adopt": (*READING, "commands", "commands.package_files"),
    "commands.explain": (*DOMAIN, "commands"),
    "commands.packages": DOMAIN,
    "commands.plan": (*DOMAIN, "commands", "commands.packages"),
    "commands.smoke_script": DOMAIN,
    "commands.smoke_test": (*DOMAIN, "commands", "commands.packages", "commands.smoke_script"),
    "commands.facts": (*DOMAIN, "commands"),
    "commands.upgrade": (*DOMAIN, "commands"),
    "commands.lock": (*DOMAIN, "commands"),
    "commands.graph": (*READING, "commands", "validate_inference"),
}
NO_SDK = ("domain.facts", "domain.spelling", "domain.record", f"{RULES}.fields.tables")


def _name(file: Path) -> str:
    """Return the dotted name of a module, from the distribution's own package on: "" for that itself."""
    return ".".join(file.relative_to(INFERENCE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


MODULES = {_name(file): file for file in sorted(INFERENCE.rglob("*.py")) if "examples" not in file.parts}


def _imports(file: Path) -> Iterator[str]:
    """Yield every module that a file imports, also inside functions, and what it takes from one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            for name in node.names:
                yield f"{node.module}.{name.name}"


def _imported(name: str) -> set[str]:
    """Return the modules of krm_inference that one of them imports."""
    found = set()
    for each in _imports(MODULES[name]):
        package, _, inside = each.partition(".")
        if package == "krm_inference":
            found.add(inside if inside in MODULES else inside.rpartition(".")[0])
    return found


def _room(name: str) -> str:
    return max((room for room in MAY_IMPORT if room == "" or f"{name}.".startswith(f"{room}.")), key=len)


def test_there_are_files() -> None:
    """The globs of these tests find something, and each room of the table is there."""
    assert list(SDK.glob("**/*.py"))
    assert {_room(name) for name in MODULES} == MAY_IMPORT.keys()


def test_a_room_imports_what_its_row_names() -> None:
    """No arrow runs up, and no function, no topic and no command imports another one."""
    arrows = [(name, _room(name), each) for name in MODULES for each in _imported(name)]
    assert [arrow for arrow in arrows if _room(arrow[2]) not in (arrow[1], *MAY_IMPORT[arrow[1]])] == []
    without = [name for name in MODULES if _room(name) in NO_SDK]
    sdk = {name: [each for each in _imports(MODULES[name]) if each.startswith("krm_functions_sdk")] for name in without}
    assert {name: found for name, found in sdk.items() if found} == {}


def test_no_modules_import_each_other() -> None:
    """There is an order in which each module comes after all that it imports, for its types as well."""
    graph = {name: _imported(name) - {name} for name in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)  # a circle is named by what it raises


@pytest.mark.parametrize(
    "file", sorted(INFERENCE.rglob("__init__.py")), ids=lambda file: _name(file) or "krm_inference"
)
def test_a_folder_says_what_it_may_import(file: Path) -> None:
    """The docstring of each folder says what it holds in a sentence, and what it may import."""
    said = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").splitlines()
    assert said
    assert said[0].endswith(".")
    assert "May import: " in " ".join(said)


def test_the_sdk_knows_nothing_of_inference() -> None:
    """The SDK imports no function and knows no kind of theirs."""
    files = sorted(SDK.glob("**/*.py"))
    assert [file for file in files if any(name.startswith("krm_inference") for name in _imports(file))] == []
    texts = {file: file.read_text(encoding="utf-8").lower() for file in files}
    words = ("inference", "llmservice", "adapter")
    assert [(file, word) for file, text in texts.items() for word in words if word in text] == []
