"""Build an overlay: kustomize, then the pipeline and validators of the package, so that all that follows is true."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.files import lock, output
from krm_functions_sdk.files.package import IGNORE_FILE, KPTFILE, Package
from krm_functions_sdk.kpt import corrections
from krm_functions_sdk.kpt.causes import Causes, Patched, at, differences
from krm_functions_sdk.kpt.chain import Fault
from krm_functions_sdk.kpt.overlay import Built, Overlay, Values, original
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.resources.annotations import RENAMED_FROM
from krm_functions_sdk.resources.resource import LOCAL_CONFIG, Resource
from krm_functions_sdk.resources.results import WARNING, Result, Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from krm_functions_sdk.kpt.external import Limits

KUSTOMIZATION = "kustomization.yaml"
OTHERS = "overlay.yaml"  # the file of what an overlay over several packages adds
_LABELS = (("metadata", "labels"), ("metadata", "annotations"), ("spec", "template", "metadata", "labels"))
# A name and the annotation are for kpt, which else would apply a Kustomization to the cluster.
_HEAD = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata:
  name: {}
  annotations:
    {}: "true"
resources:"""
Steps = tuple[str, ...]


def is_head(file: Path, name: str) -> bool:
    """Say whether a file begins as the kustomization of a built environment of that name."""
    return file.is_file() and file.read_bytes().startswith(_HEAD.format(name, LOCAL_CONFIG).encode())


class Environment:
    """What an overlay makes of its packages: `placed` by paths in one folder, and the findings on the way.

    `say` gets a line where another process is waited for; without it, the caller holds the packages.
    """

    def __init__(self, folder: Path, limits: Limits | None = None, say: Callable[[str], None] | None = None) -> None:
        self.folder, self._limits, self._say = folder, limits, say
        self.allowed = ""  # the highest severity that the overlay lets pass, "" where it says none
        self.placed: output.Placed = []
        self.results = Results()
        self.printed: list[str] = []
        self._texts: dict[str, str] = {}

    def run(self) -> bool:
        """Build, and say whether it worked; nothing is written. Raises OSError."""
        try:
            overlay = Overlay(self.folder)
            self.allowed = overlay.allowed
            with ExitStack() as stack:
                if self._say:
                    for top in overlay.tops:
                        stack.enter_context(lock.held(top, self._say))
                self._build(overlay)
        except Fault as fault:
            self.results += fault.results
        return not self.results.failed

    def stream(self) -> str:
        """Return what a cluster takes, as documents: no intents, and nothing else that is for tools."""
        return output.stream([(path, item) for path, item in self.placed if not item.is_local_config])

    def files(self) -> dict[str, str]:
        """Return the text of each file by its path: the package with its intents, and a kustomization of it."""
        texts = output.files(self.placed)
        applied = dict.fromkeys(path for path, item in self.placed if not item.is_local_config)
        listed = "".join(f"- {path}\n" for path in applied)
        head = _HEAD.format(self.folder.resolve().name, LOCAL_CONFIG)
        return {**texts, **self._texts, KUSTOMIZATION: f"{head}\n{listed}" if listed else f"{head} []\n"}

    def _build(self, overlay: Overlay) -> None:
        built = overlay.build()
        self.results += built.results
        single = len(overlay.tops) == 1
        shared = _shared(overlay, built)
        for top in overlay.tops:
            prefix = "" if single else f"{top.name}/"

            def render(values: Values, top: Path = top) -> _Rendering:
                rendering = _Rendering(top, overlay, built, values, shared, self._limits, with_others=single)
                rendering.run()
                return rendering

            rendering = render(built.values)
            self.printed += rendering.printed
            again = lambda values, render=render: render(values).results  # noqa: E731
            causes = Causes(overlay, rendering.patched, built.values, again, rendering.results)
            for result in rendering.results:
                causes.blame(result)
            self.results += rendering.results
            for result in rendering.undone():
                causes.locate(result)
                self.results.append(result)
            self.placed += [(prefix + path, item) for path, item in rendering.placed()]
            for root in (root for root in overlay.packages if root.is_relative_to(top)):
                ignore = root / IGNORE_FILE
                text = ignore.read_text("utf-8") if ignore.is_file() else f"{KUSTOMIZATION}\n"
                self._texts[prefix + (root.relative_to(top) / IGNORE_FILE).as_posix()] = text
        if not single:
            for index, item in enumerate(built.others):
                item.place(OTHERS, index)
                self.placed.append((OTHERS, item))


