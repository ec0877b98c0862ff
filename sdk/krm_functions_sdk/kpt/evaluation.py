"""One function on files or on a stream, as `kpt fn eval` runs it."""

from __future__ import annotations

import sys
from typing import Any

from krm_functions_sdk.files import output
from krm_functions_sdk.files.journal import Unfinished
from krm_functions_sdk.files.output import Mode
from krm_functions_sdk.function import in_place
from krm_functions_sdk.function.call import call, invoke
from krm_functions_sdk.function.callable import Function, name_of
from krm_functions_sdk.function.in_place import InPlace
from krm_functions_sdk.kpt import results_file
from krm_functions_sdk.kpt.render import merged
from krm_functions_sdk.kpt.results_file import Executed
from krm_functions_sdk.resources import selectors
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.resource_list import InputFault, ResourceList


def selected(function: Function, match: dict[str, Any], exclude: dict[str, Any]) -> Function:
    """Return a function that sees only what `match` takes and `exclude` does not; an empty one is as if not there."""
    if not match and not exclude:
        return function

    def run(resources: ResourceList) -> None:
        seen = [item for item in resources if selectors.takes([match], [exclude], item)]
        part = ResourceList(list(seen), resources.function_config)
        part.results = resources.results
        invoke(function, part)
        resources.items = merged(list(resources), seen, part.items)

    run.__name__ = name_of(function)
    run.__module__ = function.__module__
    return run


class Evaluation:
    """One run of a function with its functionConfig; `mode` says where the outcome goes.

    `declared` is how results name the function, and `timeout` the seconds after which it is stopped, 0 for none.
    """

    def __init__(
        self, function: Function, declared: dict[str, str], config: Resource | None, mode: Mode, timeout: float = 0
    ) -> None:
        self.function = function
        self.declared = declared
        self.config = config
        self.mode = mode
        self.timeout = timeout

    def files(self, paths: list[str]) -> int:
        """Run it on files and folders, in place or with the outcome elsewhere. Raises Misuse."""
        run, place = InPlace(self.function, self.config, self.timeout), self.mode.place
        worked, text, outcome = False, "", "no file was changed"
        said: list[str] = []
        try:
            with in_place.held(paths, said.append):
                worked = run.run(paths)
                if worked and place:
                    text = output.put([(output.place(item), item) for item in run.resources], place)
                elif worked:
                    run.write()
        except (OSError, output.Refusal) as error:
            run.results.error(f"cannot be written: {error}")
            worked, outcome = False, "some files were changed" if isinstance(error, Unfinished) else outcome
        worked = self._say("".join(f"{line}\n" for line in said) + run.printed, run.resources) and worked
        if not worked:
            print(f"{name_of(self.function)}: failed, {outcome}", file=sys.stderr)
        elif place:
            print(text, end="")
        else:
            print(*(run.report() or ["nothing to change"]), sep="\n")
        return int(not worked)

    def stream(self) -> int:
        """Run it on standard input; the outcome goes to standard output in the form of the input, or elsewhere."""
        data, place = sys.stdin.buffer.read(), self.mode.place
        try:
            resources = ResourceList.read(data.decode(), "standard input")
        except (InputFault, UnicodeDecodeError) as fault:
            print(f"[error] {fault}", file=sys.stderr)
            return 1
        resources.function_config = self.config or resources.function_config
        printed = call(self.function, resources, self.timeout)
        worked = not resources.results.failed
        text = data.decode()
        if worked and place:
            try:
                text = output.put([(output.place(item), item) for item in resources], place)
            except (OSError, output.Refusal) as error:
                resources.results.error(f"cannot be written: {error}")
                worked = False
        elif worked:
            text = resources.write()
        worked = self._say(printed, resources) and worked
        print(text, end="")
        return int(not worked)

    def _say(self, printed: str, resources: ResourceList) -> bool:
        """Say on standard error what the function said, write its results, and say whether none is an error."""
        print(printed, *(f"{result}\n" for result in resources.results), sep="", end="", file=sys.stderr)
        failed = resources.results.failed
        if self.mode.results:
            status = getattr(self.function, "status", 0) or int(failed)
            try:
                executed = [Executed(self.declared, printed, status, list(resources.results))]
                results_file.write(self.mode.results, executed, failed=failed)
            except OSError as error:
                print(f"[error] {self.mode.results}: the results cannot be written: {error}", file=sys.stderr)
                return False
        return not failed
