"""Kptfiles: which steps a pipeline has, what each sees, and every fault at once."""

from typing import Any

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.kpt import steps as kptfile
from krm_functions_sdk.kpt.steps import Step

HEAD = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"


def parse(text: str) -> tuple[list[Step], list[tuple[str, str]]]:
    return kptfile.steps(Resource(text))


def test_mutators_come_before_validators() -> None:
    """The steps come in the order in which they run, each with the field that declares it."""
    text = "pipeline:\n  validators:\n  - image: c\n  mutators:\n  - image: a:v1\n  - exec: ./b\n"
    steps, faults = parse(HEAD + text)
    assert faults == []
    assert [(step.image or step.exec, step.is_validator, step.field) for step in steps] == [
        ("a:v1", False, "pipeline.mutators[0]"),
        ("./b", False, "pipeline.mutators[1]"),
        ("c", True, "pipeline.validators[0]"),
    ]


NOTHING = (
    "",
    "pipeline:\n",
    "pipeline: {}\n",
    "pipeline:\n  mutators:\n",
    "pipeline:\n  mutators: []\n  validators:\n",
    "info:\n  description: x\n  emails: [a@example.com]\n  keywords: []\n  man: x\n  site: x\n  license: x\n",
    "upstream:\n  type: git\n  git: {repo: r, directory: /, ref: main}\n  updateStrategy: resource-merge\n",
    "upstreamLock:\n  type: git\n  git: {repo: r, directory: /, ref: main, commit: c}\n",
    "inventory:\n  namespace: n\n  name: x\n  inventoryID: i\n",
    "status:\n  conditions: []\n  renderStatus: {mutationSteps: []}\n",  # kpt from beta.62 on
)


@pytest.mark.parametrize("text", NOTHING)
def test_a_kptfile_without_steps(text: str) -> None:
    """What kpt writes by itself is accepted, and null is the same as nothing."""
    assert parse(HEAD + text) == ([], [])


MUTATOR = "pipeline:\n  mutators:\n  - image: a\n"
FAULTS = {
    "pipline: {}\n": [("pipline", 'unknown field "pipline" (did you mean "pipeline"?)')],
    "info:\n  email: x\n": [("info.email", 'unknown field "email" (did you mean "emails"?)')],
    "pipeline: []\n": [("pipeline", "expected an object")],
    "pipeline:\n  mutators: {}\n": [("pipeline.mutators", "expected a list")],
    "pipeline:\n  mutators:\n  - a\n": [("pipeline.mutators[0]", "expected an object")],
    "pipeline:\n  mutators:\n  - name: a\n": [("pipeline.mutators[0]", "expected either image or exec")],
    MUTATOR + "    exec: b\n": [("pipeline.mutators[0]", "expected either image or exec")],
    MUTATOR + "    tag: v1\n": [("pipeline.mutators[0].tag", 'unknown field "tag"')],
    MUTATOR + "    configMap: {a: [1]}\n": [("pipeline.mutators[0].configMap.a", "expected a string")],
    MUTATOR + "    configMap: {a: b}\n    configPath: c.yaml\n": [("pipeline.mutators[0]", "expected one of them")],
    MUTATOR + "    selectors:\n    - kinds: Pod\n": [
        ("pipeline.mutators[0].selectors[0].kinds", 'did you mean "kind"?')
    ],
    MUTATOR + "    image2: b\n  - image: []\n  validatrs: []\n": [
        ("pipeline.mutators[0].image2", 'unknown field "image2"'),
        ("pipeline.mutators[1].image", "expected a string"),
        ("pipeline.validatrs", 'did you mean "validators"?'),
    ],
}


@pytest.mark.parametrize("text", FAULTS)
def test_every_fault_is_named_at_once(text: str) -> None:
    """Each fault has its field and says what is expected; then there is no step at all."""
    steps, faults = parse(HEAD + text)
    assert steps == []
    assert [field for field, _ in faults] == [field for field, _ in FAULTS[text]]
    for (_, message), (_, expected) in zip(faults, FAULTS[text], strict=True):
        assert expected in message


@pytest.mark.parametrize(("old", "new"), [("kpt.dev/v1", "kpt.dev/v1alpha2"), ("kind: Kptfile", "kind: Kptfil")])
def test_only_kptfiles_of_v1_are_read(old: str, new: str) -> None:
    """Another version or kind is a fault that says which one is expected."""
    ((field, message),) = parse(HEAD.replace(old, new))[1]
    assert field in ("apiVersion", "kind")
    assert "expected " in message


def test_a_key_that_stands_twice_is_no_yaml() -> None:
    """A Kptfile that kpt refuses as well."""
    with pytest.raises(YamlFault, match="'image' appears twice"):
        parse(HEAD + MUTATOR + "    image: b\n")


def test_values_of_a_config_map_are_the_text_that_stands_there() -> None:
    """Numbers and booleans become strings as they are written, as under kpt; null becomes the empty string."""
    values = "a: 1.10\n      b: yes\n      c: true\n      d: ~\n      e: 010\n      f: 'quoted'\n      g:\n"
    (step,), _ = parse(HEAD + MUTATOR + "    configMap:\n      " + values)
    assert step.config_map == {"a": "1.10", "b": "yes", "c": "true", "d": "", "e": "010", "f": "quoted", "g": ""}


@pytest.mark.parametrize(
    ("written", "path"), [("c.yaml", "c.yaml"), ("./x/../c.yaml", "c.yaml"), ("x/c.yaml", "x/c.yaml")]
)
def test_a_config_path_is_normalised(written: str, path: str) -> None:
    """`./c.yaml` is the same file as `c.yaml`."""
    (step,), _ = parse(HEAD + MUTATOR + f"    configPath: {written}\n")
    assert step.config_path == path


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: one
  namespace: here
  labels: {app: a, tier: web}
  annotations: {note: x}
"""
SELECTORS: tuple[tuple[list[dict[str, Any]], list[dict[str, Any]], bool], ...] = (
    ([], [], True),
    ([{}], [], True),
    ([{"kind": "Pod"}], [], True),
    ([{"kind": "Service"}], [], False),
    ([{"kind": "Service"}, {"name": "one"}], [], True),
    ([{"kind": "Pod", "name": "two"}], [], False),
    ([{"apiVersion": "v1", "kind": "Pod", "name": "one", "namespace": "here"}], [], True),
    ([{"apiVersion": "v2"}], [], False),
    ([{"namespace": "there"}], [], False),
    ([{"labels": {"app": "a"}}], [], True),
    ([{"labels": {"app": "a", "tier": "db"}}], [], False),
    ([{"annotations": {"note": "x"}}], [], True),
    ([{"annotations": {"other": "x"}}], [], False),
    ([], [{}], True),
    ([], [{"kind": "Pod"}], False),
    ([{"kind": "Pod"}], [{"name": "one"}], False),
    ([{"kind": "Pod"}], [{"name": "two"}], True),
)


@pytest.mark.parametrize(("selectors", "exclude", "expected"), SELECTORS)
def test_what_a_step_sees(selectors: list[dict[str, Any]], exclude: list[dict[str, Any]], *, expected: bool) -> None:
    """Fields of a selector are joined by and, selectors by or; an empty exclude excludes nothing."""
    step = Step(Resource(HEAD), "mutators", 0, {"image": "a", "selectors": selectors, "exclude": exclude})
    assert step.selects(Resource(POD)) is expected
