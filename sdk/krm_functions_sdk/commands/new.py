"""krmfn new: the folder of a new function, whose golden cases pass at once."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.metadata import version
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse

USAGE = """\
usage: krmfn new NAME [FOLDER]

Writes a new function into FOLDER/NAME, with configuration, tests and Dockerfile. Default: the current folder."""
TEMPLATES = Path(__file__).parent.with_name("templates")
FILES = {  # path → template; @name@ and the like are filled in in both
    "pyproject.toml": "pyproject.toml.in",
    "Dockerfile": "Dockerfile.in",
    "@module@/__init__.py": "function.py.in",
    "@module@/README.md": "README.md.in",
    "@module@/examples/mistakes/input.yaml": "mistakes.input.yaml.in",
    "@module@/examples/mistakes/expected.yaml": "mistakes.expected.yaml.in",
    "@module@/examples/set-replicas/input.yaml": "set-replicas.input.yaml.in",
    "@module@/examples/set-replicas/expected.yaml": "set-replicas.expected.yaml.in",
}
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST = 63  # characters of a name in Kubernetes
_IMPORTED = frozenset(("jsonschema_rs", "krm_functions_sdk", "yaml", *sys.stdlib_module_names))


class Refusal(ValueError):
    """Why a function is not scaffolded."""


def main(arguments: list[str]) -> int:
    """Write the function. Raises Misuse."""
    operands = options.parse(arguments, {}).operands
    if len(operands) not in (1, 2):
        raise Misuse("new takes the NAME of the function, and the FOLDER to write it into")
    try:
        folder = create(operands[0], Path(*operands[1:]))
    except Refusal as refusal:
        raise Misuse(str(refusal)) from None
    except OSError as error:
        raise Misuse(f"cannot be written: {error}") from None
    terminal.say(f"wrote {folder}; next: krmfn test {folder}")
    return 0


def create(name: str, parent: Path) -> Path:
    """Write the folder of a new function into `parent` and return it. Raises Refusal and OSError."""
    if problem := fault_of_name(name):
        raise Refusal(problem)
    folder = parent / name
    if folder.exists() or folder.is_symlink():
        raise Refusal(f"{folder}: already exists; nothing was written")
    for path, text in texts(name).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


def fault_of_name(name: str) -> str:
    """Return why a function cannot be called `name`; "" where it can."""
    if not _NAME.fullmatch(name):
        suggestion = "-".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()))
        hint = f"; {suggestion} would do" if suggestion not in ("", name) and not fault_of_name(suggestion) else ""
        return f"found {name!r}, expected lower-case words with hyphens between them, such as set-replicas{hint}"
    if len(name) > _LONGEST:
        return f"found a name of {len(name)} characters, expected at most {_LONGEST}"
    module = name.replace("-", "_")
    if keyword.iskeyword(module) or keyword.issoftkeyword(module):
        return f"{name} is a word of Python itself; choose another name"
    if module in _IMPORTED:
        return f"{name} is the name of a module of Python or of the SDK; choose another name"
    return ""


def texts(name: str) -> dict[str, str]:
    """Return path → text of every file of a new function."""
    values = {
        "@name@": name,
        "@module@": name.replace("-", "_"),
        "@kind@": "".join(word.capitalize() for word in name.split("-")),
        "@image@": f"example.com/functions/{name}:v0.1.0",
        "@sdk_version@": version("krm-functions-sdk"),
    }
    templates = {path: (TEMPLATES / template).read_text(encoding="utf-8") for path, template in FILES.items()}
    return {_filled(path, values): _filled(text, values) for path, text in templates.items()}


def _filled(text: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text
