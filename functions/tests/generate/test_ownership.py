"""Ownership, field by field: inside its table a function's intent wins, outside it nothing changes."""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import combinations
from typing import Any, NamedTuple

import pytest
from krm_functions_sdk import INFO, WARNING, Resource, ResourceList
from krm_functions_sdk.document import field_path, ownership
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match
from krm_functions_sdk.document.tree import LIST, MAP, Node
from krm_inference.domain import generation, workloads
from krm_inference.domain.generation import Generation
from krm_inference.domain.service import LLMService
from krm_inference.domain.workloads import Target
from pipeline import FUNCTIONS

Functions = dict[str, Callable[[ResourceList], None]]
Render = Callable[..., ResourceList]

TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    name: import_module(f"krm_inference.{name}").OWNS for name in FUNCTIONS
}
PATHS = [(name, role, path) for name, table in TABLES.items() for role, paths in table.items() for path in paths]
# Owned so that they leave an adopted Deployment; no intent wants them.
NEVER_WANTED = {
    "spec.template.spec.containers[name=vllm].args[--model]",
    "spec.template.spec.containers[name=vllm].args[-tp]",
    "spec.template.spec.containers[name=vllm].env[name=HUGGING_FACE_HUB_TOKEN]",
    "spec.template.spec.containers[name=vllm].env[name=PORT]",
    "spec.template.spec.containers[name=vllm].env[name=VLLM_USE_V1]",
    "POD.containers[name=lora-adapter-syncer]",
}

# What a claim that is live cannot change: whoever changes its file is told so too.
FIXED = {
    "weights PersistentVolumeClaim": ("spec.accessModes", "spec.storageClassName", "spec.volumeName"),
    "cache PersistentVolumeClaim": ("spec.accessModes", "spec.storageClassName"),
}


class Written(NamedTuple):
    """What one function wrote into one object: its role, the paths it owns there, and what it wanted."""

    function: str
    role: str
    resource: Resource
    target: Target | None
    wanted: dict[str, Any]
    owned: tuple[str, ...]

    def path(self, template: str) -> FieldPath:
        """Return a path of the table in this object."""
        return field_path.parse(self.target.paths((template,))[0] if self.target else template)


class Package(NamedTuple):
    """A rendered package, and what each function wrote into it."""

    resources: ResourceList
    written: list[Written]

    def of(self, function: str, role: str) -> Written:
        """Return the first object that `function` has in `role`."""
        return next(item for item in self.written if (item.function, item.role) == (function, role))

    def has(self, function: str, role: str, template: str) -> bool:
        """Say whether `function` has an object in `role`, with something at `template`."""
        if (function, role) not in {(item.function, item.role) for item in self.written}:
            return False
        written = self.of(function, role)
        return written.resource.find(written.path(template)) is not None


def _recorded(render: Render, *texts: str) -> Package:
    written: list[Written] = []
    apply, inject = Generation.apply, Generation.inject

    def record_apply(
        self: Generation,
        service: LLMService,
        role: str,
        wanted: dict[str, Any],
        file: str,
        also_owned: tuple[str, ...] = (),
        further_role: str = "",
    ) -> Resource:
        resource = apply(self, service, role, wanted, file, also_owned, further_role)
        bare = generation._without_kind(wanted, "name", "namespace")
        roles = [role, *([further_role] if further_role else [])]
        owned = (*generation._ALWAYS_OWNED, *(path for one in roles for path in self.table[one]), *also_owned)
        written.append(Written(self.function.replace("-", "_"), roles[-1], resource, None, bare, owned))
        return resource

    def record_inject(self: Generation, target: Target, pod: dict[str, Any], paths: tuple[str, ...]) -> None:
        inject(self, target, pod, paths)
        wanted = workloads.nested(target.pod, pod)
        owned = target.paths(paths)
        name = self.function.replace("-", "_")
        written.append(Written(name, "workload", target.resource, target, wanted, owned))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Generation, "apply", record_apply)
        patch.setattr(Generation, "inject", record_inject)
        resources = render(*texts)
    assert not _told(resources)
    return Package(resources, written)


TOKENS = {"issuer": "https://issuer.example.com", "jwksUri": "https://issuer.example.com/keys", "audiences": ["llm"]}


