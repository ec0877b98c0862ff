"""Rights to Secrets that reach into every namespace."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.links import of_rows
from krm_inference.validate_inference.findings import Finding, listed


def readable_everywhere(index: Index) -> Iterator[Finding]:
    """Yield bindings by which the Secret of a monitor, or one of its name, may be read in every namespace."""
    named = {link.name.text for link in of_rows(index, "monitor-secret")}
    for link in of_rows(index, "binding-role") if named else ():
        binding = link.field.object
        role = index.find(link.kind, link.name.text, "") if binding.kind == "ClusterRoleBinding" else None
        for rule in role.at("rules") if role is not None else ():
            names = {item.text for item in rule["resourceNames"]} & named
            if names and "secrets" in [item.text for item in rule["resources"]]:
                yield Finding(
                    binding.at("kind"), f"Secrets named {listed(names)} can be read in every namespace", "RoleBinding"
                )
