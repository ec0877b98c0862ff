"""A render over what was there gives the text of one from nothing, and a change and its way back the first text.

kpt puts a field that is new to its map at the map's end (kyaml, order.SyncOrder), and krmfn does so too. So functions
write last in a map what comes and goes. Where that is not to be had, a row below says why.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from mutants import merged

from tests.changed_together import Group, groups
from tests.conftest import Copy
from tests.judge.sets import beside

# Changes after which only the places of fields in their maps differ from a render from nothing, each with the reason.
ELSEWHERE = dict.fromkeys(
    (f"server.resources.limits.{name}" for name in ("cpu", "memory", "ephemeral-storage")),
    "two functions write into this map, and the later one's GPUs are there before",
) | dict.fromkeys(
    ("availability.priorityClassName", "availability.spareGPUs", "weights.serviceAccountName"),
    "other functions write into the Deployment and its Pod as well, and what is theirs is there before",
)
# What comes and goes in the most places at once.
MUCH = {
    "release": "gaie-v1.5",
    "picker": {"priorityClassName": "system-cluster-critical", "replicas": 2},
    "server": {"extraArgs": ["--gpu-memory-utilization=0.9"], "env": [{"name": "MINE", "value": "1"}]},
    "gateway": {"tls": {"redirect": False, "secrets": [{"name": "cert"}]}},
    "route": {"hostnames": ["llm.example.com"], "objective": "llama3-base-model"},
}


def spec_of(package: Copy) -> tuple[Any, Any]:
    intent = yaml.safe_load(package.read("llm.yaml"))
    return intent, intent["spec"]


def written(package: Copy, intent: Any, spec: Any) -> dict[str, str]:
    """Return the files, but the intent, as they are rendered with this spec over what is there."""
    package.write("llm.yaml", yaml.safe_dump({**intent, "spec": spec}, sort_keys=False))
    assert package.render(), package.said
    return generated(package)


def generated(package: Copy) -> dict[str, str]:
    return {file: text for file, text in package.texts().items() if file != "llm.yaml"}


def lines(texts: dict[str, str]) -> dict[str, list[str]]:
    return {file: sorted(text.splitlines()) for file, text in texts.items()}


def twin(package: Copy, name: str) -> Copy:
    return Copy(Path(shutil.copytree(package.root, package.root.parent / name / package.root.name)))


def changed(spec: Any, part: dict[str, Any]) -> Any:
    """Return the spec with a part of another; null takes a field out."""
    return {key: value for key, value in merged(spec, part).items() if value is not None}


@pytest.mark.parametrize("group", groups(*ELSEWHERE), ids=lambda group: group.name)
def test_a_field_that_changes_gives_the_text_of_a_render_from_nothing(group: Group, intent: Copy) -> None:
    """So does each way back; in rows of ELSEWHERE at least the lines are the same."""
    fresh = twin(intent, "fresh")
    one, _ = spec_of(intent)
    one["spec"]["release"] = "gaie-v1.0"
    if "namespace" in group.needs:
        one["metadata"]["namespace"] = group.needs["namespace"]
    before = changed(one["spec"], group.before)
    after = changed(before, group.to)
    for package in (intent, fresh):
        for file, other in beside(group.needs, one).items():
            package.write(file, yaml.safe_dump(other, sort_keys=False))
    first = written(intent, one, before)
    then, new = written(intent, one, after), written(fresh, one, after)
    assert (then == new) == (group.fields[0] not in ELSEWHERE)
    assert lines(then) == lines(new)
    assert written(intent, one, before) == first


def test_kpt_gives_the_text_of_a_render_from_nothing_too(intent: Copy, kpt: str) -> None:
    """A change of many fields at once and its way back, each rendered by kpt."""
    fresh, first = twin(intent, "fresh"), twin(intent, "first")
    one, spec = spec_of(intent)

    def written_by_kpt(package: Copy, value: Any) -> dict[str, str]:
        package.write("llm.yaml", yaml.safe_dump({**one, "spec": value}, sort_keys=False))
        run = package.render_with_kpt(kpt)
        assert run.returncode == 0, run.stderr
        return generated(package)

    before = written_by_kpt(intent, spec)
    after = merged(spec, MUCH)
    assert written_by_kpt(intent, after) == written_by_kpt(fresh, after)
    assert written_by_kpt(intent, spec) == before
    assert before == written(first, one, spec)
