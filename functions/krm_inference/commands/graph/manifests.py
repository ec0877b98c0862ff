"""The manifests that a command line names, validated: files, folders or standard input."""

from __future__ import annotations

import sys

from krm_functions_sdk import InputFault, ResourceList
from krm_functions_sdk.function import in_place
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.command_line import CommandLine

from krm_inference.validate_inference import validate_inference


def read(arguments: list[str]) -> tuple[ResourceList, list[str]]:
    """Return the manifests with the results of validate-inference, or the lines that say why they cannot be read.

    Nothing is written. Raises Misuse.
    """
    line = CommandLine.parse(arguments)
    config = line.config()
    if line.paths:
        run = in_place.InPlace(validate_inference, config, reports=True)
        try:
            with in_place.held(line.paths, lambda said: print(said, file=sys.stderr)):
                run.run(line.paths)
        except OSError as error:
            return ResourceList(), [f"[error] {', '.join(line.paths)} cannot be read: {error}"]
        resources = run.resources
    else:
        try:
            resources = ResourceList.read(sys.stdin.read(), "standard input")
        except (InputFault, UnicodeDecodeError) as fault:
            return ResourceList(), [f"[error] {fault}"]
        resources.function_config = config or resources.function_config
        call(validate_inference, resources)
    if resources.items:
        return resources, []
    faults = [str(result) for result in resources.results]
    return resources, faults or [f"[error] no Kubernetes object in {', '.join(line.paths) or 'standard input'}"]
