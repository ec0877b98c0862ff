"""A kpt package on disk: its files, read once and written back where they changed.

What counts as a resource, which files are read, in what order, and which are left out follows `kpt fn render`
(1.0.0-beta.56). Deliberately different: a file that no function changed is never rewritten, `.git` is never read, and
a symbolic link that leads out of the package is refused, as is a function's file where one is that was not read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from krm_functions_sdk.document import stream
from krm_functions_sdk.document.stream import Document
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.files import disk, journal
from krm_functions_sdk.files.ignore import IgnoreFile
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import ERROR, Result, Results

KPTFILE = "Kptfile"
IGNORE_FILE = ".krmignore"
SUFFIXES = (".yaml", ".yml", ".json")
_BOM = "\ufeff"
_MARK = "<<<<<<<"
_CONFLICT = rf"(?m)^{_MARK}(?: .*)?$"  # as git begins one; text, since hardly a file has one
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_OF_KUSTOMIZE = "kustomize.config.k8s.io"


class PackageFile:
    """One file: its path in the package, its text, and its documents with their resources (None for empty ones)."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.documents = _documents(path, text)

    def read_anew(self) -> list[Resource]:
        """Return the resources as they are in the file, whatever became of those that were read."""
        return [resource for _, resource in _documents(self.path, self.text) if resource is not None]

    def written(self, kept: dict[int, Resource], added: list[Resource]) -> str | None:
        """Return the text with the resources in `kept`, and in `added` by their indexes; None where none is left."""
        had = [resource for _, resource in self.documents if resource is not None]
        if not had:
            return self._with_first(added)
        if not added and not any(id(resource) in kept for resource in had):
            return None
        parts: list[tuple[str, str]] = []
        left = list(added)
        for document, resource in self.documents:
            while resource is not None and id(resource) in kept and left and _precedes(left[0], resource):
                parts.append(("", left.pop(0).text))
            if resource is None or id(resource) in kept:
                parts.append((document.separator, document.text if resource is None else resource.text))
        parts += [("", resource.text) for resource in left]
        text = stream.join(parts)
        if parts[0][0] and not self.documents[0][0].separator:
            text = text.removeprefix(parts[0][0])  # the first document went, and with it the need for a separator
        return self._bom + text

    def _with_first(self, added: list[Resource]) -> str:
        """Return the text of a file that held nothing but comments; they go on above the first resource."""
        if not added:
            return self.text
        comments = [document.text.strip() + "\n" for document, _ in self.documents if document.text.strip()]
        return self._bom + "".join(comments) + stream.join([("", resource.text) for resource in added])

    @property
    def _bom(self) -> str:
        return _BOM if self.text.startswith(_BOM) else ""


def _documents(path: str, text: str) -> list[tuple[Document, Resource | None]]:
    found: list[tuple[Document, Resource | None]] = []
    index = 0
    for document in stream.split(text.removeprefix(_BOM)):
        resource = None
        if not document.is_empty:
            resource = Resource(document.text, path=path, index=index, first_line=document.first_line)
            index += 1
        found.append((document, resource))
    return found


