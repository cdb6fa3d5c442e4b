"""What a surface is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float32, Int32, UInt8


class SurfaceKind(StrEnum):
    """What a surface is made for."""

    DRIVING = "driving"
    """Carriageway: driving lanes and whole junction floors."""
    SHOULDER = "shoulder"
    BIKING = "biking"
    PARKING = "parking"
    SIDEWALK = "sidewalk"
    MEDIAN = "median"
    """Raised planted strip between carriageways."""
    KERB = "kerb"
    """Upright faces and top stones at the edge of pavements and medians."""
    MARKING = "marking"
    CROSSWALK = "crosswalk"
    """Zebra stripes."""
    STOP_LINE = "stop_line"
    TERRAIN = "terrain"
    BRIDGE = "bridge"
    """Decks from below and from the side, abutments."""
    WALL = "wall"
    """Retaining walls, and walls and ceilings of tunnels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """Triangles of one kind, in the map frame (right-handed, metres), front faces counter-clockwise."""

    kind: SurfaceKind
    positions_m: Float32[np.ndarray, "v 3"]
    normals: Float32[np.ndarray, "v 3"]
    """Unit length."""
    uvs: Float32[np.ndarray, "v 2"]
    """Metres along the surface; of carriageways metres along the road, and the share of the driving lane to
    the right (-1 where there is none)."""
    triangles: Int32[np.ndarray, "t 3"]
    colors: UInt8[np.ndarray, "v 3"]
    """sRGB."""
