"""The example functions: their golden cases, what the public catalog documents of them, and real kpt."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import krm_functions_sdk
import pytest
from krm_functions_sdk import Resource, ResourceList, Schema
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.function.manual import help_text
from krm_functions_sdk.golden import Case

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
CASES = sorted(EXAMPLES.glob("*/examples/*"))


def script_of(name: str) -> Path:
    return EXAMPLES / name / f"{name.replace('-', '_')}.py"


def function_of(name: str) -> Function:
    module = script_of(name).stem
    if module not in sys.modules:
        spec = importlib.util.spec_from_file_location(module, script_of(name))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[module] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[module])
    found: Function = getattr(sys.modules[module], module)
    return found


def test_there_are_examples() -> None:
    """The folder holds the three functions, each with cases that work and one that fails."""
    assert NAMES == ["ensure-name-substring", "set-labels", "set-namespace"]
    for name in NAMES:
        outputs = [(case / "expected.yaml").read_text() for case in CASES if case.parent.parent.name == name]
        assert sum("severity: error" in output for output in outputs) in range(1, len(outputs) - 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name}-{case.name}")
def test_golden(case: Path) -> None:
    """Each case answers what it did, and running it again changes nothing."""
    assert Case(case, function_of(case.parent.parent.name)).problem() == ""


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_uses_public_names(name: str) -> None:
    """At most 60 lines, and nothing of the SDK but what it exports."""
    text = script_of(name).read_text()
    assert len(text.splitlines()) <= 60
    nodes = list(ast.walk(ast.parse(text)))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sdk"}
    assert used
    assert used <= set(krm_functions_sdk.__all__)
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported <= {"krm_functions_sdk", "functools", "pathlib", "sys", "typing"}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_documented(name: str) -> None:
    """The README is the help, and names every case; the definition names the function and holds its schema."""
    folder = EXAMPLES / name
    readme = (folder / "README.md").read_text()
    assert help_text(function_of(name)) == readme.rstrip()
    cases = {case.name for case in CASES if case.parent.parent.name == name}
    assert set(re.findall(r"\[`[a-z-]+`\]\(examples/([a-z-]+)\)", readme)) == cases
    definition = Resource((folder / "definition.yaml").read_text())
    assert definition.name == name
    assert definition.get("spec.names.kind") == name.title().replace("-", "")
    assert Schema.of_definition(folder / "definition.yaml").openapi["properties"]


def run(name: str, items: str, config: str) -> tuple[str, str, int]:
    """Run an example over a stream of documents with a functionConfig."""
    resources = ResourceList([Resource(text) for text in items.split("---\n")], Resource(config))
    output, errors, status = execute(function_of(name), resources.write().encode())
    return "---\n".join(one.indented(0) for one in ResourceList.read(output.decode())), errors, status


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: wordpress
  namespace: default
  annotations:
    config.kubernetes.io/depends-on: {}
"""
STATEFUL_SET = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: mysql\n  namespace: default\n"
DEPENDS = "apps/namespaces/default/StatefulSet/mysql"
LABELS = "    color: orange\n    fruit: apple\n"
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: the-service
  namespace: the-namespace
spec:
  selector:
    foo: bar
"""
CATALOG = {
    "labels of the catalog's Service": (
        "set-labels",
        "  color: orange\n  fruit: apple\n",
        SERVICE,
        SERVICE.replace("spec:", f"  labels:\n{LABELS}spec:") + LABELS,
    ),
    "a name is prepended, and depends-on follows": (
        "ensure-name-substring",
        "  prepend: dev-\n",
        f"{DEPLOYMENT.format(DEPENDS)}---\n{STATEFUL_SET}",
        f"{DEPLOYMENT.format(DEPENDS)}---\n{STATEFUL_SET}".replace(": wordpress", ": dev-wordpress").replace(
            "mysql", "dev-mysql"
        ),
    ),
    "depends-on of others stays": (
        "ensure-name-substring",
        "  append: -dev\n",
        DEPLOYMENT.format(DEPENDS),
        DEPLOYMENT.format(DEPENDS).replace(": wordpress", ": wordpress-dev"),
    ),
    "a name that holds the text stays": (
        "ensure-name-substring",
        "  append: -dev\n",
        STATEFUL_SET.replace("mysql", "my-dev-sql"),
        STATEFUL_SET.replace("mysql", "my-dev-sql"),
    ),
    "what has no name gets none": (
        "ensure-name-substring",
        "  append: -dev\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
    ),
    "a namespace moves, and depends-on follows": (
        "set-namespace",
        "  namespace: prod\n",
        f"{DEPLOYMENT.format(DEPENDS)}---\n{STATEFUL_SET}",
        f"{DEPLOYMENT.format(DEPENDS)}---\n{STATEFUL_SET}".replace("namespace: default", "namespace: prod").replace(
            "/default/", "/prod/"
        ),
    ),
}


@pytest.mark.parametrize("case", CATALOG)
def test_what_the_catalog_does(case: str) -> None:
    """The answers of the catalog's own tests, as text."""
    name, data, before, after = CATALOG[case]
    output, errors, status = run(name, before, CONFIG_MAP + data)
    assert (output, status) == (after, 0), errors


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name}-{case.name}")
def test_the_order_of_items_does_not_matter(case: Path) -> None:
    """The items in any other order become the same items, in that order."""
    function = function_of(case.parent.parent.name)
    expected = ResourceList.read((case / "expected.yaml").read_text())
    for seed in range(5):
        resources = ResourceList.read((case / "input.yaml").read_text())
        order = list(range(len(resources)))
        Random(seed).shuffle(order)
        resources.items = [resources.items[at] for at in order]
        output, _, _ = execute(function, resources.write().encode())
        wanted = [expected.items[at].text for at in order]
        assert [one.text for one in ResourceList.read(output.decode())] == wanted