class Package:
    """A folder with a Kptfile, without its subpackages; `name` is what reports call it."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        self.files: dict[str, PackageFile] = {}
        self.subpackages: list[Path] = []
        self.kptfile: Resource | None = (
            None  # also where the ignore file hides it from functions; None where it is empty
        )

    @classmethod
    def read(cls, root: Path, name: str, results: Results, *, takes_foreign: bool = False) -> Package:
        """Read the package in `root`; what cannot be read or is no Kubernetes object becomes an error in `results`.

        With `takes_foreign` documents that are no objects, or no YAML, are resources as well, for who asks says so.
        """
        package = cls(root, name)
        try:
            ignored = _ignore_file(root)
        except (OSError, UnicodeError) as error:
            results.append(package.fault(IGNORE_FILE, f"cannot be read: {error}"))
            return package
        try:
            for path in package._walk(root, ignored):
                relative = path.relative_to(root).as_posix()
                try:
                    text = _text(path, root)
                except (OSError, UnicodeError) as error:
                    results.append(package.fault(relative, f"cannot be read: {disk.told(error, is_named=True)}"))
                    continue
                file = PackageFile(relative, text)
                if relative == KPTFILE:
                    package.kptfile = next((resource for _, resource in file.documents if resource), None)
                    if ignored.matches(KPTFILE):
                        continue
                package.files[relative] = file
        except OSError as error:
            results.append(package.fault(".", f"cannot be read: {disk.told(error)}"))
        for file in () if takes_foreign else package.files.values():
            results.extend(package.fault(file.path, message, line) for line, message in _faults(file))
        return package

    def unreadable(self) -> Iterator[tuple[Resource, Result]]:
        """Yield each resource that is no YAML or no Kubernetes object to the end, with what is said of it."""
        for file in self.files.values():
            of_file = list(_conflicts(file.text))
            for document, resource in file.documents:
                faults = of_file or (
                    list(_faults_of(document, resource, file.path, to_the_end=True)) if resource else []
                )
                if resource and faults:
                    yield resource, self.fault(file.path, faults[0][1], faults[0][0])

    @classmethod
    def subpackages_of(cls, root: Path) -> list[Path]:
        """Return the subpackages right below the one in `root`, without reading its files.

        Raises OSError, and UnicodeError where the ignore file is no text.
        """
        package = cls(root, root.name)
        list(package._walk(root, _ignore_file(root)))
        return package.subpackages

    @property
    def resources(self) -> list[Resource]:
        """The resources, in the order of files and of documents in them."""
        return [resource for file in self.files.values() for _, resource in file.documents if resource is not None]

    def fault(self, path: str, message: str, line: int | None = None) -> Result:
        """Return an error about the file `path` of the package."""
        result = Result(ERROR, message)
        result.file, result.line = (self.root / path).as_posix(), line
        return result

    def _walk(self, folder: Path, ignored: IgnoreFile) -> Iterator[Path]:
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            relative = entry.relative_to(self.root).as_posix()
            if entry.is_dir() and not entry.is_symlink():
                if (entry / KPTFILE).is_file():
                    self.subpackages.append(entry)
                elif entry.name in (".git", journal.WORK):
                    continue
                elif ignored.matches(relative, is_folder=True):
                    self.subpackages += _packages_below(entry)
                else:
                    yield from self._walk(entry, ignored)
            elif _is_read(entry) and (relative == KPTFILE or not ignored.matches(relative)):
                yield entry

    def exchange(self, others: dict[int, Resource]) -> None:
        """Let other resources, by the `id()` of those that were read, stand in their place."""
        if self.kptfile is not None:
            self.kptfile = others.get(id(self.kptfile), self.kptfile)
        for file in self.files.values():
            file.documents = [
                (document, resource and others.get(id(resource), resource)) for document, resource in file.documents
            ]

    def changes(self, resources: list[Resource]) -> dict[str, str | None]:
        """Return path → new text (None: delete) of every file that `resources` make different from what is on disk."""
        file_of = {
            id(resource): path for path, file in self.files.items() for _, resource in file.documents if resource
        }
        own: dict[int, Resource] = {}
        added: dict[str, list[Resource]] = {}
        for resource in resources:
            path = resource.path or default_path(resource)
            if file_of.get(id(resource)) == path:
                own[id(resource)] = resource
            else:  # new, or moved
                added.setdefault(path, []).append(resource)
        changed: dict[str, str | None] = {}
        for path, file in self.files.items():
            fresh = sorted(added.pop(path, []), key=lambda resource: resource.index)
            text = file.written(own, fresh)
            if text != file.text:
                changed[path] = text
        for path, fresh in added.items():
            fresh.sort(key=lambda resource: resource.index)
            changed[path] = stream.join([("", resource.text) for resource in fresh])
        return changed

    def refusals(self, changed: dict[str, str | None]) -> Iterator[tuple[str, str]]:
        """Yield (path, reason) of each of the changed files that must not be written."""
        root, resolve = os.path.realpath(self.root), journal.resolver()
        inside = root.removesuffix(os.sep) + os.sep
        for path in changed:
            parts, place = path.split("/"), f"{root}/{path}"
            target = resolve(place)
            if os.path.islink(target):  # noqa: PTH114  # a string, as everything here
                target = os.path.realpath(target)  # also where links go round in a circle
            if path.startswith("/") or ".." in parts or not (target == root or target.startswith(inside)):
                yield path, "which is outside the package"
            elif {".git", journal.WORK} & {part.lower() for part in parts}:
                yield path, "which belongs to git and to this tool"
            elif path not in self.files and os.path.lexists(place):
                yield path, f"but what is there is not part of the render; is it named in {IGNORE_FILE}?"


def default_path(resource: Resource) -> str:
    """Return the file that kpt gives a resource without a path: `{namespace/}{kind}_{name}.yaml`."""
    folder = f"{resource.namespace}/" if resource.namespace else ""
    return f"{folder}{resource.kind.lower()}_{resource.name}.yaml"


def contains(outer: Path, inner: Path) -> bool:
    """Say whether the package in `inner` is a subpackage, at any depth, that a render of `outer` reads."""
    try:
        subpackages = Package.subpackages_of(outer)
    except (OSError, UnicodeError):  # the render says more about it
        return False
    subpackages = [folder for folder in subpackages if inner.is_relative_to(folder)]
    return any(folder == inner or contains(folder, inner) for folder in subpackages)


def find(folder: Path) -> list[Path]:
    """Return `folder` where it is a package, else the topmost packages below it."""
    if (folder / KPTFILE).is_file():
        return [folder]
    found: list[Path] = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            found += find(entry)
    return found


def write(root: Path, changes: Iterable[tuple[Package, dict[str, str | None]]]) -> None:
    """Put changed files of packages in `root` in place, all or, where OSError is raised, none; see `journal`."""
    targets = [
        (package.root / path, package.files[path].text if path in package.files else None, text)
        for package, changed in changes
        for path, text in changed.items()
    ]
    journal.write(root, targets)


def _precedes(new: Resource, there: Resource) -> bool:
    return new.is_placed and new.index < there.index


def _is_read(entry: Path) -> bool:
    return (entry.name == KPTFILE or entry.name.endswith(SUFFIXES)) and not entry.is_dir()


def _text(path: Path, root: Path) -> str:
    """Return the text of a file as it is, with its own line ends."""
    if not path.is_file():
        raise OSError("not a regular file; is it a symbolic link to nothing, or in a loop?")
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise OSError("a symbolic link that leaves the package; put a copy here, or name the link in " + IGNORE_FILE)
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnicodeError(f"byte {error.start} is not UTF-8; save the file as UTF-8") from None


def _faults(file: PackageFile) -> Iterator[tuple[int, str]]:
    """Yield line and message of every document of `file` that kpt would not take for a Kubernetes object."""
    conflicts = list(_conflicts(file.text))
    yield from conflicts
    for document, resource in () if conflicts else file.documents:
        if resource is not None:
            yield from _faults_of(document, resource, file.path)


def _conflicts(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line of each merge conflict, wherever the documents of the file end."""
    for mark in re.finditer(_CONFLICT, text) if _MARK in text else ():
        line = text.count("\n", 0, mark.start()) + 1
        yield line, "a merge conflict is left: keep what is right, and take out the marks"


