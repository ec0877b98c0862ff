"""Times of a graceful shutdown: they must fit into one another, and cover the longest answer."""

from __future__ import annotations

import math
from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.drain import EXIT_SECONDS, LONGEST_DRAINING, Drain
from krm_inference.domain.facts import vllm
from krm_inference.domain.sizing import MOST_SEQUENCES, seat
from krm_inference.manifests import groups
from krm_inference.manifests.hardware import QUEUED, SEQUENCES, service_of, sizing
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import policies
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import pickers, pools_of
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.quantities import whole
from krm_inference.manifests.servers import Server, servers, servers_of
from krm_inference.validate_inference.findings import Finding

DEFAULT_BACKEND_TIMEOUT = 30  # seconds, where a GCPBackendPolicy or its timeoutSec is missing
_FIRST_WITH_TIMEOUT = (0, 18)
_SLEEP = pattern(r"(?:\A|[\s/;])sleep\s+(\d{1,9})s?(?:\Z|[\s;])")
# What the tutorial assumes, where nothing is known of model and hardware.
_ASSUMED = Drain(4096, 10, 0.4, 30, 1.5)
_TIMEOUT, _BOUND = "--shutdown-timeout", "--override-generation-config"


def killed_while_draining(index: Index) -> Iterator[Finding]:
    """Yield servers that are killed before their drain may end."""
    for server in servers(index):
        timeout, pause, grace = _timeout(server), _pre_stop(server), server.pod.grace
        if timeout and timeout[1] and timeout[1] + pause >= grace:
            field, seconds = timeout
            message = f"{pause} s preStop + {seconds} s {_TIMEOUT} = {pause + seconds} s"
            message += f", not less than the grace period of {grace} s"
            room, drain = grace - pause - EXIT_SECONDS, _drain(index, server)
            # No timeout is proposed that would cut off the longest answer; then the grace period has to be raised.
            yield Finding(field, message, _flag(_TIMEOUT, room) if drain and room >= drain.seconds else MISSING)


def aborts_at_sigterm(index: Index) -> Iterator[Finding]:
    """Yield servers that drop running requests at SIGTERM."""
    for server in servers(index):
        flag = server.flag(_TIMEOUT)
        if flag is None and not server.has_all_flags:
            continue
        if server.version is not None and server.version < _FIRST_WITH_TIMEOUT:
            field = server.container.field["image"] if flag is None else flag.field
            yield Finding(
                field, f"vLLM {server.version[0]}.{server.version[1]} has no {_TIMEOUT} yet; it came with 0.18"
            )
        elif flag is None or (flag.is_known and not whole(flag.value)):
            field = server.missing(_TIMEOUT) if flag is None else flag.field
            room = server.pod.grace - _pre_stop(server) - EXIT_SECONDS
            if too_short := _longer(index, server):
                room = too_short.shutdown_timeout  # of the grace period that `grace_too_short` proposes
            message = "at SIGTERM vLLM aborts the requests that it is answering"
            # A vLLM that does not know the flag ends with it: where its version is not known, nothing is proposed.
            has_flag = server.version is not None or vllm.newest(server.container.image) is not None
            yield Finding(field, message, _flag(_TIMEOUT, room) if room > 0 and has_flag else MISSING)


def unbounded_answers(index: Index) -> Iterator[Finding]:
    """Yield servers whose longest answer nothing bounds."""
    for server in servers(index):
        flag = server.flag(_BOUND)
        if server.output_bound is not None or not server.has_all_flags or server.flag("--max-model-len"):
            continue
        if flag is None:
            message = f"neither {_BOUND} nor --max-model-len limits the length of an answer"
            message += ", so no grace period is surely long enough"
            yield Finding(server.missing(_BOUND), message)
        elif flag.is_known:
            message = "no max_new_tokens here and no --max-model-len, so nothing limits the length of an answer"
            yield Finding(flag.field, message)


def drains_too_briefly(index: Index) -> Iterator[Finding]:
    """Yield servers whose drain ends before their longest answer does."""
    for server in servers(index):
        timeout, drain = _timeout(server), _drain(index, server)
        if timeout and timeout[1] and drain and timeout[1] < drain.seconds:
            field, seconds = timeout
            longest = f"{drain.sum} = {drain.seconds:.1f} s for the longest answer{_behind(index, server)}"
            yield Finding(field, f"{longest}, but {_TIMEOUT} is {seconds} s")


def grace_too_short(index: Index) -> Iterator[Finding]:
    """Yield servers without a drain of their own whose Pods end before the longest answer does.

    Where `--shutdown-timeout` is set, `killed_while_draining` and `drains_too_briefly` compare it with both ends.
    """
    for server in servers(index):
        timeout, drain = _timeout(server), _longer(index, server)
        if drain is None or (timeout and timeout[1]):
            continue
        longest = f"{drain.sum} = {drain.seconds:.1f} s for the longest answer{_behind(index, server)}"
        message = f"{longest} after {drain.pre_stop} s preStop"
        field = server.pod.spec["terminationGracePeriodSeconds"]
        yield Finding(field, f"{message}, but the Pod is killed after {server.pod.grace} s", drain.grace_period)


def _behind(index: Index, server: Server) -> str:
    """Return behind how many others the longest answer waits, "" where it does not."""
    found = sizing(index, server)
    waiting = found.sequences - found.in_step + found.queue if found and found.fitting else 0
    return f", which waits with {waiting} others for {found.in_step} that run" if found and waiting else ""


