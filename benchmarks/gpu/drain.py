"""SIGTERM while requests are in flight: which of them end whole, and how long the server takes to leave."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from .load import Request, send

if TYPE_CHECKING:
    from .server import Server


def drain(server: Server, requests: list[Request], running: int, vocabulary: int, timeout: float) -> dict[str, Any]:
    """Send the requests, stop the server as soon as `running` of them have a first token, and count the whole answers.

    That is the worst moment: nearly every token is still to come. Returns times in seconds after SIGTERM.
    """

    async def run() -> dict[str, Any]:
        flight = await send(server.port, requests, vocabulary, seed=int(time.time() * 1000))
        await flight.under_way(running, timeout=120)
        stopped = server.terminate()
        left = asyncio.create_task(asyncio.to_thread(server.wait, timeout))
        await flight.landed(timeout)
        code = await left
        gone = time.monotonic()
        whole = [stream for stream in flight.streams if stream.complete]
        tokens = [stream.request.output_tokens for stream in whole]
        return {
            "requests": len(requests),
            "running_at_sigterm": running,
            "complete": len(whole),
            "lost": len(requests) - len(whole),
            "complete_output_tokens_max": max(tokens, default=0),
            "last_s": round(max((stream.last - stopped for stream in whole), default=0.0), 2),
            "exit_s": round(gone - stopped, 2),
            "exit_code": code,
            "began_before_sigterm_s": round(stopped - min(stream.sent for stream in flight.streams), 2),
        }

    return asyncio.run(run())
