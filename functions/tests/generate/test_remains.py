"""A slip in an intent deletes nothing: what is gone without a word is an error, and a rename keeps what users added."""

from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import ERROR, INFO, Resource, ResourceList
from krm_functions_sdk.document import parser, tree
from krm_inference.domain import image_lock, kinds, remains

Render = Callable[..., ResourceList]
SLIPS = {
    "kind": ("kind: LLMService", "kind: LLMservice", "did you mean LLMService?"),
    "another kind": ("kind: LLMService", "kind: Model", 'unknown kind "Model" of inference.fn.kpt.dev; known are'),
    "group": ("inference.fn.kpt.dev/", "inferense.fn.kpt.dev/", "expected inference.fn.kpt.dev/v1alpha1"),
    "a dot": ("inference.fn.kpt.dev/", "inferencefn.kpt.dev/", "expected inference.fn.kpt.dev/v1alpha1"),
    "no version": ("inference.fn.kpt.dev/v1alpha1", "inference.fn.kpt.dev", "expected inference.fn.kpt.dev/v1alpha1"),
    "no group": ("inference.fn.kpt.dev/v1alpha1", "v1alpha1", "expected inference.fn.kpt.dev/v1alpha1"),
    "capitals": ("inference.fn.kpt.dev/", "Inference.fn.kpt.dev/", "expected inference.fn.kpt.dev/v1alpha1"),
    "both": (
        "inference.fn.kpt.dev/v1alpha1\nkind: LLMService",
        "inference.fn.ktp.dev/v1alpha1\nkind: LlmServise",
        "and kind LlmServise, expected LLMService",
    ),
}
OTHERS = [
    "apiVersion: fn.kpt.dev/v1alpha1\nkind: ApplyReplacements\nmetadata: {name: a}\n",
    "apiVersion: fn.kpt.dev/v1alpha1\nkind: SetLabels\nmetadata: {name: a}\n",
    "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: a}\n",
    "apiVersion: serving.example.com/v1\nkind: LLMService\nmetadata: {name: a}\n",
    "apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: InjectLora\nmetadata: {name: a}\n",
]


def _other(least: str) -> str:
    return least.replace("llama-3.1", "mistral").replace("spec:\n", "spec:\n  route: {pathPrefix: /mistral}\n")


def _texts(resources: ResourceList) -> list[str]:
    return [item.text for item in resources]


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
def test_a_slip_in_kind_or_group_is_an_error(slip: str, beside: bool, least: str, render: Render) -> None:
    """One message names the field and what was meant; nothing is deleted, whether or not another service is left."""
    good, bad, says = SLIPS[slip]
    texts = _texts(render(least, *([_other(least)] if beside else [])))
    texts[0] = texts[0].replace(good, bad)
    assert texts[0] != least
    resources = render(*texts)
    assert _texts(resources) == texts
    (result,) = resources.results
    assert (result.severity, result.reference["name"]) == (ERROR, "llama-3.1")
    assert result.field in ("kind", "apiVersion")
    assert says in result.message


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_of_others_is_none_of_ours(other: str) -> None:
    """Kinds of kpt's own functions, and services of other products, are no slips."""
    assert not list(kinds.misspelt([Resource(other)]))


def test_every_kind_of_our_group_is_known() -> None:
    """The kinds are those that the definitions of the functions name, and the one that all of them read."""
    folder = Path(kinds.__file__).parent.parent
    definitions = [
        tree.value(parser.parse(file.read_text(encoding="utf-8"))) for file in folder.glob("*/definition.yaml")
    ]
    named = {definition["spec"]["names"]["kind"] for definition in definitions}
    assert set(kinds.KINDS) == {*named, image_lock.KIND}


@pytest.mark.parametrize("left", [False, True], ids=["the only one", "one of two"])
def test_a_service_that_is_gone_without_a_word_is_an_error(left: bool, least: str, render: Render) -> None:
    """An emptied file deletes nothing; one error says how to put the service back, take it away, or rename it."""
    texts = _texts(render(least, *([_other(least)] if left else [])))[1:]
    resources = render(*texts)
    assert _texts(resources) == texts
    (result,) = resources.results
    assert result.severity == ERROR
    for part in ("LLMService llama-3.1 is gone", "spec.ensure: Absent", f"{remains.RENAMED_FROM}: llama-3.1"):
        assert part in result.message


def test_a_service_goes_when_it_is_said(least: str, render: Render) -> None:
    """With ensure: Absent all that was generated goes, and then nothing is missed once the intent is gone too."""
    texts = _texts(render(least, _other(least)))
    alone = {item.identity for item in render(_other(least))}
    absent = texts[0].replace("spec:\n", "spec:\n  ensure: Absent\n")
    resources = render(absent, *texts[1:])
    assert {result.severity for result in resources.results} == {INFO}
    assert {item.identity for item in resources if item.text != absent} == alone
    after = render(*(item.text for item in resources if item.text != absent))
    assert not after.results


def test_the_last_service_goes_when_it_is_said(least: str, render: Render) -> None:
    """Also the only one of a package."""
    texts = _texts(render(least))
    resources = render(texts[0].replace("spec:\n", "spec:\n  ensure: Absent\n"), *texts[1:])
    assert [item.kind for item in resources] == ["LLMService"]


def test_a_rename_keeps_what_users_added(least: str, render: Render) -> None:
    """Every object keeps its place and what no function owns, and is otherwise what the new name gives from nothing."""
    texts = _texts(render(least))
    edited = [
        text.replace("metadata:\n", "metadata:\n  finalizers: [mine.example.com/keep]\n", 1) for text in texts[1:]
    ]
    renamed = least.replace("name: llama-3.1\n", "name: llama-eu\n").replace(
        "annotations:\n", f"annotations:\n    {remains.RENAMED_FROM}: llama-3.1\n"
    )
    after = render(renamed, *edited)
    assert not after.results.failed
    fresh = render(renamed)
    assert [item.identity for item in after] == [item.identity for item in fresh]
    for was, item in zip(fresh, after, strict=True):
        if item.kind != "LLMService":
            assert item.get("metadata.finalizers") == ["mine.example.com/keep"]
            item.remove("metadata.finalizers")
        assert item.data == was.data
    assert not render(*_texts(fresh)).results, "the annotation may stay"


def test_a_rename_from_a_service_that_is_there_is_refused(least: str, render: Render) -> None:
    """A copy is no rename: both would be meant to have the same objects."""
    copy = _other(least).replace("annotations:\n", f"annotations:\n    {remains.RENAMED_FROM}: llama-3.1\n")
    (result,) = render(least, copy).results
    assert (result.severity, result.field) == (ERROR, f"metadata.annotations[{remains.RENAMED_FROM}]")


def test_everything_that_makes_is_known(fulls: list[str], render: Render) -> None:
    """The functions whose marks count are those that leave marks."""
    marks = {remains.maker(item)[0] for text in fulls for item in render(text)} - {""}
    assert marks == set(remains.MAKERS)
