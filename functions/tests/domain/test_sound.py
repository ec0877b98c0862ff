"""What was found to be right is looked at again as soon as it is another text, another file or another resource."""

from copy import deepcopy

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.function import registry
from krm_functions_sdk.function.call import invoke
from krm_inference.domain import consistency, intent, pipeline
from krm_inference.domain.sound import Sound


@pytest.fixture
def resources(full: str) -> ResourceList:
    """One intent without a fault, which a function has read."""
    found = ResourceList.read(full)
    intent.read(found)
    assert not found.results
    return found


def intents(resources: ResourceList) -> bool:
    """Say whether the intents of the resources are known to have no fault."""
    return intent.SOUND.recall(list(resources)) is not None


def test_the_next_function_need_not_look(resources: ResourceList, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same resources are known, and the services that come out are those of the first look."""
    before = intent.read(resources)
    assert intents(resources)
    monkeypatch.setattr(consistency, "check", lambda *_: pytest.fail("looked again"))
    after = intent.read(resources)
    assert [service.spec for service in after] == [service.spec for service in before] != []


def test_an_edit_between_two_functions_is_looked_at(resources: ResourceList) -> None:
    """A fault that a function of somebody else brings into an intent is told by the next one."""
    resources.items[0].set("spec.replicas", "three")
    assert not intents(resources)
    assert intent.read(resources) == []
    assert "spec.replicas" in str(resources.results[0])
    assert not intents(resources)  # what has a fault is not remembered


def test_a_copy_and_one_more_are_not_known(resources: ResourceList) -> None:
    """The same text is another intent: a render that begins anew knows nothing, whatever its tables say by then."""
    recall = intent.SOUND.recall
    assert recall([item.copy() for item in resources]) is None
    assert recall([*resources, *resources]) is None
    assert recall([]) is None
    resources.items[0].place("other/file.yaml", 0)
    assert not intents(resources)


def test_no_function_changes_what_is_remembered(resources: ResourceList) -> None:
    """All functions get the same values, so each leaves them as they are."""
    intents_of = list(resources)

    def said() -> list[object]:
        known = intent.SOUND.recall(intents_of)
        assert known is not None
        return [(facts["spec"], facts.get("routes"), facts.get("redirect")) for facts in known]

    before = deepcopy(said())
    for function in registry.installed().values():
        invoke(registry.load(function), resources)
        assert said() == before


def test_not_more_than_two_looks_are_kept() -> None:
    """A fleet of many packages takes no more memory than two of them."""
    sound = Sound()
    looks = [[Resource("a: 1\n")] for _ in range(5)]
    for number, look in enumerate(looks):
        sound.remember(look, [number])
    assert [sound.recall(look) for look in looks] == [None, None, None, [3], [4]]


def test_an_order_of_functions_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Kptfile is asked again only where it has a fault, or was edited."""
    steps = "".join(f"  - image: {name}\n" for name in ("generate-model-server", "inject-lora"))
    kptfile = Resource(f"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: x\npipeline:\n  mutators:\n{steps}")
    kptfile.place("Kptfile", 0)
    found = ResourceList([kptfile])
    assert list(pipeline.faults(found)) == []
    with monkeypatch.context() as patch:
        patch.setattr(Resource, "get", lambda *_: pytest.fail("looked again"))
        assert list(pipeline.faults(found)) == []
    kptfile.set("pipeline.mutators[0].image", "inject-accelerator")
    kptfile.set("pipeline.mutators[1].image", "generate-model-server")
    assert len(list(pipeline.faults(found))) == len(list(pipeline.faults(found))) == 1
