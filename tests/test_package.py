"""The package: what is committed is what renders, and a change of the intent changes what follows from it, no more."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from krm_inference.commands import graph

from tests.conftest import EDITS, FOOD_REVIEW, FRESH, PACKAGE, Copy, Edit, at, edits_together, routed, server

S = "vllm-llama3.1-8b-instruct"
B = "vllm-llama3-1-8b-instruct"
GENERATED = (
    "model-server.yaml",
    "lora-adapters.yaml",
    "inference-pool.yaml",
    "endpoint-picker.yaml",
    "objectives.yaml",
    "gateway.yaml",
    "route.yaml",
    "metrics-access.yaml",
    "monitoring.yaml",
)
KEYS = ("name", "key", "mountPath", "id", "pluginRef", "type")


# What differs between two packages: (file, kind/name, field path) of each field whose value or comment is another


def step(key: str) -> str:
    return f"[{key}]" if re.search(r"[./]", key) else f".{key}"


def label(item: yaml.Node, index: int) -> str:
    """Name an item of a list by its key, a flag by its name, anything else by its position."""
    if isinstance(item, yaml.MappingNode):
        fields = {key.value: value.value for key, value in item.value}
        return next((f"{key}={fields[key]}" for key in KEYS if key in fields), str(index))
    flag = str(item.value).partition("=")[0]
    return flag if flag.startswith("--") else str(index)


def tree(text: str) -> yaml.Node:
    node = yaml.compose(text)
    assert node is not None
    return node


def leaves(node: yaml.Node, text: str, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of each scalar with its value and comment; YAML inside a block scalar is read as well."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from leaves(value, text, path + step(key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from leaves(item, text, f"{path}[{label(item, index)}]")
    elif isinstance(node, yaml.ScalarNode) and node.style == "|":
        yield from leaves(tree(node.value), node.value, path)
    else:
        yield path.lstrip("."), node.value + text[node.end_mark.index :].partition("\n")[0]


def fields(files: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return value and comment by field path, by `file kind/name` of each generated object."""
    objects: dict[str, dict[str, str]] = {}
    for file in GENERATED:
        for text in files[file].split("\n---\n") if file in files else []:
            one = yaml.safe_load(text)
            objects[f"{file} {one['kind']}/{one['metadata']['name']}"] = dict(leaves(tree(text), text))
    return objects


def short(text: str) -> str:
    return text.replace(S, "S").replace(B, "B")


