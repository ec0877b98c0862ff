"""What validate-inference finds in files, as its command reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from krm_functions_sdk import Result
from krm_functions_sdk.function.in_place import InPlace
from krm_inference.validate_inference import validate_inference


def results(path: Path) -> list[Result]:
    """Return what is found in a file or a folder."""
    run = InPlace(validate_inference, None, reports=True)
    run.run([str(path)])
    return list(run.results)


def said(folder: Path, files: Mapping[str, str | bytes]) -> list[Result]:
    """Write files into a folder, and return what is found there."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return results(folder)
