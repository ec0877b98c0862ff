"""The Kptfile as a function reads and edits it: pipeline, info, readiness gates and conditions.

What kpt itself keeps in it (`upstream`, `upstreamLock`, `inventory`, the comments `# kpt-merge`) is never touched. The
fields are those of `kpt.dev/v1`.
"""

from __future__ import annotations

from krm_functions_sdk.document import field_path, tree
from krm_functions_sdk.document.field_path import Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from krm_functions_sdk.resources.resource import Resource
    from krm_functions_sdk.resources.resource_list import ResourceList

SECTIONS = ("mutators", "validators")
STATUSES = ("True", "False", "Unknown")
_INFO = ("site", "emails", "license", "licenseFile", "description", "keywords", "man")
_GATES = "info.readinessGates"


class Kptfile:
    """The Kptfile `resource` of a package. Raises YamlFault where its text cannot be read or edited."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    @classmethod
    def of(cls, resources: ResourceList) -> Kptfile | None:
        """Return the Kptfile of the package itself, not of one below it; None where there is none."""
        found = [
            resource for resource in resources.where("Kptfile", group="kpt.dev") if resource.path in (None, "Kptfile")
        ]
        return cls(min(found, key=lambda resource: len(resource.package_path))) if found else None

    # Pipeline

    def functions(self, section: str = "mutators") -> list[dict[str, Any]]:
        """Return the functions of the `mutators` or `validators`, in order, each as the Kptfile declares it."""
        found = self.resource.get(f"pipeline.{_section(section)}")
        return [step for step in found if isinstance(step, dict)] if isinstance(found, list) else []

    def find(self, function: str, section: str = "mutators") -> dict[str, Any] | None:
        """Return the first function of that name, image (of any tag) or exec; None where there is none."""
        return next((step for step in self.functions(section) if function in _names(step)), None)

    def upsert(self, function: Mapping[str, Any], section: str = "mutators", *, before: str = "") -> None:
        """Make the function of this name, or of this image or exec, say what `function` says, or add it.

        One that is there keeps its place and the comments of what stays; its tag may change. A new one is the last, or
        stands before the function of the name, image (of any tag) or exec that `before` gives. Raises ValueError where
        `function` has neither image nor exec or both, where several could be meant, or where none is `before`.
        """
        wanted = dict(function)
        if bool(wanted.get("image")) == bool(wanted.get("exec")):
            raise ValueError(f"found {wanted}, expected a function with either image or exec")
        there = self._meant(wanted, section)
        if before and not there:
            self._insert(wanted, section, before)
            return
        key = "name" if there and wanted.get("name") and there.get("name") == wanted["name"] else _runner(wanted)
        if there and key != "name" and there[key] != wanted[key]:
            self._replace(f"pipeline/{section}/{key}", there[key], wanted[key])
        path = field_path.show(("pipeline", section, Match(key, str(wanted[key]))))
        self.resource.set(path, wanted)

    def _insert(self, wanted: dict[str, Any], section: str, before: str) -> None:
        steps = self.functions(section)
        at = next((at for at, step in enumerate(steps) if before in _names(step)), None)
        if at is None:
            raise ValueError(f"found no {before} in the {section} to put {wanted[_runner(wanted)]} before")
        self.resource.set(f"pipeline.{section}", [*steps[:at], wanted, *steps[at:]])

    def remove(self, function: str, section: str = "mutators") -> bool:
        """Remove every function of that name, image (whatever its tag) or exec, and say whether there was one."""
        found = [step for step in self.functions(section) if function in _names(step)]
        for step in found:
            key = "name" if step.get("name") == function else _runner(step)
            self.resource.remove(field_path.show(("pipeline", section, Match(key, str(step[key])))))
        return bool(found)

    def _meant(self, wanted: dict[str, Any], section: str) -> dict[str, Any] | None:
        steps = self.functions(section)
        if name := wanted.get("name"):
            named = [step for step in steps if step.get("name") == name]
            if named:
                return named[0]
        key = _runner(wanted)
        alike = [step for step in steps if key in step and repository(str(step[key])) == repository(wanted[key])]
        alike = [step for step in alike if not (name and step.get("name"))]
        if len(alike) > 1:
            raise ValueError(f"found {len(alike)} {section} {wanted[key]}, expected one: give them names")
        return alike[0] if alike else None

    def _replace(self, path: str, old: str, new: str) -> None:
        from krm_functions_sdk.resources import field_specs

        field_specs.update(self.resource, path, lambda have: new if have == old else have)

    # Info

    def info(self, field: str, default: Any = None) -> Any:
        """Return a field of `info`, such as `description` or `keywords`, or `default`. Raises ValueError."""
        return self.resource.get(f"info.{_info(field)}", default)

    def set_info(self, field: str, value: Any) -> None:
        """Set a field of `info`; None removes it. Raises ValueError where kpt knows no such field."""
        if value is None:
            self.resource.remove(f"info.{_info(field)}")
        else:
            self.resource.set(f"info.{_info(field)}", value)

    @property
    def readiness_gates(self) -> list[str]:
        """The types of the conditions that must be True before the package counts as ready."""
        gates = self.resource.get(_GATES)
        return [str(gate.get("conditionType")) for gate in gates or [] if isinstance(gate, dict)]

    def add_readiness_gate(self, condition_type: str) -> None:
        """Make the package wait for a condition. Raises ValueError where it has no name."""
        self.resource.set(f"{_GATES}{_matched('conditionType', condition_type)}", {"conditionType": condition_type})

    def remove_readiness_gate(self, condition_type: str) -> None:
        """Make the package wait for a condition no longer."""
        self.resource.remove(f"{_GATES}{_matched('conditionType', condition_type)}")

    # Conditions

    def condition(self, condition_type: str) -> dict[str, Any] | None:
        """Return the condition of that type in `status.conditions`, None where there is none."""
        found = self.resource.find(_condition(condition_type))
        value = None if found is None else tree.value(found)
        return value if isinstance(value, dict) else None

    def set_condition(self, condition_type: str, status: str, reason: str = "", message: str = "") -> None:
        """Set the condition of that type: status is `True`, `False` or `Unknown`. Raises ValueError."""
        if status not in STATUSES:
            raise ValueError(f"found the status {status!r}, expected one of {', '.join(STATUSES)}")
        parts = {"type": condition_type, "status": status, "reason": reason, "message": message}
        self.resource.set(_condition(condition_type), {key: part for key, part in parts.items() if part})

    def remove_condition(self, condition_type: str) -> None:
        """Remove the condition of that type, if it is there."""
        self.resource.remove(_condition(condition_type))


def repository(image: str) -> str:
    """Return an image without its tag and digest: `example.com:5000/set-labels` of `example.com:5000/set-labels:v1`."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(":")[0]


def _names(step: dict[str, Any]) -> tuple[str, ...]:
    runner = str(step.get(_runner(step), ""))
    return tuple(name for name in (step.get("name"), runner, repository(runner)) if name)


def _runner(step: Mapping[str, Any]) -> str:
    return "exec" if step.get("exec") else "image"


def _section(section: str) -> str:
    if section not in SECTIONS:
        raise ValueError(f"found the section {section!r}, expected {' or '.join(SECTIONS)}")
    return section


def _info(field: str) -> str:
    if field not in _INFO:
        raise ValueError(f"found {field!r}, expected one of {', '.join(_INFO)}")
    return field


def _matched(key: str, value: str) -> str:
    if not value:
        raise ValueError(f'found the {key} "", expected the name of a condition')
    return field_path.show((Match(key, value),))


def _condition(condition_type: str) -> str:
    return "status.conditions" + _matched("type", condition_type)
