"""Kustomizations that functions do not see: they do not follow a render, and somebody must say so."""

from __future__ import annotations

from krm_functions_sdk.files.package import IGNORE_FILE, Package
from krm_functions_sdk.resources.results import WARNING, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "kustomization.yaml"


def hidden(package: Package, changed: dict[str, str | None]) -> Iterator[Result]:
    """Yield warnings about files that come or go while the kustomization beside them is named in the ignore file."""
    file = package.root / NAME
    if not changed or NAME in package.files or not file.is_file():
        return
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError):  # kustomize says more about it
        return
    listed = {line.strip().removeprefix("-").partition(" #")[0].strip(" \"'") for line in lines}
    for path, text in sorted(changed.items()):
        is_new = path not in package.files
        names = not listed.isdisjoint((path, f"./{path}"))
        if (is_new and not names) or (text is None and names):
            what = f"{path} is new and not listed" if is_new else f"{path} is listed and gone"
            message = f"{what}; mend the list, and take {NAME} out of {IGNORE_FILE} so that functions keep it"
            result: Result = package.fault(NAME, message)
            result.severity = WARNING
            yield result
