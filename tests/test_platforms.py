"""Each platform with each class of Gateways: the package that comes out, and what is refused with the reason."""

import os

import pytest
import yaml
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.validate_inference import validate_inference

from tests.conftest import Copy
from tests.support_matrix import BASE_CLASS, BASE_PLATFORM, CELLS, Cell, cells, store, whole

POSSIBLE = [cell for cell in cells() if cell.is_possible]
GKE_GROUPS = ("networking.gke.io", "monitoring.googleapis.com")


@pytest.mark.parametrize("cell", POSSIBLE, ids=str)
def test_the_package_of_a_cell_is_its_golden(cell: Cell, intent: Copy) -> None:
    """The intent of the base package, on this platform and with this class, renders to what is stored."""
    intent.edit(*cell.edits)
    assert intent.render(), intent.said
    rendered = intent.manifests()
    if os.environ.get("UPDATE_GOLDEN"):
        store(cell, rendered)
    assert rendered == whole(cell)


@pytest.mark.parametrize("cell", [cell for cell in cells() if not cell.is_possible], ids=str)
def test_an_impossible_cell_is_refused_with_the_reason(cell: Cell, intent: Copy) -> None:
    """GKE's classes elsewhere: no file is written, and the message says whose the class is and what to name."""
    intent.edit(*cell.edits)
    before = intent.texts()
    assert not intent.render()
    assert intent.texts() == before
    (fault,) = [line for line in intent.said if line.startswith("[error]")]
    assert "spec.gateway.className" in fault
    assert (
        f"{cell.gateway} is a class of GKE's own controller, which {PLATFORMS[cell.platform].title} does not" in fault
    )


@pytest.mark.parametrize("cell", POSSIBLE, ids=str)
def test_no_object_of_gke_leaves_gke(cell: Cell) -> None:
    """Elsewhere nothing is of GKE's groups, and no label of a node is GKE's."""
    text = "".join(whole(cell).values())
    groups = {document["apiVersion"].partition("/")[0] for document in yaml.safe_load_all(_joined(cell)) if document}
    if PLATFORMS[cell.platform].is_gke:
        assert "monitoring.googleapis.com" in groups
    else:
        assert not groups & set(GKE_GROUPS)
        assert "cloud.google.com" not in text
        assert "monitoring.coreos.com" in groups


@pytest.mark.parametrize("platform", [name for name in PLATFORMS if name != BASE_PLATFORM])
def test_a_package_that_moves_to_a_platform_and_back_is_as_before(platform: str, package: Copy) -> None:
    """What only the former platform wanted goes, and nothing of it is left behind."""
    before = package.texts()
    gateway = BASE_CLASS if PLATFORMS[platform].is_gke else "istio"
    edits = Cell(platform, gateway).edits
    package.edit(*edits)
    assert package.render(), package.said
    moved = {name: text for name, text in package.texts().items() if name in whole(Cell(platform, gateway))}
    assert moved.keys() == whole(Cell(platform, gateway)).keys()
    package.edit(*((new, old) for old, new in edits))
    assert package.render(), package.said
    assert _objects(package.texts()) == _objects(before)


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("monitoring.yaml", "port: metrics", "port: metric", "monitor-port"),
        ("monitoring.yaml", "inferencepool: vllm", "inferencepool: llm", "monitor-selector"),
        ("monitoring.yaml", "key: token", "key: tokens", "monitor-key"),
        ("model-server.yaml", 'nvidia.com/gpu: "1"', 'nvidia.com/gpu: "16"', "gpu-idle"),
        ("model-server.yaml", "--tensor-parallel-size=1", "--tensor-parallel-size=3", "gpu-heads"),
    ],
)
def test_validate_inference_reads_monitors_and_labels_off_gke(file: str, old: str, new: str, rule: str) -> None:
    """A monitor of the Prometheus Operator and the label of a GPU's product are read as GKE's are."""
    files = whole(Cell("kubernetes", "istio"))
    assert old in files[file]
    files[file] = files[file].replace(old, new)
    resources = ResourceList([Resource(text) for each in files.values() for text in each.split("\n---\n")])
    validate_inference(resources)
    assert any(result.tags.get("rule") == rule for result in resources.results), [str(one) for one in resources.results]


def _objects(files: dict[str, str]) -> list[object]:
    """Return the objects of files: values that come back may stand elsewhere in their map."""
    found = []
    for name, text in files.items():
        if name.endswith(".yaml") and not name.startswith("."):
            found += [document for document in yaml.safe_load_all(text) if document]
    return sorted(found, key=lambda one: (one["kind"], one["metadata"]["name"]) if "metadata" in one else ("", ""))


def _joined(cell: Cell) -> str:
    return "\n---\n".join(whole(cell).values())


def test_only_cells_have_goldens() -> None:
    """Each folder is of a possible cell, and each cell but the base itself has one."""
    base = str(Cell(BASE_PLATFORM, BASE_CLASS))
    assert {path.name for path in CELLS.iterdir()} == {str(cell) for cell in POSSIBLE} - {base}
