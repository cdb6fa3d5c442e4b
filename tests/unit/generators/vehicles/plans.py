"""What tests of generated traffic ask of plans."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from shapely import STRtree
from shapely.geometry import Polygon

from drivegen.core.plans import PlacedPose, TrafficDraw, VehiclePlan
from drivegen_generators.vehicles.models import MODELS

MODEL_OF = {m.blueprint: m for models in MODELS.values() for m in models}


def rectangle(pose: PlacedPose, length_m: float, width_m: float) -> Polygon:
    """A vehicle's outline on the ground."""
    c, s = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    corners = [(a * length_m / 2, b * width_m / 2) for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    return Polygon([(pose.x_m + c * x - s * y, pose.y_m + s * x + c * y) for x, y in corners])


def outline(vehicle: VehiclePlan) -> Polygon:
    """Of the largest member of a family."""
    model = MODEL_OF[vehicle.blueprint]
    return rectangle(vehicle.start, model.length_m, model.width_m)


def overlaps(drawn: TrafficDraw) -> list[tuple[int, int]]:
    """Pairs that are there from the beginning and stand in each other; 0 is the ego."""
    there = [v for v in drawn.vehicles if v.enters_s == 0.0]
    shapes = [rectangle(drawn.ego, 5.4, 2.2), *map(outline, there)]
    heights = [drawn.ego.z_m, *(v.start.z_m for v in there)]
    tree = STRtree(shapes)
    found = tree.query(shapes, predicate="intersects").T.tolist()
    return [(i, j) for i, j in found if i < j and abs(heights[i] - heights[j]) < 3.0]


def with_role(vehicles: Iterable[VehiclePlan], role: str) -> list[VehiclePlan]:
    """Those that are there for something."""
    return [v for v in vehicles if role in v.roles]


def chi_square(counts: np.ndarray, shares: np.ndarray) -> float:
    """Pearson's statistic of counts against the shares that they are drawn by."""
    expected = counts.sum() * shares / shares.sum()
    return float(np.sum((counts - expected) ** 2 / expected))
