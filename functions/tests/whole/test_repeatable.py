"""A function answers the same of the same resources, so that a render that changes nothing is remembered."""

from __future__ import annotations

import ast
from importlib.metadata import entry_points
from pathlib import Path

import krm_inference
import pytest
from krm_functions_sdk.function.callable import is_repeatable

HERE = Path(krm_inference.__file__).parent
# What tells of anything but the resources: the moment, the place, chance, and other processes.
OUTSIDE = {
    *("time", "datetime", "random", "secrets", "uuid", "getpass", "locale", "platform", "socket", "subprocess"),
    *("tempfile", "urllib.request", "http.client"),
}
# Modules that ask for it, and never in a render: commands, and reports of files outside of a pipeline.
ASKERS = ("commands/", "validate_inference/reports/")


@pytest.mark.parametrize("group", ["krm_functions", "krmfn_summary"])
def test_each_function_and_each_line_of_figures_promises_to_answer_the_same(group: str) -> None:
    found = [entry for entry in entry_points(group=group) if entry.value.startswith("krm_inference.")]
    assert found
    assert [entry.name for entry in found if not is_repeatable(entry.load())] == []


def test_no_module_of_a_render_asks_for_the_moment_the_place_or_the_environment() -> None:
    """The day is part of what a render is remembered by; the texts of scripts that run in Pods are no code of ours."""
    assert [
        (file.relative_to(HERE).as_posix(), node.lineno)
        for file in sorted(HERE.rglob("*.py"))
        if not file.relative_to(HERE).as_posix().startswith(ASKERS)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and OUTSIDE & {alias.name for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module in OUTSIDE)
        or (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "getcwd", "urandom"))
    ] == []
