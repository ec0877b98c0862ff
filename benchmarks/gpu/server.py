"""One vLLM server: started, watched by its log, asked, and stopped as the kubelet stops it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# What vLLM's log says, and under which name it is recorded.
_FIGURES = {
    "weights_gib": r"Model loading took ([\d.]+) GiB",
    "load_s": r"Model loading took [\d.]+ GiB(?: memory)? and ([\d.]+) seconds",
    "compile_s": r"torch\.compile (?:took|and initial profiling/warmup run together took) ([\d.]+) s",
    "init_s": r"init engine \(profile, create kv cache, warmup model\) took ([\d.]+) s",
    "compile_total_s": r"took [\d.]+ s \(compilation: ([\d.]+) s",
    "graph_s": r"Graph capturing finished in ([\d.]+) secs",
    "graph_gib": r"Graph capturing finished in [\d.]+ secs, took ([\d.]+) GiB",
    "kv_gib": r"Available KV cache memory: ([\d.]+) GiB",
    "kv_tokens": r"GPU KV cache size: ([\d,]+) tokens",
    "batched_tokens": r"max_num_batched_tokens=(\d+)",
}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}


def gpu_memory_mib() -> int | None:
    """Return the MiB in use on the first GPU that vLLM sees, as the driver says it; None without a driver."""
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", f"--id={first}"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return None


class Server:
    """A running `vllm serve` on a port of this machine."""

    def __init__(self, folder: Path, port: int, flags: list[str], log: Path) -> None:
        """Start it; returns at once."""
        self.port, self.log = port, log
        self.lines: list[str] = []
        command = [sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", str(folder)]
        command += ["--served-model-name=base", f"--port={port}", "--host=127.0.0.1", "--load-format=dummy", *flags]
        self.command = command
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **_OFFLINE},
            start_new_session=True,
        )
        self._watch = threading.Thread(target=self._read, daemon=True)
        self._watch.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.log.open("a") as file:
            file.write(f"$ {' '.join(self.command)}\n")
            for line in self.process.stdout:
                at = time.monotonic() - self.began
                self.lines.append(f"{at:8.2f} {line.rstrip()}")
                file.write(self.lines[-1] + "\n")
                file.flush()

    def ready(self, timeout: float) -> float | None:
        """Return the seconds from start to the first good answer of /health; None where it ended or never answered."""
        while time.monotonic() - self.began < timeout:
            if self.process.poll() is not None:
                return None
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2):
                    return round(time.monotonic() - self.began, 1)
            except (OSError, urllib.error.URLError):
                time.sleep(0.2)
        return None

    def figures(self) -> dict[str, Any]:
        """Return what the log has said of memory and time so far."""
        found: dict[str, Any] = {}
        for name, pattern in _FIGURES.items():
            for line in self.lines:
                if match := re.search(pattern, line):
                    number = float(match[1].replace(",", ""))
                    found[name] = int(number) if number.is_integer() and name.endswith("tokens") else number
        return found

    def metric(self, name: str) -> float | None:
        """Return the sum of the samples of one of vLLM's metrics."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except (OSError, urllib.error.URLError):
            return None
        values = re.findall(rf"^{re.escape(name)}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, values)) if values else None

    def terminate(self) -> float:
        """Send SIGTERM to the process that a container would run as its first, and return when."""
        self.process.send_signal(signal.SIGTERM)
        return time.monotonic()

    def wait(self, timeout: float) -> int | None:
        """Return the exit code; None where it had to be killed with all that it started."""
        try:
            code: int | None = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._watch.join(5)
        return code
