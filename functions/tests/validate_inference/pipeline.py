"""The functions of this repository that change something, as they are installed, in the order of our pipelines."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.function import registry

KPTFILE = Path(__file__).resolve().parents[3] / "packages" / "llama-3.1-8b" / "Kptfile"
INSTALLED = {name: each for name, each in registry.installed().items() if each.value.startswith("krm_inference.")}


def _declared(section: str) -> list[str]:
    steps = Resource(KPTFILE.read_text(encoding="utf-8")).get(f"pipeline.{section}")
    return [registry.parse_image(step["image"])[0] for step in steps]


VALIDATORS = _declared("validators")
# By the name of the folder. The package uses all that are installed: one that is left out fails here.
FUNCTIONS = tuple(name.replace("-", "_") for name in _declared("mutators"))
assert sorted(INSTALLED) == sorted([name.replace("_", "-") for name in FUNCTIONS] + VALIDATORS)


def function(name: str) -> Callable[[ResourceList], None]:
    """Return the function of a folder's name."""
    found: Callable[[ResourceList], None] = getattr(import_module(f"krm_inference.{name}"), name)
    return found
