"""Rights: the roles that are bound to an account, and what they allow."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.groups import RBAC
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import Link, of_rows
from krm_inference.manifests.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def secrets_read(index: Index) -> set[tuple[str, str]]:
    """Return names and namespaces of the Secrets that bound roles let be read; "" is every one."""
    found = set()
    for link in of_rows(index, "binding-role"):
        binding = link.field.object
        role = index.find(link.kind, link.name.text, link.namespace)
        if role is None:
            found.add(("", binding.namespace))
        for rule in role.at("rules") if role is not None else ():
            if {"secrets", "*"} & {item.text for item in rule["resources"]}:
                names = {item.text for item in rule["resourceNames"]} if rule["resourceNames"].exists else {""}
                found |= {(name, binding.namespace) for name in names}
    return found


def roles_of(index: Index, account: str, namespace: str) -> Iterator[Object | None]:
    """Yield the roles that are bound to an account; None for one that is not here."""
    bound = {
        link.field.object: link.field.object.at("roleRef")
        for link in index.derive(_subjects).get(account, ())
        if meets(link.namespace, namespace)
    }
    for binding, reference in bound.items():
        yield index.find((RBAC, reference["kind"].text), reference["name"].text, binding.namespace)


def _subjects(index: Index) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in of_rows(index, "binding-subject"):
        found.setdefault(link.name.text, []).append(link)
    return found


def allows(role: Object, group: str, resource: str, verb: str) -> bool:
    """Say whether a role gives a right on all objects of a resource."""
    rules = role.field.map.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        if (
            isinstance(rule, dict)
            and _holds(rule.get("resources"), resource)
            and _holds(rule.get("apiGroups"), group)
            and _holds(rule.get("verbs"), verb)
        ):
            return rule.get("resourceNames") is None
    return role.at("aggregationRule").exists


def _holds(names: Any, wanted: str) -> bool:
    if not isinstance(names, list):
        return False
    return "*" in names or any((name if isinstance(name, str) else "") == wanted for name in names)
