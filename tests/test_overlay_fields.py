"""Every field of the intent in the patch of an overlay: what is built is what the intent patched by hand renders.

Fields that can change together do, so that one run of kustomize shows many.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from krm_functions_sdk.kpt.build import Environment

from tests.conftest import PACKAGE, Copy
from tests.effects import CHANGES, release
from tests.judge.sets import beside, merged
from tests.judge.test_changes import SCHEMA, fields

KUSTOMIZE = {"kustomization.yaml", "kustomizeconfig.yaml", "README.md", "smoke-test.sh", "llm.yaml"}
# Fields that cannot stand beside others of their section: another size or another place of the same thing.
ALONE = (
    "ensure",
    "gateway.create",
    "model.id",
    "managedDefinitions",
    "autoscaling.metric",
    "autoscaling.prometheus",
    "accelerator.partition",
    "accelerator.sharedBy",
    "gateway.namespace",
    "gateway.listener",
    "weights.cache.claim",
    "model.maxOutputTokens",
    "model.tokenSecret.optional",
    "model.tokenSecret.providerClass",
    "route.paths[]",
    "drain.maxGraceSeconds",
)


class Group(NamedTuple):
    """Fields that change together: what the patch says, and what it needs of its row in CHANGES."""

    fields: tuple[str, ...]
    patch: dict[str, Any]
    needs: dict[str, Any]


def leaves(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, dict) and value:
        return {key: text for name, part in value.items() for key, text in leaves(part, f"{path}.{name}").items()}
    return {path: json.dumps(value)}


def groups() -> list[Group]:
    """Return all fields of CHANGES, each in one group: those of a section that say nothing different."""
    found: list[Group] = []
    for field, row in CHANGES.items():
        patch = merged(row.get("with", {}), row["to"])
        if "without" in row:
            patch[row["without"]] = None
        if release(field) != "gaie-v1.0":
            patch["release"] = release(field)
        needs: dict[str, Any] = {key: row[key] for key in ("namespace", "beside") if key in row}
        for at, group in enumerate(found):
            ours, theirs = leaves(patch), leaves(group.patch)
            is_alone = field in ALONE or group.fields[0] in ALONE
            agree = all(theirs[path] == ours[path] for path in ours.keys() & theirs.keys())
            if agree and not is_alone and patch.keys() == group.patch.keys() and needs == group.needs:
                found[at] = Group((*group.fields, field), merged(group.patch, patch), needs)
                break
        else:
            found.append(Group((field,), patch, needs))
    return found


GROUPS = groups()


def test_every_field_of_the_intent_is_in_the_matrix() -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"]["spec"]
    assert {field for group in GROUPS for field in group.fields} == set(fields(schema))


def texts(files: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path not in KUSTOMIZE and not path.startswith(".")}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group.fields[0]} and {len(group.fields) - 1} more")
def test_an_overlay_builds_what_the_intent_patched_by_hand_renders(tmp_path: Path, group: Group) -> None:
    package = Copy(Path(shutil.copytree(PACKAGE, tmp_path / "packages" / PACKAGE.name)))
    intent = yaml.safe_load(package.read("llm.yaml"))
    name = intent["metadata"]["name"]
    patch = {**{key: intent[key] for key in ("apiVersion", "kind")}, "metadata": {"name": name}, "spec": group.patch}
    overlay = {
        "resources": [f"../../packages/{PACKAGE.name}"],
        "patches": [{"patch": yaml.safe_dump(patch, sort_keys=False)}],
    }
    for file, other in beside(group.needs, intent).items():
        package.write(file, yaml.safe_dump(other, sort_keys=False))
    if "namespace" in group.needs:
        overlay["namespace"] = intent["metadata"]["namespace"] = group.needs["namespace"]
    folder = tmp_path / "overlays/e"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    environment = Environment(folder)
    assert environment.run(), [*map(str, environment.results)]
    assert [str(result) for result in environment.results if result.severity != "info"] == []
    built = environment.files()

    # the same intent, in the order of fields in which kustomize writes it
    spec = {key: value for key, value in merged(intent["spec"], group.patch).items() if value is not None}
    assert yaml.safe_load(built["llm.yaml"]) == {**intent, "spec": spec}
    package.write("llm.yaml", built["llm.yaml"])
    assert package.render(), package.said
    assert texts(built) == texts(package.texts())
