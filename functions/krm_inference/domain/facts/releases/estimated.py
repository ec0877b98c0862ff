"""What the tables say of a release without having read it at its tag: each part of its facts, and what it rests on.

A part that is not here was read at the tag that `source` names.
"""

from __future__ import annotations

# The tag v0.11.0 is a5cbe600 of 2026-09-19. ebab6879 is of 2026-08-22; 17a368a5 came after the tag, since its values
# already speak of llm-d.ai/v1. Somebody wrote manifests by hand from the chart's templates at the tag, of 2026-09-19 or
# later, and lists what they have otherwise than the chart: its requests, how it fails, its preStop, its annotations.
_BEFORE = "llm-d/llm-d-router ebab6879, four weeks before the tag"
_BOTH = f"{_BEFORE}, and the same in config/charts/routerlib/values.yaml of 17a368a5, after it"
_CONFIRMED = f"{_BOTH}; manifests written by hand from the chart at the tag say the same"
# By the path of the part in docs/facts.
ESTIMATED: dict[str, dict[str, str]] = {
    "llm-d-router-v0.11": {
        "chart": f"{_BEFORE}; 2374 changed monitoring.provider.name since, and the picker got a preStop of 5 s and the "
        "annotation checksum/config",
        "definitions": "who read apix/v1alpha2 at the tag found v0.10's; the definitions were not at hand",
        "fields": f"{_BEFORE}",
        "picker.allFlags": _BEFORE,
        "picker.configuration.fields": f"{_BEFORE}, without what 2838 took out and with what 2649 brought",
        "picker.configuration.parameters": _BEFORE,
        "picker.configuration.plugins": "cmd/epp/runner/runner.go before and after the tag; 2815, 2844, 2865 and 2869",
        "picker.metrics": _BEFORE,
        "picker.readiness": _BEFORE,
        "picker.resources": _CONFIRMED,
        "picker.rights": _BEFORE,
        "picker.serviceProtocol": _BEFORE,
        "picker.strategy": _BOTH,
        "pool.failureMode": _CONFIRMED,
        "pool.healthCheck": _BEFORE,
    },
}
