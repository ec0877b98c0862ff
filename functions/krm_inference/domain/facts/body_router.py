"""The process that reads the model in a request's body and tells the Gateway by a header, before a route is chosen.

It belongs to no release of a picker: it knows none, and its last release under this name serves with each.
"""

from __future__ import annotations

# kubernetes-sigs/gateway-api-inference-extension v1.5.0, config/charts/body-based-routing and pkg/bbr; GKE's page on
# body-based routing names the header too. It went on as llm-d/llm-d-inference-payload-processor (README of v1.6.0).
IMAGE = "registry.k8s.io/gateway-api-inference-extension/bbr:v1.5.0"
PORT, HEALTH_PORT = 9004, 9005
MODEL_HEADER = "X-Gateway-Model-Name"
# The plugin that maps adapters to base models is left out: it reads ConfigMaps, and routes name each model by itself.
ARGS = (
    "--streaming",
    f'--plugin=body-field-to-header:model-extractor:{{"fieldName":"model","headerName":"{MODEL_HEADER}"}}',
    "--tracing=false",
    "--zap-encoder=json",
)
