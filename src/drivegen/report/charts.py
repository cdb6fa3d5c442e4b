"""Charts of the page as SVG that takes its colours from the page, so that they suit light and dark.

All are 340 units wide, which is what a telephone shows at full size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDE, HIGH = 340, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 16, 12, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point of a scatter."""

    x: float
    y: float
    color: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """A field of view, seen from above; angles from ahead, positive to the left."""

    name: str
    kind: str
    """camera, lidar or radar."""
    middle_rad: float
    field_rad: float
    reach_m: float


def histogram(
    counts: Sequence[float], edges: Sequence[float], across: str, up: str, title: str, overflow: bool = False
) -> str:
    """Bars over intervals.

    Args:
        counts: Of each interval.
        edges: One more than counts.
        across: What the x axis tells, with its unit.
        up: What the y axis tells.
        title: For who hears the page.
        overflow: The last bar holds all that is beyond, too.
    """
    step_y, steps = _ticks(max([*counts, 1.0]), whole=True)
    top = step_y * steps
    plot_w, plot_h = WIDE - _LEFT - _RIGHT, HIGH - _TOP - _BOTTOM
    bar = plot_w / max(len(counts), 1)
    parts = [_grid(step_y, steps, up)]
    for i, count in enumerate(counts):
        high = plot_h * count / top
        if count:
            label = f"{_short(edges[i])} to {_short(edges[i + 1])}"
            if overflow and i == len(counts) - 1:
                label = f"from {_short(edges[i])} on"
            parts.append(
                f'<rect class="mark" x="{_LEFT + i * bar + 1:.1f}" y="{_TOP + plot_h - high:.1f}"'
                f' width="{max(bar - 2, 1):.1f}" height="{high:.1f}">'
                f"<title>{label}: {count:,.0f}</title></rect>"
            )
    step = max(1, math.ceil(len(edges) / 7))
    for i in range(0, len(edges), step):
        more = "+" if overflow and i == len(edges) - 1 else ""
        parts.append(_x_text(_LEFT + i * bar, _short(edges[i]) + more))
    return _svg(title, HIGH, "".join(parts) + _x_title(across))


def scatter(dots: Sequence[Dot], across: str, up: str, title: str) -> str:
    """Points over two measures, both from 0."""
    step_x, steps_x = _ticks(max([d.x for d in dots], default=1.0))
    step_y, steps_y = _ticks(max([d.y for d in dots], default=1.0))
    right, top = step_x * steps_x, step_y * steps_y
    plot_w, plot_h = WIDE - _LEFT - _RIGHT, HIGH - _TOP - _BOTTOM
    parts = [_grid(step_y, steps_y, up)]
    for i in range(steps_x + 1):
        parts.append(_x_text(_LEFT + plot_w * i / steps_x, _short(step_x * i)))
    for dot in dots:
        x, y = _LEFT + plot_w * dot.x / right, _TOP + plot_h * (1 - dot.y / top)
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{dot.color}">'
            f"<title>{escape(dot.title)}</title></circle>"
        )
    return _svg(title, HIGH, "".join(parts) + _x_title(across))


def rose(counts: Sequence[int], title: str) -> str:
    """Counts by direction: ahead is up, left is left; areas are as the counts."""
    size = 280
    middle, reach = size / 2, size / 2 - 42
    most = max([*counts, 1])
    step = 2 * math.pi / max(len(counts), 1)
    parts = [f'<circle class="ring" cx="{middle}" cy="{middle}" r="{reach * s:.1f}"/>' for s in (0.5, 1.0)]
    for i, count in enumerate(counts):
        radius = reach * math.sqrt(count / most)
        if count:
            name = f"{math.degrees(i * step):.0f} degrees to the left of ahead"
            path = _wedge(middle, middle, 0.0, radius, i * step - step / 2, i * step + step / 2)
            parts.append(f'<path class="mark" d="{path}"><title>{name}: {count:,}</title></path>')
    parts += _compass(middle, reach)
    return _svg(title, size, "".join(parts), size)


def polar(shares: np.ndarray, counts: np.ndarray, edges_m: Sequence[float], title: str) -> str:
    """Shares (rings x directions) around a vehicle that looks up; cells without any object are left open."""
    size = 300
    middle, reach = size / 2, size / 2 - 42
    rings, sectors = shares.shape
    step = 2 * math.pi / sectors
    parts = []
    for ring in range(rings):
        inner, outer = (reach * edges_m[k] / edges_m[-1] for k in (ring, ring + 1))
        for sector in range(sectors):
            path = _wedge(middle, middle, inner, outer, sector * step - step / 2, sector * step + step / 2)
            count = int(counts[ring, sector])
            if not count:
                parts.append(f'<path class="void" d="{path}"/>')
                continue
            share = float(shares[ring, sector])
            told = f"{share:.0%} of {count:,} boxes seen"
            parts.append(
                f'<path class="cell" style="fill-opacity:{0.08 + 0.87 * share:.2f}" d="{path}"><title>{told}'
                "</title></path>"
            )
        parts.append(
            f'<text class="scale" x="{middle + 3}" y="{middle - outer + 12:.1f}">'
            f"{_short(edges_m[ring + 1])} m</text>"
        )
    parts += _compass(middle, reach)
    return _svg(title, size, "".join(parts), size)


