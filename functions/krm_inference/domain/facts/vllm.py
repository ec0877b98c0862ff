"""vLLM by version: which flags and variables a release takes, and the rules that changed from one to another.

Versions are minor versions, 32 for 0.32: flags come and go with those. Source: the parsers of the wheels, see
`vllm_releases`, and what vLLM 0.32 and 0.33 did when they were run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from krm_inference.domain.facts.lora import RANKS
from krm_inference.domain.facts.vllm_releases import FIRST, FLAGS, LAST, METRICS, VARIABLES
from krm_inference.domain.record import Record
from krm_inference.domain.spelling import nearest

# The project's own images, and those of Neuron and Intel, whose tags are vLLM's versions; those of others need not be.
# Sources: aws-neuron/deep-learning-containers 2be9ed1d, README.md, vllm-inference-neuronx: its table of versions and
# images, from 0.7.2-neuronx-py310-sdk2.24.1-ubuntu22.04 to 0.24.0.1.1.0-neuronx-py313-sdk2.32.0-ubuntu24.04, where a
# version of the plugin follows vLLM's from SDK 2.31 on. intel/ai-containers 068d3fd5, vllm/0.17.0-xpu.md.
IMAGES = r"(?:vllm-openai(?:-[a-z0-9-]+)?|vllm-(?:cpu(?:-release-repo)?|tpu)|pytorch-inference-vllm-neuronx|intel/vllm)"
# LMCache's image has the name of vLLM's and versions of its own.
_FOREIGN = re.compile(r"(?:\A|/)lmcache/")
# Images of llm-d by their own tags, with the minor version of their vLLM. Sources: llm-d/llm-d 977 (2026-03-17: vLLM
# 0.17.1, before v0.6.0) and 1819 (the components of v0.8.0). Of other tags nothing is said.
_LLM_D = {("llm-d-cuda", "0.6.0"): 17, ("llm-d-cuda", "0.8.0"): 23}
_LLM_D_IMAGE = re.compile(r"(?:\A|/)(llm-d-cuda):v?(\d+\.\d+\.\d+)(?=@|\Z)")
_IMAGE = re.compile(rf"(?:\A|/){IMAGES}:v?0\.(\d+)(?:\.\d+)*(?:\.post\d+)?(?=[-@+]|\Z)")
# The same image without a version, which is the newest one that there is.
_MOVING = re.compile(r"(?:\A|/)vllm-openai(?:-[a-z0-9-]+)?(?::latest|:nightly)?\Z")
DEFAULT_LORAS = 1
_FIRST_WITH_RANK_1 = 11  # 0.11.1
# The default of --gpu-memory-utilization, and the version from which on it holds.
_UTILIZATION = {20: 0.92, 0: 0.9}
_FIRST_WITH_PAIRS = 33
_NEAR = 0.75
# What took the place of a name that is gone: vllm-project/vllm 21470, 26315, 29326, and the warnings of 0.11.
_SUCCESSORS = {
    "--guided-decoding-backend": "--structured-outputs-config.backend",
    "--override-pooler-config": "--pooler-config",
    "--task": "--runner with --convert",
    "VLLM_ATTENTION_BACKEND": "--attention-config.backend",
}


class Span(Record):
    """The minor versions that have a name, both ends included."""

    first: int
    last: int

    @property
    def is_open(self) -> bool:
        """Say whether the name is still there in the newest version that is known."""
        return self.last == LAST


@lru_cache(maxsize=256)
def minor(image: str) -> int | None:
    """Return the minor version of vLLM in an image, or None where it cannot be known or is not in the tables."""
    own = _LLM_D_IMAGE.search(image)
    match = None if is_foreign(image) else _IMAGE.search(image)
    found = int(match[1]) if match else _LLM_D.get((own[1], own[2]), 0) if own else 0
    return found if FIRST <= found <= LAST else None


def is_foreign(image: str) -> bool:
    """Say whether an image has the name of one of vLLM's and not its versions."""
    return bool(_FOREIGN.search(image))


