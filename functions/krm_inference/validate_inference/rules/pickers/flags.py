"""What an endpoint picker is told about its pool."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests import commands, groups
from krm_inference.manifests.groups import POOL, POOL_X
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import of_rows
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import Picker, pickers, pools_of
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.servers import Server, servers, servers_of
from krm_inference.validate_inference.findings import Finding, listed

OLD_METRIC, NEW_METRIC = "vllm:gpu_cache_usage_perc", "vllm:kv_cache_usage_perc"
_METRIC_FLAG = "--kv-cache-usage-percentage-metric"
_NEW_DEFAULT = (1, 3, 0)  # the first picker that asks for the new metric by itself
_OLD_GONE = (0, 12)  # the first vLLM without the old one
_BETTER = {
    "--pool-name": "If the flag takes it from a variable, kustomize can rename it there too",
    "--pool-namespace": "If the flag takes it from the downward API, it follows the namespace that kustomize sets",
}


def told_of_another_pool(index: Index) -> Iterator[Finding]:
    """Yield pickers that are told of another pool than the one that sends them requests, or of none."""
    for picker in pickers(index):
        name, (place, namespace) = picker.flag("--pool-name"), picker.namespace
        if name is None and picker.flag("--endpoint-selector") is None:
            names = [pool.name for pool in pools_of(index, picker.pod)]
            proposed = _flag("--pool-name", names[0]) if len(names) == 1 else MISSING
            yield Finding(picker.missing("--pool-name"), "no --pool-name, so the picker watches no pool", proposed)
        if name is None or namespace is None or not name.is_known:
            continue
        own = pools_of(index, picker.pod)
        known = own or index.of(POOL, POOL_X)
        told = [pool for pool in known if pool.name == name.value]
        if not known or any(meets(pool.namespace, namespace) for pool in told):
            continue
        if told:
            message = (
                f"the pool {name.value} is in namespace {told[0].namespace}, not in {namespace or 'the default one'}"
            )
            yield _instead(picker, place, _as_written(picker, "--pool-namespace"), message, [told[0].namespace])
        else:
            yield _wrong_name(picker, name.field, name.value or "", own or known)
    yield from _shared_pickers(index)


def _shared_pickers(index: Index) -> Iterator[Finding]:
    """Yield pools that send requests to the picker of another pool, which watches that one only."""
    by_pod: dict[Pod, list[Picker]] = {}
    for picker in pickers(index):
        by_pod.setdefault(picker.pod, []).append(picker)
    for pod, behind in by_pod.items():
        own = pools_of(index, pod)
        watched = [pool for pool in own if any(_may_watch(picker, pool) for picker in behind)]
        for pool in own if watched else ():
            if pool not in watched:
                message = f"its picker {pod.object} watches InferencePool {watched[0].name} only"
                yield Finding(pool.at("spec.endpointPickerRef.name"), message)


def _may_watch(picker: Picker, pool: Object) -> bool:
    name, (_, namespace) = picker.flag("--pool-name"), picker.namespace
    if name is None or not name.is_known or namespace is None:
        return True
    return name.value == pool.name and meets(pool.namespace, namespace)


def _wrong_name(picker: Picker, field: Field, name: str, known: list[Object]) -> Finding:
    names = [pool.name for pool in known]
    is_undefined = "$(" in name
    message = f"the container has no variable for {name}" if is_undefined else f"no InferencePool {name}"
    return _instead(picker, field, _as_written(picker, "--pool-name"), f"{message}; there is: {listed(names)}", names)


def _instead(picker: Picker, field: Field, flag: str, message: str, values: list[str]) -> Finding:
    """Return a finding at the flag, or at the variable that it takes its value from."""
    place = commands.source(picker.container.field, field)
    is_flag = place is field
    if len(set(values)) != 1:
        return Finding(place, message)
    if is_flag and "$(" not in field.text:
        message += f". {_BETTER[flag]}" if flag in _BETTER else ""
    return Finding(place, message, _flag(flag, values[0]) if is_flag else values[0])


def _as_written(picker: Picker, name: str) -> str:
    flag = picker.flag(name)
    return flag.name if flag is not None else name


def _flag(name: str, value: str) -> str:
    return f"{name}={value}"


def told_of_another_group(index: Index) -> Iterator[Finding]:
    """Yield pickers that are told of another API group than their pool's."""
    for picker in pickers(index):
        flag, own = picker.flag("--pool-group"), pools_of(index, picker.pod)
        if flag is not None and flag.value is not None and own and flag.value not in [pool.group for pool in own]:
            yield Finding(
                flag.field,
                f"found {flag.value}, but its pool is in group {own[0].group}",
                _flag("--pool-group", own[0].group),
            )


def asks_for_absent_metrics(index: Index) -> Iterator[Finding]:
    """Yield pickers that ask for a KV-cache metric that the servers of their pool do not emit."""
    for picker in pickers(index):
        flag = picker.flag(_METRIC_FLAG)
        if flag is not None and picker.release and _METRIC_FLAG in picker.release.metric_flags_refused:
            continue
        asked = _default_metric(picker) if flag is None else flag.value
        own = pools_of(index, picker.pod)
        chosen = (server for pool in own for pod in pool_pods(index, pool) for server in servers_of(index, pod))
        behind = list(chosen) if own else servers(index)
        emitted = {metric for server in behind for metric in _metrics(server)}
        if asked is not None and behind and asked not in emitted:
            field = picker.missing(_METRIC_FLAG) if flag is None else flag.field
            message = f"the picker reads {asked}, but vLLM in its pool emits {listed(emitted)}"
            yield Finding(field, message, _flag(_METRIC_FLAG, NEW_METRIC))


def _metrics(server: Server) -> tuple[str, ...]:
    is_old = server.version is not None and server.version < _OLD_GONE
    return (OLD_METRIC, NEW_METRIC) if is_old else (NEW_METRIC,)


def _default_metric(picker: Picker) -> str | None:
    if picker.release is not None:
        return picker.release.kv_cache_metric
    return OLD_METRIC if _is_old(picker) else None


def _is_old(picker: Picker) -> bool:
    return picker.version is not None and picker.version < _NEW_DEFAULT


def runs_as_default_account(index: Index) -> Iterator[Finding]:
    """Yield pickers that run as the namespace's default account while another one of the manifests has the rights."""
    for picker in pickers(index):
        field, namespace = picker.pod.spec["serviceAccountName"], picker.pod.object.namespace
        if field.text not in ("", "default"):
            continue
        names = {link.name.text for link in of_rows(index, "binding-subject") if meets(link.namespace, namespace)}
        others = names & {account.name for account in index.inside(groups.ACCOUNT, namespace)}
        if others and "default" not in names:
            proposed = next(iter(others)) if len(others) == 1 else MISSING
            yield Finding(field, f"the picker runs as default, but the rights belong to: {listed(others)}", proposed)
