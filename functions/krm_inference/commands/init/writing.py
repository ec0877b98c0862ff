"""A new package on disk: rendered in a folder of its own first, then put in place all together or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_functions_sdk.files import journal
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.resources.results import with_derived

from krm_inference.commands.init import contents
from krm_inference.commands.init.choice import Choice, intent
from krm_inference.commands.smoke_script import script
from krm_inference.domain import intent as intents
from krm_inference.domain.service import LLMService

# By which flag somebody said what stands in a field of the intent.
_FLAGS = {
    "spec.model": "--model", "spec.accelerator.count": "--count", "spec.accelerator": "--accelerator",
    "spec.platform": "--platform", "spec.release": "--release", "spec.gateway": "--gateway-class",
    "spec.adapters": "--adapter", "spec.managedDefinitions": "--managed-definitions",
}  # fmt: skip


def faults(choice: Choice) -> list[str]:
    """Return what is wrong with a choice as a whole, each with the flag that says it."""
    resources = ResourceList([Resource(emitter.document(intent(choice)), path=contents.INTENT)])
    intents.read(resources)
    return [_of_flag(result.field or "", result.message) for result in resources.results if result.severity == "error"]


def _of_flag(field: str, message: str) -> str:
    flag = next((flag for start, flag in _FLAGS.items() if field.startswith(start)), "")
    return f"{flag}: {message}" if flag else message


def _smoke_test(choice: Choice) -> str:
    """Return the script that asks the package what its users will ask."""
    resource = Resource(emitter.document(intent(choice)), path=contents.INTENT)
    return script.text([LLMService(resource, intents.schema().with_defaults(resource.data))], "")


def in_the_way(folder: Path) -> None:
    """Raise Misuse where a folder holds manifests, or a file that would be written."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise Misuse(f"{folder} is not a folder; nothing was written")
    own = {*contents.HOLDS, contents.INTENT, contents.README, contents.SMOKE_TEST, *contents.TEMPLATES}
    there = sorted(path.name for path in folder.iterdir())
    found = [name for name in there if name in own or name.endswith((".yaml", ".yml"))]
    if found:
        raise Misuse(f"{folder} holds {', '.join(found)} already; nothing was written. Name an empty or a new folder")


def write(choice: Choice, folder: Path) -> tuple[list[str], list[str], bool]:
    """Render the package and write it; return the files, what the functions say, and whether it worked.

    Raises OSError, and then nothing was written.
    """
    package = folder.resolve().name or "package"
    with tempfile.TemporaryDirectory(prefix="krmfn-init-") as place:
        root = Path(place) / package
        root.mkdir()
        for name, text in contents.files(choice, package).items():
            (root / name).write_bytes(text.encode())
        rendering = Rendering(root)
        worked = rendering.run()
        for result in with_derived(rendering.results):
            result.file = str(folder / Path(result.file).relative_to(root)) if result.file else result.file
        said = [str(result) for result in rendering.results]
        if not worked:
            return [], said, False
        rendering.write()
        texts = {path.name: path.read_bytes().decode() for path in sorted(root.iterdir()) if path.is_file()}
    rendered = [name for name in contents.HOLDS if name in texts]
    texts[contents.README] = contents.readme(choice, package, rendered)
    texts[contents.SMOKE_TEST] = _smoke_test(choice)
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        journal.write(folder, [(folder / name, None, text) for name, text in texts.items()])
        (folder / contents.SMOKE_TEST).chmod(0o755)
    except OSError:
        if is_new:
            folder.rmdir()
        raise
    return [*texts], said, True
