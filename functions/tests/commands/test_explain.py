"""krmfn explain: what it says of a value is what the functions do."""

import random
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk.document import field_path
from krm_functions_sdk.resources.leaves import leaves
from krm_inference.commands import explain
from krm_inference.commands.command import option
from krm_inference.commands.explain import progress, variations
from krm_inference.commands.explain.differences import Place
from krm_inference.commands.explain.explanations import Explanation, Field, explanations
from krm_inference.commands.explain.origins import Origin, origins
from krm_inference.commands.explain.tables import TABLES
from krm_inference.commands.explain.trace import Trace
from krm_inference.commands.explain.trial import Trial
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.stores import STORES
from krm_inference.domain.facts.variants import SHAPES

FACTS = Path(__file__).resolve().parents[2] / "krm_inference" / "domain" / "facts"
IMAGES = "generate-model-server inject-accelerator inject-lifecycle inject-lora generate-inference-pool"
GRACE = "spec.template.spec.terminationGracePeriodSeconds"
CASES: tuple[tuple[str, str, set[str]], ...] = (
    (GRACE, "inject-lifecycle",
     {"spec.model.id", "spec.model.maxOutputTokens", "spec.accelerator.count",
      "spec.adapters", "spec.drain.preStopSeconds", "spec.drain.safetyFactor", "server_image", "memory", "bandwidth",
      "bf16", "parameters", "layers", "heads", "head_size", "hidden", "vocabulary"}),
    ("spec.replicas", "generate-model-server", {"spec.replicas"}),
    ("spec.template.spec.containers[name=vllm].image", "generate-model-server", {"server_image"}),
    ("spec.template.spec.containers[name=vllm].args[--max-lora-rank]", "inject-lora",
     {"spec.adapters", "spec.adapters[name=food-review].rank", "spec.adapters[name=food-review].ensure",
      "spec.adapters[name=cad-fabricator].ensure"}),
    ("spec.template.spec.containers[name=vllm].env[name=LD_LIBRARY_PATH].value", "generate-model-server",
     {"driver_libraries"}),
    ("spec.template.metadata.labels.app", "generate-model-server", {"metadata.name"}),
    ("spec.template.spec.enableServiceLinks", "generate-model-server", set()),
)  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, full: str) -> Path:
    """A package that is not rendered, but for a Deployment with something of a user's."""
    root = tmp_path_factory.mktemp("package")
    steps = "".join(f"  - image: ghcr.io/krm-inference/{name}:v0.1.0\n" for name in IMAGES.split())
    kptfile = f"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n{steps}"
    (root / "Kptfile").write_text(kptfile)
    (root / "llm.yaml").write_text(full)
    (root / "server.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: llama-3.1\n  namespace: llm\n"
        "  labels:\n    team: mine\n"
        "spec:\n  template:\n    spec:\n      terminationGracePeriodSeconds: 7 # because\n"
        "      containers:\n      - name: vllm\n        env:\n        - name: API_KEY\n"
        "          value: sk-verysecretvalue\n"
    )
    return root


@pytest.fixture(scope="module")
def trial(package: Path) -> tuple[Trace, dict[Place, Origin]]:
    trial = Trial(package)
    base = trial.run()
    return base, origins(trial, base)


@pytest.fixture(scope="module")
def found(trial: tuple[Trace, dict[Place, Origin]]) -> dict[str, Explanation]:
    base, known = trial
    return {item.path: item for item in explanations(base.read, known, Field(""))}


@pytest.mark.parametrize(("path", "function", "causes"), CASES, ids=[case[0] for case in CASES])
def test_a_value_follows_from_what_the_function_reads(
    trial: tuple[Trace, dict[Place, Origin]], path: str, function: str, causes: set[str]
) -> None:
    """The function that sets a value is named, with every field and column that moves it, and no other."""
    origin = trial[1][("apps", "Deployment", "llm", "llama-3.1"), path]
    assert origin.function == function
    assert {cause.path for cause in origin.causes} == causes


