"""A flowchart as a picture: the rules down the left, each outcome beside the first rule that leads to it.

Called by the command line. Arrows only lead forward, so every column lies right of those it is reached from; nothing is
needed but this file, neither at home nor where the picture is shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from textwrap import wrap

from resolver.playbook.flowchart import Arrow, Flowchart, Node

_CHARS = 38
_MOST_ARROWS = 2
_CHAR_W, _LINE_H, _PAD = 6.7, 17, 10
_GAP_X, _GAP_Y, _MARGIN, _TITLE_H = 110, 26, 24, 40
_FILL = {
    "start": "#e8eefc", "prepare": "#f4f4f6", "rule": "#fff6dd",
    "outcome": "#e7f6ea", "handoff": "#fdeaea", "playbook": "#efe9fb",
}  # fmt: skip
_STYLE = (
    "text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1d1d22}.name{font-weight:600}"
    ".when{font-size:11px;fill:#55555e}.box{stroke:#8a8a94}.way{fill:none;stroke:#6d6d78;stroke-width:1.2}"
    ".aside{stroke-dasharray:4 3;stroke:#a3a3ad}"
)


@dataclass(frozen=True, slots=True)
class _Box:
    """A node with its wrapped lines and its place; `x` and `y` are the upper left corner, all in pixels."""

    node: Node
    lines: tuple[str, ...]
    x: float
    y: float

    @property
    def width(self) -> float:
        return max(len(line) for line in self.lines) * _CHAR_W + 2 * _PAD

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE_H + 2 * _PAD


def svg(chart: Flowchart) -> str:
    """The picture, the same for the same plan."""
    chart = _untangled(chart)
    boxes = _placed(chart)
    width = max(box.x + box.width for box in boxes.values()) + _MARGIN
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    ways = [
        _way(arrow, boxes[arrow.start], boxes[arrow.end], first=first)
        for arrow, first in zip(chart.arrows, _first_into_their_box(chart.arrows), strict=True)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="title">',
            f'<title id="title">{escape(chart.title)}</title><style>{_STYLE}</style>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0L8 4L0 8z" fill="#6d6d78"/></marker></defs>',
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            f'<text class="name" x="{_MARGIN}" y="{_MARGIN + 4}" style="font-size:15px">{escape(chart.title)}</text>',
            *(path for path, _ in ways),
            *(_drawn(box) for box in boxes.values()),
            *(label for _, label in ways),
            "</svg>\n",
        ]
    )


def _untangled(chart: Flowchart) -> Flowchart:
    """One arrow from box to box; where very many lead to the same box, each of them names it in words instead."""
    merged: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in chart.arrows:
        merged.setdefault((arrow.start, arrow.end), []).append(arrow)
    sources = Counter(end for _, end in merged)
    names = {node.id: node.lines[0] for node in chart.nodes}
    arrows, said = [], dict[str, list[str]]()
    for (start, end), ways in merged.items():
        label = ", ".join(way.label for way in ways if way.label)
        if sources[end] > _MOST_ARROWS and names[end] and not end.startswith("rule_"):
            said.setdefault(start, []).append(f"{label or 'then'} → {names[end]}")
        else:
            arrows.append(Arrow(start, end, label, all(way.aside for way in ways)))
    nodes = [replace(node, lines=(*node.lines, *said.get(node.id, ()))) for node in chart.nodes]
    return Flowchart(chart.title, tuple(nodes), tuple(arrows))


# -- places -------------------------------------------------------------------------------------------------------


def _placed(chart: Flowchart) -> dict[str, _Box]:
    """Every box with its place: column by column, each as high as the first box that leads to it if there is room."""
    columns = _columns(chart)
    boxes: dict[str, _Box] = {}
    x = float(_MARGIN)
    for number in range(max(columns.values()) + 1):
        y = float(_MARGIN + _TITLE_H)
        members = [node for node in chart.nodes if columns[node.id] == number]
        if number:
            members.sort(key=lambda node: _wished(node, chart.arrows, boxes))
        for node in members:
            wished = _wished(node, chart.arrows, boxes) if number else 0.0
            boxes[node.id] = box = _Box(node, _lines(node), x, max(y, wished))
            y = box.y + box.height + _GAP_Y
        x += max(boxes[node.id].width for node in members) + _GAP_X
    return boxes


def _columns(chart: Flowchart) -> dict[str, int]:
    """The rules' chain stands in column 0, everything else right of all it is reached from."""
    chain = {node.id for node in chart.nodes if node.kind in ("start", "prepare", "rule")}
    columns = {node.id: 0 if node.id in chain else 1 for node in chart.nodes}
    for _ in chart.nodes:
        for arrow in chart.arrows:
            if arrow.end not in chain:
                columns[arrow.end] = max(columns[arrow.end], columns[arrow.start] + 1)
    return columns


def _wished(node: Node, arrows: Sequence[Arrow], boxes: Mapping[str, _Box]) -> float:
    tops = [boxes[arrow.start].y for arrow in arrows if arrow.end == node.id and arrow.start in boxes]
    return min(tops, default=0.0)


def _lines(node: Node) -> tuple[str, ...]:
    return tuple(part for line in node.lines for part in wrap(line, _CHARS, subsequent_indent="  ") or [""])


# -- drawing ------------------------------------------------------------------------------------------------------


def _drawn(box: _Box) -> str:
    radius = {"start": 18, "rule": 2}.get(box.node.kind, 6)
    rect = (
        f'<rect class="box" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="{radius}" fill="{_FILL[box.node.kind]}"/>'
    )
    texts = [
        f'<text{" class=" + chr(34) + "name" + chr(34) if number == 0 else ""} x="{box.x + _PAD:.1f}" '
        f'y="{box.y + _PAD + 12 + number * _LINE_H:.1f}" xml:space="preserve">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    ]
    return f"<g><title>{escape(box.node.lines[0])}</title>{rect}{''.join(texts)}</g>"


def _first_into_their_box(arrows: Sequence[Arrow]) -> list[bool]:
    return [all(arrow.end != before.end for before in arrows[:place]) for place, arrow in enumerate(arrows)]


def _way(arrow: Arrow, start: _Box, end: _Box, *, first: bool) -> tuple[str, str]:
    """The line of an arrow, and its label, which is drawn last so that no box hides it.

    The label stands where the arrow ends; of a second arrow into the same box where it begins.
    """
    if start.x == end.x:
        x, top, bottom = start.x + 30, start.y + start.height, end.y
        path, at = f"M{x:.1f} {top:.1f}V{bottom:.1f}", (x + 5, (top + bottom) / 2 + 4)
    else:
        x1, y1 = start.x + start.width, start.y + min(start.height / 2, 22)
        x2, y2 = end.x, end.y + min(end.height / 2, 22)
        bend = max(40.0, (x2 - x1) / 2)
        path = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        at = (x2 - 8 - len(arrow.label) * 5.6, y2 - 5) if first else (x1 + 6, y1 - 5)
    drawn = f'<path class="way{" aside" if arrow.aside else ""}" marker-end="url(#tip)" d="{path}"/>'
    label = (
        f'<text class="when" x="{at[0]:.1f}" y="{at[1]:.1f}">{escape(arrow.label)}</text>'
        if arrow.label
        else ""
    )
    return drawn, label
