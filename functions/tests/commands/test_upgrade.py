"""krmfn upgrade: what people wrote for one release works in another, and other lines stay as they were."""

from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_inference.commands import upgrade
from krm_inference.commands.upgrade.configuration import RENAMED, Moved
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS
from krm_inference.validate_inference import validate_inference

V1_0, V1_5, V0_10, V0_11 = RELEASES
INTENT = """\
# our model
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama # short
  annotations: {config.kubernetes.io/local-config: "true"}
spec:
  release: llm-d-router-v0.10 # what the cluster runs
  model: {id: 'meta-llama/Llama-3.1-8B-Instruct'}
  accelerator:
    type: nvidia-l4
  gateway: {name: gateway}
"""
CONFIG = """\
apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
# how we score
plugins:
- type: queue-scorer # short queues first
- type: tokenizer
- type: utilization-detector
  parameters: {queueDepthThreshold: 10}
- name: chat
  type: openai-parser
schedulingProfiles:
- name: default
  plugins:
  - pluginRef: queue-scorer
    weight: 2
# when a server counts as full
saturationDetector:
  # ours
  pluginRef: utilization-detector # measured

parser:
  pluginRef: chat # the API of our clients
flowControl:
  maxRequests: 100 # enough
featureGates: [flowControl]
"""
MOVED = """\
apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
# how we score
plugins:
- type: queue-scorer # short queues first
- type: token-producer
  name: tokenizer
- type: utilization-detector
  parameters: {queueDepthThreshold: 10}
- name: chat
  type: openai-parser
schedulingProfiles:
- name: default
  plugins:
  - pluginRef: queue-scorer
    weight: 2
# when a server counts as full

requestHandler:
  parsers:
    - pluginRef: chat # the API of our clients
flowControl:
  maxRequests: 100 # enough
  saturationDetector:
    # ours
    pluginRef: utilization-detector # measured
featureGates: [flowControl]
"""
PICKER = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: plugins}
data:
  default-plugins.yaml: |
%s
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: own-epp
spec:
  selector: {matchLabels: {app: own-epp}}
  template:
    metadata: {labels: {app: own-epp}}
    spec:
      containers:
      - name: epp # ours
        image: "%s"
        args:
        - --pool-name=own
        - --config-file=/config/default-plugins.yaml
        volumeMounts: [{name: c, mountPath: /config}]
      volumes: [{name: c, configMap: {name: plugins}}]
