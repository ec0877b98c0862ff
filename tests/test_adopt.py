"""krmfn adopt: from manifests to the shortest intent that renders them, and back, with nothing lost on the way."""

import io
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk import Resource
from krm_functions_sdk.document import stream
from krm_functions_sdk.kpt.render import Rendering
from krm_inference.commands import adopt as command
from krm_inference.commands.adopt import adoption, comparison, optional, report
from krm_inference.commands.adopt.trial import trial
from krm_inference.domain import intent as intents
from krm_inference.domain.service import is_llm_service

from tests.conftest import ROOT
from tests.support_matrix import Cell, cells, whole

PACKAGES = sorted(
    path.parent
    for path in (ROOT / "packages").glob("*/Kptfile")
    if any("\nkind: LLMService\n" in file.read_text() for file in path.parent.glob("*.yaml"))
)
GOLDEN = sorted(path for path in (ROOT / "tests" / "golden").iterdir() if path.is_dir())
CELLS = [cell for cell in cells() if cell.is_possible]
SAMPLE = ("eks-istio", "gke-autopilot-gke-l7-rilb", "openshift-nginx")
TUTORIAL = ("01", "02", "04b", "05b", "06b")
CHARTS = ("gaie-inferencepool-v1.0.0", "gaie-inferencepool-v1.5.0", "llm-d-router-gateway-v0.10.0")
SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
  labels:
    team: search # ours
spec:
  replicas: 2
  selector:
    matchLabels:
      app: chat
  template:
    metadata:
      labels:
        app: chat
    spec:
      nodeSelector:
        cloud.google.com/gke-accelerator: nvidia-l4
      containers:
      - name: main
        image: docker.io/vllm/vllm-openai:v0.33.0
        args: [--model=Qwen/Qwen3-8B, --max-model-len, "8192", --trust-remote-code]
        env:
        - name: VLLM_LOGGING_LEVEL
          value: DEBUG
        resources:
          limits:
            nvidia.com/gpu: 2
      - name: proxy
        image: example.com/proxy:1.0.0
"""


def objects(texts: dict[str, str]) -> list[Resource]:
    """Return the objects for a cluster in the files of a package."""
    found = []
    for path, text in texts.items():
        if path.startswith("kust") or not path.endswith(".yaml"):
            continue
        parts = [document for document in stream.split(text) if not document.is_empty]
        found += [Resource(part.text, path=path, index=index) for index, part in enumerate(parts)]
    return [item for item in found if not is_llm_service(item)]


def texts(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in root.rglob("*") if path.is_file()}


def whole_intents(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return intents by their names, with all defaults."""
    return {one["metadata"]["name"]: intents.schema().with_defaults(one) for one in found}


def accounted(found: adoption.Adoption) -> None:
    """Hold that each line of each object is rendered, kept or told as changed."""
    for one in found.became:
        lines = comparison.lines(one)
        assert lines.rendered + len(lines.kept) + len(lines.changed) == lines.all


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_what_our_packages_render_leads_back_to_their_intents(package: Path, tmp_path: Path) -> None:
    """The intents are the same but for spelt-out defaults, and the files but for reasons that speak of these."""
    theirs = texts(package)
    source = tmp_path / "manifests"
    source.mkdir()
    for item in objects(theirs):
        (source / str(item.path)).write_bytes(theirs[str(item.path)].encode())
    assert command.main([str(source), str(tmp_path / "adopted")]) == 0
    written = texts(tmp_path / "adopted")
    rendered = {path: re.sub(" # .*", "", text) for path, text in theirs.items() if (source / path).exists()}
    assert {path: re.sub(" # .*", "", written[path]) for path in rendered} == rendered
    own = [item.data for item in intents_in(theirs)]
    assert whole_intents([item.data for item in intents_in(written)]) == whole_intents(own)


