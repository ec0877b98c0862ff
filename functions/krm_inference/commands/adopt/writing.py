"""The adopted package on disk: rendered in a folder of its own first, then put in place all together or not at all."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from krm_functions_sdk.document import emitter, stream
from krm_functions_sdk.files import journal
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.resources.results import with_derived

from krm_inference.commands import package_files
from krm_inference.commands.adopt import adoption
from krm_inference.commands.adopt.adoption import Adoption, Refused
from krm_inference.commands.adopt.trial import Making, named

_KUSTOMIZATION = "kustomization.yaml"


def in_the_way(folder: Path) -> None:
    """Raise Misuse where a folder is not new or empty."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise Misuse(f"{folder} is there already; nothing was written. Name an empty or a new folder as PACKAGE")


def write(found: Adoption, folder: Path) -> bool:
    """Render the package, write it, say what its validation finds, and return whether it is valid.

    Raises Refused where it does not render, and OSError.
    """
    package = folder.resolve().name or "package"
    with tempfile.TemporaryDirectory(prefix="krmfn-adopt-") as place:
        root = Path(place) / package
        for name, text in _files(found, package).items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        making = Making(root)
        if not making.run():
            raise Refused([adoption.said(result) for result in making.results if result.severity == "error"])
        making.write()
        texts = {path.relative_to(root): path.read_bytes().decode() for path in sorted(root.rglob("*")) if
                 path.is_file()}  # fmt: skip
        checked = Rendering(root)
        is_valid = checked.run()
        for result in with_derived(checked.results):
            result.file = str(folder / Path(result.file).relative_to(root)) if result.file else result.file
        said = [str(result) for result in checked.results if result.severity != "info"]
    folder.mkdir(parents=True, exist_ok=True)
    for path in texts:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    journal.write(folder, [(folder / path, None, text) for path, text in texts.items()])
    print("".join(f"{line}\n" for line in said), end="", file=sys.stderr)
    return is_valid


def _files(found: Adoption, package: str) -> dict[str, str]:
    """Return the texts of the files before the render."""
    names = ", ".join(str(value["spec"]["model"]["id"]) for value in found.intents)
    texts = package_files.texts(package, f"Serves {names} by vLLM behind an inference gateway")
    by_file: dict[str, list[tuple[str, str]]] = {}
    for item in sorted(found.unrendered, key=lambda item: item.index):
        parts = by_file.setdefault(item.path or "", [])
        parts.append(("---\n" if parts else "", item.text))
    own = sorted({one.now.path for one in found.became if one.made is None and one.now.path})
    listed = "".join(f"- {name}\n" for name in own)
    texts[_KUSTOMIZATION] = texts[_KUSTOMIZATION].replace("resources: []\n", f"resources:\n{listed}" if own else
                                                          "resources: []\n")  # fmt: skip
    intents = {file: emitter.document(value) for value, file in named(found.intents)}
    return {**intents, **texts, **{path: stream.join(parts) for path, parts in by_file.items()}}
