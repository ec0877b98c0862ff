"""The arguments of a function's executable: files and folders, and a functionConfig as `key=value` or as a file."""

from __future__ import annotations

import re

from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

STDIN = "-"
CONFIG = "--config"
_PAIR = pattern(r"([\w.-]+)=(.*)", re.DOTALL)
_SEVERAL = "several documents, expected one functionConfig"


class Misuse(Exception):
    """Arguments that make no sense."""


class CommandLine:
    """What a user asked for: `paths` to change in place (none: standard input), and a functionConfig."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.data: dict[str, str] = {}
        self.config_file = ""
        self.reads_stdin = False

    @classmethod
    def parse(cls, arguments: Iterable[str]) -> CommandLine:
        """Read the arguments. Raises Misuse."""
        result = cls()
        rest = iter(arguments)
        for argument in rest:
            name, equals, value = argument.partition("=")
            if name == CONFIG:
                value = value if equals else next(rest, "")
                if not value or result.config_file:
                    raise Misuse(f"{CONFIG} takes one FILE")
                result.config_file = value
            elif argument.startswith("-") and argument != STDIN:
                raise Misuse(f"unknown argument {argument!r}; see --help")
            elif pair := _PAIR.fullmatch(argument):
                if pair[1] in result.data:
                    raise Misuse(f"{pair[1]} is given twice")
                result.data[pair[1]] = pair[2]
            else:
                result.paths.append(argument)
        if result.data and result.config_file:
            raise Misuse(f"found {CONFIG} and key=value, expected one of them")
        if STDIN in result.paths and len(result.paths) > 1:
            raise Misuse(f"found {STDIN} (standard input) beside files, expected one of them")
        result.reads_stdin = STDIN in result.paths
        result.paths = [path for path in result.paths if path != STDIN]
        return result

    def config(self) -> Resource | None:
        """Return the functionConfig; `key=value` becomes a ConfigMap, as kpt makes it. Raises Misuse."""
        if self.data:
            return config_map(self.data)
        return _from_file(self.config_file) if self.config_file else None


def config_map(data: dict[str, str]) -> Resource:
    """Return the ConfigMap that hands `data` to a function."""
    return Resource.new(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "function-input"}, "data": dict(data)}
    )


def _from_file(name: str) -> Resource:
    from pathlib import Path

    from krm_functions_sdk.document.tree import YamlFault
    from krm_functions_sdk.files.package import PackageFile

    try:
        text = Path(name).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{name}: cannot be read: {error}") from None
    found = [resource for _, resource in PackageFile(name, text).documents if resource is not None]
    if len(found) != 1:
        raise Misuse(f"{name}: {_SEVERAL if found else 'empty, expected a functionConfig'}")
    try:
        _ = found[0].data
    except YamlFault as fault:
        raise Misuse(f"{name}:{found[0].first_line + fault.line}: {fault.message}") from None
    return found[0]
