"""krmfn graph: what is drawn, what is marked, and that the picture can be read."""

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.files import journal
from krm_inference.commands.graph import layout, mermaid, svg, topology
from krm_inference.commands.graph.topology import Topology
from krm_inference.validate_inference import validate_inference

PACKAGES = Path(__file__).parents[3] / "packages"
Render = Callable[..., ResourceList]

ARROWS = {
    "Gateway inference-gateway → HTTPRoute llm/llama-3.1",
    "Gateway inference-gateway → HTTPRoute llm/llama-3.1-redirect",
    "HTTPRoute llm/llama-3.1 → InferencePool llm/llama-3.1",
    "InferenceObjective for llama-3.1 → InferencePool llm/llama-3.1",
    "HealthCheckPolicy llm/llama-3.1 → InferencePool llm/llama-3.1",
    "GCPBackendPolicy llm/llama-3.1 → InferencePool llm/llama-3.1",
    "InferencePool llm/llama-3.1 asks Deployment llm/llama-3-1-epp",
    "InferencePool llm/llama-3.1 requests Deployment llm/llama-3.1",
    "Deployment llm/llama-3-1-epp → ConfigMap llm/llama-3-1-epp",
    "Deployment llm/llama-3.1 → ConfigMap llm/llama-3.1-adapters",
    "Deployment llm/llama-3.1 → Secret llm/hf-secret",
    "PodMonitoring llm/llama-3-1 scrapes Deployment llm/llama-3.1",
    "PodMonitoring llm/llama-3-1-epp scrapes Deployment llm/llama-3-1-epp",
    "PodMonitoring llm/llama-3-1-epp → Secret llm/llama-3-1-metrics-reader",
}


def _picture(resources: ResourceList) -> Topology:
    resources.results.clear()
    validate_inference(resources)
    return topology.of(resources)


def _services(least: str, count: int) -> list[str]:
    return [
        least.replace("llama-3.1\n", f"model-{number}\n").replace(
            "spec:\n", f"spec:\n  route: {{pathPrefix: /m{number}}}\n"
        )
        for number in range(count)
    ]


def test_the_request_can_be_followed(render: Render, full: str) -> None:
    """Every reference of a rendered service is an arrow, from the Gateway to the Secret, and there is no other."""
    picture = _picture(render(full))
    names = {box.id: f"{box.kind} {box.name}" for box in picture.boxes}
    shown = {f"{names[source]} {label or '→'} {names[target]}" for source, target, label in picture.arrows}
    assert shown == {arrow.replace("Gateway inf", "Gateway llm/inf") for arrow in ARROWS}


def test_a_box_says_what_matters(render: Render, full: str) -> None:
    """A reader sees ports, priorities, adapters, GPUs and times without opening a file."""
    facts = {(box.kind, box.name): box.facts for box in _picture(render(full)).boxes}
    assert facts["InferenceObjective", "for llama-3.1"] == ("food-review: priority 10", "batch: priority -1")
    assert facts["ConfigMap", "llm/llama-3.1-adapters"] == ("adapter food-review", "unloads cad-fabricator")
    assert facts["HTTPRoute", "llm/llama-3.1"] == (
        "llm.example.com",
        "/llama x-region: eu x-team: reviews",
        "/llama x-region: eu",
    )
    server = {"3 × Pod", "meta-llama/Llama-3.1-8B-Instruct", "2 × nvidia-h100-80gb"}
    assert server <= set(facts["Deployment", "llm/llama-3.1"])
    assert facts["Secret", "llm/hf-secret"] == ("not in these manifests",)
    assert "certificate llm-tls" in facts["Gateway", "llm/inference-gateway"]


def test_findings_are_marked_where_they_are(render: Render, least: str) -> None:
    """What validate-inference finds has a number, on the object that it is about and in the list below."""
    resources = render(least)
    route = resources.where("HTTPRoute")[0]
    route.set(
        "spec.rules",
        [{"backendRefs": [{"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "x"}]}],
    )
    picture = _picture(resources)
    box = next(box for box in picture.boxes if box.kind == "HTTPRoute")
    numbers = [finding.number for finding in box.findings]
    assert box.worst == "error"
    assert numbers
    assert [box.name for box in picture.boxes if not box.is_here and box.kind == "InferencePool"] == ["x"]
    texts = [
        element.text or "" for element in ET.fromstring(svg.draw(picture)).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert str(numbers[0]) in texts
    assert any(text.startswith(f"{numbers[0]} [error] HTTPRoute") for text in texts)
    assert f"findings {numbers[0]}" in mermaid.draw(picture)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_picture_can_be_read(render: Render, least: str, count: int) -> None:
    """No box covers another, none leaves the picture, and what belongs to one pool stands together in its column."""
    picture = _picture(render(*_services(least, count)))
    places = layout.places(picture)
    for one, other in itertools.combinations(places.values(), 2):
        assert (
            one.right <= other.x
            or other.right <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
    root = ET.fromstring(svg.draw(picture))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(
        place.x > 0 and place.right < width and place.y > 0 and place.y + place.height < height
        for place in places.values()
    )
    for column in range(topology.GATEWAY, topology.SECRET + 1):
        boxes = sorted((box for box in picture.boxes if box.column == column), key=lambda box: places[box.id].y)
        owners = [box.name.removesuffix("-epp").rpartition("model-")[2][:1] for box in boxes if "model-" in box.name]
        assert len([key for key, _ in itertools.groupby(owners)]) == len(set(owners))


def test_no_text_breaks_the_picture() -> None:
    """Names and messages are text in SVG and Mermaid, whatever they hold."""
    evil = 'a"]<b>&`#\n'
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": evil},
        "spec": {"gatewayClassName": evil, "listeners": [{"name": "x", "port": 80, "protocol": evil}]},
    }  # fmt: skip
    picture = _picture(ResourceList([Resource.new(gateway)]))
    assert ET.fromstring(svg.draw(picture)).tag.endswith("svg")
    label = mermaid.draw(picture).splitlines()[1].removeprefix('  n1["').removesuffix('"]')
    assert '"' not in label
    assert "<b>a#quot;]#lt;b#gt;" in label
    known = ("flowchart LR", "  n1[", "  classDef ", "  class n1 ", "  %% ")
    assert all(line.startswith(known) for line in mermaid.draw(picture).splitlines())


@pytest.mark.parametrize("command", ["graph", "explain", "source"])
def test_a_command_that_only_reads_finishes_a_render_that_was_killed_first(tmp_path: Path, command: str) -> None:
    """What is half done on disk is no package to report on."""
    package = shutil.copytree(PACKAGES / "llama-3.1-8b", tmp_path / "p")
    intent = package / "llm.yaml"
    before, after = intent.read_text(), intent.read_text() + "# newer\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_finish", lambda *_: [])  # killed as soon as the journal was there
        journal.write(package, [(intent, before, after)])
    run = [sys.executable, "-c", "from krm_functions_sdk.krmfn import main; exit(main())", command, str(package)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, f"{package}: finished a render that was killed\n")
    assert intent.read_text() == after
    assert not (package / journal.WORK).exists()
