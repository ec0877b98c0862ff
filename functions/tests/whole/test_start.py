"""Starting is cheap: a function without business imports neither parser nor validator nor heavy standard modules."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

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


UNUSED = {
    "argparse", "base64", "copy", "dataclasses", "difflib", "heapq", "importlib.metadata", "inspect", "jsonschema_rs",
    "shlex", "subprocess", "typing", "yaml",
    "krm_inference.domain.repair", "krm_inference.domain.facts.releases.breakages",
    "krm_inference.validate_inference.reports",
}  # fmt: skip
RENDER = "import sys; from krm_functions_sdk import krmfn; sys.argv = ['krmfn', 'render', sys.argv[1]]"
TELL = "import json; print(json.dumps({}), file=sys.stderr)"


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed package, rendered."""
    seed = shutil.copytree(FUNCTIONS.parent / "packages" / "llama-3.1-8b", tmp_path_factory.mktemp("start") / "seed")
    told_by(seed, f"{RENDER}; krmfn.main()", "0")
    return seed


def told_by(seed: Path, code: str, what: str) -> Any:
    """Return what is so in a process after it did something with the seed package."""
    code = f"{code}\n{TELL.format(what)}"
    done = subprocess.run([sys.executable, "-c", code, str(seed)], capture_output=True, check=True)
    return json.loads(done.stderr.decode().strip().rpartition("\n")[2])


def test_a_render_that_changes_nothing_imports_little(seed: Path) -> None:
    """Nine functions read a service and find all in place: no parser, no validator, no process is needed for that."""
    loaded = set(told_by(seed, f"{RENDER}; krmfn.main()", "sorted(sys.modules)"))
    assert loaded >= {"krm_inference.validate_inference"}
    assert loaded & UNUSED == set()


# Whose patterns are compiled at an import: facts that may not use the SDK's, and a table that is made with two.
COMPILED = {
    "krm_inference.domain.facts.accelerators", "krm_inference.domain.facts.models", "krm_inference.domain.facts.vllm",
    "krm_inference.manifests.pickers",
}  # fmt: skip


def test_an_import_of_the_validator_compiles_no_pattern_of_a_rule() -> None:
    """Those of names, flags and images that a package needs are compiled when a rule first asks, others never."""
    code = (
        "import sys, re, krm_functions_sdk; from re import _compiler; plain = _compiler.compile; said = []\n"
        "def compile(pattern, flags=0):\n"
        "    asks, above = sys._getframe(3).f_globals['__name__'], sys._getframe(4).f_globals['__name__']\n"
        "    said.append(above if asks.endswith('document.pattern') else asks)\n"
        "    return plain(pattern, flags)\n"
        "_compiler.compile = compile\n"
        "import krm_inference.validate_inference"
    )
    said = told_by(FUNCTIONS, code, "said")
    assert {name for name in said if name.startswith("krm_")} == COMPILED


def test_a_second_function_does_not_look_through_the_same_intent_again(seed: Path) -> None:
    """Eight functions and the line of figures get the same intents, and a validator copies: rules are asked twice."""
    code = (
        f"{RENDER}\nfrom krm_inference.domain import consistency; plain = consistency.check; asked = []\n"
        "consistency.check = lambda *given: asked.append(1) or plain(*given)\n"
        "krmfn.main()"
    )
    assert told_by(seed, code, "len(asked)") == 2
