"""Chevrons on the ground between two ways that part or join."""

from __future__ import annotations

import math

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.surfaces.paint import Paint
from drivegen.opendrive.surfaces.plan import common, polygons_of, ring_area
from drivegen.opendrive.surfaces.surface import SurfaceKind
from drivegen.opendrive.surfaces.triangulate import triangulate

_STRIPE_M = 0.45
_GAP_M = 1.0
"""Across the stripes, which lie at 45 degrees (GB 5768.3-2009, diversion markings)."""
_CELL_M = 10.0


def add_gore(paint: Paint, outline_m: Float64[np.ndarray, "n 3"], heading_rad: float) -> None:
    """Paints chevrons inside an outline.

    Args:
        paint: takes them.
        outline_m: corners in the map frame, not closed; the first one is the tip.
        heading_rad: direction from the tip into the area; the chevrons point the other way.
    """
    area = ring_area(outline_m[:, :2])
    along = np.array([math.cos(heading_rad), math.sin(heading_rad)])
    across = np.array([-along[1], along[0]])
    local = (outline_m[:, :2] - outline_m[0, :2]) @ np.column_stack([along, across])
    reach = float(np.max(np.abs(local[:, 1]))) + 1.0
    step, thick = (_STRIPE_M + _GAP_M) * math.sqrt(2.0), _STRIPE_M * math.sqrt(2.0)
    z = float(np.mean(outline_m[:, 2]))
    for start in np.arange(float(np.min(local[:, 0])) - reach, float(np.max(local[:, 0])), step):
        ends = [(0.0, 0.0), (reach, reach), (reach + thick, reach)]
        ends += [(thick, 0.0), (reach + thick, -reach), (reach, -reach)]
        corners = outline_m[0, :2] + np.array([(start + a) * along + b * across for a, b in ends])
        for piece in polygons_of(common(shapely.polygons(corners), area)):
            xy, triangles = triangulate(piece, _CELL_M)
            paint.add(SurfaceKind.MARKING, xy, np.full(len(xy), z), triangles)
