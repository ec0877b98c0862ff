"""Stand-ins for vLLM: what a picker and a client see of a model server, and nothing behind it."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

METRICS = """\
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{{model_name="{model}"}} {waiting}
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{{model_name="{model}"}} {running}
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{{model_name="{model}"}} {cache}
# TYPE vllm:lora_requests_info gauge
vllm:lora_requests_info{{max_lora="{slots}",running_lora_adapters="{loaded}",waiting_lora_adapters=""}} 1.7e9
# TYPE vllm:cache_config_info gauge
vllm:cache_config_info{{block_size="16",num_gpu_blocks="10000"}} 1
"""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # of the default five the sixth connection at once tries again a second later


class ModelServer:
    """One server at an address of its own; its metrics are what a test sets, and it remembers what it was asked."""

    def __init__(self, address: str, port: int, model: str) -> None:
        self.address, self.port, self.model = address, port, model
        self.waiting, self.running, self.cache = 0, 0, 0.0
        self.slots, self.loaded = 4, ""
        self.models: tuple[str, ...] = ()  # the only ones that it knows; without any it answers to every name
        self.asked: list[str] = []
        self.heard: list[tuple[float, str]] = []  # when, and which prompt
        self.scraped = 0
        self._server = _Server((address, port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def set(self, *, waiting: int = 0, cache: float = 0.0, loaded: str = "", slots: int = 4) -> None:
        self.waiting, self.cache, self.loaded, self.slots = waiting, cache, loaded, slots

    def metrics(self) -> str:
        return METRICS.format(
            model=self.model,
            waiting=self.waiting,
            running=self.running,
            cache=self.cache,
            slots=self.slots,
            loaded=self.loaded,
        )

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/metrics":
                    server.scraped += 1
                    self.answer(server.metrics().encode(), "text/plain; version=0.0.4")
                elif self.path == "/v1/models":
                    listed = [{"id": name} for name in server.models or (server.model,)]
                    self.answer(json.dumps({"object": "list", "data": listed}).encode())
                else:
                    self.answer(b"", status=200 if self.path == "/health" else 404)

            def do_POST(self) -> None:
                body: Any = json.loads(self.body())
                server.asked.append(body["model"])
                server.heard.append((time.monotonic(), body.get("prompt", "")))
                if server.models and body["model"] not in server.models:
                    self.answer(b'{"error": {"message": "The model does not exist."}}', status=404)
                    return
                answer = {
                    "id": "cmpl-1",
                    "object": "text_completion",
                    "model": body["model"],
                    "choices": [{"index": 0, "text": server.address, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                }
                self.answer(json.dumps(answer).encode())

            def body(self) -> bytes:
                """Read what the client sent: Envoy streams it in chunks, of which it does not know the sum."""
                if "Content-Length" in self.headers:
                    return self.rfile.read(int(self.headers["Content-Length"]))
                chunks = []
                while size := int(self.rfile.readline().partition(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                while self.rfile.readline().strip():  # trailers
                    pass
                return b"".join(chunks)

            def answer(self, body: bytes, content: str = "application/json", status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler
