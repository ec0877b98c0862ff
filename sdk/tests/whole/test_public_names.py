"""The public names: all there, sorted, and imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import krm_functions_sdk
import pytest

LAZY = """
import sys
import krm_functions_sdk as sdk
late = "depends_on field_specs kptfile origin placement predicates references scope".split()
late = ["function.config", "function.schema", *(f"resources.{name}" for name in late)]
def loaded():
    return [name for name in late if f"krm_functions_sdk.{name}" in sys.modules]
assert loaded() == []
predicate = sdk.is_kind("Pod")
assert loaded() == ["resources.predicates"]
from krm_functions_sdk import *
assert is_kind is sdk.is_kind and depends_on is sdk.depends_on
assert loaded() == late
"""


@pytest.mark.parametrize("name", krm_functions_sdk.__all__)
def test_every_name_is_there(name: str) -> None:
    """Each name of the contents page can be imported and is documented."""
    found = getattr(krm_functions_sdk, name)
    if callable(found) or hasattr(found, "__path__"):
        assert found.__doc__


def test_a_misspelled_name() -> None:
    """A name that is none is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no attribute 'Resorce'"):
        krm_functions_sdk.Resorce  # type: ignore[attr-defined]  # noqa: B018  # it is to fail


def test_the_contents_page_is_sorted() -> None:
    """Constants, then classes, then functions, each in order."""
    names = krm_functions_sdk.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert len(set(names)) == len(names)


def test_what_few_need_is_imported_late() -> None:
    """Neither the table of scopes nor anything else of these modules is loaded by the start of a function."""
    subprocess.run([sys.executable, "-c", LAZY], check=True)
