"""The order in which a package of another release is applied, so that no request fails on the way."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.definitions import GKE_BRINGS_POOLS, NEEDED, wanted


def steps(before: str, after: str, *, is_managed: bool = False) -> Iterator[str]:
    """Yield a numbered line for each step from one release to another; `is_managed` where GKE brings definitions."""
    yield f"To apply, from {before} to {after}:"
    yield from (f"{number}. {step}" for number, step in enumerate(_steps(before, after, is_managed), 1))


def _steps(before: str, after: str, is_managed: bool) -> Iterator[str]:
    old, new = RELEASES[before], RELEASES[after]
    yield "Render, and read the diff: krmfn render PACKAGE."
    had = {name for row in NEEDED[before] for name in row[:1]}
    missing = {row[0] for row in NEEDED[after] if not {*row} & had}
    applied = [one for one in wanted(after, is_managed=is_managed) if one.name in missing]
    if applied:
        yield f"Apply the definitions of {' and '.join(map(str, applied))}, and delete none."
    if is_managed and new.app_protocol and not old.app_protocol:
        yield (
            f"GKE brings the InferencePool, from {GKE_BRINGS_POOLS} on: apply no definition of it, and see that it has "
            "appProtocol: kubectl explain inferencepool.spec.appProtocol."
        )
    if old.failure_mode == "FailClose":
        yield (
            "In the old release set spec.picker.failureMode to FailOpen, render and apply: while no picker answers, "
            "requests then go to any server. Take it out again at the end."
        )
    if old.objective_api != new.objective_api:
        yield "Apply the objectives first, without pruning: the old picker goes on with the old ones."
    yield "Apply the rest. The picker is recreated, and takes over within seconds; no model server restarts."
    if old.objective_api != new.objective_api:
        group = old.objective_api.partition("/")[0]
        yield f"Delete the old objectives: kubectl delete inferenceobjectives.{group} NAME."
    if old.objective_header != new.objective_header:
        more = (
            "the old one still counts" if old.objective_header in new.read_headers else "the old one no longer counts"
        )
        yield f"Let clients send {new.objective_header}; {more}."