def _longer(index: Index, server: Server) -> Drain | None:
    """Return the drain of a server that its grace period does not cover."""
    drain = _drain(index, server)
    drain = drain._replace(pre_stop=_pre_stop(server)) if drain else None
    return drain if drain and server.pod.grace < drain.seconds + drain.pre_stop else None


def unbounded_concurrency(index: Index) -> Iterator[Finding]:
    """Yield servers that drain, and for as many answers as may be there."""
    for server in servers(index):
        timeout, found = _timeout(server), sizing(index, server)
        if not (timeout and timeout[1] and found and found.fitting):
            continue
        most = max(1, seat(min(found.fitting, MOST_SEQUENCES)))
        if server.flag(SEQUENCES) is None:
            message = f"nothing bounds how many requests it answers at once, and {found.fitting} fit into its KV cache"
            yield Finding(server.missing(SEQUENCES), message, _flag(SEQUENCES, most))
        elif server.flag(QUEUED) is None and server.minor and vllm.takes_flag(QUEUED, server.minor):
            each = found.drain.answer_seconds
            message = f"nothing bounds how many requests wait; {found.in_step} of them take {each:.0f} s more to drain"
            yield Finding(
                server.missing(QUEUED), message, _flag(QUEUED, found.sequences + max(1, found.sequences // 2))
            )


def pickers_leave_first(index: Index) -> Iterator[Finding]:
    """Yield pickers that leave before the servers to which they send requests."""
    for picker in pickers(index):
        longest = max((pod.grace for pool in pools_of(index, picker.pod) for pod in pool_pods(index, pool)), default=0)
        if picker.pod.grace < longest:
            message = f"the grace period of its pool's Pods is {longest} s, but the picker's is {picker.pod.grace} s"
            yield Finding(picker.pod.spec["terminationGracePeriodSeconds"], message, longest)


def backends_cut_answers(index: Index) -> Iterator[Finding]:
    """Yield backend policies that cut the longest answer."""
    for policy, pool in policies(index, groups.BACKEND_POLICY):
        longest = longest_answer(index, pool)
        if longest is None:
            continue
        field = policy.at("spec.default.timeoutSec")
        timeout = field.number if field.exists else DEFAULT_BACKEND_TIMEOUT
        if timeout is not None and timeout < longest.seconds:
            message = (
                f"{longest.sum} = {longest.seconds:.1f} s for the longest answer, but it is cut off after {timeout} s"
            )
            yield Finding(field, message, math.ceil(longest.seconds * longest.safety_factor))


def connections_cut(index: Index) -> Iterator[Finding]:
    """Yield backend policies that cut running requests when an endpoint goes away."""
    for policy, pool in policies(index, groups.BACKEND_POLICY):
        served = [pod for pod in pool_pods(index, pool) if servers_of(index, pod)]
        if not served:
            continue
        field = policy.at("spec.default.connectionDraining.drainingTimeoutSec")
        drain = longest_answer(index, pool)
        longest = drain.seconds if drain else 1.0
        seconds = field.number if field.exists else 0
        if seconds is not None and seconds < min(longest, LONGEST_DRAINING):
            wanted = max(math.ceil(longest), *(pod.grace for pod in served))
            message = f"running requests are cut off {seconds} s after their endpoint is removed"
            yield Finding(field, message, min(wanted, LONGEST_DRAINING))


def kept_from_sigterm(index: Index) -> Iterator[Finding]:
    """Yield servers that a shell keeps from receiving SIGTERM."""
    for server in servers(index):
        if not server.is_pid_1 and server.shell is not None:
            field = Field(server.shell.object, server.shell.path, MISSING)
            yield Finding(field, "the shell is process 1 and does not pass SIGTERM on to vLLM")


def longest_answer(index: Index, pool: Object) -> Drain | None:
    """Return the drain of the server of a pool that has the longest answer, where a bound is known."""
    return index.derive_of(_longest_answer, pool)


def _longest_answer(index: Index, pool: Object) -> Drain | None:
    found = (_drain(index, server) for pod in pool_pods(index, pool) for server in servers_of(index, pod))
    return max((drain for drain in found if drain), key=lambda drain: drain.seconds, default=None)


def _drain(index: Index, server: Server) -> Drain | None:
    if server.output_bound is None:
        return None
    found = sizing(index, server)
    if found is not None and found.is_shape_known and found.fitting:
        return found.drain
    service = service_of(index, server)
    return (service.drain if service else _ASSUMED)._replace(max_output_tokens=server.output_bound)


def _timeout(server: Server) -> tuple[Field, int] | None:
    flag = server.flag(_TIMEOUT)
    number = whole(flag.value) if flag else None
    return (flag.field, number) if flag and number is not None else None


def _pre_stop(server: Server) -> int:
    """Return the seconds of the preStop hook, 0 where it has none or they cannot be read."""
    hook = server.container.field.at("lifecycle.preStop")
    seconds = hook.at("sleep.seconds").number
    if seconds is not None:
        return seconds
    match = _SLEEP.search(" ".join(str(item.value) for item in hook.at("exec.command")))
    return int(match[1]) if match else 0


def _flag(name: str, value: int) -> str:
    return f"{name}={value}"
