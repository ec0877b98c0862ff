"""krmfn init: from nothing to a rendered, validated package of one's own model."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from krm_functions_sdk import Resource
from krm_functions_sdk.kpt.render import Rendering
from krm_inference.commands import init, smoke_test
from krm_inference.commands.init import choice, contents, proposal, questions, terminal, writing
from krm_inference.domain import intent, kustomization
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.models import MODELS
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RELEASES

ROOT = Path(__file__).resolve().parents[3]
SEED = ROOT / "packages" / "llama-3.1-8b"
KRMFN = Path(sys.executable).with_name("krmfn")
# What somebody asks for, and what stands in the intent then: the model's own context where it fits.
THREE = (
    (("--model", "Qwen/Qwen3-8B"), {"accelerator": {"type": "nvidia-l4", "count": 2}}),
    (
        ("--model=meta-llama/Llama-3.3-70B-Instruct", "--accelerator=nvidia-h100-80gb", "--count=2"),
        {"accelerator": {"type": "nvidia-h100-80gb", "count": 2}},
    ),
    (
        ("--model", "openai/gpt-oss-120b", "--gateway-class", "istio", "--release", "llm-d-router-v0.11",
         "--adapter", "poems=example/poems", "--adapter", "laws=example/laws"),
        {"adapters": [{"name": "poems", "source": "example/poems"}, {"name": "laws", "source": "example/laws"}]},
    ),
)  # fmt: skip


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("flags", "spec"), THREE)
def test_one_command_makes_a_package_that_renders_to_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], spec: dict[str, object]
) -> None:
    """Intent, Kptfile, kustomization and manifests are there, listed, and what the next render would write."""
    folder = tmp_path / "mine"
    assert init.main([str(folder), *flags]) == 0
    out = capsys.readouterr().out
    assert "rendered and validated" in out
    assert "GPU" in out
    written = yaml.safe_load((folder / "llm.yaml").read_text())["spec"]
    assert spec.items() <= written.items()
    rendering = Rendering(folder)
    assert rendering.run()
    assert not rendering.changes
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    generated = {name for names in kustomization.FILES.values() for name in names if (folder / name).exists()}
    assert {*listed} == generated
    readme = (folder / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in generated)
    texts = {name: text.decode() for name, text in files(folder).items() if name not in ("README.md", "smoke-test.sh")}
    assert "@" not in "".join(texts.values())


def test_the_smoke_test_of_a_new_package_is_the_one_that_its_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It can be run, and asks for the model that was chosen."""
    assert init.main([str(tmp_path), "--model=Qwen/Qwen3-8B", "--adapter=poems=example/poems"]) == 0
    capsys.readouterr()
    script = tmp_path / "smoke-test.sh"
    assert os.access(script, os.X_OK)
    assert smoke_test.main([str(tmp_path)]) == 0
    assert script.read_text() == capsys.readouterr().out
    assert "poems" in script.read_text()


TOO_LARGE = ("zai-org/GLM-5", "zai-org/GLM-5.1", "zai-org/GLM-5.2")


@pytest.mark.parametrize("model", TOO_LARGE)
def test_a_model_that_fits_on_no_machine_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    """Its size is said, and what may help."""
    assert init.main([str(tmp_path), f"--model={model}"]) == 2
    assert "1385.8 GiB of weights (744B parameters × 2 bytes). A quantized copy of it may" in capsys.readouterr().err


@pytest.mark.parametrize("model", [name for name in MODELS if name not in TOO_LARGE])
def test_what_is_proposed_for_a_known_model_fits(model: str) -> None:
    """Hardware and length are such that the intent has no fault, and one sequence of the longest fits."""
    found = questions.choose(questions.Given(model), terminal.take_default)
    assert writing.faults(found) == []
    numbers = proposal.sizing(choice.intent(found))
    if numbers.is_shape_known:
        longest = choice.intent(found)["spec"]["model"].get("maxModelLen") or numbers.demand.model.context
        assert longest is not None
        assert numbers.tokens >= longest


