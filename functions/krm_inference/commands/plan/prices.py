"""Prices of an hour of one GPU, from a file of the user's."""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.function.command_line import Misuse

from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EXPECTED = "expected currency: EUR and gpuHour: {nvidia-l4: 0.70}"


class Prices(Record):
    """The price of one GPU for an hour, by accelerator."""

    currency: str
    gpu_hour: dict[str, float]

    def hour(self, accelerator: str, gpus: int) -> float | None:
        """Return what so many GPUs cost in an hour, None where no price is known."""
        price = self.gpu_hour.get(accelerator)
        return None if price is None else price * gpus


NONE = Prices("", {})


def read(file: str) -> Prices:
    """Return the prices in a file. Raises Misuse."""
    try:
        value = tree.value(parser.parse(Path(file).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"--prices: {file} cannot be read: {error}") from None
    except YamlFault as fault:
        raise Misuse(f"--prices: {file}: {fault}") from None
    return _checked(file, value)


def _checked(file: str, value: Any) -> Prices:
    if not isinstance(value, dict) or not isinstance(value.get("gpuHour"), dict):
        raise Misuse(f"--prices: {file} has no map gpuHour, {_EXPECTED}")
    if unknown := sorted(str(key) for key in value.keys() - {"currency", "gpuHour"}):
        raise Misuse(f"--prices: {file} has {unknown[0]}, {_EXPECTED}")
    for name, price in value["gpuHour"].items():
        if isinstance(price, bool) or not isinstance(price, int | float) or price < 0:
            raise Misuse(f"--prices: {file}: gpuHour.{name}: found {price}, expected a number")
    return Prices(str(value.get("currency", "")), {str(name): float(price) for name, price in value["gpuHour"].items()})
