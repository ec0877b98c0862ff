"""What a service takes, gives and costs, worked out from its intent."""

from __future__ import annotations

from krm_inference.commands.plan.prices import Prices
from krm_inference.domain import roles, scaling
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.record import Record
from krm_inference.domain.service import LLMService
from krm_inference.domain.sizing import Sizing
from krm_inference.domain.step_time import answered

# By how much a time or a rate may be wrong, in percent (docs/numbers.md).
ERROR_PERCENT = 20


class Estimate(Record):
    """One service, or one choice of hardware: times in ms or s, rates in output tokens per second of one replica."""

    package: str
    name: str
    model: str
    accelerator: str
    replicas: int
    gpus: int
    utilization: float
    concurrency: int
    queue: int
    tokens: int
    length: int
    fitting: float
    prompt: int
    output: int
    rate: float
    first_ms: float
    token_ms: float
    answer_seconds: float
    longest_seconds: float
    shutdown_timeout: int
    grace_period: int
    startup_seconds: int
    hour: float | None

    @property
    def reads_only(self) -> bool:
        """Say whether it reads prompts for other servers: of each it writes one token, so a token is a prompt."""
        return self.output == 1

    @property
    def takes_accelerators(self) -> bool:
        """Say whether it asks for accelerators at all, and not for processors alone."""
        known = ACCELERATORS.get(self.accelerator)
        return known is None or bool(BACKENDS[known.backend].resource)

    @property
    def all_gpus(self) -> int:
        """GPUs of all replicas."""
        return self.replicas * self.gpus

    @property
    def all_rate(self) -> float:
        """Output tokens per second of all replicas."""
        return self.replicas * self.rate

    @property
    def million(self) -> float | None:
        """What a million output tokens cost where all replicas are busy."""
        if self.hour is None or not self.all_rate:
            return None
        return self.hour / self.all_rate / 3600 * 1e6


def of(package: str, service: LLMService, prices: Prices) -> list[Estimate]:
    """Return the estimate of a service, or those of its parts: of what answers and of what reads prompts."""
    return [_of(package, part, prices) for part in roles.of(service)]


def _of(package: str, service: LLMService, prices: Prices) -> Estimate:
    longest = service.spec["model"].get("maxModelLen") or service.sizing.demand.model.context
    _, most = scaling.bounds(service.spec)
    return estimate(
        service.sizing, package=package, name=service.workload, model=service.model, replicas=most,
        accelerator=service.spec["accelerator"]["type"], length=longest or service.sizing.length,
        startup=service.startup.seconds, prices=prices,
    )  # fmt: skip


def estimate(
    sizing: Sizing, *, package: str, name: str, model: str, accelerator: str, replicas: int, length: int, startup: int,
    prices: Prices,
) -> Estimate:  # fmt: skip
    """Return the estimate of a server's numbers; `length` is the longest sequence that it takes, in tokens."""
    demand, drain = sizing.demand, sizing.drain
    tokens = sizing.tokens * demand.data
    return Estimate(
        package, name, model, accelerator, replicas, demand.gpus, sizing.utilization, sizing.sequences * demand.data,
        sizing.queue * demand.data, tokens, length, tokens / length, demand.prompt, demand.output,
        sizing.tokens_per_second, first_ms(sizing), sizing.token_ms, drain.answer_seconds, drain.seconds,
        drain.shutdown_timeout, drain.grace_period, startup, prices.hour(accelerator, replicas * demand.gpus),
    )  # fmt: skip


def first_ms(sizing: Sizing) -> float:
    """Return the ms from a request to its first token, while as many are answered as may be and none waits."""
    return answered(sizing.demand.model, sizing.prompt_ms + sizing.step(sizing.in_step).ms)
