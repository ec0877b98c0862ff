"""The architectures that vLLM serves: each known model has one, and what vLLM's registry lists is looked through."""

import ast
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_inference.domain.facts import vllm, vllm_releases
from krm_inference.domain.facts.models import MODELS
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.variants import SAME

LOOKED: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("architectures.yaml").read_text(encoding="utf-8"))
# vllm/model_executor/models/registry.py out of a wheel of LOOKED's version, which is some 300 MB to fetch.
REGISTRY = os.environ.get("VLLM_REGISTRY", "")
TEXT = ("_TEXT_GENERATION_MODELS", "_TRANSFORMERS_SUPPORTED_MODELS")
OTHERS = ("_MULTIMODAL_MODELS",)


def test_every_known_model_has_one_architecture() -> None:
    """A model that is added says which it is, and none stands twice."""
    listed = [model for models in LOOKED["known"].values() for model in models]
    assert sorted(listed) == sorted(MODELS)
    assert not {*LOOKED["known"]} & {*LOOKED["unknown"]}


def test_the_registry_that_was_looked_through_is_that_of_the_image() -> None:
    """A newer vLLM asks for another look."""
    assert f"0.{vllm_releases.LAST}" == LOOKED["version"]
    assert {f"0.{vllm.minor(release.server_image)}" for release in RELEASES.values()} == {LOOKED["version"]}


def test_at_least_forty_models_have_shapes_of_their_own() -> None:
    """Copies and sisters do not count."""
    assert len({*MODELS.values()}) >= 40
    assert all(of in MODELS and of not in SAME for of, _ in SAME.values())


@pytest.mark.skipif(not REGISTRY, reason="VLLM_REGISTRY names no registry.py out of a wheel of vLLM")
def test_the_list_is_what_the_registry_serves() -> None:
    """All that it serves as text is listed, and what is known besides is among the others."""
    tables = {}
    for node in ast.parse(Path(REGISTRY).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and isinstance(node.targets[0], ast.Name):
            tables[node.targets[0].id] = {ast.literal_eval(key) for key in node.value.keys if key}
    text = set().union(*(tables[name] for name in TEXT))
    assert text <= {*LOOKED["known"], *LOOKED["unknown"]}
    assert {*LOOKED["unknown"]} <= text
    assert {*LOOKED["known"]} <= text.union(*(tables[name] for name in OTHERS))
