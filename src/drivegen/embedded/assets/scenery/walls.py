"""Walls along the borders of roads, as CARLA builds them around maps that are given as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.ways import Line
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.mesh import Material
from drivegen.opendrive.ground import Ground

FIELD_M = 2.0
"""Length of one field: short enough to follow bends."""
THICK_M = 0.2
_BELOW_M = 0.5
"""Walls reach into the ground, so that no slope opens a gap under them."""


def add_walls(composer: Composer, ground: Ground, lines: Sequence[Line], height_m: float) -> None:
    """Walls on the right of lines, field by field, each a piece of its own.

    Args:
        composer: takes the fields.
        ground: tells where their feet are.
        lines: outer borders; the free side lies to the right.
        height_m: of the walls above the border.
    """
    out = Sculpture()
    middle = (0.0, -THICK_M / 2, (height_m - _BELOW_M) / 2)
    finish = Finish((168, 166, 160), Material.CONCRETE, Tag.WALL)
    out.add(box((FIELD_M + 0.02, THICK_M, height_m + _BELOW_M), middle), finish)
    field = composer.library.add(out.mesh("street/wall"))
    for line in lines:
        if line.length_m < 0.1:
            continue
        count = max(math.ceil(line.length_m / FIELD_M), 1)
        half = min(FIELD_M, line.length_m) / 2
        spots = line.at(np.linspace(half, line.length_m - half, count))
        z = ground.height_near(spots.xyz_m)
        for k in range(count):
            x, y = spots.xyz_m[k, :2]
            composer.put(
                field, (float(x), float(y), float(z[k])), float(spots.heading_rad[k]), "Wall_Road", Tag.WALL
            )
