"""How a worker of a group waits at its end: the program itself, against an open port and names that change."""

import socket
import subprocess
import sys
import time
from pathlib import Path

from krm_inference.inject_lifecycle import workers

# What a Pod's resolver would say: the addresses in a file, which changes while the program runs.
_RESOLVER = """
import os, socket

def getaddrinfo(host, port, *_, **__):
    addresses = open(os.environ["ADDRESSES"]).read().split()
    if not addresses:
        raise socket.gaierror("no such name")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

socket.getaddrinfo = getaddrinfo
"""


def start(folder: Path, port: int, addresses: str) -> "subprocess.Popen[bytes]":
    (folder / "sitecustomize.py").write_text(_RESOLVER)
    (folder / "addresses").write_text(addresses)
    environment = {
        "PYTHONPATH": str(folder), "ADDRESSES": str(folder / "addresses"), "LWS_LEADER_ADDRESS": "llama-0.llama.llm",
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", workers.wait(port)], env=environment)


def listening() -> socket.socket:
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    found.listen()
    return found


def test_a_worker_waits_until_the_name_of_its_leader_is_gone(tmp_path: Path) -> None:
    """The leader's port is open, so it waits, also after the port is closed, and ends with the address."""
    server = listening()
    process = start(tmp_path, server.getsockname()[1], "127.0.0.1")
    server.accept()[0].close()
    server.close()
    time.sleep(2)
    assert process.poll() is None
    (tmp_path / "addresses").write_text("")
    assert process.wait(30) == 0


def test_a_worker_waits_for_no_other_leader_of_the_same_name(tmp_path: Path) -> None:
    """The next leader has the name too, and another address."""
    server = listening()
    process = start(tmp_path, server.getsockname()[1], "127.0.0.1")
    server.accept()[0].close()
    server.close()
    (tmp_path / "addresses").write_text("10.0.0.9")
    assert process.wait(30) == 0


def test_a_worker_ends_at_once_where_no_leader_answers(tmp_path: Path) -> None:
    """A leader that has gone, or still loads, has no open port."""
    server = listening()
    port = server.getsockname()[1]
    server.close()
    assert start(tmp_path, port, "127.0.0.1").wait(30) == 0
    assert start(tmp_path, port, "").wait(30) == 0
