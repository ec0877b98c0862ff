"""The table of what follows from what, compared with what changes when a field of the intent is varied."""

import re
from pathlib import Path

import pytest
from krm_functions_sdk.document import field_path
from krm_inference.commands.explain.differences import Place
from krm_inference.commands.explain.origins import Origin, origins
from krm_inference.commands.explain.trial import Trial
from krm_inference.domain import derivation
from krm_inference.domain.intent import schema
from krm_inference.domain.service import LLMService

KPTFILE = Path(__file__).resolve().parents[3] / "packages" / "llama-3.1-8b" / "Kptfile"
ROUNDED = {"spec.server.startup"}  # a little more of it changes nothing: what follows from it counts in steps of 10 s
TABLES = {"spec.release": "releases ", "spec.accelerator.type": "accelerators ", "spec.model": "models "}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, fulls: list[str]) -> tuple[LLMService, dict[Place, Origin]]:
    """A service that uses every part of a release, and the origin of each value that is generated for it."""
    root = tmp_path_factory.mktemp("p")
    (root / "Kptfile").write_text(KPTFILE.read_text())
    (root / "llm.yaml").write_text(next(text for text in fulls if "release: gaie-v1.5" in text))
    trial = Trial(root)
    base = trial.run()
    assert not base.results.failed, base.results
    resource = next(item for item in base.read if item.kind == "LLMService")
    return LLMService(resource, schema().with_defaults(resource.data)), origins(trial, base)


def _causes(origin: Origin) -> set[str]:
    """Return what a value changes with: fields of the intent, and for a row of a table the field that names it."""
    causes = {cause.path for cause in origin.causes if " " not in cause.source}
    return causes | {
        field for field, table in TABLES.items() if any(cause.source.startswith(table) for cause in origin.causes)
    }


def _meets(one: str, other: str) -> bool:
    return one == other or one.startswith((f"{other}.", f"{other}[")) or other.startswith((f"{one}.", f"{one}["))


def test_a_field_in_the_table_is_one_that_changes_the_value(found: tuple[LLMService, dict[Place, Origin]]) -> None:
    """Where an experiment shows that a value is not of a table alone, the field that is named is one of its causes."""
    service, known = found
    wrong = {}
    for (key, path), origin in known.items():
        value = origin.value
        field = derivation.field_of(service, key[1], key[3], field_path.parse(path), value, only_said=False)
        causes = _causes(origin)
        if field is None or causes <= set(TABLES) or field_path.show(field) in ROUNDED:
            continue
        said = field_path.show(field)
        by_name = {re.sub(r"\[[^\]]*\]", "[]", cause) for cause in causes}
        if not any(_meets(re.sub(r"\[[^\]]*\]", "[]", said), cause) for cause in by_name):
            wrong[f"{key[1]} {path}"] = (said, sorted(causes))
    assert "\n".join(f"{place}: {said}" for place, said in wrong.items()) == ""


def test_every_field_that_changes_something_is_in_the_table(found: tuple[LLMService, dict[Place, Origin]]) -> None:
    """A fault in what follows from a field can be told of it, or of a field around it."""
    _, known = found
    rows = {re.sub(r"\[[^\]]*\]", "[]", row.field) for row in derivation.ROWS} | set(derivation.OBJECTS.values())
    causes = {
        re.sub(r"\[[^\]]*\]", "[]", cause.path)
        for origin in known.values()
        for cause in origin.causes
        if " " not in cause.source
    }
    assert {cause for cause in causes if not any(_meets(cause, row) for row in rows)} == set()
