"""Every field of the intent in the patch of an overlay: what is built is what the intent patched by hand renders.

Fields that can change together do, so that one run of kustomize shows many.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from krm_functions_sdk.kpt.build import Environment

from tests.changed_together import Group, groups
from tests.conftest import PACKAGE, Copy
from tests.judge.sets import beside, merged
from tests.judge.test_changes import SCHEMA, fields

KUSTOMIZE = {"kustomization.yaml", "kustomizeconfig.yaml", "README.md", "smoke-test.sh", "llm.yaml"}
GROUPS = groups()


def test_every_field_of_the_intent_is_in_the_matrix() -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"]["spec"]
    assert {field for group in GROUPS for field in group.fields} == set(fields(schema))


def texts(files: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path not in KUSTOMIZE and not path.startswith(".")}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
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