"""


def picker(config: str = CONFIG, release: str = V0_10) -> str:
    indented = "".join(f"    {line}" if line.strip() else line for line in config.splitlines(keepends=True))
    return PICKER % (indented.rstrip("\n"), RELEASES[release].picker_image)


def moved(text: str, to: str) -> Moved:
    return Moved(text, RELEASES[to], PICKER_CONFIGS[to])


def refused(text: str) -> list[str]:
    """Return what validate-inference finds in the configuration of a picker."""
    resources = ResourceList([Resource(part, path="p.yaml") for part in text.split("---\n")])
    validate_inference(resources)
    return [result.message for result in resources.results if result.tags["rule"] == "picker-config"]


def test_a_configuration_moves_line_by_line() -> None:
    """Keys go to their new place with their comments, plugins take their new name, and no other line changes."""
    found = moved(CONFIG, V0_11)
    assert found.text == MOVED
    assert [field for field, _ in found.done] == ["saturationDetector", "parser", "plugins[1].type"]
    assert found.left == []
    again = moved(MOVED, V0_11)
    assert (again.text, again.done, again.left) == (MOVED, [], [])


@pytest.mark.parametrize(
    "config",
    [
        "saturationDetector: {pluginRef: d}\n",
        "saturationDetector: {pluginRef: d}\nflowControl: {maxRequests: 5}\n",
        "parser: {pluginRef: p}",
        "flowControl:\n    maxRequests: 5\nsaturationDetector:\n    pluginRef: d\n",
        "requestHandler: {propagatePriority: true}\nparser:\n  pluginRef: p # ours\n",
    ],
)
def test_other_styles_move_as_well(config: str) -> None:
    """In flow style or with another indentation the values arrive, whatever that takes."""
    text = f"apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins: []\n{config}"
    before, after = Resource(text), Resource(moved(text, V0_11).text)
    detector, parser = before.get("saturationDetector", None), before.get("parser", None)
    assert after.get("flowControl.saturationDetector", None) == detector
    assert after.get("requestHandler.parsers", None) == ([parser] if parser else None)
    assert after.get("flowControl.maxRequests", None) == before.get("flowControl.maxRequests", None)
    assert after.get("saturationDetector", None) is None
    assert after.get("parser", None) is None


@pytest.mark.parametrize(
    ("config", "to", "field", "said"),
    [
        ("plugins: [{type: precise-prefix-cache-scorer}]", V0_11, "plugins[0].type",
         "use precise-prefix-cache-producer with prefix-cache-scorer"),
        ("plugins: [{type: by-label}]", V0_11, "plugins[0].type", "use label-selector-filter"),
        ("plugins: [{type: mine}]", V0_11, "plugins[0].type", "this picker has no plugin of type mine"),
        ("plugins: [{type: session-affinity-scorer}]", V0_11, "plugins[0].type", "--allow-experimental-plugins"),
        ("plugins: [{type: queue-scorer, parameters: {deep: 1}}]", V0_10, "plugins[0].parameters.deep", "refuses deep"),
        ("featureGates: [flowControl, enableLegacyMetrics]", V0_10, "featureGates[1]",
         "has no feature gate enableLegacyMetrics"),
        ("saturationDetector: {pluginRef: d}\nflowControl: {saturationDetector: {pluginRef: e}}", V0_11,
         "saturationDetector", "take saturationDetector out"),
    ],
)  # fmt: skip
def test_what_cannot_be_translated_is_said(config: str, to: str, field: str, said: str) -> None:
    """The text stays, and what is to be done stands at the field."""
    text = f"apiVersion: {RELEASES[to].picker_config_api}\nkind: EndpointPickerConfig\n{config}\n"
    found = moved(text, to)
    assert found.text == text
    assert [(where, said in what) for where, what in found.left] == [(field, True)]


def test_a_gate_that_is_always_open_goes() -> None:
    """What the picker does anyway needs no gate, and the other gates stay with their comments."""
    head = f"apiVersion: {RELEASES[V0_10].picker_config_api}\nkind: EndpointPickerConfig\n"
    text = f"{head}featureGates:\n- dataLayer\n- flowControl # queues\n"
    assert moved(text, V0_10).text == f"{head}featureGates:\n- flowControl # queues\n"
    assert moved(f"{head}featureGates: [dataLayer]\nplugins: []\n", V0_10).text == f"{head}plugins: []\n"


def test_names_of_plugins_are_those_of_the_table() -> None:
    """A new name is in the release that lost the old one."""
    for old, new in RENAMED.items():
        assert old not in PICKER_CONFIGS[V0_11].plugins
        assert new in PICKER_CONFIGS[V0_11].plugins
        assert PICKER_CONFIGS[V0_11].successors[old] == new


def test_what_no_longer_loads_loads_when_it_is_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From v0.10 to v0.11: with the old configuration the new picker exits, with the moved one it does not."""
    assert refused(picker(release=V0_11))
    file = tmp_path / "picker.yaml"
    file.write_text(picker())
    assert upgrade.main([str(tmp_path), "--to", V0_11]) == 0
    assert refused(file.read_text()) == []
    assert f'image: "{RELEASES[V0_11].picker_image}"\n' in file.read_text()
    assert "moved to flowControl.saturationDetector" in capsys.readouterr().err


