"""The smoke test of the base package, through real Envoy and a real picker, with stand-ins for vLLM."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import PACKAGE
from tests.judge.components import PICKERS
from tests.judge.conftest import Clusters
from tests.judge.serving import serving

pytestmark = pytest.mark.judge

MODELS = ("meta-llama/Llama-3.1-8B-Instruct", "food-review", "cad-fabricator")


@pytest.mark.parametrize("release", PICKERS)
@pytest.mark.parametrize(
    ("models", "status", "said"),
    [(MODELS, 0, "10 passed, 0 failed"), (MODELS[:2], 1, "7 passed, 3 failed")],
    ids=["all is there", "an adapter is missing"],
)
def test_the_smoke_test_says_whether_a_service_answers(
    release: str, models: tuple[str, ...], status: int, said: str, clusters: Clusters
) -> None:
    with serving(clusters(release), release, {}) as one:
        for server in one.servers:
            server.models = models
        assert one.envoy is not None
        command = ["sh", str(PACKAGE / "smoke-test.sh"), f"http://127.0.0.1:{one.envoy.port}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (status, said, ""), done.stdout
