"""A package's images and its ImageLock: what is asked for, and what is written."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.files import package
from krm_functions_sdk.function import in_place
from krm_functions_sdk.function.command_line import Misuse

from krm_inference.commands.lock import registry
from krm_inference.commands.lock.credentials import Credentials
from krm_inference.domain import image_lock, intent
from krm_inference.domain.service import API_VERSION, GROUP

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = "image-lock.yaml"
_AT_A_TIME = 8
_NEW = f"""\
apiVersion: {API_VERSION}
kind: {image_lock.KIND}
metadata:
  name: images
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  images: []
"""


class Order(NamedTuple):
    """What the command line asks for."""

    paths: list[str]
    images: list[str]
    is_update: bool
    is_check: bool


class Lock:
    """The lock of one package: the images that it is for, their digests, and what became of each.

    `images` are those that services run, each with the field that wants it. `did` has a line for each image.
    """

    def __init__(self, root: str, order: Order) -> None:
        self.root = root
        self.order = order
        self.images: dict[str, tuple[Resource | None, str]] = {}
        self.wanted: set[str] = set()
        self.answers: dict[str, str] = {}
        self.unanswered: dict[str, str] = {}
        self.place = FILE
        self.did: list[str] = []

    def look(self, resources: ResourceList) -> None:
        """Find the images of the package, and those that need to be asked for."""
        others = ResourceList([item for item in resources if not _is_lock(item)])
        services = intent.read(others, takes_other_config=True)
        resources.results.extend(others.results)
        if resources.results.failed:
            return
        if not services:
            resources.results.error(f"{self.root} has no LLMService")
            return
        lock = self._lock(resources)
        self.place = lock.path or FILE if lock is not None else FILE
        said = _digests(lock)
        if lock is not None and len(_entries(lock)) != len(lock.get("spec.images", None) or []):
            self._check(lock, resources)
        for service in services:
            for image in service.images:
                if "@" not in image:
                    self.images.setdefault(image, (service.resource, _field(service.resource, image)))
        for image in self.order.images:
            self.images.setdefault(image, (None, ""))
        known = {*self.images, *said}
        self.wanted = {image for image in known if self.order.is_update or not said.get(image)}

    def fill(self, resources: ResourceList) -> None:
        """Write digests of images into the package's ImageLock."""
        for image, why in sorted(self.unanswered.items()):
            resource, field = self.images.get(image, (None, ""))
            resources.results.error(f"{image} has no digest: {why}", resource, field)
        lock = self._lock(resources)
        if resources.results.failed:
            return
        if lock is None:
            lock = Resource(_NEW, path=FILE)
            resources.items.append(lock)
        self._write(lock)
        self._check(lock, resources)

    def _check(self, lock: Resource, resources: ResourceList) -> None:
        for fault in image_lock.schema().check(lock.data):
            resources.results.error(fault.message, lock, fault.path, current=fault.current)

    def _lock(self, resources: ResourceList) -> Resource | None:
        locks = [item for item in resources if _is_lock(item)]
        for other in locks[1:]:
            message = f"a package has one {image_lock.KIND}, and there is one in {locks[0].path}; bring them together"
            resources.results.error(message, other, "kind", current=image_lock.KIND)
        return locks[0] if locks else None

    def _write(self, lock: Resource) -> None:
        said = _digests(lock)
        for image in [*said, *sorted({*self.images} - {*said})]:
            now, was = self.answers.get(image, ""), said.get(image, "")
            if not now or now == was:
                self._say("kept" if image in self.images else "not run here, kept", image, was)
                continue
            self._say("updated" if was else "added", image, now, was)
        entries = _entries(lock)
        if not entries and not isinstance(lock.get("spec.images", None), list):
            lock.set("spec.images", [])
        for index, entry in enumerate(entries):
            if now := self.answers.get(entry["image"], ""):
                lock.set(f"spec.images[{index}].digest", now)
        new = [{"image": one, "digest": self.answers[one]} for one in sorted({*self.images} - {*said})]
        if new:
            lock.set("spec.images", [*_entries(lock), *new])

    def _say(self, what: str, image: str, digest: str, was: str = "") -> None:
        self.did.append(f"{what}: {image}\n" + (f"  was {was}\n" if was else "") + f"  {'is ' if was else ''}{digest}")


def lock(order: Order) -> tuple[str, str, int]:
    """Fill the locks of packages; return output, errors and exit status. Raises Misuse."""
    locks = [Lock(root, order) for path in order.paths for root in _roots(path)]
    looked = [_run(one.root, one.look) for one in locks]
    if any(run.results.failed for run in looked):
        return "", f"{_said(looked)}krmfn lock: failed, no registry was asked and no file was changed\n", 1
    if order.is_check and not order.is_update:
        lines = [
            f"missing: {image}\n  in {Path(one.root, one.place)}\n" for one in locks for image in sorted(one.wanted)
        ]
        return "".join(lines) or "every image has its digest\n", _said(looked), int(bool(lines))
    _ask(locks)
    filled = [_run(one.root, one.fill) for one in locks]
    if any(run.results.failed for run in filled):
        return "", f"{_said(filled)}krmfn lock: failed, no file was changed\n", 1
    if not order.is_check:
        for run in filled:
            run.write()
    would = "would be " if order.is_check else ""
    lines = [f"{would}{line}\n" for run in filled for line in run.report()]
    did = "".join(f"{line}\n" for one in locks for line in one.did)
    return did + ("".join(lines) or "nothing to change\n"), _said(filled), int(order.is_check and bool(lines))


def _run(root: str, function: Callable[[ResourceList], None]) -> in_place.InPlace:
    run = in_place.InPlace(function, None)
    try:
        with in_place.held([root], lambda said: print(said, file=sys.stderr)):
            run.run([root])
    except OSError as error:
        run.results.error(f"{root} cannot be read: {error}")
    return run


def _said(runs: list[in_place.InPlace]) -> str:
    return "".join(f"{result}\n" for run in runs for result in run.results)


def _ask(locks: list[Lock]) -> None:
    """Ask for each image once, several at a time."""
    credentials = Credentials()
    images = sorted({image for one in locks for image in one.wanted})
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        found = dict(zip(images, pool.map(lambda image: _answer(image, credentials), images), strict=True))
    for one in locks:
        for image in one.wanted:
            digest, why = found[image]
            if digest:
                one.answers[image] = digest
            else:
                one.unanswered[image] = why


def _answer(image: str, credentials: Credentials) -> tuple[str, str]:
    try:
        return registry.digest(image, credentials), ""
    except registry.Unanswered as unanswered:
        return "", str(unanswered)


def _roots(path: str) -> list[str]:
    if not Path(path).is_dir():
        raise Misuse(f"{path}: " + ("expected the folder of a package" if Path(path).exists() else "no such folder"))
    return [str(root) for root in package.find(Path(path))] or [path]


def _is_lock(item: Resource) -> bool:
    return item.kind == image_lock.KIND and item.group == GROUP


def _entries(lock: Resource | None) -> list[dict[str, Any]]:
    """Return the entries of a lock, as far as they name an image."""
    images = lock.get("spec.images", None) if lock is not None else None
    found = images if isinstance(images, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("image"), str)]


def _digests(lock: Resource | None) -> dict[str, str]:
    return {entry["image"]: str(entry.get("digest") or "") for entry in _entries(lock)}


def _field(service: Resource, image: str) -> str:
    """Return the field by which an intent came to an image."""
    said = (path for path in ("spec.server.image", "spec.picker.image") if service.get(path, None) == image)
    return next(said, "spec.release")
