"""krmfn: render packages; write, test and list functions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

Command = Callable[[list[str]], int]  # arguments to exit status

USAGE = """\
usage: krmfn render [PACKAGE...]          render packages in place with the installed functions
       krmfn test [--update] [FOLDER...]  run the golden cases below the folders; --update rewrites and fails
       krmfn functions                    list the installed functions
       krmfn doc [--schema] FUNCTION      describe a function as Markdown, or its functionConfig as JSON Schema
       krmfn new NAME [FOLDER]            write a new function into FOLDER/NAME, with schema, tests and Dockerfile

A PACKAGE is a folder with a Kptfile, or a folder of such folders. Default: the current folder.
`test` takes the installed function that the folder above `examples` names, or else the one defined there.
A FUNCTION is the name of an installed one, or a folder with its definition.yaml."""


def main() -> int:
    """Be the executable."""
    command, arguments = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    if command in ("help", "--help", "-h") or (command in COMMANDS and {"--help", "-h"} & {*arguments}):
        print(USAGE)
        return 0
    if command in COMMANDS:
        return COMMANDS[command](arguments)
    from krm_functions_sdk import registry

    if further := registry.commands().get(command):
        main_of_it: Command = further.load()
        return main_of_it(arguments)
    print(f"krmfn: unknown command {command!r}\n{USAGE}", file=sys.stderr)
    return 2


def _render(arguments: list[str]) -> int:
    from krm_functions_sdk import package, render

    if options := [argument for argument in arguments if argument.startswith("-")]:
        return _misused(f"unknown option {options[0]!r}")
    roots: list[Path] = []
    for name in arguments or ["."]:
        folder = Path(name)
        if not folder.is_dir():
            return _misused(f"{name}: no such folder")
        try:
            found = package.find(folder)
        except OSError as error:
            return _misused(f"{name}: cannot be read: {error}")
        if not found:
            return _misused(f"{name}: no Kptfile here or below")
        roots += found
    worked = [render.render(root, print, _complain) for root in roots]
    return 0 if all(worked) else 1


def _test(arguments: list[str]) -> int:
    from krm_functions_sdk import golden

    update = "--update" in arguments
    folders = [argument for argument in arguments if argument != "--update"] or ["."]
    try:
        cases = [case for folder in folders for case in golden.cases(Path(folder))]
    except LookupError as error:
        return _misused(str(error))
    if not cases:
        return _misused(f"no golden case below {', '.join(folders)}")
    passed, failed = 0, 0
    for case in cases:
        if update:
            changed = case.update()
            failed += changed
            passed += not changed
            if changed:
                print(f"updated {case}")
        elif problem := case.problem():
            failed += 1
            print(f"FAILED {case}\n{problem}")
        else:
            passed += 1
    print(f"{passed} passed, {failed} {'updated: read the change, then run again' if update else 'failed'}")
    return 1 if failed else 0


def _functions(arguments: list[str]) -> int:
    from krm_functions_sdk import registry

    if arguments:
        return _misused(f"functions takes no argument, found {arguments[0]!r}")
    for name, function in sorted(registry.installed().items()):
        print(f"{name} {function.version}")
    return 0


def _doc(arguments: list[str]) -> int:
    from krm_functions_sdk import doc, registry
    from krm_functions_sdk.node import YamlFault

    names = [argument for argument in arguments if argument != "--schema"]
    if len(names) != 1:
        return _misused("doc takes one FUNCTION: a name, or a folder with a definition.yaml")
    try:
        definition = registry.definition(names[0])
    except LookupError as error:
        return _misused(str(error))
    except YamlFault as fault:
        return _misused(f"{names[0]}: definition.yaml cannot be read as YAML: line {fault.line + 1}: {fault.message}")
    except (OSError, UnicodeError) as error:
        return _misused(f"{names[0]}: definition.yaml cannot be read: {error}")
    if len(names) < len(arguments):
        if not definition.openapi:
            return _misused(f"{names[0]}: its definition.yaml has no schema")
        print(doc.to_json(definition.json_schema()))
    else:
        print(doc.page(definition), end="")
    return 0


def _new(arguments: list[str]) -> int:
    from krm_functions_sdk import scaffold

    if options := [argument for argument in arguments if argument.startswith("-")]:
        return _misused(f"unknown option {options[0]!r}")
    if len(arguments) not in (1, 2):
        return _misused("new takes the NAME of the function, and the FOLDER to write it into")
    try:
        folder = scaffold.create(arguments[0], Path(*arguments[1:]))
    except scaffold.Refusal as refusal:
        return _misused(str(refusal))
    except OSError as error:
        return _misused(f"cannot be written: {error}")
    print(f"wrote {folder}; next: krmfn test {folder}")
    return 0


def _misused(message: str) -> int:
    print(f"krmfn: {message}", file=sys.stderr)
    return 2


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


COMMANDS: dict[str, Command] = {"render": _render, "test": _test, "functions": _functions, "doc": _doc, "new": _new}
