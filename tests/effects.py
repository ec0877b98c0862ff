"""What `krmfn diff` says of each change in tests/judge/changes.yaml, and the table of what it has to say.

`python -m tests.effects` writes tests/effects.yaml anew. Read what it changed: a sentence there is a promise.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml
from krm_functions_sdk import Resource
from krm_functions_sdk.kpt import comparison, effects

from tests.conftest import PACKAGE, ROOT, Copy
from tests.judge.sets import beside, merged

TABLE = ROOT / "tests/effects.yaml"
CHANGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests/judge/changes.yaml").read_text(encoding="utf-8"))
HEAD = """\
# What `krmfn diff` says of each change of tests/judge/changes.yaml: by field, each effect with the kind of its object.
# `said` has the sentences that many fields share, by a short name. Written by `python -m tests.effects`, for people.
"""
# Short names of what is said most.
NAMES = {
    "servers restart": "Deployment: restarts 3 servers: each loads the model again, and answers what it has begun "
    "first; needs 1 more GPU while rolling",
    "picker restarts": "Deployment: restarts the endpoint picker",
    "picker stops and starts": "Deployment: restarts the endpoint picker, which stops before the new one starts",
    "picker reads": "ConfigMap: the picker reads its configuration when it starts: it has to restart",
    "time limits": "GCPBackendPolicy: the load balancer gives up on a request, or on a server that drains, after "
    "another time",
    "routed otherwise": "HTTPRoute: requests are routed otherwise at once; no server restarts",
    "listens otherwise": "Gateway: the load balancer listens otherwise: clients may have to use another port or scheme",
}


def release(field: str) -> str:
    """Return a release that has the field."""
    is_late = field.startswith(("rewrites", "picker.flowControl", "picker.tracing"))
    return "llm-d-router-v0.11" if is_late else "gaie-v1.0"


class Sides:
    """The package in a folder of its own, rendered with one spec after the other; each spec once.

    Services beside it have a folder for each set of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._intent = yaml.safe_load((PACKAGE / "llm.yaml").read_text(encoding="utf-8"))
        self._known: dict[str, list[Resource]] = {}  # by the texts of the intents

    def said(self, field: str) -> list[str]:
        """Return the effects of a change, each with the kind of its object."""
        row = CHANGES[field]
        spec = {key: value for key, value in self._intent["spec"].items() if key != row.get("without")}
        before = merged({**spec, "release": release(field)}, row.get("with", {}))
        metadata = {**self._intent["metadata"], **({"namespace": row["namespace"]} if "namespace" in row else {})}
        service = {**self._intent, "metadata": metadata, "spec": before}
        others = beside(row, {**service, "spec": {**self._intent["spec"], "release": before["release"]}})
        sides = [self._objects({**service, "spec": spec}, others) for spec in (before, merged(before, row["to"]))]
        rows = effects.installed()
        changes = comparison.compare(*sides).changes
        return [f"{change.item.kind}: {text}" for change in changes for text in effects.of(change, rows)]

    def _objects(self, service: Any, others: dict[str, Any]) -> list[Resource]:
        texts = {file: yaml.safe_dump(one, sort_keys=False) for file, one in {"llm.yaml": service, **others}.items()}
        if str(texts) not in self._known:
            root = self._folder / "-".join(texts) / PACKAGE.name
            copy = Copy(root if root.exists() else Path(shutil.copytree(PACKAGE, root)))
            for file, text in texts.items():
                copy.write(file, text)
            assert copy.render(), copy.said
            self._known[str(texts)] = [Resource.new(one) for one in copy.objects()]
        return self._known[str(texts)]


def main() -> None:
    """Write the table."""
    short = {text: name for name, text in NAMES.items()}
    with tempfile.TemporaryDirectory() as folder:
        sides = Sides(Path(folder))
        found = {field: [short.get(text, text) for text in sides.said(field)] for field in CHANGES}
    table = {"said": NAMES, "fields": found}
    TABLE.write_text(HEAD + yaml.safe_dump(table, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")


if __name__ == "__main__":
    main()
