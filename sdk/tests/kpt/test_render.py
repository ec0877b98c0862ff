"""The embedded renderer: pipelines as kpt runs them, and packages broken on purpose."""

import io
import os
import signal
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.files import journal
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function import entry_points, registry
from krm_functions_sdk.function.call import TRACEBACK
from krm_functions_sdk.kpt.render import Rendering, render

Function = Callable[[ResourceList], None]


def config_map(name: str, data: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n" + data


def kptfile(*steps: str, validators: tuple[str, ...] = ()) -> str:
    text = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n"
    text += "".join(["  mutators:\n", *(f"  - image: example.com/{step}\n" for step in steps)]) if steps else ""
    return text + "".join(
        ["  validators:\n", *(f"  - image: example.com/{step}\n" for step in validators)] if validators else []
    )


NO_RUNTIME = "KPT_FN_RUNTIME is none, expected docker, podman, nerdctl"


@pytest.fixture(autouse=True)
def _no_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here runs an image, whatever the machine has."""
    monkeypatch.setenv("KRM_FN_RUNTIME", "")
    monkeypatch.setenv("KPT_FN_RUNTIME", "none")


# Functions that stand in for installed ones


def look(resources: ResourceList) -> None:
    """Note what is seen."""
    for one in resources:
        print(f"{one.path}#{one.index} {one.name}")


def label(resources: ResourceList) -> None:
    """Label every ConfigMap with the configured value."""
    config = resources.function_config
    value = config.get("data.value", "none") if config else "none"
    if value == "refused":
        resources.results.error("is refused", config, "data.value", current=value)
    for one in resources.where("ConfigMap"):
        one.set("metadata.labels.seen", str(value))
        resources.results.info("labelled", one, "metadata.labels.seen")


def generate(resources: ResourceList) -> None:
    """Make sure that there is a ConfigMap new."""
    if not resources.where("ConfigMap", name="new"):
        resources.add(Resource(config_map("new")), "made/new.yaml")


def escape(resources: ResourceList) -> None:
    """Write outside of the package."""
    resources.add(Resource(config_map("new")), "../new.yaml")


def overwrite(resources: ResourceList) -> None:
    """Write over a file that is not read."""
    resources.add(Resource(config_map("new")), "README.md")


def delete(resources: ResourceList) -> None:
    """Delete the ConfigMap old."""
    for one in resources.where("ConfigMap", name="old"):
        resources.remove(one)


def refuse(resources: ResourceList) -> None:
    """Find every ConfigMap wrong."""
    for one in resources.where("ConfigMap"):
        resources.results.error("is wrong", one, "metadata.name")


def crash(resources: ResourceList) -> None:
    """Change a resource, then crash."""
    resources.items[-1].set("metadata.labels.broken", "yes")
    raise RuntimeError("on purpose")


def litter(_: ResourceList) -> None:
    """Leave behind what would reach the next function."""
    os.environ["LITTER"] = "yes"
    os.environ.pop("PATH", None)
    os.chdir("/")
    sys.path.insert(0, "/litter")
    sys.stderr = io.StringIO()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Installed:
    """A function that stands in for an installed one."""

    def __init__(self, function: Function | None, name: str) -> None:
        self.name, self.version, self._function = name, "1.2.0", function

    def load(self) -> Function:
        if self._function is None:
            raise ImportError("No module named 'gone'")
        return self._function


FUNCTIONS = (look, label, generate, escape, overwrite, delete, refuse, crash, litter)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the functions of this file installed, and one that cannot be imported."""
    found = {function.__name__: Installed(function, function.__name__) for function in FUNCTIONS}
    monkeypatch.setattr(registry, "installed", lambda: {**found, "gone": Installed(None, "gone")})


def make(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def texts(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in files}


def run(root: Path) -> tuple[bool, list[str], list[str]]:
    """Render; return whether it worked, the report, and the complaints without the folder in front of files."""
    shown: list[str] = []
    said: list[str] = []
    worked = render(root, shown.append, said.append)
    return worked, "\n".join(shown).splitlines(), [line.replace(f"{root.as_posix()}/", "") for line in said]


# What a pipeline does


def test_functions_run_in_order_over_what_the_one_before_left(tmp_path: Path) -> None:
    """A generated resource is seen by the next function, and the report has a line for each step."""
    root = make(tmp_path / "p", {"Kptfile": kptfile("generate", "label", "look"), "x.yaml": config_map("x")})
    worked, shown, said = run(root)
    assert worked
    assert shown == [
        "p",
        "  generate  1 added",
        "  label     2 changed",
        "  look      nothing to change",
        "  files: 2 written, 0 deleted",
    ]
    assert said[:3] == ["look: Kptfile#0 p", "look: x.yaml#0 x", "look: made/new.yaml#0 new"]
    assert texts(root)["made/new.yaml"] == config_map("new", "  labels:\n    seen: none\n")
    assert run(root)[1][-1] == "  files: unchanged"


def test_deleted_resources_leave_their_file(tmp_path: Path) -> None:
    """A file whose last resource was deleted goes, another keeps the rest; an unknown file stays as it is."""
    two = f"{config_map('old')}---\n{config_map('kept')}"
    files = {"Kptfile": kptfile("delete"), "a.yaml": config_map("old"), "b.yaml": two, "README.md": "# old\n"}
    root = make(tmp_path / "p", files)
    worked, shown, _ = run(root)
    assert worked
    assert shown == ["p", "  delete  2 deleted", "  files: 1 written, 1 deleted"]
    assert texts(root) == {"Kptfile": files["Kptfile"], "b.yaml": config_map("kept"), "README.md": "# old\n"}


def test_validators_see_all_and_change_nothing(tmp_path: Path) -> None:
    """A validator runs behind all mutators, on copies: what it changes is dropped."""
    files = {"Kptfile": kptfile("generate", validators=("label", "look")), "x.yaml": config_map("x")}
    root = make(tmp_path / "p", files)
    worked, shown, said = run(root)
    assert worked
    assert "look: made/new.yaml#0 new" in said
    assert shown[2] == "  label     nothing to change"
    assert texts(root) == {**files, "made/new.yaml": config_map("new")}


CONFIGURED = {
    "none": ("", "none"),
    "a ConfigMap": ("    configMap:\n      value: 1.10\n", '"1.10"'),
    "a file": ("    configPath: config.yaml\n", "from-file"),
    "a file, written otherwise": ("    configPath: ./config.yaml\n", "from-file"),
}


@pytest.mark.parametrize("case", CONFIGURED)
def test_a_function_gets_its_configuration(tmp_path: Path, case: str) -> None:
    """The functionConfig is the step's configMap, or the one resource in its configPath."""
    declared, value = CONFIGURED[case]
    files = {"Kptfile": kptfile("label") + declared, "config.yaml": config_map("c", "data:\n  value: from-file\n")}
    root = make(tmp_path / "p", {**files, "x.yaml": config_map("x")})
    assert run(root)[0]
    assert texts(root)["x.yaml"] == config_map("x", f"  labels:\n    seen: {value}\n")


@pytest.mark.parametrize("path", ["gone.yaml", "two.yaml", "../out.yaml", "hidden.yaml"])
def test_a_configuration_that_is_not_there(tmp_path: Path, path: str) -> None:
    """The error names the field of the Kptfile, its line, the file, and that one resource is expected."""
    two = f"{config_map('a')}---\n{config_map('b')}"
    files = {
        "two.yaml": two,
        ".krmignore": "hidden.yaml\n",
        "hidden.yaml": config_map("h"),
        "../out.yaml": config_map("o"),
    }
    (tmp_path / "p").mkdir()
    root = make(tmp_path / "p", {"Kptfile": kptfile("label") + f"    configPath: {path}\n", **files})
    worked, _, said = run(root)
    assert not worked
    place = "[error] Kptfile:8: Kptfile p: pipeline.mutators[0].configPath"
    assert said[0] == f"{place}: found {2 if path == 'two.yaml' else 0} resources in {path}, expected one"


def test_what_is_wrong_with_a_config_map_is_told_of_the_kptfile(tmp_path: Path) -> None:
    """It stands there and nowhere else, at this line."""
    head = kptfile("look", "label\n    configMap:\n      # mine\n      value: refused")
    worked, _, said = run(make(tmp_path / "p", {"Kptfile": head, "a.yaml": config_map("a")}))
    assert not worked
    line = head[: head.index("value:")].count("\n") + 1
    assert f"[error] Kptfile:{line}: Kptfile p: pipeline.mutators[1].configMap.value: is refused" in said


def test_selectors_and_exclude_limit_what_a_function_sees(tmp_path: Path) -> None:
    """What is not selected stays, at its place; a function that sees nothing still runs and may add."""
    limited = "    selectors:\n    - kind: ConfigMap\n    exclude:\n    - name: b\n"
    nothing = "    selectors:\n    - kind: Pod\n"
    names = ("a", "b", "c")
    text = kptfile("label") + limited + "  - image: generate\n" + nothing
    root = make(tmp_path / "p", {"Kptfile": text, **{f"{name}.yaml": config_map(name) for name in names}})
    assert run(root)[0]
    labelled = "  labels:\n    seen: none\n"
    assert [texts(root)[f"{name}.yaml"] for name in names] == [
        config_map("a", labelled),
        config_map("b"),
        config_map("c", labelled),
    ]
    assert texts(root)["made/new.yaml"] == config_map("new")


def test_subpackages_come_first_and_keep_their_files(tmp_path: Path) -> None:
    """Depth first and by name; the parent sees the resources below it, and each file stays with its package."""
    files = {
        "Kptfile": kptfile("look", "label"),
        "x.yaml": config_map("x"),
        "b/Kptfile": kptfile("generate"),
        "b/x.yaml": config_map("bx"),
        "b/deep/Kptfile": kptfile(),
        "b/deep/x.yaml": config_map("deep"),
        "a/Kptfile": kptfile("look"),
    }
    root = make(tmp_path / "p", files)
    worked, shown, said = run(root)
    assert worked
    assert [line for line in shown if not line.startswith("  ")] == ["p/a", "p/b", "p"]
    seen = ["Kptfile#0 p", "Kptfile#0 p", "x.yaml#0 deep", "Kptfile#0 p", "x.yaml#0 bx", "made/new.yaml#0 new"]
    assert said[:9] == [f"look: {line}" for line in ["Kptfile#0 p", *seen, "Kptfile#0 p", "x.yaml#0 x"]]
    places = [line.split(": ")[0] for line in said if "labelled" in line]
    assert places == ["[info] b/deep/x.yaml:6", "[info] b/x.yaml:6", "[info] b/made/new.yaml", "[info] x.yaml:6"]
    after = texts(root)
    changed = {"x.yaml", "b/x.yaml", "b/deep/x.yaml", "b/made/new.yaml"}
    assert {name for name in after if after[name] != files.get(name)} == changed


def test_a_parent_writes_what_it_makes_into_itself(tmp_path: Path) -> None:
    """A resource that the parent's pipeline adds belongs to the parent, wherever the others are."""
    files = {"Kptfile": kptfile("generate"), "sub/Kptfile": kptfile(), "sub/x.yaml": config_map("x")}
    root = make(tmp_path / "p", files)
    assert run(root)[0]
    assert texts(root) == {**files, "made/new.yaml": config_map("new")}


def test_duplicates_stay_as_they_are(tmp_path: Path) -> None:
    """Two resources of one identity are two: both reach the functions, and none is lost."""
    files = {
        "Kptfile": kptfile("look"),
        "a.yaml": config_map("x"),
        "b.yaml": f"{config_map('x')}---\n{config_map('x')}",
    }
    root = make(tmp_path / "p", files)
    worked, _, said = run(root)
    assert worked
    assert said == ["look: Kptfile#0 p", "look: a.yaml#0 x", "look: b.yaml#0 x", "look: b.yaml#1 x"]
    assert texts(root) == files


def test_a_kustomization_is_a_resource_unless_it_is_ignored(tmp_path: Path) -> None:
    """As under kpt it needs no name; a kustomize configuration file is no resource and has to be ignored."""
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n"
    root = make(tmp_path / "p", {"Kptfile": kptfile("look"), "kustomization.yaml": kustomization})
    assert run(root)[2] == ["look: Kptfile#0 p", "look: kustomization.yaml#0 "]
    make(root, {"config.yaml": "nameReference: []\n", ".krmignore": "kustomization.yaml\nconfig.yaml\n"})
    assert run(root)[2] == ["look: Kptfile#0 p"]


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_line_ends_and_byte_order_marks_stay(tmp_path: Path, ends: str, mark: str) -> None:
    """A file that is changed keeps its line ends and its byte order mark."""
    text = mark + config_map("x", "  labels:\n    app: x\n    seen: before # why\n").replace("\n", ends)
    root = make(tmp_path / "p", {"Kptfile": kptfile("label").replace("\n", ends), "x.yaml": text})
    assert run(root)[0]
    assert texts(root)["x.yaml"] == text.replace("before", "none")


# Packages broken on purpose

BROKEN: dict[str, tuple[dict[str, str], list[str]]] = {
    "an empty Kptfile": ({"Kptfile": ""}, ["[error] Kptfile:1: empty, expected a Kptfile of kpt.dev/v1"]),
    "a Kptfile of comments": ({"Kptfile": "# c\n"}, ["[error] Kptfile:1: empty, expected a Kptfile of kpt.dev/v1"]),
    "a Kptfile that is no YAML": ({"Kptfile": "a: [\n"}, ["[error] Kptfile:1: cannot be read as YAML: "]),
    "a key twice": (
        {"Kptfile": kptfile("look") + "  mutators: []\n"},
        ["[error] Kptfile:8: cannot be read as YAML: key 'mutators'"],
    ),
    "an unknown field": (
        {"Kptfile": kptfile("look").replace("mutators", "mutator")},
        ['[error] Kptfile:6: Kptfile p: pipeline.mutator: unknown field "mutator" (did you mean "mutators"?)'],
    ),
    "unknown images and an executable": (
        {"Kptfile": kptfile("set-labels:v1", "look") + "  - exec: ./mine.sh\n  - image: gone\n"},
        [
            "[error] Kptfile:7: Kptfile p: pipeline.mutators[0].image: no function set-labels is installed for example",
            "[error] Kptfile:9: Kptfile p: pipeline.mutators[2].exec: found ./mine.sh, which runs as you, with your",
            "[error] Kptfile:10: Kptfile p: pipeline.mutators[3].image: gone cannot be loaded: ImportError: No module",
        ],
    ),
    "values": (
        {"values.yaml": "a: b\n", "more.yaml": "- 1\n"},
        ["[error] more.yaml:1: ", "[error] values.yaml:1: not a Kubernetes object"],
    ),
    "a function that writes outside": (
        {"Kptfile": kptfile("label", "escape")},
        ["[error] ../new.yaml: a function wants to write this file, which is outside the package"],
    ),
    "a function that writes over a file": (
        {"Kptfile": kptfile("label", "overwrite"), "README.md": "# mine\n"},
        ["[error] README.md: a function wants to write this file, but what is there is not part of the render"],
    ),
    "a function that crashes": (
        {"Kptfile": kptfile("label", "crash", "look")},
        ["[error] crash crashed at test_render.py:"],
    ),
    "a function that refuses": (
        {"Kptfile": kptfile("label", "refuse", "look"), "y.yaml": f"# c\n{config_map('y')}"},
        [
            f"[error] {name}.yaml:{line}: ConfigMap {name}: metadata.name: is wrong"
            for name, line in (("x", 4), ("y", 5))
        ],
    ),
    "a validator that refuses": (
        {"Kptfile": kptfile("label", validators=("refuse", "look"))},
        ["[error] x.yaml:4: ConfigMap x: metadata.name: is wrong"],
    ),
    "a broken subpackage": (
        {"sub/Kptfile": kptfile("look").replace("image", "imag"), "sub/x.yaml": config_map("x")},
        ["[error] sub/Kptfile:7: Kptfile p: pipeline.mutators[0].imag: unknown field"],
    ),
    "two broken packages": (
        {"sub/Kptfile": "a: b\n", "sub/x.yaml": "b: c\n", "y.yaml": "c: d\n"},
        ["[error] y.yaml:1: no", "[error] sub/Kptfile:1: no", "[error] sub/x.yaml:1: no"],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_package_is_left_as_it_is(tmp_path: Path, case: str) -> None:
    """Each error names file, line, what was found and what to do; no file is written, and there is no traceback."""
    files, expected = BROKEN[case]
    root = make(tmp_path / "p", {"Kptfile": kptfile("label"), "x.yaml": config_map("x"), **files})
    before = texts(tmp_path)
    worked, shown, said = run(root)
    assert not worked
    errors = [line for line in said if line.startswith("[error]")]
    assert len(errors) == len(expected)
    for line, start in zip(errors, expected, strict=True):
        assert line.startswith(start)
    assert said[-1] == f"{root}: not rendered, no file was changed"
    assert texts(tmp_path) == before
    assert any("look" in line for line in shown) == (case == "a validator that refuses")  # it has changed nothing
    assert "Traceback" not in "".join(said)


def test_an_unknown_image_comes_with_the_known_ones(tmp_path: Path) -> None:
    """The error lists what is installed, and says what other images would need."""
    _, _, said = run(make(tmp_path / "p", {"Kptfile": kptfile("set-labels:v1")}))
    known = "Installed: crash, delete, escape, generate, gone, label, litter, look, overwrite, refuse"
    assert said[0].endswith(f"for example.com/set-labels:v1, and {NO_RUNTIME}. {known}")


def test_a_crash_can_be_shown_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment asks for it, as --traceback does, each line of it below the name of the function."""
    root = make(tmp_path / "p", {"Kptfile": kptfile("crash")})
    _, _, said = run(root)
    assert not any("Traceback" in line for line in said)
    monkeypatch.setenv(TRACEBACK, "1")
    _, _, said = run(root)
    assert any(line.endswith(": Traceback (most recent call last):") for line in said)
    assert any("test_render.py" in line and ", in crash" in line for line in said)


def test_another_version_is_an_error(tmp_path: Path) -> None:
    """Under kpt it would be other code; a tag of the installed version, with or without v, and a digest are not."""
    steps = kptfile("look:v1.3.0", "look:v1.2.0", "look:1.2.0", "look@sha256:" + 64 * "0", "look")
    worked, _, said = run(make(tmp_path / "p", {"Kptfile": steps}))
    assert not worked
    (told,) = [line for line in said if "installed is" in line]
    assert told == (
        "[error] Kptfile:7: Kptfile p: pipeline.mutators[0].image: found example.com/look:v1.3.0, installed is 1.2.0: "
        "kpt would run other code. Write example.com/look:v1.2.0, or install 1.3.0"
    )


def test_a_moving_tag_is_a_warning(tmp_path: Path) -> None:
    """What it is today, nobody can say; the installed function runs."""
    worked, _, said = run(make(tmp_path / "p", {"Kptfile": kptfile("look:latest")}))
    assert worked
    place = "[warning] Kptfile:7: Kptfile p: pipeline.mutators[0].image"
    assert [line for line in said if "warning" in line] == [
        f"{place}: found example.com/look:latest, installed is 1.2.0"
    ]


def test_a_merge_conflict_is_named_with_its_line(tmp_path: Path) -> None:
    """The line is that of the first mark, in a file that functions read as in the Kptfile."""
    text = config_map("x", "<<<<<<< HEAD\ndata: {a: b}\n=======\ndata: {a: c}\n>>>>>>> main\n")
    line = text.splitlines().index("<<<<<<< HEAD") + 1
    _, _, said = run(make(tmp_path / "p", {"Kptfile": kptfile("label"), "x.yaml": text}))
    assert any(words.startswith(f"[error] x.yaml:{line}: ") and "merge conflict" in words for words in said), said
    _, _, said = run(make(tmp_path / "q", {"Kptfile": "<<<<<<< HEAD\n" + kptfile("label")}))
    assert any(words.startswith("[error] Kptfile:1: ") and "merge conflict" in words for words in said), said


def test_files_and_kptfile_are_faulted_in_one_run(tmp_path: Path) -> None:
    """A file that cannot be read does not hide a function that is not there."""
    _, _, said = run(make(tmp_path / "p", {"Kptfile": kptfile("set-labels:v1"), "x.yaml": "a: b: c\n"}))
    assert any("x.yaml:1" in line for line in said)
    assert any("no function set-labels is installed" in line for line in said)


@pytest.mark.parametrize("path", [".git/hooks/a.yaml", "sub/.GIT/config.yaml", ".krmfn/a.yaml"])
def test_what_is_gits_is_not_written(tmp_path: Path, path: str) -> None:
    """A function that wants a file there is refused, however git spells the folder."""
    package = Package(make(tmp_path / "p", {"Kptfile": kptfile("label")}), "p")
    assert list(package.refusals({path: "x"})) == [(path, "which belongs to git and to this tool")]


def test_a_disk_that_refuses_leaves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the file system becomes an error of the render, and no file has changed."""
    root = make(tmp_path / "p", {"Kptfile": kptfile("generate", "label"), "x.yaml": config_map("x")})
    before = texts(root)

    def refuse_all(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "_put", refuse_all)
    worked, shown, said = run(root)
    assert not worked
    assert said[-2:] == [
        "[error] cannot be written: no space left on device; free some, and run it again",
        f"{root}: not rendered, no file was changed",
    ]
    assert not any("files:" in line for line in shown)
    assert texts(root) == before


# Size


def cost(root: Path) -> tuple[float, int]:
    """Return seconds and peak bytes of a render that writes nothing."""
    tracemalloc.start()
    begin = time.process_time()
    rendering = Rendering(root)
    assert rendering.run()
    seconds, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, peak


def documents(count: int) -> Iterator[str]:
    for index in range(count):
        yield config_map(f"n{index}", f"data:\n  key: value {index}\n")


def test_memory_grows_with_the_package_and_not_faster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten times the resources take about ten times the memory; the time is shown, and not judged."""
    small = make(tmp_path / "small", {"Kptfile": kptfile("look", "label"), "all.yaml": "---\n".join(documents(500))})
    large = make(tmp_path / "large", {"Kptfile": kptfile("look", "label"), "all.yaml": "---\n".join(documents(5000))})
    (some, little), (more, much) = cost(small), cost(large)
    with capsys.disabled():
        print(f"5,000 resources: {more / some:.0f} times the time of 500, {much / 2**20:.0f} MiB")
    assert much < 20 * little
    assert much < 40_000 * 5000  # bytes for each resource with its tree


def test_a_function_leaves_nothing_behind(tmp_path: Path) -> None:
    """Environment, working directory, module path, streams and the handling of Ctrl-C are as they were before it."""

    def state() -> tuple[object, ...]:
        return dict(os.environ), Path.cwd(), list(sys.path), sys.stderr, signal.getsignal(signal.SIGINT)

    before = state()
    assert run(make(tmp_path / "p", {"Kptfile": kptfile("litter", "look")}))[0]
    assert state() == before


@pytest.mark.parametrize("image", ["--volume=/:/host", "-v", "a b/c", "a/Case:v1", "a/b:", "a-" * 5000 + "!", "a/../b"])
def test_what_is_no_name_of_an_image_never_reaches_an_engine(tmp_path: Path, image: str) -> None:
    """Kpt refuses it too; the engine would take the first for an option of its own."""
    text = (
        f"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n  - image: '{image}'\n"
    )
    worked, _, said = run(make(tmp_path / "p", {"Kptfile": text}))
    assert not worked
    assert any("expected the name of an image" in line for line in said), said


def test_distributions_have_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of the group krmfn_summary stand below the files, after a render that worked; one that fails is told."""
    asked: list[int] = []

    class Entry:
        name = "ours"

        def __init__(self, says: Callable[[list[Resource]], Iterator[str]]) -> None:
            self._says = says

        def load(self) -> Callable[[list[Resource]], Iterator[str]]:
            return self._says

    def counts(resources: list[Resource]) -> Iterator[str]:
        asked.append(len(resources))
        yield f"{len(resources)} objects"

    def breaks(resources: list[Resource]) -> Iterator[str]:
        raise LookupError(f"none of {len(resources)}")

    found = {"krmfn_summary": (Entry(counts), Entry(breaks))}
    real = entry_points.of_group
    monkeypatch.setattr(entry_points, "of_group", lambda group: found[group] if group in found else real(group))
    root = make(tmp_path / "p", {"Kptfile": kptfile("generate"), "x.yaml": config_map("x")})
    _, shown, _ = run(root)
    assert shown[-2:] == ["  3 objects", "  ours has nothing to say of it: LookupError: none of 3"]
    assert shown[-3].startswith("  files: ")
    fails = make(tmp_path / "q", {"Kptfile": kptfile("generate", "refuse"), "x.yaml": config_map("x")})
    assert not run(fails)[0]
    assert asked == [3]