@pytest.mark.parametrize(
    ("model", "share"),
    [("deepseek-ai/DeepSeek-R1", {"data": 2}), ("meta-llama/Llama-3.1-405B-Instruct", {"pipeline": 2})],
)
def test_a_replica_of_two_machines_is_shared_out_over_them(tmp_path: Path, model: str, share: dict[str, int]) -> None:
    """By the number of GPUs alone: no flag says how."""
    folder = tmp_path / "mine"
    hardware = ("--accelerator=nvidia-h200-141gb", "--count=16", "--platform=gke-standard")
    assert init.main([str(folder), f"--model={model}", *hardware]) == 0
    assert yaml.safe_load((folder / "llm.yaml").read_text())["spec"]["parallelism"] == share
    server = yaml.safe_load((folder / "model-server.yaml").read_text())
    assert (server["kind"], server["spec"]["leaderWorkerTemplate"]["size"]) == ("LeaderWorkerSet", 2)
    readme = (folder / "README.md").read_text()
    assert "LeaderWorkerSet: vLLM" in readme
    assert "the cluster needs LeaderWorkerSet, 0.9 or newer" in readme


@pytest.mark.parametrize("accelerator", ["nvidia-l4", "nvidia-h100-80gb"])
@pytest.mark.parametrize("model", ["meta-llama/Llama-3.1-8B-Instruct", "google/gemma-2-9b-it"])
def test_a_length_is_written_where_the_models_own_does_not_fit(model: str, accelerator: str) -> None:
    """On a small GPU the context is cut, on a large one it is the model's own."""
    found = questions.choose(questions.Given(model, accelerator, "1"), terminal.take_default)
    numbers = proposal.sizing(choice.intent(found))
    cut = choice.intent(found)["spec"]["model"].get("maxModelLen")
    own = MODELS[model].context or 0
    assert (cut is None) == (accelerator != "nvidia-l4")
    assert numbers.tokens >= (cut or own)