@pytest.fixture(scope="module")
def packages(render: Render, fulls: list[str]) -> list[Package]:
    """A package of each release, and of other classes and platforms; every owned field is wanted in one of them."""
    behind = []
    for name, platform in (
        ("gke-l7-rilb", "gke-standard"),
        ("istio", "aks"),
        ("agentgateway", "gke-standard"),
        ("gke-l7-regional-external-managed", "gke-autopilot"),
    ):
        intent = Resource(fulls[0])
        intent.set("spec.gateway.className", name)
        intent.set("spec.platform", platform)
        intent.set("spec.route.byModel", value=True)
        if not name.startswith("gke-"):
            intent.remove("spec.gateway.tls")
            intent.set("spec.gateway.jwt", TOKENS)
        behind.append(intent.text)
    envoy = Resource(fulls[0])
    envoy.set("spec.platform", "kubernetes")
    envoy.set("spec.gateway", {"name": "inference-gateway", "className": "envoy-ai-gateway", "jwt": TOKENS})
    behind.append(envoy.text)
    for kind, platform, name in (("amd-mi300x", "kubernetes", "istio"), ("tpu-v6e-slice", "gke-standard", "")):
        intent = Resource(fulls[0])
        intent.set("spec.platform", platform)
        intent.set("spec.accelerator", {"type": kind})
        intent.set("spec.security", "baseline")
        for field in ("spec.adapters", "spec.rewrites", *(("spec.gateway.tls",) if name else ())):
            if intent.get(field) is not None:
                intent.remove(field)
        if name:
            intent.set("spec.gateway.className", name)
        behind.append(intent.text)
    return [_recorded(render, text) for text in (*fulls, *behind, *_kept_elsewhere(fulls))]


def _apart(full: str) -> Iterator[str]:
    """Yield intents whose prompts are read by servers of their own."""
    apart = Resource(full)
    for field in ("spec.adapters", "spec.rewrites"):
        apart.remove(field)
    apart.set("spec.platform", "gke-autopilot")
    apart.set("spec.prefill", {"replicas": 2, "accelerator": {"count": 1}})
    apart.set("spec.networkPolicy", {"gatewayRanges": ["10.129.0.0/23"]})
    apart.set("spec.availability", {"maxUnavailable": 1})
    yield apart.text
    small = Resource(apart.text)
    small.remove("spec.server.extraArgs")
    small.set("spec.model.maxModelLen", 8192)
    small.set("spec.accelerator", {"type": "nvidia-l4", "count": 2})
    yield small.text


def _kept_elsewhere(fulls: list[str]) -> Iterator[str]:
    """Yield intents whose weights, token and adapters come from where the others' do not."""
    full, queueing = fulls[:2]
    bucket = Resource(full)
    bucket.set("spec.platform", "eks")
    bucket.set("spec.gateway.className", "istio")
    bucket.remove("spec.gateway.tls")
    bucket.set("spec.weights", {"uri": "s3://models/llama", "serviceAccountName": "reader"})
    bucket.set("spec.lora.loader", "static")
    bucket.remove("spec.replicas")
    prometheus = {"maxReplicas": 4, "minReplicas": 2, "prometheus": "http://prometheus:9090"}
    bucket.set("spec.autoscaling", prometheus)
    bucket.set("spec.availability.maxUnavailable", 1)
    bucket.set("spec.networkPolicy.scraperNamespace", "monitoring")
    yield bucket.text
    cache = Resource(full)
    cache.set("spec.weights", {"cache": {"storageClassName": "nfs", "download": True}})
    cache.set("spec.model.tokenSecret.externalSecret", {"store": "vault", "remoteKey": "hub"})
    cache.set("spec.adapters", [{"name": "food-review", "source": "/lora-adapters/food-review"}])
    cache.set("spec.lora", {"loader": "resolver", "claim": "adapters"})
    cache.remove("spec.rewrites")
    cache.remove("spec.replicas")
    cache.set("spec.autoscaling", {"scaler": "hpa", "maxReplicas": 4, "minReplicas": 2})
    yield cache.text
    yield from _apart(next(text for text in fulls if "release: llm-d-router-v0.10" in text))
    none = Resource(queueing)
    none.remove("spec.replicas")
    none.set("spec.autoscaling", {**prometheus, "minReplicas": 0})
    yield none.text
    group = Resource(full)
    group.set("metadata.name", "llama")
    group.set("spec.accelerator", {"type": "nvidia-h100-80gb", "count": 16})
    group.set("spec.parallelism", {"pipeline": 2})
    group.set("spec.replicas", 2)
    group.set("spec.availability.maxUnavailable", 1)
    group.set("spec.networkPolicy", {"gatewayRanges": ["10.129.0.0/23"]})
    yield group.text


