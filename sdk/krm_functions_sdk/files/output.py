"""Where the resources of a run go: into their files, to standard output, or into a new folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from krm_functions_sdk.document.stream import join
from krm_functions_sdk.resources.placement import default_path
from krm_functions_sdk.resources.resource import INDEX_ANNOTATIONS, PATH_ANNOTATIONS, Resource
from krm_functions_sdk.resources.resource_list import ResourceList

STDOUT, UNWRAP = "stdout", "unwrap"
Placed = list[tuple[str, Resource]]  # path from the root of the package, and what lies there


class Mode:
    """Where a render goes if not into its own files, and the folder for what its functions report."""

    def __init__(self, place: str = "", results: Path | None = None) -> None:
        self.place = place
        self.results = results


class Refusal(Exception):
    """A place where nothing may be written."""


def put(placed: Placed, place: str) -> str:
    """Write resources to a new folder, or return them as text. Raises OSError and Refusal."""
    if place == STDOUT:
        return resource_list(placed)
    if place == UNWRAP:
        return stream(placed)
    write(placed, Path(place))
    return ""


def resource_list(placed: Placed) -> str:
    """Return a ResourceList whose items say by annotations where they belong, as kpt writes it."""
    return ResourceList([_annotated(path, resource) for path, resource in placed]).write()


def stream(placed: Placed) -> str:
    """Return the documents one after the other, as kubectl reads them."""
    return join([("", resource.ended()) for _, resource in placed])


def files(placed: Placed) -> dict[str, str]:
    """Return the text of each file by its path. Raises Refusal for a path that leads out of the folder."""
    found: dict[str, list[Resource]] = {}
    for path, resource in placed:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            raise Refusal(f"{resource} belongs to {path}, which is outside the folder")
        found.setdefault(path, []).append(resource)
    texts = {path: sorted(there, key=lambda resource: resource.index) for path, there in found.items()}
    return {path: join([("", resource.ended()) for resource in there]) for path, there in texts.items()}


def write(placed: Placed, folder: Path) -> None:
    """Write a new folder. Raises Refusal where it is there already, and OSError, after which it is not there."""
    import shutil

    if folder.exists():
        raise Refusal(f"{folder} already exists; nothing was written")
    texts = files(placed)
    beside = folder.with_name(f".{folder.name}.krmfn")
    try:
        if beside.exists():  # a write was killed
            shutil.rmtree(beside)
        for path, text in texts.items():
            file = beside / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        beside.mkdir(parents=True, exist_ok=True)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def place(resource: Resource) -> str:
    """Return the file of a resource: the one that it says, or the one that kpt makes up."""
    return resource.path or default_path(resource)


def _annotated(path: str, resource: Resource) -> Resource:
    copy = resource.copy()
    place = {**dict.fromkeys(INDEX_ANNOTATIONS, str(resource.index)), **dict.fromkeys(PATH_ANNOTATIONS, path)}
    copy.annotate(place)
    return copy