def test_what_is_found_names_the_files_that_were_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the intent, and of the manifest in which it shows; the folder in which it was rendered is gone by then."""
    assert init.main([str(tmp_path), "--model=Qwen/Qwen3-8B"]) == 0
    said = capsys.readouterr().err
    assert f" {tmp_path}/llm.yaml:" in said
    assert f"(shows in {tmp_path}/model-server.yaml" in said
    assert "krmfn-init-" not in said


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("release", RELEASES)
def test_every_platform_and_release_can_be_chosen(tmp_path: Path, platform: str, release: str) -> None:
    """A row of the tables is an answer without a change here."""
    assert init.main([str(tmp_path), "--model=Qwen/Qwen3-8B", f"--platform={platform}", f"--release={release}"]) == 0


@pytest.mark.parametrize("name", [name for name, known in CLASSES.items() if not known.lacks])
def test_every_gateway_class_can_be_chosen(tmp_path: Path, name: str) -> None:
    """The README says what its controller needs."""
    assert init.main([str(tmp_path), "--model=Qwen/Qwen3-8B", f"--gateway-class={name}"]) == 0
    assert CLASSES[name].needs in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize("release", RELEASES)
def test_what_gke_brings_is_not_applied(tmp_path: Path, release: str) -> None:
    """The intent says it, and the README names the files of the other kinds, each with its group, and no others."""
    where = [str(tmp_path), "--model=Qwen/Qwen3-8B", f"--release={release}", "--managed-definitions"]
    assert init.main(where) == 0
    assert "managedDefinitions: true" in (tmp_path / "llm.yaml").read_text()
    readme = (tmp_path / "README.md").read_text()
    apis = {kind: api for kind, api in RELEASES[release].apis.items() if kind != "InferencePool"}
    files = {f"{api.partition('/')[0]}_{kind.lower()}s.yaml" for kind, api in apis.items()}
    assert {*re.findall(r"`([\w.-]+_\w+\.yaml)`", readme)} == files
    assert "apply no definition of it" in readme
    assert ("inferencepool.spec.appProtocol" in readme) == bool(RELEASES[release].app_protocol)


MISUSE: tuple[tuple[tuple[str, ...], int, str], ...] = (
    ((), 2, "krmfn init: --model is missing, and there is no terminal on which to ask for it"),
    (("--model",), 2, "krmfn init: --model takes a value: --model ID"),
    (
        ("--model=m/x-8b", "--platform=aks", "--accelerator=nvidia-h100-80gb", "--count=8", "--managed-definitions"),
        1,
        "krmfn init: --managed-definitions: only GKE brings the definition of InferencePool, and this is AKS; ",
    ),
    (("--modle=x",), 2, "krmfn init: unknown option '--modle' (did you mean '--model'?)"),
    (("--model=two words",), 2, "krmfn init: --model: found two words, expected a Hugging Face repository such as"),
    (("--model=qwen/qwen3-8b",), 2, "krmfn init: --model: found qwen/qwen3-8b, which is known as Qwen/Qwen3-8B"),
    (("--model=m/x-8b", "--accelerator=h100"), 2, "krmfn init: --accelerator: found h100; did you mean nvidia-h100"),
    (("--model=m/x-8b", "--count=0"), 2, "krmfn init: --count: found 0, expected a whole number above 0"),
    (("--model=m/x-8b", "--platform=gke"), 2, "krmfn init: --platform: found gke; "),
    (("--model=m/x-8b", "--release=gaie-1.5"), 2, "krmfn init: --release: found gaie-1.5; did you mean gaie-v1.5?"),
    (("--model=m/x-8b", "--gateway-class=kgateway"), 2, "krmfn init: --gateway-class: kgateway: kgateway routes to no"),
    (("--model=m/x-8b", "--adapter=a"), 2, "krmfn init: --adapter: found a, expected NAME=SOURCE, such as"),
    (("--model=m/x-8b", "a", "b"), 2, "krmfn init: found a b, expected one DIR"),
    (
        ("--model=meta-llama/Llama-3.3-70B-Instruct", "--accelerator=nvidia-l4", "--count=1"), 1,
        "krmfn init: --accelerator: 131.5 GiB of weights (70.6B × 2 bytes)",
    ),
    (
        ("--model=Qwen/Qwen3-8B", "--accelerator=nvidia-l4", "--count=3"), 1,
        "krmfn init: --count: 32 attention heads cannot be split over 3 GPUs",
    ),
    (("--model=Qwen/Qwen3-8B", "--adapter=a=x/a", "--adapter=a=x/b"), 1, 'krmfn init: --adapter: adapter "a" is here'),
)  # fmt: skip


@pytest.mark.parametrize(("flags", "status", "message"), MISUSE)
def test_a_mistake_is_named_by_its_flag_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    status: int,
    message: str,
) -> None:
    """The flag, what was found, and what is expected; the folder stays empty."""
    monkeypatch.chdir(tmp_path)
    assert init.main([*flags]) == status
    assert capsys.readouterr().err.startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["README.md", "llm.yaml", ".krmignore", "my-own.yaml", "model-server.yaml"])
def test_no_file_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A folder that holds manifests, or a file of a package, stays as it is."""
    (tmp_path / name).write_text("mine\n")
    assert init.main([str(tmp_path), "--model=Qwen/Qwen3-8B"]) == 2
    assert f"holds {name} already; nothing was written" in capsys.readouterr().err
    assert files(tmp_path) == {name: b"mine\n"}


