"""ResourceLists and streams come out as they came in, but for what changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml_documents
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import InputFault, Resource, ResourceList, YamlFault
from krm_functions_sdk.document import parser, tree

KPT = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: kpt.dev/v1
  kind: Kptfile
  metadata:
    name: pkg
    annotations:
      config.kubernetes.io/path: 'Kptfile'
      internal.config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/path: 'Kptfile'
- # head of a
  apiVersion: v1 # line
  kind: ConfigMap
  metadata: {name: a, annotations: {config.kubernetes.io/index: '1', internal.config.kubernetes.io/path: 'a.yaml'}}
  data:
    t: |+
      - foo

    q: 'it''s'
  # foot of a
- {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j"}, "data": {"a": "b"}}
functionConfig:
  metadata:
    name: function-input
  data: {a: b, c: "1e3"}
  kind: ConfigMap
  apiVersion: v1
"""
SHAPES = {
    "kpt": KPT,
    "no line end": KPT.rstrip("\n"),
    "windows": KPT.replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + KPT,
    "a separator": "---\n# c\n" + KPT,
    "wide": "kind: ResourceList\nitems:\n  - kind: A\n    x: 1\n  # c\n  -   kind: B\n",
    "config first": "kind: ResourceList\nfunctionConfig: {kind: C} # c\nitems:\n- kind: A\n\n# c\n- kind: B\n\n",
    "no config": "kind: ResourceList\nfunctionConfig: null\nitems:\n- kind: A\n",
    "more keys": "apiVersion: config.kubernetes.io/v1beta1\nkind: ResourceList\nx: {y: z}\nitems: # c\n- kind: A\n",
    "no items": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
    "null items": "kind: ResourceList\nitems:\n",
    "without items": "kind: ResourceList\n",
    "a dash alone": "kind: ResourceList\nitems:\n-\n  kind: A\n- \n  kind: B\n",
    "JSON": json.dumps(
        {"kind": "ResourceList", "items": [{"kind": "A", "s": "1e3"}], "functionConfig": {"kind": "C"}}, indent=2
    ),
    "braces": "{kind: ResourceList, items: [{kind: A}, # c\n {kind: B}]}",
    "brackets": "kind: ResourceList\nitems: [{kind: A}, {kind: B}]\n",
    "quoted keys": '"kind": "ResourceList"\n"items":\n- kind: A\n',
    "kubectl": "kind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {}\nmetadata:\n  resourceVersion: ''\n",
    "broken items": "kind: ResourceList\nitems:\n- kind: A\n  x: [\n- kind: B\n\t\n  y: *nowhere\n- kind: C\n",
    "strange quotes": "kind: ResourceList\nitems:\n- kind: A\n  x: 'foo\nkind: Fake'\n- kind: B\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_comes_out_as_it_came_in(shape: str) -> None:
    """Whatever the layout, a list of which nothing changes leaves with its bytes."""
    resources = ResourceList.read(SHAPES[shape])
    assert not resources.is_stream
    assert resources.write() == SHAPES[shape]


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "broken items"])
def test_a_list_can_be_changed_whatever_its_layout(shape: str) -> None:
    """An edited item, a new one and a removed one are written so that they are read again, with all the others."""
    resources = ResourceList.read(SHAPES[shape])
    before = [item.data for item in resources]
    config = resources.function_config
    if resources.items:
        resources.items[0].set("x-new", ["1e3"])
        before[0] = {**before[0], "x-new": ["1e3"]}
    resources.add(Resource.new({"kind": "New", "metadata": {"name": "n"}}))
    again = ResourceList.read(resources.write())
    assert [item.data for item in again] == [*before, {"kind": "New", "metadata": {"name": "n"}}]
    assert (again.function_config and again.function_config.data) == (config and config.data)
    for item in list(again)[:-1]:
        again.remove(item)
    last = ResourceList.read(again.write())
    assert [item.kind for item in last] == ["New"]
    last.remove(last.items[0])
    assert len(ResourceList.read(last.write())) == 0


def test_untouched_items_keep_their_bytes() -> None:
    """A changed item changes its own lines, and none of the others."""
    resources = ResourceList.read(KPT)
    resources.items[1].set("data.q", "new")
    assert resources.write() == KPT.replace("'it''s'", "'new'")
    resources.items[2].set("data.c", "d")
    assert resources.write() == KPT.replace("'it''s'", "'new'").replace('{"a": "b"}', '{"a": "b", "c": "d"}')
    assert resources.function_config is not None
    resources.function_config.set("data.a", "c")
    assert '\n  data: {a: c, c: "1e3"}\n' in resources.write()


