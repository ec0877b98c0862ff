"""The pipeline of a new package, run in memory over intents and manifests as often as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from krm_functions_sdk import Resource, Results
from krm_functions_sdk.document import emitter
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.kpt.steps import Step

from krm_inference.commands import package_files
from krm_inference.domain.service import is_llm_service


class Trial:
    """A package of nothing but a Kptfile; what is rendered in it is given each time, and never written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def render(self, intents: list[dict[str, Any]]) -> tuple[list[Resource], Results]:
        """Return the objects that follow from intents alone, and what the functions say; none after an error."""
        given = [Resource(emitter.document(value), path=file) for value, file in named(intents)]
        rendering = Making(self.root, given)
        worked = rendering.run()
        objects = [item for item in rendering.resources if not is_for_tools(item)]
        return (objects if worked else []), rendering.results


class Making(Rendering):
    """A render without its validators, of what is given beside the Kptfile, or of the files where nothing is."""

    stops_early = True

    def __init__(self, root: Path, given: list[Resource] | None = None) -> None:
        self.given = given
        super().__init__(root, None if given is None else self._begin)

    def _begin(self, resources: list[Resource]) -> list[Resource]:
        return [*resources, *(self.given or [])]

    def _step(
        self, package: Package, step: Step, function: Function, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        return items if step.is_validator else super()._step(package, step, function, items, owner)


@contextmanager
def trial() -> Iterator[Trial]:
    """Have a folder in which a pipeline can be tried."""
    with TemporaryDirectory(prefix="krmfn-adopt-") as place:
        (Path(place) / "Kptfile").write_text(package_files.texts("adopted", "")["Kptfile"], encoding="utf-8")
        yield Trial(Path(place))


def named(intents: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each intent with the name of its file."""
    for value in intents:
        yield value, package_files.INTENT if len(intents) == 1 else f"{value['metadata']['name']}.yaml"


def is_for_tools(resource: Resource) -> bool:
    """Say whether a resource never reaches a cluster."""
    return resource.is_local_config or resource.kind == "Kptfile" or is_llm_service(resource)
