"""Each picker configuration that we show is loaded by the real picker of its release, with exactly its arguments."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from krm_inference.commands.facts.release_facts import of

from tests.conftest import ROOT
from tests.judge import pickers
from tests.judge.client import Object
from tests.judge.components import PICKERS, picker
from tests.judge.conftest import Clusters
from tests.judge.pickers import Files, Picker
from tests.judge.sets import placed

pytestmark = pytest.mark.judge

EXAMPLES = "functions/krm_inference/generate_inference_pool/examples/*/expected.yaml"
PLACES = ("tests/golden/*/endpoint-picker.yaml", "packages/*/endpoint-picker.yaml", EXAMPLES)


def documents(file: Path) -> list[Object]:
    """Return the objects of a file, those in a ResourceList too, unless it shows a mistake and nothing was made."""
    found = [one for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one]
    if any(each.get("severity") == "error" for one in found for each in one.get("results", ())):
        return []
    return [each for one in found for each in (one["items"] if one["kind"] == "ResourceList" else [one])]


def shown() -> dict[str, tuple[Object, Files]]:
    """Return each picker's Deployment in our files with what it mounts, where its release has a program here."""
    found = {}
    for file in (file for place in PLACES for file in sorted(ROOT.glob(place))):
        objects = placed(documents(file))
        texts = {one["metadata"]["name"]: one.get("data", {}) for one in objects if one["kind"] == "ConfigMap"}
        for one in objects:
            if not pickers.is_picker(one) or pickers.release_of(pickers.container(one)["image"]) not in PICKERS:
                continue
            volumes = one["spec"]["template"]["spec"].get("volumes", ())
            names = {each["name"]: each["configMap"]["name"] for each in volumes if "configMap" in each}
            files = {
                mount["mountPath"]: texts[names[mount["name"]]]
                for mount in pickers.container(one).get("volumeMounts", ())
                if names.get(mount["name"]) in texts
            }
            found[f"{file.relative_to(ROOT).parent.as_posix()} {one['metadata']['name']}"] = (one, files)
    return found


SHOWN = shown()


def test_there_are_configurations_of_each_release() -> None:
    releases = {pickers.release_of(pickers.container(one)["image"]) for one, _ in SHOWN.values()}
    assert releases == set(PICKERS)


@pytest.mark.parametrize("case", SHOWN)
def test_the_picker_starts_with_what_we_show(case: str, clusters: Clusters) -> None:
    deployment, files = SHOWN[case]
    assert files, f"{case} mounts no configuration"
    release = pickers.release_of(pickers.container(deployment)["image"])
    cluster = clusters(str(release))
    picker = Picker(cluster, deployment, cluster.admin.token, files=files)
    try:
        picker.wait()
        said = picker.process.said()
    finally:
        picker.stop()
    assert '"level":"error"' not in said, said


# A line of what a picker prints of its flags: Go's own form, or that of pflag; a value that is none is no default.
FLAG = re.compile(r"^ +(?:-v, )?-{1,2}([\w-]+)([^\n]*(?:\n    \t[^\n]*)?)$", re.MULTILINE)
DEFAULT = re.compile(r"\(default \"?([^()\"]*)\"?\)$")
ABSENT = {"", "0", "0s", "false"}


@pytest.mark.parametrize("release", PICKERS)
def test_the_table_of_flags_is_what_the_picker_prints(release: str) -> None:
    """Each flag that a real picker prints is in the facts with its default; what it hides is refused or deprecated."""
    said = subprocess.run([picker(release), "--help"], capture_output=True, text=True, timeout=60, check=False)
    lines = FLAG.findall(said.stdout + said.stderr)
    printed = {f"--{name}": found[1] if (found := DEFAULT.search(text)) else "" for name, text in lines}
    known = of(release)["picker"]["allFlags"]
    assert printed
    assert printed.keys() <= known.keys()
    assert {flag: (default, known[flag]) for flag, default in printed.items() if not same(default, known[flag])} == {}
    hidden = known.keys() - printed.keys()
    assert {flag for flag in hidden if not flag.endswith("-metric")} == HIDDEN[release]


def same(printed: str, known: str) -> bool:
    return printed == known or {printed, known} <= ABSENT


# Flags that pflag does not print, since they are deprecated, beside those that name a metric.
HIDDEN = {
    "gaie-v1.0": set(),
    "gaie-v1.5": {
        "--model-server-metrics-scheme",
        "--model-server-metrics-path",
        "--model-server-metrics-port",
        "--model-server-metrics-https-insecure-skip-verify",
    },
}