def intents_in(found: dict[str, str]) -> list[Resource]:
    """Return the LLMServices in the files of a package."""
    every = (Resource(text, path=path) for path, text in found.items() if path.endswith(".yaml") and "---" not in text)
    return [item for item in every if is_llm_service(item)]


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_each_release_and_gateway_leads_back(folder: Path) -> None:
    """Of each golden package every line is rendered by the intent that is found, and nothing is added."""
    holds(adoption.adopt(objects(texts(folder))))


@pytest.mark.parametrize("cell", [cell for cell in CELLS if str(cell) in SAMPLE], ids=str)
def test_a_sample_of_platforms_leads_back(cell: Cell) -> None:
    """Of some cells of the support matrix, too."""
    leads_back(cell)


OTHERS = [cell for cell in CELLS if str(cell) not in SAMPLE]


@pytest.mark.parametrize("cell", OTHERS if os.environ.get("SEARCH") == "far" else OTHERS[::3], ids=str)
def test_each_platform_leads_back(cell: Cell) -> None:
    """And of all the others, near by of one of three."""
    leads_back(cell)


def leads_back(cell: Cell) -> None:
    found = adoption.adopt(objects(whole(cell)))
    holds(found)
    spec = found.intents[0]["spec"]
    assert spec.get("platform", "gke-standard") in (cell.platform, "kubernetes")
    assert spec["gateway"].get("className", "gke-l7-regional-external-managed") == cell.gateway


def holds(found: adoption.Adoption) -> None:
    """Hold that the intents render all there was, and no more."""
    wrong = [(one.now, line) for one in found.became for line in comparison.lines(one).changed]
    kept = [(one.now, line) for one in found.became for line in comparison.lines(one).kept]
    assert (wrong, kept) == ([], [])
    assert not found.new
    assert all(not comparison.lines(one).added for one in found.became)
    accounted(found)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_no_field_of_the_intent_can_go(package: Path) -> None:
    """What is found is the shortest: without any of its fields something else is rendered, or nothing.

    The intents are those of the package without defaults, to which its manifests lead back.
    """
    found = [optional.trimmed(item.data) for item in intents_in(texts(package))]
    with trial() as place:
        made, _ = place.render(found)
        before = [item.text for item in made]
        for number, value in enumerate(found):
            spec = value["spec"]
            for path in {optional.removed(spec, path): None for path in optional.removable(spec)}:
                other = optional.without(value, path)
                made, results = place.render([*found[:number], other, *found[number + 1 :]])
                assert results.failed or [item.text for item in made] != before, path


