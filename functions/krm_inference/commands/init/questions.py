"""The five questions: what each means, what is taken without an answer, and which answers make no sense."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.function.command_line import Misuse

from krm_inference.commands.init import proposal
from krm_inference.commands.init.choice import Choice, draft
from krm_inference.domain import intent
from krm_inference.domain.facts import accelerators, gateway_classes, models
from krm_inference.domain.facts.accelerators import ACCELERATORS, PROPOSED
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RECOMMENDED, RELEASES
from krm_inference.domain.spelling import nearest

MODEL = "Qwen/Qwen3-8B"  # of those that are known, one that needs no token
PLATFORM = "gke-standard"
_HARDWARE = pattern(r"(?:(\d+)\s*[x×]?\s+)?([A-Za-z][\w.-]*)")
_NAMES = pattern(r"(?P<name>[^=]+)=(?P<source>.+)")

Ask = Callable[[str, str, str, Callable[[str], str]], str]  # title, meaning, default and check to a sound answer


class Given(NamedTuple):
    """What was given by flags; "" is to be asked or proposed."""

    model: str = ""
    accelerator: str = ""
    gpus: str = ""
    platform: str = ""
    release: str = ""
    gateway_class: str = ""
    adapters: tuple[str, ...] = ()
    is_managed: bool = False


def choose(given: Given, ask: Ask) -> Choice:
    """Return what was chosen: flags first, then what `ask` answers. Raises Misuse for a flag that makes no sense."""
    adapters = tuple(adapter(text) for text in given.adapters)
    for flag, text, check in (
        ("--model", given.model, model), ("--accelerator", given.accelerator, kind), ("--count", given.gpus, number),
        ("--platform", given.platform, platform), ("--release", given.release, release),
        ("--gateway-class", given.gateway_class, gateway_class),
    ):  # fmt: skip
        if text and (fault := check(text)):
            raise Misuse(f"{flag}: {fault}")
    chosen = given.model or ask("Model", f"The Hugging Face repository to serve. {_known()}", MODEL, model)
    where = given.platform or ask("Platform", f"The kind of cluster: {_or(PLATFORMS)}.", PLATFORM, platform)
    kind_, count = _hardware(given, draft(chosen, where, given.release or RECOMMENDED, adapters), ask)
    which = given.release or ask(
        "Release",
        f"Of the inference gateway, whose picker and definitions the cluster has: {_or(RELEASES)}.",
        RECOMMENDED,
        release,
    )
    classes = [name for name, known in CLASSES.items() if not known.lacks]
    through = given.gateway_class or ask(
        "Gateway",
        f"The GatewayClass that brings requests in, of a controller that knows InferencePools: {_or(classes)}.",
        "gke-l7-regional-external-managed" if where.startswith("gke-") else "istio",
        gateway_class,
    )
    return Choice(chosen, kind_, count, where, which, through, adapters, given.is_managed)


def _hardware(given: Given, start: dict[str, Any], ask: Ask) -> tuple[str, int]:
    """Return the accelerator and the number of them for each replica of an intent."""
    chosen = start["spec"]["model"]["id"]
    kinds = (given.accelerator,) if given.accelerator else PROPOSED
    found = proposal.hardware(start, kinds)
    if given.accelerator:
        return given.accelerator, int(given.gpus) if given.gpus else found[0][1] if found else 1
    wanted = [pair for pair in found if not given.gpus or pair[1] == int(given.gpus)]
    size = models.weights(chosen)
    if not wanted:
        number_of = f"{given.gpus} of " if given.gpus else ""
        raise Misuse(
            f"--model: {chosen} fits on {number_of}no accelerator that is known here: {size.reason}. "
            f"A quantized copy of it may{', or another --count' if given.gpus else ''}"
        )
    least = wanted[0]
    fitting = _or(f"{count}\u00a0×\u00a0{name}" for name, count in _smallest(wanted))
    meaning = f"The GPUs of one replica, over which the model is split: {size.reason}. It fits on {fitting}."
    answer = ask("Accelerator", meaning, f"{least[1]} × {least[0]}", hardware)
    count, name = _parts(answer)
    return name, int(count or given.gpus or next((count for kind, count in found if kind == name), 1))


def _smallest(found: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return each accelerator with the first number of it that is proposed."""
    first: dict[str, int] = {}
    for name, count in found:
        first.setdefault(name, count)
    return [*first.items()]


def _known() -> str:
    return f"Of {len(models.MODELS)} models the shape is known, and a size in the name helps with others."


# Checks: what is wrong with an answer, "" where nothing is.


def model(text: str) -> str:
    """Say what is wrong with the id of a model."""
    known = next((name for name in models.MODELS if name.lower() == text.lower()), text)
    if known != text:
        return f"found {text}, which is known as {known}; write it so"
    pattern = intent.schema().openapi["properties"]["spec"]["properties"]["model"]["properties"]["id"]["pattern"]
    if not re.search(pattern, text):
        return f"found {text}, expected a Hugging Face repository such as {MODEL}"
    return ""


def kind(text: str) -> str:
    """Say what is wrong with the type of an accelerator."""
    if text in ACCELERATORS:
        return ""
    meant = [name for name in ACCELERATORS if text.lower() in name] or [accelerators.meant(text) or ""]
    hint = f"did you mean {_or(meant)}?" if meant[0] in ACCELERATORS else f"expected {_or(ACCELERATORS)}"
    return f"found {text}; {hint}"


def number(text: str) -> str:
    """Say what is wrong with a number of GPUs."""
    is_sound = text.isascii() and text.isdecimal() and int(text) > 0
    return "" if is_sound else f"found {text}, expected a whole number above 0"


def hardware(text: str) -> str:
    """Say what is wrong with an answer such as `2 × nvidia-l4`."""
    count, name = _parts(text)
    if not name:
        return f"found {text}, expected an accelerator, such as nvidia-l4 or 2 × nvidia-l4"
    return (number(count) if count else "") or kind(name)


def platform(text: str) -> str:
    """Say what is wrong with a platform."""
    return _one_of(text, PLATFORMS)


def release(text: str) -> str:
    """Say what is wrong with a release."""
    return _one_of(text, RELEASES)


def gateway_class(text: str) -> str:
    """Say what is wrong with a GatewayClass: of one that is not known, nothing but its letters."""
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", text):
        return f"found {text}, expected the name of a GatewayClass"
    lacks = gateway_classes.of(text).lacks
    return f"{text}: {lacks}" if lacks else ""


def adapter(text: str) -> tuple[str, str]:
    """Return name and source of an adapter. Raises Misuse."""
    match = _NAMES.fullmatch(text)
    if match is None:
        raise Misuse(f"--adapter: found {text}, expected NAME=SOURCE, such as food-review=example/food-review-lora")
    return match["name"], match["source"]


def _parts(text: str) -> tuple[str, str]:
    match = _HARDWARE.fullmatch(text.strip())
    return (match[1] or "", match[2]) if match else ("", "")


def _one_of(text: str, known: Iterable[str]) -> str:
    if text in known:
        return ""
    near = nearest(text, known)
    return f"found {text}; " + (f"did you mean {near}?" if near else f"expected {_or(known)}")


def _or(names: Iterable[str]) -> str:
    listed = list(names)
    return " or ".join(filter(None, (", ".join(listed[:-1]), *listed[-1:])))
