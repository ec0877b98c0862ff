"""LoRA adapters: slots, rank, and the file of the syncer."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk.document.wanted import Commented
from krm_inference.domain.adapters import Adapters
from krm_inference.domain.facts.lora import RANKS


def _adapter(name: str, rank: int = 16) -> dict[str, Any]:
    return {"name": name, "source": f"example/{name}", "rank": rank, "ensure": "Present"}


def _flags(adapters: Adapters) -> dict[str, tuple[str, str]]:
    """Return value and reason by flag."""
    found = {}
    for flag in adapters.flags():
        text, reason = (flag.value, flag.comment) if isinstance(flag, Commented) else (flag, "")
        name, _, value = str(text).partition("=")
        found[name] = (value, reason)
    return found


@pytest.mark.parametrize(
    ("ranks", "allowed"),
    [([1], 1), ([2], 8), ([8], 8), ([9], 16), ([16, 64], 64), ([65], 128), ([300], 320), ([512], 512)],
)
def test_rank_is_the_smallest_that_holds_all(ranks: list[int], allowed: int) -> None:
    """--max-lora-rank is the smallest value that vLLM takes and that holds every declared rank."""
    present = [_adapter(f"a{rank}", rank) for rank in ranks]
    value, reason = _flags(Adapters(present, [], present))["--max-lora-rank"]
    assert int(value) == allowed
    assert reason == f"smallest allowed value that holds rank {max(ranks)} of a{max(ranks)}"


def test_a_rank_that_is_not_declared_counts_as_16() -> None:
    """The comment says which adapter decided, and that its rank was assumed."""
    present = [_adapter("food", 8), _adapter("cad")]
    declared = [present[0], {"name": "cad", "source": "example/cad"}]
    assert _flags(Adapters(present, [], declared))["--max-lora-rank"] == (
        "16",
        "smallest allowed value that holds rank 16 of cad (undeclared: counts as 16)",
    )


@pytest.mark.parametrize(
    ("count", "slots", "in_host", "reason"),
    [
        (1, "1", "12", "1 adapter, so that none waits for another's slot"),
        (2, "2", "12", "2 adapters, so that none waits for another's slot"),
        (8, "8", "12", "8 adapters, so that none waits for another's slot"),
        (9, "8", "12", "of 9 adapters, 8 at a time: each slot takes GPU memory"),
        (20, "8", "20", "of 20 adapters, 8 at a time: each slot takes GPU memory"),
    ],
)
def test_slots(count: int, slots: str, in_host: str, reason: str) -> None:
    """Each adapter has a slot up to eight; host memory holds all of them, and at least twelve."""
    present = [_adapter(f"a{index}") for index in range(count)]
    flags = _flags(Adapters(present, [], present))
    assert flags["--enable-lora"] == ("", "")
    assert flags["--max-loras"] == (slots, reason)
    assert flags["--max-cpu-loras"][0] == in_host


def test_adapters_to_be_unloaded_take_no_slot() -> None:
    """With adapters to unload only, the server keeps LoRA on, since the syncer unloads through it."""
    absent = [_adapter("food", 64)]
    adapters = Adapters([], absent, absent)
    assert adapters
    assert _flags(adapters) == {
        "--enable-lora": ("", ""),
        "--max-loras": ("1", "no adapter is to be loaded"),
        "--max-cpu-loras": ("12", "no adapter is to be loaded"),
        "--max-lora-rank": ("16", "no adapter is to be loaded"),
    }


def test_no_adapters() -> None:
    """Without any adapter there is nothing to configure."""
    assert not Adapters([], [], [])


def test_the_syncers_file() -> None:
    """Present adapters stand in ensureExist, absent ones in ensureNotExist, in the syncer's schema."""
    food, cad = _adapter("food"), _adapter("cad")
    assert yaml.safe_load(Adapters([food], [cad], [food, cad]).syncer_config("llama", 8000, "example/llama")) == {
        "vLLMLoRAConfig": {
            "name": "llama",
            "port": 8000,
            "defaultBaseModel": "example/llama",
            "ensureExist": {"models": [{"id": "food", "source": "example/food"}]},
            "ensureNotExist": {"models": [{"id": "cad", "source": "example/cad"}]},
        }
    }


@given(st.lists(st.integers(1, 512), min_size=1, max_size=30))
def test_every_adapter_fits(ranks: list[int]) -> None:
    """Whatever the ranks, the flags hold them, and host memory holds as many adapters as there are."""
    present = [_adapter(f"a{index}", rank) for index, rank in enumerate(ranks)]
    flags = {name: value for name, (value, _) in _flags(Adapters(present, [], present)).items()}
    assert int(flags["--max-lora-rank"]) in RANKS
    assert int(flags["--max-lora-rank"]) >= max(ranks)
    assert int(flags["--max-cpu-loras"]) >= max(len(ranks), int(flags["--max-loras"]))
