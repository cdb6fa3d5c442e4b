"""What the tests of collisions share: things that stand in the way."""

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.dynamics.obstacles import Obstacles, obstacles, padded
from drivegen.embedded.dynamics.solids import hull


def standing(*plans_m: np.ndarray, low_m: float = 0.0, high_m: float = 3.0, tag: Tag = Tag.WALL) -> Obstacles:
    """Upright prisms on ground plans."""
    hulls = [hull(np.asarray(plan, np.float64)) for plan in plans_m]
    return obstacles(
        corners_m=np.array([padded(h) for h in hulls]),
        counts=np.array([len(h) for h in hulls]),
        heights_m=np.tile([low_m, high_m], (len(hulls), 1)),
        tags=np.full(len(hulls), tag, np.uint8),
    )


def wall(x_m: float, thick_m: float = 0.1, half_m: float = 6.0) -> np.ndarray:
    """Across the x axis, its near face at `x_m`."""
    return np.array([(x_m, -half_m), (x_m + thick_m, -half_m), (x_m + thick_m, half_m), (x_m, half_m)])


def pole(x_m: float, y_m: float, radius_m: float = 0.15) -> np.ndarray:
    angle = np.linspace(0.0, 2.0 * np.pi, 8, endpoint=False)
    return np.stack([x_m + radius_m * np.cos(angle), y_m + radius_m * np.sin(angle)], axis=1)
