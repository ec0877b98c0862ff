"""How all tests run on several cores: which kinds there are, which stay together, and which begin.

What a test takes says its kind, so nobody marks one by hand: one that has the fixture `kpt` drives kpt, one that
hypothesis feeds is a search. The tables below name the others by the names of their functions; a test compares them
with the code.
"""

from __future__ import annotations

import pytest

# Searches without hypothesis: of each field or many places some change is tried.
SEARCHES = frozenset(
    (
        "test_a_harmful_change_is_found_at_its_field_and_a_harmless_one_is_not",
        "test_every_coupled_field_has_a_label_for_every_change",
        "test_the_checks_say_what_a_validator_says_with_the_crd",
        "test_the_coupled_fields_of_another_release_are_labelled_and_found",
        "test_values_of_any_shape_are_survived",
        "test_what_another_intent_adds_is_labelled_and_found",
        "test_what_we_say_of_any_changed_field_is_what_cel_says",
    )
)
# Fixtures that cost seconds, or a folder that tests change one after the other: who shares one runs in one process.
SHARED = ("clone", "installed", "trial", "trees", "written", "site", "build")
# Tests that share what a cache of their module holds.
TOGETHER = {
    "test_a_harmful_change_is_found_at_its_field_and_a_harmless_one_is_not": "mutants",
    "test_every_coupled_field_has_a_label_for_every_change": "mutants",
}
# What takes longest, which begins: else one process works at it when all others are done.
LONG = (
    "test_both_follow_every_change_of_the_intent",
    "test_values_of_any_shape_are_survived",
    "test_what_we_say_of_any_changed_field_is_what_cel_says",
    "test_both_ways_end_at_the_same_text_in_any_document",
    "test_the_coupled_fields_of_another_release_are_labelled_and_found",
    "test_a_stream_of_any_documents",
    "test_memory_grows_with_the_package_and_not_faster",
    "test_twice_the_services_take_twice_the_work",
    "test_the_checks_say_what_a_validator_says_with_the_crd",
)


@pytest.hookimpl(tryfirst=True)  # before markers select, and before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test its kind and its group, and let the longest begin."""
    in_groups = config.pluginmanager.hasplugin("xdist")
    for item in items:
        name = getattr(item, "originalname", item.name)
        fixtures = getattr(item, "fixturenames", ())
        if "kpt" in fixtures:
            item.add_marker("kpt")
        if name in SEARCHES or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("search")
        group = TOGETHER.get(name) or next((f"{item.path.stem}: {one}" for one in SHARED if one in fixtures), None)
        if group and in_groups:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: _rank(getattr(item, "originalname", item.name)))


def _rank(name: str) -> int:
    return LONG.index(name) if name in LONG else len(LONG)
