"""Real tools that tests drive, such as kpt."""

import os
import shutil

import pytest


def require(tool: str) -> str:
    """Return the path of a tool; without it the test is skipped, or fails under CI, where everything is expected."""
    found = shutil.which(tool)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"needs {tool} on the PATH", pytrace=False)
    if found is None:
        pytest.skip(f"needs {tool} on the PATH")
    return found
