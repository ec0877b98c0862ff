"""Functions of one process are as far from each other as processes are."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.function import registry
from krm_functions_sdk.kpt import external
from krm_functions_sdk.kpt.render import Rendering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEPT: list[Any] = []
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata:\n  n: '1'\n"


def first(resources: ResourceList) -> Resource:
    return resources.where("ConfigMap")[0]


def keep_resource(resources: ResourceList) -> None:
    KEPT.append(first(resources))


def keep_edited(resources: ResourceList) -> None:
    KEPT.append(first(resources))
    KEPT[-1].set("data.n", "2")


def keep_list(resources: ResourceList) -> None:
    KEPT.append(resources)


def keep_items(resources: ResourceList) -> None:
    KEPT.append(resources.items)


def keep_new(resources: ResourceList) -> None:
    if not resources.where("ConfigMap", name="made"):
        KEPT.append(resources.add(Resource(CONFIG_MAP.format("made")), "made.yaml"))


def keep_generator(resources: ResourceList) -> None:
    KEPT.append(iter(resources))
    next(KEPT[-1])


def keep_nothing(resources: ResourceList) -> None:
    for one in resources:
        assert one.data
        assert one.name


def edit_values(resources: ResourceList) -> None:
    """Change what was to be read only."""
    first(resources).data["data"]["n"] = "corrupt"


def use_kept(_: ResourceList) -> None:
    """Change, in the turn of this function, what another one kept."""
    for kept in KEPT:
        for one in [kept] if isinstance(kept, Resource) else list(kept):
            one.set("data.n", "corrupt")


def edit_config(resources: ResourceList) -> None:
    config = resources.function_config
    assert config is not None
    config.set("data.n", "corrupt")


def look(resources: ResourceList) -> None:
    seen = [one.data["data"]["n"] for one in resources.where("ConfigMap")]
    resources.results.info(f"sees {', '.join(sorted(set(seen)))}")


def sleep(_: ResourceList) -> None:
    time.sleep(60)


def spin(_: ResourceList) -> None:
    while True:
        pass


def spin_on(_: ResourceList) -> None:
    """Do not heed an exception."""
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        try:
            spin(_)
        except BaseException:  # noqa: BLE001  # that is the point
            continue
    spin(_)


FUNCTIONS = (
    keep_resource, keep_edited, keep_list, keep_items, keep_new, keep_generator, keep_nothing,
    edit_values, use_kept, edit_config, look, sleep, spin, spin_on,
)  # fmt: skip


class Installed:
    version = "1"

    def __init__(self, function: Callable[[ResourceList], None]) -> None:
        self.name, self.load = function.__name__, lambda: function


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    KEPT.clear()
    monkeypatch.setattr(registry, "installed", lambda: {one.__name__: Installed(one) for one in FUNCTIONS})


def render(root: Path, *steps: str, timeout: float = 300) -> tuple[Rendering, list[str]]:
    root.mkdir(exist_ok=True)
    pipeline = "".join(f"  - {step}\n" for step in steps)
    head = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n"
    (root / "Kptfile").write_text(head + pipeline)
    (root / "a.yaml").write_text(CONFIG_MAP.format("a") + "---\n" + CONFIG_MAP.format("b"))
    rendering = Rendering(root, limits=external.Limits(timeout=timeout))
    rendering.run()
    return rendering, [result.message for result in rendering.results]


def is_untouched(rendering: Rendering) -> bool:
    """Say whether nothing that is to be written has what was put there behind the back of the render."""
    return not any("corrupt" in (text or "") for _, texts in rendering.changes for text in texts.values())


@pytest.mark.parametrize(
    ("keeper", "seen"),
    [
        ("keep_resource", "1"),
        ("keep_edited", "1, 2"),
        ("keep_list", "1"),
        ("keep_items", "1"),
        ("keep_new", "1"),
        ("keep_generator", "1"),
    ],
)
def test_what_a_function_keeps_is_no_longer_what_others_see(tmp_path: Path, keeper: str, seen: str) -> None:
    rendering, said = render(tmp_path / "p", f"image: {keeper}", "image: use_kept", "image: look")
    assert KEPT
    assert said == [f"sees {seen}"]
    assert is_untouched(rendering)


def test_a_file_keeps_its_place_and_its_bytes_where_one_of_its_resources_is_kept(tmp_path: Path) -> None:
    rendering, _ = render(tmp_path / "p", "image: keep_edited", "image: keep_list", "image: look")
    ((_, changed),) = rendering.changes
    assert changed == {"a.yaml": (CONFIG_MAP.format("a") + "---\n" + CONFIG_MAP.format("b")).replace("'1'", "'2'", 1)}
    assert not render(tmp_path / "p", "image: keep_list", "image: use_kept")[0].changes


def test_a_thread_that_goes_on_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, done = threading.Event(), threading.Event()

    def late(one: Resource) -> None:
        go.wait(10)
        one.set("data.n", "corrupt")
        done.set()

    def start(resources: ResourceList) -> None:
        threading.Thread(target=late, args=(first(resources),)).start()

    def wait(_: ResourceList) -> None:
        go.set()
        assert done.wait(10)

    functions = (start, wait, look)
    monkeypatch.setattr(registry, "installed", lambda: {one.__name__: Installed(one) for one in functions})
    rendering, said = render(tmp_path / "p", "image: start", "image: wait", "image: look")
    assert said == ["sees 1"]
    assert is_untouched(rendering)


def test_values_that_were_changed_in_place_are_read_anew(tmp_path: Path) -> None:
    rendering, said = render(tmp_path / "p", "image: edit_values", "image: look")
    assert said == ["sees 1"]
    assert not rendering.changes


def test_a_function_cannot_change_its_config(tmp_path: Path) -> None:
    """As under kpt, which does not read it back."""
    (tmp_path / "p").mkdir()
    (tmp_path / "p/config.yaml").write_text(CONFIG_MAP.format("config"))
    step = "{image: edit_config, configPath: config.yaml, exclude: [{name: config}]}"
    rendering, said = render(tmp_path / "p", step, "image: look")
    assert said == ["sees 1"]
    assert not rendering.changes


def test_without_a_reason_nothing_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy(_: Resource) -> Resource:
        raise AssertionError("copied")

    monkeypatch.setattr(Resource, "copy", copy)
    assert render(tmp_path / "p", "image: keep_nothing", "image: look")[1] == ["sees 1"]


@pytest.mark.parametrize("function", ["sleep", "spin", "spin_on"])
def test_a_function_that_hangs_is_stopped(tmp_path: Path, function: str) -> None:
    rendering, said = render(tmp_path / "p", f"image: {function}", "image: look", timeout=0.2)
    assert len(said) == 1
    assert said[0].startswith(f"{function.replace('_', '-')} was stopped at test_isolation.py:")
    assert said[0].endswith(" after 0.2 s; --timeout allows more")
    assert not rendering.changes


def test_a_timer_does_not_outlive_its_function(tmp_path: Path) -> None:
    rendering, said = render(tmp_path / "p", "image: look", "image: look", timeout=1)
    time.sleep(1.2)
    assert said == ["sees 1", "sees 1"]
    assert not rendering.results.failed
