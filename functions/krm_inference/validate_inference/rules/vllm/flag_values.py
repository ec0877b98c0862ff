"""Values of vLLM's flags: those that its parser refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record
from krm_inference.manifests.commands import Argument
from krm_inference.manifests.index import Index
from krm_inference.manifests.servers import Server, processes
from krm_inference.manifests.syncers import MODULES, module_name
from krm_inference.validate_inference.findings import Finding

_INTEGER = pattern(r"[+-]?\d+\Z")
_COUNT = pattern(r"\d+(?:\.\d+)?[kmgt]?\Z|\d+[KMGT]\Z")
_SWITCH = pattern(r"--(?:no-)?(?:enable|disable)-")
_BOOLEANS = ("true", "false")
_FIRST_MEASURED = 32  # the first release whose parser was run with such values


class Kind(Record):
    """What a flag takes: the test of a value, what is expected in words, and the first minor version of the rule."""

    takes: Callable[[str], bool]
    expected: str
    first: int = 0


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


_WHOLE = Kind(lambda text: bool(_INTEGER.match(text)), "a whole number")
_TOKENS = Kind(lambda text: text in ("auto", "-1") or bool(_COUNT.match(text)), "a number such as 8192, 8k or 8K")
_SHARE = Kind(_is_share, "a fraction above 0 and up to 1")
_JSON = Kind(_is_json, "a JSON object")
KINDS = {
    **dict.fromkeys(
        ("--tensor-parallel-size", "-tp", "--pipeline-parallel-size", "-pp", "--data-parallel-size"), _WHOLE
    ),
    **dict.fromkeys(("--port", "--max-loras", "--max-cpu-loras", "--max-lora-rank", "--shutdown-timeout"), _WHOLE),
    **dict.fromkeys(("--max-model-len", "--max-num-batched-tokens", "--max-num-seqs"), _TOKENS),
    "--gpu-memory-utilization": _SHARE,
    **dict.fromkeys(("--override-generation-config", "--speculative-config", "--kv-transfer-config"), _JSON),
    # Older releases take a level, and pairs.
    "--compilation-config": _JSON._replace(first=_FIRST_MEASURED, expected="a JSON object; write a level as -O3"),
    "--limit-mm-per-prompt": _JSON._replace(first=_FIRST_MEASURED, expected='a JSON object such as {"image": 2}'),
    MODULES: Kind(lambda text: bool(module_name(text)), "name=path, or a JSON object with name and path"),
}


def refused_values(index: Index) -> Iterator[Finding]:
    """Yield values that no release takes, or not the one of the image."""
    for server in processes(index):
        for argument in server.arguments:
            if argument.is_known:
                yield from _refused(server, argument)


def _refused(server: Server, argument: Argument) -> Iterator[Finding]:
    name, kind, minor = argument.name, KINDS.get(argument.name), server.minor or 0
    if kind is not None and minor >= kind.first:
        values = server.values(argument)
        wrong = [value for value in values if not kind.takes(value)]
        if wrong or not values:
            yield Finding(argument.field, f"found {wrong[0] if wrong else 'no value'}, expected {kind.expected}")
    elif _SWITCH.match(name) and minor >= _FIRST_MEASURED and (argument.value or "").lower() in _BOOLEANS:
        is_on = (argument.value or "").lower() == "true"
        other = name.replace("--no-", "--", 1) if name.startswith("--no-") else name.replace("--", "--no-", 1)
        message = f"{name} takes no value; vLLM reads {argument.value} as the name of a model or refuses it"
        yield Finding(argument.field, message, name if is_on else other if "enable" in name else MISSING)
