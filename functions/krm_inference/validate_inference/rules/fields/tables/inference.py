# Written by `make tables`: change functions/crd_tables.py, not this file.
"""Fields of pools and of what refers to them.

From the CRDs of

- kubernetes-sigs/gateway-api-inference-extension v1.0.0 (ffea263)
- kubernetes-sigs/gateway-api-inference-extension v1.5.0 (df9f890)
- kubernetes-sigs/gateway-api-inference-extension v1.6.0 (992e5c2)
- llm-d/llm-d-router v0.10.0 (71f4f09)
"""

from __future__ import annotations

TABLES = {
    ("inference.networking.k8s.io/v1", "InferencePool"): """
spec! object
spec.endpointPickerRef object
spec.endpointPickerRef.failureMode enum FailOpen|FailClose
spec.endpointPickerRef.group text ..253 group
spec.endpointPickerRef.kind text 1..63 kind
spec.endpointPickerRef.name! text 1..253
spec.endpointPickerRef.port object
spec.endpointPickerRef.port.number! int 1..65535
spec.selector! object
spec.selector.matchLabels! map
spec.selector.matchLabels{} text ..63
spec.targetPorts! list 1..8
spec.targetPorts[] object
spec.targetPorts[].number! int 1..65535
spec.appProtocol enum http|kubernetes.io/h2c
""",
    ("inference.networking.x-k8s.io/v1alpha2", "InferenceObjective"): """
spec object
spec.poolRef! object
spec.poolRef.group text ..253 group
spec.poolRef.kind text 1..63 kind
spec.poolRef.name! text 1..253
spec.priority int
""",
    ("inference.networking.x-k8s.io/v1alpha2", "InferenceModelRewrite"): """
spec object
spec.poolRef! object
spec.poolRef.group text ..253 group
spec.poolRef.kind text 1..63 kind
spec.poolRef.name! text 1..253
spec.rules! list
spec.rules[] object
spec.rules[].matches list
spec.rules[].matches[] object
spec.rules[].matches[].model! object
spec.rules[].matches[].model.type enum Exact
spec.rules[].matches[].model.value! text 1..
spec.rules[].targets list 1..
spec.rules[].targets[] object
spec.rules[].targets[].modelRewrite! text
spec.rules[].targets[].weight int 1..1000000
""",
    ("llm-d.ai/v1alpha2", "InferenceObjective"): """
spec object
spec.poolRef! object
spec.poolRef.group text ..253 group
spec.poolRef.kind text 1..63 kind
spec.poolRef.name! text 1..253
spec.priority int
""",
    ("llm-d.ai/v1alpha2", "InferenceModelRewrite"): """
spec object
spec.poolRef! object
spec.poolRef.group text ..253 group
spec.poolRef.kind text 1..63 kind
spec.poolRef.name! text 1..253
spec.rules! list
spec.rules[] object
spec.rules[].matches list
spec.rules[].matches[] object
spec.rules[].matches[].model! object
spec.rules[].matches[].model.type enum Exact
spec.rules[].matches[].model.value! text 1..
spec.rules[].targets list 1..
spec.rules[].targets[] object
spec.rules[].targets[].modelRewrite! text
spec.rules[].targets[].weight int 1..1000000
""",
}
