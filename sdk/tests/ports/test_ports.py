"""Functions of the public catalog, ported: each does what its documentation shows, in at most 60 lines, without text.

Each case is an example of the catalog's page about the function (GoogleContainerTools/kpt-functions-catalog, README of
functions/go/<name>, 2023-08-30) on manifests of our own.
"""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.function.call import execute

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parents[1] / "examples"
PORTS = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("test_"))
FILES = [*(FOLDER / f"{name}.py" for name in PORTS), *sorted(EXAMPLES.glob("*/*.py"))]
MOST_LINES = 60

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-web # theirs
  annotations:
    internal.config.kubernetes.io/path: 'web/deployment.yaml'
spec:
  replicas: 4
  template:
    spec:
      containers:
      - name: web
        image: "nginx:1.16.1"
        ports:
        - containerPort: 80
      - name: side
        image: nginx-side:1.16.1
"""
SETTERS = DEPLOYMENT.replace("4\n", "4 # kpt-set: ${replicas}\n").replace(
    '1.16.1"\n', '1.16.1" # kpt-set: ${image}:${tag}\n'
)
LIST = "apiVersion: v1\nkind: Own\nmetadata:\n  name: foo\nstages:\n  - dev # first\n  - stage\n"
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: my-service
  namespace: space
spec:
  selector:
    app: foo
"""
CONSTRAINT = "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Own\nmetadata: {name: c}\nspec: {match: {}}\n"
LOCAL = (
    "apiVersion: v1\nkind: Own\nmetadata:\n  name: l\n  annotations:\n    config.kubernetes.io/local-config: 'true'\n"
)
SET = (
    "apiVersion: blueprints.cloud.google.com/v1alpha1\nkind: ProjectServiceSet\nmetadata:\n  name: one\n"
    "  annotations:\n    config.kubernetes.io/local-config: 'true'\n"
    "spec:\n  services:\n  - redis.googleapis.com\n  projectID: proj\n"
)
MADE = (
    "apiVersion: serviceusage.cnrm.cloud.google.com/v1beta1\nkind: Service\nmetadata:\n  name: one-redis\n"
    "  annotations:\n"
    "    blueprints.cloud.google.com/ownerReference: blueprints.cloud.google.com/ProjectServiceSet/one\n"
    "spec:\n  resourceID: redis.googleapis.com\n  projectRef:\n    external: proj\n"
)
KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"
CNRM = "apiVersion: storage.cnrm.cloud.google.com/v1beta1\nkind: StorageBucket\nmetadata:\n  name: b\n"
MADE_OF_JOB = """\
    spec:
      template:
        metadata:
          annotations:
            a: b
    metadata:
      annotations:
        a: b
  more:
    a: b
"""
PIPELINE = """\
name: p
pipeline:
  mutators:
  - image: gcr.io/kpt-fn/apply-setters:v0.2
    configMap:
      project-id: foo
"""
JOB = "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: j\nspec:\n  jobTemplate:\n    spec: {}\n"


def data(**values: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
        "data": {key.replace("_", "-"): value for key, value in values.items()},
    }  # fmt: skip


def own(kind: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "fn.kpt.dev/v1alpha1", "kind": kind, "metadata": {"name": "c"}, **fields}


