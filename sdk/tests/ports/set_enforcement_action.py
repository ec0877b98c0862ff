"""Set the enforcement action of policy constraints."""

from dataclasses import dataclass
from typing import Literal

from krm_functions_sdk import ResourceList, is_api_version


@dataclass
class SetEnforcementAction:
    """Set the enforcement action of policy constraints."""

    enforcement_action: Literal["dryrun", "warn", "deny"]

    def __call__(self, resources: ResourceList) -> None:
        """Set it on every constraint of gatekeeper."""
        for constraint in resources.select(is_api_version("constraints.gatekeeper.sh/v1beta1")):
            constraint.set("spec.enforcementAction", self.enforcement_action)
