"""A package as it would be with another value in one field of its intents: `PATH@FIELD=VALUE`."""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.files.output import Mode
from krm_functions_sdk.files.package import KPTFILE
from krm_functions_sdk.function import in_place
from krm_functions_sdk.kpt import render
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from krm_functions_sdk.kpt.external import Limits
    from krm_functions_sdk.resources.resource_list import ResourceList

_SPELLED = re.compile(r"(.+?)@([A-Za-z][^=@\[]*(?:\[[^\]]*\][^=@\[]*)*)=(.*)", re.DOTALL)
_TOOLS = (KPTFILE, "Kustomization", "Component")


class Impossible(Exception):
    """There is no such alternative; a line for each reason."""


class Alternative(NamedTuple):
    """Where the package is, the path of the field in its intents, and the value as YAML."""

    path: str
    field: str
    value: str


def spelled(operand: str) -> Alternative | None:
    """Return what an operand asks for, or None where it is a path and nothing else."""
    found = _SPELLED.fullmatch(operand)
    return Alternative(*found.groups()) if found else None


def render_in(folder: Path, asked: Alternative, limits: Limits | None) -> None:
    """Set the field in each intent below `folder` that has it, and render the packages there. Raises Impossible."""
    edited = in_place.InPlace(lambda resources: _set(resources, asked), None)
    if not edited.run([str(folder)]):
        raise Impossible("\n".join(str(result) for result in edited.results if result.severity == ERROR))
    if not edited.changed:
        if edited.results:
            return  # it has that value everywhere
        raise Impossible(f"no intent in it has {asked.field}: name a field that one has, or add it there first")
    edited.write()
    roots = [file.parent for file in sorted(folder.rglob(KPTFILE))]
    for root in (one for one in roots if not any(one != other and one.is_relative_to(other) for other in roots)):
        worked, done = render.perform(root, lambda _: None, lambda _: None, limits, Mode())
        if not worked:
            lines = (str(result).replace(f"{root}/", "") for result in done.results if result.severity == ERROR)
            raise Impossible("\n".join(lines))


def _set(resources: ResourceList, asked: Alternative) -> None:
    try:
        value = Resource(f"value: {asked.value}\n").get("value")
    except (YamlFault, ValueError) as error:
        resources.results.error(f"{asked.value} cannot be read as YAML: {error}")
        return
    for item in resources.items:
        if not item.is_local_config or item.kind in _TOOLS:
            continue
        try:
            found = item.get(asked.field)
        except (ValueError, LookupError, TypeError) as error:
            resources.results.error(f"{asked.field} is no path of a field: {error}")
            return
        if found is not None and found == value:
            resources.results.info("has this value", item, asked.field)
        elif found is not None:
            item.set(asked.field, value)
