"""A kustomize overlay: the folders that it is made of, and what kustomize makes of them, intents included.

kustomize drops objects that are for tools only, and all comments. So it is given a copy, in which these objects are
ordinary ones, and each object of a package says where it stands; `Overlay.build` returns what became of each.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from krm_functions_sdk.document import field_path, stream
from krm_functions_sdk.files.package import IGNORE_FILE, KPTFILE, KUSTOMIZATIONS, Package
from krm_functions_sdk.kpt import chain, process, targets
from krm_functions_sdk.kpt.chain import Fault, fault
from krm_functions_sdk.resources.resource import LOCAL_CONFIG, Resource
from krm_functions_sdk.resources.results import INFO, WARNING, Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

ALLOWED = "fn.kpt.dev/allowed-findings"  # an annotation of a kustomization: the highest severity that may be found
_OURS = "build.krmfn.internal/"  # annotations that stand in the copy alone
PLACE = f"{_OURS}place"
TIMEOUT = 300.0  # seconds for one kustomize
NO_KUSTOMIZE = "neither kubectl nor kustomize is in PATH; install one of them"

Key = tuple[Path, str, int]  # an object: the folder of its package, its file there, and its position in it
Values = dict[Key, "dict[str, Any]"]
# By such a comment on a list of an intent kpt merges it in an update. kustomize would do so in a patch, where a list is
# meant as a whole.
_MERGED = '"x-kubernetes-patch-'


def kustomize() -> list[str]:
    """Return the command that builds a folder, the folder left out, and nothing where neither program is here."""
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    alone = shutil.which("kustomize")
    return [alone, "build"] if alone else []


class Built:
    """What kustomize made: the value of each object of a package that it kept, and the objects that are in none.

    `gone` are the objects of packages that it was given and did not keep. `results` says of each target that met no
    object.
    """

    def __init__(self) -> None:
        self.values: Values = {}
        self.others: list[Resource] = []
        self.gone: list[Key] = []
        self.results = Results()


class Overlay:
    """The overlay in a folder, and the folders below it in its chain, itself first. Raises Fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kustomizations, self._files = chain.read(folder)
        results = Results()
        roots = [root for root in self.kustomizations if (root / KPTFILE).is_file()]
        self.tops = [root for root in roots if not any(root != other and root.is_relative_to(other) for other in roots)]
        self.packages = {root: Package.read(root, root.name, results) for root in roots}
        if results.failed:
            raise Fault(results)
        if not roots:
            raise fault(self.file, f"no base here or below has a {KPTFILE}: build runs the pipeline of a package")

    @property
    def file(self) -> Path:
        """The kustomization of the overlay itself."""
        return self._files[self.folder]

    @property
    def allowed(self) -> str:
        """The highest severity that its annotation lets pass, "" without one. Raises Fault for any other word."""
        found = self.kustomizations[self.folder].annotation(ALLOWED)
        if found not in ("", INFO, WARNING):
            raise fault(self.file, f"metadata.annotations[{ALLOWED}]: found {found}, expected {INFO} or {WARNING}")
        return found

    @property
    def own(self) -> dict[Path, Resource]:
        """The kustomizations that belong to no package, by their folders, that of the overlay first."""
        return {
            folder: kustomization
            for folder, kustomization in self.kustomizations.items()
            if folder == self.folder or folder not in self.packages
        }

    def file_of(self, folder: Path) -> Path:
        """Return the kustomization in a folder of the chain."""
        return self._files[folder]

    def files(self) -> Iterator[tuple[Path, str]]:
        """Yield what may hold a patch: the kustomizations that belong to no package, and the files that they name."""
        for folder, kustomization in self.own.items():
            yield self._files[folder], kustomization.text
            for name in _strings(kustomization.data):
                file = folder / name
                if (
                    "\n" not in name
                    and len(name) < 256
                    and file.suffix in (".yaml", ".yml", ".json")
                    and file.is_file()
                ):
                    yield file, file.read_text("utf-8", "replace")

    def build(self) -> Built:
        """Run kustomize. Raises Fault, and OSError."""
        entries = list(targets.find(self.kustomizations))
        built, met = self._run(entries)
        unmet = [entry for entry in entries if entry.number not in met]
        if any(entry.deletes for entry in entries) and unmet:  # what was deleted cannot say what met it before
            unmet = [entry for entry in unmet if entry.number not in self._run(entries, deleting=False)[1]]
        kept = [*built.values.values(), *(one.data for one in built.others)]
        for entry in unmet:
            built.results.append(entry.told(self._files[entry.folder], kept))
        return built

    def _run(self, entries: list[targets.Entry], *, deleting: bool = True) -> tuple[Built, set[int]]:
        """Build a copy, and return what comes of it and the numbers of the targets that met an object."""
        with tempfile.TemporaryDirectory(prefix="krmfn-build-") as temporary:
            top = Path(os.path.commonpath([folder.resolve() for folder in self.kustomizations]))
            copy = Path(temporary).resolve() / "copy"
            for folder in self.kustomizations:
                target = copy / folder.resolve().relative_to(top)
                _copy(folder, target)
            copies = targets.traced(self.kustomizations, entries, _OURS, deleting=deleting)
            keys: list[Key] = []
            for package in self.packages.values():
                self._mark(package, copy / package.root.resolve().relative_to(top), keys, copies)
            for folder, kustomization in copies.items():
                file = copy / folder.resolve().relative_to(top) / self._files[folder].name
                file.write_bytes(kustomization.text.encode())
            text = self._kustomize(copy / self.folder.resolve().relative_to(top), copy, top)
        return self._sorted(text, keys)

    def _mark(self, package: Package, copy: Path, keys: list[Key], copies: dict[Path, Resource]) -> None:
        """Let each object of the copied package say where it stands, and make ordinary ones of those for tools."""
        listed, named = set[str](), set[str]()
        for folder, kustomization in self.kustomizations.items():
            if folder.is_relative_to(package.root):
                prefix = folder.relative_to(package.root)
                listed |= {os.path.normpath(prefix / entry) for entry in _entries(kustomization.data.get("resources"))}
                named |= {os.path.normpath(prefix / name) for name in _strings(kustomization.data) if "\n" not in name}
        further = []
        for path, file in package.files.items():
            if path == KPTFILE or Path(path).name in KUSTOMIZATIONS or (path in named and path not in listed):
                continue
            parts = []
            for _, resource in file.documents:
                if resource is None or not (path in listed or resource.is_local_config):
                    continue
                one = resource.copy()
                one.annotate({PLACE: str(len(keys))})
                if resource.is_local_config:
                    one.remove(field_path.show(("metadata", "annotations", LOCAL_CONFIG)))
                    _take_whole(one)
                keys.append((package.root, path, resource.index))
                parts.append(("", one.ended()))
            if parts:
                (copy / path).write_bytes(stream.join(parts).encode())
                further += [] if path in listed else [path]
        if further:
            kustomization = copies.setdefault(package.root, self.kustomizations[package.root].copy())
            kustomization.set("resources", [*_list(kustomization.get("resources")), *further])

    def _kustomize(self, folder: Path, copy: Path, top: Path) -> str:
        command = kustomize()
        if not command:
            raise fault(self.file, NO_KUSTOMIZE)
        outcome = process.run([*command, str(folder)], b"", TIMEOUT)
        if outcome.fault or outcome.status:
            from krm_functions_sdk.kpt import refusals

            said = refusals.plain(outcome.fault or outcome.stderr)
            said = re.sub(rf"{re.escape(_OURS)}[\w-]+:\w+ ?", "", said.replace(str(copy), _shown(top)))
            objects = [one for package in self.packages.values() for one in _objects(package)]
            if known := refusals.Refusal(said, self.kustomizations, self._files, objects).results():
                raise Fault(Results(known))
            raise fault(self.file, f"kustomize refuses it: {said}")
        return outcome.stdout.decode("utf-8")

    def _sorted(self, text: str, keys: list[Key]) -> tuple[Built, set[int]]:
        built, met = Built(), set[int]()
        for document in stream.split(text):
            if document.is_empty:
                continue
            resource = Resource(document.text)
            found = resource.annotations
            met |= targets.met(found, _OURS)
            annotations = {name: text for name, text in found.items() if not name.startswith(_OURS)}
            if PLACE not in found:
                if len(annotations) < len(found):
                    resource.apply_all({**resource.data, "metadata": _metadata(resource.data, annotations)})
                built.others.append(resource)
                continue
            key = keys[int(found[PLACE])]
            root, path, index = key
            known = original(self.packages[root], path, index)
            if known.is_local_config:
                annotations = {LOCAL_CONFIG: known.annotations[LOCAL_CONFIG], **annotations}
            metadata = _metadata(resource.data, annotations)
            if not annotations and "annotations" in known.get("metadata", {}):
                metadata["annotations"] = annotations
            built.values[key] = {**resource.data, "metadata": metadata}
        built.gone = [key for key in keys if key not in built.values]
        return built, met


