#!/usr/bin/env python3
"""Fill the tables of the READMEs and of rules.md from the code that they describe, write schemas and pages of rules.

usage: docs/tables.py [--check]

What stands between `<!-- owns -->` and `<!-- /owns -->`, and so on for each of SECTIONS, is written anew; so are
the JSON Schema of an LLMService, the part of validate-inference's definition that has a field for each rule, and the
page of each topic of rules.
--check writes nothing and fails where something is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import rule_pages
import yaml
from krm_functions_sdk import Resource, Schema
from krm_functions_sdk.document import emitter, parser, tree
from krm_functions_sdk.function.manual import field_table
from krm_functions_sdk.function.schema import json_schema
from krm_inference.commands.facts import text as facts_text
from krm_inference.commands.facts.release_facts import ORDER, VLLM, Facts, names, of
from krm_inference.domain import intent, llm_cluster
from krm_inference.domain.facts import vllm_releases
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.nodes import NODES, Nodes
from krm_inference.domain.facts.partitions import PARTITIONS
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RELEASES, Release
from krm_inference.domain.facts.releases.definitions import DEFINITIONS, NEEDED
from krm_inference.domain.facts.releases.estimated import ESTIMATED
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS, PickerConfig
from krm_inference.domain.service import KIND, LLMService
from krm_inference.validate_inference.rules import RULES, TOPICS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "packages"
# What benchmarks/gpu measured.
_MEASURED = ("nvidia-h200-141gb",)
FUNCTIONS = ROOT / "functions" / "krm_inference"
RELEASES_PAGE = ROOT / "docs" / "releases.md"
SCHEMA = ROOT / "docs" / "llmservice.schema.json"
SCHEMA_OF_CLUSTERS = ROOT / "docs" / "llmcluster.schema.json"
FACTS = ROOT / "docs" / "facts"
RULES_PAGE = ROOT / "docs" / "rules.md"
RULES_DEFINITION = FUNCTIONS / "validate_inference" / "definition.yaml"
SERVICE_FIELDS = "The fields are those of an [`LLMService`](../../README.md#the-intent)."
WORKLOAD = "`POD` is the path of the Pod's spec in the workload, and `CONTAINER` the name of the container."


def owns(folder: Path) -> Iterator[str]:
    """Yield the lines about what a function owns."""
    table: dict[str, tuple[str, ...]] = getattr(import_module(f"krm_inference.{folder.name}"), "OWNS", {})
    if not table:
        return
    rows = [(role if index == 0 else "", f"`{path}`") for role in table for index, path in enumerate(table[role])]
    yield from _table(("object", "field"), rows)
    if any("POD" in path for paths in table.values() for path in paths):
        yield from ("", WORKLOAD)


def config(folder: Path) -> Iterator[str]:
    """Yield the lines about a function's own functionConfig."""
    openapi = Schema.of_definition(folder / "definition.yaml").openapi
    spec = openapi["properties"].get("spec", {})
    if openapi["properties"]["kind"].get("enum") == [KIND]:
        yield SERVICE_FIELDS
    elif openapi["properties"]["kind"].get("enum") == [llm_cluster.KIND]:
        yield from _fields_of(llm_cluster.schema())
    elif spec.get("properties"):
        yield from field_table(spec)


def examples(folder: Path) -> Iterator[str]:
    """Yield the lines about the golden examples of a function: what the comment above each input says."""
    rows = []
    for case in sorted((folder / "examples").glob("*/input.yaml")):
        comment = re.match(r"(?:# .*\n)*", case.read_text(encoding="utf-8"))
        about = " ".join((comment[0] if comment else "").replace("# ", "").split())
        expected = case.with_name("expected.yaml").read_text(encoding="utf-8")
        outcome = "error" if "severity: error" in expected else "info" if "severity: info" in expected else ""
        rows.append((f"[`{case.parent.name}`](examples/{case.parent.name})", about, outcome))
    if rows:
        yield from _table(("example", "what it shows", "reports"), rows)


def service(_: Path) -> Iterator[str]:
    """Yield the lines about the fields of an LLMService."""
    yield from _fields_of(intent.schema())


def _fields_of(schema: Schema) -> Iterator[str]:
    parts = schema.openapi["properties"]
    named = {name: part for name, part in parts["metadata"]["properties"].items() if "description" in part}
    yield from field_table({**parts["metadata"], "properties": named}, "metadata")
    yield from field_table(parts["spec"], "spec")[2:]  # one table: without a head of its own