def test_new_items_get_path_and_index() -> None:
    """A new resource goes to the end of its file, and its annotations say so."""
    resources = ResourceList.read(KPT)
    resources.add(Resource.new({"kind": "A", "metadata": {"name": "x"}}), "a.yaml")
    resources.add(Resource.new({"kind": "B", "metadata": {"name": "y"}}), "a.yaml")
    again = ResourceList.read(resources.write())
    assert [(item.path, item.index) for item in again][-3:] == [(None, 0), ("a.yaml", 2), ("a.yaml", 3)]
    assert 'internal.config.kubernetes.io/index: "2"' in again.items[-2].text


def test_an_item_can_be_moved() -> None:
    """An item that is added to another file has that file in its annotations."""
    resources = ResourceList.read(KPT)
    item = resources.items[1]
    resources.remove(item)
    resources.add(item, "b.yaml")
    again = ResourceList.read(resources.write())
    assert (again.items[-1].path, again.items[-1].index) == ("b.yaml", 0)


def test_where_and_find() -> None:
    """Resources are found by kind, group and name."""
    resources = ResourceList.read(KPT)
    assert [item.name for item in resources.where("ConfigMap")] == ["a", "j"]
    assert [item.name for item in resources.where("ConfigMap", name="j")] == ["j"]
    assert [item.name for item in resources.where(group="kpt.dev")] == ["pkg"]
    assert resources.find("", "ConfigMap", "j") is resources.items[2]
    assert resources.find("apps", "ConfigMap", "j") is None
    assert len(resources) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        (" \n\n", "the text is empty"),
        ("kind: ResourceList\nitems: {}\n", "items: expected a list"),
        ("kind: ResourceList\nitems: [1]\n", "items: expected a list"),
        ("kind: ResourceList\nitems: x\n", "items: expected a list"),
        ("kind: ResourceList\nkind: ResourceList\nitems: []\n", "appears twice"),
        ('{"kind": "ResourceList", "items": [}', "not YAML: line 1"),
        ('{"kind": "ResourceList", "functionConfig": [1]}', "functionConfig: expected"),
        ("kind: ResourceList\nitems: []\n---\nkind: B\n", "only document"),
    ],
)
def test_what_is_no_list(text: str, message: str) -> None:
    """Input that cannot be taken apart is refused with a reason."""
    with pytest.raises(InputFault, match=message):
        ResourceList.read(text)
    if message.startswith("the text"):
        with pytest.raises(InputFault, match=r"^a\.yaml is empty"):
            ResourceList.read(text, "a.yaml")


LINES = [
    "---\n",
    "--- # c\n",
    "---\r\n",
    "# c\n",
    "\n",
    "...\n",
    "---\nkind: A\n",
    "---\nkind: B\nx: [\n",
    "---\n# d\nkind: C\n",
    "--- {kind: D}\n",
]


@given(
    st.lists(st.sampled_from([*LINES, "\ufeff---\n", "---\n\ufeffkind: E\n"]), min_size=1, max_size=7).map("".join),
    st.booleans(),
)
def test_a_stream_comes_out_as_it_came_in(text: str, ends: bool) -> None:
    """Comments, empty documents and separators stay, wherever they are."""
    text = "kind: First\n" + text if ends else text.rstrip("\n") + "\nkind: Last"
    resources = ResourceList.read(text)
    assert resources.is_stream
    assert resources.write() == text


@given(st.lists(yaml_documents.documents(), min_size=1, max_size=3), st.data())
def test_a_stream_of_any_documents(texts: list[str], data: st.DataObject) -> None:
    """Documents pass unread; new ones go behind, removed ones go away, and the others say what they said."""
    text = "---\n".join(part if part.endswith("\n") else part + "\n" for part in texts)
    resources = ResourceList.read(text)
    if not resources.is_stream:
        return
    assert resources.write() == text
    values = [item.data for item in resources]
    if values and data.draw(st.sampled_from([True, False])):
        values.pop(0)
        resources.remove(resources.items[0])
    resources.add(Resource.new({"kind": "New"}))
    again = ResourceList.read(resources.write())
    assert [item.data for item in again] == [*values, {"kind": "New"}]


def test_a_stream_keeps_what_stands_between_documents() -> None:
    """A header, an empty document and a foot survive adding and removing."""
    text = "# header\n---\nkind: A\n---\n# between\n---\nkind: B # c\n---\n# foot\n"
    resources = ResourceList.read(text)
    resources.remove(resources.items[0])
    resources.add(Resource.new({"kind": "C"}))
    assert resources.write() == "# header\n---\n# between\n---\nkind: B # c\n---\nkind: C\n---\n# foot\n"


def test_a_block_at_the_end_of_a_stream_keeps_its_value() -> None:
    """A document that follows does not add a line end to a block scalar."""
    resources = ResourceList.read("kind: A\nx: |\n  y")
    resources.add(Resource.new({"kind": "B"}))
    assert [item.data for item in ResourceList.read(resources.write())] == [{"kind": "A", "x": "y"}, {"kind": "B"}]


def test_lines_of_a_stream_are_those_of_the_input() -> None:
    """Faults in a later document have the line of the whole stream."""
    resources = ResourceList.read("kind: A\n---\n# c\nkind: B\nx: 1\n")
    assert resources.items[1].line("x") == 5


