"""Strategic merge patches beside those of kustomize, JSON patches beside the RFC, and what stays of a text."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import Resource, YamlFault, patches

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  finalizers:
  - a
  - b
spec:
  replicas: 3 # why
  template:
    spec:
      # the server
      containers:
      - name: web
        image: "web:1" # pinned
        args: [a, b]
        env:
        - name: A
          value: "1" # of A
        - name: B
          value: "2"
        ports:
        - containerPort: 80
          name: http
        - containerPort: 53
          protocol: UDP
        volumeMounts:
        - mountPath: /x
          name: x
      - name: side
        image: side
      tolerations:
      - key: a
      volumes:
      - name: x
        emptyDir: {}
"""
CUSTOM = "apiVersion: example.com/v1\nkind: Own\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: a\n    x: 1\n"
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
    name: http
  - port: 53
    protocol: UDP
"""
POD = "spec: {template: {spec: {containers: [{name: web, %s}]}}}"
MERGES = {
    "a scalar": (DEPLOYMENT, "spec: {replicas: 5}"),
    "a new field": (DEPLOYMENT, "spec: {paused: true}"),
    "null removes": (DEPLOYMENT, "spec: {replicas: null}"),
    "containers by name": (DEPLOYMENT, POD % "image: 'web:2'"),
    "a new container": (DEPLOYMENT, "spec: {template: {spec: {containers: [{name: new, image: new}]}}}"),
    "env by name": (DEPLOYMENT, POD % "env: [{name: B, value: x}, {name: C, value: y}]"),
    "env that changes its kind": (DEPLOYMENT, POD % "env: [{name: B, value: null, valueFrom: {fieldRef: {}}}]"),
    "ports": (DEPLOYMENT, POD % "ports: [{containerPort: 80, name: web}, {containerPort: 53, protocol: UDP, name: d}]"),
    "mounts by path": (DEPLOYMENT, POD % "volumeMounts: [{mountPath: /x, readOnly: true}]"),
    "args are replaced": (DEPLOYMENT, POD % "args: [c]"),
    "tolerations are replaced": (DEPLOYMENT, "spec: {template: {spec: {tolerations: [{key: b}]}}}"),
    "an item goes": (DEPLOYMENT, "spec: {template: {spec: {containers: [{name: side, $patch: delete}]}}}"),
    "a map is replaced": (DEPLOYMENT, "spec: {template: {spec: {$patch: replace, containers: [{name: n}]}}}"),
    "a list is replaced": (DEPLOYMENT, POD % "env: [{$patch: replace}, {name: Z, value: z}]"),
    "a map goes": (DEPLOYMENT, "spec: {template: {$patch: delete}}"),
    "volumes by name": (DEPLOYMENT, "spec: {template: {spec: {volumes: [{name: y, emptyDir: {}}]}}}"),
    "lists of others are replaced": (CUSTOM, "spec: {containers: [{name: a, y: 2}]}"),
    "ports of a Service": (SERVICE, "spec: {ports: [{port: 80, targetPort: 8080}, {port: 81}]}"),
    "labels": (SERVICE, "metadata: {labels: {a: b}}"),
}


def _by_key(value: Any) -> Any:
    """Return a value in which the order of list items that are maps says nothing: kustomize puts new ones first."""
    if isinstance(value, dict):
        return {key: _by_key(part) for key, part in value.items()}
    if isinstance(value, list):
        parts = [_by_key(part) for part in value]
        return (
            sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
            if all(isinstance(part, dict) for part in parts)
            else parts
        )
    return value


@pytest.mark.parametrize("case", MERGES)
def test_a_merge_is_that_of_kustomize(case: str, tmp_path: Path) -> None:
    """The same patch by kubectl kustomize gives the same object; new items alone stand elsewhere."""
    if not (kubectl := shutil.which("kubectl")):
        pytest.skip("needs kubectl on the PATH")
    text, patch = MERGES[case]
    resource = Resource(text)
    named = f"apiVersion: {resource.api_version}\nkind: {resource.kind}\nmetadata: {{name: web}}\n"
    (tmp_path / "all.yaml").write_text(text)
    whole = Resource(named)
    for key, value in Resource(patch).data.items():
        whole.set(key, {"name": "web", **value} if key == "metadata" else value)
    (tmp_path / "patch.yaml").write_text(whole.text)
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\npatches: [{path: patch.yaml}]\n")
    done = subprocess.run([kubectl, "kustomize", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    patches.strategic_merge(resource, patch)
    assert _by_key(resource.data) == _by_key(Resource(done.stdout).data)


def test_a_merge_touches_what_it_names_alone() -> None:
    """Comments, quotes and flow style stay, and the comments of the patch come along."""
    resource = Resource(DEPLOYMENT)
    patches.strategic_merge(
        resource,
        "spec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: web:2 # newer\n"
        "        env: # all of them\n        - name: C\n          value: x # of C\n",
    )
    assert resource.text == DEPLOYMENT.replace('"web:1" # pinned', '"web:2" # newer').replace(
        "        env:\n", "        env: # all of them\n"
    ).replace('          value: "2"\n', '          value: "2"\n        - name: C\n          value: x # of C\n')
    once = resource.text
    patches.strategic_merge(resource, {})
    assert resource.text == once


def test_lists_of_strings() -> None:
    """Finalizers are merged, and a directive takes some out."""
    resource = Resource(DEPLOYMENT)
    patches.strategic_merge(resource, {"metadata": {"finalizers": ["b", "c"]}})
    assert resource.get("metadata.finalizers") == ["a", "b", "c"]
    patches.strategic_merge(resource, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a", "c"]}})
    assert resource.get("metadata.finalizers") == ["b"]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ({"spec": {"$retainKeys": ["a"]}}, r"\$retainKeys: no directive"),
        ({"spec": {"$patch": "drop"}}, r"\$patch: found 'drop', expected merge, replace or delete"),
        ({"$patch": "delete"}, "use resources.remove"),
    ],
)
def test_directives_that_are_none(patch: dict[str, Any], message: str) -> None:
    """They are refused, and nothing changes."""
    resource = Resource(DEPLOYMENT)
    with pytest.raises(ValueError, match=message):
        patches.strategic_merge(resource, patch)
    assert resource.text == DEPLOYMENT


def test_containers() -> None:
    """All containers of a workload are patched, or those that are named, wherever the workload has them."""
    resource = Resource(DEPLOYMENT)
    patches.patch_containers(resource, {"env": [{"name": "A", "value": "x"}]}, "web")
    patches.patch_containers(resource, "tty: true # as asked\n")
    assert resource.text == DEPLOYMENT.replace('"1" # of A', '"x" # of A').replace(
        "          name: x\n      - name: side\n        image: side\n",
        "          name: x\n        tty: true # as asked\n"
        "      - name: side\n        image: side\n        tty: true # as asked\n",
    )
    below = "{jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}"
    job = Resource(f"apiVersion: batch/v1\nkind: CronJob\nspec: {below}\n")
    patches.patch_containers(job, {"image": "i"})
    assert job.get("spec.jobTemplate.spec.template.spec.containers[0].image") == "i"
    patches.patch_containers(Resource("kind: ConfigMap\n"), {"image": "i"})


OBJECT = "kind: K # kind\na:\n  b: 1 # one\n  c/d: 2\nl: # list\n- x # first\n- v\nm~n: {}\n"
OPERATIONS: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "add to a map": ([{"op": "add", "path": "/a/e", "value": 3}], "  c/d: 2\n", "  c/d: 2\n  e: 3\n"),
    "add over": ([{"op": "add", "path": "/a/b", "value": 3}], "b: 1", "b: 3"),
    "add first": ([{"op": "add", "path": "/l/0", "value": "w"}], "- x #", "- w\n- x #"),
    "add last": ([{"op": "add", "path": "/l/-", "value": "z"}], "- v\n", "- v\n- z\n"),
    "add behind": ([{"op": "add", "path": "/l/2", "value": "z"}], "- v\n", "- v\n- z\n"),
    "replace": ([{"op": "replace", "path": "/l/1", "value": "w"}], "- v\n", "- w\n"),
    "escaped": ([{"op": "replace", "path": "/a/c~1d", "value": 3}], "c/d: 2", "c/d: 3"),
    "escaped twice": ([{"op": "remove", "path": "/m~0n"}], "m~n: {}\n", ""),
    "remove": ([{"op": "remove", "path": "/l/0"}], "- x # first\n", ""),
    "remove all": (
        [{"op": "remove", "path": "/l/0"}, {"op": "remove", "path": "/l/0"}],
        "l: # list\n- x # first\n- v\n",
        "l: [] # list\n",
    ),
    "move": ([{"op": "move", "from": "/a/b", "path": "/e"}], "  b: 1 # one\n  c/d: 2\nl", "  c/d: 2\nl"),
    "copy": ([{"op": "copy", "from": "/l/0", "path": "/a/e"}], "  c/d: 2\n", "  c/d: 2\n  e: x # first\n"),
    "test": ([{"op": "test", "path": "/l", "value": ["x", "v"]}], "", ""),
}


@pytest.mark.parametrize("case", OPERATIONS)
def test_operations_of_a_json_patch(case: str) -> None:
    """Each changes its field, and takes comments along."""
    text = OBJECT
    operations, old, new = OPERATIONS[case]
    resource = Resource(text)
    patches.json_patch(resource, operations)
    expected = text.replace(old, new) if old else text
    assert resource.text == expected + ("e: 1 # one\n" if case == "move" else "")


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "test", "path": "/a/b", "value": 2}, "operation 2, test /a/b: found 1, expected 2"),
        ({"op": "remove", "path": "/gone"}, "operation 2, remove /gone: there is no such field"),
        ({"op": "replace", "path": "/l/7", "value": 1}, "there is no such field"),
        ({"op": "add", "path": "/l/7", "value": 1}, "found a list, where no item 7 can be added"),
        ({"op": "add", "path": "/kind/x", "value": 1}, "found a scalar, where no item 'x' can be added"),
        ({"op": "add", "path": "a", "value": 1}, "expected one that begins with a slash"),
        ({"op": "add", "path": "/x"}, "operation 2, add /x: found no 'value'"),
        ({"op": "move", "from": "/a", "path": "/a/b"}, "cannot move into itself"),
        ({"op": "drop", "path": "/a"}, "found the operation 'drop', expected add"),
    ],
)
def test_a_patch_that_fails_changes_nothing(operation: dict[str, Any], message: str) -> None:
    """The operation is named, and those before it are undone."""
    resource = Resource(OBJECT)
    with pytest.raises(ValueError, match=message):
        patches.json_patch(resource, [{"op": "add", "path": "/new", "value": 1}, operation])
    assert resource.text == OBJECT
    assert not resource.is_changed


def test_patches_as_text() -> None:
    """JSON and YAML are taken; what is no list of operations is not."""
    resource = Resource(OBJECT)
    patches.json_patch(resource, '[{"op": "remove", "path": "/a"}]')
    patches.json_patch(resource, "- op: remove\n  path: /l\n")
    assert resource.data == {"kind": "K", "m~n": {}}
    with pytest.raises(ValueError, match="no list of operations"):
        patches.json_patch(resource, "a: 1")
    with pytest.raises(YamlFault):
        patches.strategic_merge(resource, "a: [")
