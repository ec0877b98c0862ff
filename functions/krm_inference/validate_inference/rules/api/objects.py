"""Single objects: names, priorities and paths that the API server refuses or warns of."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import inference_pods
from krm_inference.validate_inference.findings import Finding

LOWEST, HIGHEST = -(2**31), 2**31 - 1


def priorities_out_of_range(index: Index) -> Iterator[Finding]:
    """Yield priorities in llm-d.ai that are no integers of 32 bits; the old group takes 64, and so did its picker."""
    for objective in index.of((groups.LLM_D, "InferenceObjective")):
        field = objective.at("spec.priority")
        if field.number is not None and not LOWEST <= field.number <= HIGHEST:
            yield Finding(field, f"found {field.value}, expected an integer from {LOWEST} to {HIGHEST}")


def paths_without_slash(index: Index) -> Iterator[Finding]:
    """Yield paths that do not start with a slash."""
    for route in index.of(groups.ROUTE):
        for rule in route.at("spec.rules"):
            for match in rule["matches"]:
                value = match.at("path.value")
                is_literal = match.at("path.type").text in ("", "PathPrefix", "Exact")
                if value.exists and is_literal and not value.text.startswith("/"):
                    yield Finding(
                        value, f'found "{value.value}", expected a path that starts with "/"', f"/{value.value}"
                    )


def dotted_names(index: Index) -> Iterator[Finding]:
    """Yield workloads with a dot in their name."""
    for owner in dict.fromkeys(pod.object for pod in inference_pods(index)):
        if "." in owner.name:
            yield Finding(
                owner.at("metadata.name"), "the names and host names of its Pods are made from it, dots included"
            )
