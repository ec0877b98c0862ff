"""What kustomize makes of files before a cluster sees them: which ones it takes, and what it writes anew in them."""

from __future__ import annotations

import posixpath

from krm_inference.manifests import foreign
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object


class Kustomize:
    """The Kustomizations of a folder: the files that they name, and the folders whose objects they rename."""

    def __init__(self, index: Index) -> None:
        found = dict(foreign.kustomizations(index.for_tools, index.foreign))
        by_folder = {posixpath.dirname(path): (path, data) for path, data in found.items()}
        self.files = {file for path, data in found.items() for file in foreign.resources(path, data)}
        self.images = {
            str(each.get("name"))
            for data in found.values()
            for each in foreign.entries(data, "images")
            if isinstance(each, dict)
        }
        self.renamed: set[str] = set()
        renaming = [path for path, data in found.items() if data.get("namePrefix") or data.get("nameSuffix")]
        while renaming:
            path = renaming.pop()
            for file in foreign.resources(path, found[path]):
                self.renamed.add(file)
            for name in (*foreign.entries(found[path], "resources"), *foreign.entries(found[path], "bases")):
                folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(name)))
                if folder in by_folder and by_folder[folder][0] not in self.renamed:
                    self.renamed.add(by_folder[folder][0])
                    renaming.append(by_folder[folder][0])

    def takes(self, item: Object) -> bool:
        """Say whether a Kustomization names the file of an object."""
        return item.resource.path in self.files

    def renames(self, item: Object) -> bool:
        """Say whether the name of an object is another one in what kustomize builds."""
        return item.resource.path in self.renamed


def kustomize(index: Index) -> Kustomize:
    """Return what the Kustomizations of the whole folder say."""
    return index.whole.derive(Kustomize)
