"""Each kind of accelerator: the package that comes out of an intent, and what is refused with the reason."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain import intent as intents
from krm_inference.domain.facts import nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS, OTHERS, PROPOSED, REFUSED
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.partitions import PARTITIONS, of
from krm_inference.domain.facts.platforms import PLATFORMS

from tests.conftest import Copy

FOLDER = Path(__file__).parent / "accelerators"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/llm.yaml"))
INTENT = "llm.yaml"


@pytest.mark.parametrize("name", CASES)
def test_the_package_of_an_accelerator_is_its_golden(name: str, intent: Copy) -> None:
    """The intent renders to what is stored beside it, without a fault or a warning."""
    intent.write(INTENT, (FOLDER / name / INTENT).read_text(encoding="utf-8"))
    assert intent.is_golden(FOLDER / name)
    assert not [line for line in intent.said if line.startswith(("[error]", "[warning]"))]


def test_every_backend_and_every_part_of_a_gpu_has_a_golden() -> None:
    """No vLLM, no slice and no sharing is without a package that shows it."""
    said = [yaml.safe_load((FOLDER / name / INTENT).read_text())["spec"]["accelerator"] for name in CASES]
    assert {ACCELERATORS[one["type"]].backend for one in said} == set(BACKENDS)
    assert any("partition" in one for one in said)
    assert any("sharedBy" in one for one in said)


@pytest.mark.parametrize("name", CASES)
def test_a_container_asks_for_the_resource_whose_taint_its_pod_tolerates(name: str) -> None:
    """Resource and taint have one name; without an accelerator there is neither."""
    pod = next(yaml.safe_load_all((FOLDER / name / "model-server.yaml").read_text()))["spec"]["template"]["spec"]
    spec = yaml.safe_load((FOLDER / name / INTENT).read_text())["spec"]
    resource = BACKENDS[ACCELERATORS[spec["accelerator"]["type"]].backend].resource
    limits = pod["containers"][0]["resources"].get("limits", {})
    assert set(limits) == ({resource} if resource else set())
    tolerated = {taint["key"] for taint in pod.get("tolerations", [])}
    assert tolerated >= set(limits)
    assert bool(tolerated) == bool(resource)


ACCELERATOR = {"type": "nvidia-h100-80gb"}
REFUSALS = [
    ({"accelerator": {"type": "tpu-v6e-slice", "count": 2}}, "count", "all chips of a machine", "expected 1, 4 or 8"),
    (
        {"accelerator": {"type": "tpu-v6e-slice"}, "platform": "eks"},
        "type",
        "Google's own, which EKS does not have",
        "",
    ),
    ({"accelerator": {"type": "tpu-v6e-slice"}, "security": "restricted"}, "security", "not tested as a user", ""),
    (
        {"accelerator": {"type": "tpu-v6e-slice"}, "adapters": [{"name": "a", "source": "b/c"}]},
        "adapters",
        "loaded",
        "",
    ),
    (
        {"accelerator": {"type": "amd-mi300x"}, "platform": "kubernetes", "security": "restricted"},
        "security",
        "kfd",
        "",
    ),
    ({"accelerator": {"type": "amd-mi300x"}}, "type", "GKE Standard has no amd-mi300x", "nodeSelector"),
    ({"accelerator": {"type": "nvidia-l40s"}, "platform": "aks"}, "type", "AKS has no nvidia-l40s", "nvidia-h100-nvl"),
    (
        {"accelerator": {"type": "nvidia-tesla-v100"}},
        "type",
        "capability 7.5 and higher, and it has 7.0",
        "server.image",
    ),
    ({"accelerator": {**ACCELERATOR, "partition": "3g.41gb"}}, "partition", "no slice 3g.41gb", "3g.40gb"),
    ({"accelerator": {"type": "nvidia-l4", "partition": "3g.40gb"}}, "partition", "no slices of it are known", ""),
    ({"accelerator": {**ACCELERATOR, "partition": "3g.40gb", "count": 2}}, "count", "has one", "is 2"),
    ({"accelerator": {**ACCELERATOR, "sharedBy": 2}, "platform": "eks"}, "sharedBy", "does not label", "nodeSelector"),
    ({"accelerator": {**ACCELERATOR, "sharedBy": 2, "partition": "3g.40gb"}}, "sharedBy", "leave out partition", ""),
    ({"accelerator": {"type": "cpu", "sharedBy": 2}}, "sharedBy", "cpu is not divided", "NVIDIA's"),
    (
        {"accelerator": {"type": "nvidia-gb200"}, "adapters": [{"name": "a", "source": "b/c"}]},
        "adapters",
        "processors are Arm",
        "syncer",
    ),
]


@pytest.mark.parametrize(("spec", "field", "reason", "way_out"), REFUSALS)
def test_an_impossible_pair_is_refused_with_the_reason(
    spec: dict[str, Any], field: str, reason: str, way_out: str
) -> None:
    """On the field that says it, with what it contradicts and what would do."""
    resources = ResourceList([Resource(emitter.document(_service(spec)), path=INTENT)])
    intents.read(resources)
    faults = [result for result in resources.results if (result.field or "").endswith(field)]
    assert [fault for fault in faults if reason in fault.message and way_out in fault.message], list(
        map(str, resources.results)
    )


def _service(spec: dict[str, Any]) -> dict[str, Any]:
    gateway = {"name": "inference-gateway"}
    if not PLATFORMS[spec.get("platform", "gke-standard")].is_gke:
        gateway["className"] = "istio"
    whole = {"release": "gaie-v1.5", "model": {"id": "Qwen/Qwen3-0.6B"}, "gateway": gateway, **spec}
    head = {"apiVersion": "inference.fn.kpt.dev/v1alpha1", "kind": "LLMService", "metadata": {"name": "chat"}}
    return {**head, "spec": whole}


@pytest.mark.parametrize("kind", ACCELERATORS)
def test_each_accelerator_names_its_source_and_is_on_some_platform(kind: str) -> None:
    """No figure is without a sheet, and no row is one that nobody can ask for."""
    assert ACCELERATORS[kind].source
    assert any(kind in nodes.machines(platform) for platform in PLATFORMS)


def test_no_platform_has_nodes_of_an_accelerator_without_figures() -> None:
    """The tables of nodes name rows of the table of accelerators, and no name is served and refused."""
    for rows in nodes.NODES.values():
        assert set(rows) <= set(ACCELERATORS)
    assert set(REFUSED) <= set(OTHERS)
    assert not set(OTHERS) & set(ACCELERATORS)
    assert set(PROPOSED) < set(ACCELERATORS)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, row in PARTITIONS.items() for name in row])
def test_a_slice_has_the_memory_that_its_name_says(kind: str, name: str) -> None:
    """Within a tenth: names are rounded GB of the whole memory, and a process gets a little less."""
    slice_of = of(ACCELERATORS[kind], kind, name)
    said = float(name.partition(".")[2].removesuffix("gb"))
    assert 0.85 * said <= slice_of.memory * 2**30 / 1e9 <= 1.15 * said + 0.5
    assert slice_of.bandwidth <= ACCELERATORS[kind].bandwidth
