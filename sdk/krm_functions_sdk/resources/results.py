"""Results: what a function has to say, in the terms of the KRM functions specification, section `Result`."""

from __future__ import annotations

from krm_functions_sdk.document import emitter, field_path
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.document.wanted import MISSING, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from krm_functions_sdk.resources.resource import Resource

ERROR, WARNING, INFO = "error", "warning", "info"
_REFERENCE = ("apiVersion", "kind", "name")  # what the specification demands of a reference


class Result:
    """One finding about one field of one resource; everything but message and severity may be unknown."""

    __slots__ = (
        "current", "derived", "field", "file", "index", "line", "message", "proposed", "reference", "severity", "start",
        "tags",
    )  # fmt: skip

    def __init__(
        self,
        severity: str,
        message: str,
        resource: Resource | None = None,
        field: str | field_path.FieldPath = "",
        *,
        current: Any = MISSING,
        proposed: Any = MISSING,
        tags: Mapping[str, object] | None = None,
    ) -> None:
        if severity not in (ERROR, WARNING, INFO):
            raise ValueError(f"severity {severity!r}: expected {ERROR}, {WARNING} or {INFO}")
        self.severity = severity
        self.message = message
        self.field = field if isinstance(field, str) else field_path.show(field)
        self.current = plain(current)
        self.proposed = plain(proposed)
        self.tags = {str(name): str(value) for name, value in (tags or {}).items()}
        self.reference: dict[str, str] = {}
        self.file: str | None = None
        self.index = 0
        self.line: int | None = None
        self.start: int | None = None  # the line on which the object begins
        self.derived: Result | None = None  # where it shows: in a field that was made from this one
        if resource is not None:
            self._locate(resource)

    @classmethod
    def of(cls, written: Any) -> Result:
        """Return the result that a function wrote. Raises ValueError where it is none.

        kpt takes any severity; one that the specification does not know counts as an error, so that none is overlooked.
        It fails on a tag that is a list or map, and on an index that is no integer, and so is it here.
        """
        if not isinstance(written, dict) or not isinstance(written.get("message"), str):
            raise ValueError(f"results: found {written!r}, expected a map with a message")  # noqa: TRY004  # its value is wrong
        severity = written.get("severity", INFO)
        result = cls(severity if severity in (ERROR, WARNING, INFO) else ERROR, written["message"])
        field, file, tags = (_map(written.get(name)) for name in ("field", "file", "tags"))
        result.reference = {key: str(name) for key, name in _map(written.get("resourceRef")).items()}
        result.field = str(field.get("path", ""))
        result.current = field.get("currentValue", MISSING)
        result.proposed = field.get("proposedValue", MISSING)
        result.file = str(file["path"]) if file.get("path") else None
        index = file.get("index", 0)
        if not isinstance(index, int):
            raise ValueError(f"results: file.index: found {index!r}, expected an integer")  # noqa: TRY004  # its value is wrong
        for name, value in tags.items():
            if isinstance(value, list | dict):
                raise ValueError(f"results: tags.{name}: found {value!r}, expected a string")  # noqa: TRY004  # as above
        result.index = index
        result.tags = {str(name): str(value) for name, value in tags.items()}
        return result

    def _locate(self, resource: Resource) -> None:
        try:
            names = {
                "apiVersion": resource.api_version,
                "kind": resource.kind,
                "name": resource.name,
                "namespace": resource.namespace,
            }
            self.reference = {key: name for key, name in names.items() if name}
            self.file, self.index = resource.path, resource.index
            self.line = resource.line(self.field)
            self.start = resource.first_line + resource.root.line if resource.first_line else None
        except (YamlFault, ValueError):
            self.line = self.start = resource.first_line or None
            if resource.is_placed:  # else only its text says where, and that cannot be read
                self.file, self.index = resource.path, resource.index

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the specification writes it."""
        is_complete = all(name in self.reference for name in _REFERENCE)
        lost = "" if is_complete or not self.field else f"{self.field}: "
        result: dict[str, Any] = {"message": lost + self.said(), "severity": self.severity}
        if is_complete:
            result["resourceRef"] = dict(self.reference)
        if self.field and is_complete:
            result["field"] = {"path": self.field}
            if self.current is not MISSING:
                result["field"]["currentValue"] = self.current
            if self.proposed is not MISSING:
                result["field"]["proposedValue"] = self.proposed
        if self.file:
            result["file"] = {"path": self.file, "index": self.index}
        tags = {**self.tags, **({"line": str(self.line)} if self.line else {})}
        if tags:
            result["tags"] = tags
        return result

    def said(self, *, with_file: bool = False) -> str:
        """Return the message, and where what it says shows; the file of that only where it is known to be there."""
        if self.derived is None:
            return self.message
        return f"{self.message} (shows in {': '.join(filter(None, self.derived.place(with_file=with_file)))})"

    def place(self, *, with_file: bool = True) -> tuple[str, str, str]:
        """Return file and line, object, and field, each "" where it is not known."""
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file or ""
        name = "/".join(part for part in (self.reference.get("namespace"), self.reference.get("name")) if part)
        return place if with_file else "", f"{self.reference.get('kind', '')} {name}".strip(), self.field

    def __str__(self) -> str:
        """One line for a person: severity, place, object, field, message, and the value that would be right."""
        parts = (*self.place(), self.said(with_file=True))
        # An information says itself what was set.
        wanted = (
            "" if self.proposed is MISSING or self.severity == INFO else f"; proposed: {emitter.flow(self.proposed)}"
        )
        return f"[{self.severity}] " + ": ".join(part for part in parts if part) + wanted


class Results(list[Result]):
    """The results of one run, in the order in which they were found."""

    def error(self, message: str, resource: Resource | None = None, field: Any = "", **more: Any) -> None:
        """Add an error: the run fails and nothing is written."""
        self.append(Result(ERROR, message, resource, field, **more))

    def warning(self, message: str, resource: Resource | None = None, field: Any = "", **more: Any) -> None:
        """Add a warning."""
        self.append(Result(WARNING, message, resource, field, **more))

    def info(self, message: str, resource: Resource | None = None, field: Any = "", **more: Any) -> None:
        """Add an information."""
        self.append(Result(INFO, message, resource, field, **more))

    @property
    def failed(self) -> bool:
        """Say whether one of the results is an error."""
        return any(result.severity == ERROR for result in self)


def with_derived(results: Iterable[Result]) -> list[Result]:
    """Return the results, and behind each the place in which it shows."""
    return [found for result in results for found in (result, result.derived) if found is not None]


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
