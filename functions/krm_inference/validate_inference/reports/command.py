"""The command line of a check: which formats go where, which severities are shown and fail it, and the baseline."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk import ERROR, INFO, WARNING, InputFault, ResourceList
from krm_functions_sdk.function import in_place
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.function.command_line import CommandLine, Misuse

from krm_inference.domain.record import Record
from krm_inference.validate_inference.reports import baseline, formats, rendered

SEVERITIES = (INFO, WARNING, ERROR)
NEVER = "never"
_FLAGS = ("--fix", "--check")
_OPTIONS = (
    "--format",
    "--output",
    "--min-severity",
    "--fail-on",
    "--baseline",
    "--write-baseline",
    "--helm",
    "--kustomize",
)
_OF_HELM = ("--values", "--set")  # as helm takes them, each again and again
NAME = "validate-inference"


class Options(Record):
    """What a person asked for: pairs of format and file ("" is standard output), severities, and baseline files."""

    outputs: list[tuple[str, str]]
    least: str
    fails: str
    baseline: str
    written: str
    fix: bool = False
    check: bool = False
    helm: str = ""
    values: tuple[str, ...] = ()  # options of helm and their values
    kustomize: str = ""


def is_asked(arguments: list[str]) -> bool:
    """Say whether an argument is one of a check in CI."""
    return any(argument.partition("=")[0] in (*_OPTIONS, *_OF_HELM, *_FLAGS) for argument in arguments)


def main(function: Function, arguments: list[str]) -> int:
    """Check, report, and return the exit status: 0, 1 where something fails the run, 2 for misuse."""
    try:
        options, rest = parsed(arguments)
        known = baseline.read(Path(options.baseline)) if options.baseline else []
        would_mend = options.fix and _mended(function, rest, is_written=not options.check) and options.check
        resources = (
            _rendered(function, options, rest) if options.helm or options.kustomize else _checked(function, rest)
        )
    except (Misuse, baseline.Unreadable, rendered.NotRendered) as misuse:
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
        if not file and name == "text":
            said = formats.text(shown, len(resources), sys.stdout)  # colours and width are those of its terminal
        if file:
            Path(file).write_text(said, encoding="utf-8")
        else:
            sys.stdout.write(said)
    failing = () if options.fails == NEVER else SEVERITIES[SEVERITIES.index(options.fails) :]
    return int(would_mend or any(each.severity in failing for each in left))


def parsed(arguments: list[str]) -> tuple[Options, list[str]]:
    """Return the options of a check and the arguments of any function. Raises Misuse.

    `--output` names the file of the `--format` before it.
    """
    outputs: list[tuple[str, str]] = []
    said: dict[str, str] = {}
    values: list[str] = []
    rest: list[str] = []
    items = iter(arguments)
    for item in items:
        name, equals, value = item.partition("=")
        if item in _FLAGS:
            said[item] = item
            continue
        if name not in (*_OPTIONS, *_OF_HELM):
            rest.append(item)
            continue
        value = value if equals else next(items, "")
        if not value:
            raise Misuse(f"{name} takes a value")
        if name == "--format":
            outputs.append((_one_of(name, value, tuple(formats.FORMATS)), ""))
        elif name == "--output":
            outputs = [*outputs[:-1], (outputs[-1][0] if outputs else "text", value)]
        elif name in _OF_HELM:
            values += [name, value]
        else:
            said[name] = value
    if sum(not file for _, file in outputs) > 1:
        raise Misuse("two formats for standard output; give each --format but one its --output FILE")
    least = _one_of("--min-severity", said.get("--min-severity", INFO), SEVERITIES)
    fails = _one_of("--fail-on", said.get("--fail-on", ERROR), (*SEVERITIES, NEVER))
    files = said.get("--baseline", ""), said.get("--write-baseline", "")
    fix, check = "--fix" in said, "--check" in said
    if check and not fix:
        raise Misuse("--check goes with --fix: it says what would be mended, and writes nothing")
    helm, kustomize = said.get("--helm", ""), said.get("--kustomize", "")
    if values and not helm:
        raise Misuse(f"{values[0]} goes with --helm CHART")
    if (helm or kustomize) and (fix or (helm and kustomize)):
        raise Misuse(
            "--helm and --kustomize go one at a time, and without --fix: what they make is mended at its source"
        )
    return Options(outputs or [("text", "")], least, fails, *files, fix, check, helm, tuple(values), kustomize), rest


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise Misuse(f"{name}: found {value}, expected one of {', '.join(choices)}")
    return value


def _rendered(function: Function, options: Options, arguments: list[str]) -> ResourceList:
    """Check what helm or kustomize makes, and tell findings of the files that it was made from. Raises NotRendered."""
    line = CommandLine.parse(arguments)
    if line.paths:
        raise Misuse(f"found {line.paths[0]} beside --helm or --kustomize; check files in a run of their own")
    if options.helm:
        resources, origins = rendered.helm(options.helm, list(options.values))
    else:
        resources, origins = rendered.kustomize(options.kustomize)
    resources.function_config = line.config()
    call(function, resources)
    unknown = rendered.told(list(resources.results), origins)
    if unknown:
        print(f"{NAME}: of {unknown} findings the file that they come from is not known", file=sys.stderr)
    return resources


def _mended(function: Function, arguments: list[str], *, is_written: bool) -> bool:
    """Mend what is certain, say each on standard error, and return whether there was any. Raises Misuse and OSError."""
    from krm_inference.validate_inference.reports.fixes import Mending

    line = CommandLine.parse(arguments)
    if not line.paths:
        raise Misuse("--fix takes files or folders: what comes on standard input has no file to mend")
    with in_place.held(line.paths, lambda said: print(said, file=sys.stderr)):
        mending = Mending(function, line.config(), line.paths)
        if is_written:
            mending.write()
    for each in (*mending.mended, *mending.left):
        print(f"{'' if is_written or each.left else 'would be '}{each}", file=sys.stderr)
    count = len(mending.mended)
    findings = f"{count} finding{'' if count == 1 else 's'}"
    said = f"mended {findings}" if is_written else f"{findings} would be mended; no file was changed"
    print(f"{NAME}: {said}", file=sys.stderr)
    return bool(count)


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
