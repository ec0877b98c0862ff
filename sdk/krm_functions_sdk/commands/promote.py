"""krmfn promote."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk.commands import options
from krm_functions_sdk.function.command_line import Misuse

USAGE = f"""\
usage: krmfn promote [OPTION...] FROM TO

Proposes what overlay TO has to say to have what overlay FROM has, of the fields of intents that TO names in the
annotation fn.kpt.dev/promoted-fields of its kustomization.yaml, with commas between (spec.release, spec.image;
`images` are kustomize's tags and digests). Shows the change of TO's patch as a diff, or writes it. The rest of the
file stays.
The environment is built first; one that does not build, or where another field would change, is refused.
A name without a slash is that of a folder below overlays/.

  --field FIELD           take this field, in the place of those that TO names; may be given several times
  --write                 write the file, for a commit or a pull request
{options.LIMITS_USAGE}"""
OPTIONS = {"--field": "FIELD", "--write": "", **options.LIMITS}
OVERLAYS = Path("overlays")


def main(arguments: list[str]) -> int:
    """Propose or write, and return 1 where that is refused. Raises Misuse."""
    from krm_functions_sdk.files import disk, journal
    from krm_functions_sdk.kpt import promotion
    from krm_functions_sdk.kpt.difference_text import shown
    from krm_functions_sdk.kpt.summary import diff

    given = options.parse(arguments, OPTIONS)
    if len(given.operands) != 2:
        raise Misuse("promote takes two overlays, FROM and TO")
    source, target = (_folder(name) for name in given.operands)
    if source.resolve() == target.resolve():
        raise Misuse("promote takes two overlays, FROM and TO")
    limits = options.limits(given, allow_exec=False, allow_network=False)
    try:
        found = promotion.propose(source, target, given.values.get("--field", []), limits)
        if "--write" in given and found.texts:
            journal.write(target, found.texts)
    except (promotion.Refusal, OSError) as error:
        for line in disk.told(error).splitlines():
            print(line if "[error]" in line else f"[error] {line}", file=sys.stderr)
        print(f"{target}: nothing was written", file=sys.stderr)
        return 1
    for step in found.steps:
        name = f"{step.intent}: " if step.intent else ""
        old, new = shown(step.old, step.field), shown(step.new, step.field)
        print(f"{name}{step.field}: {old} → {new}", file=sys.stderr)
    for field in found.absent:
        print(f"{field}: neither environment has it; is it spelt right?", file=sys.stderr)
    for file, old, new in found.texts if "--write" not in given else ():
        print(diff(file.as_posix(), old, new))
    written = ", ".join(file.as_posix() for file, _, _ in found.texts)
    did = (
        f"{written} written"
        if "--write" in given and found.texts
        else f"{len(found.steps)} field{'s differ' if len(found.steps) > 1 else ' differs'}"
    )
    print(f"{source} → {target}: {did if found.steps else 'nothing to promote'}", file=sys.stderr)
    return 0


def _folder(name: str) -> Path:
    folder = Path(name)
    if "/" not in name and not folder.is_dir() and (OVERLAYS / name).is_dir():
        folder = OVERLAYS / name
    if not folder.is_dir():
        known = sorted(entry.name for entry in OVERLAYS.iterdir() if entry.is_dir()) if OVERLAYS.is_dir() else []
        raise Misuse(f"{name}: no such folder" + (f"; overlays/ has {', '.join(known)}" if known else ""))
    return folder
