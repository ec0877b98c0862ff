"""The picture as one SVG file that needs nothing beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from xml.sax.saxutils import escape

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.commands.graph import layout, topology
from krm_inference.commands.graph.layout import LINE, MARGIN, PADDING, Place
from krm_inference.commands.graph.topology import Box, Finding, Topology

_STRIPES = {
    topology.GATEWAY: "#1a73e8",
    topology.ROUTE: "#00897b",
    topology.POOL: "#6a1b9a",
    topology.WORKLOAD: "#2e7d32",
    topology.CONFIG: "#8d6e63",
    topology.SECRET: "#546e7a",
}
_COLORS = {ERROR: "#c62828", WARNING: "#e65100", INFO: "#1565c0", "": "#b0bec5"}
_LEGEND_LETTERS = 150
_LEGEND_WIDTH = 900
_STYLE = """\
text{font:12px -apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#263238}
.kind{font-size:10.5px;fill:#607d8b}.name{font-weight:600}.away{fill:#78909c}
.arrow{fill:none;stroke:#90a4ae;stroke-width:1.4}.label{font-size:10px;fill:#607d8b;paint-order:stroke;stroke:#fff;stroke-width:4px}
.mark{font-size:10px;font-weight:700;fill:#fff;text-anchor:middle}"""

_TIP = """\
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
<path d="M0 0L8 4L0 8z" fill="#90a4ae"/></marker></defs>"""


def draw(picture: Topology) -> str:
    """Return the SVG document of a picture."""
    places = layout.places(picture)
    bottom = max((place.y + place.height for place in places.values()), default=0) + MARGIN
    right = max((place.right for place in places.values()), default=0) + MARGIN
    legend = list(_legend(picture.findings, bottom))
    width = max(right, _LEGEND_WIDTH + MARGIN if legend else 0)
    height = bottom + LINE * (len(legend) + 1) if legend else bottom
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<style>{_STYLE}</style>",
        _TIP,
        '<rect width="100%" height="100%" fill="#fff"/>',
        *(_arrow(places[source], places[target], label) for source, target, label in picture.arrows),
        *(part for box in picture.boxes for part in _box(box, places[box.id])),
        *legend,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _arrow(source: Place, target: Place, label: str) -> str:
    forward = target.x > source.x
    start, end = (source.right, target.x) if forward else (source.x, target.right)
    bend = max(30.0, abs(end - start) / 2) * (1 if forward else -1)
    path = (
        f'<path class="arrow" marker-end="url(#tip)" d="M{start:.1f} {source.middle:.1f}'
        f'C{start + bend:.1f} {source.middle:.1f} {end - bend:.1f} {target.middle:.1f} {end:.1f} {target.middle:.1f}"/>'
    )
    if not label:
        return path
    x, y = (start + end) / 2, (source.middle + target.middle) / 2 - 4
    return f'{path}<text class="label" text-anchor="middle" x="{x:.1f}" y="{y:.1f}">{escape(label)}</text>'


def _box(box: Box, place: Place) -> Iterator[str]:
    x, y = place.x, place.y
    color = _COLORS[box.worst]
    dash = "" if box.is_here else ' stroke-dasharray="5 4"'
    tip = "\n".join([f"{box.kind} {box.name}", *box.facts, *(str(finding) for finding in box.findings)])
    yield f"<g><title>{escape(tip)}</title>"
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{place.width:.1f}" height="{place.height}" rx="6" fill="#fff" '
        f'stroke="{color}" stroke-width="{2 if box.worst else 1.2}"{dash}/>'
    )
    stripe = f'width="4" height="{place.height - 12}" fill="{_STRIPES[box.column]}"'
    yield f'<rect x="{x + 1:.1f}" y="{y + 6:.1f}" {stripe}/>'
    base = y + PADDING + 10
    yield f'<text class="kind" x="{x + PADDING + 2:.1f}" y="{base:.1f}">{escape(box.kind)}</text>'
    for number, text in enumerate(layout.lines(box)):
        style = "name" if number == 0 else "fact" if box.is_here else "away"
        base += LINE
        yield f'<text class="{style}" x="{x + PADDING + 2:.1f}" y="{base:.1f}">{escape(text)}</text>'
    yield from _marks(box, place)
    yield "</g>"


def _marks(box: Box, place: Place) -> Iterator[str]:
    """Yield the numbers of the findings on the upper edge of the box, the last ones as how many more there are."""
    shown = [(str(finding.number), _COLORS[finding.result.severity]) for finding in box.findings]
    room = max(1, int(place.width - 60) // 22)
    if len(shown) > room:
        shown = [*shown[: room - 1], (f"+{len(shown) - room + 1}", _COLORS[box.worst])]
    for position, (text, color) in enumerate(reversed(shown)):
        x = place.right - 14 - 22 * position
        yield f'<circle cx="{x:.1f}" cy="{place.y:.1f}" r="10" fill="{color}"/>'
        yield f'<text class="mark" x="{x:.1f}" y="{place.y + 3.5:.1f}">{text}</text>'


def _legend(findings: list[Finding], top: float) -> Iterator[str]:
    y = top
    for finding in findings:
        color = _COLORS[finding.result.severity]
        for number, text in enumerate(textwrap.wrap(str(finding), _LEGEND_LETTERS)):
            y += LINE
            x = MARGIN if number == 0 else MARGIN + 24
            yield f'<text x="{x}" y="{y:.1f}" style="fill:{color}">{escape(text)}</text>'