IMAGE = {"name": "nginx", "newName": "bitnami/nginx", "newTag": "1.21.4"}
REPLACED = {
    "source": {"kind": "Service", "fieldPath": "metadata.name"},
    "targets": [
        {"select": {"kind": "Deployment"}, "fieldPaths": ["spec.template.spec.containers.[name=web].image"],
         "options": {"delimiter": ":"}},
        {"select": {"kind": "Deployment"}, "fieldPaths": ["spec.template.spec.serviceName"],
         "options": {"create": True}},
    ],
}  # fmt: skip
# Each: the function, its functionConfig, manifests, and (old, new) of what becomes of them in order.
Case = tuple[str, dict[str, Any] | None, str, list[tuple[str, str]]]
CASES: dict[str, Case] = {
    "setters, whole and in part": ("apply_setters", data(replicas="3", tag="1.16.2"), SETTERS,
        [("replicas: 4", "replicas: 3"), ('"nginx:1.16.1"', '"nginx:1.16.2"')]),
    "a setter that is a list": ("apply_setters", data(env="- prod\n- dev\n"),
        LIST.replace("stages:", "stages: # kpt-set: ${env}"),
        [("  - dev # first\n  - stage\n", "  - prod\n  - dev # first\n")]),
    "a list that becomes empty": ("apply_setters", data(env=""), LIST.replace("stages:", "stages: # kpt-set: ${env}"),
        [("stages: # kpt-set: ${env}\n  - dev # first\n  - stage\n", "stages: [] # kpt-set: ${env}\n")]),
    "setters are made": ("create_setters", data(replicas="4", tag="1.16.1"), DEPLOYMENT,
        [("replicas: 4\n", "replicas: 4 # kpt-set: ${replicas}\n"),
         ('nginx:1.16.1"\n', 'nginx:1.16.1" # kpt-set: nginx:${tag}\n'),
         ("nginx-side:1.16.1\n", "nginx-side:1.16.1 # kpt-set: nginx-side:${tag}\n")]),
    "a setter is made for a list in any order": ("create_setters", data(env="- stage\n- dev\n"), LIST,
        [("stages:\n", "stages: # kpt-set: ${env}\n")]),
    "a value is replaced": ("search_replace", data(by_path="metadata.name", by_value="my-web", put_value="web"),
        DEPLOYMENT, [("name: my-web", "name: web")]),
    "a path arbitrarily deep": ("search_replace",
        data(by_path="spec.**.containerPort", by_value="80", put_value="8080"), DEPLOYMENT,
        [("containerPort: 80", "containerPort: 8080")]),
    "a field that is not there": ("search_replace", data(by_path="metadata.namespace", put_value="books"), SERVICE,
        [("namespace: space", "namespace: books")]),
    "groups of a pattern, and a comment": ("search_replace",
        data(by_value_regex="my-(.*)", put_value="our-${1}", put_comment="kpt-set: ${who}-${1}"), DEPLOYMENT,
        [("my-web # theirs", "our-web # kpt-set: ${who}-web")]),
    "a file": ("search_replace", data(by_file_path="**/deploy*.yaml", by_value="4", put_value="5"), DEPLOYMENT,
        [("replicas: 4", "replicas: 5")]),
    "another file": ("search_replace", data(by_file_path="*.yaml", by_value="4", put_value="5"), DEPLOYMENT, []),
    "an image by a ConfigMap": ("set_image", data(**IMAGE), DEPLOYMENT,
        [('"nginx:1.16.1"', '"bitnami/nginx:1.21.4"')]),
    "an image by digest, and in a field of one's own": ("set_image",
        own("SetImage", image={"name": "nginx", "digest": "sha256:0a"},
            additionalImageFields=[{"kind": "Own", "path": "spec/images[]/image"}]),
        DEPLOYMENT + "---\nkind: Own\nspec:\n  images:\n  - image: nginx\n",
        [('"nginx:1.16.1"', '"nginx@sha256:0a"'), ("image: nginx\n", "image: nginx@sha256:0a\n")]),
    "annotations": ("set_annotations", data(color="orange"), SERVICE,
        [("space\n", "space\n  annotations:\n    color: orange\n")]),
    "annotations of templates, and in a field of one's own": ("set_annotations",
        own("SetAnnotations", annotations={"a": "b"},
            additionalAnnotationFields=[{"kind": "CronJob", "path": "spec/more", "create": True}]), JOB,
        [("name: j\n", "name: j\n  annotations:\n    a: b\n"),
         ("    spec: {}\n", MADE_OF_JOB)]),
    "a resource is replaced": ("upsert_resource", Resource(SERVICE.replace("foo", "bar")).data,
        SERVICE + "---\n" + DEPLOYMENT, [("app: foo", "app: bar")]),
    "replacements, in part and made": ("apply_replacements", own("ApplyReplacements", replacements=[REPLACED]),
        SERVICE + "---\n" + DEPLOYMENT,
        [('"nginx:1.16.1"', '"my-service:1.16.1"'),
         ("nginx-side:1.16.1\n", "nginx-side:1.16.1\n      serviceName: my-service\n")]),
    "tools' own": ("remove_local_config_resources", None, SERVICE + "---\n" + LOCAL, [("---\n" + LOCAL, "")]),
    "an action": ("set_enforcement_action", data(enforcementAction="deny"), CONSTRAINT + "---\n" + SERVICE,
        [("{match: {}}", "{match: {}, enforcementAction: deny}")]),
    "services": ("enable_gcp_services", None, SET, [(SET, SET + "---\n" + MADE)]),
    "a service that is no longer listed": ("enable_gcp_services", None,
        SET.replace("redis", "pubsub") + "---\n" + MADE, [("one-redis", "one-pubsub"), ("ID: redis", "ID: pubsub")]),
    "a project": ("set_project_id", data(project_id="foo"), KPTFILE + "---\n" + CNRM + "---\n" + SERVICE,
        [("name: p\n", PIPELINE),
         ("name: b\n", "name: b\n  annotations:\n    cnrm.cloud.google.com/project-id: foo\n")]),
}  # fmt: skip


