"""How a Pod stops that joined a leader: not before that has answered, and at once where it is gone.

A node that is drained may be a worker's. Its Pod goes first then, and LeaderWorkerSet deletes the leader when it sees
that (kubernetes-sigs/lws v0.9.0, pkg/controllers/pod_controller.go, handleRestartPolicy); the leader stops taking
requests, and answers those that it has, for which it needs every Pod of its group. In a roll-out the leader goes first,
and its workers need not wait: nothing listens at its port, or it is already the next one, which still loads.
"""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.drain import EXIT_SECONDS, Drain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What an engine has to know, on whichever machine; the other flags are of the HTTP server.
OF_ENGINES = ("--max-num-seqs",)
_WAIT = """\
import os, socket, time

NAME, PORT = os.environ["LWS_LEADER_ADDRESS"], {port}


def addresses():
    try:
        return {{found[4][0] for found in socket.getaddrinfo(NAME, PORT)}}
    except OSError:
        return set()


leader = addresses()
try:
    socket.create_connection((NAME, PORT), 5).close()
except OSError:
    leader = set()
while leader & addresses():
    time.sleep(1)
"""


def wait(port: int) -> str:
    """Return the Python program that ends when the leader is gone which had an open port at its start."""
    return _WAIT.format(port=port)


def pod(container: str, drain: Drain, port: int, engine: list[Any]) -> dict[str, Any]:
    """Return what such a Pod needs: the engine's flags, and to stay for as long as its leader may answer.

    It has no HTTP server, so it has no probe: the leader fails if a worker does.
    """
    whole = drain.grace_period
    program = because(wait(port), "until the leader has answered what it took")
    return {
        "containers": [
            {
                "name": container,
                **({"args": engine} if engine else {}),
                "lifecycle": {"preStop": {"exec": {"command": ["python3", "-c", program]}}},
            }
        ],
        "terminationGracePeriodSeconds": because(
            whole + EXIT_SECONDS, f"{whole} s of the leader + {EXIT_SECONDS} s to exit"
        ),
    }
