"""Many streams at once against one server: when the tokens of each came, in as few steps of our own as possible.

A client that parses every event would measure itself. This one notes the time of each piece that arrives, and looks
into it only for the three words that matter: a token, the end, an error.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

_TOKEN, _LAST, _DONE, _ERROR = b'"text":', b'"finish_reason":"length"', b"[DONE]", b'"error"'


@dataclass(frozen=True)
class Request:
    """One request: how many tokens it brings, how many it asks for, and of whom."""

    prompt_tokens: int
    output_tokens: int
    model: str


@dataclass
class Stream:
    """What came back for one request. Times are those of time.monotonic, in seconds."""

    request: Request
    sent: float = 0.0
    times: list[float] = field(default_factory=list)
    last: float = 0.0
    done: bool = False
    error: str = ""

    @property
    def complete(self) -> bool:
        """Whether every token came, and the end of the stream after them."""
        return self.done and self.last > 0 and not self.error


class _Reader(asyncio.Protocol):
    def __init__(self, stream: Stream, body: bytes, first: asyncio.Event) -> None:
        self._stream, self._body, self._first = stream, body, first
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        head = (
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Connection: close\r\nContent-Length: {len(self._body)}\r\n\r\n"
        )
        self._stream.sent = time.monotonic()
        transport.write(head.encode() + self._body)

    def data_received(self, data: bytes) -> None:
        now, stream = time.monotonic(), self._stream
        if _TOKEN in data:
            stream.times.append(now)
            self._first.set()
            if _LAST in data:
                stream.last = now
        if _DONE in data:
            stream.done = True
        if _ERROR in data or (not stream.times and b" 200 OK" not in data):
            stream.error = data[:400].decode(errors="replace")

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


def _body(request: Request, vocabulary: int, dice: random.Random) -> bytes:
    prompt = [dice.randrange(300, vocabulary) for _ in range(request.prompt_tokens)]
    asked: dict[str, Any] = {
        "model": request.model,
        "prompt": prompt,
        "max_tokens": request.output_tokens,
        "ignore_eos": True,
        "temperature": 0,
        "stream": True,
    }
    return json.dumps(asked).encode()


@dataclass
class Flight:
    """Requests on their way: wait for the first tokens, or for the end."""

    streams: list[Stream]
    firsts: list[asyncio.Event]
    ends: list[asyncio.Future[None]]

    async def under_way(self, number: int, timeout: float) -> None:
        """Return when that many streams have their first token."""
        end = time.monotonic() + timeout
        while sum(event.is_set() for event in self.firsts) < number and time.monotonic() < end:
            await asyncio.sleep(0.02)

    async def landed(self, timeout: float) -> None:
        """Return when every stream has ended, or after `timeout` seconds."""
        await asyncio.wait(self.ends, timeout=timeout)


async def send(port: int, requests: list[Request], vocabulary: int, seed: int = 0) -> Flight:
    """Send all requests at once, each with a prompt of its own."""
    dice, loop = random.Random(seed), asyncio.get_running_loop()
    bodies = [_body(request, vocabulary, dice) for request in requests]
    streams = [Stream(request) for request in requests]
    firsts = [asyncio.Event() for _ in requests]
    readers = [_Reader(*each) for each in zip(streams, bodies, firsts, strict=True)]
    await asyncio.gather(*(loop.create_connection(lambda one=reader: one, "127.0.0.1", port) for reader in readers))  # type: ignore[misc]
    return Flight(streams, firsts, [reader.closed for reader in readers])


def measure(port: int, requests: list[Request], vocabulary: int, timeout: float = 240, seed: int = 0) -> dict[str, Any]:
    """Send all requests at once, wait for all, and return one row of figures."""

    async def run() -> list[Stream]:
        flight = await send(port, requests, vocabulary, seed)
        await flight.landed(timeout)
        return flight.streams

    return summary(asyncio.run(run()))


def summary(streams: list[Stream]) -> dict[str, Any]:
    """Return what the streams of one run amount to; times in milliseconds but for `longest_s`.

    `tpot_ms` is the mean over the streams of (last token - first token) ÷ (tokens - 1): with prompts that wait for each
    other it holds their prefill too. `step_ms` is the median time between two tokens while every stream was decoding,
    `step_context` the tokens of context of one stream in the middle of that time.
    """
    whole = [stream for stream in streams if stream.complete]
    row: dict[str, Any] = {
        "streams": len(streams),
        "prompt_tokens": streams[0].request.prompt_tokens,
        "output_tokens": max(stream.request.output_tokens for stream in streams),
        "complete": len(whole),
    }
    if not whole:
        return {**row, "error": next((stream.error for stream in streams if stream.error), "nothing came back")}
    took = [(s.last - s.times[0]) * 1000 / (s.request.output_tokens - 1) for s in whole if s.request.output_tokens > 1]
    waits = [(stream.times[0] - stream.sent) * 1000 for stream in whole]
    began = min(stream.sent for stream in whole)
    row |= {
        "tpot_ms": round(mean(took), 3),
        "ttft_ms": round(max(waits), 1),
        "ttft_median_ms": round(median(waits), 1),
        "longest_s": round(max(stream.last - stream.sent for stream in whole), 3),
        "wall_s": round(max(stream.last for stream in whole) - began, 3),
    }
    start, end = max(stream.times[0] for stream in whole), min(stream.last for stream in whole)
    gaps = [
        (after - before) * 1000
        for stream in whole
        for before, after in zip(stream.times, stream.times[1:], strict=False)
        if before >= start and after <= end
    ]
    if gaps:
        middle = (start + end) / 2
        written = [sum(moment <= middle for moment in stream.times) for stream in whole]
        row |= {
            "step_ms": round(median(gaps), 3),
            "step_gaps": len(gaps),
            "step_context": round(row["prompt_tokens"] + mean(written)),
        }
    return row
