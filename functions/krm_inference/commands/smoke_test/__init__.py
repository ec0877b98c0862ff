"""krmfn smoke-test: the requests that show whether a package serves, as a shell script or as a Job.

May import: the SDK, the domain, `command.py`, `packages.py` and `smoke_script/`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn smoke-test [--output script|job] [--address URL] PACKAGE

Print what asks the services of a package what their users will ask, made from its LLMServices: the list of models, a
completion and a chat of the base model and of each adapter, each objective by its header, requests without one, and
those that have to be refused. It says one verdict a line, and exits with 1 where one fails. It needs a POSIX shell and
curl; without an address also kubectl, by which it asks the Gateway for its own.

  --output FORMAT, -o  script (the default), or job: the same as a Kubernetes Job with its ConfigMap
  --address URL        where the Gateway answers, such as http://203.0.113.7; a Job needs it, a script takes it as its
                       first argument as well"""
FORMATS = ("script", "job")


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where an intent has faults, 2 for misuse."""
    from krm_inference.commands.command import serve

    return serve("smoke-test", USAGE, FORMATS, arguments, write)


def write(arguments: list[str], output: str) -> tuple[str, list[str]]:
    """Return the script or the Job for a package, or the lines that say what is wrong with its intents.

    Raises Misuse.
    """
    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.packages import read
    from krm_inference.commands.smoke_script import script
    from krm_inference.commands.smoke_test import job

    address, operands = _address(arguments)
    if len(operands) != 1:
        raise Misuse("expected one PACKAGE")
    if output == "job" and not address:
        raise Misuse("a Job cannot ask kubectl for the address; give --address URL, as Pods of the cluster reach it")
    found, faults = read(operands)
    if faults:
        return "", faults
    services = [service for _, service in found]
    text = script.text(services, address)
    return (job.text(services[0], text) if output == "job" else text), []


def _address(arguments: list[str]) -> tuple[str, list[str]]:
    import re

    from krm_functions_sdk.function.command_line import Misuse

    from krm_inference.commands.command import taken

    value, rest = taken(arguments, ("--address",))
    if value is not None and not re.fullmatch(r"https?://[-A-Za-z0-9.:\[\]]+", value):
        raise Misuse(f"--address: found {value or 'nothing'}, expected a URL such as http://203.0.113.7")
    if unknown := [argument for argument in rest if argument.startswith("-")]:
        raise Misuse(f"unknown option {unknown[0]}")
    return value or "", rest
