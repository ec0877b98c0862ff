"""Replicas of several engines and machines: the packages that come out, and that all agree on how they are split."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Copy

FOLDER = Path(__file__).parent / "multinode"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/llm.yaml"))
INTENT = "llm.yaml"
LEADING, JOINING = "leaderTemplate", "workerTemplate"


@pytest.mark.parametrize("name", CASES)
def test_the_package_of_a_split_is_its_golden(name: str, intent: Copy) -> None:
    """The intent renders to what is stored beside it, without a fault or a warning."""
    intent.write(INTENT, (FOLDER / name / INTENT).read_text(encoding="utf-8"))
    assert intent.is_golden(FOLDER / name)
    assert not [line for line in intent.said if line.startswith(("[error]", "[warning]"))]


def documents(name: str) -> list[dict[str, Any]]:
    texts = [file.read_text(encoding="utf-8") for file in sorted((FOLDER / name).glob("*.yaml"))]
    return [item for text in texts for item in yaml.safe_load_all(text) if item]


def group(name: str) -> dict[str, Any] | None:
    """Return the part of a LeaderWorkerSet that has its templates, None where the package has a Deployment."""
    found = [item["spec"]["leaderWorkerTemplate"] for item in documents(name) if item["kind"] == "LeaderWorkerSet"]
    return found[0] if found else None


def container(template: dict[str, Any]) -> dict[str, Any]:
    (found,) = (one for one in template["spec"]["containers"] if one["name"] == "vllm")
    return dict(found)


def flag(template: dict[str, Any], name: str) -> str:
    return next((item.partition("=")[2] for item in container(template)["args"] if item.startswith(f"{name}=")), "1")


GROUPS = [name for name in CASES if "two-machines" in name]


def test_one_split_is_on_one_machine_and_others_are_not() -> None:
    """A package is of a LeaderWorkerSet where its name says that, and else of a Deployment."""
    assert [name for name in CASES if group(name)] == GROUPS
    assert 0 < len(GROUPS) < len(CASES)


@pytest.mark.parametrize("name", GROUPS)
def test_engines_stages_and_tensors_are_as_many_as_all_gpus_of_a_group(name: str) -> None:
    """The product of the parallel sizes is the number of GPUs of all Pods, as vLLM asks of it."""
    templates = group(name)
    assert templates is not None
    for role in (LEADING, JOINING):
        sizes = (flag(templates[role], f"--{kind}-parallel-size") for kind in ("tensor", "pipeline", "data"))
        product = 1
        for size in sizes:
            product *= int(size)
        gpus = int(container(templates[role])["resources"]["limits"]["nvidia.com/gpu"])
        assert product == gpus * templates["size"]
        assert flag(templates[role], "--nnodes") == str(templates["size"])


@pytest.mark.parametrize("name", GROUPS)
def test_only_the_leader_is_a_server(name: str) -> None:
    """A worker has no port, no probe and no label by which a pool, a monitor or a Service selects."""
    templates = group(name)
    assert templates is not None
    leader, worker = container(templates[LEADING]), container(templates[JOINING])
    assert "--headless" in worker["args"]
    assert "--headless" not in leader["args"]
    assert not [key for key in worker if key == "ports" or key.endswith("Probe")]
    assert {"livenessProbe", "readinessProbe", "startupProbe", "ports"} <= leader.keys()
    labels = templates[LEADING]["metadata"]["labels"]
    assert not templates[JOINING].get("metadata", {}).get("labels")
    selectors = [
        item["spec"]["selector"] for item in documents(name) if item["kind"] in ("InferencePool", "PodMonitor")
    ]
    of_servers = [one["matchLabels"] for one in selectors if one["matchLabels"].items() <= labels.items()]
    assert of_servers


@pytest.mark.parametrize("name", GROUPS)
def test_a_worker_may_stay_for_longer_than_its_leader_drains(name: str) -> None:
    """Its grace period is more than the leader's, in which that answers what it took."""
    templates = group(name)
    assert templates is not None
    times = [templates[role]["spec"]["terminationGracePeriodSeconds"] for role in (LEADING, JOINING)]
    assert times[0] < times[1]