@pytest.fixture(scope="module")
def package(packages: list[Package]) -> Package:
    """A package in which all is wanted that the oldest release has."""
    return packages[0]


@pytest.fixture(scope="module")
def bare(render: Render, least: str) -> Package:
    """A package in which no more is wanted than must be."""
    return _recorded(render, least)


def _run(functions: Functions, name: str, package: Package, resource: Resource, text: str) -> tuple[str, list[Any]]:
    """Run a function over the package with another text of `resource`; return the text that it leaves and results."""
    items = [Resource(text, path=item.path) if item is resource else item.copy() for item in package.resources]
    resources = ResourceList(items)
    functions[name](resources)
    others = [item for item in package.resources if item is not resource]
    left = [item for item in resources if item is not items[package.resources.items.index(resource)]]
    assert [item.text for item in left] == [item.text for item in others]
    return items[package.resources.items.index(resource)].text, _told(resources)


def _told(resources: ResourceList) -> list[Any]:
    """Return the results but for what a class of gateways has no field for, which is said in each run."""
    return [result for result in resources.results if result.field != "spec.gateway.className"]


def _leaves(node: Node, path: FieldPath) -> Iterator[tuple[FieldPath, Node]]:
    """Yield the scalars in `node`, without the field that identifies an item of a list."""
    key = path[-1][0] if path and isinstance(path[-1], Match) else None
    if node.kind == MAP:
        for name, child in node.value:
            if name.value != key:
                yield from _leaves(child, (*path, name.value))
    elif node.kind == LIST:
        for index, child in enumerate(node.value):
            yield from _leaves(child, (*path, index))
    else:
        yield path, node


def _changed(text: str, node: Node, path: FieldPath) -> str:
    """Return the text with another value of a scalar, of the same type and in the same style."""
    if node.style in ("|", ">"):
        end = text.index("\n", text.index("\n", node.start) + 1)
        return f"{text[:end]} changed{text[end:]}"
    old = text[node.start : node.end]
    if isinstance(path[-1], Flag) and path[-1][0] and "=" not in old:
        return f"{text[: node.start]}{old}=changed{text[node.end :]}"
    if old in ("true", "false"):
        new = "false" if old == "true" else "true"
    elif old.isdigit():
        new = str(int(old) + 1)
    else:
        new = f"{old[:-1]}-changed{old[-1]}" if node.style else f"{old}-changed"
    return text[: node.start] + new + text[node.end :]


def _begins(path: FieldPath, start: FieldPath) -> bool:
    return path[: len(start)] == start


@pytest.mark.parametrize(("name", "role", "template"), PATHS)
def test_a_changed_value_is_set_right(
    name: str, role: str, template: str, packages: list[Package], functions: Functions
) -> None:
    """Each value at an owned path that someone changes is set back, with an info, and the text is as it was."""
    holding = [package for package in packages if package.has(name, role, template)]
    if template in NEVER_WANTED:
        assert not holding
        return
    assert holding, "an intent of this test has to want every owned field"
    package, written = holding[0], holding[0].of(name, role)
    path = written.path(template)
    text = written.resource.text
    found = written.resource.find(path)
    assert found is not None
    for inner, node in list(_leaves(found, path)):
        left, results = _run(functions, name, package, written.resource, _changed(text, node, inner))
        assert left == text, field_path.show(inner)
        severities = [INFO, WARNING] if template in FIXED.get(role, ()) else [INFO]
        assert [result.severity for result in results] == severities, field_path.show(inner)
        assert _begins(field_path.parse(results[0].field), path[:-1])


