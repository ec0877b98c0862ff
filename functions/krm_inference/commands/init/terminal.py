"""Questions on a terminal: each with its meaning and a default, asked until the answer makes sense."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable

from krm_functions_sdk.function import terminal
from krm_functions_sdk.function.command_line import Misuse


def is_there() -> bool:
    """Say whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(title: str, meaning: str, default: str, check: Callable[[str], str]) -> str:
    """Return a sound answer, the default for an empty one. Raises Misuse where the input ends."""
    width = max(20, min(terminal.columns(sys.stderr) or 100, 100))
    said = textwrap.fill(meaning, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    print(f"{title}\n{said}", file=sys.stderr)
    while True:
        print(f"  [{default}] ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            print(file=sys.stderr)
            raise Misuse("the answers end here; nothing was written")
        answer = line.strip() or default
        fault = check(answer)
        if not fault:
            return answer
        print(textwrap.fill(fault, width, initial_indent="  ", subsequent_indent="  "), file=sys.stderr)


def take_default(_title: str, _meaning: str, default: str, _check: Callable[[str], str]) -> str:
    """Answer by the default: nobody is there to be asked."""
    return default
