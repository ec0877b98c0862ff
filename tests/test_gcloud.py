"""Google's own gcloud takes the options of every command of its that a page shows, as far as it reads a command line.

No account is logged in, so each command ends where it would ask Google: what comes before that is its parser. Debian
has no gcloud, and neither has a package index: where it is not installed, as in CI, these tests are skipped, and the
table of options in test_cluster_package.py is what is left. Run with gcloud 528.0.0 on 2026-11-30.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = ("README.md", "docs/*.md", "docs/delivery/*.md", "packages/*/README.md")
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(gcloud [^`…]+)`")
# Names that a reader puts in, of which gcloud looks at the form.
NAMES = {"REGION": "us-central1", "ZONE": "us-central1-a", "CLUSTER": "llm", "NETWORK": "default"}
NO_ACCOUNT = "You do not currently have an active account selected"


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of gcloud with its page: those of blocks, and those within a line that are whole."""
    for pattern in PAGES:
        for page in sorted(ROOT.glob(pattern)):
            text = page.read_text(encoding="utf-8")
            blocks = "\n".join(FENCE.findall(text)).replace("\\\n", " ")
            lines = [line.strip() for line in blocks.splitlines() if line.startswith("gcloud ")]
            inline = [line for line in INLINE.findall(text) if " --" in line]
            yield from ((page.relative_to(ROOT).as_posix(), re.sub(r" +", " ", line)) for line in (*lines, *inline))


COMMANDS = sorted(set(commands()))


def parsed(command: str, folder: Path) -> str:
    """Return what gcloud says of a command, with no account and no look at whether it runs in Google Cloud."""
    if not shutil.which("gcloud"):
        pytest.skip("no gcloud: it comes from Google's own packages, which are no part of Debian")
    said = {
        "CLOUDSDK_CONFIG": str(folder),
        "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "CLOUDSDK_CORE_PROJECT": "my-project",
    }
    words = [re.sub(r"\b[A-Z]{4,}\b", lambda name: NAMES.get(name[0], name[0]), word) for word in shlex.split(command)]
    done = subprocess.run(words, env={**os.environ, **said}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize(
    ("page", "command"), COMMANDS, ids=[f"{page}-{line.split(' --')[0]}" for page, line in COMMANDS]
)
def test_gcloud_reads_a_command_to_its_end(page: str, command: str, tmp_path: Path) -> None:
    assert NO_ACCOUNT in parsed(command, tmp_path), f"{page}: {command}"


def test_there_are_commands_to_read() -> None:
    assert {line.split(" --")[0] for _, line in COMMANDS} >= {
        "gcloud container clusters create llm",
        "gcloud container clusters create-auto llm",
        "gcloud container node-pools create h100",
        "gcloud compute networks subnets create llm-proxy-only",
    }


@pytest.mark.parametrize(
    ("mistake", "said"),
    [("--total-maximum-nodes=2", "unrecognized arguments"), ("--location-policy=SOME", "Invalid choice: 'SOME'")],
)
def test_gcloud_refuses_a_mistake(mistake: str, said: str, tmp_path: Path) -> None:
    """The parser judges: an option and a value that it has not are refused before any account is asked for."""
    assert said in parsed(f"gcloud container node-pools create h100 --cluster=llm --location=ZONE {mistake}", tmp_path)
