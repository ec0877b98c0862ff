"""A child process that gets bytes on standard input: bounded in time, and in what it may say on standard error."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from contextlib import suppress
from typing import IO, NamedTuple

MOST_SAID = 32 * 1024  # bytes that are kept of the beginning of standard error, and of its end
_GRACE = 5.0  # seconds between SIGTERM and SIGKILL


class Outcome(NamedTuple):
    """What a process left: its exit status, both outputs, and why it did not run to its end ("" where it did)."""

    status: int
    stdout: bytes
    stderr: str
    fault: str = ""


def run(argv: list[str], data: bytes, timeout: float) -> Outcome:
    """Run `argv` on `data`. After `timeout` seconds the process and all that it started are ended."""
    try:
        process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        return Outcome(127, b"", "", f"cannot be started: {error.strerror or error}")
    said = _Said(process.stderr)
    written = threading.Thread(target=_write, args=(process.stdin, data), daemon=True)
    stdout = _Read(process.stdout)
    for thread in (written, said, stdout):
        thread.start()
    fault = ""
    try:
        _wait(process, timeout)
    except subprocess.TimeoutExpired:
        fault = f"did not end within {timeout:g} s"
    except BaseException:  # Ctrl-C, say: nothing that was started goes on alone
        _end(process)
        raise
    _end(process)
    for reader in (said, stdout):
        reader.join(_GRACE)
    return Outcome(process.returncode, b"".join(stdout.parts), said.text, fault)


def _wait(process: subprocess.Popen[bytes], timeout: float) -> None:
    """Wait for its end, by a handle of the kernel where there is one: `wait` with a limit looks every 50 ms only."""
    try:
        handle = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # not Linux, or an old one
        process.wait(timeout)
        return
    try:
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        if not ended.poll(timeout * 1000):
            raise subprocess.TimeoutExpired(process.args, timeout)
    finally:
        os.close(handle)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children, first by asking."""
    for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _write(stdin: IO[bytes] | None, data: bytes) -> None:
    assert stdin is not None
    with suppress(OSError), stdin:  # a process need not read its input
        stdin.write(data)


class _Read(threading.Thread):
    """Reads all of a stream."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        assert stream is not None
        self._stream = stream
        self.parts: list[bytes] = []

    def run(self) -> None:
        with self._stream:
            while part := self._stream.read1(2**16):  # type: ignore[attr-defined]  # a pipe is a BufferedReader
                self.keep(part)

    def keep(self, part: bytes) -> None:
        self.parts.append(part)


class _Said(_Read):
    """Reads all of a stream and keeps its beginning and its end, where the reason of a failure stands."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        super().__init__(stream)
        self._size = 0
        self._end = b""

    def keep(self, part: bytes) -> None:
        room = MOST_SAID - min(self._size, MOST_SAID)
        self.parts.append(part[:room])
        self._end = (self._end + part[room:])[-MOST_SAID:]
        self._size += len(part)

    @property
    def text(self) -> str:
        """What was said, with a line about what is left out."""
        begin = b"".join(self.parts)
        left = self._size - len(begin) - len(self._end)
        if left <= 0:
            return (begin + self._end).decode(errors="replace")
        return f"{begin.decode(errors='replace')}\n… {left} bytes are left out …\n{self._end.decode(errors='replace')}"
