"""The README: every block of code runs, and does what the text around it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.function.call import execute

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
INPUT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1 # few
  template:
    spec:
      containers:
      - name: server
        args:
        - --port=8000
---
apiVersion: v1
kind: Service
metadata:
  name: gone
  labels:
    example.com/obsolete: "true"
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: function-input\ndata:\n"


def module(name: str) -> ModuleType:
    """Return the module in the Python block that defines a name."""
    (code,) = (
        text
        for language, text in BLOCKS
        if language == "python" and re.search(rf"^(def|class) {name}\b", text, re.MULTILINE)
    )
    found = ModuleType(f"readme_{name}")
    found.__file__ = str(Path(__file__).with_name(f"readme_{name}.py"))
    sys.modules[found.__name__] = found
    exec(compile(code, found.__file__, "exec"), vars(found))  # it is ours
    return found


def answer(name: str, config: str = "") -> tuple[str, str, int]:
    function: Any = getattr(module(name), name)
    output, errors, status = execute(function, INPUT.encode(), Resource(CONFIG + config) if config else None)
    return output.decode(), errors, status


def test_every_block_is_run_here() -> None:
    """A new block of code needs its test."""
    names = [
        re.search(r"^(?:def|class) (\w+)", text, re.MULTILINE) for language, text in BLOCKS if language == "python"
    ]
    assert [match and match[1] for match in names] == ["set_replicas", "show", "SetReplicas"]
    assert {language for language, _ in BLOCKS} == {"python", "text"}


def test_the_first_function() -> None:
    """It changes one line, and says why there."""
    assert answer("set_replicas") == (INPUT.replace("1 # few", "3 # one for each zone"), "", 0)


def test_the_calls_on_resources() -> None:
    """They do what their names say."""
    output, errors, status = answer("show")
    assert (errors, status) == ("", 0)
    assert 'env:\n        - name: PORT\n          value: "8000" # as in args\n' in output
    assert "--port" not in output
    assert 'example.com/seen: "true"' in output
    assert "name: settings" in output
    assert "gone" not in output


def test_the_configuration() -> None:
    """The class takes its fields from a ConfigMap, and its mistakes read as the page shows them."""
    output, errors, status = answer("SetReplicas", '  replicas: "3"\n  onlyNamed: web\n')
    assert (errors, status) == ("", 0)
    assert "replicas: 3 # few" in output
    assert "type: RollingUpdate" in output
    _, errors, status = answer("SetReplicas", "  replicas: many\n  onlynamed: web\n")
    assert status == 1
    (shown,) = (text for language, text in BLOCKS if language == "text")
    assert errors == shown


@pytest.mark.parametrize("name", re.findall(r"^\| `(krmfn \w+)", README, re.MULTILINE))
def test_the_commands_are_those_of_krmfn(name: str) -> None:
    """Each command that the page lists is one."""
    from krm_functions_sdk import krmfn

    assert name.split()[1] in krmfn.BUILT_IN
