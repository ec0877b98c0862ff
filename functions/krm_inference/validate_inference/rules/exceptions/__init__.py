"""Rules about the exceptions that annotations make.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/` and `findings.py`; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.exceptions import annotation

# fmt: off
TOPIC = Topic("Exceptions", "Annotations that change the severity of a rule on one object.", (
    Rule("exception", WARNING, annotation.faults,
         "An exception names a rule, a severity and a reason, and the rule finds something on the object",
         "An exception without a reason, or one that is no longer needed, hides the next fault",
         "this function",
         'Write "off: <reason>" or "<severity>: <reason>", or remove the annotation if it is not needed'),
))
# fmt: on