def function_of(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name, None) or getattr(module, name.title().replace("_", ""))


def run(name: str, config: dict[str, Any] | None, text: str) -> tuple[str, str, int]:
    output, said, status = execute(function_of(name), text.encode(), Resource.new(config) if config else None)
    return output.decode(), said, status


@pytest.mark.parametrize("case", CASES)
def test_a_port_does_what_the_documentation_shows(case: str) -> None:
    """It changes what the page says and no other byte, and a second run changes nothing."""
    name, config, text, replacements = CASES[case]
    expected = text
    for old, new in replacements:
        assert old in expected
        expected = expected.replace(old, new)
    output, said, status = run(name, config, text)
    assert (output, status) == (expected, 0), said
    if "groups" not in case:
        assert run(name, config, output)[0] == expected


def test_setters_are_listed() -> None:
    """Name, value, type and count of each, by name."""
    output, said, status = run(
        "list_setters", None, SETTERS + "---\n" + LIST.replace(":\n  -", ": # kpt-set: ${env}\n  -")
    )
    assert (output[:10], status) == (SETTERS[:10], 0)
    assert said.splitlines() == [
        "[info] Name: env, Value: [dev, stage], Type: list, Count: 1",
        "[info] Name: image, Value: nginx, Type: str, Count: 1",
        "[info] Name: replicas, Value: 4, Type: int, Count: 1",
        "[info] Name: tag, Value: 1.16.1, Type: str, Count: 1",
    ]


def test_a_resource_is_inserted() -> None:
    """What is not there yet comes in as it is; a List holds several."""
    new = SERVICE.replace("my-service", "other")
    listed = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [Resource(new).data, Resource(SERVICE.replace("foo", "x")).data],
    }
    output, said, status = run("upsert_resource", listed, SERVICE)
    assert (output, status) == (SERVICE.replace("foo", "x") + "---\n" + new, 0), said


MISTAKES = [
    (
        "apply_setters",
        data(tag="1"),
        SETTERS.replace('"nginx:1.16.1"', "nginx"),
        "values for the setters image must",
    ),
    ("apply_setters", data(env="prod"), LIST.replace("stages:", "stages: # kpt-set: ${env}"), "expected a list"),
    ("set_image", data(newTag="1"), DEPLOYMENT, "data.name: missing"),
    ("set_image", data(name="nginx"), DEPLOYMENT, "expected one of newName, newTag and digest"),
    ("set_image", data(name="a", newTag="1", digest="x"), DEPLOYMENT, "found newTag and digest, expected one of them"),
    (
        "set_enforcement_action",
        data(enforcementAction="no"),
        CONSTRAINT,
        'data.enforcementAction: found the string "no"',
    ),
    ("apply_replacements", own("ApplyReplacements", replacements=[REPLACED]), DEPLOYMENT, "found 0 resources for the"),
    ("set_annotations", own("SetLabels", annotations={}), DEPLOYMENT, "found SetLabels, expected SetAnnotations or"),
]


@pytest.mark.parametrize(("name", "config", "text", "message"), MISTAKES)
def test_mistakes_are_errors_that_say_what_to_do(name: str, config: dict[str, Any], text: str, message: str) -> None:
    """Nothing changes, and no function crashes."""
    output, said, status = run(name, config, text)
    assert (output, status) == (text, 1)
    assert message in said
    assert "crashed" not in said


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_port_is_short_and_cuts_no_text(file: Path) -> None:
    """At most 60 lines; no slices, no positions in text, and no text of a resource."""
    source = file.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, ast.Slice)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "resource":
            assert node.attr != "text"


def test_there_are_enough() -> None:
    """Twelve functions of the catalog at least, those of the examples aside."""
    assert len(PORTS) >= 12
