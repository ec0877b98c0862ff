"""Rules about the fields, as Kubernetes and the CRDs declare them.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from functools import partial

from krm_functions_sdk import ERROR, INFO

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules.fields.contradictions import contradictions
from krm_inference.validate_inference.rules.fields.declared import faults, unknown_kinds

_CRDS = "CRDs of GAIE v1.0.0 to v1.6.0, llm-d-router v0.10.0, Gateway API v1.6.1, gke-gateway-api fc40d60, GMP"
_KUBERNETES = "Kubernetes 1.37, OpenAPI and validation of its own kinds"
_ABOUT = (
    "What Kubernetes allows in its own kinds, and the CRDs in inference, routing, policy and monitoring kinds; "
    "of several releases, the least strict."
)

# fmt: off
TOPIC = Topic("Fields", _ABOUT, (
    Rule("field-misspelt", ERROR, partial(faults, kind="misspelt"),
         "No field is a misspelling of a known one",
         "kubectl and Config Sync refuse it; from other clients the API server drops it silently",
         _CRDS,
         "Correct the name"),
    Rule("field-unknown", ERROR, partial(faults, kind="unknown"),
         "All fields are in the CRD of the kind",
         "kubectl, server-side apply and Config Sync get the object refused; from other clients the API server drops "
         "the field silently. Of fields that only another channel of the CRD has, nothing is said",
         f"{_CRDS}; Kubernetes: field validation Strict, which kubectl asks for, and the schema of server-side apply",
         "Remove it, or switch the rule off on this object if your cluster's CRD has the field"),
    Rule("item-duplicate", ERROR, partial(faults, kind="twice"),
         "No two items of a list have the same key, by which the API server merges the list",
         "Server-side apply, and so Config Sync, get the object refused; where another client gets it "
         "accepted, one of the two is lost",
         f"{_CRDS}; Kubernetes 1.37, OpenAPI: x-kubernetes-list-map-keys, and sets",
         "Remove one of them"),
    Rule("field-refused", ERROR, partial(faults, kind="refused"),
         "Fields of Kubernetes' own kinds are known to it, have values that it takes, and go together",
         "The API server refuses the object",
         _KUBERNETES,
         "Remove the field, or write what it takes"),
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
    Rule("schema-unknown", INFO, unknown_kinds,
         "The kind of an object has a schema that this function knows",
         "Fields of others are not checked: a slip is found by the cluster, or by nobody",
         _CRDS,
         "Check them with the CRD of your cluster: kubectl apply --dry-run=server",
         needs_all=True),
))
# fmt: on
