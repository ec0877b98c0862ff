"""The LLMServices of the packages that a command line names."""

from __future__ import annotations

import sys
from pathlib import Path

from krm_functions_sdk import ResourceList
from krm_functions_sdk.files import package
from krm_functions_sdk.function import in_place

from krm_inference.domain import intent
from krm_inference.domain.service import LLMService


def read(paths: list[str]) -> tuple[list[tuple[str, LLMService]], list[str]]:
    """Return the services of the packages at or below each path, with the package of each, and the lines of faults."""
    found: list[tuple[str, LLMService]] = []
    faults: list[str] = []
    for path in paths:
        try:
            roots = [str(root) for root in package.find(Path(path))] if Path(path).is_dir() else []
        except OSError as error:
            return [], [f"[error] {path} cannot be read: {error}"]
        before = len(found)
        for root in roots or [path]:
            services, wrong = _read(root)
            found.extend((root, service) for service in services)
            faults.extend(wrong)
        if len(found) == before and not faults:
            faults.append(f"[error] no LLMService in {path}")
    return ([] if faults else found), faults


def _read(path: str) -> tuple[list[LLMService], list[str]]:
    services: list[LLMService] = []

    def collect(resources: ResourceList) -> None:
        """Collect the LLMServices."""
        services.extend(intent.read(resources, takes_other_config=True))

    run = in_place.InPlace(collect, None)
    try:
        with in_place.held([path], lambda said: print(said, file=sys.stderr)):
            run.run([path])
    except OSError as error:
        return [], [f"[error] {path} cannot be read: {error}"]
    return services, [str(result) for result in run.resources.results if result.severity == "error"]
