"""A render that is killed at any moment: no file is half written, and the next command leaves the old tree or the new.

`make kill` does it more often, and with more files.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from kills import CONFIG_MAP, FILES, KILLS, KPTFILE, SEED, WORK, Commands, restore, tree
from real_tools import install

FUNCTION = """
def mark(resources):
    for resource in resources.where("ConfigMap"):
        number = resource.get("data.number")
        resource.set("data.mark", number + "x" * 50)
        if number.endswith("7"):
            resources.remove(resource)
        if number.endswith("9"):
            resources.move(resource, f"moved/{number}.yaml")
"""


@pytest.fixture
def renders(tmp_path: Path) -> Commands:
    """Renders of one package, with a function that is installed for them alone."""
    root = tmp_path / "many"
    root.mkdir()
    (root / "Kptfile").write_text(KPTFILE)
    for number in range(FILES):
        (root / f"{number}.yaml").write_text(CONFIG_MAP.format(number))
    return Commands(("render", "many"), tmp_path, root, install(tmp_path, "mark", FUNCTION))


@pytest.mark.parametrize("seed", [pytest.param(SEED, id=f"KILL_SEED={SEED}")])
def test_a_render_that_is_killed_at_any_moment(
    renders: Commands, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = Random(seed)
    old = tree(renders.root)
    takes = renders.measure()
    new = tree(renders.root)
    assert len({*new.items()} - {*old.items()}) >= FILES * 4 // 5

    ends: Counter[str] = Counter()
    for number in range(KILLS):
        restore(renders.root, old)
        renders.kill(dice, takes)
        for name, data in tree(renders.root).items():
            assert data in (old.get(name), new.get(name)), f"{name} is half written"
        at = renders.reached()
        status, said = renders.run(*(("render", "--check", "many"), ("source", "many"))[number % 2])
        assert "Traceback" not in said
        found = tree(renders.root)
        assert found in (old, new), said
        assert status == (1 if found == old and number % 2 == 0 else 0), said
        assert not (renders.root / WORK).exists()
        ends[f"{at}: {'new' if found == new else 'old'}"] += 1
    with capsys.disabled():
        print(f"KILL_SEED={seed}, {KILLS} kills, by what was on disk then: {dict(ends)}")
