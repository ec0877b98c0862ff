"""What a function says of itself: as JSON, as Markdown, and as a JSON Schema."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import krm_functions_sdk
import pytest
import yaml
from krm_functions_sdk import krmfn
from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.function import manual
from krm_functions_sdk.function.definition import Definition

DEFINITION = """\
apiVersion: config.kubernetes.io/v1alpha1
kind: KRMFunctionDefinition
metadata:
  name: set-replicas
spec:
  group: fn.example.com
  names:
    kind: SetReplicas
  description: Set replicas
  home: https://example.com/source
  tags: [mutator]
  versions:
  - name: v1alpha1
    schema: {}
  - name: v1
    usage: Set the replicas of each Deployment
    license: Apache-2.0
    examples: [https://example.com/package]
    runtime:
      container:
        image: example.com/set-replicas:v1
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          apiVersion: {type: string}
          kind: {type: string}
          metadata: {type: object, x-kubernetes-preserve-unknown-fields: true}
          spec:
            type: object
            required: [replicas]
            properties:
              replicas: {type: integer, minimum: 1, maximum: 9, description: How many}
              share: {type: number, minimum: 0, exclusiveMinimum: true, default: 0.5}
              mode: {type: string, enum: [a, b], default: a, description: "a | b"}
              port: {x-kubernetes-int-or-string: true}
              labels: {type: object, additionalProperties: {type: string}, default: {}}
              names:
                type: array
                items:
                  type: object
                  properties:
                    name: {type: string}
"""
PAGE = """\
# set-replicas

Set replicas.

Set the replicas of each Deployment.

Image: `example.com/set-replicas:v1`

## functionConfig

`SetReplicas` of `fn.example.com/v1`, with these fields in `spec`, or a `ConfigMap` with them in `data`:

| field | type | default | meaning |
|---|---|---|---|
| `replicas` | integer from 1 to 9 | required | How many |
| `share` | number above 0 | `0.5` |  |
| `mode` | `a` or `b` | `a` | a \\| b |
| `port` | integer or string |  |  |
| `labels` | map |  |  |
| `names` | list |  |  |
| `names[].name` | string |  |  |
"""


def definition() -> Definition:
    return Definition(tree.value(parser.parse(DEFINITION)))


def test_the_page_of_a_definition() -> None:
    """It is Markdown: what the function is for, and a row for each field."""
    assert manual.page(definition()) == PAGE


@pytest.mark.parametrize("value", [None, 5, {}, {"spec": {"versions": []}}, {"spec": {"versions": [5], "names": []}}])
def test_an_incomplete_definition_has_what_it_has(value: Any) -> None:
    """What is not there is left out."""
    found = Definition(value)
    assert (found.name, found.kind, found.api_version, found.image, found.openapi) == ("", "", "", "", {})
    assert manual.page(found) == "# \n\n## functionConfig\n"


def test_fields_beside_the_envelope() -> None:
    """A functionConfig without a spec has its fields at the root."""
    text = DEFINITION.replace("          spec:\n            type: object\n            required: [replicas]\n", "")
    text = text.replace("            properties:\n              replicas:", "          replicas:")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("              ")) + "\n"
    text = text.replace("required: [spec]", "required: [replicas]")
    page = manual.page(Definition(tree.value(parser.parse(text))))
    assert "`SetReplicas` of `fn.example.com/v1`, with these fields beside `metadata`, or a `ConfigMap`" in page
    assert page.endswith("|---|---|---|---|\n| `replicas` | integer from 1 to 9 | required | How many |\n")


def test_the_json_schema_is_for_editors() -> None:
    """It takes what the function takes, of its own kind, and nothing else."""
    schema = definition().json_schema()
    assert (schema["$schema"], schema["title"]) == ("https://json-schema.org/draft/2020-12/schema", "SetReplicas")
    validator = jsonschema_rs.Draft202012Validator(schema)
    good = {"apiVersion": "fn.example.com/v1", "kind": "SetReplicas", "metadata": {"name": "x"}}
    assert validator.is_valid({**good, "spec": {"replicas": 3, "port": "http"}})
    bad: tuple[Any, ...] = ({}, good, {**good, "spec": {}}, {**good, "spec": {"replicas": 3, "replica": 3}})
    for value in (*bad, {**good, "kind": "Other", "spec": {"replicas": 3}}):
        assert not validator.is_valid(value)
    del good["kind"]
    assert not validator.is_valid({**good, "spec": {"replicas": 3}})


READMES = {
    "headings": (
        "# name\n\n<!-- config -->\nLong.\n<!-- /config -->\n\n## Examples\n\nOne.\n\n## More\n\nMore.\n",
        ("Set replicas", "Long.\n\n## More\n\nMore.", "One."),
    ),
    "marks": (
        "<!--mdtogo:Short-->S.<!--mdtogo:End--><!--mdtogo:Long-->L.\n<!--mdtogo-->\n<!--mdtogo:Examples-->E.<!--mdtogo-->",
        ("S.", "L.", "E."),
    ),
    "a mark in a comment": ("<!--mdtogo:Short\n    S.\n-->\n\n# name\n", ("S.", "", "")),
    "nothing": ("", ("Set replicas", "", "")),
}


@pytest.mark.parametrize("case", READMES)
def test_the_parts_of_a_readme(tmp_path: Path, case: str) -> None:
    """They are those that are marked for kpt's generator, or else those of its headings."""
    text, (short, long, examples) = READMES[case]
    (tmp_path / "README.md").write_text(text)
    found = manual.document(definition(), tmp_path, "name")
    assert (found["short"], found["long"], found["examples"]) == (short, long, examples)


def test_the_json_of_a_function(tmp_path: Path) -> None:
    """It has the names that kpt's Go SDK prints, and the schema."""
    found = json.loads(manual.to_json(manual.document(definition(), tmp_path, "name", "Docstring.\n\nMore.")))
    schema = found.pop("schema")
    assert list(schema["properties"]) == ["apiVersion", "kind", "metadata", "spec"]
    assert found == {
        "name": "set-replicas",
        "short": "Set replicas",
        "long": "Docstring.\n\nMore.",
        "examples": "",
        "image": "example.com/set-replicas:v1",
        "description": "Set replicas",
        "usage": "Set the replicas of each Deployment",
        "tags": ["mutator"],
        "sourceURL": "https://example.com/source",
        "examplePackageURLs": ["https://example.com/package"],
        "maintainers": [],
        "license": "Apache-2.0",
        "hidden": False,
        "apiVersion": "fn.example.com/v1",
        "kind": "SetReplicas",
    }


PROGRAM = """
import sys
sys.path.insert(0, {sdk!r})
from krm_functions_sdk import run
def set_nothing(resources):
    "Set nothing."
run(set_nothing)
"""


def test_doc_needs_no_input_and_no_files(tmp_path: Path) -> None:
    """A function of one file documents itself by its docstring, while standard input stays open and silent."""
    (tmp_path / "set_nothing.py").write_text(PROGRAM.format(sdk=str(Path(krm_functions_sdk.__file__).parent.parent)))
    reader, writer = os.pipe()
    try:
        command = [sys.executable, str(tmp_path / "set_nothing.py"), "--doc"]
        done = subprocess.run(command, stdin=reader, capture_output=True, timeout=120, check=True)
    finally:
        os.close(reader)
        os.close(writer)
    found = json.loads(done.stdout)
    assert (found["name"], found["short"], found["schema"]) == ("set-nothing", "Set nothing.", {})


def test_krmfn_describes_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes the folder of the function, or the one above, and writes a page, a schema or the definition."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "definition.yaml").write_text(DEFINITION)
    for folder in (tmp_path, tmp_path / "inner"):
        monkeypatch.setattr(sys, "argv", ["krmfn", "doc", str(folder)])
        assert krmfn.main() == 0
        assert capsys.readouterr().out == PAGE
    monkeypatch.setattr(sys, "argv", ["krmfn", "doc", "--schema", str(tmp_path)])
    assert krmfn.main() == 0
    assert json.loads(capsys.readouterr().out) == definition().json_schema()
    monkeypatch.setattr(sys, "argv", ["krmfn", "doc", "--definition", str(tmp_path)])
    assert krmfn.main() == 0
    assert yaml.safe_load(capsys.readouterr().out) == yaml.safe_load(DEFINITION)
    monkeypatch.setattr(sys, "argv", ["krmfn", "doc", "--definition", "--schema", str(tmp_path)])
    assert krmfn.main() == 2
    assert capsys.readouterr().err == "krmfn: doc takes one of --definition and --schema\n"
