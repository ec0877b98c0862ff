#!/usr/bin/env python3
"""Have the parser of vLLM's own wheel read the arguments that packages and golden examples give to servers.

usage: functions/vllm_arguments.py

The wheel is the one of the image that we pin. It is fetched by pip, some 340 MB, and its Python files are kept in
build/vllm. Each line that the parser refuses is printed with where it stands and what the parser says; then it fails.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import vllm_tables
import yaml
from krm_inference.domain.facts.releases import RELEASES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
IMAGE = next(iter(RELEASES.values())).server_image
VERSION = IMAGE.rpartition(":v")[2]
VARIABLES = {"LWS_WORKER_INDEX": "1", "LWS_LEADER_ADDRESS": "llama-0.llama.llm", "VLLM_HOST_IP": "10.0.0.1"}


def lines() -> Iterator[tuple[str, list[str]]]:
    """Yield the arguments of each server with the pinned image, with the file that has them."""
    ours = (*ROOT.glob("packages/*/*.yaml"), *ROOT.glob("tests/multinode/*/*.yaml"))
    for file in sorted((*ours, *HERE.glob("krm_inference/*/examples/*/expected.yaml"))):
        text = file.read_text(encoding="utf-8")
        if IMAGE in text:
            for document in yaml.safe_load_all(re.sub(r"^results:.*", "", text, flags=re.MULTILINE | re.DOTALL)):
                for item in (document or {}).get("items", [document]):
                    yield from ((str(file.relative_to(ROOT)), line) for line in _of(item))


def _of(item: dict[str, Any] | None) -> Iterator[list[str]]:
    spec = (item or {}).get("spec") or {}
    group = spec.get("leaderWorkerTemplate") or {}
    for pod in (spec.get("template"), group.get("leaderTemplate"), group.get("workerTemplate")):
        for container in (pod.get("spec") or {}).get("containers", []) if isinstance(pod, dict) else []:
            if container.get("image") == IMAGE and container.get("command") == ["vllm", "serve"]:
                yield [_replaced(str(argument)) for argument in container.get("args", [])]


def _replaced(argument: str) -> str:
    """Return an argument as the kubelet gives it to a worker of a group."""
    for name, value in VARIABLES.items():
        argument = argument.replace(f"$({name})", value)
    return argument


def refused(found: list[tuple[str, list[str]]]) -> list[str]:
    """Return what the parser refuses: the file, the arguments and what it says."""
    kept = vllm_tables.KEPT / VERSION
    if not (kept / "vllm").exists():
        kept.mkdir(parents=True, exist_ok=True)
        vllm_tables.unpack(VERSION, kept)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([line for _, line in found], file)
        file.flush()
        said = vllm_tables.run(str(vllm_tables.python()), str(HERE / "vllm_parser.py"), str(kept), file.name)
    answers = json.loads(said.splitlines()[-1])
    return [f"{where}: {line}\n{text}" for (where, line), text in zip(found, answers, strict=True) if text]


def main(arguments: list[str]) -> int:
    """Ask the parser; return the exit status."""
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(lines())
    faults = refused(found)
    print("\n".join([*faults, f"{len(found) - len(faults)} of {len(found)} servers are taken by vLLM {VERSION}"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
