"""The options of a command: a table of flags, read without argparse, whose import a render would feel."""

from __future__ import annotations

from krm_functions_sdk.function.command_line import STDIN, Misuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krm_functions_sdk.files.output import Mode
    from krm_functions_sdk.kpt.external import Limits

END = "--"
LIMITS = {"--image-pull-policy": "P", "--image-prefix": "PREFIX", "--timeout": "SECONDS", "--traceback": ""}
LIMITS_USAGE = """\
  --image-pull-policy P   Always, IfNotPresent (the default) or Never
  --image-prefix PREFIX   where an image without a slash lies (default: KPT_IMAGE_PREFIX, or gcr.io/kpt-fn)
  --timeout SECONDS       stop a function after this time (default: 300)
  --traceback             show crashes of Python functions in full"""
MODE = {"--output": "PLACE", "-o": "PLACE", "--results-dir": "FOLDER"}


class Options:
    """What a user gave: the values of each flag ("" for a switch), and the operands between and behind them."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.operands: list[str] = []
        self.behind: list[str] = []  # those that follow `--`

    def __contains__(self, flag: str) -> bool:
        return flag in self.values

    def value(self, flag: str, default: str = "") -> str:
        """Return the last value given for a flag."""
        return self.values[flag][-1] if flag in self.values else default

    def number(self, flag: str, default: float) -> float:
        """Return the value of a flag as a number above 0. Raises Misuse."""
        text = self.value(flag, str(default))
        try:
            value = float(text)
        except ValueError:
            value = 0
        if not 0 < value < float("inf"):
            raise Misuse(f"{flag}: found {text}, expected a number above 0")
        return value

    def whole(self, flag: str, default: int = 0) -> int:
        """Return the value of a flag as a whole number above 0, `default` where it is not given. Raises Misuse."""
        if flag not in self:
            return default
        text = self.value(flag)
        if not (text.isascii() and text.isdecimal() and int(text)):
            raise Misuse(f"{flag}: found {text}, expected a whole number above 0")
        return int(text)


def limits(given: Options, *, allow_exec: bool, allow_network: bool) -> Limits:
    """Return what a user allows to functions in other processes. Raises Misuse."""
    import os

    from krm_functions_sdk.function.call import TRACEBACK
    from krm_functions_sdk.kpt.external import PULL_POLICIES, TIMEOUT, Limits

    policy = given.value("--image-pull-policy", "IfNotPresent")
    if policy.lower() not in PULL_POLICIES:
        raise Misuse(f"--image-pull-policy: found {policy}, expected Always, IfNotPresent or Never")
    timeout = given.number("--timeout", TIMEOUT)
    if "--traceback" in given:
        os.environ[TRACEBACK] = "1"  # for the processes of a fleet as well
    return Limits(
        allow_exec=allow_exec,
        allow_network=allow_network,
        pull=PULL_POLICIES[policy.lower()],
        timeout=timeout,
        prefix=given.value("--image-prefix"),
    )


def mode(given: Options) -> Mode:
    """Return where the outcome goes, and what functions report."""
    from pathlib import Path

    from krm_functions_sdk.files.output import Mode

    results = given.value("--results-dir")
    return Mode(given.value("--output") or given.value("-o"), Path(results) if results else None)


def parse(arguments: Iterable[str], known: Mapping[str, str]) -> Options:
    """Read `arguments`; `known` says of each flag what its value is called, "" for a switch. Raises Misuse.

    `--flag VALUE` and `--flag=VALUE` are the same. What follows `--` is an operand, and so is `-`.
    """
    options = Options()
    rest = iter(arguments)
    for argument in rest:
        if argument == END:
            options.behind += rest
            options.operands += options.behind
        elif argument == STDIN or not argument.startswith("-"):
            options.operands.append(argument)
        else:
            flag, equals, value = argument.partition("=")
            if flag not in known:
                raise Misuse(f"unknown option {flag!r}{_nearest(flag, known)}")
            if equals and not known[flag]:
                raise Misuse(f"{flag} takes no value, found {value!r}")
            if known[flag] and not equals:
                value = next(rest, "")
            if known[flag] and not value:
                raise Misuse(f"{flag} takes a value: {flag} {known[flag]}")
            options.values.setdefault(flag, []).append(value)
    return options


def _nearest(flag: str, known: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(flag, known, 1)
    return f" (did you mean {found[0]!r}?)" if found else "; see --help"
