"""Prefill and decode that do nothing together: sets in which a part is written another way, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules import pickers, vllm

# Manifests in which all agree.
SET = (Path(pickers.__file__).parent / "examples" / "picker-prefill" / "passes.yaml").read_text(encoding="utf-8")
BY_HAND = (Path(vllm.__file__).parent / "examples" / "kv-role" / "passes.yaml").read_text(encoding="utf-8")
RULES = {
    *("picker-prefill", "picker-role", "kv-address", "kv-role", "kv-connector"),
    *("sidecar-missing", "sidecar-passed-by", "sidecar-port", "server-port"),
}
DECIDER = """\
    - type: prefix-based-pd-decider
      parameters:
        nonCachedTokens: 256
"""
HANDLER = """\
    - type: disagg-profile-handler
      parameters:
        deciders:
          prefill: prefix-based-pd-decider
"""
PROXY = "image: ghcr.io/llm-d/llm-d-router-disagg-sidecar:v0.10.0"
HOST = """\
          valueFrom:
            fieldRef:
              fieldPath: status.podIP
"""
# What is written otherwise: the text, what stands in its place, and the rules that speak.
OTHERWISE: dict[str, tuple[str, str, set[str]]] = {
    "nothing": ("", "", set()),
    "no handler": (HANDLER, "", {"picker-prefill"}),
    "a handler of one profile": (HANDLER, "    - type: single-profile-handler\n", {"picker-prefill"}),
    "a handler that nobody knows": (HANDLER, "    - type: our-profile-handler\n", set()),
    "no decider": (HANDLER, "    - type: disagg-profile-handler\n", {"picker-prefill"}),
    "prefill first, which takes no decider": (
        HANDLER,
        "    - type: disagg-profile-handler\n      parameters:\n        stageOrder: prefill-first\n",
        set(),
    ),
    "the old handler, which has a decider": (HANDLER, "    - type: pd-profile-handler\n", set()),
    "the old way to name the decider": (
        HANDLER,
        HANDLER.replace("deciders:\n          prefill:", "prefillDeciderPluginName:"),
        set(),
    ),
    "no threshold, which is 0": (DECIDER, "    - type: prefix-based-pd-decider\n", {"picker-prefill"}),
    "another decider": (f"{DECIDER}{HANDLER}", f"{DECIDER}{HANDLER}".replace("prefix-based", "always-disagg"), set()),
    "a part of both": (
        "        llm-d.ai/role: prefill\n    spec",
        "        llm-d.ai/role: prefill-decode\n    spec",
        set(),
    ),
    "a part that no filter knows": (
        "        llm-d.ai/role: prefill\n    spec",
        "        llm-d.ai/role: reader\n    spec",
        {"picker-role"},
    ),
    "labels that the configuration says": (
        "    - type: prefill-filter\n",
        "    - type: label-selector-filter\n      name: prefill-filter\n",
        set(),
    ),
    "an address of this Pod alone": (HOST, "          value: localhost\n", {"kv-address"}),
    "an address by name": (HOST, "          value: prefill.llm\n", set()),
    "a proxy that nobody knows, at a port that is not declared": (
        PROXY,
        "image: example.com/proxy:v1",
        {"server-port"},
    ),
    "another port": ("--model-server-port=8200", "--model-server-port=8201", {"sidecar-port"}),
}


def said(text: str) -> set[str]:
    items = [Resource(part, path=f"{number}.yaml") for number, part in enumerate(text.split("---\n"))]
    resources = ResourceList(items)
    validate_inference(resources)
    return {result.tags["rule"] for result in resources.results if result.severity != "info"} & RULES


@pytest.mark.parametrize("how", OTHERWISE)
def test_what_is_said_of_a_set(how: str) -> None:
    old, new, rules = OTHERWISE[how]
    assert old in SET
    assert said(SET.replace(old, new, 1)) == rules


def test_a_coordinator_needs_no_proxy() -> None:
    """It stands before the pool and has prompts read itself."""
    _, rest = SET.split("      initContainers:\n", 1)
    without = SET.replace("      initContainers:\n" + rest.split("      containers:\n", 1)[0], "", 1)
    without = without.replace("8200", "8000")
    assert said(without) == {"sidecar-missing"}
    coordinator = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: coordinator
spec:
  selector: {matchLabels: {app: coordinator}}
  template:
    metadata: {labels: {app: coordinator}}
    spec:
      containers:
      - name: coordinator
        image: ghcr.io/llm-d/llm-d-router-coordinator:v0.10.0
"""
    assert said(f"{without}---\n{coordinator}") == set()


@pytest.mark.parametrize(("part", "role"), [("kv_producer", "kv_consumer"), ("kv_consumer", "kv_producer")])
def test_parts_the_wrong_way_are_found_but_for_nixl(part: str, role: str) -> None:
    """NixlConnector makes no difference between them."""
    other = BY_HAND.replace(part, role)
    assert said(other) == {"kv-role"}
    assert said(other.replace("MooncakeConnector", "NixlConnector")) == set()