def test_what_is_the_users_is_said_to_be(found: dict[str, Explanation]) -> None:
    """A value that no function set has no origin, and one that was changed by hand is not what renders."""
    assert found["metadata.labels.team"].origin is None
    assert found[GRACE].reason == "because"
    assert not found[GRACE].is_rendered


def test_a_default_is_told_from_what_is_written(found: dict[str, Explanation]) -> None:
    """The reader sees which of the causes stand in the intent."""
    origin = found[GRACE].origin
    assert origin is not None
    defaults = {cause.path: cause.is_default for cause in origin.causes if cause.path.startswith("spec.")}
    assert defaults["spec.drain.safetyFactor"]
    assert defaults["spec.model.maxOutputTokens"]
    assert not defaults["spec.accelerator.count"]


def test_the_command(capsys: pytest.CaptureFixture[str], package: Path) -> None:
    """One field or all of them, as text or Markdown; nothing is written, and no secret is shown."""
    before = {path: path.read_bytes() for path in package.iterdir()}
    assert explain.main([str(package), "terminationGracePeriodSeconds"]) == 0
    out = capsys.readouterr().out
    assert "      set by inject-lifecycle, which makes it 240: render the package\n" in out
    assert "      from accelerators nvidia-h100-80gb: bandwidth = 3350\n" in out
    assert explain.main([str(package), "--output", "markdown"]) == 0
    out = capsys.readouterr().out
    assert "| `metadata.labels.team` | `mine` | no function: it is yours |" in out
    assert "verysecret" not in out
    assert {path: path.read_bytes() for path in package.iterdir()} == before


MISUSE = (
    ((), 2, "krmfn explain: expected a PACKAGE, and perhaps a FIELD"),
    (("nowhere",), 2, "krmfn explain: nowhere: not a package: it has no Kptfile"),
    (("@", "a["), 2, "krmfn explain: 'a[' is no field path: see the character at 1"),
    (("@", "--output=html"), 2, "krmfn explain: --output: found html, expected text or markdown"),
    (("@", "nothing"), 1, "[error] no value in @ has nothing in its path"),
)


@pytest.mark.parametrize(("arguments", "status", "message"), MISUSE)
def test_misuse(
    capsys: pytest.CaptureFixture[str], package: Path, arguments: tuple[str, ...], status: int, message: str
) -> None:
    """A mistake is named in one line, and nothing is explained."""
    given = [argument.replace("@", str(package)) for argument in arguments]
    assert explain.main(given) == status
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", message.replace("@", str(package)))


def test_a_package_with_a_mistake(capsys: pytest.CaptureFixture[str], tmp_path: Path, package: Path) -> None:
    """What the pipeline refuses is reported as a render reports it."""
    (tmp_path / "Kptfile").write_text((package / "Kptfile").read_text())
    (tmp_path / "llm.yaml").write_text((package / "llm.yaml").read_text().replace("replicas: 3", "replicas: three"))
    assert explain.main([str(tmp_path)]) == 1
    assert "spec.replicas" in capsys.readouterr().err


def test_every_table_of_the_facts_is_tried() -> None:
    """A table whose rows an intent names is among those that are varied."""
    names = [file.stem for file in FACTS.glob("*.py")] + [file.parent.name for file in FACTS.glob("*/__init__.py")]
    modules = (import_module(f"krm_inference.domain.facts.{name}") for name in names)
    values = (value for module in modules for value in vars(module).values() if isinstance(value, dict) and value)
    tables = {id(value) for value in values if all(hasattr(row, "_replace") for row in value.values())}
    assert tables
    # A row of vLLM's backends is named by a row of accelerators, and one of stores by the scheme of an address; SHAPES
    # are among the models.
    assert tables == {id(rows) for _, rows, _ in TABLES} | {id(BACKENDS), id(STORES), id(SHAPES)}


def test_every_part_is_varied() -> None:
    """A variation changes one value and keeps the rest; lists are also emptied."""
    value = {"a": {"b": 1}, "c": [{"name": "x", "d": True}], "e": "f"}
    paths = {field_path.show(path) for path, _, _ in variations.varied(value)}
    assert paths == {"a.b", "c", "c[name=x].name", "c[name=x].d", "e"}
    assert all(other != value for _, _, other in variations.varied(value))


