"""krmfn facts: what it says is what the functions use, and no removal that a project reports is missing."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema_rs
import picker_tables
import pytest
from krm_inference.commands import facts
from krm_inference.commands.facts.difference import difference, flat
from krm_inference.commands.facts.release_facts import ORDER, names, of
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.breakages import BREAKAGES
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "facts"
SCHEMA: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
V1_0, V1_5, V1_6, V0_10, V0_11 = "gaie-v1.0", "gaie-v1.5", "gaie-v1.6", "llm-d-router-v0.10", "llm-d-router-v0.11"

# Removals and changes that break, by who reports them: project, issue or pull request, way, and what has to be named.
REPORTED = (
    ("llm-d-router 1308", V0_10, V0_11, "saturationDetector"),
    ("llm-d-router 1308", V0_10, V0_11, "parser"),
    ("llm-d-router 2838", V1_5, V0_11, "saturationDetector"),
    ("llm-d-router 2374", V0_10, V0_11, "managed Prometheus"),
    ("llm-d-router 2841", V0_10, V0_11, "precise-prefix-cache-scorer"),
    ("llm-d-router 2859", V0_10, V0_11, "by-label-selector"),
    ("llm-d-router 2859", V0_10, V0_11, "tokenizer"),
    ("llm-d-router 936", V0_10, V0_11, "disagg-headers-handler"),
    ("llm-d-router 936", V0_10, V0_11, "prefill-header-handler"),
    ("llm-d-router 2493", V0_10, V0_11, "pd-profile-handler"),
    ("llm-d-router 2493", V0_10, V0_11, "llm-d.ai/role: both"),
    ("llm-d-router 1033", V1_5, V0_10, "InferenceObjective"),
    ("llm-d-router 1269", V1_0, V0_11, "InferenceModelRewrite"),
    ("llm-d-router 1449", V1_5, V0_11, "the old ones are ignored"),
    ("llm-d-router 1134", V1_5, V0_10, "a parameter that a plugin does not know"),
    ("llm-d-router 1728", V1_5, V0_10, "dataLayer"),
    ("llm-d-router 1418", V1_5, V0_10, "enableLegacyMetrics"),
    ("llm-d-router 2073", V1_5, V0_10, "--allow-experimental-plugins"),
    ("llm-d-router 2123", V1_5, V0_10, "60 s"),
    ("llm-d-router 1271", V1_5, V0_10, "inferenceExtension"),
    ("llm-d-router 1661", V1_5, V0_10, "llm_d_epp"),
    ("kserve 5877", V1_5, V0_10, "--model-server-metrics-scheme"),
    ("kserve 5892", V1_5, V0_11, "--model-server-metrics-scheme"),
    ("llm-d-autoscaling 1202", V1_5, V0_10, "llm_d_epp"),
    ("kserve/website 731", V0_10, V0_11, "prefill-header-handler"),
    ("kserve/website 731", V0_10, V0_11, "pd-profile-handler"),
    ("gateway-api-inference-extension 2430", V1_5, V1_6, "InferenceObjective"),
    ("worker-vllm 324", "vllm-0.26", "vllm-0.27", "--max-num-partial-prefills"),
    ("worker-vllm 324", "vllm-0.26", "vllm-0.27", "--max-long-partial-prefills"),
    ("vllm 21470", "vllm-0.11", "vllm-0.12", "--structured-outputs-config.backend"),
    ("vllm 26315", "vllm-0.14", "vllm-0.33", "VLLM_ATTENTION_BACKEND]; use --attention-config.backend"),
)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit status, output and errors of the command."""
    status = facts.main(list(arguments))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize(("report", "before", "after", "named"), REPORTED)
