"""What one environment takes over from another: the fields of intents that it names, written into its own patch.

Nothing else of the patch changes, neither a comment nor a quote, and the environment is built before anything is
written: it gets exactly these values, and no other field of an intent becomes another one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.tree import LIST, SCALAR, YamlFault, value
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt.build import Environment
from krm_functions_sdk.kpt.causes import at, differences
from krm_functions_sdk.kpt.chain import Fault
from krm_functions_sdk.kpt.overlay import Overlay
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import ERROR, INFO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from krm_functions_sdk.kpt.external import Limits
    from krm_functions_sdk.resources.results import Result

    Steps: TypeAlias = tuple[str, ...]
    Intents: TypeAlias = dict[tuple[str, str], Resource]  # by kind and name

FIELDS = "fn.kpt.dev/promoted-fields"  # an annotation of a kustomization: what it takes over
IMAGES = "images"  # not a field of an intent, but kustomize's own list of tags and digests


class Refusal(Exception):
    """Why nothing can be proposed, a line for each reason."""


class Step(NamedTuple):
    """One field that becomes another: the intent ("" for the kustomization itself), old and new, MISSING for none."""

    intent: str
    field: str
    old: Any
    new: Any


class Promotion(NamedTuple):
    """What is proposed: each step, and of each file its path, its text and its new text.

    `absent` are the fields that neither environment has.
    """

    steps: list[Step]
    texts: list[tuple[Path, str, str]]
    absent: list[str]


def propose(source: Path, target: Path, fields: list[str], limits: Limits | None = None) -> Promotion:
    """Return what `target` has to say to have the `fields` of `source`, its own annotation's where none are given.

    Raises Refusal, and OSError.
    """
    try:
        ours, theirs = Overlay(source), Overlay(target)
    except Fault as fault:
        raise Refusal(str(fault)) from None
    (before, _), (after, known_findings) = _built(source, limits), _built(target, limits)
    named = fields or _declared(theirs)
    wanted = [field for field in named if field != IMAGES]
    if not named:
        raise Refusal(_advice(theirs, before, after))
    steps = [*_steps(before, after, [_parsed(field) for field in wanted])]
    texts: dict[Path, str] = {}
    for step in steps:
        file, text = _patched(theirs, texts, step)
        texts[file] = text
    if IMAGES in named:
        own, other = (one.kustomizations[one.folder].get(IMAGES, []) for one in (ours, theirs))
        if own != other:
            steps.append(Step("", IMAGES, other or MISSING, own or MISSING))
            kustomization = Resource(texts.get(theirs.file, theirs.kustomizations[theirs.folder].text))
            kustomization.set(IMAGES, own) if own else kustomization.remove(IMAGES)
            texts[theirs.file] = kustomization.text
    built = _check(theirs, texts, steps, after, limits)
    if new := [text for text in built if text not in known_findings]:
        raise Refusal("\n".join(f"{theirs.file}: krmfn hydrate would refuse what is proposed: {text}" for text in new))
    known = [one.data for side in (before, after) for one in side.values()]
    absent = [field for field in wanted if all(at(data, _parsed(field)) is MISSING for data in known)]
    return Promotion(steps, [(file, file.read_bytes().decode("utf-8"), text) for file, text in texts.items()], absent)


def _built(folder: Path, limits: Limits | None) -> tuple[Intents, list[str]]:
    """Return the intents of an environment as they are built, and the findings that it does not let pass."""
    environment = Environment(folder, limits)
    if not environment.run():
        errors = [result for result in environment.results if result.severity == ERROR]
        raise Refusal("\n".join(f"{folder}: {result}" for result in errors))
    items = (item for _, item in environment.placed if item.is_local_config)
    intents = {(item.kind, item.name): item for item in items if item.kind not in ("Kptfile", "Kustomization")}
    passes = (INFO, environment.allowed)
    return intents, [_told(result) for result in environment.results if result.severity not in passes]


def _told(result: Result) -> str:
    """Return a finding without its place, which a promotion moves."""
    result.file = result.line = result.derived = None
    return str(result)


def _declared(overlay: Overlay) -> list[str]:
    text = overlay.kustomizations[overlay.folder].annotation(FIELDS)
    return [field for field in (part.strip() for part in text.replace("\n", ",").split(",")) if field]


def _parsed(field: str) -> Steps:
    try:
        steps = field_path.parse(field)
    except ValueError as error:
        raise Refusal(str(error)) from None
    if steps[0] != "spec" or not all(isinstance(step, str) for step in steps):
        raise Refusal(f"{field}: expected a field of the intent such as spec.release, a list as a whole, or {IMAGES}")
    return tuple(str(step) for step in steps)


def _advice(overlay: Overlay, before: Intents, after: Intents) -> str:
    differ = [
        field_path.show(steps)
        for key in before.keys() & after.keys()
        for steps, _ in differences(after[key].data, before[key].data)
        if steps[0] == "spec"
    ]
    known = f"they differ in {', '.join(sorted(set(differ)))}" if differ else "their intents are the same"
    return (
        f"{overlay.file}: says nothing of what it takes over; {known}. "
        f"Name fields with --field, or in its annotation {FIELDS}, with commas between"
    )


def _steps(before: Intents, after: Intents, fields: list[Steps]) -> Iterator[Step]:
    if not before.keys() & after.keys():
        names = [", ".join(name for _, name in sorted(side)) or "no intent" for side in (before, after)]
        raise Refusal(f"no intent is in both: one has {names[0]}, the other {names[1]}")
    for steps in fields:
        shown = field_path.show(steps)
        for key in (key for key in after if key in before):
            old, new = at(after[key].data, steps), at(before[key].data, steps)
            if old != new:
                yield Step(key[1], shown, old, new)


def _patched(overlay: Overlay, texts: dict[Path, str], step: Step) -> tuple[Path, str]:
    """Return the file of the patch of an intent with another value, and its text."""
    kustomization = Resource(texts.get(overlay.file, overlay.kustomizations[overlay.folder].text))
    found = kustomization.root.child("patches")
    for node in found.value if found is not None and found.kind == LIST else ():
        text, path = (node.target.child(name) for name in ("patch", "path"))
        if path is not None and path.kind == SCALAR:
            file = overlay.folder / str(path.value)
            own = texts.get(file) or file.read_bytes().decode("utf-8")
            if _is_of(own, step, node.target):
                return file, _with(own, step, file)
        elif text is not None and text.kind == SCALAR and _is_of(value(text), step, node.target):
            return overlay.file, _inside(kustomization.text, text, _with(value(text), step, overlay.file), overlay)
    raise Refusal(
        f"{overlay.file}: patches: no patch of {step.intent} as an object is here, so {step.field} has no place; "
        f"add one with apiVersion, kind and metadata.name of {step.intent}"
    )


def _is_of(text: str, step: Step, entry: Any) -> bool:
    try:
        patch = Resource(text)
        if patch.root.kind == LIST or not patch.kind:
            return False
    except YamlFault:
        return False
    target = entry.child("target")
    named = target.child("name") if target is not None else None
    return patch.name == step.intent if target is None else named is None or named.value == step.intent


def _with(text: str, step: Step, file: Path) -> str:
    patch = Resource(text)
    try:
        patch.set(step.field, None if step.new is MISSING else step.new)
    except (YamlFault, ValueError) as error:
        raise Refusal(f"{file}: {step.field}: cannot be written: {error}") from None
    return patch.text


def _inside(text: str, node: Any, new: str, overlay: Overlay) -> str:
    """Return the text of a kustomization with another patch in the place of the one at `node`."""
    lines = text.splitlines(keepends=True)
    old = value(node).splitlines()
    first = node.line + 1
    margin = lines[first][: len(lines[first]) - len(lines[first].lstrip(" "))] if node.style in ("|", ">") else ""
    if node.style != "|" or [line.strip() for line in lines[first : first + len(old)]] != [one.strip() for one in old]:
        raise Refusal(f"{overlay.file}:{node.line + 1}: the patch is no text that begins with `patch: |`; write it so")
    end = "\r\n" if lines[first].endswith("\r\n") else "\n"
    inside = [f"{margin}{line}{end}" if line else end for line in new.splitlines()]
    changed = [*lines[:first], *inside, *lines[first + len(old) :]]
    if first + len(old) >= len(lines) and not text.endswith("\n"):
        changed[-1] = changed[-1].removesuffix(end)
    return "".join(changed)


def _check(
    overlay: Overlay, texts: dict[Path, str], steps: list[Step], before: Intents, limits: Limits | None
) -> list[str]:
    """Build the environment with its new files, in a copy, and return the findings that it does not let pass.

    Raises Refusal where it is not what was proposed.
    """
    if not texts:
        return []
    with tempfile.TemporaryDirectory(prefix="krmfn-promote-") as temporary:
        top = Path(os.path.commonpath([folder.resolve() for folder in overlay.kustomizations]))
        copy = Path(temporary).resolve()
        for folder in overlay.kustomizations:
            shutil.copytree(folder, copy / folder.resolve().relative_to(top), dirs_exist_ok=True)
        for file, text in texts.items():
            (copy / file.resolve().relative_to(top)).write_bytes(text.encode())
        try:
            after, found = _built(copy / overlay.folder.resolve().relative_to(top), limits)
        except Refusal as refusal:
            said = str(refusal).replace(f"{copy}/", f"{os.path.relpath(top)}/".removeprefix("./"))
            raise Refusal(f"{overlay.file}: what is proposed does not build:\n{said}") from None
    wanted = {(step.intent, step.field): step.new for step in steps if step.intent}
    for key, intent in before.items():
        for changed, new in differences(intent.data, after[key].data):
            shown = field_path.show(changed)
            inside = [field for name, field in wanted if name == key[1] and f"{shown}.".startswith(f"{field}.")]
            if not inside and not any(name == key[1] and field.startswith(f"{shown}.") for name, field in wanted):
                raise Refusal(f"{overlay.file}: {key[1]}: {shown} would become {new} too; write it by hand")
    for (name, field), new in wanted.items():
        (intent,) = (one for (_, own), one in after.items() if own == name)
        if at(intent.data, _parsed(field)) not in (new, None if new is MISSING else new):
            raise Refusal(f"{overlay.file}: {name}: {field} does not become {new}: another patch sets it afterwards")
    return found
