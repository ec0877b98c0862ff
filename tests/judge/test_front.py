"""Requests to several pools through one Gateway: shared by weight, or chosen by the model in the body."""

from __future__ import annotations

from typing import Any

import pytest

from tests.judge.components import PICKERS
from tests.judge.conftest import Clusters
from tests.judge.front import front

pytestmark = pytest.mark.judge

CHAT, CANARY = "chat", "chat-canary"
SERVED: dict[str, Any] = {"model": {"servedName": CHAT}}
each_release = pytest.mark.parametrize("release", PICKERS)


@each_release
def test_a_canary_gets_the_part_of_the_requests_that_its_weight_says(release: str, clusters: Clusters) -> None:
    """One of ten with weights 9 and 1, none with weight 0; and its own picker chooses among its servers."""
    for weight, asked in ((1, 300), (0, 50)):
        specs = {
            CHAT: {**SERVED, "route": {"hostnames": ["chat.example.com"], "weight": 9}},
            CANARY: {**SERVED, "route": {"of": CHAT, "weight": weight}},
        }
        with front(clusters(release), release, specs) as one:
            for server in one.pools[CANARY].servers:
                server.asked.clear()
            one.pools[CANARY].servers[0].set(waiting=50)
            one.pools[CANARY].settle()
            got = one.shares(CHAT, asked)
            assert set(got) == ({CHAT, CANARY} if weight else {CHAT})
            # 270 expected; a fair draw lies within 40 of it but once in ten million runs.
            assert abs(got[CHAT] - (0.9 if weight else 1) * asked) < 40
            assert [len(server.asked) for server in one.pools[CANARY].servers] == [0, got[CANARY]]


def test_a_request_reaches_the_pool_of_the_model_in_its_body(clusters: Clusters) -> None:
    """By route.byModel; without the process that reads bodies no header tells the model, and no route takes it."""
    release = "gaie-v1.5"
    gateway = {"gateway": {"className": "istio"}}
    specs = {
        name: {**gateway, "model": {"servedName": model}, "route": {"byModel": True}}
        for name, model in (("llama", "meta/llama"), ("qwen", "qwen/qwen"))
    }
    with front(clusters(release), release, specs, reads_bodies=True) as one:
        for _ in range(5):
            assert one.ask("meta/llama") == (200, "llama")
            assert one.ask("qwen/qwen") == (200, "qwen")
        assert one.ask("nobody/knows")[0] == 404
        # What a client says in the header itself does not count: the body does.
        assert one.ask("meta/llama", X_Gateway_Model_Name="qwen/qwen") == (200, "llama")
    with front(clusters(release), release, specs) as one:
        assert one.ask("meta/llama")[0] == 404
