"""A function as a legacy exec plugin of kustomize: `$KUSTOMIZE_PLUGIN_HOME/<group>/<version>/<kind>/<Kind>`.

kustomize passes the configuration in a file, named by the first argument, and once more in the environment. A
transformer gets the documents of all resources on standard input, a generator gets nothing there.

kustomize finds the program by the kind of a configuration, so there is always one. Where it says nothing but kind and
name, the function gets none.
"""

from __future__ import annotations

import os
from pathlib import Path

from krm_functions_sdk.function.call import call, execute, report_crash
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.resource_list import ResourceList

VARIABLE = "KUSTOMIZE_PLUGIN_CONFIG_STRING"
_NOTHING = {"apiVersion", "kind", "metadata"}


def is_called(argv: list[str]) -> bool:
    """Say whether kustomize called this process, and not a plugin of another kind that passed its environment on."""
    config = os.environ.get(VARIABLE)
    if config is None:
        return False
    try:
        return Path(argv[0]).read_bytes() == os.fsencode(config)
    except (OSError, ValueError):
        return False


def serve(function: Function, data: bytes) -> tuple[bytes, str, int]:
    """Run `function` on the documents in `data`; return output, text for standard error, and status."""
    config: Resource | None = Resource(os.environ[VARIABLE])
    if config is not None and config.data.keys() <= _NOTHING:
        config = None
    if data.strip():
        return execute(function, data, config)
    resources = ResourceList(None, config)
    resources.is_stream = True
    errors = call(function, resources)
    output = ""
    if not resources.results.failed:
        try:
            output = resources.write()
        except Exception as error:  # noqa: BLE001  # what the function left behind cannot be written
            report_crash(resources, function, error)
    errors += "".join(f"{result}\n" for result in resources.results)
    return output.encode(), errors, 1 if resources.results.failed else 0
