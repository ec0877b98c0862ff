"""Rules about the fields of custom resources, as their CRDs declare them.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from functools import partial

from krm_functions_sdk import ERROR, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.fields.contradictions import contradictions
from krm_inference.validate_inference.rules.fields.declared import faults

_CRDS = "CRDs of GAIE v1.0.0 to v1.6.0, llm-d-router v0.10.0, Gateway API v1.6.1, gke-gateway-api fc40d60, GMP"
_ABOUT = (
    "What the CRDs of inference, routing, policy and monitoring kinds allow; of several releases, the least strict."
)

# fmt: off
TOPIC = Topic("Fields", _ABOUT, (
    Rule("field-misspelt", ERROR, partial(faults, kind="misspelt"),
         "No field is a misspelling of a known one",
         "kubectl and Config Sync refuse it; from other clients the API server drops it silently",
         _CRDS,
         "Correct the name"),
    Rule("field-unknown", WARNING, partial(faults, kind="unknown"),
         "All fields are in the CRD of the kind",
         "A cluster with the published CRD refuses the field or drops it; a newer CRD may have it",
         _CRDS,
         "Remove it, or switch the rule off on this object if your cluster's CRD has the field"),
    Rule("field-missing", ERROR, partial(faults, kind="missing"),
         "Required fields are set",
         "The API server refuses the object",
         _CRDS,
         "Add the field"),
    Rule("field-value", ERROR, partial(faults, kind="value"),
         "Values have the type, bounds, enum and format of their field",
         "The API server refuses the object",
         _CRDS,
         "Write a value that the field accepts"),
    Rule("field-rule", ERROR, contradictions,
         "Fields satisfy the CEL rules of their CRD",
         "The API server refuses the object",
         _CRDS,
         "Change one of the fields"),
))
# fmt: on
