"""The script that writes vLLM's tables: what it reads comes back from what it wrote, and a real parser agrees."""

import ast
import os
from pathlib import Path

import pytest
import vllm_arguments
import vllm_parser
import vllm_tables
from krm_inference.domain.facts.vllm_releases import FIRST, LAST

# Minor versions whose wheels are fetched and run; CI says one, since each is some 300 MB.
WHEELS = os.environ.get("VLLM_WHEELS", "").split()


def test_the_module_is_what_the_script_writes_of_it() -> None:
    """Read by version and written again, the tables are the same text: nobody edited them by hand."""
    tables = {table: vllm_tables.written(table) for table in vllm_tables.TABLES}
    assert vllm_tables.text(tables) == vllm_tables.TABLE.read_text(encoding="utf-8")
    assert (min(vllm_tables.PATCHES), max(vllm_tables.PATCHES)) == (FIRST, LAST)


def test_a_name_that_comes_back_has_two_spans() -> None:
    """Spans begin and end with the versions that have a name."""
    names = {8: {"a"}, 9: {"a", "b"}, 10: {"b", "-x"}, 11: {"a", "b"}}
    assert vllm_tables.spans(names) == {(8, 9): ["a"], (9, 11): ["b"], (10, 10): ["-x"], (11, 11): ["a"]}


@pytest.mark.parametrize("arguments", [["0.33"], ["--chek"], ["7"]])
def test_a_version_that_is_not_known_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong use shows how to use it."""
    assert vllm_tables.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err


def test_what_the_parser_of_a_small_vllm_says(tmp_path: Path) -> None:
    """Variables are asked for in three ways, and a metric is a text of its own form."""
    package = tmp_path / "vllm"
    package.mkdir()
    (package / "a.py").write_text(
        'import os\nA = os.getenv("VLLM_A")\nB = os.environ.get("VLLM_B", "")\nC = os.environ["VLLM_C"]\n'
        'D = "VLLM_D" in os.environ\nE = "VLLM_E"\nM = ("vllm:m_total", "a text with vllm:n in it")\n'
    )
    asked = {
        name
        for tree in vllm_parser._trees(tmp_path, "VLLM_")
        for node in ast.walk(tree)
        for name in vllm_parser._asked(node)
    }
    assert asked == {"VLLM_A", "VLLM_B", "VLLM_C", "VLLM_D"}
    assert vllm_parser.metrics(tmp_path) == ["vllm:m_total"]


def test_the_opposites_of_a_switch_are_not_its_own() -> None:
    """What argparse adds to a switch is no flag of vLLM's."""
    assert vllm_parser._own(["--enable-lora", "--no-enable-lora", "--disable-lora"]) == ["--enable-lora"]
    assert vllm_parser._own(["--quantization", "-q"]) == ["--quantization", "-q"]


def test_every_kind_of_server_is_read_by_the_parser() -> None:
    """The script finds what packages and examples start, adapters that are loaded at the start among them."""
    lines = [line for _, line in vllm_arguments.lines()]
    assert any(argument == "--lora-modules" for line in lines for argument in line)
    assert any(line[0].startswith("/weights") for line in lines)
    assert any("packages/" in where for where, _ in vllm_arguments.lines())


@pytest.mark.skipif(str(LAST) not in WHEELS, reason="fetches a wheel of 340 MB: VLLM_WHEELS names its minor version")
def test_the_parser_of_the_pinned_wheel_takes_what_we_render() -> None:
    """And refuses what it does not know, so that this test can fail."""
    assert vllm_arguments.refused(list(vllm_arguments.lines())) == []
    assert len(vllm_arguments.refused([("none", ["m", "--no-such-flag=1"]), ("all", ["m"])])) == 1


@pytest.mark.skipif(not WHEELS, reason="fetches wheels of 300 MB: VLLM_WHEELS='33 20' names minor versions")
@pytest.mark.parametrize("minor", WHEELS)
def test_the_tables_agree_with_the_parser_of_a_wheel(minor: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The wheel is fetched, its own parser is run, and it takes what the tables say."""
    status = vllm_tables.main(["--check", minor])
    assert status == 0, capsys.readouterr().out
