"""Networks as plans of their lanes: `python docs/images/road_plans.py` draws district and city into roads/.

Red: junctions and crossings with lights, blue: those without.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from docs.images.road_forms import write

from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.runtime import plugins

PLANS = {"district_plan": ("district", 1100), "city_plan": ("city", 1200)}
"""Picture: plugin, greatest side in pixels."""
COLORS = {
    LaneType.SIDEWALK: (190, 190, 185),
    LaneType.MEDIAN: (110, 160, 110),
    LaneType.SHOULDER: (120, 120, 125),
    LaneType.BIKING: (120, 110, 170),
    LaneType.DRIVING: (70, 70, 75),
}
"""Drawn in this order, in RGB."""
GROUND = (240, 240, 235)
LIGHTS, NO_LIGHTS = (220, 40, 40), (40, 140, 200)
STEP_M = 4.0
MARGIN_M = 30.0
DOT_M = 14.0


def main() -> None:
    """Draws all plans."""
    for name, (plugin, pixels) in PLANS.items():
        roads = plugins.make("generators.roads", plugin, {}, "map.plugin")
        network = roads.generate(derive_rng(0, "map"), plugin)
        write(Path(__file__).parent / "roads" / f"{name}.jpg", draw(network, pixels))


def draw(network: RoadNetwork, pixels: int) -> np.ndarray:
    """North up."""
    lanes = [(kind, shape) for kind, shape in outlines(network) if kind in COLORS]
    points = np.concatenate([shape for _, shape in lanes])
    low, high = points.min(axis=0) - MARGIN_M, points.max(axis=0) + MARGIN_M
    scale = pixels / float(max(high - low))
    width, height = (int(v) for v in np.ceil((high - low) * scale))
    image = np.full((height, width, 3), GROUND[::-1], np.uint8)

    def place(xy: np.ndarray) -> np.ndarray:
        at = (xy - low) * scale
        return np.column_stack([at[:, 0], height - at[:, 1]])

    for kind, color in COLORS.items():
        for other, shape in lanes:
            if other is kind:
                fixed = np.round(place(shape) * 16.0).astype(np.int32)
                cv2.fillPoly(image, [fixed], color[::-1], lineType=cv2.LINE_AA, shift=4)
    starts: dict[int, list[tuple[float, float]]] = {}
    for road in network.roads:
        if road.junction is not None:
            at = road.geometries[0]
            starts.setdefault(road.junction, []).append((at.x_m, at.y_m))
    for junction in network.junctions:
        x, y = place(np.mean(starts[junction.id], axis=0)[None, :])[0]
        color = LIGHTS if junction.controllers else NO_LIGHTS
        cv2.circle(image, (round(x), round(y)), max(2, round(DOT_M * scale)), color[::-1], -1, cv2.LINE_AA)
    return image


def outlines(network: RoadNetwork) -> list[tuple[LaneType, np.ndarray]]:
    """Kind and outline of every lane."""
    geometry = NetworkGeometry(network)
    out = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            s = np.linspace(first, last, max(2, int((last - first) / STEP_M) + 1))
            for lane in section.lanes:
                if lane.id != 0:
                    inner, outer, _ = curve.lane_bounds(index, lane.id, s)
                    sides = curve.points(s, inner)[:, :2], curve.points(s, outer)[::-1, :2]
                    out.append((lane.type, np.concatenate(sides)))
    return out


if __name__ == "__main__":
    main()
