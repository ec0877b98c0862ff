"""Fuzz the editing of Kptfiles: `python sdk/fuzz/fuzz_kptfile.py --seconds 600`.

Kptfiles as kpt writes them and as people keep them are mutated and edited. Nothing but a YamlFault or ValueError may be
raised, a refused edit changes nothing, the same edit twice is the edit once, what it was to do is done, and everything
else in the Kptfile says what it said; the parts that are kpt's own keep their bytes. Each distinct finding is printed
once; exit status 1 says that there is one.
"""
# ruff: noqa: INP001  # a script, no package

from __future__ import annotations

import argparse
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import fuzz_resource
from fuzz_resource import Wrong, bounded, demand
from krm_functions_sdk import Kptfile, Resource, YamlFault
from krm_functions_sdk.document import parser
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.wanted import same

KEPT = """\
upstream:
  type: git
  git:
    repo: https://example.com/packages # kept by kpt
    directory: /llm
    ref: v1
  updateStrategy: resource-merge
upstreamLock: {type: git, git: {repo: https://example.com/packages, commit: 0000000}}
inventory:
  namespace: llm
  name: "0001"
"""
BARE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: llm\n"
FULL = f"""\
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: llm # kpt-merge: /llm
{KEPT}info:
  description: serves # a model
  keywords: [a, 'b']
  readinessGates:
  - conditionType: ready # one
pipeline:
  mutators:
    # labels first
    - image: example.com/set-labels:v0.1 # pinned
      configMap:
        app: llm
    - name: two
      image: example.com/set-namespace:v1
      configPath: ns.yaml
  validators:
  - exec: ./check --strict
# end
"""
FLOW = f"""\
{KEPT}kind: Kptfile
apiVersion: kpt.dev/v1
metadata: {{name: llm}}
pipeline: {{mutators: [{{image: a:v1}}, {{image: b}}]}}
status:
  conditions:
    - type: ready
      status: 'False'
      reason: Waits
"""
TWINS = f"{BARE}pipeline:\n  mutators:\n  - image: a:v1\n  - image: a:v2\n    name: again\n".replace("\n", "\r\n")
KPTFILES = [BARE, FULL, FLOW, TWINS]
IMAGES = ["a:v1", "a:v9", "b", "example.com/set-labels:v0.2", "example.com:5000/x@sha256:00", "'q'", "a: b", "1e3"]
NAMES = ["two", "again", "on", "ready", "1.0", "null", "x #y", "é", ""]
TEXTS = ["serves", "two\nlines\n", "a: b #c", "~", "", "12:30:45"]
OF_KPT = ("upstream", "upstreamLock", "inventory")


class Edit(NamedTuple):
    """What is done to a Kptfile, the part of it that it may change, and whether it is done."""

    what: str
    do: Callable[[Kptfile], object]
    part: str
    is_done: Callable[[Kptfile], bool]


def draw(dice: Random) -> Edit:
    """Return an edit."""
    name, text, section = dice.choice(NAMES), dice.choice(TEXTS), dice.choice(["mutators", "validators"])
    step: dict[str, Any] = {dice.choice(["image", "exec"]): dice.choice(IMAGES)}
    step |= dice.choice([{}, {"name": name}, {"configMap": {"k": text}}, {"name": name, "configPath": "x.yaml"}])
    before = dice.choice(["", "", "a", "two"])
    gone = dice.choice(["a", "b", "two", "example.com/set-labels", "./check --strict"])
    status, key = dice.choice(["True", "False", "Unknown"]), dice.choice(["description", "site", "license"])
    condition = {"type": name, "status": status, "message": text}
    return dice.choice(
        [
            Edit(
                f"upsert({step}, {section!r}, before={before!r})",
                lambda kptfile: kptfile.upsert(step, section, before=before),
                "pipeline",
                lambda kptfile: step in kptfile.functions(section),
            ),
            Edit(
                f"remove({gone!r}, {section!r})",
                lambda kptfile: kptfile.remove(gone, section),
                "pipeline",
                lambda kptfile: kptfile.find(gone, section) is None,
            ),
            Edit(
                f"set_info({key!r}, {text!r})",
                lambda kptfile: kptfile.set_info(key, text),
                "info",
                lambda kptfile: kptfile.info(key) == text,
            ),
            Edit(
                f"add_readiness_gate({name!r})",
                lambda kptfile: kptfile.add_readiness_gate(name),
                "info",
                lambda kptfile: name in kptfile.readiness_gates,
            ),
            Edit(
                f"remove_readiness_gate({name!r})",
                lambda kptfile: kptfile.remove_readiness_gate(name),
                "info",
                lambda kptfile: name not in kptfile.readiness_gates,
            ),
            Edit(
                f"set_condition({name!r}, {status!r}, message={text!r})",
                lambda kptfile: kptfile.set_condition(name, status, message=text),
                "status",
                lambda kptfile: kptfile.condition(name) == {key: part for key, part in condition.items() if part},
            ),
            Edit(
                f"remove_condition({name!r})",
                lambda kptfile: kptfile.remove_condition(name),
                "status",
                lambda kptfile: kptfile.condition(name) is None,
            ),
        ]
    )


