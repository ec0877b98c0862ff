"""The configuration of a picker: what its release takes, and what its parts say of each other."""

from __future__ import annotations

import pytest
from cases import Change, found
from krm_functions_sdk import ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.picker_configs import ADDED, PICKER_CONFIGS
from krm_inference.validate_inference import validate_inference

V1_0, V1_5, V0_10, V0_11 = (release.picker_image for release in RELEASES.values())
V1_3 = "registry.k8s.io/gateway-api-inference-extension/epp:v1.3.0"
API = {release.picker_image: release.picker_config_api for release in RELEASES.values()}
FILE = "data[default-plugins.yaml]"


def configured(text: str, image: str = V1_0, api: str = "", flags: tuple[str, ...] = ()) -> Change:
    """Return a picker that reads the configuration from a file."""
    config = f"apiVersion: {api or API.get(image, API[V1_5])}\nkind: EndpointPickerConfig\n{text}\n"
    args = ["--pool-name=other", "--config-file=/config/default-plugins.yaml", *flags]
    mount = {"name": "c", "mountPath": "/config"}
    container = {"name": "epp", "image": image, "args": args, "volumeMounts": [mount]}
    pod = {"containers": [container], "volumes": [{"name": "c", "configMap": {"name": "plugins"}}]}
    template = {"metadata": {"labels": {"app": "other-epp"}}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": "other-epp"}}, "template": template}
    data = {"default-plugins.yaml": config}
    return Change(
        objects=(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "plugins"}, "data": data},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "other-epp"}, "spec": spec},
        )
    )


def said(change: Change) -> list[tuple[str, str, str]]:
    """Return what is said of configurations, but for what the next release takes out."""
    told = [one for one in found(change) if one[0].startswith("picker-") and one[1].startswith(FILE)]
    return [one for one in told if one[0] != "picker-leaving"]


def plugin(kind: str, parameters: str = "") -> str:
    return f"plugins: [{{type: {kind}{f', parameters: {parameters}' if parameters else ''}}}]"


def profile(entry: str) -> str:
    return f"{plugin('queue-scorer')}\nschedulingProfiles: [{{name: a, plugins: [{entry}]}}]"


