"""One Kubernetes object: its text, what it says, and edits that leave the rest of the text alone."""

from __future__ import annotations

from krm_functions_sdk.document import field_path, tree
from krm_functions_sdk.document.tree import LIST, MAP, Blame, Node, YamlFault
from krm_functions_sdk.document.wanted import MISSING, Change
from krm_functions_sdk.resources.object_text import ObjectText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_functions_sdk.document.ownership import Owned
    from krm_functions_sdk.document.walk import Field
    from krm_functions_sdk.resources.fixed_map import FixedMap


LOCAL_CONFIG = "config.kubernetes.io/local-config"
PATH_ANNOTATIONS = ("internal.config.kubernetes.io/path", "config.kubernetes.io/path")
INDEX_ANNOTATIONS = ("internal.config.kubernetes.io/index", "config.kubernetes.io/index")
PACKAGE_PATH_ANNOTATION = "internal.config.kubernetes.io/package-path"


class Resource(ObjectText):
    """A Kubernetes object as one YAML document.

    `text` is the document, and `first_line` (from 1) where it stands in its file, 0 where that is not known. `path` and
    `index` say where it belongs in its package, from the annotations of the KRM functions specification or as set.
    Reading never changes the text. Raises YamlFault where the text cannot be read.
    """

    __slots__ = ("_index", "_path", "is_new")

    def __init__(self, text: str, *, path: str | None = None, index: int | None = None, first_line: int = 0) -> None:
        super().__init__(text, first_line)
        self._path = path
        self._index = index
        self.is_new = False

    @classmethod
    def new(cls, value: dict[str, Any], *, path: str | None = None, index: int | None = None) -> Resource:
        """Return a new resource that holds `value`, with the comments of `because`."""
        from krm_functions_sdk.document import emitter, values
        from krm_functions_sdk.resources import identity

        values.check(value)
        resource = cls(emitter.document(value), path=path, index=index)
        if found := identity.of_value(value):
            resource._head, resource._scanned = found
        resource.is_new = resource.is_changed = True
        resource._column = 0
        return resource

    @classmethod
    def of_list(cls, text: str, start: int, end: int, hidden: int) -> Resource:
        """Return the resource at a place in the text of a list, of which the first `hidden` characters are not its own.

        In its own text spaces stand for these: for a dash and what is left of it.
        """
        resource = cls("")
        resource._text, resource._excerpt = None, (text, start, end, hidden)
        return resource

    def copy(self) -> Resource:
        """Return a resource of the same text and place, whose edits leave this one alone."""
        other = Resource("", path=self._path, index=self._index, first_line=self.first_line)
        other._text, other._excerpt, other._column = self._text, self._excerpt, self._column
        other._root, other.is_new = self._root, self.is_new
        other._head, other._scanned = self._head, self._scanned  # nobody changes what was found in a text
        return other

    def __repr__(self) -> str:
        return f"<Resource {self}>"

    def __str__(self) -> str:
        """A short name for messages: `Deployment llm/vllm`."""
        try:
            name = f"{self.namespace}/{self.name}" if self.namespace else self.name
            return f"{self.kind} {name}".strip() or "resource"
        except YamlFault:
            return "resource"

    # Identity

    @property
    def api_version(self) -> str:
        head = self._head  # each function asks each resource, most of them again and again
        return head[0] if type(head) is tuple else self._string("apiVersion")

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def kind(self) -> str:
        head = self._head
        return head[1] if type(head) is tuple else self._string("kind")

    @property
    def name(self) -> str:
        return self._string("metadata", "name")

    @property
    def namespace(self) -> str:
        """The namespace, "" where none is set."""
        return self._string("metadata", "namespace")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Group, kind, namespace and name: what makes two resources the same object."""
        return self.group, self.kind, self.namespace, self.name

    @property
    def labels(self) -> FixedMap:
        """The labels; they change by `set` and `remove`, not in this map."""
        return self._fixed("labels")

    @property
    def annotations(self) -> FixedMap:
        """The annotations; they change by `set` and `remove`, not in this map."""
        return self._fixed("annotations")

    def annotation(self, name: str) -> str:
        """Return the text of one annotation, "" where there is none; without parsing where the text tells."""
        return self._string("metadata", "annotations", name)

    @property
    def is_local_config(self) -> bool:
        """Say whether the object is for tools only and never applied; to kpt any value but `false` says so."""
        from krm_functions_sdk.resources.annotations import may_hold

        return may_hold(self.text, LOCAL_CONFIG) and self.annotations.get(LOCAL_CONFIG, "false") not in ("", "false")

    @property
    def path(self) -> str | None:
        """The file it belongs to, relative to its package, with slashes."""
        if self._path is not None:
            return self._path
        return next((path for path in map(self.annotation, PATH_ANNOTATIONS) if path), None)

    @property
    def index(self) -> int:
        """Its position among the documents of its file."""
        if self._index is not None:
            return self._index
        text = next((index for index in map(self.annotation, INDEX_ANNOTATIONS) if index), "0")
        return int(text) if text.isascii() and text.isdecimal() else 0

    def place(self, path: str, index: int) -> None:
        """Say to which file it belongs, and where in it."""
        self._path, self._index = path, index

    @property
    def is_placed(self) -> bool:
        """Say whether its place was set and does not come from its annotations."""
        return self._path is not None

    @property
    def package_path(self) -> str:
        """The folder of the package it belongs to, as kpt render tells it; "" where it does not."""
        return self.annotation(PACKAGE_PATH_ANNOTATION)

    # Fields

    def get(self, path: str, default: Any = None) -> Any:
        """Return the value at the field path, or `default` where there is none."""
        found = self.find(path)
        if found is None:
            return default
        with Blame(self):
            return tree.value(found)

    def get_str(self, path: str, default: str | None = None) -> str | None:
        """Return the string at the field path, `default` where there is none; YamlFault where another value is."""
        return self._typed(path, str, default)  # type: ignore[no-any-return]  # of that type

    def get_int(self, path: str, default: int | None = None) -> int | None:
        """Return the integer at the field path, `default` where there is none; YamlFault where another value is."""
        return self._typed(path, int, default)  # type: ignore[no-any-return]  # of that type

    def get_bool(self, path: str, default: bool | None = None) -> bool | None:
        """Return the boolean at the field path, `default` where there is none; YamlFault where another value is."""
        return self._typed(path, bool, default)  # type: ignore[no-any-return]  # of that type

    def _typed(self, path: str, wanted: type, default: Any) -> Any:
        found = self.find(path)
        if found is None:
            return default
        from krm_functions_sdk.document import values

        with Blame(self):
            value = values.typed(tree.value(found), wanted, path, found.line)
        return default if value is None else value

    def find(self, path: str | field_path.FieldPath) -> Node | None:
        """Return the node at the field path."""
        return tree.find(self.root, field_path.parse(path) if isinstance(path, str) else path)

    def walk(self, pattern: str = "") -> Iterator[Field]:
        """Yield all fields and list items, or those that a pattern takes: `spec.**.containers[*].image`.

        In a pattern `*` stands for any one key or item and `**` for any number; `[name=web]`, `[--port]` and `[0]` name
        an item. What is edited on the way is not seen by the walk.
        """
        from krm_functions_sdk.document import walk

        with Blame(self):
            for found in walk.walk(self.text, self.root):
                if not pattern or found.matches(pattern):
                    yield found

    def line(self, path: str | field_path.FieldPath) -> int | None:
        """Return the line in its file, from 1, of the field or of its nearest ancestor; None where no file is known."""
        if not self.first_line:
            return None
        steps = field_path.parse(path) if isinstance(path, str) else path
        return self.first_line + tree.line(self.root, steps)

    def comment(self, path: str) -> str:
        """Return the comment on the line of the field at the path, "" where there is none.

        That of a map or list is the one behind its key or dash.
        """
        found = self.find(path)
        if found is not None and found.kind not in (MAP, LIST):  # most of them, without what edits need
            from krm_functions_sdk.document.lines import comment_of

            return comment_of(found, self.text)
        from krm_functions_sdk.document import comments

        return comments.line(self.text, self.root, field_path.parse(path))

    def set_comment(self, path: str, text: str) -> None:
        """Make `text`, on one line, the comment on the line of the field; "" removes it, and no value changes.

        That of a map or list stands behind its key or dash. Raises ValueError where nothing is at the path, and
        YamlFault where no comment can stand there.
        """
        from krm_functions_sdk.document import comments

        with Blame(self):
            self._replace(*comments.set_line(self.text, self.root, field_path.parse(path), text))

    def head_comment(self, path: str) -> str:
        """Return the lines of the comment right above the field or list item at the path, "" where there is none."""
        from krm_functions_sdk.document import comments

        return comments.head(self.text, self.root, field_path.parse(path))

    def set_head_comment(self, path: str, text: str) -> None:
        """Make the lines of `text` the comment right above the field or list item; "" removes it, and no value changes.

        Raises ValueError where nothing is at the path, and YamlFault where it has no line of its own to stand on.
        """
        from krm_functions_sdk.document import comments

        with Blame(self):
            self._replace(*comments.set_head(self.text, self.root, field_path.parse(path), text))

    def set(self, path: str, value: Any) -> None:
        """Make the field at `path` equal to `value` (see `because` for a comment); missing parents are made.

        A position has to be there; `[-]` at the end of a path appends an item, each time that it is set. Raises
        ValueError for what no Kubernetes object can hold, and YamlFault where the text cannot be edited or a position
        is not there.
        """
        from krm_functions_sdk.document import scalar_edit

        steps = field_path.parse(path)
        with Blame(self):
            edited = scalar_edit.edited(self.text, self.root, steps, value)
        if edited is not None:
            self._replace(edited, None, MISSING)
            return
        from krm_functions_sdk.document import positions

        if not positions.are_in(steps):
            self.apply(positions.nested(steps, value), [path])
            return
        with Blame(self):
            target = positions.target(self.text, self.root, steps, value)
            if target is not self.root:
                self._become(target)

    def remove(self, path: str) -> None:
        """Remove the field or list item at `path`, if it is there."""
        self.apply({}, [path])

    def apply(self, wanted: dict[str, Any], owned: Owned | Iterable[str]) -> list[Change]:
        """Make what `owned` names equal to `wanted`, touch nothing else, and return what changed.

        Annotations of the tools that run functions stay. Raises ValueError where `wanted` holds one of these, what is
        not owned, or what no Kubernetes object can hold, and YamlFault where the text cannot be edited.
        """
        from krm_functions_sdk.document import ownership, values

        values.check(wanted)
        owned = owned if isinstance(owned, ownership.Owned) else ownership.table(owned)
        if strays := ownership.stray(wanted, owned):
            raise ValueError(f"wanted, but not owned: {', '.join(strays)}")
        if "metadata" in owned.children and not self.is_new:
            from krm_functions_sdk.resources.tool_annotations import guarded

            wanted = guarded(self, self.get("metadata.annotations"), wanted, owned.children["metadata"])
        return self._apply(wanted, owned)

    def apply_all(self, wanted: dict[str, Any]) -> list[Change]:
        """Make the object equal to `wanted` as what runs functions does it: the annotations of the tools included.

        Raises YamlFault where the text cannot be edited.
        """
        from krm_functions_sdk.document import ownership

        return self._apply(wanted, ownership.table(field_path.show((key,)) for key in {**self.data, **wanted}))

    def annotate(self, annotations: dict[str, str]) -> None:
        """Set annotations, those of the tools included, and take the place from them."""
        from krm_functions_sdk.document import ownership

        paths = [field_path.show(("metadata", "annotations", name)) for name in annotations]
        self._apply({"metadata": {"annotations": annotations}}, ownership.table(paths))
        self._path = self._index = None

    def _apply(self, wanted: dict[str, Any], owned: Owned) -> list[Change]:
        from krm_functions_sdk.document.reconciliation import Reconciliation

        with Blame(self):
            reconciliation = Reconciliation(self.text)
            target = reconciliation.run(self.root, wanted, owned)
            if target is not self.root:
                self._become(target)
        return reconciliation.changes

    def _become(self, target: Any) -> None:
        from krm_functions_sdk.document.revision import revised

        self._replace(*revised(self.text, self.root, target))

    def _fixed(self, field: str) -> FixedMap:
        from krm_functions_sdk.resources.fixed_map import FixedMap

        found = self.get(f"metadata.{field}")
        return FixedMap(found if isinstance(found, dict) else {}, field)