@pytest.mark.parametrize(("name", "role", "template"), [item for item in PATHS if item[2] not in NEVER_WANTED])
def test_a_dropped_value_comes_back(
    name: str, role: str, template: str, packages: list[Package], functions: Functions
) -> None:
    """An owned path that someone drops is there again, with all that it held."""
    package = next(package for package in packages if package.has(name, role, template))
    written = package.of(name, role)
    dropped = written.resource.copy()
    dropped.remove(field_path.show(written.path(template)))
    assert dropped.text != written.resource.text
    left, _ = _run(functions, name, package, written.resource, dropped.text)
    assert _sorted(Resource(left).data) == _sorted(written.resource.data)


def _sorted(value: Any) -> Any:
    """Return `value` with the items of its lists in one order: what comes back, comes back at the end."""
    if isinstance(value, dict):
        return {key: _sorted(part) for key, part in value.items()}
    return sorted((_sorted(part) for part in value), key=repr) if isinstance(value, list) else value


def test_an_unwanted_value_is_taken_out(bare: Package, functions: Functions) -> None:
    """An owned path that the intent does not ask for is taken out, with an info, and the rest of the text stays."""
    unwanted = 0
    for name, role, template in PATHS:
        if (name, role) not in {(written.function, written.role) for written in bare.written}:
            continue
        written = bare.of(name, role)
        path = written.path(template)
        if written.resource.find(path) is not None:
            continue
        unwanted += 1
        added = written.resource.copy()
        _add(added, path)
        left, results = _run(functions, name, bare, written.resource, added.text)
        assert left == written.resource.text, template
        assert {result.severity for result in results} == {INFO}, template
    assert unwanted > 20


def _add(resource: Resource, path: FieldPath) -> None:
    """Put some value at `path`, in new parents where there are none."""
    last = path[-1]
    value: Any = (
        f"{last[0]}=x" if isinstance(last, Flag) else {last[0]: last[1], "x": "y"} if isinstance(last, Match) else "x"
    )
    table = ownership.table([field_path.show(path)])
    wanted: Any = value
    for index, step in reversed(list(enumerate(path))):
        if isinstance(step, str):
            wanted = {step: wanted}
        elif isinstance(step, Match) and index < len(path) - 1:
            wanted = [{step[0]: step[1], **wanted}]
        else:
            wanted = [wanted]
    resource.apply(wanted, table)
    assert resource.find(path) is not None


SERVER = "Deployment llama-3.1"
ADDITIONS = {
    "label": ("metadata:\n", "metadata:\n  labels:\n    team: search # pays\n", "ConfigMap llama-3.1-adapters"),
    "annotation": ("  annotations:\n", "  annotations:\n    example.com/owner: 'search'\n", SERVER),
    "environment variable": ("        env:\n", "        env:\n        - {name: TEAM, value: search}\n", SERVER),
    "sidecar": ("      containers:\n", "      containers:\n      - name: logs\n        image: x/y:1\n", SERVER),
    "flag": ("        args:\n", "        args:\n        - --seed=7 # as in the paper\n", SERVER),
    "flag in two items": ("        env:\n", "        - --seed\n        - '7'\n        env:\n", SERVER),
    "port": ("        ports:\n", "        ports:\n        - name: debug\n          containerPort: 5678\n", SERVER),
    "volume": ("      volumes:\n", "      volumes:\n      - name: more\n        emptyDir: {}\n", SERVER),
    "toleration": ("      tolerations:\n", "      tolerations:\n      - key: team\n        operator: Exists\n", SERVER),
    "init container": (
        "      initContainers:\n",
        "      initContainers:\n      - name: warm\n        image: x/y:1\n",
        SERVER,
    ),
    "variable of the syncer": (
        "      initContainers:\n      - name: lora-adapter-syncer\n",
        "      initContainers:\n      - name: lora-adapter-syncer\n        workingDir: /tmp\n",
        SERVER,
    ),
    "roll-out": ("spec:\n  replicas", "spec:\n  strategy: {type: Recreate}\n  replicas", SERVER),
    "comment above": ("      - name: vllm\n", "      # the server\n      - name: vllm\n", SERVER),
    "comment beside": ("  replicas: 3\n", "  replicas: 3 # for the fair\n", SERVER),
    "blank lines": ("spec:\n  replicas", "\n\nspec:\n\n  replicas", SERVER),
    "order of keys": ("apiVersion: apps/v1\nkind: Deployment\n", "kind: Deployment\napiVersion: apps/v1\n", SERVER),
    "quotes": (
        "        image: docker.io/vllm/vllm-openai:v0.33.0\n",
        "        image: 'docker.io/vllm/vllm-openai:v0.33.0'\n",
        SERVER,
    ),
    "flow style": ("        command:\n        - vllm\n        - serve\n", "        command: [vllm, serve]\n", SERVER),
    "listener": (
        "  listeners:\n",
        "  listeners:\n  - {name: mine, port: 8443, protocol: HTTPS}\n",
        "Gateway inference-gateway",
    ),
    "key of data": ("data:\n", "data:\n  notes: mine\n", "ConfigMap llama-3-1-epp"),
    "port of the picker": ("  ports:\n", "  ports:\n  - name: more\n    port: 1\n", "Service llama-3-1-epp"),
    "limit of the picker": (
        "          requests:\n",
        "          limits: {cpu: 1}\n          requests:\n",
        "Deployment llama-3-1-epp",
    ),
    "limit of a monitor": ("spec:\n", "spec:\n  limits: {samples: 20000}\n", "PodMonitoring llama-3-1"),
}