MISTAKES = {
    "set-labels": ["{}\n", "kind: SetAnnotations\nlabels: {a: b}\n",
                   CONFIG_MAP + "  a: [b]\n", "kind: SetLabels\nlabels: x\n", CONFIG_MAP + "- a\n"],
    "set-namespace": ["{}\n", CONFIG_MAP + "  namespace: No_Name\n", "kind: SetNamespace\nnamespace: 7\n",
                      "kind: SetLabels\nnamespace: a\n",
                      CONFIG_MAP.replace("name: c", "name: kptfile.kpt.dev") + "  other: a\n",
                      CONFIG_MAP.replace("name: c", "name: kptfile.kpt.dev") + "- a\n"],
    "ensure-name-substring": ["{}\n", CONFIG_MAP + "  prepend: a\n  append: b\n", CONFIG_MAP + "  replace: a\n",
                              CONFIG_MAP + "- a\n", "kind: EnsureNameSubstring\nsubstring: ''\n",
                              "kind: Other\nsubstring: a\neditMode: append\n"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "config"), [(name, config) for name, configs in MISTAKES.items() for config in configs]
)
def test_mistakes(name: str, config: str) -> None:
    """A functionConfig with a fault is an error about that field, no crash, and changes nothing."""
    output, errors, status = run(name, STATEFUL_SET, config)
    assert (output, status) == (STATEFUL_SET, 1)
    assert "[error]" in errors
    assert "crashed" not in errors


@pytest.mark.parametrize("config", ["kind: SetLabels\n", "kind: SetLabels\nlabels: {}\n", CONFIG_MAP[:-6]])
def test_no_labels_are_a_warning_as_in_the_catalog(config: str) -> None:
    """What was configured without labels changes nothing and passes."""
    output, errors, status = run("set-labels", STATEFUL_SET, config)
    assert (output, status) == (STATEFUL_SET, 0)
    assert "[warning]" in errors
    assert "no labels are given" in errors


PACKAGE = {
    "Kptfile": "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: pkg\n",
    "app.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: dev
data:
  time: 12:30:45 # stays
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: dev # moves
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        envFrom:
        - configMapRef: {name: "settings"}
""",
}
WITH_KPT = {
    "set-labels": ("color=orange", [
        ("  namespace: dev\n", "  namespace: dev\n  labels:\n    color: orange\n"),
        ("  namespace: dev # moves\n", "  namespace: dev # moves\n  labels:\n    color: orange\n"),
        ("{app: web}", "{app: web, color: orange}"),
    ]),
    "set-namespace": ("namespace=prod", [("namespace: dev", "namespace: prod")]),
    "ensure-name-substring": ("prepend=my-", [
        ("name: settings", "name: my-settings"), ('"settings"', '"my-settings"'),
        ("  name: web\n  namespace", "  name: my-web\n  namespace"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_with_real_kpt(name: str, kpt: str, tmp_path: Path) -> None:
    """`kpt fn eval --exec` changes just these lines, and a second run none."""
    for file, text in PACKAGE.items():
        (tmp_path / file).write_text(text)
    argument, replacements = WITH_KPT[name]
    expected = PACKAGE["app.yaml"]
    for old, new in replacements:
        assert old in expected
        expected = expected.replace(old, new)
    for _ in range(2):
        command = [
            kpt,
            "fn",
            "eval",
            str(tmp_path),
            "--exec",
            f"{sys.executable} {script_of(name)}",
            "--",
            argument,
        ]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "app.yaml").read_text() == expected
        if name == "set-namespace":
            assert (tmp_path / "Kptfile").read_text() == PACKAGE["Kptfile"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(PACKAGE)


@pytest.mark.parametrize("name", NAMES)
def test_help(name: str) -> None:
    """`--help` prints the README and reads nothing."""
    done = subprocess.run(
        [sys.executable, script_of(name), "--help"], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.startswith(f"# {name}\n")
