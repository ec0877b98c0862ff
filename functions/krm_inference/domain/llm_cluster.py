"""One LLMCluster: a GKE cluster that has the nodes on which LLMServices run."""

from __future__ import annotations

from functools import cache

from krm_functions_sdk import Resource

from krm_inference.domain.placement import Part
from krm_inference.domain.record import Record
from krm_inference.domain.service import GROUP, Intent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk import Schema

    from krm_inference.domain.facts.accelerators import Accelerator

KIND = "LLMCluster"
# By which label Pods choose a compute class (GKE, About custom ComputeClasses).
CLASS_LABEL = "cloud.google.com/compute-class"
FLEX_START, SPOT, RESERVATION = "FlexStart", "Spot", "Reservation"


class Nodes(Record):
    """The nodes with one accelerator: what the intent says of them, and the row of the table.

    `each` is how many of it one machine has.
    """

    name: str
    kind: str
    accelerator: Accelerator
    each: int
    part: Part
    spec: dict[str, Any]

    @property
    def machine(self) -> str:
        """GKE's machine type."""
        return self.accelerator.machine(self.each)

    @property
    def capacity(self) -> list[str]:
        """From where the machines come, in the order in which it is tried."""
        return list(self.spec["capacity"])

    def is_class(self, platform: str) -> bool:
        """Say whether a compute class makes these nodes, and no node pool."""
        is_plain = self.capacity == ["OnDemand"]
        if platform == "gke-autopilot":
            return not is_plain
        return len(self.capacity) > 1 or self.capacity == [FLEX_START]

    @property
    def units(self) -> int:
        """Accelerators, or parts of them, that all nodes have for Pods at most."""
        slices = 1
        if self.part.partition:
            from krm_inference.domain.facts.partitions import PARTITIONS

            slices = int(1 / PARTITIONS[self.kind][self.part.partition][0])
        return int(self.spec["maxNodes"]) * self.each * self.part.shared_by * slices


class LLMCluster(Intent):
    """One LLMCluster with its defaults applied; `spec` has the shape of its schema."""

    @property
    def platform(self) -> str:
        return str(self.spec["platform"])

    @property
    def is_autopilot(self) -> bool:
        return self.platform == "gke-autopilot"

    @property
    def project(self) -> str:
        return str(self.spec["project"])

    @property
    def location(self) -> str:
        return str(self.spec["location"])

    @property
    def nodes(self) -> list[Nodes]:
        """The nodes with accelerators, in the order of the intent."""
        from krm_inference.domain.facts.accelerators import ACCELERATORS

        return [
            Nodes(
                said.get("name", f"{said['type']}-x{said['count']}"),
                said["type"],
                ACCELERATORS[said["type"]],
                said["count"],
                Part(said.get("partition", ""), said.get("sharedBy", 1)),
                said,
            )
            for said in self.spec["accelerators"]
        ]


def is_llm_cluster(resource: Resource) -> bool:
    """Say whether a resource is an LLMCluster, of whatever version."""
    return resource.kind == KIND and resource.group == GROUP


@cache
def schema() -> Schema:
    """Return the schema of an LLMCluster."""
    from pathlib import Path

    from krm_functions_sdk import Schema
    from krm_functions_sdk.document import parser, tree

    text = Path(__file__).with_name("llm_cluster.schema.yaml").read_text(encoding="utf-8")
    return Schema(tree.value(parser.parse(text)))