def _faults_of(
    document: Document, resource: Resource, path: str, *, to_the_end: bool = False
) -> Iterator[tuple[int, str]]:
    try:
        missing = [name for name, value in (("apiVersion", resource.api_version), ("kind", resource.kind)) if not value]
        if not resource.name:
            missing.append("metadata.name")
        if missing and _is_kustomization(resource, path):
            missing = []
        line = resource.root.line if missing or to_the_end else 0
    except YamlFault as fault:
        yield document.first_line + fault.line, f"cannot be read as YAML: {fault.message}"
        return
    if missing:
        yield (
            document.first_line + line,
            f"not a Kubernetes object: {', '.join(missing)} missing; fix it, or name the file in {IGNORE_FILE}",
        )


def _is_kustomization(resource: Resource, path: str) -> bool:
    """Say whether kpt leaves it alone although it names no kind or no name: kustomize needs neither."""
    is_named = PurePosixPath(path).name in KUSTOMIZATIONS or resource.api_version.startswith(_OF_KUSTOMIZE)
    return is_named or (not resource.api_version and resource.kind == "Kustomization")


def _packages_below(folder: Path) -> list[Path]:
    """Return the topmost packages below a folder that is ignored: kpt renders them all the same."""
    found: list[Path] = []
    for path, folders, files in os.walk(folder):
        if KPTFILE in files:
            found.append(Path(path))
            folders.clear()
        folders[:] = sorted(name for name in folders if name not in (".git", journal.WORK))
    return found


def _ignore_file(root: Path) -> IgnoreFile:
    """Return what the ignore file of a package says. Raises OSError and UnicodeError."""
    file = root / IGNORE_FILE
    return IgnoreFile(_text(file, root)) if file.is_file() else IgnoreFile()
