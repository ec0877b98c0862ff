"""How all tests run on several cores: which kinds there are, which stay together, and which begin.

What a test takes says its kind, so nobody marks one by hand: one that has the fixture `kpt`, or stands in a file that
drives kubectl, is of kind kpt, one with the fixture `clone` works in a copy of the repository, and one that hypothesis
feeds is a search. The tables below name the others by the names of their functions; a test compares them
with the code.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

# What tests read is read by libyaml: the loader in Python took most of their time. Both read the same.
yaml.SafeLoader = yaml.CSafeLoader  # type: ignore[misc,assignment]  # this is what yaml.safe_load takes

# Tests start thousands of processes. Where bytecode is not written, each would compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No test is answered from what another, or a user, had rendered before; those about it say so.
os.environ["KRMFN_CACHE"] = "off"

# No folder of a test outlives a power cut: to wait for the disk was a seventh of what tests of renders took. Processes
# that tests start, and kill, wait for it.
os.fsync = lambda fd: None  # noqa: ARG005

# Twelve thousand tests are objects that live to the end: while they are found nothing is garbage, and later nobody need
# look through them again and again.
gc.disable()


def goes_far(environment: Mapping[str, str]) -> bool:
    """Say whether searches try all that they can: in CI, and by `SEARCH=far make test`. Else they try a part of it."""
    return environment.get("CI") == "true" or environment.get("SEARCH") == "far"


FAR = goes_far(os.environ)
os.environ["SEARCH"] = "far" if FAR else "near"

# Files most of whose tests build with kubectl, and single tests of other files.
KUBECTL = frozenset(
    (
        "test_a_merge_is_that_of_kustomize",
        "test_build.py",
        "test_diff.py",
        "test_environments.py",
        "test_gcloud.py",
        "test_hydrate.py",
        "test_killed_hydration.py",
        "test_kustomize.py",
        "test_kustomize_functions.py",
        "test_kustomize_plugin.py",
        "test_overlay_fields.py",
        "test_overlays.py",
        "test_packages.py",
        "test_promote.py",
        "test_what_kustomize_makes_of_our_package_has_no_finding_above_info",
    )
)
# Files whose tests build from a copy of the repository.
COPIES = frozenset(("test_dist.py", "test_release.py"))
# Searches without hypothesis: changes and losses of each field and object, intents that manifests lead back to, moves
# between any two releases and classes, all choices of a command, orders of functions, kills at each moment, the work
# and the memory of many sizes, each command at terminals of several widths, and all that a render is remembered by.
SEARCHES = frozenset(
    (
        "test_a_change_gives_the_text_of_a_render_from_nothing",
        "test_a_change_of_anything_that_a_render_could_read_runs_the_functions",
        "test_a_change_of_class_leaves_no_orphan",
        "test_a_change_of_the_intent_changes_what_follows_from_it",
        "test_a_change_says_what_it_does_to_what_runs",
        "test_a_changed_value_is_set_right",
        "test_a_command_that_only_reads_finishes_a_render_that_was_killed_first",
        "test_a_deleted_document_comes_back",
        "test_a_dropped_value_comes_back",
        "test_a_fault_of_the_cache_is_no_fault_of_a_render",
        "test_a_field_in_the_table_is_one_that_changes_the_value",
        "test_a_field_of_the_intent_comes_back",
        "test_a_field_of_the_intent_may_hold_anything",
        "test_a_field_of_the_manifests_may_hold_anything",
        "test_a_field_that_cannot_be_told_is_one",
        "test_a_field_that_changes_gives_the_text_of_a_render_from_nothing",
        "test_a_harmful_change_is_found_at_its_field_and_a_harmless_one_is_not",
        "test_a_hydration_that_is_killed_at_any_moment",
        "test_a_move_gives_the_text_of_a_render_from_nothing",
        "test_a_move_leaves_no_orphan",
        "test_a_package_is_remembered_and_says_what_its_functions_say",
        "test_a_render_that_is_killed_at_any_moment",
        "test_a_report_fits_its_terminal_and_keeps_its_words",
        "test_a_value_follows_from_what_the_function_reads",
        "test_a_write_that_is_killed_before_any_of_its_calls",
        "test_an_order_that_cannot_work_is_refused_and_any_other_gives_the_same",
        "test_each_platform_leads_back",
        "test_each_release_and_gateway_leads_back",
        "test_every_coupled_field_has_a_label_for_every_change",
        "test_every_field_that_changes_something_is_in_the_table",
        "test_every_platform_and_release_can_be_chosen",
        "test_groups_find_what_single_experiments_find",
        "test_memory_grows_with_the_package_and_not_faster",
        "test_no_field_of_the_intent_can_go",
        "test_nothing_is_found_because_an_object_is_missing",
        "test_settling_that_is_killed_is_settled_again",
        "test_the_checks_say_what_a_validator_says_with_the_crd",
        "test_the_coupled_fields_of_another_release_are_labelled_and_found",
        "test_there_and_back",
        "test_twice_the_services_take_twice_the_work",
        "test_values_of_any_shape_are_survived",
        "test_what_a_command_prints_fits_the_terminal",
        "test_what_a_program_reads_is_the_same_at_a_terminal",
        "test_what_another_intent_adds_is_labelled_and_found",
        "test_what_is_left_out_changes_no_answer",
        "test_what_the_key_does_not_cover_is_not_remembered",
        "test_what_is_proposed_for_a_known_model_fits",
        "test_what_our_packages_render_leads_back_to_their_intents",
        "test_what_we_say_of_any_changed_field_is_what_cel_says",
        "test_whoever_wants_no_colour_gets_no_escape",
    )
)
# Files whose tests share something expensive, such as an install or what kpt wrote once: each runs in one process.
FILES = frozenset(("test_explain.py", "test_fidelity.py", "test_kustomize.py", "test_new.py", "test_packages.py"))
# Tests that share a folder in which they work one after the other, or what a cache of their module holds.
TOGETHER = {
    "test_a_command_of_the_documentation_runs": "clone",
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


@pytest.hookimpl(tryfirst=True)  # before markers select
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its kind, and let the longest begin."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "kpt" in fixtures or {item.path.name, _name(item)} & KUBECTL:
            item.add_marker("kpt")
        if "clone" in fixtures or item.path.name in COPIES:
            item.add_marker("copy")
        if _name(item) in SEARCHES or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("search")
    items.sort(key=lambda item: LONG.index(_name(item)) if _name(item) in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """Let garbage be collected again, but not from what was found."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def far() -> bool:
    """Whether searches try all that they can."""
    return FAR


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Let a process of xdist send of a test what is shown of it: six messages took longer than most tests.

    Whoever wants to see more than dots gets all.
    """
    option: Any = getattr(getattr(plugin, "config", None), "option", None)
    if type(plugin).__name__ != "WorkerInteractor" or option.verbose > 0 or option.durations or option.xmlpath:
        return
    send = plugin.sendevent  # type: ignore[attr-defined]  # its class is known to xdist alone

    def send_what_is_shown(event: str, **content: Any) -> None:
        if event != "logstart" and not (event == "testreport" and "when" not in content["data"]):
            send(event, **content)

    plugin.sendevent = send_what_is_shown  # type: ignore[attr-defined]  # for the same reason
    manager.register(_Brief())


class _Brief:
    """Reports of what passed before and after a test's own call have no content."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_to_serializable(self, report: object) -> dict[str, Any] | None:
        return {} if isinstance(report, pytest.TestReport) and report.passed and report.when != "call" else None


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let processes take what belongs together at once, one after the other."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist says no types

    class Together(LoadScopeScheduling):  # type: ignore[misc]  # for the same reason
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

        def add_node_collection(self, node: Any, collection: Any) -> None:
            super().add_node_collection(node, collection)
            if node in self.registered_collections:
                self.registered_collections[node] = _Numbered(collection)

        def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
            super().mark_test_complete(node, item_index, duration)
            done, work = unit_of(self.registered_collections[node][item_index]), self.assigned_work[node]
            if all(work[done].values()):
                del work[done]  # each report counts what is here: all that was ever done took seconds of it

    return Together(config, log)


class _Numbered(list[str]):
    """The names of all tests, each of which is asked for its number once."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(names)
        self._numbers = {name: number for number, name in enumerate(names)}

    def index(self, name: str, *_: Any) -> int:
        return self._numbers[name]


def unit_of(nodeid: str) -> str:
    """Return the name of what a test runs together with: a group, its file, its function's cases; a search, none."""
    file, _, case = nodeid.partition("::")
    name = case.partition("[")[0]
    if file.rpartition("/")[2] in FILES:
        return file
    return TOGETHER.get(name) or (nodeid if name in SEARCHES else f"{file}::{name}")
