"""Functions as people write them without an SDK, for the parity suite: `function.py NAME`, a ResourceList on stdin."""

import json
import sys
from typing import Any

import yaml

PATH, INDEX = "internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index"
LIST: dict[str, Any] = yaml.load(sys.stdin, yaml.CSafeLoader)
ITEMS: list[dict[str, Any]] = LIST["items"] or []
CONFIG: dict[str, Any] = LIST.get("functionConfig") or {}


def named(name: str) -> list[dict[str, Any]]:
    return [item for item in ITEMS if item["metadata"]["name"] == name]


def config_map(name: str, data: dict[str, str] | None = None, **annotations: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if annotations:
        metadata["annotations"] = {{"path": PATH, "index": INDEX}[key]: value for key, value in annotations.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **({"data": data} if data else {})}


def annotations(item: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = item["metadata"].setdefault("annotations", {})
    return found


def write(status: int = 0, **more: Any) -> None:
    yaml.safe_dump({**LIST, **more}, sys.stdout, sort_keys=False)
    sys.exit(status)


def result(severity: str, **more: Any) -> dict[str, Any]:
    return {"message": "as it is", "severity": severity, **more}


def seen() -> None:
    """Say in the ConfigMap `note` what is seen, in order."""
    for item in named("note"):
        item.setdefault("data", {})["seen"] = " ".join(f"{each['kind']}/{each['metadata']['name']}" for each in ITEMS)
    write()


def config() -> None:
    """Say in the ConfigMap `note` how the function is configured."""
    for item in named("note"):
        data = CONFIG.get("data") or CONFIG.get("spec") or {}
        item.setdefault("data", {})["config"] = " ".join(f"{key}={value}" for key, value in sorted(data.items()))
    write()


def label() -> None:
    """Label every ConfigMap."""
    for item in ITEMS:
        if item["kind"] == "ConfigMap":
            item["metadata"].setdefault("labels", {})["seen"] = "here"
    write()


def generate() -> None:
    if not named("made"):
        ITEMS.append(config_map("made", {"a": "b"}))
    write()


def generate_in_a_namespace() -> None:
    made = config_map("made")
    made["metadata"]["namespace"] = "there"
    ITEMS.append(made)
    write()


def generate_at_a_path() -> None:
    ITEMS.append(config_map("made", path="deep/made.yaml", index="0"))
    write()


def generate_two() -> None:
    ITEMS.extend([config_map("one", path="both.yaml", index="0"), config_map("two", path="both.yaml", index="1")])
    write()


def generate_outside() -> None:
    ITEMS.append(config_map("made", path="../made.yaml", index="0"))
    write()


def add_to_a_file() -> None:
    ITEMS.append(config_map("made", path="a.yaml", index="1"))
    write()


def delete() -> None:
    write(items=[item for item in ITEMS if item["metadata"]["name"] != "old"])


def delete_all() -> None:
    write(items=[])


def nothing() -> None:
    sys.exit(0)


def move() -> None:
    for item in named("old"):
        for name in (PATH, "config.kubernetes.io/path"):
            annotations(item)[name] = "new/place.yaml"
    write()


def rename() -> None:
    for item in named("old"):
        item["metadata"]["name"] = "new"
    write()


def forget() -> None:
    """Lose every annotation of the tools."""
    for item in ITEMS:
        own = {name: value for name, value in annotations(item).items() if ".io/" not in name}
        item["metadata"]["annotations"] = own
        if not own:
            del item["metadata"]["annotations"]
    write()


def configure_the_next() -> None:
    """Change the configuration of a later step."""
    for item in named("settings"):
        item["data"]["a"] = "changed"
    write()


def fail() -> None:
    write(1, results=[result("error")])


def fail_without_a_word() -> None:
    sys.exit(3)


def fail_with_text() -> None:
    print("it broke")
    sys.exit(1)


def pass_with_an_error() -> None:
    label_all = [item for item in ITEMS if item["kind"] == "ConfigMap"]
    for item in label_all:
        item["metadata"]["labels"] = {"seen": "here"}
    write(results=[result("error")])


def warn() -> None:
    write(results=[result("warning"), result("info", file={"path": "a.yaml", "index": 0})])


def results_of_a_wrong_type() -> None:
    write(results=[{**result("info"), "tags": {"list": ["a"]}}])


def index_that_is_no_number() -> None:
    write(results=[result("info", file={"path": "a.yaml", "index": "1"})])


def another_severity() -> None:
    write(results=[result("fatal")])


def annotate_with_a_number() -> None:
    for item in ITEMS:
        item["metadata"].setdefault("annotations", {})["owner"] = 5
    write()


def answer_in_v1beta1() -> None:
    write(apiVersion="config.kubernetes.io/v1beta1")


def debug() -> None:
    print("starting")
    write()


def no_object() -> None:
    ITEMS.append({"a": "b"})
    write()


def no_name() -> None:
    ITEMS.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})
    write()


def as_json() -> None:
    for item in named("old"):
        item["data"] = {"a": "b"}
    json.dump(LIST, sys.stdout)


def as_stream() -> None:
    for item in named("old"):
        item["data"] = {"a": "b"}
    yaml.safe_dump_all(ITEMS, sys.stdout, sort_keys=False)


def as_list() -> None:
    for item in named("old"):
        item["data"] = {"a": "b"}
    yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": ITEMS}, sys.stdout, sort_keys=False)


def quote() -> None:
    for item in named("old"):
        item["data"]["a"] = "true"
    write()


def add_a_field() -> None:
    for item in named("old"):
        item["data"]["more"] = "c"
    write()


def add_fields_before() -> None:
    """Answer with new fields in front of those that are there, on each level."""
    for item in named("old"):
        item["data"] = {"first": "c", **item["data"]}
        item["metadata"] = {"labels": {"x": "c"}, **item["metadata"]}
    write()


def change_a_value() -> None:
    for item in named("old"):
        item["data"]["a"] = "c"
    write()


def share() -> None:
    """Share one value between two objects, as PyYAML then writes with an alias."""
    shared = {"a": "b"}
    for item in ITEMS:
        if item["kind"] == "ConfigMap":
            item["data"] = shared
    write()


globals()[sys.argv[1].replace("-", "_")]()