def test_values_have_the_paths_that_readers_know() -> None:
    """Flags go by their name, containers by theirs, and what has neither by position."""
    container = {"name": "x", "args": ["model", "--port", "1", "--a=b"], "ports": [{"containerPort": 1}]}
    assert leaves({"containers": [container], "empty": {}}) == {
        "containers[name=x].name": "x",
        "containers[name=x].args[0]": "model",
        "containers[name=x].args[--port]": "--port 1",
        "containers[name=x].args[--a]": "--a=b",
        "containers[name=x].ports[0].containerPort": 1,
        "empty": {},
    }


def test_an_option_may_stand_anywhere() -> None:
    """`--output svg` and `--output=svg` are the same, before or behind the paths."""
    for given in (["a", "--output", "svg"], ["--output=svg", "a"]):
        assert option(given, "--output", ("mermaid", "svg")) == ("svg", ["a"])


PACKAGES = Path(__file__).resolve().parents[3] / "packages"


def test_what_is_left_out_changes_no_answer() -> None:
    """Every step with every change gives the causes that are found where what was not read is not tried."""
    trial = Trial(PACKAGES / "llama-3.1-8b")
    base = trial.run()
    quick = origins(trial, base, is_asked)
    blind = base._replace(steps=[step._replace(reads=None) for step in base.steps])
    trial.base = blind
    assert quick
    assert quick == origins(trial, blind, is_asked)


def is_asked(place: Place) -> bool:
    """Choose some values of each function."""
    return place[1].endswith(("Seconds", "replicas", "image", "weight", "[0]", "metadata.name", "apiVersion"))


def test_one_field_takes_few_functions() -> None:
    """The number of replicas is found with fewer runs than there are fields, each of one function."""
    trial = Trial(PACKAGES / "llama-3.1-8b")
    base = trial.run()
    runs = list[int]()
    for name in ("vary", "alone"):
        setattr(trial, name, counted(getattr(trial, name), runs))
    origins(trial, base, lambda place: place[1] == "spec.replicas" and place[0][3] == "vllm-llama3.1-8b-instruct")
    assert 0 < len(runs) < 90
    assert set(runs) == {0}


def counted(run: Any, steps: list[int]) -> Any:
    """Return what runs, and notes the number of the last step that it was asked for."""

    def noted(change: Any, step: int, **options: Any) -> Any:
        steps.append(step)
        return run(change, step, **options)

    return noted


SERVICES = ("llama-3.1-8b", "llama-3.1-8b-istio", "llama-3.3-70b-prefill-decode", "shared-gateway")


@pytest.mark.parametrize("package", SERVICES)
def test_groups_find_what_single_experiments_find(package: str) -> None:
    """Of some fields, drawn by chance, and of a grace period: what is tried at once hides nothing."""
    trial = Trial(PACKAGES / package)
    base = trial.run()
    paths = sorted({path for values in base.values.values() for path in values})
    for asked in (GRACE, *random.Random(package).sample(paths, 2)):
        holds = partial(is_at, asked)
        assert origins(trial, base, holds) == origins(trial, base, holds, one_by_one=True), asked


def is_at(path: str, place: Place) -> bool:
    """Choose the values at a path."""
    return place[1] == path


def test_a_part_of_a_name_finds_its_fields(capsys: pytest.CaptureFixture[str], package: Path) -> None:
    """Where no step is called so, every path that holds the text is explained."""
    assert explain.main([str(package), "graceperiod"]) == 0
    assert f"  {GRACE}: 7" in capsys.readouterr().out


def test_progress_is_for_terminals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins when it takes longer, says how far it is, and leaves no line behind."""
    monkeypatch.setattr(progress, "PATIENCE", 0)
    progress.teller()(1, 3)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    tell = progress.teller()
    for number in range(3):
        tell(number, 3)
    shown = capsys.readouterr().err
    assert "explaining: 2 of 3" in shown
    assert shown.endswith(f"\r{' ' * len('explaining: 2 of 3')}\r")
