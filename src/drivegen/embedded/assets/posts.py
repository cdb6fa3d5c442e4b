"""Poles that signals, boards and roadside devices are fixed to."""

from __future__ import annotations

import math

from drivegen.embedded.assets.forms import lathe
from drivegen.embedded.assets.sculpt import Finish, Sculpture


def foot(out: Sculpture, finish: Finish, radius_m: float) -> None:
    """A flange with four bolts."""
    out.add(lathe([(radius_m * 2.2, 0.0), (radius_m * 2.2, 0.03), (radius_m * 1.1, 0.06)], 12), finish)
    for k in range(4):
        angle = math.pi / 4 + k * math.pi / 2
        bolt = lathe([(0.02, 0.0), (0.02, 0.06)], 6)
        out.add(
            bolt.moved((radius_m * 1.8 * math.cos(angle), radius_m * 1.8 * math.sin(angle), 0.02)), finish
        )


def mast(out: Sculpture, finish: Finish, *, height_m: float, radius_m: float, sides: int = 10) -> None:
    """A pole that grows thinner upwards, on its flange."""
    foot(out, finish, radius_m)
    profile = [(radius_m, 0.0), (radius_m * 0.75, height_m - 0.05), (radius_m * 0.4, height_m)]
    out.add(lathe(profile, sides), finish)