def test_a_package_moves_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the intent one word changes; what a function generated is left to the next render; the steps are shown."""
    (tmp_path / "llm.yaml").write_text(INTENT)
    generated = picker().replace(
        "metadata: {name: plugins}",
        "metadata: {name: plugins, annotations: {inference.fn.kpt.dev/generated-by: generate-inference-pool/llama}}",
    )
    (tmp_path / "picker.yaml").write_text(generated.partition("---\n")[0])
    assert upgrade.main([str(tmp_path), f"--to={V0_11}"]) == 0
    assert (tmp_path / "llm.yaml").read_text() == INTENT.replace(V0_10, V0_11)
    assert (tmp_path / "picker.yaml").read_text() == generated.partition("---\n")[0]
    printed = capsys.readouterr()
    assert f"To apply, from {V0_10} to {V0_11}:\n1. Render" in printed.out
    assert f"set to {V0_11}, was {V0_10}" in printed.err
    assert upgrade.main([str(tmp_path), "--to", V0_11]) == 0
    assert "nothing to change" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("of", "to", "files"),
    [
        (V1_0, V1_5, "inferencemodelrewrites.yaml, inference.networking.x-k8s.io_inferenceobjectives.yaml"),
        (V1_5, V0_11, "inferencemodelrewrites.yaml, llm-d.ai_inferenceobjectives.yaml"),
        (V0_10, V0_11, ""),
    ],
)
def test_definitions_that_gke_brings_are_not_among_the_steps(
    of: str, to: str, files: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the files of the other kinds are named, each of the group that the new picker reads."""
    said = {}
    for switch in ("", "  managedDefinitions: true\n"):
        (tmp_path / "llm.yaml").write_text(INTENT.replace(V0_10, of) + switch)
        assert upgrade.main([str(tmp_path / "llm.yaml"), f"--to={to}"]) == 0
        said[bool(switch)] = capsys.readouterr().out
    assert ("Apply the definitions of" in said[False]) == ("Apply the definitions of" in said[True]) == bool(files)
    assert files in said[True]
    assert ".yaml" not in said[False].partition("To apply")[2]
    assert ("apply no definition of it" in said[True]) == (of == V1_0)


@pytest.mark.parametrize("to", RELEASES)
@pytest.mark.parametrize("of", RELEASES)
def test_objectives_take_the_group_of_the_release(of: str, to: str, tmp_path: Path) -> None:
    """What somebody wrote beside an intent goes to the group that the new picker reads, comments and all."""
    file = tmp_path / "objective.yaml"
    text = "apiVersion: %s # ours\nkind: InferenceObjective\nmetadata: {name: batch}\nspec: {priority: -1}\n"
    file.write_text(text % RELEASES[of].objective_api)
    assert upgrade.main([str(file), "--to", to]) == 0
    assert file.read_text() == text % RELEASES[to].objective_api


def test_what_a_release_cannot_do_is_left_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Backwards: the intent moves, the field that gaie-v1.0 lacks is named, and the exit status is 1."""
    file = tmp_path / "llm.yaml"
    file.write_text(INTENT + "  picker:\n    image: mirror/epp:v1\n    flowControl: {maxRequests: 5}\n")
    assert upgrade.main([str(file), "--to", V1_0]) == 1
    errors = capsys.readouterr().err
    assert "the picker of gaie-v1.0 has no flow control" in errors
    assert "mirror/epp:v1 is not known" in errors
    assert "flowControl: {maxRequests: 5}" in file.read_text()


def test_a_patch_of_an_overlay_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A patch in a file moves as an intent does; what is written inside of a Kustomization is left to people."""
    (tmp_path / "patch.yaml").write_text(INTENT)
    text = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n"
        "- target: {kind: InferenceObjective, group: inference.networking.x-k8s.io}\n  patch: |-\n    - op: remove\n"
        "- patch: |-\n    kind: LLMService\n    spec: {release: llm-d-router-v0.10}\n"
    )
    (tmp_path / "kustomization.yaml").write_text(text)
    assert upgrade.main([str(tmp_path), "--to", V0_11]) == 1
    errors = capsys.readouterr().err
    assert "patches[0].target.group: llm-d-router-v0.11 has InferenceObjective in llm-d.ai" in errors
    assert "patches[1].patch: this patch names llm-d-router-v0.10" in errors
    assert (tmp_path / "kustomization.yaml").read_text() == text
    assert (tmp_path / "patch.yaml").read_text() == INTENT.replace(V0_10, V0_11)


