"""Every set, applied as Config Sync does it, is taken without a word, changes nothing twice, and reads back whole."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
import yaml

from tests.judge.client import Answer, Object
from tests.judge.cluster import Cluster
from tests.judge.components import HERE
from tests.judge.conftest import Clusters
from tests.judge.sets import Set, Unrendered, leaves, namespaces, rendered, sets
from tests.judge.syncer import in_order, name

pytestmark = pytest.mark.judge

ACCEPTED = yaml.safe_load((HERE / "accepted.yaml").read_text(encoding="utf-8"))


class Trial(NamedTuple):
    """What came of a set: each object as it was sent, what was said, what two further times said, and what was read."""

    sent: list[Object]
    first: list[Answer]
    second: list[Answer]
    third: list[Answer]
    read: list[Answer]


_TRIALS: dict[Set, Trial] = {}


def tried(one: Set, clusters: Clusters) -> Trial:
    """Apply a set twice, read it back and delete it again; each set once in a session."""
    if one not in _TRIALS:
        cluster = clusters(one.release)
        sent = in_order(rendered(one))
        for space in namespaces(sent):
            cluster.namespace(space)
        client = cluster.admin
        first = [client.apply(each) for each in sent]
        second, third = ([client.apply(each) for each in sent] for _ in range(2))
        there = [each for each, answer in zip(sent, first, strict=True) if answer.taken]
        _TRIALS[one] = Trial(sent, first, second, third, [client.get(each) for each in there])
        for each in reversed(there):
            client.delete(each)
    return _TRIALS[one]


# Kinds whose CRD defaults the status: a status is stored with the second write only, the server's own and nobody's.
WITH_DEFAULT_STATUS = ("Gateway",)


def accepted(one: Object, warning: str) -> bool:
    return any(row["kind"] == one["kind"] and re.fullmatch(row["warning"], warning) for row in ACCEPTED)


def assert_taken(cluster: Cluster, sent: list[Object]) -> None:
    """Apply objects twice, read and delete them: none is refused, nothing is warned of, each reads back as written."""
    answers = [cluster.admin.apply(one) for one in sent]
    again = [cluster.admin.apply(one) for one in sent]
    read = [cluster.admin.get(one) for one in sent]
    for one in reversed(sent):
        cluster.admin.delete(one)
    pairs = list(zip(sent, answers, strict=True))
    assert [
        f"{name(one)}: {answer.message}" for one, answer in (*pairs, *zip(sent, again, strict=True)) if not answer.taken
    ] == []
    assert [
        f"{name(one)}: {text}" for one, answer in pairs for text in answer.warnings if not accepted(one, text)
    ] == []
    assert [each for pair in zip(sent, read, strict=True) for each in differences(*pair)] == []


each_set = pytest.mark.parametrize("one", sets(), ids=str)


@each_set
def test_a_set_is_taken_without_an_error(one: Set, clusters: Clusters) -> None:
    trial = tried(one, clusters)
    pairs = zip(trial.sent, trial.first, strict=True)
    assert [f"{name(sent)}: {answer.message}" for sent, answer in pairs if not answer.taken] == []


@each_set
def test_a_set_is_taken_without_a_warning_but_the_accepted_ones(one: Set, clusters: Clusters) -> None:
    trial = tried(one, clusters)
    said = [(sent, text) for sent, answer in zip(trial.sent, trial.first, strict=True) for text in answer.warnings]
    assert [f"{name(sent)}: {text}" for sent, text in said if not accepted(sent, text)] == []


@each_set
def test_a_set_that_is_applied_twice_changes_nothing(one: Set, clusters: Clusters) -> None:
    trial = tried(one, clusters)
    changed = []
    for sent, *answers in zip(trial.sent, trial.first, trial.second, trial.third, strict=True):
        versions = [answer.body.get("metadata", {}).get("resourceVersion") for answer in answers]
        if len(set(versions[1:] if sent["kind"] in WITH_DEFAULT_STATUS else versions)) > 1:
            changed.append((name(sent), versions))
    assert changed == []


@each_set
def test_every_field_of_a_set_reads_back_as_it_was_written(one: Set, clusters: Clusters) -> None:
    """A field that the server stores otherwise is a difference for ever, to whoever compares."""
    trial = tried(one, clusters)
    sent = [each for each, answer in zip(trial.sent, trial.first, strict=True) if answer.taken]
    assert [each for pair in zip(sent, trial.read, strict=True) for each in differences(*pair)] == []


def differences(sent: Object, answer: Answer) -> list[str]:
    """Return each field that was sent and is stored otherwise."""
    stored = dict(leaves(answer.body))
    return [
        f"{name(sent)} {path}: sent {value!r}, stored {stored.get(path)!r}"
        for path, value in leaves(sent)
        if path not in stored or stored[path] != value or type(stored[path]) is not type(value)
    ]


def test_every_accepted_warning_is_met(clusters: Clusters) -> None:
    met = set()
    for one in sets():
        try:
            trial = tried(one, clusters)
        except Unrendered:
            continue
        for sent, answer in zip(trial.sent, trial.first, strict=True):
            for index, row in enumerate(ACCEPTED):
                if row["kind"] == sent["kind"] and any(re.fullmatch(row["warning"], text) for text in answer.warnings):
                    met.add(index)
    assert [row["warning"] for index, row in enumerate(ACCEPTED) if index not in met] == []
