"""Starting is cheap: a process imports what it needs, when it needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import krm_functions_sdk
import pytest

SDK = Path(krm_functions_sdk.__file__).parent.parent

# What `re` and `collections.abc` import on the Python versions that we support, what is built into the interpreter
# (`gc`), and nothing else.
ALLOWED = {
    "__future__", "_ast_unparse", "atexit", "_collections", "_functools", "_operator", "_sre", "_types", "collections",
    "collections.abc", "copyreg",
    "enum", "functools", "gc", "io", "itertools", "keyword", "operator", "re", "re._casefix", "re._compiler",
    "re._constants", "re._parser",
    "reprlib", "types",
}  # fmt: skip

ITEM = "- apiVersion: v1\\n  kind: ConfigMap\\n  metadata:\\n    name: x\\n"
RUNS = {
    "import": "import krm_functions_sdk",
    "a function without business": (
        "from krm_functions_sdk.function.call import execute\n"
        "def fn(resources):\n"
        "    return resources.where('Other')\n"
        f"text = 'apiVersion: config.kubernetes.io/v1\\nkind: ResourceList\\nitems:\\n{ITEM}'\n"
        "assert execute(fn, text.encode()) == (text.encode(), '', 0)"
    ),
}


@pytest.mark.parametrize("run", RUNS)
def test_only_what_is_needed_is_imported(run: str) -> None:
    """Neither the parser nor the validator nor the heavy parts of the standard library are there at the start."""
    code = f"import sys\nbefore = set(sys.modules)\n{RUNS[run]}\nimport json\nprint(json.dumps(sorted(seen - before)))"
    code = code.replace("import json\n", "seen = set(sys.modules)\nimport json\n")
    code = f"import sys; sys.path.insert(0, {str(SDK)!r})\n{code}"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    seen = {name for name in json.loads(done.stdout) if not name.startswith("krm_functions_sdk")}
    assert seen <= ALLOWED


def test_the_parser_is_imported_when_a_resource_is_read() -> None:
    """The guard above would see the parser: reading a resource imports it."""
    code = f"import sys; sys.path.insert(0, {str(SDK)!r})\nfrom krm_functions_sdk import Resource\n"
    code += "assert 'yaml' not in sys.modules\nResource('a: 1').data\nassert 'yaml' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
