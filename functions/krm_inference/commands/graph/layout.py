"""Where the boxes of a picture stand: in columns, each as near to its neighbours as the others let it.

Lengths are in pixels of the SVG. In its column a box stands among those of the same pool, so that few arrows cross;
how high it stands is settled by isotonic regression, which keeps that order and lets no two boxes overlap.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from krm_inference.commands.graph.topology import GATEWAY, POOL, Box, Topology

LINE, PADDING, COLUMN_GAP, ROW_GAP, MARGIN = 16, 10, 72, 18, 24
MOST_LETTERS = 46
_LETTER, _BOLD_LETTER, _LEAST_WIDTH = 6.7, 7.4, 130
_SWEEPS = 12


class Place(NamedTuple):
    """The upper left corner of a box and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width


def shortened(text: str) -> str:
    """Return the text as far as it fits into a box."""
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def lines(box: Box) -> list[str]:
    """Return what a box says below its kind."""
    return [shortened(text) for text in (box.name, *box.facts) if text]


def places(topology: Topology) -> dict[str, Place]:
    """Return the place of every box by its id."""
    near: dict[str, list[str]] = defaultdict(list)
    for source, target, _ in topology.arrows:
        near[source].append(target)
        near[target].append(source)
    ranks = _ranks(topology, near)
    ordered: list[list[Box]] = []
    position: dict[str, int] = {}
    for number in sorted({box.column for box in topology.boxes}):
        column = [box for box in topology.boxes if box.column == number]
        left = {
            box.id: min((position[other] for other in near[box.id] if other in position), default=0) for box in column
        }
        ordered.append(sorted(column, key=lambda box: (ranks[box.id], left[box.id])))
        position.update({box.id: place for place, box in enumerate(ordered[-1])})
    level = {box: [other for other in near[box] if ranks[other] == ranks[box]] or near[box] for box in ranks}
    heights = {box.id: 2 * PADDING + LINE * (1 + len(lines(box))) for box in topology.boxes}
    tops: dict[str, float] = {}
    for column in ordered:
        tops.update(_settled(column, heights, dict.fromkeys((box.id for box in column), 0.0)))
    for sweep in range(_SWEEPS):
        for column in ordered if sweep % 2 else reversed(ordered):
            wanted = {box.id: _wanted(box.id, level, tops, heights) for box in column}
            tops.update(_settled(column, heights, wanted))
    return _placed(ordered, tops, heights)


def _ranks(topology: Topology, near: dict[str, list[str]]) -> dict[str, float]:
    """Return where each box comes in its column: with the pool that it is nearest to, or amid several as near."""
    column = {box.id: box.column for box in topology.boxes}

    def gateways(pool: str) -> list[str]:
        return sorted(door for route in near[pool] for door in near[route] if column[door] == GATEWAY)

    pools = sorted((box.id for box in topology.boxes if box.column == POOL), key=gateways)
    nearest: dict[str, set[int]] = {pool: {rank} for rank, pool in enumerate(pools)}
    reached = dict(nearest)
    while reached:
        further: dict[str, set[int]] = defaultdict(set)
        for box, found in reached.items():
            for other in near[box]:
                if other not in nearest:
                    further[other] |= found
        nearest.update(further)
        reached = further
    return {box: sum(nearest[box]) / len(nearest[box]) if box in nearest else len(pools) for box in column}


def _wanted(box: str, near: dict[str, list[str]], tops: dict[str, float], heights: dict[str, int]) -> float:
    """Return the top at which a box is level with its neighbours."""
    middles = [tops[other] + heights[other] / 2 for other in near[box]]
    return sum(middles) / len(middles) - heights[box] / 2 if middles else tops[box]


def _settled(column: list[Box], heights: dict[str, int], wanted: dict[str, float]) -> dict[str, float]:
    """Return tops in the column's order that do not overlap and are nearest to the wanted ones."""
    blocks: list[list[float]] = []  # mean of what is wanted without the boxes above, and how many
    offsets: list[float] = []
    offset = 0.0
    for box in column:
        offsets.append(offset)
        blocks.append([wanted[box.id] - offset, 1])
        offset += heights[box.id] + ROW_GAP
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            above, number = blocks[-1]
            blocks[-1] = [(above * number + mean * count) / (number + count), number + count]
    means = [mean for mean, count in blocks for _ in range(int(count))]
    return {box.id: mean + start for box, mean, start in zip(column, means, offsets, strict=True)}


def _placed(ordered: list[list[Box]], tops: dict[str, float], heights: dict[str, int]) -> dict[str, Place]:
    highest = min(tops.values(), default=0)
    found: dict[str, Place] = {}
    x = float(MARGIN)
    for column in ordered:
        width = max(_width(box) for box in column)
        for box in column:
            found[box.id] = Place(x, tops[box.id] - highest + MARGIN, width, heights[box.id])
        x += width + COLUMN_GAP
    return found


def _width(box: Box) -> float:
    name, *facts = lines(box)
    longest = max(len(name) * _BOLD_LETTER, *(len(text) * _LETTER for text in (box.kind, *facts)))
    return max(_LEAST_WIDTH, longest + 2 * PADDING + 4)