def newest(image: str) -> int | None:
    """Return the newest minor version that is known, where an image moves along with it, else None."""
    return LAST if _MOVING.search(image) and not is_foreign(image) else None


def utilization(version: int) -> float:
    """Return the default of --gpu-memory-utilization."""
    return next(share for first, share in _UTILIZATION.items() if version >= first)


def ranks(version: int | None) -> tuple[int, ...]:
    """Return what --max-lora-rank may be."""
    return RANKS if version is None or version >= _FIRST_WITH_RANK_1 else RANKS[1:]


def rank_for(rank: int, version: int | None) -> int | None:
    """Return the smallest --max-lora-rank that holds an adapter of this rank, or None where none does."""
    return next((allowed for allowed in ranks(version) if allowed >= rank), None)


@cache
def takes_flag(name: str, version: int | None) -> bool:
    """Say whether a release has the flag, in any of the ways to write it; None asks for any release.

    As argparse does, `_` stands for `-` and a unique beginning for the whole. `--no-` turns a switch off, and what
    follows a dot is a key of a value in JSON.
    """
    base = name.replace("_", "-").partition(".")[0].rstrip("+")
    if not base.startswith("--") or base in ("--", "--help"):
        return True
    known = _flags(version)
    forms = {base, "--" + base.removeprefix("--no-")}
    if version is None or version >= _FIRST_WITH_PAIRS:
        forms |= {base.replace("--disable-", "--enable-", 1), base.replace("--enable-", "--disable-", 1)}
    longer = sum(flag.startswith(base) for flag in known)
    return bool(forms & known) or longer == 1 or (version is None and longer > 0)


def takes_variable(name: str, version: int | None) -> bool:
    """Say whether a release reads the variable, or it is none of vLLM's; None asks for any release."""
    return not name.startswith("VLLM_") or name in _variables(version)


@lru_cache(maxsize=1024)
def flag_span(name: str) -> Span | None:
    """Return the versions that have a flag, or None where none of them has it."""
    return _span(FLAGS, name.removeprefix("--").replace("_", "-").partition(".")[0])


@lru_cache(maxsize=1024)
def variable_span(name: str) -> Span | None:
    """Return the versions that read a variable, or None where none of them does."""
    return _span(VARIABLES, name.removeprefix("VLLM_"))


def successor(name: str) -> str:
    """Return the flag that took the place of a flag or variable, "" where none is known."""
    return _SUCCESSORS.get(name.replace("_", "-") if name.startswith("--") else name, "")


def nearest_flag(name: str, version: int | None) -> str | None:
    """Return the flag that was likely meant."""
    return nearest(name.replace("_", "-"), sorted(_flags(version)), _NEAR)


def nearest_variable(name: str, version: int | None) -> str | None:
    """Return the variable that was likely meant."""
    return nearest(name, sorted(_variables(version)), _NEAR)


@lru_cache(maxsize=1024)
def metric_span(name: str) -> Span | None:
    """Return the versions that show a metric, or None: a counter stands with or without the `_total` that is shown."""
    base = name.removeprefix("vllm:").removesuffix("_total")
    found = [span for span in (_span(METRICS, base), _span(METRICS, f"{base}_total")) if span]
    return Span(min(span.first for span in found), max(span.last for span in found)) if found else None


def metrics() -> list[str]:
    """Return the metrics of all versions."""
    return sorted({f"vllm:{name}" for names in METRICS.values() for name in names.split()})


def _span(table: dict[tuple[int, int], str], name: str) -> Span | None:
    """Return the last span of a name that came back, else the one that it has."""
    return max((Span(*span) for span, names in table.items() if name in names.split()), default=None)


@cache
def _flags(version: int | None) -> frozenset[str]:
    return frozenset("--" + name for name in _names(FLAGS, version) if not name.startswith("-"))


@cache
def _variables(version: int | None) -> frozenset[str]:
    return frozenset("VLLM_" + name for name in _names(VARIABLES, version))


def _names(table: dict[tuple[int, int], str], version: int | None) -> Iterable[str]:
    for (first, last), names in table.items():
        if version is None or first <= version <= last:
            yield from names.split()
