"""krmfn explain: say of each value in a package which function set it, from what, and why.

May import: the SDK, the domain and `command.py`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn explain [--output text|markdown] PACKAGE [FIELD]

Say of each value which function set it, from which fields of the intent and rows of the tables, and by which sum.
Nothing is written. FIELD is a path or a part of one: terminationGracePeriodSeconds, containers[name=vllm].args[--port].
Where no path has such steps, it is a part of what they are written as, in any case: grace, max-num. One field takes
less than a second, all of them some seconds, and on a terminal it is said how far it is.

  --output FORMAT, -o  text (the default), or markdown for a pull request"""
FORMATS = ("text", "markdown")


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where there is nothing to explain, 2 for misuse."""
    from krm_inference.commands.command import serve

    return serve("explain", USAGE, FORMATS, arguments, explain, is_report=True)


def explain(operands: list[str], output: str) -> tuple[str, list[str]]:
    """Return the explanations, or the lines that say why there are none. Raises Misuse."""
    import sys
    from pathlib import Path

    from krm_functions_sdk.files import lock
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.explain import progress, text
    from krm_inference.commands.explain.explanations import Field, explanations
    from krm_inference.commands.explain.origins import origins
    from krm_inference.commands.explain.trial import Trial

    if len(operands) not in (1, 2) or operands[0].startswith("-"):
        raise Misuse("expected a PACKAGE, and perhaps a FIELD")
    package, field = operands[0], "".join(operands[1:])
    if not (Path(package) / "Kptfile").is_file():
        raise Misuse(f"{package}: not a package: it has no Kptfile")
    try:
        wanted = Field(field)
    except ValueError as error:
        raise Misuse(str(error)) from None
    trial = Trial(Path(package))
    try:
        with lock.held(trial.root, lambda line: print(line, file=sys.stderr)):
            base = trial.run()
            if base.results.failed:
                return "", [str(result) for result in base.results if result.severity == "error"]
            wanted.or_part(base.read)
            known = origins(trial, base, lambda place: wanted.holds(place[1]), progress.teller())
            found = list(explanations(base.read, known, wanted))
    except OSError as error:
        return "", [f"[error] {package} cannot be read: {error}"]
    if not found:
        return "", [f"[error] no value in {package} has {field or 'a field'} in its path"]
    return (text.markdown(found) if output == "markdown" else text.terminal(found)), []
