"""What was found to be right is looked at again as soon as it is another text, another file or another resource."""

import pytest
from krm_functions_sdk import ResourceList
from krm_inference.domain import consistency, intent, sound


@pytest.fixture
def resources(full: str) -> ResourceList:
    """One intent without a fault, which a function has read."""
    found = ResourceList.read(full)
    intent.read(found)
    assert not found.results
    return found


def intents(resources: ResourceList) -> bool:
    """Say whether the intents of the resources are known to have no fault."""
    return sound.are_known(list(resources))


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
    assert not sound.are_known([item.copy() for item in resources])
    assert not sound.are_known([*resources, *resources])
    assert not sound.are_known([])
    resources.items[0].place("other/file.yaml", 0)
    assert not intents(resources)
