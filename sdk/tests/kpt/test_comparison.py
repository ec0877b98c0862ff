"""What counts as a difference between two sets of objects, and which object is which."""

import pytest
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt.comparison import ADDED, REMOVED, Comparison, compare
from krm_functions_sdk.kpt.effects import Effect, of
from krm_functions_sdk.resources.resource import Resource

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: {space}
spec:
  replicas: {replicas}
  template:
    spec:
      containers:
      - name: web
        args: [--port={port}, --verbose]
"""
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: {name}\n"


def deployment(space: str = "a", replicas: str = "1", port: int = 80) -> Resource:
    return Resource(DEPLOYMENT.format(space=space, replicas=replicas, port=port))


def paths(found: Comparison) -> list[str]:
    return [one.path for change in found.changes for one in change.differences]


def test_layout_and_comments_are_no_difference() -> None:
    metadata = '{namespace: a, name: "web"}'
    other = Resource(f"{{apiVersion: apps/v1, kind: Deployment, metadata: {metadata}, spec: {{replicas: 1}}}}")
    short = Resource(DEPLOYMENT.format(space="a", replicas="1 # why", port=80).partition("  template")[0])
    assert not compare([short], [other])


def test_a_value_that_differs_is_named_with_the_comment_on_its_line() -> None:
    found = compare([deployment()], [deployment(replicas="4 # one for each zone", port=81)])
    one, other = found.changes[0].differences
    assert (one.path, one.old, one.new, one.reason) == ("spec.replicas", 1, 4, "one for each zone")
    assert other.path == "spec.template.spec.containers[name=web].args[--port]"


def test_a_flag_that_moves_is_no_difference() -> None:
    text = deployment().text.replace("[--port=80, --verbose]", "[--verbose, --port=80]")
    assert not compare([deployment()], [Resource(text)])


def test_another_namespace_is_said_once_with_the_names_that_follow() -> None:
    before = [deployment("a"), Resource(ROLE.format(name="a-web"))]
    after = [deployment("b"), Resource(ROLE.format(name="b-web"))]
    found = compare(before, after)
    assert (found.changes, found.spaces) == ([], {"a": "b"})


def test_objects_come_and_go() -> None:
    found = compare([deployment(), Resource(ROLE.format(name="x"))], [deployment()])
    assert [change.what for change in found.changes] == [REMOVED]
    assert [change.what for change in compare([], [deployment()]).changes] == [ADDED]


def test_the_same_label_on_many_objects_is_one_line() -> None:
    after = [deployment(), Resource(ROLE.format(name="x"))]
    labelled = [one.copy() for one in after]
    for one in labelled:
        one.set("metadata.labels.environment", "dev")
    found = compare(after, labelled)
    assert found.changes == []
    assert [(one.path, one.old, one.new, count) for one, count in found.common] == [
        ("metadata.labels.environment", MISSING, "dev", 2)
    ]


LIVE = {
    "the system's own": ("metadata.uid", "1", False),
    "a default": ("spec.revisionHistoryLimit", 10, False),
    "a value that is no default": ("spec.revisionHistoryLimit", 3, True),
    "a default of another field": ("spec.minReadySeconds", 10, True),
    "what a tool notes": ("metadata.annotations[deployment.kubernetes.io/revision]", "1", False),
    "where Config Sync's kustomize had it from": ("metadata.annotations[config.kubernetes.io/origin]", "a: b\n", False),
    "the set that Config Sync applies": ("metadata.labels[applyset.kubernetes.io/part-of]", "applyset-x-v1", False),
}


@pytest.mark.parametrize("case", LIVE)
def test_what_a_server_fills_in_is_no_difference(case: str) -> None:
    """On whichever side the cluster stands; what somebody else set is one."""
    path, value, differs = LIVE[case]
    held = deployment()
    held.set(path, value)
    assert bool(paths(compare([deployment()], [held], live="after"))) == differs
    assert bool(paths(compare([held], [deployment()], live="before"))) == differs
    assert paths(compare([deployment()], [held])) == [path]


def test_what_is_not_in_the_cluster_differs_and_what_is_there_besides_is_counted() -> None:
    found = compare([deployment()], [Resource(ROLE.format(name="x"))], live="after")
    assert [change.what for change in found.changes] == [REMOVED]
    assert found.foreign == 1


def test_an_effect_is_said_once_of_an_object_that_differs_at_its_path() -> None:
    rows = [
        Effect("Deployment", r"^spec\.template", lambda change: f"restarts {change.item.name}"),
        Effect("Deployment", "", lambda change: change.what),
        Effect("Service", r"^spec", lambda _: "never"),
    ]
    (change,) = compare([deployment()], [deployment(port=81)]).changes
    assert [*of(change, rows)] == ["restarts web"]
    (change,) = compare([], [deployment()]).changes
    assert [*of(change, rows)] == [ADDED]
