"""The picture as Mermaid text, which GitHub and GitLab draw inside Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.commands.graph.topology import Box, Topology

_CLASSES = {
    ERROR: "fill:#ffebee,stroke:#c62828,stroke-width:2px",
    WARNING: "fill:#fff3e0,stroke:#e65100,stroke-width:2px",
    INFO: "fill:#e3f2fd,stroke:#1565c0",
    "away": "stroke-dasharray:5 4,color:#78909c",
}
# What ends a quoted label, or is markup inside one, as Mermaid's own entities.
_ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\n": " "})


def draw(picture: Topology) -> str:
    """Return the flowchart of a picture."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(picture))]) + "\n"


def _lines(picture: Topology) -> Iterator[str]:
    for box in picture.boxes:
        yield f'{box.id}["{_label(box)}"]'
    for source, target, label in picture.arrows:
        yield f"{source} -->|{label}| {target}" if label else f"{source} --> {target}"
    for name, style in _CLASSES.items():
        ids = [box.id for box in picture.boxes if (box.worst or ("" if box.is_here else "away")) == name]
        if ids:
            yield f"classDef {name} {style}"
            yield f"class {','.join(ids)} {name}"
    for finding in picture.findings:
        yield f"%% {' '.join(str(finding).split())}"


def _label(box: Box) -> str:
    lines = [f"<b>{_text(box.name)}</b>", f"<i>{_text(box.kind)}</i>", *map(_text, box.facts)]
    if box.findings:
        lines.append(f"findings {', '.join(str(finding.number) for finding in box.findings)}")
    return "<br/>".join(lines)


def _text(text: str) -> str:
    return text.translate(_ENTITIES)