def test_the_tutorial_is_adopted_whole(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its pool is a chart's and not among the files; each line is told, and what comes out renders."""
    source = tmp_path / "tutorial"
    source.mkdir()
    for file in (shared / "tutorial").glob("*.yaml"):
        if file.name.startswith(tuple(f"{number}-" for number in TUTORIAL)):
            (source / file.name).write_bytes(file.read_bytes())
    package = tmp_path / "adopted"
    assert command.main([str(source), str(package)]) == 0
    said = capsys.readouterr()
    assert "HTTPRoute my-route → vllm-llama3.1-8b-instruct" in said.out
    assert "ConfigMap vllm-llama3.1-8b-adapters → vllm-llama3.1-8b-instruct-adapters" in said.out
    assert "LD_LIBRARY_PATH=" in said.out  # what its script set besides
    assert "ClusterRole inference-gateway-metrics-reader (01-metrics-rbac.yaml:2)" in said.out
    assert "[error]" not in said.err
    spec = yaml.safe_load((package / "llm.yaml").read_text())["spec"]
    assert spec == {
        "release": "gaie-v1.0",
        "model": {"id": "meta-llama/Llama-3.1-8B-Instruct"},
        "replicas": 3,
        "accelerator": {"type": "nvidia-h100-80gb"},
        "server": {"image": "vllm/vllm-openai:latest"},
        "adapters": [
            {"name": "food-review", "source": "Kawon/llama3.1-food-finetune_v14_r8", "priority": 10},
            {"name": "cad-fabricator", "source": "redcathode/fabricator"},
        ],
        "objectives": [{"name": "llama3-base-model", "priority": 20}],
        "gateway": {"name": "inference-gateway"},
    }
    server = (package / "model-server.yaml").read_text()
    assert "# Versions of vllm after v0.8.5 have an issue" in server
    assert 'mountPath: "/adapters"' in server  # its own volume, which none of ours may take
    rendering = Rendering(package)
    assert rendering.run()
    assert not rendering.changes
    there = [item for path, text in texts(source).items() for item in objects({path: text})]
    accounted(adoption.adopt(there))


@pytest.mark.parametrize("chart", CHARTS)
def test_the_output_of_a_chart_is_adopted_with_the_server_that_it_serves(shared: Path, chart: str) -> None:
    """Release, pool and picker are those of the chart, object by object; what the chart has otherwise is told."""
    server = (shared / "tutorial" / "02-vllm-llama3.1-8b-instruct.yaml").read_text().partition("\n---")[0]
    there = objects({"server.yaml": server, "chart.yaml": (shared / "charts" / f"{chart}.yaml").read_text()})
    found = adoption.adopt(there)
    accounted(found)
    release = found.intents[0]["spec"]["release"]
    assert release in chart.replace("inferencepool-", "").replace("-gateway", "")
    made = {(one.now.kind, one.made is not None) for one in found.became}
    assert {("InferencePool", True), ("Deployment", True), ("Service", True), ("ConfigMap", True)} <= made
    rendered, all_ = comparison.share(found)
    assert rendered / all_ > 0.7
    taken = {(one.now.kind, one.theirs.resource.name, one.now.name) for one in found.became if one.made is not None}
    assert not [names for names in taken if names[0].startswith("Role") and "metrics" in names[2]]  # rights of pickers
    said = report.text(found, [])
    assert "containers[name=lora-adapter-syncer], 7 lines: gone" in said


@pytest.mark.parametrize("chart", CHARTS)
def test_the_output_of_a_chart_alone_is_answered_by_what_is_missing(
    shared: Path, chart: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chart makes pool and picker; whose servers they are for is said."""
    assert command.main([str(shared / "charts" / f"{chart}.yaml")]) == 1
    said = capsys.readouterr().err
    assert "sends requests to Pods with app=vllm-llama3.1-8b-instruct; give the Deployment that makes them" in said


def test_what_no_function_owns_stays_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A label with its comment, a sidecar, a flag, a variable: in the intent where it can say them, else as edits."""
    source = tmp_path / "manifests"
    source.mkdir()
    (source / "server.yaml").write_text(SERVER)
    (source / "notes.yaml").write_text("just: notes\n")
    package = tmp_path / "adopted"
    assert command.main([str(source), str(package)]) == 0
    said = capsys.readouterr().out
    spec = yaml.safe_load((package / "llm.yaml").read_text())["spec"]
    assert spec["accelerator"] == {"type": "nvidia-l4", "count": 2}
    assert spec["model"] == {"id": "Qwen/Qwen3-8B", "maxModelLen": 8192}
    assert spec["server"] == {
        "extraArgs": ["--trust-remote-code"],
        "env": [{"name": "VLLM_LOGGING_LEVEL", "value": "DEBUG"}],
    }
    written = (package / "model-server.yaml").read_text()
    assert "team: search # ours" in written
    assert "example.com/proxy:1.0.0" in written
    assert "its container main becomes vllm" in said
    assert "kept     metadata.labels.team" in said
    assert "notes.yaml:1: " in said.partition("left where it is")[2]
    assert (source / "server.yaml").read_text() == SERVER


def test_standard_input_is_read_and_nothing_is_written_without_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in `helm template … | krmfn adopt -`; a List is what it holds."""
    monkeypatch.chdir(tmp_path)
    held = {"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(SERVER)]}
    monkeypatch.setattr("sys.stdin", io.StringIO(yaml.safe_dump(held)))
    assert command.main(["-"]) == 0
    said = capsys.readouterr().out
    assert "id: Qwen/Qwen3-8B" in said
    assert "nothing was written" in said
    assert not [*tmp_path.iterdir()]


SCRIPT = 'command: [sh, -c]\n        args: ["exec vllm serve Qwen/Qwen3-8B --port {}"]'
ARGS = 'args: [--model=Qwen/Qwen3-8B, --max-model-len, "8192", --trust-remote-code]'
REFUSED = (
    (SERVER.replace("kind: Deployment", "kind: StatefulSet"), 1, "a server in a StatefulSet; an LLMService makes"),
    (SERVER.replace("--model=Qwen/Qwen3-8B, ", ""), 1, "the model cannot be read"),
    (SERVER.replace("cloud.google.com/gke-accelerator: nvidia-l4", "disk: ssd"), 1, "say it by --accelerator"),
    (SERVER.replace(ARGS, SCRIPT.format("$WHERE")), 1, "holds a variable of its shell; write its value"),
    (SERVER.replace("docker.io/vllm/vllm-openai:v0.33.0", "nginx").replace(ARGS, ""), 1, "there is no vLLM server"),
    ("a: [\n", 1, "server.yaml"),
    ("", 2, "there is no Kubernetes object"),
    ("apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: LLMService\nmetadata: {name: a}\n", 2, "is a package already"),
)


@pytest.mark.parametrize(("text", "status", "words"), REFUSED, ids=[words[-30:] for _, _, words in REFUSED])
def test_what_cannot_be_adopted_is_refused_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, status: int, words: str
) -> None:
    """No traceback, and nothing is written."""
    source = tmp_path / "manifests"
    source.mkdir()
    (source / "server.yaml").write_text(text)
    assert command.main([str(source), str(tmp_path / "adopted")]) == status
    said = capsys.readouterr().err
    assert words in said
    assert "/tmp/krmfn" not in said
    assert not (tmp_path / "adopted").exists()


def test_a_folder_that_is_there_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is one read that is not there."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").touch()
    (tmp_path / "server.yaml").write_text(SERVER)
    assert command.main([str(tmp_path / "server.yaml"), str(tmp_path / "mine")]) == 2
    assert "is there already; nothing was written" in capsys.readouterr().err
    assert command.main([str(tmp_path / "none")]) == 2
    assert command.main(["--accelerator", "nvidia-l5", str(tmp_path / "server.yaml")]) == 2
    assert "--accelerator: found nvidia-l5, did you mean nvidia-l4?" in capsys.readouterr().err
    assert command.main([]) == 2


@pytest.mark.parametrize("columns", [40, 120])
def test_the_report_fits_a_terminal(columns: int) -> None:
    """But for a word that is wider; the intent stays as it is written into its file."""
    found = adoption.adopt([Resource(SERVER, path="server.yaml")])
    said = report.text(found, [], columns).partition("lines of intent")[2]
    wide = [line for line in said.splitlines() if len(line) > columns]
    assert [line for line in wide if len(line.split()) > 1] == []
    assert report.text(found, []).split() == report.text(found, [], columns).split()


def test_a_class_of_gateways_can_be_named_where_no_gateway_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Off GKE there is no default; the message says what to do."""
    text = SERVER.replace("cloud.google.com/gke-accelerator: nvidia-l4", "nvidia.com/gpu.product: NVIDIA-L4")
    (tmp_path / "server.yaml").write_text(text)
    assert command.main([str(tmp_path)]) == 1
    assert "spec.gateway.className: missing" in capsys.readouterr().err
    assert command.main(["--gateway-class", "istio", str(tmp_path)]) == 0
    assert "className: istio" in capsys.readouterr().out
