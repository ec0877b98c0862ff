"""The files of a new package beside its intent and its manifests: Kptfile, kustomization and what kpt ignores."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from krm_functions_sdk.document import scalar

INTENT, README = "llm.yaml", "README.md"
_FOLDER = Path(__file__).with_name("templates")
TEMPLATES = {
    "Kptfile": "Kptfile.in",
    "kustomization.yaml": "kustomization.yaml.in",
    "kustomizeconfig.yaml": "kustomizeconfig.yaml.in",
    ".krmignore": "krmignore.in",
}


def texts(package: str, description: str) -> dict[str, str]:
    """Return the text of each of these files, by its name."""
    values = {
        "@package@": scalar.write(package),
        "@version@": version("krm-inference"),
        "@description@": scalar.write(description),
    }
    return {name: filled(_FOLDER / template, values) for name, template in TEMPLATES.items()}


def filled(template: Path, values: dict[str, str]) -> str:
    """Return the text of a template with a value in the place of each mark."""
    text = template.read_text(encoding="utf-8")
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text
