"""The files of a new package: from templates, the choice, and what was rendered."""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk.document import emitter

from krm_inference.commands import package_files
from krm_inference.commands.init.choice import Choice, intent
from krm_inference.commands.package_files import INTENT, README, TEMPLATES
from krm_inference.domain.facts import merging
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.definitions import GKE_BRINGS_POOLS, wanted

__all__ = ["HOLDS", "INTENT", "README", "SMOKE_TEST", "TEMPLATES", "files", "readme"]
SMOKE_TEST = "smoke-test.sh"
_README = Path(__file__).with_name("templates") / "README.md.in"
# What a reader finds in each file that is generated.
HOLDS = {
    "model-server.yaml": "Deployment: vLLM",
    "weights.yaml": "what holds the weights of the model: claims, volumes, the Job that downloads them",
    "scaling.yaml": "how many replicas there are at a time, and how few at least",
    "network-policy.yaml": "who may reach the server and the picker",
    "lora-adapters.yaml": "ConfigMap: which adapters are loaded",
    "inference-pool.yaml": "InferencePool, and the policies of its Gateway",
    "endpoint-picker.yaml": "the process that chooses a replica for each request, with its configuration and RBAC",
    "objectives.yaml": "InferenceObjectives: priorities of requests",
    "rewrites.yaml": "InferenceModelRewrites: which models a name stands for",
    "gateway.yaml": "Gateway",
    "route.yaml": "HTTPRoute to the pool",
    "body-router.yaml": "what lets the Gateway read the model in a body",
    "gateway-tokens.yaml": "the tokens that the Gateway asks for",
    "metrics-access.yaml": "token and RBAC to read metrics",
    "monitoring.yaml": "the monitors of picker and vLLM",
    "dashboard.yaml": "ConfigMap: a dashboard for Grafana",
}


def files(choice: Choice, package: str) -> dict[str, str]:
    """Return the text of each file that is there before the first render, by its name."""
    texts = package_files.texts(package, _serves(choice).rstrip(".").replace("`", ""))
    text = emitter.document(intent(choice)).replace("\n  adapters:\n", f"\n  adapters: {merging.comment('adapters')}\n")
    return {INTENT: text, **texts}


def readme(choice: Choice, package: str, rendered: list[str]) -> str:
    """Return the README of a package in which these files were rendered."""
    rows = [f"| `{INTENT}` | the intent; never sent to the cluster |"]
    holds = {**HOLDS, **({"model-server.yaml": "LeaderWorkerSet: vLLM"} if choice.machines > 1 else {})}
    rows += [f"| `{name}` | {holds.get(name, '')} |" for name in rendered]
    rows += [f"| `{SMOKE_TEST}` | what shows that it serves; nothing for the cluster |"]
    names = [choice.model, *(name for name, _ in choice.adapters)]
    answers = "`model` chooses what answers: " + ", ".join(f"`{name}`" for name in names) + "."
    return package_files.filled(
        _README,
        {
            "@package@": package,
            "@serves@": _serves(choice),
            "@files@": "\n".join(["| file | what it holds |", "|---|---|", *rows]) + "\n",
            "@needs@": "\n".join(_needs(choice)) + "\n",
            "@asked@": choice.adapters[0][0] if choice.adapters else choice.model,
            "@answers@": answers,
        },
    )


def _serves(choice: Choice) -> str:
    adapters = [name for name, _ in choice.adapters]
    loras = f" with {len(adapters)} LoRA adapter{'s' if len(adapters) > 1 else ''}" if adapters else ""
    hardware = f"{choice.gpus} × {choice.accelerator}"
    return f"Serves `{choice.model}`{loras} by vLLM on {hardware}, behind an inference gateway."


def _needs(choice: Choice) -> list[str]:
    """Return the lines of what the cluster needs: definitions, and what a class of Gateways asks for."""
    from krm_inference.domain.facts import gateway_classes

    lines = ["The cluster needs the Gateway API, GPU nodes, and the custom resource definitions of the release:", ""]
    for one in wanted(choice.release, is_managed=choice.is_managed):
        repository, _, tag = one.definitions.source.partition(" ")
        what = [f"`{name}`" for name in one.files] or [*one.definitions.kinds]
        named = " and ".join((", ".join(what[:-1]), what[-1])) if len(what) > 1 else what[0]
        lines.append(
            f"- {named}: [config/crd/bases](https://github.com/{repository}/tree/{tag}/config/crd/bases) "
            f"of {one.definitions.source}"
        )
    if choice.is_managed:
        lines += ["", f"GKE brings the InferencePool itself, from {GKE_BRINGS_POOLS} on: apply no definition of it."]
        if RELEASES[choice.release].app_protocol:
            lines.append(
                "Which release of it a cluster has, GKE does not say. The package needs its field `appProtocol`: "
                "`kubectl explain inferencepool.spec.appProtocol`."
            )
    if choice.machines > 1:
        lines += ["", f"A replica takes {choice.machines} machines: the cluster needs LeaderWorkerSet, 0.9 or newer."]
    gateway = gateway_classes.of(choice.gateway_class)
    if gateway.is_gke:
        if not choice.is_managed:
            said = "say so with `managedDefinitions: true` in `llm.yaml`, and apply no definition of it."
            lines += ["", f"GKE brings the InferencePool itself from {GKE_BRINGS_POOLS} on: {said}"]
        lines += [f"The Gateway class `{choice.gateway_class}` needs a proxy-only subnet in the network and region."]
    elif gateway.needs:
        lines += ["", f"The controller of the Gateway class `{choice.gateway_class}` needs {gateway.needs}."]
    return lines