@pytest.mark.parametrize("what", ADDITIONS)
def test_what_is_outside_stays(what: str, package: Package, functions: Functions) -> None:
    """What a user adds or writes differently outside the tables survives every function, byte for byte."""
    old, new, name = ADDITIONS[what]
    resource = next(item for item in package.resources if f"{item.kind} {item.name}" == name)
    assert old in resource.text
    text = resource.text.replace(old, new, 1)
    for function in functions:
        left, results = _run(functions, function, package, resource, text)
        assert left == text, function
        assert not results, function


def test_every_object_keeps_label_annotation_and_comment(package: Package, functions: Functions) -> None:
    """A label, an annotation, a comment and quotes survive on every object that is generated."""
    items = [item.copy() for item in package.resources]
    for item in items[1:]:
        item.set("metadata.labels[example.com/team]", "search")
        item.set("metadata.annotations[example.com/owner]", "me")
        item._text = "# mine\n" + item.text.replace(f"kind: {item.kind}", f'kind: "{item.kind}" # sic', 1)
        item._root = None
    resources = ResourceList([Resource(item.text, path=item.path) for item in items])
    for function in functions.values():
        function(resources)
    assert [item.text for item in resources] == [item.text for item in items]
    assert not resources.results


def test_tables_do_not_overlap(package: Package) -> None:
    """No two functions own the same field of an object, nor one a field inside the other's."""
    for one, other in combinations(package.written, 2):
        if one.resource is other.resource and one.function != other.function:
            for mine in TABLES[one.function][one.role]:
                for theirs in TABLES[other.function][other.role]:
                    here, there = one.path(mine), other.path(theirs)
                    assert not _begins(here, there), (one.function, other.function, mine)
                    assert not _begins(there, here), (one.function, other.function, theirs)


@pytest.mark.parametrize("name", TABLES)
def test_no_path_of_a_table_is_inside_another(name: str) -> None:
    """A table names each field once: a path inside another would say nothing."""
    for paths in TABLES[name].values():
        parsed = [field_path.parse(path) for path in paths]
        assert not [
            (one, other) for one, other in combinations(parsed, 2) if _begins(one, other) or _begins(other, one)
        ]


def test_every_role_is_written(packages: list[Package]) -> None:
    """Each role of each table stands for an object that the function really makes or changes."""
    assert {(item.function, item.role) for package in packages for item in package.written} == {
        (name, role) for name, table in TABLES.items() for role in table
    }


def test_nothing_outside_the_tables_is_wanted(package: Package, bare: Package) -> None:
    """What functions want holds no field that they do not own."""
    for written in (*package.written, *bare.written):
        assert not ownership.stray(written.wanted, ownership.table(written.owned)), (written.function, written.role)
