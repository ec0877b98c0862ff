"""The ResourceList of the KRM functions specification, or a plain stream of documents, read and written losslessly."""

from __future__ import annotations

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.wanted import bare
from krm_functions_sdk.resources import list_text
from krm_functions_sdk.resources.list_text import InputFault, ListText
from krm_functions_sdk.resources.resource import INDEX_ANNOTATIONS, PATH_ANNOTATIONS, Resource
from krm_functions_sdk.resources.results import Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from krm_functions_sdk.document.stream import Document

__all__ = ["API_VERSION", "InputFault", "ResourceList"]

API_VERSION = "config.kubernetes.io/v1"


class ResourceList:
    """Resources, an optional functionConfig, and results.

    `items` are the resources in the order in which they came; use `add` and `remove` to change which there are.
    """

    def __init__(self, items: list[Resource] | None = None, function_config: Resource | None = None) -> None:
        self.items: list[Resource] = list(items or [])
        self.function_config = function_config
        self.results = Results()
        self.is_stream = False
        self.is_part = False  # of a package: what a selector leaves out is not in it
        self.is_incomplete = False  # an error came before: what is missing may be missing for that
        self.has_crash = False  # of the function that had these resources last: what it left may be half done
        self._documents: list[tuple[Document, Resource | None]] = []  # of a stream: None for empty ones
        self._text: ListText | None = None

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    # Selection

    def where(self, kind: str = "", *, group: str | None = None, name: str = "") -> list[Resource]:
        """Return the resources of a kind, group and name, where these are given, in order."""
        return [
            resource
            for resource in self.items
            if (not kind or resource.kind == kind)
            and (group is None or resource.group == group)
            and (not name or resource.name == name)
        ]

    def select(self, predicate: Callable[[Resource], object]) -> list[Resource]:
        """Return the resources for which `predicate` is true, in order; see krm_functions_sdk.resources.predicates."""
        return [resource for resource in self.items if predicate(resource)]

    def find(self, group: str, kind: str, name: str, namespace: str = "") -> Resource | None:
        """Return the first resource of this identity."""
        wanted = (group, kind, namespace, name)
        for resource in self.items:
            if resource.kind == kind and resource.name == name and resource.identity == wanted:
                return resource
        return None

    @property
    def written_results(self) -> Any:
        """What stands under `results` in the text that was read, None where nothing does. Raises YamlFault."""
        return self._text.results() if self._text is not None else None

    # Change

    def add(self, resource: Resource, path: str | None = None) -> Resource:
        """Add a new resource at the end of the file `path`, relative to the package.

        One that was made from the values of another does not keep the annotations by which tools know that one.
        """
        if resource.is_new:
            _forget_tools(resource)
        if path is not None:
            taken = [other.index for other in self.items if other.path == path]
            resource.place(path, max(taken, default=-1) + 1)
        self.items.append(resource)
        return resource

    def upsert(self, resource: Resource, path: str | None = None) -> Resource:
        """Make the object of this identity say what `resource` says, or add it to the file `path`, and return it.

        An object that is there keeps its file, its position, the annotations of tools, and the comments of what stays;
        of `resource` it takes everything else, so that what `resource` does not hold goes. A new one without `path`
        goes to the file that kpt would choose. Where the identity is there more than once, the first object is changed,
        and a warning in the results says so. Raises ValueError where `path` leads out of the package.
        """
        from krm_functions_sdk.document import comments
        from krm_functions_sdk.document.edits import Edits
        from krm_functions_sdk.resources import placement
        from krm_functions_sdk.resources.tool_annotations import of_tools

        kind, identity = resource.kind, resource.identity
        found = [item for item in self.items if item.kind == kind and item.identity == identity]
        if not found:
            return self.add(resource, placement.checked(path or resource.path or placement.default_path(resource)))
        there = found[0]
        if len(found) > 1:
            self.results.warning(placement.said_of_twins(found), there)
        wanted: dict[str, Any] = comments.commented(resource.root, Edits(resource.text, resource.root))
        if kept := of_tools(there.get("metadata.annotations")):
            metadata = dict(bare(wanted.get("metadata")) or {})
            metadata["annotations"] = {**(bare(metadata.get("annotations")) or {}), **kept}
            wanted["metadata"] = metadata
        there.apply(wanted, [field_path.show((key,)) for key in {**there.data, **wanted}])
        return there

    def move(self, resource: Resource, path: str) -> None:
        """Move a resource to the end of the file `path`; one that is there already stays where it is.

        Raises ValueError where `path` leads out of the package.
        """
        from krm_functions_sdk.resources import placement

        file = placement.checked(path)
        if resource.path != file:
            taken = [other.index for other in self.items if other is not resource and other.path == file]
            resource.place(file, max(taken, default=-1) + 1)

    def put_before(self, resource: Resource, other: Resource) -> None:
        """Put a resource of the list before `other`, in its file; those behind it there have a higher index then."""
        items, path, index = [item for item in self.items if item is not resource], other.path, other.index
        position = next(number for number, item in enumerate(items) if item is other)
        for item in items:
            if path is not None and item.path == path and item.index >= index:
                item.place(path, item.index + 1)
        if path is not None:
            resource.place(path, index)
        self.items = [*items[:position], resource, *items[position:]]

    def remove(self, resource: Resource) -> None:
        """Remove a resource; the orchestrator deletes its file when it was the last one in it."""
        self.items = [other for other in self.items if other is not resource]

    # Text

    @classmethod
    def read(cls, text: str, source: str = "the text") -> ResourceList:
        """Return the ResourceList (or List) in `text`, or one made of its documents where it is a plain stream.

        Raises InputFault, whose message calls the text by its `source`.
        """
        found = list_text.read(text, source)
        if found is None:
            return cls._from_stream(text)
        result = cls(found.items, found.function_config)
        result._text = found
        return result

    @classmethod
    def _from_stream(cls, text: str) -> ResourceList:
        from krm_functions_sdk.document import stream

        result = cls()
        result.is_stream = True
        for document in stream.split(text):
            resource = None
            if not document.is_empty:
                resource = Resource(document.text, first_line=document.first_line)
                result.items.append(resource)
            result._documents.append((document, resource))
        return result

    def write(self) -> str:
        """Return the text: a ResourceList, or a plain stream where one came in."""
        return "".join(self._pieces())

    def encode(self) -> bytes:
        """Return the text as UTF-8, which takes less memory than both after each other."""
        import io

        buffer = io.BytesIO()
        for piece in self._pieces():
            buffer.write(piece.encode())
        return buffer.getvalue()

    def _pieces(self) -> Iterator[str]:
        if self.is_stream:
            return iter((self._stream(),))
        source = self._text or ListText.empty(API_VERSION)
        results = [result.to_dict() for result in self.results]
        entry = ""
        if results and source.takes_results:
            from krm_functions_sdk.document import emitter

            entry = emitter.entries({"results": results}, 0, emitter.COMPACT)
        return source.write([_placed(item) for item in self.items], self.function_config, entry)

    def _stream(self) -> str:
        """Return the documents: the empty ones where they were, the others in the order of the items."""
        from krm_functions_sdk.document import stream

        old = {id(resource) for _, resource in self._documents if resource is not None}
        kept = {id(resource) for resource in self.items}
        runs: list[list[Resource]] = [[]]  # a document that was there, each with the new ones behind it
        for item in self.items:
            if id(item) in old:
                runs.append([])
            runs[-1].append(item)
        following = iter(runs[1:])
        parts: list[tuple[str, Resource | str]] = [("", item) for item in runs[0]]
        for document, resource in self._documents:
            if resource is None:
                parts.append((document.separator, document.text))
            elif id(resource) in kept:
                run = next(following)
                parts += [(document.separator, run[0]), *(("", item) for item in run[1:])]
        return stream.join(
            [
                (separator, part if isinstance(part, str) else part.text if index == len(parts) - 1 else part.ended())
                for index, (separator, part) in enumerate(parts)
            ]
        )


def upsert(resources: ResourceList, resource: Resource, path: str | None = None) -> Resource:
    """Do what `ResourceList.upsert` does."""
    return resources.upsert(resource, path)


def move(resources: ResourceList, resource: Resource, path: str) -> None:
    """Do what `ResourceList.move` does."""
    resources.move(resource, path)


def _forget_tools(resource: Resource) -> None:
    """Take the annotations of the tools from a new resource, but not its place: a copy is another object."""
    from krm_functions_sdk.resources.tool_annotations import is_named_in, of_tools

    if is_named_in(resource.text):
        path, index = resource.path, resource.index
        for name in of_tools(resource.get("metadata.annotations")):
            resource.remove(f"metadata.annotations[{name}]")
        if path is not None:
            resource.place(path, index)


def _placed(item: Resource) -> Resource:
    """Return the item with the annotations that say where it belongs, where it was placed by hand."""
    path = item.path if item.is_placed else None
    if path is None:
        return item
    placed = item.copy()
    placed.set(f"metadata.annotations[{INDEX_ANNOTATIONS[0]}]", str(item.index))
    placed.set(f"metadata.annotations[{PATH_ANNOTATIONS[0]}]", path)
    return placed
