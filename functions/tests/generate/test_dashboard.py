"""The dashboard: every query asks for a metric that the server or the picker of the service has."""

import json
import re
from typing import Any

import pytest
from krm_functions_sdk import Resource
from krm_inference.domain import intent
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.releases import RELEASES, picker_lines
from krm_inference.domain.facts.releases.picker_tables import METRICS
from krm_inference.domain.service import LLMService
from krm_inference.generate_monitoring import dashboard

_METRIC = re.compile(r"((?:vllm:)?[a-z0-9_]+?)(?:_bucket)?\{")


def board(least: str, release: str, image: str = "") -> dict[str, Any]:
    """Return the dashboard of a service of a release."""
    resource = Resource(least.replace("gaie-v1.0", release))
    if image:
        resource.set("spec.server.image", image)
    service = LLMService(resource, intent.schema().with_defaults(resource.data))
    found: dict[str, Any] = json.loads(dashboard.config_map(service)["data"]["dashboard.json"])
    return found


def metrics(found: dict[str, Any]) -> set[str]:
    return {name for panel in found["panels"] for one in panel["targets"] for name in _METRIC.findall(one["expr"])}


@pytest.mark.parametrize("release", RELEASES)
def test_every_metric_is_one_that_is_emitted(least: str, release: str) -> None:
    """By the tables of vLLM's wheels and of the picker's sources; and no half of the board is empty."""
    asked = metrics(board(least, release))
    picker = picker_lines.said(METRICS, release).keys()
    of_server = {name for name in asked if name.startswith("vllm:")}
    assert all(vllm.metric_span(name) for name in of_server)
    assert asked - of_server <= picker
    assert len(of_server) >= 9
    assert len(asked - of_server) >= 5


def test_an_older_server_is_asked_by_the_names_that_it_has(least: str) -> None:
    """Before 0.9 the cache had another name."""
    assert "vllm:gpu_cache_usage_perc" in metrics(board(least, "gaie-v1.0", "vllm/vllm-openai:v0.8.5"))
    assert "vllm:kv_cache_usage_perc" in metrics(board(least, "gaie-v1.0", "vllm/vllm-openai:v0.33.0"))


@pytest.mark.parametrize("panel", [*dashboard.SERVER, *dashboard.PICKER], ids=lambda panel: panel.title)
def test_no_panel_is_for_nobody(panel: dashboard.Panel, least: str) -> None:
    """Each metric of the table is in the board of some release or of some version of vLLM."""
    boards = [
        metrics(board(least, release, image)) for release in RELEASES for image in ("", "vllm/vllm-openai:v0.8.5")
    ]
    assert [name for name in panel.metrics if not any(name in found for found in boards)] == []


def test_panels_do_not_overlap(least: str) -> None:
    """Each has a place of its own in rows of three, and an id of its own."""
    panels = board(least, "gaie-v1.5")["panels"]
    assert len({(one["gridPos"]["x"], one["gridPos"]["y"]) for one in panels}) == len(panels)
    assert len({one["id"] for one in panels}) == len(panels)


def test_no_other_service_is_meant(least: str) -> None:
    """Pods of the Deployment alone: not those of its picker, nor of a service whose name begins alike."""
    panels = board(least, "gaie-v1.5")["panels"][: len(dashboard.SERVER)]
    (pods,) = {pod for panel in panels for pod in re.findall(r'pod=~"([^"]*)"', panel["targets"][0]["expr"])}
    name = pods.removesuffix("-[^-]+-[^-]+")
    assert re.fullmatch(pods, f"{name}-7d9f8c-abc12")
    assert not re.fullmatch(pods, f"{name}-epp-7d9f8c-abc12")
    assert not re.fullmatch(pods, f"{name}-large-7d9f8c-abc12")
