"""The page docs/numbers.md: what the renderer derives beside what was measured, each row with its error."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from . import predict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Row = dict[str, Any]
HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "numbers.md"
MEASURED = HERE / "measured.yaml"
FIRST_SERIES = HERE / "h200-first-series.yaml"

HEAD = """\
# Numbers, and what they were measured against

<!-- written by `python -m benchmarks.gpu report`: change the tables or the script, not this page -->

Every number that a render derives from a model and a GPU follows from a few sums (`krm_inference.domain.step_time` and
`sizing`). This page holds them against measurements: vLLM itself on a real GPU, with dummy weights of the exact shape.
[`benchmarks/gpu`](../benchmarks/gpu/README.md) measures the same on your GPU. The constants of the sums were fitted to
these rows, so the errors say how well so few terms describe them, not how well they foretell a GPU that is not here.
Llama-3.1-70B on two GPUs was measured after the fit: its rows are foretold.
"""
SUBJECT = "model, GPUs, LoRA"
TOKENS = """\
## Time per output token

The median time between two tokens of a stream while all streams decode, in milliseconds, as a client sees it. Of the
first series, a prompt of 32 and an output of 512 stand for contexts of about 300.

"""
FIRST_TABLE = """\
The first series:
"""
FIRST_TOKENS = """\
## Time to first token

All streams of a row are sent together; this is when the last of them has its first token, in milliseconds. A step that
reads prompts launches its kernels one by one, which takes longer than the GPU needs for a short prompt, and the API
server takes each request in. What vLLM compiles when it first meets a shape was measured and is not in the sum.
"""
MEMORY = """\
## Memory

GiB of weights and slots for adapters on each GPU, and tokens of KV cache in all, with `--gpu-memory-utilization=0.92`.
"""
START = """\
## Start

Seconds from the start of the process to the first good answer of `/health`, and the parts that vLLM says; the rest is
Python's imports and profiling. Graphs and what the GPU's memory holds, idle and after all loads, in GiB. All with
`--max-num-seqs=256`, nothing compiled before, and no weights to read. 34 to 40 s of each are imports until the engine
begins, with the files in the page cache; just after the machine had started they took 72 to 83 s.
"""
DRAIN = """\
## Drain

SIGTERM as soon as every request has its first token: nearly every token is still to come. A fresh server each time.
Beside what was measured stands what a render derives for a server with that KV cache (preStop 30 s, safety factor 1.5,
no queue): the sequences at once, the longest answer with its prompts, and the shutdown timeout. The runs had less time
than that; the server with adapters had room for more requests than it was sent.
"""
OVERLOAD = """\
Above the bound, Llama-3.1-8B on one GPU, once each: what is not done at the timeout is lost. In both runs the server
had not left 60 s after its timeout, while the clients of the lost requests kept their connections.
"""
NOT_MEASURED = """\
## What is not measured

- Any GPU but the H200. The other accelerators' numbers are the same sums with the data sheets' bandwidth and compute.
- Real weights, and real text. Dummy weights cost the same time; a mixture of experts chooses its experts by random
  weights, which spreads tokens over more experts than a trained router may.
- More than two GPUs. The two are those of one host; vLLM's all-reduce by symmetric memory and NCCL's by multicast were
  off.
- FlashInfer: this vLLM had FlashAttention 3, PyTorch's sampler, CUTLASS for FP8 and Triton for experts instead.
- The download of weights, and reading them from a disk: they were made on the GPU.
- Other releases of vLLM; AWQ, GPTQ and NVFP4; sliding windows and latent attention; KV caches of 8 bits.
- A quiet host: while one GPU was measured, the other had a server of its own, and of the drains up to three servers
  started beside the one that was stopped.
- More than one client at a time, and several API servers: at 256 streams of a small model, one process that hands out
  the tokens is what takes the time.
