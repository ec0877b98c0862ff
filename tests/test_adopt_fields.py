"""krmfn adopt reads every field of the intent: what a render says of it, it finds again.

Each field has the value that tests/judge/changes.yaml changes it to. Fields that can stand in one intent are rendered
and adopted together, any other one alone.
"""

from typing import Any

import pytest
import yaml
from krm_functions_sdk import Resource
from krm_inference.commands.adopt import adoption, comparison
from krm_inference.commands.adopt.trial import trial
from krm_inference.domain import intent as intents
from krm_inference.domain.facts.releases import RELEASES

from tests.conftest import PACKAGE, ROOT
from tests.judge.sets import merged

CHANGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "judge" / "changes.yaml").read_text())
INTENT: dict[str, Any] = yaml.safe_load((PACKAGE / "llm.yaml").read_text())
TOGETHER = {
    "server": """
        model.maxOutputTokens model.tokenSecret.name model.tokenSecret.key model.tokenSecret.optional
        model.tokenSecret.externalSecret.store model.tokenSecret.externalSecret.storeKind
        model.tokenSecret.externalSecret.property replicas accelerator.count platform security server.image server.port
        server.maxConcurrency server.maxQueue server.startup.seconds server.extraArgs[] server.env[].name
        server.resources.requests.cpu server.resources.requests.memory server.resources.requests.ephemeral-storage
        server.resources.limits.cpu server.resources.limits.memory server.resources.limits.ephemeral-storage lora.loader
        availability.maxUnavailable availability.spread availability.spareGPUs availability.priorityClassName
        monitoring.dashboard parallelism.pipeline
    """,
    "route": """
        gateway.name gateway.className gateway.port route.hostnames[] route.pathPrefix route.headers[].name
        route.setHeaders[].name route.byModel networkPolicy.gatewayRanges[] networkPolicy.scraperNamespace
    """,
    "tls": """
        model.maxModelLen accelerator.type server.env[].value adapters[].name objectives[].name
        gateway.allowedNamespaces[] gateway.tls.port gateway.tls.redirect gateway.tls.secrets[].name
        gateway.tls.preSharedCerts[] gateway.tls.certManagerCerts[] route.stripPrefix route.headers[].values[]
        route.setHeaders[].value model.tokenSecret.externalSecret.remoteKey weights.folder
    """,
    "part": """
        adapters[].source objectives[].priority route.paths[] route.objective accelerator.partition
        model.tokenSecret.providerClass weights.serviceAccountName
    """,
    "cache": """
        adapters[].rank objectives[].match.hostnames[] accelerator.sharedBy server.apiKeySecret.name
        server.apiKeySecret.key weights.cache.size weights.cache.storageClassName weights.cache.accessMode
        weights.cache.download
    """,
    "claim": "adapters[].ensure objectives[].match.pathPrefix weights.cache.claim",
    "header": "adapters[].priority objectives[].match.headers[].name",
    "values": "adapters[].match.hostnames[] objectives[].match.headers[].values[]",
    "names": "model.id model.servedName",
    "gateway": "gateway.create gateway.namespace gateway.listener",
    "picker": """
        picker.replicas picker.weights.queue picker.weights.kvCacheUtilization picker.weights.prefixCache
        picker.weights.loraAffinity picker.saturation.queueDepth picker.saturation.kvCacheUtilization
        picker.flowControl.maxRequests picker.flowControl.maxBytes picker.flowControl.requestTTLSeconds
        picker.flowControl.fairness picker.tracing.endpoint picker.tracing.samplingRatio picker.logLevel
        picker.resources.requests.cpu picker.resources.requests.memory picker.resources.requests.ephemeral-storage
        picker.resources.limits.memory picker.priorityClassName picker.failureMode
        picker.flowControl.noEndpointTTLSeconds picker.flowControl.bands[].priority
        picker.flowControl.bands[].maxRequests
    """,
    "autoscaling": "autoscaling.minReplicas autoscaling.metric autoscaling.scaleDownDelaySeconds",
}
# What no manifest tells, or not apart from another field, with the reason. The list may only shrink: each row is tried.
_SHAPE = "the shape of a model is in no manifest; what follows from it is, and comes back as resources and concurrency"
_SHEET = "the figures of an accelerator are in no manifest; what follows from them is, and comes back as concurrency"
_START = "a start probe has one number of seconds, which comes back as server.startup.seconds"
_GRACE = "a grace period is one number of seconds; a longer one comes back as drain.safetyFactor, a shorter one is told"
UNTOLD = {
    **dict.fromkeys((field for field in CHANGES if field.startswith("model.facts.")), _SHAPE),
    **dict.fromkeys((field for field in CHANGES if field.startswith("accelerator.facts.")), _SHEET),
    "model.promptTokens": "the longest prompt bounds the concurrency, which comes back as server.maxConcurrency",
    "server.startup.downloadMiBps": _START,
    "server.startup.loadMiBps": _START,
    "drain.timePerOutputTokenMs": _GRACE,
    "drain.prefillShare": _GRACE,
    "drain.maxGraceSeconds": "a bound above what a service needs shows nowhere; one that binds is tried",
    "ensure": "of a service that shall be absent nothing is rendered",
    "managedDefinitions": "who brings the definition of InferencePool shows in no object",
}
# Releases are those of test_adopt.py; the others have tests of their own below.
ELSEWHERE = {"release", "route.of", "route.weight", "lora.claim"}
CANARY = ROOT / "functions" / "krm_inference" / "generate_routing" / "examples" / "canary" / "input.yaml"