def rules(_: Path) -> Iterator[str]:
    """Yield the rules of validate-inference, a table for each topic."""
    for topic in TOPICS:
        yield from ("", f"### {topic.title}", "", topic.about, "")
        page = f"../functions/krm_inference/validate_inference/rules/{rule_pages.folder_of(topic)}/README.md"
        rows = [
            (f'<a id="{rule.id}"></a>[`{rule.id}`]({page}#{rule.id})', rule.severity, rule.what) for rule in topic.rules
        ]
        yield from _table(("rule", "severity", "what must hold"), rows)
    yield ""


def releases(_: Path) -> Iterator[str]:
    """Yield what differs between the releases, a column for each."""
    facts: dict[str, Callable[[Release], object]] = {
        "source": lambda release: release.source,
        "InferencePool": lambda release: f"`{release.pool_api}`",
        "InferenceObjective": lambda release: f"`{release.objective_api}`",
        "InferenceModelRewrite": lambda release: f"`{release.rewrite_api}`" if release.rewrite_api else "none",
        "header of an objective": lambda release: ", ".join(f"`{name}`" for name in release.read_headers),
        "target ports of a pool": lambda release: f"up to {release.most_target_ports}",
        "`appProtocol` of the pool": lambda release: f"`{release.app_protocol}`" if release.app_protocol else "none",
        "while no picker answers": lambda release: f"`{release.failure_mode}`",
        "health check": lambda release: _named(release.health_check) or "GKE's own times",
        "picker": lambda release: f"`{release.picker_image}`",
        "its configuration": lambda release: f"`{release.picker_config_api}`",
        "its flags": lambda release: ", ".join(f"`{flag.text.partition('=')[0]}`" for flag in release.flags),
        "flags with which it exits": lambda release: ", ".join(f"`{flag}`" for flag in release.metric_flags_refused),
        "KV-cache metric by itself": lambda release: f"`{release.kv_cache_metric}`",
        "weights": lambda release: _named({name: one.weight or 1 for name, one in release.scorers.items()}),
        "flow control": lambda release: f"feature gate `{release.flow_control}`" if release.flow_control else "none",
        "tenants that take turns": lambda release: f"by `{release.fairness_header}`" if release.fairness else "none",
        "saturation": lambda release: (
            f"plugin `{release.saturation_plugin}`"
            if release.saturation_plugin
            else ", ".join(f"`{name}`" for name in release.saturation_env.values())
        ),
        "several replicas": lambda release: f"`{release.election_flag}`",
        "traces": lambda release: f"as `{release.trace_service}`" if release.trace_service else "none",
        "log level": lambda release: release.log_level if release.log_level is not None else "the picker's own",
        "its resources": lambda release: "; ".join(
            f"{part}: {_named(amounts)}" for part, amounts in release.resources.items()
        ),
        "its roll-out": lambda release: f"`{release.strategy or 'RollingUpdate'}`",
        "ext-proc port": lambda release: f"`{release.service_protocol}`" if release.service_protocol else "no protocol",
        "scraped every": lambda release: release.scrape_interval,
        "vLLM": lambda release: f"`{release.server_image}`",
        "LoRA syncer": lambda release: f"`{release.syncer_image}`",
    }
    rows = [(name, *(str(fact(release)) or "none" for release in RELEASES.values())) for name, fact in facts.items()]
    yield from _table(("", *(f"`{name}`" for name in RELEASES)), rows)


