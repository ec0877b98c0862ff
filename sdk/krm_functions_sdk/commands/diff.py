"""krmfn diff."""

from __future__ import annotations

import sys

from krm_functions_sdk.commands import options
from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse

USAGE = f"""\
usage: krmfn diff [OPTION...] A B

Says what really differs, by object and field: old, new, why, from which field of an intent it follows, and what it
does to what runs. Comments, order and layout are no differences. Exits 1 where something differs.

A and B are overlays, packages, hydrated folders, any folders and files of manifests, COMMIT:PATH for a commit of git,
or what `kubectl get -o yaml` printed, in a file or as -. What a server fills in by itself is no difference then.
A package or overlay with @FIELD=VALUE is what it would be with another value in that field of its intents, rendered:
krmfn diff packages/llm packages/llm@spec.release=gaie-v1.5. No file is changed.

  --output FORMAT, -o     text (the default), markdown for a pull request, or json
{options.LIMITS_USAGE}"""
FORMATS = ("text", "markdown", "json")
OPTIONS = {"--output": "FORMAT", "-o": "FORMAT", **options.LIMITS}


def main(arguments: list[str]) -> int:
    """Compare, and return 1 where something differs. Raises Misuse, also for a side that cannot be read."""
    from krm_functions_sdk.files import disk
    from krm_functions_sdk.kpt import comparison, consequences, effects, server_fields, sides
    from krm_functions_sdk.kpt import difference_text as texts

    given = options.parse(arguments, OPTIONS)
    form = given.value("--output") or given.value("-o") or FORMATS[0]
    if form not in FORMATS:
        raise Misuse(f"--output: found {form}, expected {', '.join(FORMATS)}")
    if len(given.operands) != 2 or given.operands[0] == given.operands[1]:
        raise Misuse("diff takes two sides, A and B: folders, files, COMMIT:PATH or -")
    limits = options.limits(given, allow_exec=False, allow_network=False)
    try:
        with sides.read(given.operands[0], limits) as before, sides.read(given.operands[1], limits) as after:
            live = "after" if after.is_live and not before.is_live else "before" if before.is_live else ""
            live = "" if before.is_live and after.is_live else live
            has_intents = before.intents and after.intents and not live
            compared = [[*(side.intents if has_intents else ()), *side.objects] for side in (before, after)]
            found = comparison.compare(*compared, live=live, fields=server_fields.installed())
            if after.package is not None and not live:
                found = found._replace(changes=consequences.explained(found.changes, after.package))
    except (sides.Unreadable, OSError) as error:
        raise Misuse(f"diff: {disk.told(error)}") from None
    rows = effects.installed()
    done = {position: list(effects.of(change, rows)) for position, change in enumerate(found.changes)}
    if form == "json":
        import json

        print(json.dumps(texts.data(found, done, before.name, after.name), indent=2, ensure_ascii=False))
    elif form == "markdown":
        sys.stdout.write(texts.markdown(found, done, before.name, after.name))
    else:
        terminal.say(texts.text(found, done), end="")
    return int(bool(found))
