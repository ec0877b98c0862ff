"""Facts and their differences as text, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

from krm_inference.commands.facts.difference import Difference, instead


def json_text(value: Any) -> str:
    """Return a value as JSON, as docs/facts has it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def lines(facts: dict[str, Any]) -> str:
    """Return a line for each fact."""
    return "".join(f"{path}{'' if value == 'yes' else f': {_said(value)}'}\n" for path, value in facts.items())


def difference(before: str, after: str, found: Difference) -> str:
    """Return what differs, what breaks first."""
    parts = [f"From {before} to {after}: {'' if found else 'nothing differs'}".rstrip() + "\n"]
    if found.breaks:
        parts.append("\nBreaks, as reported:\n")
        parts += [f"- {one['what']} ({one['source']})\n  {one['instead']}\n" for one in found.breaks]
    if found.gone:
        parts.append("\nGone:\n")
        parts += [f"- {path}{_value(value)}{_instead(path)}\n" for path, value in found.gone.items()]
    if found.changed:
        parts.append("\nChanged:\n")
        parts += [f"- {path}: {_said(old)} -> {_said(new)}\n" for path, (old, new) in found.changed.items()]
    if found.new:
        parts.append("\nNew:\n")
        parts += [f"- {path}{_value(value)}\n" for path, value in found.new.items()]
    return "".join(parts)


def _instead(path: str) -> str:
    successor = instead(path)
    return f"; use {successor}" if successor else ""


def _value(value: Any) -> str:
    return "" if value == "yes" else f": {_said(value)}"


def _said(value: Any) -> str:
    if value is None:
        return "its parameters are not judged"
    return str(value) if isinstance(value, (int, float)) or (isinstance(value, str) and value) else json.dumps(value)
