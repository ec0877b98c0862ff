"""Objects and their fields, read without trust in their shape: every field knows its path, present or not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from krm_functions_sdk import MISSING, Resource
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Lists that the API keys by `name`; in all others an item is known by its position.
_KEYED = frozenset(("containers", "initContainers", "ephemeralContainers", "env", "volumes", "ports", "listeners"))


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


class Field:
    """A field of an object; `value` is MISSING where the object does not have it."""

    __slots__ = ("object", "path", "value")
    inside: FieldPath = ()  # of one that stands in the text of another field: where in it

    def __init__(self, owner: Object, path: FieldPath, value: Any) -> None:
        self.object = owner
        self.path = path
        self.value = value

    def __getitem__(self, key: str) -> Field:
        value = self.value.get(key, MISSING) if isinstance(self.value, dict) else MISSING
        return Field(self.object, (*self.path, key), value)

    def __iter__(self) -> Iterator[Field]:
        """Yield the items of a list; a value that is no list has none."""
        if not isinstance(self.value, list):
            return
        keyed = bool(self.path) and self.path[-1] in _KEYED
        seen: set[str] = set()
        for index, item in enumerate(self.value):
            name = item.get("name") if keyed and isinstance(item, dict) else None
            step: Step = Match("name", name) if isinstance(name, str) and name not in seen else index
            if isinstance(name, str):
                seen.add(name)
            yield Field(self.object, (*self.path, step), item)

    def at(self, path: str) -> Field:
        """Return the field at the dotted path of map keys."""
        keys, value = _keys(path), self.value
        for key in keys:
            value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
        return Field(self.object, (*self.path, *keys), value)

    def below(self, place: tuple[str | int, ...]) -> Field:
        """Return the field at a place of map keys, and of positions in lists."""
        found = self
        for step in place:
            found = found[step] if isinstance(step, str) else list(found)[step]
        return found

    def flag(self, name: str, value: Any) -> Field:
        """Return the command-line flag `name` of this list of arguments."""
        return Field(self.object, (*self.path, Flag(name)), value)

    @property
    def exists(self) -> bool:
        return self.value is not MISSING and self.value is not None

    @property
    def text(self) -> str:
        """The value if it is a string, else an empty one."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def number(self) -> int | None:
        """The value if it is an integer."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    @property
    def map(self) -> dict[str, Any]:
        """The value if it is a map, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}


class Inside(Field):
    """A field of the YAML document that is the text of the field `outer`, whose path it has."""

    __slots__ = ("inside", "outer")

    def __init__(self, outer: Field, value: Any, inside: FieldPath = ()) -> None:
        super().__init__(outer.object, outer.path, value)
        self.outer = outer
        self.inside = inside

    def __getitem__(self, key: str) -> Inside:
        value = self.value.get(key, MISSING) if isinstance(self.value, dict) else MISSING
        return Inside(self.outer, value, (*self.inside, key))

    def __iter__(self) -> Iterator[Inside]:
        """Yield the items of a list; a value that is no list has none."""
        for index, item in enumerate(self.value if isinstance(self.value, list) else ()):
            yield Inside(self.outer, item, (*self.inside, index))

    def at(self, path: str) -> Inside:
        """Return the field at the dotted path of map keys."""
        found = self
        for key in _keys(path):
            found = found[key]
        return found


class Object:
    """A Kubernetes object of the manifests.

    What most rules ask of each object stands here as plain values: a text that is none is "", a map that is none {}.
    """

    __slots__ = (
        *("annotations", "api_version", "field", "group", "kind", "labels", "metadata", "name", "namespace"),
        *("position", "resource", "version"),
    )

    def __init__(self, resource: Resource, data: dict[str, Any], position: int) -> None:
        self.resource = resource
        self.position = position
        self.field = Field(self, (), data)
        self.api_version = _text(data, "apiVersion")
        self.group, _, self.version = self.api_version.rpartition("/")
        self.kind = _text(data, "kind")
        self.metadata = metadata = _map(data, "metadata")
        self.name, self.namespace = _text(metadata, "name"), _text(metadata, "namespace")
        self.labels, self.annotations = _map(metadata, "labels"), _map(metadata, "annotations")

    def __str__(self) -> str:
        """The object for messages: `Deployment llm/vllm`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def place(self) -> str:
        """The object and where it stands, for messages that name two: `Service a (service.yaml)`."""
        path, line = self.resource.path, self.resource.first_line
        begins = line + self.resource.root.line if line else 0
        # In a list of resources a line is that of the list, and not of the file that an annotation names.
        in_file = f"{path}:{begins}" if begins and self.resource.is_placed else path
        where = in_file or (f"line {begins}" if begins else "")
        return f"{self} ({where})" if where else str(self)

    def at(self, path: str) -> Field:
        """Return the field at the dotted path of map keys."""
        return self.field.at(path)


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _map(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
