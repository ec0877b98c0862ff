"""The results of a run as the file that `--results-dir` asks for, in kpt's format (FunctionResultList)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from krm_functions_sdk.document import emitter
from krm_functions_sdk.resources.results import Result

FILE = "results.yaml"


class Executed(NamedTuple):
    """One function that ran: how it was declared (image or exec), and what came of it."""

    declared: dict[str, str]
    said: str
    status: int
    results: list[Result]

    def to_dict(self) -> dict[str, Any]:
        """Return the entry of the list."""
        entry: dict[str, Any] = {**self.declared}
        if self.said.strip():
            entry["stderr"] = self.said.rstrip("\n")
        entry["exitCode"] = self.status
        if self.results:
            entry["results"] = [result.to_dict() for result in self.results]
        return entry


def text(executed: Iterable[Executed], *, failed: bool) -> str:
    """Return the text of the file."""
    return emitter.document(
        {
            "apiVersion": "kpt.dev/v1",
            "kind": "FunctionResultList",
            "metadata": {"name": "fnresults"},
            "exitCode": int(failed),
            "items": [each.to_dict() for each in executed],
        }
    )


def write(folder: Path, executed: Iterable[Executed], *, failed: bool) -> Path:
    """Write the file into `folder`, which is made where it is not there, and return its path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    file.write_text(text(executed, failed=failed), encoding="utf-8")
    return file
