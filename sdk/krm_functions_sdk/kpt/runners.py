"""What runs the steps of a package: installed functions, containers and executables."""

from __future__ import annotations

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.files.package import KPTFILE
from krm_functions_sdk.function import registry
from krm_functions_sdk.kpt import external
from krm_functions_sdk.kpt.steps import steps as steps_of
from krm_functions_sdk.resources.results import ERROR, WARNING, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.files.package import Package
    from krm_functions_sdk.function.callable import Function
    from krm_functions_sdk.kpt.external import External, Limits
    from krm_functions_sdk.kpt.steps import Step
    from krm_functions_sdk.resources.resource import Resource
    from krm_functions_sdk.resources.results import Results

    Pipeline = list[tuple[Step, Function]]

CONFIG_MAP = "function-input"  # kpt's name for the object that is made of a configMap
_VERSION = pattern(r"v?\d+\.\d+\.\d+\S*")
TOP_DOWN = "kpt.dev/bfs-rendering"


class Pipelines:
    """Finds the functions of pipelines; what is wrong with any of them becomes an error in `results`."""

    def __init__(self, limits: Limits, results: Results) -> None:
        self.limits = limits
        self.results = results
        self._functions = registry.installed()

    def of(self, package: Package) -> Pipeline:
        """Return the steps of a package with their functions."""
        kptfile_of = declaration(package)
        if kptfile_of is None:
            self.results.append(package.fault(KPTFILE, "empty, expected a Kptfile of kpt.dev/v1", 1))
            return []
        try:
            steps, faults = steps_of(kptfile_of)
        except YamlFault as error:
            line = kptfile_of.first_line + error.line
            self.results.append(package.fault(KPTFILE, f"cannot be read as YAML: {error.message}", line))
            return []
        self.results.extend(fault(package, field, message) for field, message in faults)
        found = [(step, self._function(step, package)) for step in steps]
        return [(step, function) for step, function in found if function is not None]

    def _function(self, step: Step, package: Package) -> Function | None:
        """Return what runs a step; None where nothing can, which becomes an error."""
        if step.exec:
            return self._executable(step, package)
        name, tag = registry.parse_image(step.image)
        function = self._functions.get(name)
        field = f"{step.field}.image"
        if function is None:
            near = registry.guess(name, self._functions)
            if reason := external.missing_runtime():
                known = ", ".join(sorted(self._functions)) or "none"
                message = f"no function {name} is installed for {step.image}{near}, and {reason}. Installed: {known}"
                self.results.append(fault(package, field, message))
                return None
            try:
                return external.container(step.image, self.limits, near)
            except ValueError as error:  # the prefix is no name
                self.results.append(fault(package, field, str(error)))
                return None
        if tag.removeprefix("v") not in ("", function.version):
            self.results.append(_other_version(fault(package, field, ""), step.image, tag, function.version))
        try:
            loaded = registry.load(function)
        except LookupError as error:
            self.results.append(fault(package, field, str(error)))
            return None
        declared = registry.declared_image(loaded)
        if declared and "/" in step.image and registry.repository(step.image) != declared:
            warning = fault(package, field, f"found {step.image}; the installed {name}, {declared}, runs instead")
            warning.severity = WARNING
            self.results.append(warning)
        return loaded

    def _executable(self, step: Step, package: Package) -> External | None:
        field = f"{step.field}.exec"
        if not self.limits.allow_exec:
            message = f"found {step.exec}, which runs as you, with your rights; allow it with --allow-exec"
            self.results.append(fault(package, field, message))
            return None
        try:
            return external.executable(step.exec, self.limits)
        except ValueError as error:
            self.results.append(fault(package, field, f"found {step.exec}, expected a command: {error}"))
            return None


def _other_version(found: Result, image: str, tag: str, installed: str) -> Result:
    """Return what is said of another tag: a version is other code under kpt; what a moving one is, nobody knows."""
    found.message = f"found {image}, installed is {installed}"
    if _VERSION.fullmatch(tag):
        name = image.rpartition(":")[0]
        found.message += f": kpt would run other code. Write {name}:v{installed}, or install {tag.removeprefix('v')}"
    else:
        found.severity = WARNING
    return found


def is_top_down(package: Package) -> bool:
    """Say whether the Kptfile of a package asks that its subpackages come behind it, as kpt does from beta.60 on."""
    found = declaration(package)
    return found is not None and found.annotation(TOP_DOWN).lower() == "true"


def locate(result: Result, package: Package, step: Step) -> None:
    """Make a result about the data of a step's configMap one about the Kptfile, where its author can mend it."""
    about = (result.reference.get("kind"), result.reference.get("name"))
    path = field_path.parse(result.field) if about == ("ConfigMap", CONFIG_MAP) else ()
    if path[:1] != ("data",):
        return
    place = fault(package, field_path.show((*field_path.parse(f"{step.field}.configMap"), *path[1:])), "")
    for name in ("reference", "field", "file", "index", "line"):
        setattr(result, name, getattr(place, name))


def name(step: Step) -> str:
    """Return what reports call the function of a step."""
    return step.exec or registry.parse_image(step.image)[0]


def declaration(package: Package) -> Resource | None:
    """Return the Kptfile of a package, None where it is empty."""
    return package.kptfile


def fault(package: Package, field: str, message: str) -> Result:
    """Return an error about a field of the Kptfile."""
    result = Result(ERROR, message, declaration(package), field)
    result.file = (package.root / KPTFILE).as_posix()
    return result
