"""krmfn upgrade: move what people wrote to another release of the inference gateway, in place.

May import: the SDK, the domain and `command.py`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn upgrade PATH... --to RELEASE

Move intents, patches of intents in overlays, and pickers, configurations and objectives that you wrote yourself to
another release, in place: comments, order and quotes stay. What a function generated is left to the next render.
What cannot be translated is said, with what to do, and the exit status is then 1. After an error no file is changed.
At the end stand the steps in which to apply the result.

  --to RELEASE  the release, see krmfn facts; backwards too"""


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where something is left to do by hand, 2 for misuse."""
    from krm_inference.commands import command

    return command.run("upgrade", USAGE, arguments, upgrade)


def upgrade(arguments: list[str]) -> int:
    """Move what the arguments name, say so, and return the exit status. Raises Misuse."""
    import sys

    from krm_functions_sdk.function import in_place, terminal

    from krm_inference.commands.upgrade.migration import Migration
    from krm_inference.commands.upgrade.steps import steps
    from krm_inference.domain.facts.releases import RELEASES

    paths, to = operands(arguments, list(RELEASES))
    migration = Migration(to)
    output, errors, status = in_place.change(migration.upgrade, None, paths)
    if not status:
        errors += migration.look_at(bare(paths))
    print(errors, end="", file=sys.stderr)
    terminal.say(output, end="")
    if status:
        return status
    for former in migration.former:
        terminal.say("".join(f"{line}\n" for line in steps(former, to, is_managed=migration.is_managed)), end="")
    return int(migration.is_unfinished)


def bare(paths: list[str]) -> dict[str, str]:
    """Return the texts of Kustomizations in folders that leave out their kind, as kustomize lets.

    They are no objects of a cluster, so that no function is given them.
    """
    import os
    from pathlib import Path

    from krm_functions_sdk.files.package import KUSTOMIZATIONS

    texts: dict[str, str] = {}
    for name in paths:
        for folder, folders, files in os.walk(name):
            folders[:] = sorted(one for one in folders if not one.startswith("."))  # .git and .venv are large
            for file in (Path(folder, one) for one in KUSTOMIZATIONS if one in files):
                texts[file.as_posix()] = file.read_text(encoding="utf-8")
    return {file: text for file, text in texts.items() if not any(map(_says_kind, text.splitlines()))}


def _says_kind(line: str) -> bool:
    return line.startswith("kind:")


def operands(arguments: list[str], known: list[str]) -> tuple[list[str], str]:
    """Return the paths and the release. Raises Misuse."""
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.domain.spelling import nearest

    paths: list[str] = []
    to = ""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--to":
            to = next(rest, "")
        elif argument.startswith("--to="):
            to = argument.removeprefix("--to=")
        elif argument.startswith("-"):
            raise Misuse(f"unknown option {argument!r}; see --help")
        else:
            paths.append(argument)
    if not paths:
        raise Misuse("expected a PATH of a package, an overlay or a file")
    if to not in known:
        near = nearest(to, known)
        hint = f"did you mean {near}?" if to and near else f"expected one of {', '.join(known)}"
        raise Misuse(f"--to: found {to or 'nothing'}; {hint}")
    return paths, to
