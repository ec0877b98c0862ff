"""krmfn eval."""

from __future__ import annotations

from krm_functions_sdk.commands import options
from krm_functions_sdk.commands.options import Options
from krm_functions_sdk.function.command_line import CommandLine, Misuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.function.callable import Function
    from krm_functions_sdk.kpt.external import Limits
    from krm_functions_sdk.resources.resource import Resource

USAGE = """\
usage: krmfn eval FUNCTION [OPTION...] [PATH...] [key=value...]

Runs one function on folders and files and writes what changes, or on a stream (PATH is -). FUNCTION is the name of an
installed function or the folder of one; key=value is the data of a ConfigMap for it. Behind -- a first word without =
is the kind of that functionConfig.

  --image IMAGE, -i       instead of FUNCTION: the installed function of this image's name, or a container
  --exec COMMAND          instead of FUNCTION: an executable, which runs as you
  --fn-config FILE        a functionConfig of any kind
  --output PLACE, -o      write to stdout, unwrap or a new folder, and leave the files as they are
  --results-dir FOLDER    write what the function reports to FOLDER/results.yaml, in kpt's format
  --network               let a container reach the network
  --image-pull-policy P   Always, IfNotPresent (the default) or Never
  --image-prefix PREFIX   where an image without a slash lies (default: KPT_IMAGE_PREFIX, or gcr.io/kpt-fn)
  --timeout SECONDS       stop the function after this time (default: 300)
  --traceback             show crashes of Python functions in full
  --match-kind KIND, --match-api-version V, --match-name NAME, --match-namespace NAMESPACE
  --match-labels K=V, --match-annotations K=V
                          only resources like this
  --exclude-kind KIND, --exclude-api-version V, --exclude-name NAME, --exclude-namespace NAMESPACE
  --exclude-labels K=V, --exclude-annotations K=V
                          none like this"""
_KEYS = {"kind": "kind", "api-version": "apiVersion", "name": "name", "namespace": "namespace"}
_MAPS = ("labels", "annotations")
OPTIONS = {
    "--image": "IMAGE",
    "-i": "IMAGE",
    "--exec": "COMMAND",
    "--fn-config": "FILE",
    **options.MODE,
    "--network": "",
    **options.LIMITS,
    **{f"--{what}-{key}": key.upper() for what in ("match", "exclude") for key in (*_KEYS, *_MAPS)},
}


def main(arguments: list[str]) -> int:
    """Run the function, and return 1 where it failed. Raises Misuse, before anything is run."""
    from krm_functions_sdk.kpt import evaluation
    from krm_functions_sdk.kpt.external import External

    given = options.parse(arguments, OPTIONS)
    limits = options.limits(given, allow_exec=True, allow_network="--network" in given)
    try:
        function, declared, rest = _function(given, limits)
    except LookupError as error:
        raise Misuse(str(error)) from None
    line = CommandLine.parse([*rest, *_config(given)])
    chosen = evaluation.selected(function, _selector(given, "match"), _selector(given, "exclude"))
    timeout = 0 if isinstance(function, External) else limits.timeout  # that one has its own
    run = evaluation.Evaluation(chosen, declared, _kind(line.config(), given), options.mode(given), timeout)
    return run.stream() if line.reads_stdin else run.files(line.paths or ["."])


def _function(given: Options, limits: Limits) -> tuple[Function, dict[str, str], list[str]]:
    """Return the function, how results name it, and the other arguments. Raises Misuse and LookupError."""
    from krm_functions_sdk.function import registry
    from krm_functions_sdk.kpt import external

    image, command = given.value("--image") or given.value("-i"), given.value("--exec")
    operands = given.operands[: len(given.operands) - len(given.behind)]
    if image and command:
        raise Misuse("found --image and --exec, expected one of them")
    if command:
        try:
            return external.executable(command, limits), {"exec": command}, operands
        except ValueError as error:
            raise Misuse(f"--exec: found {command}, expected a command: {error}") from None
    if not image and not operands:
        raise Misuse("eval takes a FUNCTION, --image or --exec")
    name = registry.parse_image(image)[0] if image else operands[0]
    rest = operands if image else operands[1:]
    known = registry.installed()
    if name in known:
        return registry.load(known[name]), {"image": image or name}, rest
    if not image:
        from pathlib import Path

        if not Path(name).is_dir():
            installed = ", ".join(sorted(known)) or "none"
            raise Misuse(
                f"{name}: no installed function{registry.guess(name, known)}, and no folder. Installed: {installed}"
            )
        return registry.of_folder(Path(name)), {"exec": name}, rest
    if reason := external.missing_runtime():
        raise Misuse(f"no function {name} is installed for {image}{registry.guess(name, known)}, and {reason}")
    try:
        return external.container(image, limits, registry.guess(name, known)), {"image": image}, rest
    except ValueError as error:
        raise Misuse(str(error)) from None


def _config(given: Options) -> list[str]:
    """Return what configures the function, as the executables of functions take it."""
    file = given.value("--fn-config")
    pairs = [argument for argument in given.behind if "=" in argument]
    stray = [argument for argument in given.behind[1:] if "=" not in argument]
    if stray:
        raise Misuse(f"found {stray[0]} behind --, expected key=value")
    return [*pairs, *([f"--config={file}"] if file else [])]


def _kind(config: Resource | None, given: Options) -> Resource | None:
    """Return the functionConfig with the kind that stands alone behind `--`, as kpt takes it."""
    kind = next((argument for argument in given.behind[:1] if "=" not in argument), "")
    if not kind:
        return config
    from krm_functions_sdk.function.command_line import config_map

    config = config or config_map({})
    config.set("kind", kind)
    return config


def _selector(given: Options, what: str) -> dict[str, object]:
    """Return a selector as a Kptfile has it."""
    found: dict[str, object] = {}
    for key, field in _KEYS.items():
        if value := given.value(f"--{what}-{key}"):
            found[field] = value
    for field in _MAPS:
        pairs = [pair.partition("=") for text in given.values.get(f"--{what}-{field}", []) for pair in text.split(",")]
        if any(not equals for _, equals, _ in pairs):
            raise Misuse(f"--{what}-{field} takes key=value")
        if pairs:
            found[field] = {key: value for key, _, value in pairs}
    return found