def _named(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def lacks(_: Path) -> Iterator[str]:
    """Yield the fields that a release cannot do."""
    rows = [
        (f"`{name}`", f"`{field}`", reason)
        for name, release in RELEASES.items()
        for field, reason in release.lacks.items()
    ]
    yield from _table(("release", "field", "reason"), rows)


def picker_configs(_: Path) -> Iterator[str]:
    """Yield the plugins of the pickers with their parameters, a column for each release."""
    configs = PICKER_CONFIGS.values()
    rows = [
        ("apiVersion", *(", ".join(f"`{name}`" for name in config.apis) for config in configs)),
        ("keys", *(", ".join(f"`{name}`" for name in config.keys) for config in configs)),
        ("feature gates", *(", ".join(f"`{name}`" for name in config.gates) or "none" for config in configs)),
        ("a weight", *(config.weight for config in configs)),
        ("an unknown parameter", *("refused" if config.strict else "ignored" for config in configs)),
        ("experimental", *(", ".join(f"`{kind}`" for kind in sorted(config.experimental)) for config in configs)),
        ("read in", *(config.source for config in configs)),
    ]
    kinds = {kind for config in configs for kind in config.plugins}
    rows += [(f"`{kind}`", *(_parameters(config, kind) for config in configs)) for kind in sorted(kinds)]
    yield from _table(("", *(f"`{name}`" for name in PICKER_CONFIGS)), rows)


def _parameters(config: PickerConfig, kind: str) -> str:
    if kind not in config.plugins:
        return ""
    known = config.plugins[kind]
    if known is None:
        return "yes"
    return ", ".join(f"`{name}` {of}" for name, of in known.items()) or "no parameters"


def definitions(_: Path) -> Iterator[str]:
    """Yield which definitions a package of each release needs, and what each of these brings."""
    needed = [
        (f"`{name}`", " and ".join(" or ".join(f"`{one}`" for one in row) for row in rows))
        for name, rows in NEEDED.items()
    ]
    yield from _table(("package of", "definitions of"), needed)
    yield ""
    rows = [
        (f"`{name}`", ", ".join(f"{kind} `{api}`" for kind, api in one.kinds.items()), one.source, one.notes)
        for name, one in DEFINITIONS.items()
    ]
    yield from _table(("definitions", "kinds", "from", ""), rows)


def estimates(_: Path) -> Iterator[str]:
    """Yield what of a release was not read at its tag."""
    rows = [
        (f"`{name}`", f"`{path}`", rests_on) for name, parts in ESTIMATED.items() for path, rests_on in parts.items()
    ]
    yield from _table(("release", "part of its facts", "rests on"), rows)


def differences(folder: Path) -> Iterator[str]:
    """Yield what the package has otherwise than the charts of the releases."""
    items = tree.value(parser.parse((folder / "chart-differences.yaml").read_text(encoding="utf-8")))
    rows = [
        ("`" + item["path"].replace("|", "\\|") + "`", ", ".join(item.get("only", ["all"])), item["reason"])
        for item in items
    ]
    yield from _table(("kind and field (a pattern)", "release", "why"), rows)


def classes(_: Path) -> Iterator[str]:
    """Yield what is known of each GatewayClass."""
    rows = [
        (
            f"`{name}`",
            known.lacks or ("yes; " + known.needs if known.needs else "yes"),
            "`networking.gke.io`" if known.is_gke else "none here",
            "on the route" if known.has_timeouts else ("GCPBackendPolicy" if known.is_gke else "none"),
            known.late_headers or "nothing known against it",
            f"by `{known.body_reader}`" if known.body_reader else "no way known",
            f"by `{known.token_policy}`" if known.token_policy else "no way known",
            known.grants or "not established",
            known.source,
        )
        for name, known in CLASSES.items()
    ]
    head = ("class", "InferencePool", "policies", "timeout of a request", "a route's header reaches the picker")
    yield from _table((*head, "the model in a body", "tokens", "grant for a pool elsewhere", "source"), rows)


def platforms(_: Path) -> Iterator[str]:
    """Yield what differs from one platform to another."""
    rows = []
    for name, here in PLATFORMS.items():
        taints = ["the resource's name", *(f"`{key}={value}`" for key, value in here.taints)]
        labels = [f"`{label}`" for label in (here.accelerator_label, here.count_label) if label]
        collector = f"PodMonitoring, read by `{'` in `'.join(here.collector)}`" if here.collector else "PodMonitor"
        requests = _named(here.default_requests) or "none"
        user = "of the image, or as said" if here.fixed_users else "of the namespace's range"
        rows.append((f"`{name}`", " and ".join(labels), ", ".join(taints), collector, requests, user, here.source))
    head = ("platform", "labels of GPU nodes", "taints", "monitors", "requests that it writes into containers without")
    yield from _table((*head, "users of Pods", "source"), rows)


def support(_: Path) -> Iterator[str]:
    """Yield each platform with each class of Gateways: the package, or nothing where the pair is refused."""
    classes = [name for name, known in CLASSES.items() if not known.lacks]
    rows = [(f"`{platform}`", *(_cell(platform, name) for name in classes)) for platform in PLATFORMS]
    yield from _table(("", *(f"`{name}`" for name in classes)), rows)


def _cell(platform: str, name: str) -> str:
    if CLASSES[name].is_gke and not PLATFORMS[platform].is_gke:
        return "refused"
    is_base = (platform, name) == (next(iter(PLATFORMS)), next(iter(CLASSES)))
    return f"[yes](../tests/{'golden/gaie-v1.0' if is_base else f'platforms/{platform}-{name}'})"


def accelerator_nodes(_: Path) -> Iterator[str]:
    """Yield by which label each platform tells the nodes of each accelerator, with the numbers of GPUs of a machine."""
    rows = []
    for kind, known in ACCELERATORS.items():
        machines = _machines(known.machines)
        on_gke = (f"`{kind}`: {machines}" if known.backend != "cpu" else machines) if machines else "by `nodeSelector`"
        elsewhere = (_nodes(NODES[name].get(kind)) for name in ("kubernetes", "eks", "aks"))
        is_refused = BACKENDS[known.backend].is_gke_only
        rows.append((f"`{kind}`", on_gke, *(("refused",) * 3 if is_refused else elsewhere)))
    yield from _table(("accelerator", "GKE", "plain Kubernetes, OpenShift", "EKS", "AKS"), rows)


def accelerator_figures(_: Path) -> Iterator[str]:
    """Yield what each accelerator has, by which vLLM it is used, and where the figures are from."""
    rows = []
    for kind, known in ACCELERATORS.items():
        figures = (known.memory, known.bandwidth, known.bf16, known.fp8, known.link)
        measured = "yes" if kind in _MEASURED else "no"
        rows.append((f"`{kind}`", known.backend, *(f"{figure:g}" for figure in figures), measured, known.source))
    head = ("accelerator", "vLLM for", "GiB", "GB/s", "BF16 TFLOPS", "FP8 TFLOPS", "link GB/s", "measured", "source")
    yield from _table(head, rows)


def backends(_: Path) -> Iterator[str]:
    """Yield for which hardware vLLM is built: resource, image, and what is refused there."""
    rows = []
    for name, here in BACKENDS.items():
        lacks = "; ".join(f"`{field}`: {reason}" for field, reason in here.lacks.items()) or "nothing"
        resource = f"`{here.resource}`" if here.resource else "none"
        rows.append((name, resource, f"`{here.image}`" if here.image else "the release's", lacks, here.source))
    yield from _table(("vLLM for", "resource", "image", "refused", "source"), rows)


def slices(_: Path) -> Iterator[str]:
    """Yield the slices into which MIG cuts each GPU."""
    rows = [(f"`{kind}`", ", ".join(f"`{name}`" for name in row)) for kind, row in PARTITIONS.items()]
    yield from _table(("accelerator", "`accelerator.partition`"), rows)


def packages(folder: Path) -> Iterator[str]:
    """Yield the packages side by side: what each takes, and what it gives by the sums that its files hold."""
    rows = []
    for root in sorted(path.parent for path in PACKAGES.glob("*/Kptfile")):
        services = [_service(file) for file in sorted(root.glob("*.yaml")) if _holds(file, KIND)]
        link = f"[{root.name}]({(root / 'README.md').relative_to(folder)})"
        if not services:
            rows.append((link, "", "", _cluster(root), "", "", "", ""))
            continue
        numbers = [service.sizing for service in services]
        rows.append(
            (
                link,
                ", ".join(f"`{service.model}`" for service in services),
                " and ".join(dict.fromkeys(f"`{service.spec['platform']}`" for service in services)),
                " + ".join(map(_units, services)),
                " + ".join(f"{one.sequences}" for one in numbers),
                " + ".join(f"{one.tokens_per_second:,.0f}" for one in numbers),
                " + ".join(f"{one.drain.answer_seconds:,.0f}" for one in numbers),
                " + ".join(f"{one.drain.grace_period}" for one in numbers),
            )
        )
    head = ("package", "model", "platform", "accelerators", "requests at once", "tokens/s", "longest answer s")
    yield from _table((*head, "grace period s"), rows)


def _units(service: LLMService) -> str:
    kind = service.spec["accelerator"]["type"]
    if not service.backend.resource:
        return "no GPU"
    return f"{service.spec['replicas']} × {service.gpus} × `{kind}`"


def _cluster(root: Path) -> str:
    spec = yaml.safe_load((root / "cluster-intent.yaml").read_text(encoding="utf-8"))["spec"]
    said = (f"up to {one['maxNodes']} × {one.get('count', 1)} × `{one['type']}`" for one in spec["accelerators"])
    return ", ".join(said)


def _holds(file: Path, kind: str) -> bool:
    return f"\nkind: {kind}\n" in file.read_text(encoding="utf-8")


def _service(file: Path) -> LLMService:
    resource = Resource(file.read_text(encoding="utf-8"), path=file.name)
    return LLMService(resource, intent.schema().with_defaults(resource.data))


def hardware(_: Path) -> Iterator[str]:
    """Yield the golden packages of accelerators."""
    rows = [(f"[{name}](../tests/accelerators/{name})", *texts) for name, texts in _hardware()]
    yield from _table(("package", "platform", "`accelerator`"), rows)


def _hardware() -> Iterator[tuple[str, tuple[str, str]]]:
    for file in sorted((ROOT / "tests" / "accelerators").glob("*/llm.yaml")):
        spec = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]
        said = ", ".join(f"`{key}: {value}`" for key, value in spec["accelerator"].items())
        yield file.parent.name, (f"`{spec['platform']}`", said)


