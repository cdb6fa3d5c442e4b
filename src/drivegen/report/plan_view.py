"""The maps of a run from above, as SVG: lanes, crossings, lights, roadside sites, the ways of the egos.

North is up. Small maps show every lane; large ones less, so that the page stays light and legible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.model import DRIVABLE, WALKABLE, LaneSection, LaneType, RoadNetwork, RoadObject
from drivegen.opendrive.signals import signal_heads
from drivegen.opendrive.sites import roadside_sites
from drivegen.opendrive.surfaces.lane_kinds import object_outline

_DETAILED_ROADS = 1200
"""Maps of more roads show carriageways alone."""
_PLAIN_ROADS = 6000
"""Maps of still more show links as lines and junctions as areas."""
_MARGIN_M = 15.0
_GROUPS = {
    "walk": WALKABLE,
    "green": frozenset({LaneType.MEDIAN}),
    "bike": frozenset({LaneType.BIKING}),
    "side": frozenset({LaneType.SHOULDER, LaneType.PARKING, LaneType.BORDER, LaneType.STOP}),
    "drive": DRIVABLE,
}
"""What is painted in one colour, from the lowest to the topmost."""
_WAY_COLORS = ("#c2410c", "#7c3aed", "#0e7490", "#be185d", "#4d7c0f", "#1d4ed8", "#a16207", "#0f766e")
_SCALES_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)

Ring = Float64[np.ndarray, "n 2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """One map as the page shows it."""

    name: str
    svg: str
    """Markup that needs nothing else."""
    roads: int
    junctions: int
    lights: int
    sites: int
    length_km: float
    """Of all roads outside junctions."""
    ways: tuple[tuple[str, str], ...]
    """(scene, colour) of the ways drawn."""
    simplified: bool


def draw_map(network: RoadNetwork, name: str, ways_m: Mapping[str, Ring]) -> MapView:
    """Draws a map.

    Args:
        network: the map.
        name: its name.
        ways_m: way of the ego by scene, x and y in the map frame.
    """
    geometry = NetworkGeometry(network)
    count = len(network.roads)
    groups = areas_of(geometry) if count <= _PLAIN_ROADS else {"walk": _hulls(geometry)}
    lines = _links(geometry) if count > _PLAIN_ROADS else []
    every = [ring for rings in groups.values() for ring in rings] + lines
    frame = _Frame(every)
    heads = [h.pose.position_m[:2] for h in signal_heads(network)]
    sites = roadside_sites(network)
    parts = [frame.area(kind, groups.get(kind, []), count) for kind in ("walk", "green", "bike", "side")]
    parts += [frame.line("link", line) for line in lines]
    parts.append(frame.area("drive", groups.get("drive", []), count))
    if count <= _DETAILED_ROADS:
        parts.append(frame.area("zebra", _crossings(geometry), count))
    parts.append(frame.dots("light", heads, 0.5))
    for site in sites:
        tip = site.foot.transform_points(np.array([[6.0, 0.0, 0.0]]))[0]
        parts.append(frame.line("look", np.array([site.foot.position_m[:2], tip[:2]])))
    parts.append(frame.dots("site", [site.foot.position_m[:2] for site in sites], 0.7))
    colors = [
        (scene, _WAY_COLORS[i % len(_WAY_COLORS)]) for i, scene in enumerate(ways_m) if len(ways_m[scene])
    ]
    for scene, color in colors:
        parts.append(frame.line("way", ways_m[scene], color))
        parts.append(frame.dots("start", [ways_m[scene][0]], 0.8, color))
    return MapView(
        name=name,
        svg=frame.svg("".join(parts), f"{name} from above, north up"),
        roads=sum(road.junction is None for road in network.roads),
        junctions=len(network.junctions),
        lights=len(heads),
        sites=len(sites),
        length_km=sum(road.length_m for road in network.roads if road.junction is None) / 1000.0,
        ways=tuple(colors),
        simplified=count > _DETAILED_ROADS,
    )


class _Frame:
    """From the map to the picture: a decimetre of accuracy for small maps, a metre for cities."""

    def __init__(self, rings: Sequence[Ring]) -> None:
        points = np.concatenate(rings) if rings else np.zeros((1, 2))
        self.low = points.min(axis=0) - _MARGIN_M
        self.size = points.max(axis=0) + _MARGIN_M - self.low
        self.reach = float(self.size.max())
        self._digits = 1 if self.reach < 3000.0 else 0

    def _point(self, p: Ring) -> str:
        x, y = float(p[0] - self.low[0]), float(self.size[1] - (p[1] - self.low[1]))
        return f"{round(x, self._digits):g} {round(y, self._digits):g}"

    def _path(self, points: Ring) -> str:
        words = [self._point(p) for p in points]
        kept = [words[0]] + [b for a, b in pairwise(words) if a != b]
        return "M" + "L".join(kept)

    def area(self, kind: str, rings: Sequence[Ring], roads: int) -> str:
        """Filled areas that may lie upon each other: all are turned one way, so that none makes a hole."""
        tolerance = 0.05 if roads < 200 else 0.3
        paths = []
        for ring in rings:
            shape = shapely.simplify(shapely.linestrings(ring), tolerance)
            points = shapely.get_coordinates(shape)
            x, y = points.T
            if np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) < 0.0:
                points = points[::-1]
            paths.append(self._path(points) + "Z")
        return f'<path class="{kind}" d="{"".join(paths)}"/>' if paths else ""

    def line(self, kind: str, points: Ring, color: str = "") -> str:
        """A polyline."""
        style = f' style="stroke:{color}"' if color else ""
        shape = shapely.get_coordinates(shapely.simplify(shapely.linestrings(points), 0.1))
        return f'<path class="{kind}"{style} d="{self._path(shape)}"/>' if len(points) > 1 else ""

    def dots(self, kind: str, points: Sequence[Ring], size: float, color: str = "") -> str:
        """Discs; `size` 1 is a hundredth of the picture in small maps and less in large ones."""
        radius = max(size * min(self.reach, 700.0) / 140.0, self.reach / 450.0)
        style = f' style="fill:{color}"' if color else ""
        out = []
        for p in points:
            x, y = self._point(p).split()
            out.append(f'<circle cx="{x}" cy="{y}" r="{radius:.2g}"/>')
        return f'<g class="{kind}"{style}>{"".join(out)}</g>' if out else ""

    def svg(self, inner: str, title: str) -> str:
        """The picture with a bar of scale and an arrow to the north."""
        text = self.reach / 32.0
        width, height = float(self.size[0]), float(self.size[1]) + 2.2 * text
        scale = max((s for s in _SCALES_M if s <= width / 4.0), default=_SCALES_M[0])
        x, y = 0.8 * text, height - 0.5 * text
        n = width - 2.2 * text
        bar = (
            f'<path class="bar" stroke-width="{text / 7:.2g}" d="M{x:.5g} {y:.5g}h{scale}"/>'
            f'<text x="{x:.5g}" y="{y - 0.45 * text:.5g}" font-size="{text:.3g}">{scale} m</text>'
            f'<path class="north" d="M{n:.5g} {y - 1.4 * text:.5g}l{0.45 * text:.3g} {1.3 * text:.3g}'
            f'l{-0.45 * text:.3g} {-0.3 * text:.3g}l{-0.45 * text:.3g} {0.3 * text:.3g}z"/>'
            f'<text x="{n + 0.7 * text:.5g}" y="{y - 0.1 * text:.5g}" font-size="{text:.3g}">N</text>'
        )
        stroke = max(self.reach / 300.0, 0.5)
        return (
            f'<svg viewBox="0 0 {width:.6g} {height:.6g}" role="img" aria-label="{_escaped(title)}" '
            f'class="plan" style="--w:{stroke:.3g}">{inner}{bar}</svg>'
        )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def areas_of(geometry: NetworkGeometry) -> dict[str, list[Ring]]:
    """Outlines of lanes that lie side by side and are painted alike, by group."""
    detailed = len(geometry.network.roads) <= _DETAILED_ROADS
    out: dict[str, list[Ring]] = {kind: [] for kind in _GROUPS}
    within: dict[int, list[Ring]] = {}
    for road in geometry.network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < 0.01:
                continue
            s = curve.stations(index)
            borders = curve.border_offsets(index, s)
            for kind, types in _GROUPS.items():
                if detailed or kind in ("drive", "walk"):
                    rings = _strips(curve, s, borders, section, types)
                    out[kind] += rings
                    if kind == "drive" and road.junction is not None:
                        within.setdefault(road.junction, []).extend(rings)
    for rings in within.values():
        out["drive"] += _filled(rings)
    return out


def _filled(rings: Sequence[Ring]) -> list[Ring]:
    """Outer borders of what the ways through a junction cover: between them the floor is paved too."""
    whole = shapely.union_all(shapely.make_valid([shapely.polygons(ring) for ring in rings]))
    parts = [p for p in shapely.get_parts(whole) if p.geom_type == "Polygon"]
    return [shapely.get_coordinates(shapely.get_exterior_ring(p)) for p in parts]


def _strips(
    curve: RoadCurve,
    s: Float64[np.ndarray, "n"],
    borders: Mapping[int, Float64[np.ndarray, "n"]],
    section: LaneSection,
    types: frozenset[LaneType],
) -> list[Ring]:
    out = []
    for side in (section.left, section.right):
        run: list[int] = []
        for lane in (*side, None):
            if lane is not None and lane.type in types:
                run.append(lane.id)
            elif run:
                inner, outer = borders[run[0] - (1 if run[0] > 0 else -1)], borders[run[-1]]
                if float(np.max(np.abs(outer - inner))) > 0.05:
                    ring = np.concatenate([curve.points(s, inner), curve.points(s, outer)[::-1]])
                    out.append(ring[:, :2])
                run = []
    return out


def _crossings(geometry: NetworkGeometry) -> list[Ring]:
    return [
        object_outline(geometry, road.id, item)[:, :2]
        for road in geometry.network.roads
        for item in road.objects
        if _is_crossing(item)
    ]


def _is_crossing(item: RoadObject) -> bool:
    return item.type == "crosswalk" and len(item.outline) >= 3


def _links(geometry: NetworkGeometry) -> list[Ring]:
    """Reference lines of the roads between junctions."""
    out = []
    for road in geometry.network.roads:
        if road.junction is None:
            s = np.linspace(0.0, road.length_m, max(2, math.ceil(road.length_m / 20.0)))
            out.append(geometry.curve(road.id).points(s, np.zeros(len(s)))[:, :2])
    return out


def _hulls(geometry: NetworkGeometry) -> list[Ring]:
    """Hulls of the roads through each junction."""
    ends: dict[int, list[Ring]] = {}
    for road in geometry.network.roads:
        if road.junction is not None:
            s = np.array([0.0, road.length_m / 2.0, road.length_m])
            points = geometry.curve(road.id).points(s, np.zeros(3))[:, :2]
            ends.setdefault(road.junction, []).append(points)
    hulls = [shapely.convex_hull(shapely.multipoints(np.concatenate(v))) for v in ends.values()]
    return [shapely.get_coordinates(hull) for hull in hulls if hull.geom_type == "Polygon"]
