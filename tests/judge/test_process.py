"""What the judge starts ends with it, however the judge ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.judge import components
from tests.judge.process import free_port

# A judge with etcd running, as the session's fixture starts it; it says the number of its process.
JUDGE = """
import signal, sys, time
from pathlib import Path
from tests.judge.process import Process
# Who started the tests may ignore these, as nohup and a shell's background jobs do.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
program, folder, port, peer = sys.argv[1:]
urls = [f"--listen-client-urls=http://127.0.0.1:{port}", f"--advertise-client-urls=http://127.0.0.1:{port}"]
urls.append(f"--listen-peer-urls=http://127.0.0.1:{peer}")
one = Process("etcd", [program, f"--data-dir={folder}", *urls], Path(folder) / "etcd.log")
one.wait_until(lambda: "ready to serve client requests" in one.said())
print(one.pid, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # ended, and only not yet asked for its exit code


@pytest.mark.judge
@pytest.mark.parametrize(
    "how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda one: one.name
)
def test_a_judge_that_is_killed_leaves_nothing_running(how: signal.Signals, tmp_path: Path) -> None:
    try:
        program = components.etcd()
    except components.Missing as fault:
        missing(str(fault))
    command = [sys.executable, "-c", JUDGE, str(program), str(tmp_path), str(free_port()), str(free_port())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as judge:
        assert judge.stdout is not None
        etcd = int(judge.stdout.readline())
        assert runs(etcd)
        judge.send_signal(how)
        try:
            judge.wait(10)
        finally:
            judge.kill()
    end = time.monotonic() + 10
    while runs(etcd) and time.monotonic() < end:
        time.sleep(0.05)
    assert not runs(etcd)
