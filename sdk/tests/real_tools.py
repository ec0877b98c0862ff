"""Real tools that tests drive, such as kpt, and functions that are really installed."""

import os
import shutil
from pathlib import Path

import pytest


def require(tool: str) -> str:
    """Return the path of a tool; without it the test is skipped, or fails under CI, where everything is expected."""
    found = shutil.which(tool)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"needs {tool} on the PATH", pytrace=False)
    if found is None:
        pytest.skip(f"needs {tool} on the PATH")
    return found


def install(home: Path, function: str, text: str) -> dict[str, str]:
    """Install a function below `home`, defined in `text`, and return the environment of processes that have it."""
    metadata = home / "lib" / f"{function}-1.dist-info"
    metadata.mkdir(parents=True)
    name = function.replace("_", "-")
    (metadata / "entry_points.txt").write_text(f"[krm_functions]\n{name} = {function}:{function}\n")
    (home / "lib" / f"{function}.py").write_text(text)
    return {**os.environ, "PYTHONPATH": str(home / "lib")}
