"""The functions that are installed: every entry point of the group `krm_functions`; and those of a folder."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.function import entry_points
from krm_functions_sdk.function.callable import Function, folder_of
from krm_functions_sdk.function.definition import FILE, Definition
from krm_functions_sdk.function.entry_points import EntryPoint

GROUP = "krm_functions"
COMMANDS = "krmfn_commands"  # each takes its arguments and returns the exit status
_DECLARED = pattern(r"^ *image: *[\"']?([^\s\"']+)", re.MULTILINE)
_IMAGE = pattern(r"(?:.*/)?(?P<name>[^/:@]+)(?::(?P<tag>[^@]+))?(?:@.*)?\Z")


def installed() -> dict[str, EntryPoint]:
    """Return the installed functions by name."""
    return {entry_point.name: entry_point for entry_point in entry_points.of_group(GROUP)}


def load(installed: EntryPoint) -> Function:
    """Import an installed function. Raises LookupError where its code cannot be imported."""
    try:
        function: Function = installed.load()
    except Exception as error:  # noqa: BLE001  # whatever the import of a function raises is a reason
        raise LookupError(f"{installed.name} cannot be loaded: {type(error).__name__}: {error}") from None
    return function


def declared_image(function: Function) -> str:
    """Return the image that a function's definition names, without its tag; "" where it names none."""
    return _declared_image(folder_of(function) / FILE)


@lru_cache(maxsize=64)  # many packages have the same functions
def _declared_image(file: Path) -> str:
    try:
        found = _DECLARED.search(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError):
        return ""
    return repository(found[1]) if found else ""


def repository(image: str) -> str:
    """Return an image without its tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def commands() -> dict[str, EntryPoint]:
    """Return the further commands of `krmfn` that distributions bring, by name."""
    return {entry_point.name: entry_point for entry_point in entry_points.of_group(COMMANDS)}


def of_folder(folder: Path) -> Function:
    """Return the function that is defined in `folder`: in its __init__.py, or in the file that is called like it.

    The function `set_owner` or the class `SetOwner` is that of the folder `set-owner`. Raises LookupError where there
    is none, and where its code cannot be imported.
    """
    folder = folder.resolve()
    name = folder.name.replace("-", "_")
    file = next((file for file in (folder / "__init__.py", folder / f"{name}.py") if file.is_file()), None)
    if file is None:
        raise LookupError(f"nor does {folder} hold an __init__.py or a {name}.py")
    module, root = [name], folder.parent if file.name == "__init__.py" else folder
    while file.name == "__init__.py" and (root / "__init__.py").is_file():
        module.insert(0, root.name)
        root = root.parent
    sys.path.insert(0, str(root))
    try:
        imported = import_module(".".join(module))
        if Path(str(imported.__file__)).resolve() != file:
            raise ImportError(f"{imported.__file__} has the same name")  # noqa: TRY301  # one reason of many
        class_name = "".join(word.capitalize() for word in name.split("_"))
        found: Function = getattr(imported, class_name if hasattr(imported, class_name) else name)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the import of a function raises is a reason
        raise LookupError(f"and {file} cannot be loaded: {type(error).__name__}: {error}") from None
    finally:
        sys.path.remove(str(root))
    return found


def definition(function: str) -> Definition:
    """Return the definition of a function: of the one in a folder, or right below it, or else of the installed one.

    Raises LookupError, YamlFault, OSError and UnicodeError.
    """
    folder = Path(function)
    files = [folder / FILE] if (folder / FILE).is_file() else sorted(folder.glob(f"*/{FILE}"))
    if len(files) == 1:
        return Definition.read(files[0])
    if len(files) > 1:
        raise LookupError(f"{function}: several functions here: {', '.join(file.parent.name for file in files)}")
    functions = installed()
    if function in functions:
        return _definition(function, functions[function].load)
    is_own = any((folder / name).is_file() for name in ("__init__.py", f"{folder.resolve().name.replace('-', '_')}.py"))
    roots = [folder] if is_own else [file.parent for file in folder.glob("*/__init__.py")]
    if len(roots) == 1:
        return _definition(function, lambda: of_folder(roots[0]))
    known = ", ".join(sorted(functions)) or "none"
    raise LookupError(f"{function}: no folder with a {FILE}, and no installed function. Installed: {known}")


def _definition(name: str, load: Callable[[], Function]) -> Definition:
    try:
        found = Definition.of(load())
    except LookupError as error:
        raise LookupError(f"{name}: no {FILE}, {error}") from None
    except Exception as error:  # noqa: BLE001  # whatever the import of a function raises is a reason
        raise LookupError(f"{name} cannot be loaded: {type(error).__name__}: {error}") from None
    if not found.value:
        raise LookupError(f"{name} has no {FILE}, and is not a dataclass")
    return found


def guess(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "…"?)` for the function that `name` most likely misspells, or an empty string."""
    from krm_functions_sdk.function.schema import nearest

    return nearest(name, list(known), alike=0.8)


def parse_image(image: str) -> tuple[str, str]:
    """Return name and tag of an image: `set-labels` and `v1` of `example.com/functions/set-labels:v1`."""
    match = _IMAGE.match(image)
    return (match["name"], match["tag"] or "") if match else (image, "")