def fans(sectors: Sequence[Sector], title: str) -> str:
    """Fields of view from above, ahead up; radii by the square root of the reach."""
    size = 300
    middle, reach = size / 2, size / 2 - 42
    farthest = max([s.reach_m for s in sectors], default=1.0)
    parts = []
    for sector in sorted(sectors, key=lambda s: -s.reach_m):
        radius = reach * math.sqrt(sector.reach_m / farthest)
        field = math.degrees(sector.field_rad)
        about = f"<title>{escape(sector.name)}: {field:.0f} degrees wide</title>"
        if sector.field_rad > 2 * math.pi - 0.02:
            parts.append(
                f'<circle class="fan {sector.kind}" cx="{middle}" cy="{middle}" r="{radius:.1f}">'
                f"{about}</circle>"
            )
            continue
        low, high = sector.middle_rad - sector.field_rad / 2, sector.middle_rad + sector.field_rad / 2
        path = _wedge(middle, middle, 0.0, radius, low, high)
        parts.append(f'<path class="fan {sector.kind}" d="{path}">{about}</path>')
    parts.append(f'<path class="body" d="M{middle} {middle - 9}l6 16l-6 -4l-6 4Z"/>')
    parts += _compass(middle, reach)
    return _svg(title, size, "".join(parts), size)


def _wedge(x: float, y: float, inner: float, outer: float, low: float, high: float) -> str:
    """A piece of a ring; 0 is up, positive to the left."""

    def at(radius: float, angle: float) -> str:
        return f"{x - radius * math.sin(angle):.1f} {y - radius * math.cos(angle):.1f}"

    large = int(high - low > math.pi)
    back = (
        f"L{at(inner, high)}A{inner:.1f} {inner:.1f} 0 {large} 1 {at(inner, low)}" if inner else f"L{x} {y}"
    )
    return f"M{at(outer, low)}A{outer:.1f} {outer:.1f} 0 {large} 0 {at(outer, high)}{back}Z"


def _compass(middle: float, reach: float) -> list[str]:
    places = (
        ("ahead", 0, -1, "middle"),
        ("left", -1, 0, "start"),
        ("behind", 0, 1, "middle"),
        ("right", 1, 0, "end"),
    )
    out = []
    for word, dx, dy, anchor in places:
        x = middle + dx * (reach + 38)
        y = middle + dy * (reach + 12) + 4
        out.append(f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{word}</text>')
    return out


def _grid(step: float, steps: int, up: str) -> str:
    plot_h = HIGH - _TOP - _BOTTOM
    parts = []
    for i in range(steps + 1):
        y = _TOP + plot_h * (1 - i / steps)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{_short(step * i)}</text>')
    middle = _TOP + plot_h / 2
    parts.append(
        f'<text class="axis" transform="translate(10 {middle}) rotate(-90)" text-anchor="middle">'
        f"{escape(up)}</text>"
    )
    return "".join(parts)


def _x_text(x: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{HIGH - _BOTTOM + 15}" text-anchor="middle">{text}</text>'


def _x_title(text: str) -> str:
    middle = _LEFT + (WIDE - _LEFT - _RIGHT) / 2
    return f'<text class="axis" x="{middle}" y="{HIGH - 8}" text-anchor="middle">{escape(text)}</text>'


def _svg(title: str, high: float, inside: str, wide: float = WIDE) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {wide:g} {high:g}" role="img"'
        f' aria-label="{escape(title, quote=True)}"'
        f' style="max-width:{1.35 * wide:g}px">{inside}</svg>'
    )


def _ticks(value: float, whole: bool = False) -> tuple[float, int]:
    """(step, number of steps) of an axis from 0 that holds a value; a step is 1, 2 or 5 times 10**n."""
    rough = max(value, 1e-9) / 5.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * 0.999)
    step = max(step, 1.0) if whole else step
    return step, max(1, math.ceil(value / step - 1e-6))


def _short(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:g}M"
    if abs(value) >= 1e4:
        return f"{value / 1e3:g}k"
    return f"{value:.4g}"
