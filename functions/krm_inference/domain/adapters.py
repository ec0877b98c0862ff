"""LoRA adapters: the slots and the rank that vLLM needs for them, and the syncer's configuration."""

from __future__ import annotations

from krm_functions_sdk import because
from krm_functions_sdk.document import emitter

from krm_inference.domain.facts.lora import RANKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULT_RANK = 16
# Where a claim with adapters is mounted: /adapters is where the tutorial has a volume, which stays its user's.
FOLDER = "/lora-adapters"
# Each slot takes GPU memory of the size of an adapter; more adapters than this wait for a slot.
MOST_SLOTS = 8
LEAST_IN_HOST_MEMORY = 12
_MOST_NAMED = 3


class Adapters:
    """The adapters of one server: those to load, and those to unload. `declared` has them as the user wrote them."""

    def __init__(
        self, present: list[dict[str, Any]], absent: list[dict[str, Any]], declared: list[dict[str, Any]]
    ) -> None:
        self.present = present
        self.absent = absent
        self._undeclared = {adapter["name"] for adapter in declared if "rank" not in adapter}

    def __bool__(self) -> bool:
        return bool(self.present or self.absent)

    @property
    def slots(self) -> int:
        """Adapters that are in GPU memory at once, 0 without any."""
        return max(1, min(len(self.present), MOST_SLOTS)) if self else 0

    @property
    def rank(self) -> int:
        """The highest rank that a slot holds."""
        return self._rank()[0]

    def flags(self) -> list[Any]:
        """Return the LoRA flags of the server."""
        count = len(self.present)
        noun = "adapter" if count == 1 else "adapters"
        slots = max(1, min(count, MOST_SLOTS))
        in_host = max(count, LEAST_IN_HOST_MEMORY)
        rank, reason = self._rank()
        slot_reason = f"{count} {noun}, so that none waits for another's slot"
        if count > MOST_SLOTS:
            slot_reason = f"of {count} {noun}, {MOST_SLOTS} at a time: each slot takes GPU memory"
        host_reason = f"{count} {noun}, at least {LEAST_IN_HOST_MEMORY}: in host memory they need no reload from disk"
        if not count:
            slot_reason = host_reason = "no adapter is to be loaded"
        return [
            "--enable-lora",
            because(f"--max-loras={slots}", slot_reason),
            because(f"--max-cpu-loras={in_host}", host_reason),
            because(f"--max-lora-rank={rank}", reason),
        ]

    def _rank(self) -> tuple[int, str]:
        ranks = {adapter["name"]: adapter["rank"] for adapter in self.present}
        highest = max(ranks.values(), default=DEFAULT_RANK)
        allowed = min(rank for rank in RANKS if rank >= highest)
        names = [name for name, rank in ranks.items() if rank == highest]
        shown = ", ".join(names[:_MOST_NAMED]) + (
            f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        )
        undeclared = [name for name in names if name in self._undeclared]
        assumed = f" (undeclared: counts as {DEFAULT_RANK})" if undeclared else ""
        if not names:
            return allowed, "no adapter is to be loaded"
        return allowed, f"smallest allowed value that holds rank {highest} of {shown}{assumed}"

    def syncer_config(self, service: str, port: int, model: str) -> str:
        """Return the file that the LoRA syncer follows, in its schema `vLLMLoRAConfig`."""
        config: dict[str, Any] = {"name": service, "port": port, "defaultBaseModel": model}
        for key, adapters in (("ensureExist", self.present), ("ensureNotExist", self.absent)):
            if adapters:
                config[key] = {"models": [{"id": item["name"], "source": item["source"]} for item in adapters]}
        return emitter.document({"vLLMLoRAConfig": config})