def _nodes(here: Nodes | None) -> str:
    if here is None:
        return "by `nodeSelector`"
    if not any((here.value, here.label, *here.machines.values())):
        return "any node"
    value = f"`{here.label}={here.value}`" if here.label else f"`{here.value}`"
    return ": ".join(part for part in (value if here.value else "", _machines(here.machines)) if part)


def _machines(machines: dict[int, str]) -> str:
    return ", ".join(f"{count} in `{name}`" for count, name in machines.items() if name)


def comings(_: Path) -> Iterator[str]:
    """Yield in which releases of the gateway each flag, gate, key and plugin of a picker is, and each definition."""
    known = {name: of(name) for name in ORDER}
    pickers = [name for name in ORDER if "picker" in known[name]]
    yield from ("### Kinds", "")
    kinds = sorted({(kind, api) for facts in known.values() for kind, api in facts["definitions"].items()})
    rows = [
        (f"{kind} `{api}`", *("yes" if known[name]["definitions"].get(kind) == api else "" for name in ORDER))
        for kind, api in kinds
    ]
    yield from _table(("defined by", *(f"`{name}`" for name in ORDER)), rows)
    parts: tuple[tuple[str, Callable[[Facts], Sequence[str]]], ...] = (
        ("Flags of the picker", lambda facts: facts["allFlags"]),
        ("Flags with which the picker exits", lambda facts: facts["refusedFlags"]),
        ("Keys of the configuration", lambda facts: facts["configuration"]["keys"]),
        ("Feature gates", lambda facts: facts["configuration"]["gates"]),
        ("Plugins", lambda facts: facts["configuration"]["plugins"]),
        ("Metrics of the picker", lambda facts: facts["metrics"]),
    )
    for title, part in parts:
        yield from ("", f"### {title}", "")
        found = sorted({one for name in pickers for one in part(known[name]["picker"])})
        rows = [
            (f"`{one}`", *("yes" if one in part(known[name]["picker"]) else "" for name in pickers)) for one in found
        ]
        yield from _table(("", *(f"`{name}`" for name in pickers)), rows)
    yield from ("", "### Fields of the configuration, with their types", "")
    yield from _said({name: known[name]["picker"]["configuration"]["fields"] for name in pickers})
    for kind in sorted({kind for facts in known.values() for kind in facts["fields"]}):
        having = {name: known[name]["fields"][kind] for name in ORDER if kind in known[name]["fields"]}
        yield from ("", f"### Fields of {kind.replace(' ', ' of `')}`, with type, limits, format and default", "")
        yield from _said(having)