class _Rendering(Rendering):
    """A render of a package whose objects say what kustomize made of them."""

    def __init__(
        self,
        root: Path,
        overlay: Overlay,
        built: Built,
        values: Values,
        shared: dict[Steps, Any],
        limits: Limits | None,
        *,
        with_others: bool,
    ) -> None:
        super().__init__(root, observe=self._share, limits=limits)
        self._values, self._shared = values, shared
        self._others = [item.copy() for item in built.others] if with_others else []
        self._known: dict[int, Resource] = {}
        self._names = {  # by kind and the name that kustomize gave
            (value["kind"], value["metadata"]["name"]): original(overlay.packages[key[0]], key[1], key[2]).name
            for key, value in built.values.items()
        }
        self._gone = [original(overlay.packages[key[0]], key[1], key[2]) for key in built.gone if key[0] == root]
        self.patched: list[Patched] = []

    def _own(self, package: Package, owner: dict[int, Package]) -> list[Resource]:
        items = []
        for known in super()._own(package, owner):
            if known.path == KPTFILE:
                items.append(known)
            key = (package.root, known.path or "", known.index)
            value = self._values.get(key)
            if value is None:
                continue
            before = known.data
            item = known.copy()
            if changed := dict(differences(before, value)):
                if known.is_local_config and value["metadata"]["name"] != known.name:
                    annotations = {**value["metadata"].get("annotations", {}), RENAMED_FROM: known.name}
                    value = {**value, "metadata": {**value["metadata"], "annotations": annotations}}
                item.apply_all(value)
                self.patched.append(Patched(key, item, changed, before))
            items.append(item)
        if package.root == self.root:
            items += self._others
        self._seen += items
        self._known.update({id(item): item for item in items})
        owner.update({id(item): package for item in items})
        return items

    def _share(self, _: str, items: list[Resource]) -> None:
        """Give what a function made anew the labels and annotations that the overlay gives to every object."""
        for item in items:
            if id(item) in self._known:
                continue
            self._known[id(item)] = item
            if not item.is_new:
                continue
            for steps, values in self._shared.items():
                if steps[0] == "metadata" or item.get(field_path.show(steps[:-1])) is not None:
                    for name, value in values.items():
                        item.set(field_path.show((*steps, name)), value)

    def run(self) -> bool:
        """Render; what says that an intent was renamed is for its functions alone."""
        worked = super().run()
        for item in self.resources:
            if item.annotation(RENAMED_FROM):
                item.remove(field_path.show(("metadata", "annotations", RENAMED_FROM)))
        return worked

    def undone(self) -> Iterator[Result]:
        """Yield a warning for each field of the overlay that the pipeline has written otherwise."""
        left = {item.identity: item for item in self.resources}
        old_names = {new: old for (_, new), old in self._names.items() if new != old}
        for _, item, changed, before in self.patched:
            final = left.get(item.identity)
            if final is None:
                continue
            for steps, value in changed.items():
                now = final.get(field_path.show(steps), MISSING)
                if old_names and _named(value, old_names) == _named(at(before, steps), {}):  # it follows a rename
                    continue
                now, said, was = (_without(one, item.namespace) for one in (now, value, at(before, steps)))
                for one in corrections.find(steps, was, said, now) if now != said else ():
                    advice = "a function owns this field; patch the intent that it follows from, or drop the patch"
                    yield Result(WARNING, f"{one.told()}: {advice}", final, one.field)
        made = {(item.kind, item.name): item for item in self.resources if item.is_new}
        for known in self._gone:
            if again := made.get((known.kind, known.name)):
                advice = "patch the intent that it follows from, or drop the patch"
                yield Result(WARNING, f"the overlay deletes it, and the pipeline makes it anew: {advice}", again)


def _without(value: Any, namespace: str) -> Any:
    """Return a value without the namespaces that kustomize adds to references; they mean the same where they lack."""
    if isinstance(value, dict):
        return {
            name: _without(one, namespace)
            for name, one in value.items()
            if not (name == "namespace" and one == namespace and namespace)
        }
    return [_without(one, namespace) for one in value] if isinstance(value, list) else value


def _named(value: Any, names: dict[str, str]) -> Any:
    """Return a value with the names that objects had before the overlay, and without their namespaces."""
    if isinstance(value, dict):
        return {name: _named(one, names) for name, one in value.items() if name != "namespace"}
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _shared(overlay: Overlay, built: Built) -> dict[Steps, dict[str, str]]:
    """Return the labels and annotations that the overlay adds to every object that has a place for them."""
    shared: dict[Steps, dict[str, str]] = {}
    for steps in _LABELS:
        common: dict[str, str] | None = None
        for (root, path, index), value in built.values.items():
            known = original(overlay.packages[root], path, index)
            if steps[0] != "metadata" and (known.is_local_config or known.find(steps[:-1]) is None):
                continue
            before, after = _at(known.data, steps), _at(value, steps)
            added = {name: text for name, text in after.items() if before.get(name) != text}
            common = (
                added if common is None else {name: text for name, text in common.items() if added.get(name) == text}
            )
        if common:
            shared[steps] = dict(sorted(common.items()))
    return shared


def _at(value: Any, steps: Steps) -> dict[str, Any]:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
