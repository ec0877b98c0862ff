"""The script that writes the table of pickers: how it reads Go, and a clone that says the same as the table."""

import os
from pathlib import Path

import picker_sources
import picker_tables
import pytest
from krm_inference.domain.facts.releases import picker_lines
from krm_inference.domain.facts.releases import picker_tables as table
from krm_inference.domain.facts.releases.definitions import DEFINITIONS
from picker_sources import Source

# Clones of the two repositories, with their tags; CI has none, since neither is a package that pip or go brings whole.
CLONES = os.environ.get("PICKER_CLONES", "").split()
OPTIONS = """
const DefaultPort = 9002
const wait time.Duration = 200 * time.Millisecond

func NewOptions() *Options {
\treturn &Options{
\t\tPort: DefaultPort,
\t\tWait: wait,
\t}
}

func (opts *Options) AddFlags(fs *pflag.FlagSet) {
\tfs.IntVar(&opts.Port, "grpc-port", opts.Port, "a port")
\tfs.DurationVar(&opts.Wait, "drain", opts.Wait,
\t\t"a time")
\tfs.BoolVar(&opts.On, "on", opts.On, "a switch")
\tfs.IntVarP(&opts.Level, "v", "v", DefaultPort, "a level")
}
"""
PLUGIN = """
const QueueType = "queue-scorer"
const DefaultDepth = 5

type parameters struct {
\tDepth *int `json:"depth,omitempty"`
\tMode mode `json:"mode"`
\tinner string
}

type mode string

func factory(raw *json.Decoder) {
\tvar given parameters
\traw.Decode(&given)
\tif given.Depth == nil {
\t\tgiven.Depth = ptr.To(DefaultDepth)
\t}
}

var running = prometheus.NewGaugeVec(
\tprometheus.GaugeOpts{
\t\tSubsystem: system,
\t\tName:      "running",
\t\tHelp:      "how many run",
\t},
\tnil,
)

const system = "llm_d_epp"
"""
CONFIG = """
type EndpointPickerConfig struct {
\tmetav1.TypeMeta `json:",inline"`
\tPlugins []PluginSpec `json:"plugins"`
\tLimit *resource.Quantity `json:"limit,omitempty"`
}

type PluginSpec struct {
\tName string `json:"name"`
}
"""


def test_flags_are_read_with_their_defaults() -> None:
    """A default is a constant, a duration, a zero of its type, or stands in the call."""
    found = picker_sources.flags(Source({"pkg/options.go": OPTIONS}))
    expected = {"--grpc-port": "9002", "--drain": "200ms", "--on": "false", "--v": "9002"}
    assert expected.items() <= found.items()
    assert found.keys() - expected.keys() == {f"--{name}" for name in picker_sources.ZAP}


def test_metrics_and_parameters_are_read() -> None:
    """Names are put together from their parts; a parameter has its JSON type and the default that the code gives it."""
    source = Source({"pkg/plugins/queue/plugin.go": PLUGIN})
    assert picker_sources.metrics(source) == {"llm_d_epp_running": "gauge"}
    assert picker_sources.parameters(source) == {"queue-scorer": {"depth": ("integer", "5"), "mode": ("string", "")}}


def test_fields_of_the_configuration_are_read() -> None:
    """What a list has inside stands below `[]`; what has no name of its own is no field."""
    found = picker_sources.configuration(Source({"apix/types.go": CONFIG}))
    assert found == {"plugins[].name": "string", "limit": "quantity"}


def test_every_release_has_its_lines() -> None:
    """Each release of definitions has fields, and each with a picker all the rest."""
    assert {name for names in table.FIELDS for name in names.split()} == set(DEFINITIONS)
    assert set(DEFINITIONS) == set(picker_tables.REVISIONS)
    with_picker = {name for name, one in picker_tables.REVISIONS.items() if one.chart}
    for part in (table.FLAGS, table.METRICS, table.CONFIGURATION, table.PARAMETERS, table.CHART):
        assert {name for names in part for name in names.split()} == with_picker
        assert all(picker_lines.lines(part, name) for name in with_picker)


def test_a_line_stands_once() -> None:
    """Below all releases that have it; a name may have another line in another release."""
    for part in (table.FLAGS, table.METRICS, table.CONFIGURATION, table.PARAMETERS, table.CHART, table.FIELDS):
        every = [line for text in part.values() for line in text.strip().split("\n")]
        assert len(every) == len(set(every))
        for name in picker_tables.REVISIONS:
            assert picker_lines.said(part, name).keys() <= {line.partition(" ")[0] for line in every}


@pytest.mark.parametrize("arguments", [[], ["one"], ["--chek", "one"], ["one", "two", "three"]])
def test_wrong_use_shows_how_to_use_it(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Two clones are needed."""
    assert picker_tables.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.skipif(len(CLONES) != 2, reason="PICKER_CLONES names no clones of the two repositories")
def test_the_table_is_what_the_clones_say() -> None:
    """PICKER_CLONES='GAIE ROUTER': the script writes nothing new."""
    assert picker_tables.main(["--check", *map(str, map(Path, CLONES))]) == 0
