"""The options of krmfn plan."""

from __future__ import annotations

from krm_functions_sdk.function.command_line import Misuse

NAMES = ("--model", "--slo", "--gpus", "--prompt-tokens", "--output-tokens", "--tokens-per-second", "--prices")


def read(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options with their values, and the other arguments. Raises Misuse."""
    found: dict[str, str] = {}
    operands: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        name, equals, value = argument.partition("=")
        if not argument.startswith("-"):
            operands.append(argument)
        elif name not in NAMES:
            raise Misuse(f"found {name}, expected one of {', '.join(NAMES)} or --output")
        elif name in found:
            raise Misuse(f"{name} stands twice")
        else:
            found[name] = value if equals else rest.pop(0) if rest else ""
            if not found[name]:
                raise Misuse(f"{name}: found nothing, expected a value")
    return found, operands


def count(found: dict[str, str], name: str, default: int) -> int:
    """Return the whole number of an option. Raises Misuse."""
    text = found.get(name, str(default))
    if not text.isdecimal() or not int(text):
        raise Misuse(f"{name}: found {text}, expected a whole number above 0")
    return int(text)
