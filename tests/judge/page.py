"""The tables of docs/judge.md, written from what the judge does. `python -m tests.judge.page` writes them anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

import yaml

from tests.judge import components
from tests.judge.components import ARGO_CD, BODY_ROUTER, ENVOY, FLUX, HERE, KUBERNETES, PICKERS, ROOT, SIGNING
from tests.judge.sets import sets

PAGE = ROOT / "docs" / "judge.md"
# Components that no file of ours pins: what provides them.
ETCD = ("etcd", "Debian's", "package `etcd-server`")


def tables() -> dict[str, str]:
    """Return each table of the page by its name."""
    return {
        "components": _table(("component", "version", "comes from"), _components()),
        "figures": _table(("what", "how many"), _figures()),
        "accepted": _table(("kind", "warning (a pattern)", "reason"), _rows("accepted", "kind", "warning", "reason")),
        "known": _table(("test", "reason"), _rows("known", "test", "reason")),
        "unused": _table(
            ("release", "group", "resources", "verbs", "reason"),
            _rows("unused_rights", "releases", "group", "resources", "verbs", "reason"),
        ),
    }


def _components() -> Iterable[tuple[str, ...]]:
    yield from (
        (f"`{program}`", KUBERNETES.version, f"Go module `{KUBERNETES.module}`") for program in KUBERNETES.programs
    )
    yield ETCD
    for release, module in PICKERS.items():
        yield f"picker of `{release}`", module.version, f"Go module `{module.module}`, `cmd/epp`"
    for program in FLUX.programs:
        module_path = f"github.com/fluxcd/{program}"
        yield f"`{program}`", FLUX._replace(module=module_path).version, f"Go module `{module_path}`"
    router = PICKERS[BODY_ROUTER]
    yield "body router", router.version, f"Go module `{router.module}`, `cmd/bbr`"
    yield "engine of Argo CD 3.2.12", ARGO_CD.version, f"Go module `{ARGO_CD.module}`, `agent`"
    yield "cosign", SIGNING.version, f"Go module `{SIGNING.module}`"
    yield (
        "Envoy",
        components.envoy_version(),
        f"Python package `{ENVOY.read_text(encoding='utf-8').partition('==')[0]}`",
    )


def _figures() -> Iterable[tuple[str, ...]]:
    from tests.judge import test_changes, test_configurations, test_mutations

    yield "sets: package × release × overlay", str(len(sets()))
    yield "moves from release to release, each with its way back", str(len(test_changes.MOVES))
    yield "fields of the intent that change and change back", str(len(test_changes.CHANGES))
    yield "picker configurations that a picker here loads", str(len(test_configurations.SHOWN))
    yield "single-field faults drawn from each package in each release", str(test_mutations.DRAWN)


def _rows(file: str, *keys: str) -> Iterable[tuple[str, ...]]:
    for row in yaml.safe_load((HERE / f"{file}.yaml").read_text(encoding="utf-8")):
        yield tuple(_cell(row[key], code=key != "reason") for key in keys)


def _cell(value: str | list[str], *, code: bool) -> str:
    texts = [value] if isinstance(value, str) else value
    return ", ".join(f"`{text}`" if code and text else text or "core" for text in texts).replace("|", "\\|")


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    if len(lines) == 2:
        return "None."
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(text: str) -> str:
    """Return the page with its tables as they are now."""
    for name, table in tables().items():
        found = rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)"
        assert re.search(found, text, re.DOTALL), f"{PAGE} has no place for {name}"
        text = re.sub(found, lambda match, table=table: match[1] + table + match[2], text, flags=re.DOTALL)  # type: ignore[misc]
    return text


def main() -> int:
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.append(str(ROOT / "functions" / "tests" / "validate_inference"))  # has crds.py
    sys.exit(main())
