"""What is measured: one server a run, and a grid of loads on each."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .adapters import ADAPTERS, write_adapter
from .drain import drain
from .load import Request, measure
from .server import Server, gpu_memory_mib
from .shapes import SHAPES

if TYPE_CHECKING:
    from pathlib import Path

# Streams at once, and how many tokens each asks for: long enough that a step is steady, short enough to be cheap.
STREAMS = {1: 128, 8: 128, 64: 192, 256: 256}
PROMPTS = (32, 2000)
_START_TIMEOUT = 420


@dataclass(frozen=True)
class Closing:
    """How a run's server is stopped: with how many requests in flight, and how long it may take.

    Their output lengths are spread evenly from `shortest` to `longest`, to show which can end in time.
    """

    requests: int
    prompt_tokens: int
    shortest: int
    longest: int
    shutdown_timeout: int


@dataclass(frozen=True)
class Run:
    """A server with a shape, and the loads it is put under."""

    shape: str
    lora: bool = False
    tensor: int = 1
    max_num_seqs: int = 256
    flags: tuple[str, ...] = ()
    skip: tuple[tuple[int, int], ...] = ()
    closing: Closing | None = None


RUNS: dict[str, Run] = {
    "1b": Run("1b"),
    "8b": Run("8b", closing=Closing(256, 32, 16, 4096, 15)),
    "8b-lora": Run("8b", lora=True, closing=Closing(64, 2000, 1024, 1024, 20)),
    "30b-a3b": Run("30b-a3b"),
    # 256 prompts of 2,000 tokens do not fit beside the weights: they would wait for each other.
    "70b-fp8": Run("70b-fp8", skip=((256, 2000),)),
    "8b-tp2": Run("8b", tensor=2),
    "70b-tp2": Run("70b", tensor=2, skip=((256, 2000),)),
    "tiny": Run(
        "tiny", max_num_seqs=8, flags=("--enforce-eager", "--max-model-len=4096"), skip=((64, 2000), (256, 2000))
    ),
    "tiny-lora": Run(
        "tiny",
        lora=True,
        max_num_seqs=8,
        flags=("--enforce-eager", "--max-model-len=4096"),
        skip=((64, 32), (64, 2000), (256, 32), (256, 2000)),
        closing=Closing(8, 32, 512, 512, 60),
    ),
}


class Book:
    """Where results go at once: what is measured before a fault or a time limit stays."""

    def __init__(self, folder: Path, deadline: float) -> None:
        """`deadline` is a time of time.monotonic after which no new measurement begins."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.deadline = folder, deadline
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def write(self, **row: Any) -> None:
        """Add one result."""
        with self._lock, (self.folder / "results.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
            print(json.dumps(row)[:600], flush=True)


def prepare(work: Path, run: Run) -> tuple[Path, list[str], list[str]]:
    """Write the shape and its adapters; returns the folder, the flags, and the models that requests take turns with."""
    shape = SHAPES[run.shape]
    folder = work / run.shape
    if not (folder / "config.json").exists():
        shape.write(folder)
    flags = [f"--max-num-seqs={run.max_num_seqs}", *run.flags]
    if run.tensor > 1:
        flags.append(f"--tensor-parallel-size={run.tensor}")
    if run.closing:
        flags.append(f"--shutdown-timeout={run.closing.shutdown_timeout}")
    if not run.lora:
        return folder, flags, ["base"]
    flags += ["--enable-lora", "--max-loras=2", "--max-lora-rank=16", "--lora-modules"]
    for adapter in ADAPTERS:
        place = work / f"{run.shape}-{adapter.name}"
        if not (place / "adapter_config.json").exists():
            write_adapter(place, adapter, shape.config, str(folder))
        flags.append(f"{adapter.name}={place}")
    return folder, flags, [adapter.name for adapter in reversed(ADAPTERS)]


def _requests(number: int, prompt: int, outputs: list[int], models: list[str]) -> list[Request]:
    return [Request(prompt, outputs[at % len(outputs)], models[at % len(models)]) for at in range(number)]


def perform(name: str, work: Path, book: Book, port: int) -> bool:
    """Start the server of a run, put every load on it, stop it; returns whether it came up."""
    run = RUNS[name]
    folder, flags, models = prepare(work, run)
    vocabulary = SHAPES[run.shape].config["vocab_size"]
    before = gpu_memory_mib()
    server = Server(folder, port, flags, book.folder / "servers.log")
    with contextlib.ExitStack() as stack:
        stack.callback(server.wait, 0)
        ready = server.ready(min(_START_TIMEOUT, max(book.left, 1)))
        about = {"run": name, "shape": run.shape, "lora": run.lora, "tp": run.tensor, "max_num_seqs": run.max_num_seqs}
        start = {"ready_s": ready, "gpu_before_mib": before, "gpu_idle_mib": gpu_memory_mib(), **server.figures()}
        book.write(kind="start", **about, **start, flags=flags, tail=[] if ready else server.lines[-40:])
        if ready is None:
            return False
        measure(server.port, _requests(16, 64, [16], models), vocabulary, seed=1)
        for prompt in PROMPTS:
            for streams, output in STREAMS.items():
                if (streams, prompt) in run.skip or book.left < 30:
                    continue
                row = measure(
                    server.port, _requests(streams, prompt, [output], models), vocabulary, seed=prompt + streams
                )
                book.write(kind="load", **about, **row)
        after = {"gpu_after_mib": gpu_memory_mib(), "preemptions": server.metric("vllm:num_preemptions_total")}
        book.write(kind="end", **about, **after)
        if run.closing and book.left > run.closing.shutdown_timeout + 30:
            book.write(kind="drain", **about, **_close(server, run.closing, models, run.max_num_seqs, vocabulary))
        else:
            server.terminate()
            server.wait(15)
    return True


def _close(server: Server, closing: Closing, models: list[str], seats: int, vocabulary: int) -> dict[str, Any]:
    spread = closing.longest - closing.shortest
    outputs = [closing.shortest + spread * at // max(closing.requests - 1, 1) for at in range(closing.requests)]
    requests = _requests(closing.requests, closing.prompt_tokens, outputs, models)
    result = drain(server, requests, min(closing.requests, seats), vocabulary, closing.shutdown_timeout + 60)
    return {**vars(closing), **result}


def repeat_drains(work: Path, book: Book, run: Run, closings: list[Closing], slots: int, first_port: int) -> None:
    """Stop a fresh server for each closing, one after the other, while the next ones start beside it on the same GPU.

    Each needs its share of the memory: give `run` a `--kv-cache-memory-bytes` of which `slots` fit beside the weights.
    """
    vocabulary = SHAPES[run.shape].config["vocab_size"]
    turn, waiting = threading.Lock(), list(enumerate(closings))
    take = threading.Lock()
    prepare(work, run)

    def work_off() -> None:
        while book.left > 60:
            with take:
                if not waiting:
                    return
                number, closing = waiting.pop(0)
            one = replace(run, closing=closing)
            folder, flags, models = prepare(work, one)
            server = Server(folder, first_port + number, flags, book.folder / "servers.log")
            about = {"shape": run.shape, "lora": run.lora, "max_num_seqs": run.max_num_seqs, "repetition": number}
            try:
                ready = server.ready(min(_START_TIMEOUT, max(book.left, 1)))
                if ready is None:
                    book.write(kind="start", **about, ready_s=None, flags=flags, tail=server.lines[-30:])
                    return
                with turn:
                    measure(server.port, _requests(16, 64, [16], models), vocabulary, seed=1)
                    row = _close(server, closing, models, run.max_num_seqs, vocabulary)
                book.write(kind="drain", **about, ready_s=ready, kv_tokens=server.figures().get("kv_tokens"), **row)
            finally:
                server.wait(0)

    threads = [threading.Thread(target=work_off) for _ in range(slots)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
