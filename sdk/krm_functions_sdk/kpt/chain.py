"""The kustomizations that an overlay is made of, its own first: the folders below it, as its files name them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.files import disk
from krm_functions_sdk.files.package import KUSTOMIZATIONS
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import ERROR, Result, Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Kustomizations: TypeAlias = dict[Path, Resource]  # by the folder, in the order in which they are found
    Files: TypeAlias = dict[Path, Path]  # of the same folders

_ROOTS = ("resources", "components", "bases", "generators", "transformers", "validators")


class Fault(Exception):
    """What is wrong with an overlay, one line for each of `results`."""

    def __init__(self, results: Results) -> None:
        super().__init__("\n".join(map(str, results)))
        self.results = results


def fault(file: Path, message: str, line: int | None = None) -> Fault:
    """Return what is wrong with one file."""
    result = Result(ERROR, message)
    result.file, result.line = file.as_posix(), line
    return Fault(Results([result]))


def read(folder: Path) -> tuple[Kustomizations, Files]:
    """Return the kustomization in a folder, those in folders that it builds on, and their files. Raises Fault."""
    found: Kustomizations = {}
    files: Files = {}
    _read(folder, (), found, files)
    return found, files


def _read(folder: Path, chain: tuple[Path, ...], found: Kustomizations, files: Files) -> None:
    file = next((folder / name for name in KUSTOMIZATIONS if (folder / name).is_file()), None)
    if file is None:
        what = f"holds no {KUSTOMIZATIONS[0]}"
        raise fault(chain[-1], f"{folder} {what}") if chain else fault(folder, what)
    if file in chain:
        raise fault(chain[-1], f"{folder} comes back to itself")
    resource = _parsed(file)
    found[folder], files[folder] = resource, file
    for field in _ROOTS:
        for entry in resource.data.get(field) or ():
            if not isinstance(entry, str) or "\n" in entry or "://" in entry:
                continue
            below = Path(os.path.normpath(folder / entry))
            if below.is_dir():
                if below not in found or file in chain:
                    _read(below, (*chain, file), found, files)
            elif field == "resources" and not below.exists() and _is_local(entry):
                raise fault(file, f"{field}: {entry}: no such file or folder", _line(resource.text, entry))


def _parsed(file: Path) -> Resource:
    """Return a kustomization; its roots are lists. Raises Fault."""
    try:
        resource = Resource(file.read_bytes().decode("utf-8"), path=file.name, index=0, first_line=1)
        data = resource.data
    except YamlFault as error:
        raise fault(file, f"cannot be read as YAML: {error.message}", error.line + 1) from None
    except UnicodeDecodeError as error:
        raise fault(file, f"cannot be read: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise fault(file, f"cannot be read: {disk.told(error, is_named=True)}") from None
    for field in _ROOTS:
        if not isinstance(data.get(field), list | None):
            raise fault(file, f"{field}: expected a list of files and folders", resource.line(field))
    return resource


def _is_local(entry: str) -> bool:
    """Say whether an entry can be meant as a file or folder here; kustomize takes others for addresses as well."""
    is_file = "/" not in entry and entry.endswith((".yaml", ".yml", ".json"))
    return "?" not in entry and (entry.startswith(".") or is_file)


def _line(text: str, word: str) -> int | None:
    found = [
        number for number, line in enumerate(text.splitlines(), 1) if re.search(rf"(?<!\S){re.escape(word)}\s*$", line)
    ]
    return found[0] if len(found) == 1 else None