def test_a_kustomization_without_its_kind_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kustomize takes it by the name of its file: its patches are named, and the rest of the folder moves."""
    (tmp_path / "patch.yaml").write_text(INTENT)
    text = "patches:\n- patch: |-\n    kind: LLMService\n    spec: {release: llm-d-router-v0.10}\n"
    for folder in (tmp_path, tmp_path / "overlays" / "prod"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kustomization.yaml").write_text(text)
    assert upgrade.main([str(tmp_path), "--to", V0_11]) == 1
    errors = capsys.readouterr().err
    for folder in (tmp_path, tmp_path / "overlays" / "prod"):
        file = folder / "kustomization.yaml"
        assert f"[warning] {file}: patches[0].patch: this patch names llm-d-router-v0.10" in errors
        assert file.read_text() == text
    assert (tmp_path / "patch.yaml").read_text() == INTENT.replace(V0_10, V0_11)


def test_a_time_of_a_band_that_the_release_lacks_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Back from v0.11, a priority has no time of its own to wait."""
    file = tmp_path / "llm.yaml"
    bands = "  picker:\n    flowControl:\n      bands:\n      - priority: 1\n        requestTTLSeconds: 5\n"
    file.write_text(INTENT.replace(V0_10, V0_11) + bands)
    assert upgrade.main([str(tmp_path), "--to", V0_10]) == 1
    assert "bands[0].requestTTLSeconds" in capsys.readouterr().err


def test_a_flag_with_which_the_new_picker_exits_goes(tmp_path: Path) -> None:
    """From v1.0 to v1.5 a flag for a metric is taken out, and the image of a mirror gets the tag."""
    file = tmp_path / "picker.yaml"
    text = picker("apiVersion: inference.networking.x-k8s.io/v1alpha1\nkind: EndpointPickerConfig\n", V1_0)
    text = text.replace("registry.k8s.io/", "mirror:5000/").replace(
        "        - --pool-name=own\n",
        "        - --pool-name=own\n        - --kv-cache-usage-percentage-metric=a # why\n",
    )
    file.write_text(text)
    assert upgrade.main([str(file), "--to", V1_5]) == 0
    expected = text.replace("        - --kv-cache-usage-percentage-metric=a # why\n", "").replace(
        "epp:v1.0.0", "epp:v1.5.0"
    )
    assert file.read_text() == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected a PATH of a package, an overlay or a file"),
        (("@",), "--to: found nothing; expected one of gaie-v1.0, "),
        (("@", "--to", "llm-d-router-v0.12"), "--to: found llm-d-router-v0.12; did you mean llm-d-router-v0.1"),
        (("@", "--to", "gaie-v1.6"), "--to: found gaie-v1.6; "),
        (("@", "--dry-run"), "unknown option '--dry-run'; see --help"),
        (("nowhere", "--to", V0_11), "nowhere: no such file or folder"),
    ],
)
def test_wrong_use_is_told(
    arguments: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was wrong is said, and what is expected."""
    assert upgrade.main([str(tmp_path) if one == "@" else one for one in arguments]) == 2
    assert capsys.readouterr().err.startswith(f"krmfn upgrade: {message}")


def test_a_file_that_cannot_be_read_changes_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After an error every file is as it was."""
    (tmp_path / "llm.yaml").write_text(INTENT)
    (tmp_path / "broken.yaml").write_text("a: [\n")
    assert upgrade.main([str(tmp_path), "--to", V0_11]) == 1
    assert (tmp_path / "llm.yaml").read_text() == INTENT
    assert "broken.yaml" in capsys.readouterr().err
