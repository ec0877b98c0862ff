"""Prefill and decode that a picker does not bring together: all are ready, and one server does all of the work."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts.disaggregation import PREFILL, ROLE_LABEL
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.roles import HANDLERS, SELECTED, Choice, choices, role, selects
from krm_inference.validate_inference.findings import Finding, listed

_DECIDER = "prefix-based-pd-decider"
_THRESHOLD = "nonCachedTokens"
_FIRST = "prefillfirst"


def prefill_servers_that_nobody_asks(index: Index) -> Iterator[Finding]:
    """Yield configurations by which no prefill server of the pool is ever asked."""
    for choice in choices(index):
        waiting = [pod for pod in choice.pods if role(pod) == PREFILL]
        if not waiting:
            continue
        handlers = choice.plugins(*HANDLERS)
        if not handlers:
            if _knows_handlers(choice):
                message = f"{waiting[0].object} waits for prompts, but no {HANDLERS[0]} sends any there"
                yield Finding(choice.config["plugins"], message)
            continue
        for handler in handlers:
            yield from _handler(choice, handler)


def _knows_handlers(choice: Choice) -> bool:
    """Say whether profiles are run by the picker's own handler, and not by one that we know nothing of."""
    known = {"single-profile-handler", "data-parallel-profile-handler"}
    others = [plugin for plugin in choice.config["plugins"] if plugin["type"].text.endswith("-profile-handler")]
    return all(plugin["type"].text in known for plugin in others)


def _handler(choice: Choice, handler: Field) -> Iterator[Finding]:
    parameters = handler["parameters"]
    names = (parameters["deciders"]["prefill"], parameters["prefillDeciderPluginName"], parameters["deciderPluginName"])
    said = next((name for name in names if name.exists), None)
    is_first = parameters["stageOrder"].text.lower().replace("-", "").replace("_", "").startswith(_FIRST[:7])
    if said is None and handler["type"].text == HANDLERS[0]:
        if not is_first:
            message = f"{handler['type'].text} has no deciders.prefill, and without one no prompt leaves its server"
            yield Finding(parameters["deciders"]["prefill"], message)
        return
    decider = _DECIDER if said is None else said.text
    for plugin in choice.plugins(_DECIDER):
        least = plugin["parameters"][_THRESHOLD]
        if (plugin["name"].text or _DECIDER) == decider and not least.number:
            found = "without" if not least.exists else f"with {least.value} as"
            yield Finding(least, f"{_DECIDER} {found} {_THRESHOLD} never lets a prompt leave its server")


def roles_that_no_filter_selects(index: Index) -> Iterator[Finding]:
    """Yield Pods whose part no filter selects, and filters that select no Pod."""
    for choice in choices(index):
        filters = [plugin for plugin in choice.plugins(*SELECTED) if _is_used(choice, plugin)]
        kinds = list(dict.fromkeys(plugin["type"].text for plugin in filters))
        if not kinds or choice.has_own_labels:
            continue
        lost = [pod for pod in choice.pods if not any(selects(kind, pod) for kind in kinds)]
        for pod in lost:
            known = listed(dict.fromkeys(value for kind in kinds for value in SELECTED[kind]), 8)
            message = f'found "{role(pod)}", which {listed(kinds)} of the picker do not select: {known}'
            yield Finding(pod.labels_field[ROLE_LABEL], message)
        for plugin in () if lost else filters:
            kind = plugin["type"].text
            if not any(selects(kind, pod) for pod in choice.pods):
                parts = listed(dict.fromkeys(str(role(pod)) for pod in choice.pods))
                message = f"{kind} selects none of the pool's servers, which say {ROLE_LABEL}: {parts}"
                yield Finding(plugin["type"], message)


def _is_used(choice: Choice, plugin: Field) -> bool:
    name = plugin["name"].text or plugin["type"].text
    profiles = choice.config["schedulingProfiles"]
    return any(item["pluginRef"].text == name for profile in profiles for item in profile["plugins"])