def check(text: str, edit: Edit) -> bool:
    """Make one edit and look at all that it did; return whether it was made and not refused."""
    resource = Resource(text)
    before = resource.data
    try:
        edit.do(Kptfile(resource))
    except (YamlFault, ValueError):
        demand(resource.text == text, "a refused edit changes the text")
        return False
    new = resource.text
    demand(same(nodes.value(parser.parse_events(new)), resource.data), "the text says something else than the tree")
    demand(edit.is_done(Kptfile(Resource(new))), "what was to be done is not done")
    others = [{key: part for key, part in tree.items() if key != edit.part} for tree in (before, resource.data)]
    demand(same(*others), "another part of the Kptfile changes")
    demand(
        all(same(old, left) for old, left in zip(others[0], others[1], strict=True)), "the order of the parts changes"
    )
    if KEPT in text:
        demand(KEPT in new, "what is kpt's own changes its text")
    again = Resource(new)
    edit.do(Kptfile(again))
    demand(again.text == new, "the edit made twice is not the edit made once")
    return True


def fault_of(text: str, edit: Edit) -> tuple[str, bool]:
    """Return what is wrong with an edit of a text, "" for nothing, and whether it was made."""
    try:
        with bounded(text):
            return "", check(text, edit)
    except Wrong as wrong:
        return f"{wrong} ({edit.what.partition('(')[0]})", True
    except Exception as error:  # noqa: BLE001  # this is what the fuzzer looks for
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "krm_functions_sdk" in frame.filename]
        where = f" in {Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
        return f"{type(error).__name__}{where} ({edit.what.partition('(')[0]})", True


def main(argv: list[str] | None = None) -> int:
    """Run for some seconds and return 1 where something was found."""
    command = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    command.add_argument("--seconds", type=float, default=60, help="how long to run (60)")
    command.add_argument("--seed", type=int, default=int(time.time()), help="where to start (the time)")
    given = command.parse_args(argv)
    dice, end = Random(given.seed), time.monotonic() + given.seconds
    print(f"seed {given.seed}", flush=True)
    findings: dict[str, str] = {}
    tried = made = refused = 0
    while time.monotonic() < end:
        text = dice.choice(KPTFILES)
        text = fuzz_resource.mutant(dice, text) if dice.random() < 0.3 else text
        try:
            if not isinstance(Resource(text).data, dict):
                continue
        except YamlFault:
            continue
        for _ in range(4):  # one after the other, on what the last one left
            edit = draw(dice)
            tried += 1
            key, is_made = fault_of(text, edit)
            made, refused = made + is_made, refused + (not is_made)
            if key and key not in findings:
                findings[key] = text
                print(f"\n{key}\n  text: {text!r}\n  edit: {edit.what}", flush=True)
            if key or not is_made:
                continue
            resource = Resource(text)
            edit.do(Kptfile(resource))
            text = resource.text
    print(f"{tried} edits tried: {made} made, {refused} refused; {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
