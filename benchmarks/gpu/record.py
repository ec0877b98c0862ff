"""The recorded table: what was measured, in the form that the tests of the sums read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from .shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Row = dict[str, Any]
ACCELERATORS = {
    "NVIDIA H200": "nvidia-h200-141gb",
    "NVIDIA H100 80GB HBM3": "nvidia-h100-80gb",
    "NVIDIA L4": "nvidia-l4",
}
HEAD = """\
# Written by `python -m benchmarks.gpu record` from what `python -m benchmarks.gpu measure` measured: vLLM itself, with
# dummy weights of the exact shape. tpot_ms is the median time between two tokens while every stream was decoding,
# context the tokens of one stream in the middle of that time; mean_ms is the mean over the streams of all their tokens,
# so where prompts are long it holds the time in which the others' prompts were read. ttft_ms is the last first token of
# requests sent together.
"""


def _of(kind: str, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] == kind]


def _subject(row: Row, accelerator: str) -> Row:
    shape = SHAPES[row["shape"]]
    facts = {"facts": shape.facts} if shape.facts else {}
    return {"model": shape.name, **facts, "accelerator": accelerator, "tp": row.get("tp", 1), "lora": row["lora"]}


def _load(row: Row, start: Row, accelerator: str) -> Row:
    return {
        **_subject(row, accelerator),
        **{name: row[name] for name in ("streams", "prompt_tokens", "output_tokens")},
        "tpot_ms": row["step_ms"],
        "context": row["step_context"],
        "mean_ms": row["tpot_ms"],
        "ttft_ms": row["ttft_ms"],
        "all_done_s": row["longest_s"],
        "kv_tokens": start["kv_tokens"],
    }


def _phase(start: Row, end: Row, accelerator: str) -> Row:
    return {
        **_subject(start, accelerator),
        "max_num_seqs": start["max_num_seqs"],
        **{name: start.get(name) for name in ("ready_s", "load_s", "compile_s", "init_s", "graph_s", "graph_gib")},
        "gpu_idle_mib": start["gpu_idle_mib"],
        "gpu_after_mib": end.get("gpu_after_mib"),
    }


def _memory(start: Row, accelerator: str) -> Row:
    loras = {"loras": 2 if start["lora"] else 0, "rank": 16}
    figures = {name: start[name] for name in ("weights_gib", "kv_gib", "kv_tokens")}
    return {**_subject(start, accelerator), "utilization": 0.92, **loras, **figures}


def _drain(row: Row, accelerator: str, kv_tokens: int) -> Row:
    return {
        **_subject(row, accelerator),
        "max_num_seqs": row["max_num_seqs"],
        "streams": row["requests"],
        "prompt_tokens": row["prompt_tokens"],
        "output_tokens": row["longest"],
        **({"shortest_output_tokens": row["shortest"]} if row["shortest"] < row["longest"] else {}),
        "kv_tokens": row.get("kv_tokens", kv_tokens),
        "shutdown_timeout": row["shutdown_timeout"],
        "before_sigterm_s": row["began_before_sigterm_s"],
        "lost": row["lost"],
        "last_s": row["last_s"],
        "exit_s": row["exit_s"] if row["exit_code"] is not None else None,
        "exit_code": row["exit_code"],
    }


def _is_bounded(drain: Row) -> bool:
    """Say whether no more was in flight than may run at once, all of the length that the drain is for."""
    return bool(drain["requests"] <= drain["max_num_seqs"] and drain["shortest"] == drain["longest"])


def table(rows: list[Row]) -> Row:
    """Return the table of results; runs that did not come up, or came back incomplete, are left out of it."""
    about = _of("about", rows)[0]
    gpu, driver = (part.strip() for part in about["gpu"][0].split(",")[:2])
    accelerator = ACCELERATORS[gpu]
    starts = {row["run"]: row for row in _of("start", rows) if row.get("ready_s") and "run" in row}
    ends = {row["run"]: row for row in _of("end", rows)}
    loads = [row for row in _of("load", rows) if row["complete"] == row["streams"] and "step_ms" in row]
    drains = [
        (_drain(row, accelerator, starts.get(row.get("run", ""), {}).get("kv_tokens", 0)), row)
        for row in _of("drain", rows)
    ]
    within = [recorded for recorded, row in drains if _is_bounded(row)]
    return {
        "about": {
            "date": about["date"],
            **{name: about[name] for name in ("vllm", "torch", "transformers", "triton", "python")},
            "driver": driver,
            "gpu": gpu,
            "gpus": len(about["gpu"]),
        },
        "rows": [_load(row, starts[row["run"]], accelerator) for row in loads],
        "memory": [_memory(row, accelerator) for row in starts.values()],
        "phases": [_phase(row, ends.get(name, {}), accelerator) for name, row in starts.items()],
        "drains": within,
        "overloads": [recorded for recorded, row in drains if not _is_bounded(row)],
    }


class _Flow(yaml.SafeDumper):
    """One line a row."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """Write a mapping of plain values on one line."""
        plain = not any(isinstance(value, list) for value in mapping.values()) and "vllm" not in mapping
        return super().represent_mapping(tag, mapping, flow_style=plain if flow_style is None else flow_style)


def write(results: list[Path], to: Path) -> None:
    """Write the table of all results, each a file of JSON lines, in the order given."""
    rows = [json.loads(line) for path in results for line in path.read_text(encoding="utf-8").splitlines() if line]
    text = yaml.dump(table(rows), Dumper=_Flow, sort_keys=False, width=1000, default_flow_style=None)
    to.write_text(HEAD + text, encoding="utf-8")
