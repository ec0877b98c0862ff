"""krmfn facts: say what is known of a release, and what breaks from one to another.

May import: `domain/`, what commands share, and the SDK.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn facts [--output text|json] [RELEASE [QUERY]]
       krmfn facts [--output text|json] diff A B

Say what is known of a release of the inference gateway, of definitions, or of a minor version of vLLM: images, APIs,
flags, plugins with their parameters, feature gates, metrics, and what is reported to break. QUERY keeps the facts
with that text in their path or value. Without a RELEASE, the names of all are listed.

diff says what goes, what changes and what comes from A to B, and what to do about it; its exit status is 1 where
something differs.

  --output FORMAT, -o  text (the default), or json: the files of docs/facts"""
FORMATS = ("text", "json")
DIFF = "diff"


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where nothing is found or releases differ, 2 for misuse."""
    from krm_inference.commands import command

    return command.run("facts", USAGE, arguments, show)


def show(arguments: list[str]) -> int:
    """Print what is known, and return the exit status. Raises Misuse."""
    from krm_functions_sdk.function import terminal

    from krm_inference.commands.command import option

    output, operands = option(arguments, "--output", FORMATS)
    text, status = answer(operands, output)
    is_report = operands[:1] == [DIFF] and output == FORMATS[0]
    (terminal.say if is_report else print)(text, end="")
    return status


def answer(operands: list[str], output: str) -> tuple[str, int]:
    """Return what is printed and the exit status. Raises Misuse."""
    import sys

    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.facts import text
    from krm_inference.commands.facts.difference import difference, flat
    from krm_inference.commands.facts.release_facts import names, of

    wrong = [one for one in operands if one.startswith("-")]
    if wrong:
        raise Misuse(f"unknown option {wrong[0]!r}; see --help")
    if not operands:
        listed = (
            text.json_text({"names": list(names())}) if output == "json" else "".join(f"{one}\n" for one in names())
        )
        return listed, 0
    if operands[0] == DIFF:
        if len(operands) != 3:
            raise Misuse(f"expected diff A B, found {' '.join(operands)}")
        before, after = (of(_known(name)) for name in operands[1:])
        found = difference(before, after)
        if output == "json":
            return text.json_text(found._asdict()), int(bool(found))
        return text.difference(before["name"], after["name"], found), int(bool(found))
    if len(operands) > 2:
        raise Misuse(f"expected a RELEASE, and perhaps a QUERY, found {' '.join(operands)}")
    facts, query = of(_known(operands[0])), "".join(operands[1:]).lower()
    if not query:
        return text.json_text(facts) if output == "json" else text.lines(dict(flat(facts))), 0
    chosen = {path: value for path, value in flat(facts) if query in path.lower() or query in str(value).lower()}
    if not chosen:
        print(f"krmfn facts: {operands[0]} has no fact with {operands[1]} in it", file=sys.stderr)
        return "", 1
    return text.json_text(chosen) if output == "json" else text.lines(chosen), 0


def _known(name: str) -> str:
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.facts.release_facts import names
    from krm_inference.domain.spelling import nearest

    if name in names():
        return name
    near = nearest(name, names())
    hint = f"did you mean {near}?" if near else f"known are {', '.join(names())}"
    raise Misuse(f"nothing is known of {name}; {hint}")
