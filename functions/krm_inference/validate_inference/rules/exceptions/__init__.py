"""Rules about the exceptions that annotations make.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/` and `findings.py`; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.exceptions import annotation

# fmt: off
TOPIC = Topic("Exceptions", "What the annotations of single objects say of rules.", (
    Rule("exception", WARNING, annotation.faults,
         "An annotation that makes an exception names a rule, a severity and a reason, and the rule finds something",
         "An exception without a reason, or one that outlives its cause, hides the next fault",
         "this function",
         'Write "off: why", or a severity and why; remove the annotation where nothing is left to except'),
))
# fmt: on
