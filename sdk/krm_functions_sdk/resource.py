"""One Kubernetes object: its text, what it says, and edits that leave the rest of the text alone."""

from __future__ import annotations

from krm_functions_sdk import emitter, field_path, identity, lookup, node, ownership
from krm_functions_sdk.field_path import Flag, Match
from krm_functions_sdk.node import LIST, MAP, SCALAR, Blame, Node, YamlFault
from krm_functions_sdk.ownership import MISSING, Change, Owned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_functions_sdk.emitter import Layout

LOCAL_CONFIG = "config.kubernetes.io/local-config"
PATH_ANNOTATIONS = ("internal.config.kubernetes.io/path", "config.kubernetes.io/path")
INDEX_ANNOTATIONS = ("internal.config.kubernetes.io/index", "config.kubernetes.io/index")
PACKAGE_PATH_ANNOTATION = "internal.config.kubernetes.io/package-path"


class Resource:
    """A Kubernetes object as one YAML document.

    `text` is the document. `file` and `first_line` (from 1) say where it stands on disk, when that is known; `path` and
    `index` are where it belongs in its package, from the annotations of the KRM functions specification or as set.
    Reading never changes the text. Raises node.YamlFault where the text cannot be read.
    """

    def __init__(self, text: str, *, path: str | None = None, index: int | None = None, first_line: int = 0) -> None:
        self._text = text
        self._root: Node | None = None
        self._data: Any = MISSING
        self._scanned: Any = MISSING
        self._path = path
        self._index = index
        self.first_line = first_line
        self.is_new = False
        self.is_changed = False
        self.envelope: str | None = None  # its text in the stream it came in, while nothing is changed

    @classmethod
    def new(cls, value: dict[str, Any], *, path: str | None = None, index: int | None = None) -> Resource:
        """Return a new resource that holds `value`, with the comments of `because`."""
        resource = cls(emitter.document(value), path=path, index=index)
        resource.is_new = resource.is_changed = True
        return resource

    def copy(self) -> Resource:
        """Return a resource of the same text and place, whose edits leave this one alone."""
        other = Resource(self._text, path=self._path, index=self._index, first_line=self.first_line)
        other._root, other.is_new, other.envelope = self._root, self.is_new, self.envelope
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

    @property
    def text(self) -> str:
        """The YAML document."""
        return self._text

    @property
    def root(self) -> Node:
        """The tree of the document."""
        if self._root is None:
            with Blame(self):
                root = node.parse(self._text)
                if root.kind != MAP:
                    raise YamlFault("a Kubernetes object must be a map", root.line)
                self._root = root
        return self._root

    @property
    def data(self) -> dict[str, Any]:
        """The whole object as Python values, as Kubernetes reads it. Not to be changed."""
        if self._data is MISSING:
            with Blame(self):
                self._data = node.value(self.root)
        return self._data  # type: ignore[no-any-return]  # the value of a map node is a dict

    # Identity

    @property
    def api_version(self) -> str:
        return self._string("apiVersion")

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def kind(self) -> str:
        return self._string("kind")

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
    def labels(self) -> dict[str, str]:
        return self._map_at("metadata.labels")

    @property
    def annotations(self) -> dict[str, str]:
        return self._map_at("metadata.annotations")

    @property
    def is_local_config(self) -> bool:
        """Say whether the object is for tools only and never applied; to kpt any value but `false` says so."""
        return self.annotations.get(LOCAL_CONFIG, "false") not in ("", "false")

    @property
    def path(self) -> str | None:
        """The file it belongs to, relative to its package, with slashes."""
        if self._path is not None:
            return self._path
        return next((path for path in map(self._annotation, PATH_ANNOTATIONS) if path), None)

    @property
    def index(self) -> int:
        """Its position among the documents of its file."""
        if self._index is not None:
            return self._index
        text = next((index for index in map(self._annotation, INDEX_ANNOTATIONS) if index), "0")
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
        return self._annotation(PACKAGE_PATH_ANNOTATION)

    # Fields

    def get(self, path: str, default: Any = None) -> Any:
        """Return the value at the field path, or `default` where there is none."""
        found = self.find(path)
        if found is None:
            return default
        with Blame(self):
            return node.value(found)

    def find(self, path: str | field_path.FieldPath) -> Node | None:
        """Return the node at the field path."""
        return lookup.find(self.root, field_path.parse(path) if isinstance(path, str) else path)

    def line(self, path: str | field_path.FieldPath) -> int | None:
        """Return the line in its file, from 1, of the field or of its nearest ancestor; None where no file is known."""
        if not self.first_line:
            return None
        steps = field_path.parse(path) if isinstance(path, str) else path
        return self.first_line + lookup.line(self.root, steps)

    def comment(self, path: str) -> str:
        """Return the comment at the end of the line of the scalar at the field path, "" where there is none."""
        from krm_functions_sdk.lines import comment_of

        found = self.find(path)
        return comment_of(found, self._text) if found is not None and found.kind not in (MAP, LIST) else ""

    def set(self, path: str, value: Any) -> None:
        """Make the field at `path` equal to `value` (see `because` for a comment); missing parents are made."""
        wanted: Any = value
        for step in reversed(field_path.parse(path)):
            if isinstance(step, Match):
                wanted = [{step[0]: step[1], **wanted}] if isinstance(wanted, dict) else [wanted]
            elif isinstance(step, str):
                wanted = {step: wanted}
            elif isinstance(step, Flag):
                wanted = [wanted]
            else:
                raise ValueError(f"{path!r}: set takes map keys, [key=value] and [--flag], but no positions")  # noqa: TRY004
        self.apply(wanted, ownership.table([path]))

    def remove(self, path: str) -> None:
        """Remove the field or list item at `path`, if it is there."""
        self.apply({}, ownership.table([path]))

    def apply(self, wanted: dict[str, Any], owned: Owned | Iterable[str]) -> list[Change]:
        """Make what `owned` names equal to `wanted`, touch nothing else, and return what changed.

        Raises ValueError where `wanted` holds what is not owned, and node.YamlFault where the text cannot be edited.
        """
        from krm_functions_sdk.reconciliation import Reconciliation

        owned = owned if isinstance(owned, Owned) else ownership.table(owned)
        if strays := ownership.stray(wanted, owned):
            raise ValueError(f"wanted, but not owned: {', '.join(strays)}")
        with Blame(self):
            reconciliation = Reconciliation(self._text)
            target = reconciliation.run(self.root, wanted, owned)
            if target is not self.root:
                self._become(target)
        return reconciliation.changes

    def _become(self, target: Any) -> None:
        """Edit the text, and make sure that it then says what `target` says and nothing else."""
        from krm_functions_sdk.edits import Edits
        from krm_functions_sdk.target import resolve

        data, expected = self.data, resolve(target)
        text = Edits(self._text, self.root).run(target)
        if text == self._text and ownership.same(data, expected):
            return
        for candidate in (
            (text, text + "\n") if not text.endswith("\n") else (text,)
        ):  # a block scalar may want the line end
            try:
                root = node.parse(candidate)
                value = node.value(root)
            except YamlFault:
                continue
            if ownership.same(value, expected):
                self._text, self._root, self._data = candidate, root, value
                self._scanned, self.envelope, self.is_changed = MISSING, None, True
                return
        has_anchor = "&" in self._text
        what = "an anchor or alias stands in what has to change; write its value out"
        raise YamlFault(what if has_anchor else "the document is laid out in a way that cannot be edited", 0)

    # Text in other places

    def indented(self, column: int) -> str:
        """Return the document with its root map at `column`."""
        from krm_functions_sdk.lines import indented

        return indented(self._text, self.root.column, column)

    def layout(self) -> Layout:
        """Return how the document is laid out."""
        from krm_functions_sdk.lines import layout_of

        return layout_of(self.root)

    def ended(self) -> str:
        """Return the document with a line break at its end, so that another one can follow."""
        if self._text.endswith("\n"):
            return self._text
        from krm_functions_sdk.lines import ended

        try:
            return ended(self._text, self.root)
        except YamlFault:
            return self._text + "\n"

    def _string(self, *keys: str) -> str:
        """Return the text of a scalar, "" where there is none; without parsing where its identity tells."""
        if self._root is None:
            if self._scanned is MISSING:
                self._scanned = identity.scan(self._text)
            if self._scanned is not None:
                found = identity.look_up(self._scanned, keys)
                if found is not None:
                    return found
        current: Node | None = self.root
        for key in keys:
            current = current.child(key) if current is not None else None
        return str(current.value) if current is not None and current.kind == SCALAR and not current.is_null else ""

    def _map_at(self, path: str) -> dict[str, str]:
        found = self.get(path)
        return dict(found) if isinstance(found, dict) else {}

    def _annotation(self, name: str) -> str:
        return self._string("metadata", "annotations", name)
