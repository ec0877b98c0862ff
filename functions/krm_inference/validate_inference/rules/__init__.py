"""The rules: what must hold of a set of manifests, why, who says so, and what to do where it does not.

One table for each topic, in the order in which the documentation shows them. A rule is an error only where what it
finds cannot work or is refused; a new rule is a row of the table of its topic.

Holds the topics, a folder each, and the checks that several topics share. May import: the SDK, the domain,
`manifests/` and `findings.py`.
"""

from __future__ import annotations

from krm_inference.validate_inference.findings import Topic
from krm_inference.validate_inference.rules import (
    api,
    draining,
    exceptions,
    fields,
    hardware,
    monitoring,
    pickers,
    references,
    routing,
    security,
    servers,
    vllm,
)

# Fields come after the rules that say more of the same place. Exceptions come last: which of them are needed is known
# when all other rules have been checked.
TOPICS: tuple[Topic, ...] = (
    api.TOPIC,
    references.TOPIC,
    servers.TOPIC,
    vllm.TOPIC,
    hardware.TOPIC,
    pickers.TOPIC,
    routing.TOPIC,
    monitoring.TOPIC,
    draining.TOPIC,
    security.TOPIC,
    fields.TOPIC,
    exceptions.TOPIC,
)
RULES = tuple(rule for topic in TOPICS for rule in topic.rules)
