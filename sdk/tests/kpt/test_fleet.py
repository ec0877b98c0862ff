"""Many packages at once: what one process does, in parallel, and what fails takes nothing else along."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import ResourceList, krmfn
from krm_functions_sdk.function import registry
from krm_functions_sdk.kpt import fleet

KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n  - image: change\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"


def change(resources: ResourceList) -> None:
    """Label; a ConfigMap that is called so fails, raises, warns, prints, waits, or kills the process."""
    for one in resources.where("ConfigMap"):
        if one.name == "fails":
            resources.results.error("a reason", one)
        elif one.name == "raises":
            raise RuntimeError("no")
        elif one.name == "warns":
            resources.results.warning("a doubt", one)
        elif one.name == "prints":
            print("a line\nand another")
        elif one.name == "waits":
            Path(one.get("data.began")).touch()
            time.sleep(1)
        elif one.name == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        one.set("metadata.labels.seen", "yes")


class Installed:
    name, version = "change", "1.0.0"

    def load(self) -> Callable[[ResourceList], None]:
        return change


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setattr(registry, "installed", lambda: {"change": Installed()})
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["krmfn", "render", *arguments])
        status = krmfn.main()
        return status, *capsys.readouterr()

    return call


def make(*names: str) -> None:
    for name in names:
        Path(name).mkdir(parents=True)
        (Path(name) / "Kptfile").write_text(KPTFILE)
        (Path(name) / "a.yaml").write_text(CONFIG.format(Path(name).name))


def is_rendered(name: str) -> bool:
    return "seen" in Path(name, "a.yaml").read_text()


@pytest.mark.parametrize("jobs", ["1", "2", "9"])
def test_each_package_gets_a_line_and_what_fails_is_told_in_full(
    run: Callable[..., tuple[int, str, str]], jobs: str
) -> None:
    """In the order that was asked for, whatever is done first; the others are rendered."""
    make("f/a", "f/fails", "f/raises", "f/warns", "z")
    status, out, err = run("--jobs", jobs, "z", "f")
    assert (status, out.splitlines()) == (
        1,
        [
            "z: files: 1 written",
            "f/a: files: 1 written",
            "f/fails: FAILED",
            "f/raises: FAILED",
            "f/warns: files: 1 written, 1 warning",
            "5 packages: 3 changed, 2 failed",
        ],
    )
    assert "[error] f/fails/a.yaml:1: ConfigMap fails: a reason" in err
    assert "  f/fails: a reason\n" in err
    assert "a doubt" not in err
    assert [is_rendered(name) for name in ("z", "f/a", "f/fails", "f/raises", "f/warns")] == [1, 1, 0, 0, 1]
    assert run("--jobs", jobs, "z", "f/a")[:2] == (
        0,
        "z: files: unchanged\nf/a: files: unchanged\n2 packages: 2 unchanged\n",
    )


def test_a_function_that_takes_its_process_down_takes_one_package_down(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    """All others are rendered, those before it and those behind it."""
    make("a", "b", "dies", "d", "e")
    status, out, err = run("--jobs", "2", "a", "b", "dies", "d", "e")
    assert status == 1
    told = [line.split(": ")[:2] for line in out.splitlines()[:-1]]
    assert told == [[name, "FAILED" if name == "dies" else "files"] for name in ("a", "b", "dies", "d", "e")]
    assert out.splitlines()[-1].endswith(", 1 failed")
    assert "took its process down" in err
    assert [is_rendered(name) for name in ("a", "b", "dies", "d", "e")] == [True, True, False, True, True]


def test_what_two_of_them_share_is_rendered_once(run: Callable[..., tuple[int, str, str]]) -> None:
    """A subpackage beside its package, also one below a folder that the package ignores, and one under two names."""
    make("p", "p/sub/deep", "p/hid/own", "q")
    Path("p/.krmignore").write_text("hid/\n")
    _, out, _ = run("--jobs", "1", "p", "p/sub/deep", "p/hid/own", "q", "./q", str(Path("q").resolve()))
    assert [line.split(":")[0] for line in out.splitlines()] == ["p", "q", "2 packages"]


def test_the_report_has_what_was_told(run: Callable[..., tuple[int, str, str]]) -> None:
    """Its keys are those that docs/fleets.md lists."""
    make("a", "fails")
    assert run("--report", "r.json", "a", "fails")[0] == 1
    report = json.loads(Path("r.json").read_text())
    ran = {"function": "change", "added": 0, "deleted": 0}
    assert (report["kind"], len(report["packages"])) == ("RenderReport", 2)
    good, bad = report["packages"]
    assert good == {
        "package": "a",
        "result": "changed",
        "written": ["a.yaml"],
        "deleted": [],
        "steps": [{**ran, "package": "a", "changed": 1, "failed": False}],
        "results": [],
    }
    assert (bad["result"], bad["written"], bad["steps"][0]["failed"]) == ("failed", [], True)
    assert [(result["severity"], result["message"]) for result in bad["results"]] == [("error", "a reason")]


@pytest.mark.parametrize(("option", "status"), [("--diff", 0), ("--check", 1)])
def test_previews_write_nothing(run: Callable[..., tuple[int, str, str]], option: str, status: int) -> None:
    """Standard output is a patch and nothing else."""
    make("a", "b")
    found, out, err = run(option, "a", "b")
    assert (found, out.count("+    seen:"), "a: files: 1 to be written\n" in err) == (status, 2, True)
    assert not any(map(is_rendered, "ab"))


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5"])
def test_a_number_of_jobs_that_is_none(run: Callable[..., tuple[int, str, str]], value: str) -> None:
    make("a", "b")
    assert run("--jobs", value, "a", "b")[::2] == (
        2,
        f"krmfn: --jobs: found {value}, expected a whole number above 0\n",
    )


def test_one_package_and_one_job_pay_for_no_processes(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make("a", "b")
    monkeypatch.setattr(fleet, "_parallel", None)
    assert (run("a")[0], run("--jobs", "1", "a", "b")[0]) == (0, 0)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_functions_print_is_told_with_package_and_function(
    run: Callable[..., tuple[int, str, str]], jobs: str
) -> None:
    make("prints", "q")
    status, out, err = run("--jobs", jobs, "prints", "q")
    assert (status, out) == (
        0, "prints: files: 1 written\nq: files: 1 written\n2 packages: 2 changed\n",
    )  # fmt: skip
    assert err == "prints: change: a line\nprints: change: and another\n"


COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
sys.path.insert(0, sys.argv.pop(1))
import test_fleet
from krm_functions_sdk import krmfn
from krm_functions_sdk.function import registry
registry.installed = lambda: {"change": test_fleet.Installed()}
sys.exit(krmfn.main())
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", COMMAND, str(Path(__file__).parent), "render", *arguments]


def test_a_terminal_shows_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar that each line pushes down, and of which nothing is left."""
    monkeypatch.chdir(tmp_path)
    make("a", "b", "fails")
    primary, secondary = pty.openpty()
    process = subprocess.Popen(command("--jobs", "1", "a", "b", "fails"), stdout=secondary, stderr=secondary)
    os.close(secondary)
    said = b""
    with contextlib.suppress(OSError):  # the terminal ends
        while part := os.read(primary, 4096):
            said += part
    os.close(primary)
    assert process.wait() == 1
    text = said.decode()
    assert "[..............................] 0/3" in text
    assert "[####################..........] 2/3" in text
    shown = [line.rpartition("\r")[2] for line in text.replace("\r\n", "\n").split("\n")]
    assert shown[:3] == ["a: files: 1 written", "b: files: 1 written", "fails: FAILED"]
    assert not any("#" in line for line in shown)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_whoever_ends_a_fleet_leaves_whole_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str) -> None:
    """Ctrl-C reaches every process of the terminal; what was begun is finished or not begun, and no process is left."""
    monkeypatch.chdir(tmp_path)
    began = tmp_path / "began"
    make("waits", *(f"p{number}" for number in range(20)))
    with Path("waits/a.yaml").open("a") as file:
        file.write(f"data:\n  began: {began}\n")
    process = subprocess.Popen(
        command("--jobs", jobs, "waits", "."),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    while not began.exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.endswith("krmfn: interrupted\n")
    assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert not list(tmp_path.rglob(".krmfn"))


SLOW = """\
import os, signal, sys, time
from pathlib import Path
from krm_functions_sdk import krmfn
from krm_functions_sdk.function import registry
from krm_functions_sdk.kpt import fleet

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
begin = fleet.begin

def slowly(parent):
    Path("began").touch()
    while not Path("ended").exists():
        time.sleep(0.01)
    begin(parent)

fleet.begin, registry.installed = slowly, dict
sys.argv = ["krmfn", "render", "--jobs", "2", "a", "b"]
sys.exit(krmfn.main())
"""


def test_a_worker_that_has_not_begun_yet_leaves_an_end_to_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the first package is at work while the second worker is being made."""
    monkeypatch.chdir(tmp_path)
    make("a", "b")
    Path("slow.py").write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, "slow.py"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert _within(60, Path("began").exists)
    os.killpg(process.pid, signal.SIGINT)
    Path("ended").touch()
    said, _ = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, "krmfn: interrupted\n")


def test_a_package_without_anything_but_its_kptfile_and_a_folder_without_packages(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    for name in ("a", "b"):
        Path(name).mkdir()
        (Path(name) / "Kptfile").write_text(KPTFILE)
    Path("none").mkdir()
    assert run("a", "b")[:2] == (0, "a: files: unchanged\nb: files: unchanged\n2 packages: 2 unchanged\n")
    assert run("none") == (2, "", "krmfn: none: no Kptfile here or below\n")
    (Path("b") / "Kptfile").write_text("")
    status, out, err = run("a", "b")
    assert (status, out.splitlines()[-1]) == (1, "2 packages: 1 unchanged, 1 failed")
    assert "[error] b/Kptfile:1: empty, expected a Kptfile of kpt.dev/v1" in err


KILLED = """\
import os, sys, time
from pathlib import Path
from krm_functions_sdk.function import registry
from krm_functions_sdk import krmfn

def change(resources):
    Path("workers", str(os.getpid())).touch()
    time.sleep(60)

class Installed:
    name, version = "change", "1.0.0"
    def load(self):
        return change

registry.installed = lambda: {"change": Installed()}
sys.argv = ["krmfn", "render", "--jobs", "2", "a", "b", "c"]
krmfn.main()
"""


def test_no_worker_outlives_a_command_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After kill -9 of the command its workers end by themselves, and let go of their packages."""
    monkeypatch.chdir(tmp_path)
    make("a", "b", "c")
    Path("workers").mkdir()
    Path("killed.py").write_text(KILLED)
    command = subprocess.Popen([sys.executable, "killed.py"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert _within(60, lambda: len(list(Path("workers").iterdir())) == 2)
    finally:
        command.kill()
        command.wait()
    workers = [int(file.name) for file in Path("workers").iterdir()]
    assert _within(30, lambda: not any(_runs(worker) for worker in workers))


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
