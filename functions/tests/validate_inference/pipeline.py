"""The functions of this repository that change something, as they are installed, in the order of our pipelines."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.function import registry

PACKAGES = Path(__file__).resolve().parents[3] / "packages"
INSTALLED = {name: each for name, each in registry.installed().items() if each.value.startswith("krm_inference.")}


def _declared(section: str, package: str = "llama-3.1-8b") -> list[str]:
    steps = Resource((PACKAGES / package / "Kptfile").read_text(encoding="utf-8")).get(f"pipeline.{section}")
    return [registry.parse_image(step["image"])[0] for step in steps]


VALIDATORS = _declared("validators")
# By the name of the folder. The packages use all that are installed: one that is left out fails here.
FUNCTIONS = tuple(name.replace("-", "_") for name in _declared("mutators"))
OF_CLUSTERS = _declared("mutators", "cluster")
assert sorted(INSTALLED) == sorted([name.replace("_", "-") for name in FUNCTIONS] + OF_CLUSTERS + VALIDATORS)


def function(name: str) -> Callable[[ResourceList], None]:
    """Return the function of a folder's name."""
    found: Callable[[ResourceList], None] = getattr(import_module(f"krm_inference.{name}"), name)
    return found
