"""Print the provenance of a release's images as a predicate of SLSA v1: which build made them, where, and from what.

Usage: provenance.py

At GitHub it says what GitHub's own attestations say of a workflow, read from the variables that a runner sets.
Elsewhere the builder is whoever ran it. It is cosign that puts an image's digest beside it, and signs both: sign.py.
Sources: slsa.dev/spec/v1.0/provenance and actions.github.io/buildtypes/workflow/v1.
"""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PROJECT = tomllib.loads((ROOT / "functions" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_SOURCE = _PROJECT["urls"]["Source"]
_BY_HAND = f"{_SOURCE}/blob/v{_PROJECT['version']}/CONTRIBUTING.md#release"


def predicate(variables: Mapping[str, str], base: str, commit: str) -> dict[str, Any]:
    """Return the predicate.

    Args:
        variables: the environment of the build; GITHUB_ACTIONS in it says that a runner of GitHub's set the others.
        base: the image under all images, such as docker.io/library/python:3.13-slim@sha256:….
        commit: what was checked out, 40 hex digits.
    """
    if not variables.get("GITHUB_ACTIONS"):
        return _predicate(_BY_HAND, {"command": "make images"}, {}, f"git+{_SOURCE}", commit, base, {"id": _BY_HAND})
    repository = f"{variables['GITHUB_SERVER_URL']}/{variables['GITHUB_REPOSITORY']}"
    reference, workflow = variables["GITHUB_REF"], variables["GITHUB_WORKFLOW_REF"]
    path = workflow.removeprefix(f"{variables['GITHUB_REPOSITORY']}/").partition("@")[0]
    return _predicate(
        "https://actions.github.io/buildtypes/workflow/v1",
        {"workflow": {"ref": reference, "repository": repository, "path": path}},
        {
            "github": {
                "event_name": variables["GITHUB_EVENT_NAME"],
                "repository_id": variables["GITHUB_REPOSITORY_ID"],
                "repository_owner_id": variables["GITHUB_REPOSITORY_OWNER_ID"],
                "runner_environment": variables["RUNNER_ENVIRONMENT"],
            }
        },
        f"git+{repository}@{reference}",
        commit,
        base,
        {"id": f"{variables['GITHUB_SERVER_URL']}/{workflow}"},
        f"{repository}/actions/runs/{variables['GITHUB_RUN_ID']}/attempts/{variables['GITHUB_RUN_ATTEMPT']}",
    )


def _predicate(
    build_type: str,
    external: dict[str, Any],
    internal: dict[str, Any],
    source: str,
    commit: str,
    base: str,
    builder: dict[str, str],
    invocation: str = "",
) -> dict[str, Any]:
    name, _, digest = base.partition("@sha256:")
    image: dict[str, Any] = {"uri": f"docker://{name}", **({"digest": {"sha256": digest}} if digest else {})}
    return {
        "buildDefinition": {
            "buildType": build_type,
            "externalParameters": external,
            "internalParameters": internal,
            "resolvedDependencies": [{"uri": source, "digest": {"gitCommit": commit}}, image],
        },
        "runDetails": {
            "builder": builder,
            **({"metadata": {"invocationId": invocation}} if invocation else {}),
        },
    }


def main() -> None:
    """Print it for this build."""
    from push import BUILD  # reads the Dockerfile

    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    print(json.dumps(predicate(os.environ, BUILD.BASE, done.stdout.strip()), indent=2))


if __name__ == "__main__":
    main()
