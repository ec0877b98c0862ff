"""krmfn plan: the numbers of a package, and hardware for a service level, are those that render."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from krm_functions_sdk import Resource
from krm_functions_sdk.kpt.render import render
from krm_inference.commands import plan
from krm_inference.commands.plan import summary
from krm_inference.domain.intent import schema

PACKAGES = Path(__file__).resolve().parents[3] / "packages"
MODEL = "meta-llama/Llama-3.3-70B-Instruct"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command prints where nothing is wrong."""
    assert plan.main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def prices(tmp_path: Path) -> str:
    """A file with prices of two accelerators."""
    file = tmp_path / "prices.yaml"
    file.write_text("currency: EUR\ngpuHour:\n  nvidia-h100-80gb: 3\n  nvidia-l4: 0.75\n")
    return str(file)


def test_a_plan_has_the_numbers_that_are_rendered(capsys: pytest.CaptureFixture[str]) -> None:
    """Concurrency, queue, drain and grace are those of the Deployments, and GPUs those that they ask for."""
    found = json.loads(said(capsys, str(PACKAGES), "--output", "json"))
    assert found["gpus"] == {"nvidia-h100-80gb": 27, "nvidia-l4": 2}
    assert found["errorPercent"] == 20
    servers = {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]
        for file in PACKAGES.glob("*/model-server.yaml")
        for item in yaml.safe_load_all(file.read_text(encoding="utf-8"))
    }
    assert {service["name"] for service in found["services"]} == servers.keys()
    for service in found["services"]:
        pod = servers[service["name"]]
        args = pod["containers"][0]["args"]
        assert f"--max-num-seqs={service['maxConcurrency']}" in args
        assert f"--max-num-queued-reqs={service['maxConcurrency'] + service['maxQueue']}" in args
        assert f"--shutdown-timeout={service['shutdownTimeoutSeconds']}" in args
        assert pod["terminationGracePeriodSeconds"] == service["terminationGracePeriodSeconds"]
        assert pod["containers"][0]["startupProbe"]["failureThreshold"] == service["startupSeconds"]
        assert service["longestRequestSeconds"] <= service["shutdownTimeoutSeconds"]


def test_prices_make_costs(capsys: pytest.CaptureFixture[str], prices: str) -> None:
    """An hour costs what its GPUs cost, and a million tokens what they take of it."""
    found = json.loads(said(capsys, "--prices", prices, str(PACKAGES / "llama-3.1-8b"), "--output=json"))
    [service] = found["services"]
    assert (service["costPerHour"], found["costPerHour"], found["currency"]) == (9, 9, "EUR")
    hours = 1e6 / service["tokensPerSecond"]["all"] / 3600
    assert service["costPerMillionOutputTokens"] == pytest.approx(9 * hours, rel=0.01)
    text = said(capsys, f"--prices={prices}", str(PACKAGES))
    assert "in all: 27 × nvidia-h100-80gb, 2 × nvidia-l4, 82.50 EUR an hour\n" in text
    assert "within 20 %" in text


def test_the_same_for_a_pull_request(capsys: pytest.CaptureFixture[str]) -> None:
    """Markdown has a column for each service."""
    lines = said(capsys, str(PACKAGES / "shared-gateway"), "--output", "markdown").splitlines()
    assert lines[0] == "|  | `llama` | `qwen` |"
    assert {line.count("|") for line in lines[: lines.index("")]} == {4}


def test_hardware_for_a_service_level(capsys: pytest.CaptureFixture[str], prices: str) -> None:
    """All that is proposed keeps to it, the cheapest first, and the intent is one that renders so."""
    arguments = ["--model", MODEL, "--slo", "ttft=0.5s,tpot=40ms", "--gpus", "nvidia-h100-80gb,nvidia-l4"]
    found = json.loads(said(capsys, *arguments, "--prices", prices, "--tokens-per-second=5000", "--output", "json"))
    assert found["choices"]
    for choice in found["choices"]:
        assert choice["timePerOutputTokenMs"] <= 40
        assert choice["timeToFirstTokenMs"] <= 500
        assert choice["tokensPerSecond"]["all"] >= 5000
    costs = [choice["costPerHour"] for choice in found["choices"]]
    assert costs == sorted(costs)
    intent = yaml.safe_load(found["intent"])
    assert not schema().check(intent)
    first = found["choices"][0]
    assert intent["spec"]["accelerator"] == {"type": first["accelerator"], "count": first["gpusPerReplica"]}
    assert intent["spec"]["replicas"] == first["replicas"]
    assert f"count: {first['gpusPerReplica']}\n" in said(
        capsys, *arguments, "--prices", prices, "--tokens-per-second=5000"
    )