def original(package: Package, path: str, index: int) -> Resource:
    """Return an object as it stands in its package."""
    return next(one for _, one in package.files[path].documents if one is not None and one.index == index)


def _take_whole(intent: Resource) -> None:
    """Let no list of an intent be merged."""
    if _MERGED not in intent.text:
        return
    for path in [field.path for field in intent.walk() if _MERGED in field.comment]:
        intent.set_comment(path, "")


def _objects(package: Package) -> Iterator[dict[str, Any]]:
    for file in package.files.values():
        yield from (one.data for _, one in file.documents if one is not None)


def _metadata(value: dict[str, Any], annotations: dict[str, str]) -> dict[str, Any]:
    rest = {name: part for name, part in value["metadata"].items() if name != "annotations"}
    return {**rest, "annotations": annotations} if annotations else rest


def _copy(folder: Path, target: Path) -> None:
    """Copy a folder without what is hidden. Raises OSError with the file that could not be made."""
    try:
        shutil.copytree(folder, target, ignore=_hidden, ignore_dangling_symlinks=True, dirs_exist_ok=True)
    except shutil.Error as error:  # it goes on after a file that fails, and tells of all of them in one text
        raise _retold(error) from None


def _retold(error: shutil.Error) -> OSError:
    """Return the first of the errors, of the system where it says which."""
    _, made, said = error.args[0][0]
    number = re.match(r"\[Errno (\d+)\]", said)
    return OSError(int(number[1]), os.strerror(int(number[1])), made) if number else OSError(said)


def _hidden(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(".") and name != IGNORE_FILE}


def _shown(top: Path) -> str:
    relative = os.path.relpath(top)
    return str(top) if relative.startswith("..") else relative


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(value: Any) -> list[str]:
    return [entry for entry in _list(value) if isinstance(entry, str)]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)