def test_a_json_object_is_a_stream_of_one() -> None:
    """A single object in JSON comes out as JSON."""
    text = '{\n  "kind": "A",\n  "spec": {"a": 1}\n}\n'
    resources = ResourceList.read(text)
    assert resources.is_stream
    assert resources.write() == text
    resources.items[0].set("spec.b", "x")
    assert json.loads(resources.write()) == {"kind": "A", "spec": {"a": 1, "b": "x"}}


@pytest.mark.parametrize("command", ["source", "eval"])
def test_what_real_kpt_sends_comes_out_as_it_came_in(command: str, tmp_path: Path) -> None:
    """The list that kpt makes of a package with all kinds of YAML leaves with its bytes, and can be edited."""
    if shutil.which("kpt") is None:
        pytest.skip("needs kpt")
    package, seen = tmp_path / "pkg", tmp_path / "seen.yaml"
    package.mkdir()
    (package / "Kptfile").write_text("apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: pkg\n")
    middles = ["spec: {}\n", "# c\nspec:\n    a:\n      - x # y\n\n      # z\n      - 'q'\n# f\n"]
    for index, middle in enumerate(middles):
        for kind in ("A", "B"):
            head = f"---\napiVersion: v1\nkind: {kind}\nmetadata:\n  name: x{index}\n"
            with (package / f"{index}.yaml").open("a", encoding="utf-8") as file:
                file.write(f"{head}{middle}t: |+\n  b\n\n  c\nf: >-\n  l\n  m\n")
    (package / "j.json").write_text('{"apiVersion":"v1","kind":"J","metadata":{"name":"j"},"data":{"a":"😀\\u2028"}}')
    if command == "source":
        done = subprocess.run(["kpt", "fn", "source", str(package)], capture_output=True, check=True)
        seen.write_bytes(done.stdout)
    else:
        script = tmp_path / "see"
        script.write_text(f"#!/bin/sh\ntee {seen}\n")
        script.chmod(0o755)
        subprocess.run(
            ["kpt", "fn", "eval", str(package), "--exec", str(script), "--", "a=b"], capture_output=True, check=True
        )
    text = seen.read_bytes().decode()
    resources = ResourceList.read(text)
    assert resources.write() == text
    assert len(resources) == 6
    for item in resources:
        item.set("metadata.labels.a", "b")
    assert [item.labels for item in ResourceList.read(resources.write())] == [{"a": "b"}] * 6


def test_five_thousand_items_are_not_parsed_to_find_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for a kind reads names only, quickly, and a function without business parses nothing."""
    item = KPT.split("- # head of a\n", maxsplit=1)[0].split("items:\n")[1]
    text = KPT.replace(item, item * 5000)

    def no_parser(_: str) -> tree.Node:
        raise AssertionError("parsed")

    monkeypatch.setattr(parser, "parse", no_parser)
    begin = time.process_time()
    resources = ResourceList.read(text)
    names = resources.items[:5000]
    assert {resource.kind for resource in names} == {"Kptfile"}
    assert {resource.path for resource in names} == {"Kptfile"}
    assert resources.write() == text
    assert time.process_time() - begin < 3


def test_unread_broken_items_pass() -> None:
    """Items that are no YAML pass through as long as nobody reads them, and the others can be edited."""
    text = SHAPES["broken items"]
    resources = ResourceList.read(text)
    resources.items[2].set("x", 1)
    assert resources.write() == text + "  x: 1\n"
    with pytest.raises(YamlFault):
        _ = resources.items[0].data


def test_a_new_item_without_a_line_end_goes_between_others() -> None:
    """Wherever a resource comes from and goes to, it gets the column and the line end of an item."""
    resources = ResourceList.read("kind: ResourceList\nitems:\n- kind: A\n- kind: B")
    resources.items.insert(1, Resource("kind: N\nmetadata:\n  name: n"))
    expected = "kind: ResourceList\nitems:\n- kind: A\n- kind: N\n  metadata:\n    name: n\n- kind: B"
    assert resources.write() == expected
    assert resources.encode() == expected.encode()
    resources.items.reverse()
    assert resources.write() == (
        "kind: ResourceList\nitems:\n- kind: B\n- kind: N\n  metadata:\n    name: n\n- kind: A\n"
    )


def test_an_item_of_another_list_takes_its_column_here() -> None:
    """An item that came in one list and is written in another one is laid out as that one is."""
    wide = ResourceList.read("kind: ResourceList\nitems:\n  - kind: A\n    spec:\n      x: 1 # c\n")
    resources = ResourceList.read("kind: ResourceList\nitems:\n- kind: B\n")
    resources.items += wide.items
    assert resources.write() == "kind: ResourceList\nitems:\n- kind: B\n- kind: A\n  spec:\n    x: 1 # c\n"
