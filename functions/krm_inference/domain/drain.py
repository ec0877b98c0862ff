"""The times of a graceful shutdown, computed together from the longest answer that the server may give."""

from __future__ import annotations

import math

from krm_inference.domain.record import Record

# After the drain vLLM needs some seconds to leave; then the kubelet kills.
EXIT_SECONDS = 10
# connectionDraining.drainingTimeoutSec of a GCPBackendPolicy ends here.
LONGEST_DRAINING = 3600
# A longer request is a slip in one of the figures: no balancer and no client waits that long.
LONGEST_REQUEST = 86400


class Drain(Record):
    """The longest request of a server: its output, the time of a token, and what is added to that.

    `prefill_share` is the time for prompts, as a share of the time for outputs, `queue_share` the requests that may
    wait for each that runs: the last of them waits for so many answers before its own begins. `before` are seconds for
    which another server has a request before this one gets it.
    """

    max_output_tokens: int
    time_per_output_token_ms: float
    prefill_share: float
    pre_stop: int
    safety_factor: float
    queue_share: float = 0.0
    before: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds that a request needs which arrives just before the server stops accepting."""
        return self.answer_seconds * (1 + self.queue_share)

    @property
    def answer_seconds(self) -> float:
        """Seconds of the longest answer, once it runs."""
        return self.max_output_tokens * self.time_per_output_token_ms * (1 + self.prefill_share) / 1000

    @property
    def fault(self) -> str:
        """What is wrong with the figures, taken together; "" where nothing is."""
        if self.seconds <= LONGEST_REQUEST:
            return ""
        return f"the longest request would last {self.sum} = {self.seconds:.0f} s, expected at most {LONGEST_REQUEST} s"

    @property
    def grace_period(self) -> int:
        """terminationGracePeriodSeconds: with the safety factor, and never less than drain, preStop and exit."""
        buffered = (self.seconds + self.pre_stop) * self.safety_factor
        return max(_to_ten(buffered), math.ceil(self.seconds + self.pre_stop) + EXIT_SECONDS)

    @property
    def shutdown_timeout(self) -> int:
        """Seconds for vLLM's --shutdown-timeout: what the grace period leaves after preStop and before the kill."""
        return self.grace_period - self.pre_stop - EXIT_SECONDS

    @property
    def draining_timeout(self) -> int:
        """Seconds that the load balancer leaves to requests on an endpoint that goes away."""
        return min(self.grace_period, LONGEST_DRAINING)

    def backend_timeout(self, at_least: int) -> int:
        """Return the seconds after which the load balancer gives up a request; never less than the longest one."""
        return max(at_least, math.ceil((self.before + self.seconds) * self.safety_factor))

    @property
    def sum(self) -> str:
        """The terms of `seconds`, written out."""
        tokens = f"{self.max_output_tokens} token{'s' * (self.max_output_tokens != 1)}"
        each = f"{_number(self.time_per_output_token_ms)} ms"
        waits = f" × {_number(1 + self.queue_share)}" if self.queue_share else ""
        return f"{tokens} × {each} × {_number(1 + self.prefill_share)}{waits}"

    @property
    def grace_reason(self) -> str:
        """Why the grace period is what it is."""
        buffered = _to_ten((self.seconds + self.pre_stop) * self.safety_factor)
        if buffered < self.grace_period:
            return f"{self.sum} + {self.pre_stop} s preStop, rounded up, + {EXIT_SECONDS} s to exit"
        return f"({self.sum} + {self.pre_stop} s preStop) × {_number(self.safety_factor)}"

    @property
    def shutdown_reason(self) -> str:
        """Why the shutdown timeout is what it is."""
        return f"{self.grace_period} s grace - {self.pre_stop} s preStop - {EXIT_SECONDS} s to exit"

    def backend_reason(self, at_least: int) -> str:
        """Return why the backend timeout is what it is."""
        seconds = f"{self.seconds:.1f} s"
        if self.before:
            seconds = f"({_number(self.before)} s until its prompt is read + {seconds})"
        longest = f"longest request {seconds} × {_number(self.safety_factor)}"
        if self.backend_timeout(at_least) > at_least:
            return f"{longest}, rounded up"
        return f"the release's default; {longest} is not more"

    @property
    def draining_reason(self) -> str:
        """Why the load balancer drains as long as it does."""
        if self.draining_timeout < self.grace_period:
            return f"the most that GKE allows; the Pods' grace period is {self.grace_period} s"
        return "the Pods' grace period"


def _to_ten(seconds: float) -> int:
    """Round to the nearest ten, a five up."""
    return math.floor(seconds / 10 + 0.5) * 10


def _number(number: float) -> str:
    return f"{round(number, 6):g}"
