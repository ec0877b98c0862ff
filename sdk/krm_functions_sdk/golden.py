"""Golden cases: folders `examples/<case>/` with input.yaml and expected.yaml, what a function reads and what it writes.

A case passes where the function answers expected.yaml byte for byte, where its exit status is that of its results,
and where running it again on its own answer changes nothing but the results.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from krm_functions_sdk.function import registry
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.resources.resource_list import ResourceList

INPUT, EXPECTED = "input.yaml", "expected.yaml"


class Case:
    """One golden case of one function."""

    def __init__(self, folder: Path, function: Function) -> None:
        self.folder = folder
        self.function = function

    def __str__(self) -> str:
        return f"{self.folder.parent.parent.name}/{self.folder.name}"

    def problem(self) -> str:
        """Return what is wrong, as a unified diff or a sentence; "" where the case passes."""
        output, errors, status = execute(self.function, (self.folder / INPUT).read_bytes())
        expected_file = self.folder / EXPECTED
        expected = expected_file.read_bytes().decode() if expected_file.exists() else ""
        text = output.decode()
        if text != expected:
            return _diff(expected, text, str(expected_file))
        if (status != 0) != ("[error]" in errors):
            return f"exit status {status} does not fit the results"
        if status == 0:
            again, _, _ = execute(self.function, output)
            if _without_results(again.decode()) != _without_results(text):
                return "not idempotent:\n" + _diff(
                    _without_results(text), _without_results(again.decode()), "second run"
                )
        return ""

    def update(self) -> bool:
        """Write what the function answers into expected.yaml; return whether that changed it."""
        output, _, _ = execute(self.function, (self.folder / INPUT).read_bytes())
        file = self.folder / EXPECTED
        if file.exists() and file.read_bytes() == output:
            return False
        file.write_bytes(output)
        return True


def cases(root: Path) -> Iterator[Case]:
    """Yield every golden case below `root`, of the function that the folder above `examples` names.

    It is the installed function of this name or, where none is, the one that the folder itself defines.
    """
    functions = registry.installed()
    for file in sorted(root.rglob(f"examples/*/{INPUT}")):
        home = file.resolve().parent.parent.parent
        name = home.name.replace("_", "-")
        yield Case(file.parent, functions[name].load() if name in functions else _of_folder(file.parent, home, name))


def _of_folder(case: Path, home: Path, name: str) -> Function:
    try:
        return registry.of_folder(home)
    except LookupError as error:
        raise LookupError(f"{case}: no installed function is called {name}, {error}") from None


def _without_results(text: str) -> str:
    resources = ResourceList.read(text)
    resources.results.clear()
    return resources.write()


def _diff(expected: str, found: str, name: str) -> str:
    import difflib

    lines = difflib.unified_diff(
        expected.splitlines(keepends=True), found.splitlines(keepends=True), name, "what the function answers"
    )
    return "".join(lines)
