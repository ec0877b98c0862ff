"""A claim that is live changes in its size alone, and grows: what the API server would refuse is said in the render."""

from collections.abc import Callable

import pytest
from krm_functions_sdk import ResourceList
from krm_inference.domain import claims
from krm_inference.generate_model_server import generate_model_server

Render = Callable[..., ResourceList]
CACHE = "  weights: {{cache: {{size: 80Gi, accessMode: ReadWriteMany, storageClassName: nfs{0}}}}}\n"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("weights.cache.size", "40Gi", "resources.requests.storage 80Gi cannot shrink to 40Gi"),
        ("weights.cache.storageClassName", "fast", "storageClassName nfs cannot become fast"),
        ("weights.cache.accessMode", "ReadOnlyMany", ""),
        ("weights.cache.size", "160Gi", ""),
        ("weights.cache.size", "81920Mi", ""),
    ],
)
def test_what_a_live_claim_cannot_become_is_said_on_the_intents_field(
    path: str, value: str, said: str, least: str, render: Render
) -> None:
    resources = render(least + CACHE.format(""))
    (intent,) = resources.where("LLMService")
    intent.set(f"spec.{path}", value)
    generate_model_server(resources)
    found = [result for result in resources.results if claims.KIND in result.message]
    if not said:
        assert [str(one) for one in found] == []
        return
    (one,) = found
    assert (one.severity, one.field) == ("warning", f"spec.{path}")
    assert said in one.message


def test_a_smaller_model_makes_a_smaller_cache_which_is_said(least: str, render: Render) -> None:
    """Its size is worked out where the intent does not say it."""
    resources = render(least + "  weights: {cache: {}}\n")
    (intent,) = resources.where("LLMService")
    intent.set("spec.model.id", "Qwen/Qwen3-0.6B")
    generate_model_server(resources)
    (one,) = [result for result in resources.results if claims.KIND in result.message]
    assert one.field == "spec.weights.cache.size"
    assert "cannot shrink" in one.message


def storage(size: str) -> dict[str, object]:
    return {"resources": {"requests": {"storage": size}}}


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({"accessModes": ["ReadWriteOnce"]}, {"accessModes": ["ReadWriteMany"]}, ["accessModes"]),
        ({"storageClassName": "a"}, {}, ["storageClassName"]),
        ({"volumeName": "a"}, {"volumeName": "b"}, ["volumeName"]),
        (storage("1Gi"), storage("1000Mi"), ["resources.requests.storage"]),
        (storage("1Gi"), storage("1024Mi"), []),
        (storage("x"), {"resources": "none"}, []),
    ],
)
def test_a_claim_keeps_all_but_a_size_that_grows(
    before: dict[str, object], after: dict[str, object], fields: list[str]
) -> None:
    assert [field for field, _ in claims.refusals(before, after)] == fields
