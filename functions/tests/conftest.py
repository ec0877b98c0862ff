"""What the tests of the functions share: an intent that uses every part, and packages rendered from it."""

from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.facts.releases import RELEASES
from pipeline import FUNCTIONS, function

LEAST = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama-3.1
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  release: gaie-v1.0
  model:
    id: meta-llama/Llama-3.1-8B-Instruct
  accelerator:
    type: nvidia-l4
  gateway:
    name: inference-gateway
"""

FULL = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama-3.1
  namespace: llm
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  release: gaie-v1.0
  model:
    id: meta-llama/Llama-3.1-8B-Instruct
    servedName: llama
    maxModelLen: 65536
  replicas: 3
  accelerator:
    type: nvidia-h100-80gb
    count: 2
  server:
    extraArgs:
    - --gpu-memory-utilization=0.85
    env:
    - name: LOG_LEVEL
      value: info
    resources:
      limits:
        cpu: 16
        memory: 64Gi
        ephemeral-storage: 100Gi
  adapters:
  - name: food-review
    source: Kawon/llama3.1-food-finetune_v14_r8
    rank: 8
    priority: 10
    match:
      headers:
      - name: x-team
        values: [reviews]
  - name: cad-fabricator
    source: redcathode/fabricator
    ensure: Absent
  rewrites:
  - model: reviews
    targets:
    - model: food-review
      weight: 9
    - model: llama
      weight: 1
  objectives:
  - name: batch
    priority: -1
  picker:
    replicas: 2
    saturation:
      queueDepth: 8
      kvCacheUtilization: 0.9
    flowControl:
      maxRequests: 500
    tracing:
      endpoint: http://otel-collector:4317
    logLevel: 2
    priorityClassName: system-cluster-critical
  gateway:
    name: inference-gateway
    tls:
      secrets:
      - name: llm-tls
        namespace: certificates
      preSharedCerts: [llm]
      certManagerCerts: [llm]
  route:
    hostnames:
    - llm.example.com
    pathPrefix: /llama
    stripPrefix: true
    headers:
    - name: x-region
      values: [eu]
    setHeaders:
    - name: x-served-by
      value: llm
    objective: batch
  monitoring:
    dashboard: true
"""

Function = Callable[[ResourceList], None]
Render = Callable[..., ResourceList]


@pytest.fixture(scope="session")
def functions() -> dict[str, Function]:
    """The functions that change something, by folder, in the order of a pipeline."""
    return {name: function(name) for name in FUNCTIONS}


@pytest.fixture(scope="session")
def least() -> str:
    """An intent that says no more than it must."""
    return LEAST


@pytest.fixture(scope="session")
def fulls() -> list[str]:
    """For each release an intent that uses every part of it, so that every owned field is wanted by one of them."""
    return [_full(name) for name in RELEASES]


@pytest.fixture(scope="session")
def full(fulls: list[str]) -> str:
    """An intent that uses every part of the oldest release."""
    return fulls[0]


def _full(release: str) -> str:
    resource = Resource(FULL.replace("release: gaie-v1.0", f"release: {release}"))
    for field in RELEASES[release].lacks:
        if resource.get(field) is not None:
            resource.remove(field)
    return resource.text


@pytest.fixture(scope="session")
def render(functions: dict[str, Function]) -> Render:
    """Run all functions over documents and return the resources with the results of every function."""

    def run(*texts: str) -> ResourceList:
        resources = ResourceList([Resource(text, path=f"{index}.yaml") for index, text in enumerate(texts)])
        for each in functions.values():
            each(resources)
            if resources.results.failed:
                break
        return resources

    return run
