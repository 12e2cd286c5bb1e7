"""Charts as SVG written by hand: crisp at any size, a few kilobytes each, and without matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mien.evaluate.report.reader import escape
from mien.runtime.palette import COLOURS, UNKNOWN

WIDTH, HEIGHT = 420, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 42
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2", "8 2 2 2 2 2")
"""Lines are told apart without colours too."""
BEFORE, AFTER = "#8a6d3b", "#1f5fa8"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; `bars` are the lower and upper end of an interval at each point."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dash: str = ""
    dots: bool = False
    bars: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Axes:
    """The frame: ranges, ticks and names of both axes."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    x_label: str
    y_label: str
    width: int = WIDTH
    height: int = HEIGHT

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        wide, high = self.width - _LEFT - _RIGHT, self.height - _TOP - _BOTTOM
        return _LEFT + across * wide, self.height - _BOTTOM - up * high

    def drawn(self) -> str:
        """Grid, ticks and names."""
        out = []
        for value, text in self.x_ticks:
            x, y = self.at(value, self.y[0])
            out.append(f'<text class="tick" x="{x:.1f}" y="{y + 15:.1f}" text-anchor="middle">{escape(text)}</text>')
        for value, text in self.y_ticks:
            x, y = self.at(self.x[0], value)
            out.append(f'<path class="grid" d="M{x:.1f} {y:.1f}H{self.width - _RIGHT}"/>')
            out.append(f'<text class="tick" x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>')
        middle_x, middle_y = (_LEFT + self.width - _RIGHT) / 2, (_TOP + self.height - _BOTTOM) / 2
        out.append(f'<text x="{middle_x:.0f}" y="{self.height - 7}" text-anchor="middle">{escape(self.x_label)}</text>')
        out.append(
            f'<text transform="translate(12 {middle_y:.0f}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.y_label)}</text>"
        )
        return "".join(out)


def line_chart(
    axes: Axes, lines: Sequence[Line], *, told: str, diagonal: bool = False, level: float | None = None
) -> str:
    """Lines over a grid; `told` is said to those who cannot see it, `level` draws a dashed line across."""
    out = [axes.drawn()]
    if diagonal:
        (x0, y0), (x1, y1) = axes.at(axes.x[0], axes.y[0]), axes.at(axes.x[1], axes.y[1])
        out.append(f'<path class="ideal" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>')
    if level is not None:
        x, y = axes.at(axes.x[0], level)
        out.append(f'<path class="ideal" d="M{x:.1f} {y:.1f}H{axes.width - _RIGHT}"/>')
    out.extend(_line(axes, line) for line in lines)
    return svg(axes.width, axes.height, "".join(out), told)


def scatter(axes: Axes, groups: Sequence[tuple[str, str, Sequence[tuple[float, float]]]], *, told: str) -> str:
    """Dots by group: name, colour, points."""
    out = [axes.drawn()]
    for name, colour, points in groups:
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>' for x, y in (axes.at(*one) for one in points))
        out.append(f'<g fill="{colour}" fill-opacity=".7"><title>{escape(name)}</title>{dots}</g>')
    return svg(axes.width, axes.height, "".join(out), told)


def bars(axes: Axes, groups: Sequence[tuple[str, Sequence[float]]], edges: Sequence[float], *, told: str) -> str:
    """A histogram: colour and (b,) heights of each group, side by side within b bins of b + 1 edges."""
    out = [axes.drawn()]
    for i, (colour, heights) in enumerate(groups):
        for start, stop, height in zip(edges, edges[1:], heights, strict=False):
            step = (stop - start) / len(groups)
            x0, y0 = axes.at(start + i * step, axes.y[0])
            x1, y1 = axes.at(start + (i + 1) * step, height)
            out.append(
                f'<rect x="{x0 + 0.5:.1f}" y="{y1:.1f}" width="{max(x1 - x0 - 1, 0.5):.1f}" height="{y0 - y1:.1f}"'
                f' fill="{colour}"/>'
            )
    return svg(axes.width, axes.height, "".join(out), told)


def span(value: float, interval: Sequence[float], reference: float | None = None) -> str:
    """A percentage with its interval on a line from 0 to 100, small enough for a cell of a table."""
    low, high = interval
    mark = "" if reference is None else f'<path class="ideal" d="M{reference * 1.2:.1f} 1V15"/>'
    return (
        f'<svg class="span" viewBox="-4 0 128 16" width="128" height="16" aria-hidden="true">'
        f'<path class="grid" d="M0 8H120"/>{mark}<path stroke="{AFTER}" stroke-width="2" d="M{low * 1.2:.1f} 8H'
        f'{high * 1.2:.1f}"/><circle cx="{value * 1.2:.1f}" cy="8" r="3.6" fill="{AFTER}"/></svg>'
    )


def svg(width: int, height: int, inside: str, told: str) -> str:
    """The picture, as wide as its place on the page allows."""
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title>{inside}</svg>"
    )


def legend(items: Sequence[tuple[str, str, str]]) -> str:
    """Colour, dash and HTML of each line, as a list below a chart."""
    rows = "".join(
        f'<li><svg viewBox="0 0 26 10" width="26" height="10" aria-hidden="true"><path d="M1 5H25" stroke="{colour}"'
        f' stroke-width="3" stroke-dasharray="{dash}"/></svg> {text}</li>'
        for colour, dash, text in items
    )
    return f'<ul class="legend">{rows}</ul>'


def colour_of_class(name: str) -> str:
    """The emotion's colour, dark enough for a line on white; grey for a merged class."""
    return "#" + "".join(f"{round(0.78 * part):02x}" for part in COLOURS.get(name, UNKNOWN))


def _line(axes: Axes, line: Line) -> str:
    places = [axes.at(*point) for point in line.points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    out = [
        f'<path class="line" d="{path}" stroke="{line.colour}" stroke-dasharray="{line.dash}">'
        f"<title>{escape(line.name)}</title></path>"
    ]
    for (x, _), (low, high) in zip(line.points, line.bars, strict=False):
        (at, y0), (_, y1) = axes.at(x, low), axes.at(x, high)
        out.append(f'<path d="M{at:.1f} {y0:.1f}V{y1:.1f}" stroke="{line.colour}" stroke-width="1.4"/>')
    if line.dots:
        out.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{line.colour}"/>' for x, y in places)
    return "".join(out)