# Rule, field in the configuration, what is wrong, what is said of it, and what is right.
CASES = {
    "a plugin of a later release": (
        "picker-config",
        "plugins[0].type",
        configured(plugin("latency-scorer")),
        "the picker epp:v1.0.0 has no plugin of type latency-scorer",
        configured(plugin("latency-scorer"), V1_5),
    ),
    "a detector where v0.11 no longer reads it": (
        "picker-config",
        "saturationDetector",
        configured(f"{plugin('utilization-detector')}\nsaturationDetector: {{pluginRef: utilization-detector}}", V0_11),
        (
            "the picker llm-d-router-endpoint-picker:v0.11.0 knows no saturationDetector here any more; "
            "use flowControl.saturationDetector"
        ),
        configured(
            "plugins: [{type: utilization-detector, name: d}]\nflowControl: {saturationDetector: {pluginRef: d}}", V0_11
        ),
    ),
    "a parser where v0.11 no longer reads it": (
        "picker-config",
        "parser",
        configured(f"{plugin('openai-parser')}\nparser: {{pluginRef: openai-parser}}", V0_11),
        "the picker llm-d-router-endpoint-picker:v0.11.0 knows no parser here any more; use requestHandler.parsers",
        configured(f"{plugin('openai-parser')}\nrequestHandler: {{parsers: [{{pluginRef: openai-parser}}]}}", V0_11),
    ),
    "a plugin that v0.11 took out": (
        "picker-config",
        "plugins[0].type",
        configured(plugin("precise-prefix-cache-scorer"), V0_11),
        (
            "the picker llm-d-router-endpoint-picker:v0.11.0 has no plugin of type precise-prefix-cache-scorer any more"
            "; use precise-prefix-cache-producer with prefix-cache-scorer"
        ),
        configured(plugin("precise-prefix-cache-scorer"), V0_10),
    ),
    "an experimental plugin": (
        "picker-config",
        "plugins[0].type",
        configured(plugin("session-affinity-scorer"), V0_10),
        (
            "the picker llm-d-router-endpoint-picker:v0.10.0 takes session-affinity-scorer only with "
            "--allow-experimental-plugins, which is not among its arguments"
        ),
        configured(plugin("session-affinity-scorer"), V0_10, flags=("--allow-experimental-plugins",)),
    ),
    "a gate that llm-d-router v0.10 took out": (
        "picker-config",
        "featureGates[0]",
        configured("featureGates: [dataLayer]", V0_10),
        "the picker llm-d-router-endpoint-picker:v0.10.0 has no feature gate dataLayer",
        configured("featureGates: [dataLayer]", V1_5),
    ),
    "a plugin of llm-d-router": (
        "picker-config",
        "plugins[0].type",
        configured(plugin("no-hit-lru-scorer"), V1_5),
        "the picker epp:v1.5.0 has no plugin of type no-hit-lru-scorer",
        configured(plugin("no-hit-lru-scorer"), V0_10),
    ),
    "a plugin that is misspelt": (
        "picker-config",
        "plugins[0].type",
        configured(plugin("queue-scorers")),
        "queue-scorers; did you mean queue-scorer?",
        configured(plugin("queue-scorer")),
    ),
    "a plugin that is misspelt in llm-d-router": (
        "picker-config",
        "plugins[0].type",
        configured(plugin("prefix-cache-score"), V0_10),
        "llm-d-router-endpoint-picker:v0.10.0 has no plugin of type prefix-cache-score; did you mean prefix-cache-sco",
        configured(plugin("prefix-cache-scorer"), V0_10),
    ),
    "a key of a later release": (
        "picker-config",
        "featureGates",
        configured("featureGates: [flowControl]"),
        "does not know featureGates; it knows: apiVersion, kind, plugins, schedulingProfiles",
        configured("featureGates: [flowControl]", V1_5),
    ),
    "a key that was renamed": (
        "picker-config",
        "data",
        configured("data: {sources: []}", V1_5),
        "does not know data; it knows",
        configured("dataLayer: {sources: []}", V1_5),
    ),
    "a key of llm-d-router": (
        "picker-config",
        "requestHandler",
        configured("requestHandler: {parsers: []}", V1_5),
        "does not know requestHandler",
        configured("requestHandler: {parsers: []}", V0_10),
    ),
    "params": (
        "picker-config",
        "plugins[0].parameter",
        configured("plugins: [{type: queue-scorer, parameter: {}}]", V1_5),
        "does not know parameter of a plugin; did you mean parameters?",
        configured("plugins: [{type: queue-scorer, parameters: {}}]", V1_5),
    ),
    "a key of a profile": (
        "picker-config",
        "schedulingProfiles[0].plugin",
        configured(f"{plugin('queue-scorer')}\nschedulingProfiles: [{{name: a, plugin: []}}]", V0_10),
        "does not know plugin of a profile; did you mean plugins?",
        configured(f"{plugin('queue-scorer')}\nschedulingProfiles: [{{name: a, plugins: []}}]", V0_10),
    ),
    "a weight with a fraction": (
        "picker-config",
        "schedulingProfiles[0].plugins[0].weight",
        configured(profile("{pluginRef: queue-scorer, weight: 0.5}")),
        "expects an integer as weight of queue-scorer, found 0.5",
        configured(profile("{pluginRef: queue-scorer, weight: 2.0}")),
    ),
    "a weight in quotes": (
        "picker-config",
        "schedulingProfiles[0].plugins[0].weight",
        configured(profile("{pluginRef: queue-scorer, weight: '2'}"), V1_5),
        'expects a number as weight of queue-scorer, found the string "2"',
        configured(profile("{pluginRef: queue-scorer, weight: 0.5}"), V1_5),
    ),
    "the apiVersion of llm-d-router": (
        "picker-config",
        "apiVersion",
        configured(plugin("queue-scorer"), V1_5, "llm-d.ai/v1alpha1"),
        "does not read apiVersion llm-d.ai/v1alpha1, expected inference.networking.x-k8s.io/v1alpha1",
        configured(plugin("queue-scorer"), V0_10, "inference.networking.x-k8s.io/v1alpha1"),
    ),
    "a feature gate that is misspelt": (
        "picker-config",
        "featureGates[0]",
        configured("featureGates: [flowcontrol]", V0_10),
        "has no feature gate flowcontrol; did you mean flowControl?",
        configured("featureGates: [flowControl=true, haPopulateNonLeaderDatastore=false]", V0_10),
    ),
    "a number in quotes": (
        "picker-config",
        "plugins[0].parameters.maxNumOfEndpoints",
        configured(plugin("max-score-picker", "{maxNumOfEndpoints: '2'}")),
        'expects an integer as maxNumOfEndpoints of max-score-picker, found the string "2"',
        configured(plugin("max-score-picker", "{maxNumOfEndpoints: 2}")),
    ),
    "a number for a duration": (
        "picker-config",
        "plugins[0].parameters.metricsStalenessThreshold",
        configured(plugin("utilization-detector", "{metricsStalenessThreshold: 5}"), V1_5),
        "expects a string as metricsStalenessThreshold of utilization-detector, found 5",
        configured(plugin("utilization-detector", "{metricsStalenessThreshold: 5s, kvCacheUtilThreshold: 1}"), V1_5),
    ),
    "a list for parameters": (
        "picker-config",
        "plugins[0].parameters",
        configured(plugin("metrics-data-source", "[{scheme: http}]"), V1_5),
        "expects an object as parameters of metrics-data-source",
        configured(plugin("metrics-data-source", "{scheme: http, insecureSkipVerify: true, path: null}"), V1_5),
    ),
    "a parameter that moved": (
        "picker-config",
        "plugins[0].parameters.lruCapacityPerServer",
        configured(plugin("prefix-cache-scorer", "{lruCapacityPerServer: 31250}"), V0_10),
        "does not know parameter lruCapacityPerServer of prefix-cache-scorer; it has:",
        configured(plugin("approx-prefix-cache-producer", "{lruCapacityPerServer: 31250}"), V0_10),
    ),
    "a parameter that is misspelt": (
        "picker-parameter",
        "plugins[0].parameters.queueDepthTreshold",
        configured(plugin("utilization-detector", "{queueDepthTreshold: 8}"), V1_5),
        "does not know parameter queueDepthTreshold of utilization-detector; did you mean queueDepthThreshold?",
        configured(plugin("utilization-detector", "{queuedepthThreshold: 8}"), V1_5),
    ),
    "a parameter of a plugin without any": (
        "picker-parameter",
        "plugins[0].parameters.threshold",
        configured(plugin("queue-scorer", "{threshold: 8}")),
        "does not know parameter threshold of queue-scorer, which has no parameters",
        configured(plugin("queue-scorer", "{}")),
    ),
    "a reference to no plugin": (
        "picker-plugin",
        "schedulingProfiles[0].plugins[0].pluginRef",
        configured(profile("{pluginRef: queue-scorers}")),
        "pluginRef queue-scorers is not declared; the plugins are: queue-scorer; did you mean queue-scorer?",
        configured(profile("{pluginRef: queue-scorer}")),
    ),
    "a data source that nobody declares": (
        "picker-plugin",
        "dataLayer.sources[0].pluginRef",
        configured(f"{plugin('queue-scorer')}\ndataLayer: {{sources: [{{pluginRef: mine}}]}}", V1_5),
        "pluginRef mine is not declared",
        configured(f"{plugin('queue-scorer')}\ndataLayer: {{sources: [{{pluginRef: metrics-data-source}}]}}", V1_5),
    ),
    "a detector that nobody declares": (
        "picker-plugin",
        "saturationDetector.pluginRef",
        configured(f"{plugin('queue-scorer')}\nsaturationDetector: {{pluginRef: concurrency-detector}}", V0_10),
        "pluginRef concurrency-detector is not declared",
        configured(f"{plugin('queue-scorer')}\nsaturationDetector: {{pluginRef: utilization-detector}}", V0_10),
    ),
}