"""


def _series(about: Row, first: Row) -> Iterator[Sequence[str]]:
    yield "first", str(first["date"]), str(first["vllm"]), "2.11.0", "", f"one {first['gpu']}"
    gpus = f"{about['gpu']}, one or two of the {about['gpus']} of one host"
    yield "second", about["date"], about["vllm"], about["torch"], about["driver"], gpus


def _table(header: str, align: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header.split(', '))} |"
    yield f"| {' | '.join({'l': '---', 'r': '---:'}[side] for side in align)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _error(predicted: float, measured: float) -> str:
    return f"{100 * (predicted / measured - 1):+.0f} %"


def _figure(value: float | None, form: str) -> str:
    """Return a figure, "" where it was not measured."""
    return "" if value is None else format(value, form)


def _name(row: Row) -> str:
    short = row["model"].partition("/")[2].removesuffix("-Instruct")
    dtype = row.get("facts", {}).get("dtype", "").upper()
    return f"{short} {dtype}".rstrip()


def _subject(row: Row) -> tuple[str, str, str]:
    return _name(row), str(row.get("tp", 1)), "yes" if row["lora"] else "no"


def _tokens(rows: list[Row]) -> Iterator[Sequence[str]]:
    for row in rows:
        found, measured = predict.token_ms(row), row["tpot_ms"]
        load = (f"{row['streams']}", f"{row['prompt_tokens']:,}", f"{row['output_tokens']:,}")
        yield *_subject(row), *load, f"{found:.1f}", f"{measured:.1f}", _error(found, measured)


def _first_tokens(rows: list[Row]) -> Iterator[Sequence[str]]:
    for row in rows:
        found, measured = predict.first_token_ms(row), row["ttft_ms"]
        load = (f"{row['streams']}", f"{row['prompt_tokens']:,}")
        yield *_subject(row), *load, f"{found:,.0f}", f"{measured:,.0f}", _error(found, measured)


def _memory(rows: list[Row]) -> Iterator[Sequence[str]]:
    for row in rows:
        found = predict.memory(row)
        weights = (f"{found.weights_gib:.2f}", f"{row['weights_gib']:.2f}")
        cache = (
            f"{found.kv_tokens:,}",
            f"{row['kv_tokens']:,}",
            f"{100 * (found.kv_tokens / row['kv_tokens'] - 1):+.1f} %",
        )
        yield *_subject(row), *weights, _error(found.weights_gib, row["weights_gib"]), *cache


def _phases(rows: list[Row]) -> Iterator[Sequence[str]]:
    for row in rows:
        times = (_figure(row[name], ".0f") for name in ("ready_s", "load_s", "compile_s", "graph_s"))
        used = (row[name] and row[name] / 1024 for name in ("gpu_idle_mib", "gpu_after_mib"))
        memory = (_figure(row["graph_gib"], ".2f"), *(_figure(gib, ".1f") for gib in used))
        yield *_subject(row), *times, *memory


def bounded(drains: list[Row]) -> list[Row]:
    """Return the drains of no more requests than may run at once, all of the length that the drain is for."""
    return [row for row in drains if row["requests"] <= row["max_num_seqs"] and row["shortest"] == row["longest"]]


def unbounded(drains: list[Row]) -> list[Row]:
    """Return the others."""
    return [row for row in drains if row not in bounded(drains)]


def _drains(rows: list[Row]) -> Iterator[Sequence[str]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(f"{_subject(row)} {row['max_num_seqs']} {row['requests']}", []).append(row)
    for same in groups.values():
        row = same[0]
        length = f"{row['prompt_tokens']:,} + {row['longest']:,}"
        whole = sum(each["lost"] == 0 for each in same)
        slowest, gone = max(each["last_s"] for each in same), max(each["exit_s"] or 0 for each in same)
        bound = predict.bound(row)
        yield (
            *_subject(row),
            length,
            f"{bound.sequences}",
            f"{bound.longest_s:.1f} s",
            f"{bound.shutdown_timeout} s",
            f"{row['requests']} of {row['max_num_seqs']}",
            f"{row['shutdown_timeout']} s",
            f"{whole} of {len(same)}",
            f"{slowest:.1f} s",
            f"{gone:.1f} s",
        )


def _overloads(rows: list[Row]) -> Iterator[Sequence[str]]:
    for row in rows:
        output = f"{row['longest']:,}"
        if row["shortest"] < row["longest"]:
            output = f"{row['shortest']:,} to {output}"
        yield (
            f"{row['requests']} on {row['max_num_seqs']}",
            f"{row['prompt_tokens']:,} + {output}",
            f"{row['shutdown_timeout']} s",
            str(predict.lost(row)),
            str(row["lost"]),
        )


def _worst(rows: list[Row]) -> str:
    errors = [abs(predict.token_ms(row) / row["tpot_ms"] - 1) * 100 for row in rows]
    found = f"the worst is {max(errors):.0f} % off, half of them at most {median(errors):.0f} %."
    return f"{len(errors)} rows with those of the first series: {found}"


class Section(NamedTuple):
    """A text, and the table under it: names of columns, their sides (l or r), rows."""

    text: str
    columns: str
    sides: str
    rows: Iterable[Sequence[str]]


def _sections(measured: Row, first: Row) -> Iterator[Section]:
    steady = [row for row in first["rows"] if "tpot_ms" in row]
    yield Section(HEAD, "series, date, vLLM, torch, driver, GPU", "llllll", _series(measured["about"], first["about"]))
    columns = f"{SUBJECT}, streams, prompt, output, predicted, measured, error"
    worst = _worst(steady + measured["rows"])
    yield Section(f"{TOKENS}{worst}\n", columns, "lrlrrrrrr", _tokens(measured["rows"]))
    yield Section(FIRST_TABLE, columns, "lrlrrrrrr", _tokens(steady))
    columns = f"{SUBJECT}, streams, prompt, predicted, measured, error"
    yield Section(FIRST_TOKENS, columns, "lrlrrrrr", _first_tokens(measured["rows"]))
    columns = f"{SUBJECT}, weights predicted, measured, error, KV tokens predicted, measured, error"
    yield Section(MEMORY, columns, "lrlrrrrrr", _memory(measured["memory"]))
    columns = f"{SUBJECT}, ready, weights, compile, graphs, graphs GiB, used idle, used after load"
    yield Section(START, columns, "lrlrrrrrrr", _phases(measured["phases"]))
    columns = f"{SUBJECT}, prompt + output, derived sequences, derived longest answer, derived timeout"
    columns += ", in flight, timeout, no request lost, last answer, exit"
    yield Section(DRAIN, columns, "lrlrrrrrrrrr", _drains(bounded(measured["drains"])))
    columns = "requests on sequences, prompt + output, `--shutdown-timeout`, lost predicted, lost measured"
    yield Section(OVERLOAD, columns, "rrrrr", _overloads(unbounded(measured["drains"])))


def _lines() -> Iterator[str]:
    measured, first = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (MEASURED, FIRST_SERIES))
    for section in _sections(measured, first):
        yield section.text
        yield from _table(section.columns, section.sides, section.rows)
    yield NOT_MEASURED.rstrip()


def page() -> str:
    """Return the text of the page."""
    return "\n".join(_lines()) + "\n"