def differences(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return `file object: path` of each changed field, and `- file object` or `+ file object` of whole objects."""
    old, new = fields(before), fields(after)
    found = {f"- {one}" for one in old.keys() - new.keys()} | {f"+ {one}" for one in new.keys() - old.keys()}
    for one in old.keys() & new.keys():
        paths = {path for path in old[one].keys() | new[one].keys() if old[one].get(path) != new[one].get(path)}
        found |= {f"{one}: {path}" for path in paths}
    return {short(line) for line in found}


# What is committed


def test_what_is_committed_is_what_renders(root: Path, tmp_path: Path, intent: Copy) -> None:
    """A render of the committed packages, and one from the intent alone, give the files that are committed."""
    committed = Copy(root / "packages").texts()
    shutil.copytree(root / "packages", tmp_path / "packages")
    copied = Copy(tmp_path / "packages" / "llama-3.1-8b")
    assert copied.render(), copied.said
    assert Copy(tmp_path / "packages").texts() == committed
    assert intent.render(), intent.said
    assert {f"llama-3.1-8b/{file}": text for file, text in intent.texts().items()} == {
        file: text for file, text in committed.items() if file.startswith("llama-3.1-8b/")
    }


def test_the_package_generates_the_files_that_it_names(package: Copy) -> None:
    """The kustomization lists every generated file and nothing else."""
    assert yaml.safe_load(package.read("kustomization.yaml"))["resources"] == list(GENERATED)
    assert set(GENERATED) <= set(package.texts())


@pytest.fixture(params=["llama-3.1-8b", *FRESH])
def any_package(request: pytest.FixtureRequest, all_packages: Path, tmp_path: Path) -> Copy:
    """A copy of a package, of the repository or as the guide makes one, as it was rendered."""
    return Copy(shutil.copytree(all_packages / request.param, tmp_path / "packages" / request.param))


def test_a_second_render_changes_nothing(any_package: Copy) -> None:
    """Rendering what is rendered writes no file and has nothing to report but what validate-inference tells of it."""
    before = any_package.texts()
    assert any_package.render()
    assert any_package.texts() == before
    told = list(any_package.said)
    assert all(line.startswith("[info] ") and ": set to " not in line for line in told)
    assert any_package.render()
    assert any_package.said == told


def test_the_package_lists_the_files_that_it_generates(any_package: Copy) -> None:
    """Each file of the kustomization is generated, and each generated file is there."""
    listed = yaml.safe_load(any_package.read("kustomization.yaml"))["resources"]
    texts = any_package.texts()
    assert {file for file, text in texts.items() if "generated-by: " in text and file.endswith(".yaml")} == {*listed}


def test_a_deleted_file_comes_back(any_package: Copy) -> None:
    """A generated file that was deleted is written again, byte for byte, and no other file changes."""
    before = any_package.texts()
    for file in yaml.safe_load(any_package.read("kustomization.yaml"))["resources"]:
        (any_package.root / file).unlink()
        assert any_package.render(), any_package.said
        assert any_package.texts() == before


def test_a_deleted_document_comes_back(any_package: Copy) -> None:
    """A document that was deleted comes back in its place with the same text, and no other file changes."""
    before = any_package.texts()
    for file in yaml.safe_load(any_package.read("kustomization.yaml"))["resources"]:
        documents = before[file].rstrip("\n").split("\n---\n")
        for index in range(len(documents)):
            rest = documents[:index] + documents[index + 1 :]
            any_package.write(file, "\n---\n".join(rest) + "\n" if rest else "")
            assert any_package.render(), any_package.said
            assert any_package.texts() == before


def test_a_comment_that_is_left_of_a_file_stays(any_package: Copy) -> None:
    """What was generated is written again below the comments of an otherwise empty file."""
    before = any_package.texts()
    any_package.write("gateway.yaml", "# ours\n---\n\n# and theirs\n")
    assert any_package.render(), any_package.said
    assert any_package.texts() == {**before, "gateway.yaml": "# ours\n# and theirs\n" + before["gateway.yaml"]}


# A change of the intent

SERVER = "model-server.yaml Deployment/S"
VLLM = f"{SERVER}: spec.template.spec.containers[name=vllm]"
POD = f"{SERVER}: spec.template.spec"
ADAPTERS = "lora-adapters.yaml ConfigMap/S-adapters: data[configmap.yaml].vLLMLoRAConfig"
POOL = "inference-pool.yaml"
PICKER = "endpoint-picker.yaml"
PLUGINS = f"{PICKER} ConfigMap/B-epp: data[default-plugins.yaml]"
OF_PICKER = ("ConfigMap", "Deployment", "Service", "ServiceAccount", "Role", "RoleBinding")
LORA_COUNTS = {f"{VLLM}.args[--max-cpu-loras]", f"{VLLM}.args[--max-lora-rank]", f"{VLLM}.args[--max-loras]"}
GRACE = {
    f"{PICKER} Deployment/B-epp: spec.template.spec.terminationGracePeriodSeconds",
    f"{POOL} GCPBackendPolicy/S: spec.default.connectionDraining.drainingTimeoutSec",
    f"{POD}.terminationGracePeriodSeconds",
    f"{VLLM}.args[--shutdown-timeout]",
}
# What a drain lasts, and so all times that follow; a longer request may take longer than the release's own timeout.
DRAIN = {*GRACE, f"{POOL} GCPBackendPolicy/S: spec.default.timeoutSec"}
SEATS = {f"{VLLM}.args[--max-num-seqs]", f"{VLLM}.args[--max-num-queued-reqs]"}
START = {f"{VLLM}.startupProbe.failureThreshold"}  # its comment counts the graphs that are captured
OF_NAMESPACE = (
    *(f"{PICKER} {kind}/B-epp" for kind in OF_PICKER),
    "gateway.yaml Gateway/inference-gateway",
    *(f"{POOL} {kind}/S" for kind in ("InferencePool", "HealthCheckPolicy", "GCPBackendPolicy")),
    "lora-adapters.yaml ConfigMap/S-adapters",
    *(f"metrics-access.yaml {kind}/B-metrics-reader" for kind in ("ServiceAccount", "Secret")),
    *(f"metrics-access.yaml {kind}/B-metrics-reader-secret" for kind in ("Role", "RoleBinding")),
    SERVER,
    *(f"monitoring.yaml PodMonitoring/{name}" for name in ("B", "B-epp")),
    *(f"objectives.yaml InferenceObjective/{name}" for name in ("food-review", "llama3-base-model")),
    "route.yaml HTTPRoute/S",
)
OF_CLUSTER = tuple(
    (file, f"{kind}/%s-B-{suffix}")
    for file, suffix in ((PICKER, "epp"), ("metrics-access.yaml", "metrics-reader"))
    for kind in ("ClusterRole", "ClusterRoleBinding")
)


FOLLOWS: dict[str, set[str]] = {
    "accelerator": {*DRAIN, f"{VLLM}.args[--max-num-seqs]", f"{POD}.nodeSelector[cloud.google.com/gke-accelerator]"},
    "GPUs per replica": {
        *(DRAIN | SEATS | START),
        f"{POD}.nodeSelector[cloud.google.com/gke-accelerator]",  # the machine named in its comment
        f"{POD}.volumes[name=shm].emptyDir.sizeLimit",
        f"{VLLM}.args[--tensor-parallel-size]",
        f"{VLLM}.resources.limits[nvidia.com/gpu]",
        f"{VLLM}.resources.requests[nvidia.com/gpu]",
        f"{VLLM}.resources.requests.cpu",
        f"{VLLM}.resources.requests.memory",
    },
    "adapter added, with rank and priority": {
        *LORA_COUNTS,
        f"{VLLM}.args[--max-num-seqs]",  # what its slot leaves of the KV cache
        f"{ADAPTERS}.ensureExist.models[id=haiku].id",
        f"{ADAPTERS}.ensureExist.models[id=haiku].source",
        "+ objectives.yaml InferenceObjective/haiku",
    },
    "adapter removed": {
        *LORA_COUNTS,
        f"{ADAPTERS}.ensureExist.models[id=food-review].id",
        f"{ADAPTERS}.ensureExist.models[id=food-review].source",
        "- objectives.yaml InferenceObjective/food-review",
    },
    "adapter absent": {
        *LORA_COUNTS,
        *(
            f"{ADAPTERS}.{section}.models[id=food-review].{field}"
            for section in ("ensureExist", "ensureNotExist")
            for field in ("id", "source")
        ),
        "- objectives.yaml InferenceObjective/food-review",
    },
    "all adapters removed": {
        *(LORA_COUNTS | DRAIN | START),
        f"{VLLM}.args[--max-num-seqs]",  # a token takes less time
        f"{VLLM}.args[--enable-lora]",
        f"{VLLM}.env[name=VLLM_ALLOW_RUNTIME_LORA_UPDATING].name",
        f"{VLLM}.env[name=VLLM_ALLOW_RUNTIME_LORA_UPDATING].value",
        f"{POD}.shareProcessNamespace",
        f"{POD}.volumes[name=lora-adapters].configMap.name",
        f"{POD}.volumes[name=lora-adapters].name",
        f"{POD}.initContainers[name=lora-adapter-syncer]…",
        f"{PLUGINS}.plugins[type=lora-affinity-scorer].type",
        f"{PLUGINS}.schedulingProfiles[name=default].plugins[pluginRef=lora-affinity-scorer].pluginRef",
        "- lora-adapters.yaml ConfigMap/S-adapters",
        "- objectives.yaml InferenceObjective/food-review",
    },
    "replicas": {f"{SERVER}: spec.replicas"},
    "maximum output tokens": {
        *(DRAIN | SEATS | START),
        f"{VLLM}.args[--override-generation-config]",
    },
    "preStop": {*GRACE, f"{VLLM}.lifecycle.preStop.sleep.seconds"},
    "port": {
        f"{POOL} HealthCheckPolicy/S: spec.default.config.httpHealthCheck.port",
        f"{POOL} InferencePool/S: spec.targetPorts[0].number",
        f"{ADAPTERS}.port",
        f"{VLLM}.args[--port]",
        f"{VLLM}.ports[name=http].containerPort",
    },
    "namespace": {
        *(f"{one}: metadata.namespace" for one in OF_NAMESPACE),
        *(f"- {file} {one % 'default'}" for file, one in OF_CLUSTER),
        *(f"+ {file} {one % 'llm'}" for file, one in OF_CLUSTER),
    },
    "served name": {f"{VLLM}.args[--served-model-name]"},
    # Fewer and longer ones take about as long: of the times only the sum of the grace period is another.
    "longest context": {*SEATS, *START, f"{POD}.terminationGracePeriodSeconds", f"{VLLM}.args[--max-model-len]"},
    "token": {f"{VLLM}.env[name=HF_TOKEN].valueFrom.secretKeyRef.{field}" for field in ("name", "key")},
    "further flag": {
        f"{SERVER}: metadata.annotations[inference.fn.kpt.dev/from-intent]",
        f"{VLLM}.args[--gpu-memory-utilization]",
        f"{VLLM}.args[--max-num-seqs]",  # the KV cache in its comment
    },
    "further variable": {
        f"{SERVER}: metadata.annotations[inference.fn.kpt.dev/from-intent]",
        f"{VLLM}.env[name=VLLM_LOGGING_LEVEL].name",
        f"{VLLM}.env[name=VLLM_LOGGING_LEVEL].value",
    },
    # Of an image of one's own the version is not known, nor whether it can bound its queue.
    "image": {*DRAIN, *SEATS, f"{VLLM}.image"},
    "Gateway of others": {"- gateway.yaml Gateway/inference-gateway"},
    "name of the Gateway": {
        "- gateway.yaml Gateway/inference-gateway",
        "+ gateway.yaml Gateway/other-gateway",
        *(
            f"route.yaml HTTPRoute/S: spec.parentRefs[name={name}].{field}"
            for name in ("inference-gateway", "other-gateway")
            for field in ("group", "kind", "name")
        ),
    },
    "class of the Gateway": {"gateway.yaml Gateway/inference-gateway: spec.gatewayClassName"},
    "host names": {"route.yaml HTTPRoute/S: spec.hostnames[0]"},
    "path prefix": {"route.yaml HTTPRoute/S: spec.rules[0].matches[0].path.value"},
    "objective removed": {"- objectives.yaml InferenceObjective/llama3-base-model"},
    "priority": {"objectives.yaml InferenceObjective/food-review: spec.priority"},
}


def folded(found: set[str], expected: set[str]) -> set[str]:
    """Replace the fields below a path that `expected` names with a final `…` by that path."""
    wholes = [line[:-1] for line in expected if line.endswith("…")]
    return {next((f"{whole}…" for whole in wholes if line.startswith(whole)), line) for line in found}


@pytest.mark.parametrize("change", EDITS)
def test_a_change_of_the_intent_changes_what_follows_from_it(package: Copy, change: str) -> None:
    """Exactly the listed fields change; taking the change back gives the same values again."""
    expected = FOLLOWS[change]
    before = package.texts()
    package.edit(*EDITS[change])
    assert package.render(), package.said
    after = package.texts()
    assert folded(differences(before, after), expected) == expected
    assert package.render()
    assert package.texts() == after
    package.write("llm.yaml", before["llm.yaml"])
    assert package.render(), package.said
    assert differences(before, package.texts()) == set()


def test_every_change_of_a_value_is_reported(package: Copy) -> None:
    """Each value that was there and is another now is an info result with file, line, object, field, old and new."""
    package.edit(("replicas: 3", "replicas: 5"), ("nvidia-h100-80gb", "nvidia-a100-80gb"))
    assert package.render()
    changes = [line for line in package.said if ": set to " in line]
    # The replicas, the accelerator, and the times: grace, drain, backend, draining and the picker's.
    assert len(changes) == 7
    line = package.read("model-server.yaml").splitlines().index("  replicas: 5") + 1
    place = f"{package.root}/model-server.yaml:{line}"
    assert changes[0] == f"[info] {place}: Deployment {S}: spec.replicas: set to 5, was 3"


# What users add


def test_what_users_add_survives(package: Copy) -> None:
    """Labels, variables, sidecars, volumes, rules, comments and whole objects of a user's own survive every render."""
    additions = {
        "model-server.yaml": [
            at(f"  labels:\n    app: {S}\n", "    team: search # who to call\n"),
            at("spec:\n  replicas: 3\n", "  strategy:\n    rollingUpdate:\n      maxSurge: 0\n"),
            at("        env:\n        - name: HF_TOKEN\n", ""),
            at(
                "        - name: HF_HOME\n          value: /data/huggingface\n",
                "        - name: MINE\n          value: '1'\n",
            ),
            at("      containers:\n", "      - name: logger\n        image: example.com/logger:v1\n"),
            at("      volumes:\n", "      - name: mine\n        emptyDir: {}\n"),
            at("        - --port=8000\n", "        - --seed=1 # reproducible\n"),
        ],
        "gateway.yaml": [
            at("  listeners:\n", "  - name: https\n    port: 443\n    protocol: HTTPS\n"),
        ],
        "endpoint-picker.yaml": [at("  replicas: 1\n", "  revisionHistoryLimit: 2\n")],
        "objectives.yaml": [
            at(f"    name: {S}\n---\n", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n---\n"),
        ],
    }
    for file, edits in additions.items():
        package.edit(*edits, file=file)
    before = package.texts()
    assert package.render(), package.said
    assert package.texts() == before
    package.edit(("replicas: 3", "replicas: 5"), (FOOD_REVIEW, ""))
    assert package.render(), package.said
    for file, edits in additions.items():
        for anchor, both in edits:
            if both != anchor:
                assert both.removeprefix(anchor) in package.read(file), both


def test_wrong_values_in_owned_fields_are_corrected(package: Copy) -> None:
    """What a hand changed in owned fields is set right again, and only that."""
    before = package.texts()
    package.edit(("replicas: 3", "replicas: 1"), ("periodSeconds: 1", "periodSeconds: 7"), file="model-server.yaml")
    package.edit(("port: 80\n", "port: 81\n"), file="gateway.yaml")
    package.edit(("  priority: 20", "  priority: 21"), file="objectives.yaml")
    assert package.render()
    assert package.texts() == before


# An edit that replaces a derived value, the new line, and the reason of the old one.
REPLACED = {
    "request": (server("    resources:\n      requests:\n        cpu: 8\n"), 'cpu: "8"', "× 2 threads"),
    "flag": (server("    extraArgs:\n    - --max-loras=1\n"), "- --max-loras=1", "2 adapters"),
}


@pytest.mark.parametrize("case", REPLACED)
def test_a_value_that_the_intent_replaces_loses_its_reason(package: Copy, case: str) -> None:
    """A reason stands only on the value that was worked out by it."""
    edit, line, reason = REPLACED[case]
    package.edit(edit)
    assert package.render(), package.said
    (found,) = [text for text in package.read("model-server.yaml").splitlines() if text.strip().startswith(line)]
    assert reason not in found


# Several services

SECOND: list[Edit] = [
    (S, "qwen"),
    ("food-review", "haiku"),
    ("cad-fabricator", "sonnet"),
    ("llama3-base-model", "qwen-base-model"),
    ("replicas: 3", "replicas: 1"),
    routed("  route:\n    pathPrefix: /qwen\n"),
]


def second(package: Copy, *edits: Edit) -> str:
    """Return the intent of another service that shares the Gateway."""
    text = package.read("llm.yaml")
    for old, new in [*SECOND, *edits]:
        assert old in text
        text = text.replace(old, new)
    return text


def absent(name: str) -> Edit:
    """Say in the intent of a service that it shall go."""
    head = f'  name: {name}\n  annotations:\n    config.kubernetes.io/local-config: "true"\nspec:\n'
    return head, f"{head}  ensure: Absent\n"


def owner(one: dict[str, dict[str, dict[str, str]]]) -> str:
    mark = one["metadata"].get("annotations", {}).get("inference.fn.kpt.dev/generated-by", "")
    return mark.partition("/")[2]


@pytest.mark.parametrize("in_one_file", [True, False])
def test_two_services_share_a_gateway(intent: Copy, *, in_one_file: bool) -> None:
    """Two services render side by side, in one file or in two, and taking one away deletes exactly its objects."""
    alone = intent.read("llm.yaml")
    if in_one_file:
        intent.write("llm.yaml", f"{alone}---\n{second(intent)}")
    else:
        intent.write("qwen.yaml", second(intent))
    assert intent.render(), intent.said
    objects = intent.objects()
    kinds = [one["kind"] for one in objects]
    assert kinds.count("Gateway") == 1
    assert kinds.count("InferencePool") == kinds.count("HTTPRoute") == 2
    identities = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(identities)) == len(identities)
    assert {owner(one) for one in objects} - {""} == {S, "qwen"}
    both = intent.texts()
    assert intent.render()
    assert intent.texts() == both

    where = "llm.yaml" if in_one_file else "qwen.yaml"
    intent.edit(absent("qwen"), file=where)
    assert intent.render(), intent.said
    if in_one_file:
        intent.write("llm.yaml", alone)
    else:
        (intent.root / "qwen.yaml").unlink()
    assert intent.render(), intent.said
    left = [(one["kind"], one["metadata"]["name"]) for one in intent.objects()]
    gone = {(one["kind"], one["metadata"]["name"]) for one in objects if owner(one) == "qwen"} - {
        ("Gateway", "inference-gateway")
    }
    assert set(left) == set(identities) - gone
    assert len(left) == len(objects) - len(gone)


def test_the_last_service_takes_the_gateway_with_it(intent: Copy) -> None:
    """A Gateway lasts as long as one service names it, whichever service it was made for."""
    alone = intent.read("llm.yaml")
    intent.write("qwen.yaml", second(intent))
    assert intent.render(), intent.said
    intent.edit(absent(S))
    assert intent.render(), intent.said
    intent.write("llm.yaml", "# moved away\n")
    assert intent.render(), intent.said
    assert [one["metadata"]["name"] for one in intent.objects() if one["kind"] == "Gateway"] == ["inference-gateway"]
    intent.edit(("name: inference-gateway", "name: other"), file="qwen.yaml")
    assert intent.render(), intent.said
    assert [one["metadata"]["name"] for one in intent.objects() if one["kind"] == "Gateway"] == ["other"]
    intent.write("llm.yaml", alone)
    assert intent.render(), intent.said
    assert {one["metadata"]["name"] for one in intent.objects() if one["kind"] == "Gateway"} == {
        "other",
        "inference-gateway",
    }


LOST: dict[str, tuple[str, str]] = {
    "emptied": ("", "is gone, but 25 objects that were generated for it are still here"),
    "of another kind": ("LLMservice", "did you mean LLMService?"),
    "of another group": ("inferense.fn.kpt.dev", "expected inference.fn.kpt.dev/v1alpha1"),
}


@pytest.mark.parametrize("slip", LOST)
def test_a_slip_in_the_only_intent_deletes_nothing(package: Copy, slip: str) -> None:
    """The render fails, says what was meant, and leaves every file as it was."""
    before, says = slipped(package, slip)
    assert not package.render()
    assert says in "\n".join(package.said)
    assert package.texts() == before


@pytest.mark.parametrize("slip", LOST)
def test_a_slip_in_the_only_intent_deletes_nothing_in_kpt_either(package: Copy, slip: str, kpt: str) -> None:
    before, says = slipped(package, slip)
    run = package.render_with_kpt(kpt)
    assert run.returncode != 0
    assert says in run.stderr
    assert package.texts() == before


def slipped(package: Copy, slip: str) -> tuple[dict[str, str], str]:
    """Make the slip; return the files as they are then, and what is to be said of it."""
    bad, says = LOST[slip]
    good = "LLMService" if bad == "LLMservice" else "inference.fn.kpt.dev"
    package.write("llm.yaml", package.read("llm.yaml").replace(good, bad) if bad else "# moved away\n")
    return package.texts(), says


COLLISIONS: dict[str, tuple[list[Edit], str]] = {
    "same path": ([("/qwen", "/")], "both serve every host name with path prefix /"),
    "same host name and path": (
        [("    pathPrefix: /qwen\n", "    hostnames:\n    - llm.example.com\n")],
        "both serve llm.example.com with path prefix /",
    ),
}


@pytest.mark.parametrize("collision", COLLISIONS)
def test_services_that_collide_are_both_named(intent: Copy, collision: str) -> None:
    """Two services of one Gateway with the same host name and path are an error that names both; no file changes."""
    edits, message = COLLISIONS[collision]
    intent.write("qwen.yaml", second(intent, *edits))
    if "host" in collision:
        intent.edit(routed("  route:\n    hostnames:\n    - llm.example.com\n"))
    before = intent.texts()
    assert not intent.render()
    said = next(line for line in intent.said if message in line)
    assert f"LLMService {S}" in said
    assert "LLMService qwen" in said
    assert intent.texts() == before


# Mistakes

MISTAKES: dict[str, tuple[Edit, str]] = {
    "misspelt field": (
        ("  replicas: 3", "  replica: 3"),
        'spec.replica: unknown field "replica" (did you mean "replicas"?)',
    ),
    "wrong type": (
        ("priority: 20", "priority: high"),
        'spec.objectives[0].priority: found the string "high", expected an integer',
    ),
    "missing model": (
        ("    id: meta-llama/Llama-3.1-8B-Instruct\n", "    maxOutputTokens: 1\n"),
        "spec.model.id: missing",
    ),
    "unknown accelerator": (
        ("nvidia-h100-80gb", "nvidia-h100"),
        'spec.accelerator.type: found "nvidia-h100"',
    ),
    "not an int32": (("priority: 10", "priority: 3000000000"), "spec.adapters[0].priority: found 3000000000"),
    "port out of range": (
        at("    type: nvidia-h100", "-80gb\n  server:\n    port: 70000 # "),
        "spec.server.port: found 70000",
    ),
}


@pytest.mark.parametrize("chosen", [*([name] for name in MISTAKES), list(MISTAKES)])
def test_every_mistake_of_a_file_is_reported_in_one_run(package: Copy, chosen: list[str]) -> None:
    """Each mistake names file, line, object, field, value and expectation; nothing is written."""
    for name in reversed(chosen):
        package.edit(MISTAKES[name][0])
    before = package.texts()
    assert not package.render()
    assert package.texts() == before
    place = re.compile(rf"\[error\] {re.escape(str(package.root))}/llm\.yaml:\d+: LLMService {re.escape(S)}: ")
    errors = [line for line in package.said if line.startswith("[error]")]
    for name in chosen:
        found = [line for line in errors if MISTAKES[name][1] in line]
        assert len(found) == 1, (name, package.said)
        assert place.match(found[0])
        assert "expected" in found[0] or "known fields" in found[0]


def test_two_services_of_one_name_are_refused(package: Copy) -> None:
    """The error names both places."""
    package.write("other.yaml", package.read("llm.yaml"))
    before = package.texts()
    assert not package.render()
    said = next(line for line in package.said if f'LLMService name "{S}" appears twice' in line)
    assert "llm.yaml" in said
    assert "other.yaml" in said
    assert package.texts() == before


def test_the_readme_shows_the_picture_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    """The Mermaid text in the README is what krmfn graph draws of what is committed."""
    assert graph.main([str(PACKAGE)]) == 0
    assert f"```mermaid\n{capsys.readouterr().out}```\n" in (PACKAGE / "README.md").read_text()


@pytest.mark.parametrize("names", edits_together("namespace"), ids=", ".join)
def test_a_change_gives_the_text_of_a_render_from_nothing(intent: Copy, names: list[str]) -> None:
    """Whatever was there before, the same intent gives the same bytes, and the way back those of before.

    Only a namespace that comes later stands at the end of metadata, as under kpt, and not behind the name.
    """
    first = Copy(shutil.copytree(intent.root, intent.root.parent / "first" / intent.root.name))
    fresh = Copy(shutil.copytree(intent.root, intent.root.parent / "fresh" / intent.root.name))
    assert first.render(), first.said
    assert intent.render(), intent.said
    before = intent.read("llm.yaml")
    for one in (intent, fresh):
        one.edit(*(edit for name in names for edit in EDITS[name]))
        assert one.render(), one.said
    assert (intent.texts() == fresh.texts()) == ("namespace" not in names)
    assert intent.objects() == fresh.objects()
    intent.write("llm.yaml", before)
    assert intent.render(), intent.said
    assert intent.texts() == first.texts()
