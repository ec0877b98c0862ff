"""Topics of rules: a folder each, with its rows and the checks that they name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from krm_inference.validate_inference import rules
from krm_inference.validate_inference.findings import Topic
from krm_inference.validate_inference.rules import TOPICS

FOLDER = Path(rules.__file__).parent
SHARED = {"agreement", "missing", "selectors", "server_paths", "unchecked"}
BY_NAME: dict[str, Topic] = {name: module.TOPIC for name, module in vars(rules).items() if hasattr(module, "TOPIC")}


def module_of(check: Callable[..., Any]) -> str:
    """Return the module of a check below the folder of all rules."""
    function = check.func if isinstance(check, partial) else check
    return function.__module__.removeprefix(f"{rules.__name__}.")


def test_each_folder_is_a_topic() -> None:
    """Each folder beside the list of topics is one of them, and what lies there beside them is what they share."""
    assert sorted(BY_NAME) == sorted(file.parent.name for file in FOLDER.glob("*/__init__.py"))
    assert sorted(map(id, BY_NAME.values())) == sorted(map(id, TOPICS))
    assert {file.stem for file in FOLDER.glob("*.py")} == {*SHARED, "__init__"}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_topic_has_its_own_checks(name: str) -> None:
    """A row names a check of its own folder, or one that topics share; its examples are there too."""
    for rule in BY_NAME[name].rules:
        module = module_of(rule.check)
        assert module in SHARED or module.split(".")[0] == name, rule.id
    assert sorted(folder.name for folder in (FOLDER / name / "examples").iterdir()) == sorted(
        rule.id for rule in BY_NAME[name].rules
    )
