"""Where a real API server refuses a slip of the hand, `validate-inference` has an error too; the share is measured."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.validate_inference import validate_inference

from tests.judge.client import Client, Object
from tests.judge.components import CACHE
from tests.judge.conftest import Clusters
from tests.judge.figures import say
from tests.judge.mutations import Mutation, mutations
from tests.judge.sets import FILES, Set, namespaces, packages, rendered
from tests.judge.syncer import name

pytestmark = pytest.mark.judge

# Faults drawn from each package in each release.
DRAWN = 250
# Of 100 faults that the server refuses, so many have an error of ours. It only goes up. Of what is rendered otherwise
# others are drawn, and the figure moves without a rule less.
FLOOR = 99


class Tried(NamedTuple):
    """One fault with what the server said, and whether we had an error."""

    one: Set
    on: str
    mutation: Mutation
    message: str
    found: bool


def refused(client: Client, mutant: Object) -> str:
    """Return why the server refuses an object, "" where it takes it; nothing is stored."""
    if not isinstance(mutant.get("kind"), str) or not isinstance(mutant.get("apiVersion"), str):
        return "no kind or apiVersion"
    if not isinstance(mutant.get("metadata"), dict):
        return "no metadata"
    return client.apply(mutant, dry_run=True).message


def errors(objects: list[Object]) -> list[str]:
    """Return the errors that validate-inference has."""
    resources = ResourceList([Resource(emitter.document(each), path=f"{at}.yaml") for at, each in enumerate(objects)])
    validate_inference(resources)
    return [each.message for each in resources.results if each.severity == "error"]


def trial(one: Set, client: Client) -> list[Tried]:
    objects = rendered(one)
    assert errors(objects) == []
    found = []
    for mutation in mutations(objects, DRAWN):
        message = refused(client, mutation.mutant)
        if message:
            changed = [*objects[: mutation.at], mutation.mutant, *objects[mutation.at + 1 :]]
            found.append(Tried(one, name(objects[mutation.at]), mutation, message, bool(errors(changed))))
    return found


def test_what_the_server_refuses_has_an_error_of_ours(clusters: Clusters) -> None:
    tried = []
    for release in RELEASES:
        cluster = clusters(release)
        for package in packages():
            one = Set(package, release, FILES)
            for space in namespaces(rendered(one)):
                cluster.namespace(space)
            tried += trial(one, cluster.admin)
    caught = sum(each.found for each in tried)
    report(tried, CACHE / "missed-mutations.txt")
    drawn = DRAWN * len(RELEASES) * len(packages())
    say(f"of {drawn:,} single-field faults the server refused {len(tried):,}; we had an error for {caught:,} of these")
    assert len(tried) >= 1000
    assert 100 * caught >= FLOOR * len(tried)


def report(tried: list[Tried], file: Path) -> None:
    """Write what we missed, the most frequent fields first."""
    missed = [each for each in tried if not each.found]
    fields = Counter(f"{each.on.partition('/')[0]} {each.mutation.field}: {each.mutation.fault}" for each in missed)
    texts = {
        f"{each.on.partition('/')[0]} {each.mutation.field}: {each.mutation.fault}": each.message for each in missed
    }
    lines = [f"{number} × {field}: {texts[field][:300]}" for field, number in fields.most_common()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
