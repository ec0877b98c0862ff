"""The command line of a check: which formats go where, which severities are shown and fail it, and the baseline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from krm_functions_sdk import ERROR, INFO, WARNING, InputFault, ResourceList
from krm_functions_sdk.function import in_place
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.function.command_line import CommandLine, Misuse

from krm_inference.validate_inference.reports import baseline, formats

SEVERITIES = (INFO, WARNING, ERROR)
NEVER = "never"
_OPTIONS = ("--format", "--output", "--min-severity", "--fail-on", "--baseline", "--write-baseline")
NAME = "validate-inference"


class Options(NamedTuple):
    """What a person asked for: pairs of format and file ("" is standard output), severities, and baseline files."""

    outputs: list[tuple[str, str]]
    least: str
    fails: str
    baseline: str
    written: str


def is_asked(arguments: list[str]) -> bool:
    """Say whether an argument is one of a check in CI."""
    return any(argument.partition("=")[0] in _OPTIONS for argument in arguments)


def main(function: Function, arguments: list[str]) -> int:
    """Check, report, and return the exit status: 0, 1 where something fails the run, 2 for misuse."""
    try:
        options, rest = parsed(arguments)
        known = baseline.read(Path(options.baseline)) if options.baseline else []
        resources = _checked(function, rest)
    except (Misuse, baseline.Unreadable) as misuse:
        print(f"{NAME}: {misuse}", file=sys.stderr)
        return 2
    except (OSError, InputFault, UnicodeDecodeError) as error:
        print(f"{NAME}: cannot be read: {error}", file=sys.stderr)
        return 2
    results = list(resources.results)
    if options.written:
        Path(options.written).write_text(baseline.text(results), encoding="utf-8")
        print(f"{NAME}: wrote {options.written}; give each row its reason", file=sys.stderr)
        return 0
    left, notes = baseline.without(results, known)
    for note in notes:
        print(f"{NAME}: {note}", file=sys.stderr)
    shown = [each for each in left if SEVERITIES.index(each.severity) >= SEVERITIES.index(options.least)]
    for name, file in options.outputs:
        said = formats.FORMATS[name](shown, len(resources))
        if file:
            Path(file).write_text(said, encoding="utf-8")
        else:
            sys.stdout.write(said)
    failing = () if options.fails == NEVER else SEVERITIES[SEVERITIES.index(options.fails) :]
    return int(any(each.severity in failing for each in left))


def parsed(arguments: list[str]) -> tuple[Options, list[str]]:
    """Return the options of a check and the arguments of any function. Raises Misuse.

    `--output` names the file of the `--format` before it.
    """
    outputs: list[tuple[str, str]] = []
    said: dict[str, str] = {}
    rest: list[str] = []
    items = iter(arguments)
    for item in items:
        name, equals, value = item.partition("=")
        if name not in _OPTIONS:
            rest.append(item)
            continue
        value = value if equals else next(items, "")
        if not value:
            raise Misuse(f"{name} takes a value")
        if name == "--format":
            outputs.append((_one_of(name, value, tuple(formats.FORMATS)), ""))
        elif name == "--output":
            outputs = [*outputs[:-1], (outputs[-1][0] if outputs else "text", value)]
        else:
            said[name] = value
    if sum(not file for _, file in outputs) > 1:
        raise Misuse("two formats for standard output; give each --format but one its --output FILE")
    least = _one_of("--min-severity", said.get("--min-severity", INFO), SEVERITIES)
    fails = _one_of("--fail-on", said.get("--fail-on", ERROR), (*SEVERITIES, NEVER))
    files = said.get("--baseline", ""), said.get("--write-baseline", "")
    return Options(outputs or [("text", "")], least, fails, *files), rest


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise Misuse(f"{name}: found {value}, expected one of {', '.join(choices)}")
    return value


def _checked(function: Function, arguments: list[str]) -> ResourceList:
    line = CommandLine.parse(arguments)
    config = line.config()
    if line.paths:
        run = in_place.InPlace(function, config, reports=True)
        run.run(line.paths)
        return run.resources
    resources = ResourceList.read(sys.stdin.read(), "standard input")
    resources.function_config = config or resources.function_config
    call(function, resources)
    return resources
