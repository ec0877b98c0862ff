"""The API reference: written from the code, complete, and with a sentence for everything."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import krm_functions_sdk
import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_is_current() -> None:
    """docs/sdk_api.py has nothing to write."""
    done = subprocess.run([sys.executable, DOCS / "sdk_api.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_exception_stands_in_the_tree() -> None:
    """What the SDK raises itself is one of those, and each has its place and its sentence."""
    page = (DOCS / "sdk-api.md").read_text()
    tree = page[page.index("```text") : page.index("`ValueError`")]
    folder = Path(krm_functions_sdk.__file__).parent
    defined = [
        line.split()[1].partition("(")[0]
        for file in folder.rglob("*.py")
        for line in file.read_text().splitlines()
        if line.startswith("class ") and line.endswith(("(Exception):", "Error):"))
    ]
    assert defined
    for name in defined:
        assert f".{name}: " in tree


@pytest.mark.parametrize("name", krm_functions_sdk.__all__)
def test_every_name_is_on_the_page(name: str) -> None:
    """Each public name has its place, and each a docstring that is a sentence."""
    assert name in (DOCS / "sdk-api.md").read_text()
    found = getattr(krm_functions_sdk, name)
    if inspect.isfunction(found) or inspect.isclass(found) or inspect.ismodule(found):
        assert (found.__doc__ or "").partition("\n")[0].rstrip().endswith((".", ":", "`."))
