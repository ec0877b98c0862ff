"""krmfn diff of what was applied and what a real API server holds: nothing, until somebody changes it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from krm_functions_sdk import Resource
from krm_functions_sdk.kpt import server_fields
from krm_functions_sdk.kpt.comparison import Comparison, compare

from tests.conftest import SCRIPTS
from tests.judge.client import Object
from tests.judge.conftest import Clusters
from tests.judge.sets import FILES, Set, packages, sets
from tests.judge.test_admission import tried

pytestmark = pytest.mark.judge

FIELDS = server_fields.installed()


def compared(sent: list[Object], held: list[Object]) -> Comparison:
    before, after = ([Resource.new(one) for one in objects] for objects in (sent, held))
    return compare(before, after, live="after", fields=FIELDS)


@pytest.mark.parametrize("one", sets(), ids=str)
def test_what_a_server_fills_in_is_no_difference(one: Set, clusters: Clusters) -> None:
    trial = tried(one, clusters)
    sent = [each for each, answer in zip(trial.sent, trial.first, strict=True) if answer.taken]
    found = compared(sent, [answer.body for answer in trial.read])
    assert [f"{change.item} {each.path}" for change in found.changes for each in change.differences] == []


def test_the_command_reads_a_dump_and_names_what_somebody_changed(clusters: Clusters, tmp_path: Path) -> None:
    """A dump holds other objects as well; they are counted, and no differences."""
    trial = tried(Set(packages()[0], "gaie-v1.0", FILES), clusters)
    (tmp_path / "sent.yaml").write_text(yaml.safe_dump_all(trial.sent))
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "uid": "1"}}
    held = [*(answer.body for answer in trial.read), other]
    command = [f"{SCRIPTS}/krmfn", "diff", "sent.yaml", "live.yaml"]
    for change, status, words in (
        (False, 0, "nothing differs; 1 other objects in the cluster\n"),
        (True, 1, "spec.replicas: 3 → 7\n"),
    ):
        objects = json.loads(json.dumps(held))
        if change:
            (server,) = (one for one in objects if one["kind"] == "Deployment" and one["spec"]["replicas"] == 3)
            server["spec"]["replicas"] = 7
        text = yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": objects})
        (tmp_path / "live.yaml").write_text(text)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (status, "")
        assert words in done.stdout