@pytest.mark.parametrize(("rule", "field", "bad", "says", "good"), CASES.values(), ids=CASES)
def test_a_fault_is_found_and_what_is_right_is_not(rule: str, field: str, bad: Change, says: str, good: Change) -> None:
    """One finding for one fault, where it stands in the file, with what the release has."""
    [(of, where, message)] = said(bad)
    assert (of, where) == (rule, f"{FILE} > {field}")
    assert says in message
    assert said(good) == []


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com/team/epp:v1.0.0",
        "registry.k8s.io/gateway-api-inference-extension/epp:v1.0.0-ours",
        V1_3,
        "ghcr.io/llm-d/llm-d-router-endpoint-picker:main",
        "ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.9.0",
    ],
)
def test_an_image_of_another_release_or_of_ones_own_may_know_anything(image: str) -> None:
    """Only images of the releases that are known are judged."""
    text = f"keys: 1\n{plugin('mine', '{a: b}')}"
    assert said(configured(text, image)) == []


@pytest.mark.parametrize("image", [V1_0, V1_5, V0_10])
def test_a_mirror_has_the_same_release(image: str) -> None:
    """The folder, the name and the version say the release, wherever the image is."""
    mirrored = "registry.example.com/mirror/" + image.partition("/")[2] + "@sha256:" + "0" * 64
    assert [rule for rule, _, _ in said(configured(plugin("mine"), mirrored, API[image]))] == ["picker-config"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (plugin("latency-scorer"), ["picker-config"]),
        (profile("{pluginRef: b}"), ["picker-plugin"]),
        (profile("{pluginRef: queue-scorer}"), []),
    ],
)
def test_a_configuration_in_a_flag_is_read_like_one_in_a_file(text: str, rules: list[str]) -> None:
    """--config-text is the configuration itself."""
    change = configured("")
    deployment = change.objects[1]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    container["args"] = ["--pool-name=other", f"--config-text=kind: EndpointPickerConfig\n{text}"]
    where = "spec.template.spec.containers[name=epp].args[--config-text]"
    known = ("picker-config", "picker-plugin")
    assert [(of, at.partition(" > ")[0]) for of, at, _ in found(change) if of in known] == [
        (rule, where) for rule in rules
    ]