def cases() -> dict[str, list[str]]:
    """Return the fields of each intent that is rendered and adopted."""
    found = {name: fields.split() for name, fields in TOGETHER.items()}
    taken = {field for fields in found.values() for field in fields}
    return found | {field: [field] for field in CHANGES if field not in {*taken, *UNTOLD, *ELSEWHERE}}


def intent(fields: list[str]) -> dict[str, Any]:
    """Return the intent of the base package with the values of some fields, in the newest release that has them."""
    left_out = {CHANGES[field].get("without") for field in fields}
    spec: dict[str, Any] = {key: value for key, value in INTENT["spec"].items() if key not in left_out}
    for part in ("with", "to"):
        for field in fields:
            spec = merged(spec, CHANGES[field].get(part, {}))
    having = [
        name
        for name, release in RELEASES.items()
        if not any(f"spec.{field}".startswith(path) for field in fields for path in release.lacks)
    ]
    if not any("release" in CHANGES[field].get("with", {}) for field in fields):
        spec["release"] = having[-1] if any(field.startswith("picker.") for field in fields) else having[0]
    metadata = dict(INTENT["metadata"])
    spaces = [CHANGES[field]["namespace"] for field in fields if "namespace" in CHANGES[field]]
    metadata |= {"namespace": spaces[0]} if spaces else {}
    return {**INTENT, "metadata": metadata, "spec": spec}


def rendered(*values: dict[str, Any]) -> list[Resource]:
    """Return the objects that follow from intents."""
    with trial() as place:
        made, results = place.render([*values])
    assert not results.failed, [str(result) for result in results if result.severity == "error"]
    return [item.copy() for item in made]


def adopted(value: dict[str, Any]) -> adoption.Adoption:
    """Return what comes of a rendered intent, with what only its user knows of nodes and Gateways."""
    accelerator, gateway = value["spec"]["accelerator"], value["spec"]["gateway"]
    kind = accelerator["type"] if "nodeSelector" in accelerator else ""
    return adoption.adopt(rendered(value), kind, gateway["className"] if gateway.get("create") is False else "")


def whole(value: dict[str, Any]) -> dict[str, Any]:
    """Return the spec of an intent with all defaults."""
    found: dict[str, Any] = intents.schema().with_defaults(value)["spec"]
    return found


