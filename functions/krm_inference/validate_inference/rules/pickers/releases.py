"""What the picker of one release takes and another one does not: flags, ports of a pool, groups of objectives."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.pickers import Picker, pickers, pools_of
from krm_inference.validate_inference.findings import Finding, listed

_KINDS = {"InferenceObjective": "inferenceobjectives", "InferenceModelRewrite": "inferencemodelrewrites"}
_WATCHED = tuple((group, kind) for group in (groups.INFERENCE_X, groups.LLM_D) for kind in _KINDS)

_WITHOUT_OLD_POOLS = (1, 5, 0)
# pkg/epp/server/controller_config.go of llm-d-router v0.10.0, populateWithDiscovery.
_IGNORED = "{image} ignores {kind}s of this group as soon as the definition of those of llm-d.ai is installed"


def refused_flags(index: Index) -> Iterator[Finding]:
    """Yield flags with which a picker exits."""
    for picker in pickers(index):
        for name in picker.release.metric_flags_refused if picker.release else ():
            if (flag := picker.flag(name)) is not None:
                yield Finding(flag.field, f"{picker.container.image} exits if {name} is set")


def too_many_target_ports(index: Index) -> Iterator[Finding]:
    """Yield pools with more target ports than their picker takes."""
    for picker in pickers(index):
        for pool in pools_of(index, picker.pod):
            ports = pool.at("spec.targetPorts")
            count = sum(1 for _ in ports)
            if picker.release and count > picker.release.most_target_ports:
                most = picker.release.most_target_ports
                yield Finding(ports, f"found {count} ports; {picker.container.image} supports at most {most}")


def pools_of_an_old_group(index: Index) -> Iterator[Finding]:
    """Yield pools of the old group whose picker knows pools of the new one only."""
    for picker in pickers(index):
        name, (_, namespace) = picker.flag("--pool-name"), picker.namespace
        is_new = picker.version is not None and picker.version >= _WITHOUT_OLD_POOLS
        if not is_new or name is None or namespace is None or not name.value:
            continue
        own = [pool for pool in index.of(groups.POOL) if pool.name == name.value]
        for pool in index.of(groups.POOL_X) if not own else ():
            if pool.name == name.value and meets(pool.namespace, namespace):
                message = f"{picker.container.image} reads InferencePools of {groups.INFERENCE}/v1 only"
                yield Finding(pool.at("apiVersion"), message)


def unwatched_groups(index: Index) -> Iterator[Finding]:
    """Yield objectives and rewrites in a group that no picker of their pool watches."""
    of_pools: dict[tuple[str, str], dict[str, Picker]] = {}  # one of each image, however many there are
    for picker in pickers(index):
        for pool in pools_of(index, picker.pod):
            of_pools.setdefault((pool.namespace, pool.name), {}).setdefault(picker.container.image, picker)
    for item in index.of(*_WATCHED):
        behind = list(of_pools.get((item.namespace, item.at("spec.poolRef.name").text), {}).values())
        read = {group for picker in behind for group in groups_of(picker, item.kind)}
        if behind and all(picker.release for picker in behind) and item.group not in read:
            image = behind[0].container.image
            yield Finding(item.at("apiVersion"), f"{image} reads {item.kind}s only of group: {listed(read)}")
        elif behind and all(_prefers_another(picker, item.kind, item.group) for picker in behind):
            yield Finding(item.at("apiVersion"), _IGNORED.format(image=behind[0].container.image, kind=item.kind))


def _prefers_another(picker: Picker, kind: str, group: str) -> bool:
    """Say whether a picker ignores a group that it may read, where the group of its release is installed as well."""
    release = picker.release
    if release is None:
        return False
    own = release.objective_api if kind == "InferenceObjective" else release.rewrite_api
    return group != own.partition("/")[0]


def groups_of(picker: Picker, kind: str) -> list[str]:
    """Return the groups in which the release of a picker reads a kind; none where its release is not known."""
    rules = picker.release.rules if picker.release else ()
    return [group for rule in rules if _KINDS[kind] in rule["resources"] for group in rule["apiGroups"]]
