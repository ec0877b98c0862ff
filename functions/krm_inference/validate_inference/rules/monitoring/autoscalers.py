"""Metrics by which autoscalers scale, and which neither the server nor the picker shows."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.spelling import nearest
from krm_inference.manifests.autoscalers import asked
from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import pickers
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.servers import servers_of
from krm_inference.validate_inference.findings import Finding

# Names as servers and pickers show them: behind another prefix, or with a further colon, they are made by a recording
# rule or a relabeling.
_SERVER = pattern(r"(?<![\w:])vllm:[a-z0-9_]+(?![\w:])")
_PICKER = pattern(r"(?<![\w:])inference_(?:extension|model|objective|pool)_[a-z0-9_]+(?![\w:])")
_PARTS = pattern(r"_(?:bucket|sum|count|total)\Z")
_ALTERNATIVE = pattern(r"\bor\b")
_NEAR = 0.9


def on_absent_metrics(index: Index) -> Iterator[Finding]:
    """Yield metrics of autoscalers which the version that is scaled does not show."""
    for field, scaled in asked(index):
        if _ALTERNATIVE.search(field.text):
            continue  # a query for several versions
        for name in dict.fromkeys(_SERVER.findall(field.text)):
            if message := _of_servers(index, scaled, name):
                yield Finding(field, message)
        for name in dict.fromkeys(_PICKER.findall(field.text)):
            if message := _of_pickers(index, name):
                yield Finding(field, message)


def _of_servers(index: Index, scaled: list[Pod], name: str) -> str:
    """Return what is wrong with a metric of vLLM, "" where the server may have it."""
    found = [server for pod in scaled for server in servers_of(index, pod)]
    minors = [server.minor or vllm.newest(server.container.image) for server in found]
    base = _PARTS.sub("", name)
    span = vllm.metric_span(name) or vllm.metric_span(base)
    if not found or None in minors:
        return ""
    lacking = [minor for minor in minors if minor is not None and not (span and span.first <= minor <= span.last)]
    if len(lacking) < len(minors):
        return ""
    image = found[0].container.image
    if span is None:
        near = nearest(base, vllm.metrics(), _NEAR)
        return f"{image} shows no {name}" + (f"; did you mean {near}?" if near else "")
    if lacking[0] > span.last:
        return f"{image} shows no {name}: 0.{span.last} was the last version that does"
    return f"{image} shows no {name}: 0.{span.first} is the first version that does"


def _of_pickers(index: Index, name: str) -> str:
    """Return what is wrong with a metric of a picker, "" where one of these manifests may show it."""
    behind = pickers(index)
    shown = {base for picker in behind if picker.release for base in _names_of(picker.release.picker_image)}
    if not behind or not all(picker.release for picker in behind) or {name, _PARTS.sub("", name)} & shown:
        return ""
    near = nearest(name, sorted(shown), _NEAR)
    return f"{behind[0].container.image} shows no {name}" + (f"; did you mean {near}?" if near else "")


def _names_of(image: str) -> Iterator[str]:
    from krm_inference.domain.facts.releases import picker_lines
    from krm_inference.domain.facts.releases.picker_tables import METRICS  # its tables are large, and seldom needed

    for release, of in RELEASES.items():
        if of.picker_image == image:
            for name in picker_lines.said(METRICS, release):
                yield from (name, _PARTS.sub("", name))