def test_a_reported_removal_is_named(
    report: str, before: str, after: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody who asks what breaks on the way reads of it, before anything else that differs."""
    status, text, _ = said(capsys, "diff", before, after)
    assert status == 1, report
    told = text.partition("\nChanged:")[0].partition("\nNew:")[0]
    assert named in told


@pytest.mark.parametrize(("before", "after"), [(V0_10, V0_11)])
def test_what_a_picker_lost_is_reported_with_what_to_do(before: str, after: str) -> None:
    """Each key, gate and plugin that goes has a line in the table of breakages."""
    told = " ".join(one.what for one in BREAKAGES if one.release == after)
    old, new = PICKER_CONFIGS[before], PICKER_CONFIGS[after]
    gone = {*old.keys, *old.gates, *old.plugins} - {*new.keys, *new.gates, *new.plugins}
    assert gone
    assert [name for name in sorted(gone) if name not in told] == []
    assert {name for name in gone if name not in old.gates} == set(new.successors)


@pytest.mark.parametrize(("before", "after"), list(pairwise(RELEASES)))
def test_a_flag_that_goes_is_reported_with_what_to_do(before: str, after: str) -> None:
    """A picker exits with a flag that it does not know, so each one that goes has a line in the table of breakages."""
    told = " ".join(f"{one.what} {one.instead}" for one in BREAKAGES if one.release == after)
    gone = of(before)["picker"]["allFlags"].keys() - of(after)["picker"]["allFlags"].keys()
    assert [flag for flag in sorted(gone) if flag not in told] == []


@pytest.mark.parametrize("name", RELEASES)
def test_what_a_package_passes_its_picker_takes(name: str) -> None:
    """The table of the release and the picker's own sources agree on flags, gates of metrics and detectors."""
    picker = of(name)["picker"]
    assert picker["flags"].keys() <= picker["allFlags"].keys()
    assert {picker["electionFlag"], *picker["refusedFlags"]} <= picker["allFlags"].keys()
    tops = {path.partition(".")[0].removesuffix("[]") for path in picker["configuration"]["fields"]}
    assert tops == set(picker["configuration"]["keys"])


@pytest.mark.parametrize("name", RELEASES)
def test_parameters_are_of_the_types_that_are_judged(name: str) -> None:
    """Where both the sources and the table that is judged by know a parameter, they agree on its type."""
    configuration = of(name)["picker"]["configuration"]
    for kind, parameters in configuration["parameters"].items():
        judged = configuration["plugins"][kind]
        for parameter, known in parameters.items():
            assert judged is None or judged.get(parameter) == known["type"], f"{kind} {parameter}"


def test_defaults_and_limits_are_looked_up(capsys: pytest.CaptureFixture[str]) -> None:
    """What the sources say is found by one query: flags, metrics, parameters, fields, values of the chart."""
    pool = "fields.InferencePool inference.networking.k8s.io/v1.spec"
    for name, query, line in (
        (V0_10, "drain-timeout", "picker.allFlags.--drain-timeout: 30s"),
        (V1_0, "kv-cache-usage", "picker.allFlags.--kv-cache-usage-percentage-metric: vllm:gpu_cache_usage_perc"),
        (V0_10, "per_endpoint_queue_size", "picker.metrics.llm_d_epp_per_endpoint_queue_size: gauge"),
        (V1_5, "queueDepth", "picker.configuration.parameters.utilization-detector.queueDepthThreshold.default: 5"),
        (V0_11, "noEndpoint", "picker.configuration.fields.flowControl.noEndpointRequestTTL: string"),
        (V1_0, "targetPorts", f"{pool}.targetPorts!: list 1..1"),
        (V1_6, "targetPorts", f"{pool}.targetPorts!: list 1..8"),
        (V1_6, "endpointPickerRef", f"{pool}.endpointPickerRef: object"),
        (V0_10, "requestTimeout", "chart.httpRoute.requestTimeout: 300s"),
    ):
        assert line in said(capsys, name, query)[1].splitlines()


def test_a_breakage_is_of_a_release_and_has_a_source() -> None:
    """Each says what to do, and where it was read: a repository with an issue, or a file at a tag."""
    for one in BREAKAGES:
        assert one.release in ORDER
        assert one.instead
        repository, _, place = one.source.partition(" ")
        assert repository.count("/") == 1
        assert any(character.isdigit() for character in place)


@pytest.mark.parametrize("name", names())
def test_facts_have_the_form_that_the_schema_says(name: str) -> None:
    """What is printed and published is of one form, in all releases."""
    jsonschema_rs.validator_for(SCHEMA).validate(of(name))


def test_the_published_files_are_those_of_the_releases() -> None:
    """A release has its file, and the newest vLLM has one; docs/tables.py --check compares what is in them."""
    published = {file.stem for file in FOLDER.glob("*.json")} - {"schema"}
    assert published == {*ORDER, names()[-1]}
    assert set(RELEASES) <= set(ORDER)


def test_facts_are_those_that_the_functions_use() -> None:
    """A release that is generated has image, header and flags as its table has them."""
    for name, release in RELEASES.items():
        found = of(name)
        assert found["images"]["picker"] == release.picker_image
        assert found["requests"]["objectiveHeaders"] == list(release.read_headers)
        assert list(found["picker"]["flags"]) == [flag.text.partition("=")[0] for flag in release.flags]


def test_a_way_back_is_the_way_there_the_other_way_round() -> None:
    """What goes on the way there comes on the way back; nothing breaks between a release and itself."""
    there, back = difference(of(V0_10), of(V0_11)), difference(of(V0_11), of(V0_10))
    assert there.gone == back.new
    assert there.new == back.gone
    assert back.breaks == []
    assert not difference(of(V0_10), of(V0_10))


def test_a_query_keeps_what_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The word may stand in the path or in the value, in either case."""
    status, text, _ = said(capsys, V0_11, "SaturationDetector")
    assert status == 0
    assert "picker.configuration.saturationDetector: flowControl.saturationDetector\n" in text
    assert all("saturationdetector" in line.lower() for line in text.splitlines())
    assert len(said(capsys, V0_11)[1].splitlines()) == len(dict(flat(of(V0_11))))


def test_json_is_what_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    """--output json prints the file of docs/facts, and the differences as one object."""
    _, text, _ = said(capsys, "--output", "json", V0_11)
    assert text == (FOLDER / f"{V0_11}.json").read_text(encoding="utf-8")
    status, text, _ = said(capsys, "diff", V0_10, V0_11, "--output=json")
    assert status == 1
    assert set(json.loads(text)) == {"breaks", "gone", "changed", "new"}
    assert said(capsys, "--output=json")[1] == json.dumps({"names": list(names())}, indent=2) + "\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("gaie-v1.4",), 2, "krmfn facts: nothing is known of gaie-v1.4; did you mean gaie-v1."),
        (("diff", V0_10), 2, f"krmfn facts: expected diff A B, found diff {V0_10}"),
        (("diff", V0_10, "zzz"), 2, "krmfn facts: nothing is known of zzz; known are gaie-v1.0, "),
        ((V0_10, "a", "b"), 2, f"krmfn facts: expected a RELEASE, and perhaps a QUERY, found {V0_10} a b"),
        ((V0_10, "--json"), 2, "krmfn facts: unknown option '--json'; see --help"),
        (("--output=yaml",), 2, "krmfn facts: --output: found yaml, expected text or json"),
        ((V0_10, "frobnicate"), 1, f"krmfn facts: {V0_10} has no fact with frobnicate in it"),
    ],
)
def test_wrong_use_is_told(
    arguments: tuple[str, ...], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was wrong is said, with what is expected, and nothing is printed."""
    found, text, error = said(capsys, *arguments)
    assert (found, text) == (status, "")
    assert error.startswith(message)


def test_a_diff_of_nothing_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    """Two releases that do not differ are said not to."""
    assert said(capsys, "diff", V0_11, V0_11) == (0, f"From {V0_11} to {V0_11}: nothing differs\n", "")


# Parts that were not read at the tag. Whoever reads one there takes it out here and from the table; none is added.
UNREAD = {
    V0_11: {
        "chart",
        "definitions",
        "fields",
        "picker.allFlags",
        "picker.configuration.fields",
        "picker.configuration.parameters",
        "picker.configuration.plugins",
        "picker.metrics",
        "picker.readiness",
        "picker.resources",
        "picker.rights",
        "picker.serviceProtocol",
        "picker.strategy",
        "pool.failureMode",
        "pool.healthCheck",
    },
}


@pytest.mark.parametrize("name", ORDER)
def test_what_was_not_read_at_the_tag_says_so(name: str) -> None:
    """Each such part is one of the facts and names what it rests on, and there are no more of them than there were."""
    facts = of(name)
    estimated = facts.get("estimated", {})
    assert estimated.keys() <= UNREAD.get(name, set())
    for path, rests_on in estimated.items():
        value: Any = facts
        for step in path.split("."):
            value = value[step]
        assert value not in (None, {}, [])
        assert any(character.isdigit() for character in rests_on)
    read_at_tag = facts["source"].rpartition(" ")[2]
    assert read_at_tag.startswith("v")


def test_the_script_that_reads_sources_and_the_estimates_agree() -> None:
    """A release that is read at another revision than its tag is one whose parts are estimated, and no other is."""
    tags = {name: of(name)["source"].rpartition(" ")[2] for name in ORDER}
    elsewhere = {name for name, one in picker_tables.REVISIONS.items() if one.revision != tags[name]}
    assert elsewhere == {name for name in ORDER if of(name).get("estimated")}