def test_what_is_no_part_of_a_package_does_not_matter(tmp_path: Path) -> None:
    """A fresh repository is as good as an empty folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "LICENSE").write_text("mine\n")
    assert init.main([str(tmp_path), "--model=Qwen/Qwen3-8B"]) == 0
    assert (tmp_path / "LICENSE").read_text() == "mine\n"


def test_a_folder_that_cannot_be_written_is_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where a folder is named, and a folder below a file."""
    (tmp_path / "file").write_text("mine\n")
    assert init.main([str(tmp_path / "file"), "--model=Qwen/Qwen3-8B"]) == 2
    assert init.main([str(tmp_path / "file" / "below"), "--model=Qwen/Qwen3-8B"]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert files(tmp_path) == {"file": b"mine\n"}


def converse(folder: Path, answers: bytes, *flags: str, width: int = 80) -> tuple[int, str]:
    """Run the command on a terminal, type all answers, and return its exit status and what the terminal shows."""
    ours, its = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width)}
    process = subprocess.Popen([KRMFN, "init", str(folder), *flags], stdin=its, stdout=its, stderr=its, env=environment)
    os.close(its)
    os.write(ours, answers)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so that nobody holds the other end
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return process.wait(), shown.decode()


def test_a_terminal_is_asked_five_questions_and_gives_what_flags_give(tmp_path: Path) -> None:
    """Enter takes each default; the files are those that the flags write."""
    status, shown = converse(tmp_path / "a" / "p", b"\n" * 5)
    assert status == 0, shown
    assert [shown.count(f"{title}\r\n  ") for title in ("Model", "Accelerator", "Platform", "Release", "Gateway")] == [
        1
    ] * 5
    assert init.main([str(tmp_path / "b" / "p"), f"--model={questions.MODEL}"]) == 0
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_an_answer_that_makes_no_sense_is_asked_again(tmp_path: Path) -> None:
    """The reason stands below the answer; options are not asked for."""
    status, shown = converse(
        tmp_path / "p", b"h1000\n1 x nvidia-l4\nkgateway\nistio\n", "--model=Qwen/Qwen3-8B", "--platform=gke-standard",
        "--release=gaie-v1.0", width=40,
    )  # fmt: skip
    assert status == 0, shown
    assert "found h1000; " in shown
    assert "agentgateway" in shown
    assert all(len(line) <= 40 for line in shown.splitlines() if line.startswith("  It fits"))
    spec = yaml.safe_load((tmp_path / "p" / "llm.yaml").read_text())["spec"]
    assert spec["accelerator"] == {"type": "nvidia-l4", "count": 1}
    assert spec["gateway"]["className"] == "istio"


def test_answers_that_end_write_nothing(tmp_path: Path) -> None:
    """Ctrl-D is no answer."""
    status, shown = converse(tmp_path / "p", b"Qwen/Qwen3-8B\n\x04")
    assert status == 2
    assert "the answers end here; nothing was written" in shown
    assert not (tmp_path / "p").exists()


def test_the_files_of_a_package_are_those_of_the_packages() -> None:
    """Pipeline, ignore file and kustomize's configuration are written as the packages have them."""
    made = choice.Choice("m/x-8b", "nvidia-l4", 1, "gke-standard", "gaie-v1.5", "istio")
    texts = contents.files(made, "x")
    assert texts["kustomizeconfig.yaml"] == (SEED / "kustomizeconfig.yaml").read_text()
    assert texts[".krmignore"] == (SEED / ".krmignore").read_text()
    pipelines = [Resource(text).data["pipeline"] for text in (texts["Kptfile"], (SEED / "Kptfile").read_text())]
    assert pipelines[0] == pipelines[1]
    files = {name: names for name, names in kustomization.FILES.items() if name != "generate-node-pool"}
    assert contents.HOLDS.keys() == {name for names in files.values() for name in names}


def test_the_default_of_the_output_is_the_schemas() -> None:
    """What is proposed goes by what an intent without the field says."""
    spec = intent.schema().openapi["properties"]["spec"]["properties"]
    assert spec["model"]["properties"]["maxOutputTokens"]["default"] == proposal.OUTPUT
