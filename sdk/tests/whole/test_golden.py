"""The runner of golden cases: what passes, what fails, and what it says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import ResourceList, golden
from krm_functions_sdk.function import registry
from krm_functions_sdk.golden import Case

LIST = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
ITEM = "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: web\n  spec:\n    replicas: 1\n"
STREAM = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n"


def three(resources: ResourceList) -> None:
    for one in resources.where("Deployment"):
        one.set("spec.replicas", 3)


def one_more(resources: ResourceList) -> None:
    for one in resources.where("Deployment"):
        one.set("spec.replicas", one.get("spec.replicas") + 1)


def refuse(resources: ResourceList) -> None:
    resources.results.error("no", resources.items[0], "spec.replicas")


RESULT = """\
results:
- message: "no"
  severity: error
  resourceRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  field:
    path: spec.replicas
"""

CASES: dict[str, tuple[Callable[[ResourceList], None], str, str, str]] = {
    "passes": (three, LIST + ITEM, LIST + ITEM.replace("replicas: 1", "replicas: 3"), ""),
    "a stream passes": (three, STREAM, STREAM.replace("replicas: 1", "replicas: 3"), ""),
    "another answer": (three, LIST + ITEM, LIST + ITEM, "-    replicas: 1\n+    replicas: 3\n"),
    "line ends differ": (
        three,
        STREAM,
        STREAM.replace("replicas: 1", "replicas: 3").replace("\n", "\r\n"),
        "+kind: Deployment",
    ),
    "not idempotent": (one_more, LIST + ITEM, LIST + ITEM.replace("replicas: 1", "replicas: 2"), "not idempotent:\n"),
    "an error": (refuse, LIST + ITEM, LIST + ITEM + RESULT, ""),
    "an error on a stream": (refuse, STREAM, STREAM, ""),
    "an error in the text of a resource": (
        three,
        STREAM.replace("spec:", "  labels:\n    severity: error\nspec:"),
        STREAM.replace("spec:", "  labels:\n    severity: error\nspec:").replace("replicas: 1", "replicas: 3"),
        "",
    ),
    "unreadable input": (three, "kind: [\n", "kind: [\n", ""),
}


def make(root: Path, name: str, given: str, expected: str | None) -> Path:
    folder = root / "set_replicas" / "examples" / name
    folder.mkdir(parents=True)
    (folder / golden.INPUT).write_bytes(given.encode())
    if expected is not None:
        (folder / golden.EXPECTED).write_bytes(expected.encode())
    return folder


@pytest.mark.parametrize("case", CASES)
def test_what_a_case_says(tmp_path: Path, case: str) -> None:
    """A case passes where output, exit status and a second run are right, and says what is not."""
    function, given, expected, problem = CASES[case]
    found = Case(make(tmp_path, "case", given, expected), function).problem()
    assert problem in found
    assert bool(problem) == bool(found)


def test_a_case_without_an_answer_fails_until_it_is_updated(tmp_path: Path) -> None:
    """An update writes the answer and says that it changed; the next one changes nothing."""
    folder = make(tmp_path, "case", STREAM, None)
    case = Case(folder, three)
    assert "+  replicas: 3" in case.problem()
    assert case.update()
    assert (folder / golden.EXPECTED).read_text() == STREAM.replace("replicas: 1", "replicas: 3")
    assert not case.update()
    assert case.problem() == ""


class Installed:
    """A function that is installed under a name."""

    name, version = "set-replicas", "1.0.0"

    def load(self) -> Callable[[ResourceList], None]:
        return three


def test_cases_belong_to_the_function_of_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`set_replicas/examples/…` are cases of set-replicas, by name; a folder of no function is an error."""
    monkeypatch.setattr(registry, "installed", lambda: {"set-replicas": Installed()})
    make(tmp_path, "b", STREAM, STREAM)
    make(tmp_path, "a", STREAM, STREAM)
    assert [str(case) for case in golden.cases(tmp_path)] == ["set_replicas/a", "set_replicas/b"]
    (tmp_path / "set_replicas").rename(tmp_path / "set_labels")
    with pytest.raises(LookupError, match="no installed function is called set-labels"):
        list(golden.cases(tmp_path))
