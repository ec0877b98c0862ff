"""Programs that run beside a test: started with a log of their own, waited for, and always stopped."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

# Becomes the program, but first asks the kernel to end it with the process that starts it, however that one ends
# (prctl(2), PR_SET_PDEATHSIG; it outlasts execve), and ends at once where that one is gone already.
_TIED = """
import ctypes, os, signal, sys
if ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0):
    sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
if os.getppid() != int(sys.argv[1]):
    sys.exit("whoever started this is gone")
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Exited(Exception):
    """A program ended that should run; the text has the end of its log."""


class Process:
    """A running program. Its two outputs go to one file. It ends with this process, also when that one is killed."""

    def __init__(self, name: str, command: list[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name, self.log, self.command = name, log, command
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-c", _TIED, str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=log.parent,
                start_new_session=True,
            )
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        return self._process.pid

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Return when `ready` answers True; raise Exited where the program ends first or does not get there in time."""
        end = time.monotonic() + seconds
        while not ready():
            if self.code is not None:
                raise Exited(f"{self.name} exited with {self.code}:\n{self.said()[-3000:]}")
            if time.monotonic() > end:
                raise Exited(f"{self.name} was not ready after {seconds:.0f} s:\n{self.said()[-3000:]}")
            time.sleep(0.05)

    def stop(self, grace: float = 5) -> None:
        """End it, by force after `grace` seconds."""
        atexit.unregister(self.stop)
        if self.code is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()


def free_port() -> int:
    """Return a port of the loopback address that nothing listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listens(port: int) -> bool:
    """Say whether something takes connections at a port of the loopback address."""
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0
