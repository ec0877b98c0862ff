"""One side of a comparison: an overlay, a package, any folder or file, a commit of git, or what a cluster said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from krm_functions_sdk.document import stream
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.files.package import IGNORE_FILE, KPTFILE, KUSTOMIZATIONS
from krm_functions_sdk.function import in_place
from krm_functions_sdk.kpt import alternative
from krm_functions_sdk.kpt.build import Environment
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_functions_sdk.kpt.alternative import Alternative
    from krm_functions_sdk.kpt.external import Limits

STDIN = "-"
_TOOLS = ("Kptfile", "Kustomization", "Component")


class Unreadable(Exception):
    """A side that cannot be read; a line for each reason."""


class Side(NamedTuple):
    """Objects and the intents that they follow from, and the folder of their package ("" where none is known)."""

    name: str
    objects: list[Resource]
    intents: list[Resource]
    package: Path | None
    is_live: bool


@contextmanager
def read(operand: str, limits: Limits | None = None) -> Iterator[Side]:
    """Read a side; its package is there until the end of the block. Raises Unreadable."""
    with ExitStack() as stack:
        if operand == STDIN:
            yield _stream(operand, _decoded("standard input", sys.stdin.buffer.read()))
            return
        path, asked = Path(operand), None
        if not path.exists() and (asked := alternative.spelled(operand)):
            path = Path(asked.path)
        if not path.exists():
            revision, colon, inside = str(path).partition(":")
            if not colon:
                raise Unreadable(f"{path}: no such file or folder; a commit is written COMMIT:PATH")
            path = _checked_out(revision, inside, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        is_stream = not path.is_dir()  # a file, or a pipe as of `<(kubectl get …)`
        if is_stream and asked:
            raise Unreadable(f"{operand}: {path} is a file; @FIELD=VALUE takes a package or an overlay, which renders")
        if is_stream:
            yield _stream(operand, _decoded(operand, path.read_bytes()))
        elif _is_overlay(path):
            environment = Environment(path, limits)
            if not environment.run():
                errors = [str(result) for result in environment.results if result.severity == ERROR]
                raise Unreadable("\n".join(f"{operand}: {line}" for line in errors))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / path.resolve().name
            for name, text in environment.files().items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(text.encode())
            yield _folder(operand, _as_asked(folder, asked, operand, limits))
        elif asked:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / path.resolve().name
            shutil.copytree(path, folder, ignore=_unread, ignore_dangling_symlinks=True)
            yield _folder(operand, _as_asked(folder, asked, operand, limits))
        else:
            yield _folder(operand, path)


def _as_asked(folder: Path, asked: Alternative | None, operand: str, limits: Limits | None) -> Path:
    """Return a folder in which the packages are as they would be with another value in a field."""
    if asked:
        try:
            alternative.render_in(folder, asked, limits)
        except (alternative.Impossible, OSError) as error:
            raise Unreadable("\n".join(f"{operand}: {line}" for line in str(error).splitlines())) from None
    return folder


def _unread(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(".") and name != IGNORE_FILE}


def _is_overlay(folder: Path) -> bool:
    """Say whether a folder is a kustomization over other folders, and no package itself."""
    file = next((folder / name for name in KUSTOMIZATIONS if (folder / name).is_file()), None)
    if file is None or (folder / KPTFILE).is_file():
        return False
    try:
        data = Resource(file.read_bytes().decode("utf-8", "replace")).data
    except YamlFault:
        return True  # what is wrong with it is said when it is built
    entries = [entry for field in ("resources", "components", "bases") for entry in _list(data.get(field))]
    return any((folder / str(entry)).is_dir() for entry in entries)


def _folder(name: str, folder: Path) -> Side:
    found = in_place.InPlace(lambda _: None, None)
    try:
        found.run([str(folder)])
    except OSError as error:
        raise Unreadable(f"{name}: cannot be read: {error}") from None
    if found.results.failed:
        raise Unreadable("\n".join(f"{name}: {result}" for result in found.results if result.severity == ERROR))
    package = folder if (folder / KPTFILE).is_file() else None
    return _side(name, list(found.resources), package)


def _stream(name: str, text: str) -> Side:
    items: list[Resource] = []
    for number, document in enumerate(part for part in stream.split(text) if not part.is_empty):
        try:
            one = Resource(document.text, index=number, first_line=document.first_line)
            inside = one.get("items") if one.kind.endswith("List") else None
            items += [Resource.new(each) for each in inside] if isinstance(inside, list) else [one]
        except (YamlFault, ValueError, TypeError) as error:
            raise Unreadable(f"{name}: document {number + 1}, line {document.first_line}: {error}") from None
    if not items:
        raise Unreadable(f"{name}: no Kubernetes object")
    return _side(name, items, None)


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name}: byte {error.start} is not UTF-8") from None


def _side(name: str, items: list[Resource], package: Path | None) -> Side:
    items = [item for item in items if item.kind and item.kind not in _TOOLS]
    is_live = any(item.get("metadata.uid") is not None for item in items)
    if is_live:  # what a controller made follows from its owner
        items = [item for item in items if not item.get("metadata.ownerReferences")]
    intents = [item for item in items if item.is_local_config]
    return Side(name, [item for item in items if not item.is_local_config], intents, package, is_live)


def _checked_out(revision: str, inside: str, folder: Path) -> Path:
    """Return a path as it is in a commit. Raises Unreadable."""
    try:
        root = _git("rev-parse", "--show-toplevel").decode().strip()
        prefix = os.path.relpath(Path.cwd().resolve(), Path(root).resolve())
        _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        archive = folder / "archive.tar"
        archive.write_bytes(_git("-C", root, "archive", "--format=tar", f"{revision}^{{commit}}"))
    except FileNotFoundError:
        raise Unreadable(f"{revision}:{inside}: no such file or folder, and git is not installed") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ") or "no such commit"
        raise Unreadable(f"{revision}:{inside}: no such file or folder, and as a commit: {said}") from None
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "tree", filter="data")
    path = Path(os.path.normpath(folder / "tree" / prefix / inside))
    if not path.exists():
        raise Unreadable(f"{revision}:{inside}: {revision} holds no {inside or 'files here'}")
    return path


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