def test_a_service_level_that_nothing_keeps_to_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is proposed, and the message has what comes nearest."""
    assert plan.main(["--model", MODEL, "--slo", "tpot=1"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nothing keeps to the service level: 8 × nvidia-b200 comes nearest" in captured.err
    assert plan.main(["--model", "deepseek-ai/DeepSeek-V3", "--slo", "tpot=50", "--gpus", "nvidia-l4"]) == 1
    assert "fits into none of nvidia-l4" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected a PACKAGE, or --model with --slo"),
        (["--model", "x"], "--slo is missing"),
        (["--slo", "tpot=1"], "--model is missing"),
        (["--model", MODEL, "--slo", "speed=1"], "found speed=1, expected ttft=500ms, tpot=30ms"),
        (["--model", MODEL, "--slo", "tpot=0"], "found tpot=0"),
        (["--model", "example/chat", "--slo", "tpot=30"], "nothing is known of example/chat"),
        (["--model", MODEL, "--slo", "tpot=30", "--gpus", "h100"], "found h100, expected some of amd-mi300x"),
        (["--model", MODEL, "--slo", "tpot=30", "package"], "not both"),
        (["--gpus", "nvidia-l4", "package"], "--gpus is for --model with --slo"),
        (["--cost", "package"], "found --cost, expected one of --model"),
        (["--prices"], "--prices: found nothing"),
        (["--prices", "/no/such/file", "package"], "cannot be read"),
        (["--output", "yaml", "package"], "expected text or json or markdown"),
    ],
)
def test_misuse(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    """Each says what was found and what is expected, and prints nothing else."""
    assert plan.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("krmfn plan: ")
    assert message in captured.err


@pytest.mark.parametrize(
    "text", ["[]", "gpuHour: 3", "gpuHour: {nvidia-l4: cheap}", "gpuHour: {}\nhour: 1", "a: [", "a: &a *a"]
)
def test_prices_that_are_none(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    """A file of another shape is misuse, with what is expected."""
    file = tmp_path / "prices.yaml"
    file.write_text(text)
    assert plan.main(["--prices", str(file), str(PACKAGES)]) == 2
    assert f"--prices: {file}" in capsys.readouterr().err


def test_faults_of_an_intent_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, least: str) -> None:
    """A package with a fault has no plan, nor has a folder without a service or one that is not there."""
    (tmp_path / "llm.yaml").write_text(least.replace("spec:\n", "spec:\n  drain: {maxGraceSeconds: 60}\n"))
    assert plan.main([str(tmp_path)]) == 1
    assert "more than the 60 s of spec.drain.maxGraceSeconds" in capsys.readouterr().err
    (tmp_path / "llm.yaml").unlink()
    assert plan.main([str(tmp_path)]) == 1
    assert plan.main([str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err


def test_what_a_plan_does_not_know_it_says(capsys: pytest.CaptureFixture[str], tmp_path: Path, least: str) -> None:
    """Of a model without a known shape there is no cache to speak of, and the reason stands in its place."""
    own = least.replace("meta-llama/Llama-3.1-8B-Instruct", "acme/own-13b")
    assert own != least
    (tmp_path / "llm.yaml").write_text(own)
    assert "not checked, because spec.model.facts does not say the shape of the model" in said(capsys, str(tmp_path))


def test_a_render_ends_with_the_figures_of_the_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each service: the GPUs, rate and times that krmfn plan says of it; five at most."""
    shutil.copytree(PACKAGES / "shared-gateway", tmp_path / "p")
    said: list[str] = []
    assert render(tmp_path / "p", said.append, lambda _: None)
    assert plan.main(["--output=json", str(tmp_path / "p")]) == 0
    services = json.loads(capsys.readouterr().out)["services"]
    assert [line.partition(":")[0].strip() for line in said[-2:]] == [one["name"] for one in services]
    for line, one in zip(said[-2:], services, strict=True):
        assert f": {one['gpus']} × {one['accelerator']}, {one['tokensPerSecond']['all']:,} tokens/s" in line
        assert f"drain {one['shutdownTimeoutSeconds']} s, start at most {one['startupSeconds']} s" in line


def test_of_many_services_five_have_a_line(least: str) -> None:
    """The others are counted; a model of unknown shape has its GPUs."""
    names = [f"llama-{number}" for number in range(7)]
    texts = [
        least.replace("name: llama-3.1", f"name: {name}", 1).replace("name: inference-gateway", f"name: {name}")
        for name in names
    ]
    found = list(summary.lines([Resource(text) for text in texts]))
    assert len(found) == 6
    assert found[-1] == "2 more services: krmfn plan"
    assert len({line.partition(":")[0] for line in found}) == 6
    unknown = least.replace("meta-llama/Llama-3.1-8B-Instruct", "example/unknown-7b")
    (line,) = summary.lines([Resource(unknown)])
    assert "does not say the shape of the model" in line