def test_all_faults_are_found_each_on_its_line() -> None:
    """Of one file every fault is told, on the line on which it stands in the manifests."""
    text = (
        "plugins:\n- type: queue-scorers\n- type: kv-cache-scorer\n  parameters: {}\n"
        "schedulingProfiles:\n- name: a\n  plugins:\n  - pluginRef: b\n    weight: high\n"
    )
    stream = "---\n".join(emitter.document(item) for item in configured(text.rstrip()).objects)
    resources = ResourceList.read(stream)
    validate_inference(resources)
    lines = stream.splitlines()
    told = {(lines[(result.line or 0) - 1].strip(), result.tags["rule"]) for result in resources.results}
    assert told >= {
        ("- type: queue-scorers", "picker-config"),
        ("- type: kv-cache-scorer", "picker-config"),
        ("- pluginRef: b", "picker-plugin"),
        ("weight: high", "picker-config"),
    }


@pytest.mark.parametrize("name", list(PICKER_CONFIGS))
def test_a_table_has_what_the_release_is_generated_with(name: str) -> None:
    """The tables of a release agree: its plugins, gate, group and saturation parameters are those of its picker."""
    release, config = RELEASES[name], PICKER_CONFIGS[name]
    assert release.picker_config_api == config.apis[0]
    assert {scorer.plugin for scorer in release.scorers.values()} <= config.plugins.keys()
    assert {plugin["type"] for plugin in release.plugins} <= config.plugins.keys()
    assert set(filter(None, [release.flow_control])) <= set(config.gates)
    assert set(release.fairness.values()) <= config.plugins.keys()
    detector = config.plugins.get(release.saturation_plugin) or {}
    assert set(release.saturation_parameters.values()) <= detector.keys()
    if config.gates:
        assert set(ADDED) <= config.plugins.keys()
