"""Starting is cheap: a function without business imports neither parser nor validator nor heavy standard modules."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).resolve().parents[2]
GENERATORS = sorted(file.parent.name for file in (FUNCTIONS / "krm_inference").glob("generate_*/definition.yaml"))
HEAVY = {
    "argparse", "ast", "copy", "dataclasses", "inspect", "json", "jsonschema_rs", "pathlib", "urllib",
    "yaml",
}  # fmt: skip
INPUT = "kind: ResourceList\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: x\n"


def imports(module: str, code: str = "") -> set[str]:
    """Return the heavy modules that are there after a function ran on an input without its business."""
    paths = [str(FUNCTIONS), str(FUNCTIONS.parent / "sdk")]
    lines = [
        f"import sys; sys.path[:0] = {paths!r}; before = set(sys.modules)",
        f"from krm_inference.{module} import {module} as function",
        "from krm_functions_sdk.function.call import execute",
        f"{code}text = {INPUT.encode()!r}",
        "assert execute(function, text) == (text, '', 0)",
        "found = set(sys.modules) - before; import json; print(json.dumps(sorted(found)))",
    ]
    done = subprocess.run([sys.executable, "-I", "-c", "\n".join(lines)], capture_output=True, check=True)
    return set(json.loads(done.stdout)) & HEAVY


@pytest.mark.parametrize("module", GENERATORS)
def test_a_generator_without_a_service_imports_little(module: str) -> None:
    """Each start pays for its imports, also in the packages in which there is nothing to do."""
    assert imports(module) == set()


def test_the_guard_sees_an_import() -> None:
    """A heavy import would be found."""
    assert imports(GENERATORS[0], "import pathlib; ") >= {"pathlib"}


UNUSED = {"difflib", "importlib.metadata", "jsonschema_rs", "subprocess", "yaml"}


def test_a_render_that_changes_nothing_imports_little(tmp_path: Path) -> None:
    """Nine functions read a service and find all in place: no parser, no validator, no process is needed for that."""
    seed = shutil.copytree(FUNCTIONS.parent / "packages" / "llama-3.1-8b", tmp_path / "seed")
    code = (
        "import sys; from krm_functions_sdk import krmfn; sys.argv = ['krmfn', 'render', sys.argv[1]]; krmfn.main()\n"
        "import json; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    for status in ("first", "again"):
        done = subprocess.run([sys.executable, "-c", code, str(seed)], capture_output=True, check=True)
        loaded = set(json.loads(done.stderr.decode().strip().rpartition("\n")[2]))
        assert loaded >= {"krm_inference.validate_inference"}, status
    assert loaded & UNUSED == set()
