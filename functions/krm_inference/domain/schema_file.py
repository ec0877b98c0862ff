"""A long schema: people write it as YAML, and beside it stands the same as JSON, which is read many times as fast.

The JSON names the text that it was made of. Where that is another one by now, or there is none, the YAML is read.
`docs/tables.py` writes the JSON, and a test compares the two.
"""

from __future__ import annotations

import json
from pathlib import Path
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read(file: Path) -> Any:
    """Return what a YAML file says."""
    text = file.read_text(encoding="utf-8")
    try:
        made = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        if made["of"] == _mark(text):
            return made["value"]
    except (OSError, ValueError, LookupError, TypeError):  # it is not there, or two changes of it were merged
        pass
    return parsed(text)


def as_json(file: Path) -> str:
    """Return the text of the JSON beside a YAML file."""
    text = file.read_text(encoding="utf-8")
    return json.dumps({"of": _mark(text), "value": parsed(text)}, indent=1, ensure_ascii=False) + "\n"


def parsed(text: str) -> Any:
    """Return what a YAML text says."""
    from krm_functions_sdk.document import parser, tree

    return tree.value(parser.parse(text))


def _mark(text: str) -> str:
    return f"{len(text)} characters, CRC-32 {crc32(text.encode()):08x}"