@pytest.mark.parametrize("case", cases())
def test_a_field_of_the_intent_comes_back(case: str) -> None:
    """The intent that is found is the one that was rendered, and every line follows from it."""
    value = intent(cases()[case])
    found = adopted(value)
    assert whole(found.intents[0]) == whole(value)
    lines = [comparison.lines(one) for one in found.became]
    assert [(line.changed, line.kept, line.added) for line in lines if line.rendered != line.all or line.added] == []
    assert not found.new


@pytest.mark.parametrize("reason", sorted({*UNTOLD.values()}))
def test_a_field_that_cannot_be_told_is_one(reason: str) -> None:
    """Else its row goes. What it changes is explained otherwise, or told as changed: nothing is lost without a word."""
    fields = [field for field in UNTOLD if UNTOLD[field] == reason]
    value = intent(fields)
    if fields == ["ensure"]:
        assert rendered(value) == []
        return
    found = adopted(value)
    for field in fields:
        assert said(whole(found.intents[0]), field) != said(value["spec"], field), field
    for one in found.became:
        lines = comparison.lines(one)
        assert lines.rendered + len(lines.kept) + len(lines.changed) == lines.all


def said(spec: Any, field: str) -> Any:
    """Return what a spec says at the path of a field, None where it says nothing."""
    for step in field.split("."):
        spec = spec.get(step) if isinstance(spec, dict) else None
    return spec


def test_a_route_that_is_shared_comes_back() -> None:
    """Who has it, who shares it, and the parts of the requests."""
    values = [
        {**item, "metadata": {"name": item["metadata"]["name"]}}
        for item in yaml.safe_load(CANARY.read_text())["items"]
        if item["kind"] == "LLMService"
    ]
    assert len(values) == 2
    found = adoption.adopt(rendered(*values))
    for value, one in zip(values, found.intents, strict=True):
        assert whole(one)["route"] == whole(value)["route"]
        assert whole(one)["model"] == whole(value)["model"]
    assert not found.new
    lines = [comparison.lines(one) for one in found.became]
    assert [line for line in lines if line.rendered != line.all or line.added] == []


def test_a_claim_of_adapters_comes_back_but_for_their_names() -> None:
    """They are folders that no manifest names: each has a name that says so, and the manifests are the same."""
    value = intent(["lora.claim"])
    found = adopted(value)
    spec = whole(found.intents[0])
    assert spec["lora"] == whole(value)["lora"]
    assert [one["name"] for one in spec["adapters"]] == ["adapter-1"]
    assert all(line.rendered == line.all for line in map(comparison.lines, found.became))
    told = [note for one in found.became for note in one.theirs.notes]
    assert (
        "adapter-1 stands for an adapter of the claim others, whose folders no manifest names: write its name" in told
    )


def test_each_field_of_the_intent_is_told_or_has_its_reason() -> None:
    """No field of the schema is left out, and none is in two places."""
    schema = intents.schema().openapi["properties"]["spec"]
    told = [field for fields in cases().values() for field in fields]
    assert len(told) == len(set(told))
    assert not set(told) & UNTOLD.keys()
    assert {*told, *UNTOLD} | ELSEWHERE == set(leaves(schema))


def leaves(schema: dict[str, Any], path: str = "") -> list[str]:
    """Return the path of each field that holds no other."""
    if "properties" in schema:
        parts = schema["properties"].items()
        return [leaf for key, part in parts for leaf in leaves(part, f"{path}.{key}" if path else key)]
    return leaves(schema["items"], f"{path}[]") if "items" in schema else [path]


@pytest.mark.parametrize("name", TOGETHER)
def test_fields_that_are_tried_together_do_not_hide_each_other(name: str) -> None:
    """Each value of the table stands in the intent that is rendered."""
    spec = intent(TOGETHER[name].split())["spec"]
    for field in TOGETHER[name].split():
        assert merged(spec, CHANGES[field]["to"]) == spec, field
