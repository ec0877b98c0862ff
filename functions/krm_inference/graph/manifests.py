"""The manifests that a command line names, validated: files, folders or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from krm_functions_sdk import InputFault, ResourceList
from krm_functions_sdk.command_line import CommandLine, Misuse
from krm_functions_sdk.in_place import InPlace
from krm_functions_sdk.run import call

from krm_inference.validate_inference import validate_inference


def read(arguments: list[str]) -> tuple[ResourceList, list[str]]:
    """Return the manifests with the results of validate-inference, or the lines that say why they cannot be read.

    Nothing is written. Raises Misuse.
    """
    line = CommandLine.parse(arguments)
    config = line.config()
    if line.paths:
        in_place = InPlace(validate_inference, config)
        in_place.run(line.paths)
        resources = in_place.resources
    else:
        try:
            resources = ResourceList.read(sys.stdin.read())
        except (InputFault, UnicodeDecodeError) as fault:
            return ResourceList(), [f"[error] {fault}"]
        resources.function_config = config or resources.function_config
        call(validate_inference, resources)
    if resources.items:
        return resources, []
    faults = [str(result) for result in resources.results]
    return resources, faults or [f"[error] no Kubernetes object in {', '.join(line.paths) or 'standard input'}"]


def option(arguments: list[str], name: str, choices: Sequence[str]) -> tuple[str, list[str]]:
    """Return the value of an option, the first choice without it, and the other arguments. Raises Misuse."""
    value, rest = choices[0], list(arguments)
    for position, argument in enumerate(arguments):
        if argument.partition("=")[0] == name:
            count = 1 if "=" in argument else 2
            value = argument.partition("=")[2] if count == 1 else "".join(arguments[position + 1 : position + 2])
            del rest[position : position + count]
            break
    if value not in choices:
        raise Misuse(f"{name}: found {value or 'nothing'}, expected {' or '.join(choices)}")
    return value, rest