def _said(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a row for each key, with what each column says of it."""
    keys = sorted({key for column in columns.values() for key in column})
    rows = [(f"`{key}`", *(column.get(key, "").replace("|", "\\|") for column in columns.values())) for key in keys]
    yield from _table(("", *(f"`{name}`" for name in columns)), rows)


def breaks(_: Path) -> Iterator[str]:
    """Yield what is reported to break, by the release from which on it does."""
    rows = [(f"`{name}`", one["what"], one["instead"], one["source"]) for name in ORDER for one in of(name)["breaks"]]
    yield from _table(("from", "what no longer works", "what to do", "source"), rows)


def vllm_names(_: Path) -> Iterator[str]:
    """Yield the flags, variables and metrics of vLLM that came or went, by their versions."""
    first, last = vllm_releases.FIRST, vllm_releases.LAST
    for title, prefix, table in (
        ("Flags", "--", vllm_releases.FLAGS),
        ("Variables", "VLLM_", vllm_releases.VARIABLES),
        ("Metrics", "vllm:", vllm_releases.METRICS),
    ):
        yield from ("", f"### {title}", "")
        rows = [
            (
                f"0.{since}" if since > first else "before",
                f"0.{until}" if until < last else "",
                " ".join(f"`{name if name.startswith('-') else prefix + name}`" for name in found.split()),
            )
            for (since, until), found in table.items()
            if (since, until) != (first, last)
        ]
        yield from _table(("came with", "last in", "names"), rows)


def severities() -> str:
    """Return the definition of validate-inference with a field for the severity of each rule."""
    text = RULES_DEFINITION.read_text(encoding="utf-8")
    head, mark, _ = text.rpartition("                properties:\n")
    fields = [
        f"""\
                  {rule.id}:
                    type: string
                    {emitter.document({"description": rule.what}).strip()}
                    enum: [error, warning, info, "off"]
                    default: {rule.severity}
"""
        for rule in RULES
    ]
    return head + mark + "".join(fields)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(row) + " |" if row[0] != "---" else "|" + "---|" * len(head)


SECTIONS: dict[str, Callable[[Path], Iterator[str]]] = {
    "owns": owns,
    "config": config,
    "examples": examples,
    "intent": service,
    "rules": rules,
    "releases": releases,
    "lacks": lacks,
    "picker-configs": picker_configs,
    "breaks": breaks,
    "gateway-classes": classes,
    "platforms": platforms,
    "support-matrix": support,
    "accelerator-nodes": accelerator_nodes,
    "accelerator-figures": accelerator_figures,
    "backends": backends,
    "slices": slices,
    "hardware": hardware,
    "packages": packages,
    "comings": comings,
    "definitions": definitions,
    "estimates": estimates,
    "differences": differences,
    "vllm-names": vllm_names,
}


def filled(text: str, folder: Path) -> str:
    """Return the text of the README in `folder` with every section written anew."""
    for name, lines in SECTIONS.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if begin in text:
            head, _, rest = text.partition(begin)
            tail = rest.partition(end)[2]
            body = "".join(f"{line}\n" for line in lines(folder))
            text = f"{head}{begin}{body}{end}{tail}"
    return text


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each file with the text that it should have."""
    yield RULES_DEFINITION, severities()
    yield from rule_pages.pages()
    readmes = [
        *(ROOT / "functions" / "README.md", *sorted(FUNCTIONS.glob("*/README.md")), RULES_PAGE, RELEASES_PAGE),
        FACTS / "README.md",
        ROOT / "docs" / "gateways.md",
        ROOT / "docs" / "platforms.md",
        ROOT / "README.md",
        PACKAGES / "README.md",
    ]
    for readme in readmes:
        yield readme, filled(readme.read_text(encoding="utf-8"), readme.parent)
    for name in names():
        if not name.startswith(VLLM):
            yield FACTS / f"{name}.json", facts_text.json_text(of(name))
    newest = of(f"{VLLM}{vllm_releases.LAST}")
    yield FACTS / f"{newest['name']}.json", facts_text.json_text(newest)
    yield SCHEMA, _json(KIND, intent.schema())
    yield SCHEMA_OF_CLUSTERS, _json(llm_cluster.KIND, llm_cluster.schema())


def _json(title: str, schema: Schema) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps({**head, **json_schema(schema.openapi)}, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write what is out of date, or with --check only name it; return the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = False
    for file, text in pages():  # one after the other: a README shows what a schema says
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale = True
            print(f"{file.relative_to(ROOT)}: {'out of date, run docs/tables.py' if arguments else 'written'}")
            if not arguments:
                file.write_text(text, encoding="utf-8")
    return 1 if arguments and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
