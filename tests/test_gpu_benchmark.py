"""The benchmark on a GPU, without one: its client, its shapes, its page, and the sums against recorded drains."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from gpu import load, predict, report
from gpu.shapes import SHAPES
from krm_inference.domain.facts.models import MODELS

TABLE = yaml.safe_load(report.MEASURED.read_text(encoding="utf-8"))
Row = dict[str, Any]


def _event(text: str, reason: str | None = None) -> bytes:
    """Return a piece of a completion as vLLM 0.26 sends it."""
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason, "stop_reason": None}
    piece = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "base", "choices": [choice]}
    return b"data: " + json.dumps(piece, separators=(",", ":")).encode() + b"\n\n"


WHOLE = [_event(" w1"), _event(" w2"), _event(" w3", "length"), b"data: [DONE]\n\n"]
CUT = WHOLE[:2]
FAULT = [*WHOLE[:2], b'data: {"error":{"message":"EngineCore died","code":500}}\n\n', b"data: [DONE]\n\n"]


@asynccontextmanager
async def _server(answers: Callable[[int], list[bytes]], status: str = "200 OK") -> AsyncIterator[int]:
    """Serve completions on a port: `answers` says what the n-th request gets, piece by piece."""
    seen = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen, pieces = seen + 1, answers(seen)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("Content-Length"))
        asked = json.loads(await reader.readexactly(length))
        assert asked["stream"]
        assert asked["ignore_eos"]
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\n\r\n".encode())
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _send(number: int, answers: Callable[[int], list[bytes]], status: str = "200 OK") -> list[load.Stream]:
    async def run() -> list[load.Stream]:
        async with _server(answers, status) as port:
            flight = await load.send(port, [load.Request(8, 3, "base")] * number, 1000)
            await flight.landed(10)
            return flight.streams

    return asyncio.run(run())


def test_a_stream_is_complete_with_its_last_token_and_its_end() -> None:
    """Three tokens and [DONE] make a row with a step, a first token and the longest answer."""
    streams = _send(4, lambda _: WHOLE)
    assert all(stream.complete for stream in streams)
    row = load.summary(streams)
    assert row["complete"] == row["streams"] == 4
    assert row["step_ms"] > 0
    assert 0 < row["ttft_ms"] < row["longest_s"] * 1000


@pytest.mark.parametrize("answer", [CUT, FAULT], ids=["cut", "error"])
def test_a_stream_without_its_last_token_is_lost(answer: list[bytes]) -> None:
    """A stream that just ends is not complete, nor is one that ends with an error and [DONE]."""
    streams = _send(4, lambda number: answer if number == 2 else WHOLE)
    assert sorted(stream.complete for stream in streams) == [False, True, True, True]


def test_a_refused_request_is_lost_and_says_why() -> None:
    """An answer of another status is no stream, whatever is in it."""
    row = load.summary(_send(1, lambda _: [b'{"detail":"no such model"}'], "404 Not Found"))
    assert row["complete"] == 0
    assert "404 Not Found" in row["error"]


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "tiny"])
def test_a_shape_is_that_of_the_table_of_models(name: str) -> None:
    """What vLLM is told is what the renderer counts with."""
    config, model = SHAPES[name].config, MODELS[SHAPES[name].name]
    told = (config["num_hidden_layers"], config["num_attention_heads"], config["num_key_value_heads"])
    assert (*told, config["head_dim"], config["hidden_size"]) == (
        model.layers, model.heads, model.kv_heads, model.head_size, model.hidden,
    )  # fmt: skip
    assert config["max_position_embeddings"] == model.context
    assert (config["vocab_size"], config["tie_word_embeddings"]) == (model.vocabulary, model.tied)
    if "num_experts" in config:
        assert (config["num_experts"], config["num_experts_per_tok"]) == (model.experts, model.chosen)
    else:
        assert config["intermediate_size"] == model.intermediate


def test_a_tokenizer_has_as_many_tokens_as_the_model(tmp_path: Path) -> None:
    """Every id has a word, and no word two."""
    SHAPES["tiny"].write(tmp_path)
    vocabulary = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    size = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    assert sorted(vocabulary.values()) == list(range(size))


def test_no_request_is_lost_within_the_bound() -> None:
    """Ten fresh servers of ten, stopped with all that may run in flight, in less time than a render gives them."""
    full = [row for row in TABLE["drains"] if row["streams"] == row["max_num_seqs"]]
    assert len(full) >= 10
    for row in full:
        assert (row["lost"], row["exit_code"]) == (0, 0)
        derived = predict.bound(row)
        assert row["streams"] <= derived.sequences
        assert row["shutdown_timeout"] <= derived.shutdown_timeout
        assert row["last_s"] + row["before_sigterm_s"] == pytest.approx(derived.longest_s, rel=0.2)


@pytest.mark.parametrize("row", TABLE["overloads"], ids=lambda row: f"{row['streams']} on {row['max_num_seqs']}")
def test_above_the_bound_as_many_are_lost_as_the_sum_says(row: Row) -> None:
    """Within 20 %: those that cannot be done by the timeout."""
    assert row["lost"] > 0
    assert predict.lost(row) == pytest.approx(row["lost"], rel=0.2)


def test_a_drain_loses_nothing_where_there_is_time() -> None:
    """With a timeout of an hour the same sum loses none."""
    for row in TABLE["overloads"]:
        assert predict.lost({**row, "shutdown_timeout": 3600}) == 0


def test_the_page_is_what_the_tables_and_the_sums_say() -> None:
    """docs/numbers.md; write it anew with `python -m benchmarks.gpu report`."""
    assert report.PAGE.read_text(encoding="utf-8") == report.page()
