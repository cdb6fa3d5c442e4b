"""How many returns lie in a box, for formats that count them so: whosever they are."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Box


class Returns:
    """Returns of one moment, in order of x, so that a box looks at few of them.

    Args:
        points_m: In the frame in which boxes are asked about.
    """

    def __init__(self, points_m: Float64[np.ndarray, "n 3"]) -> None:
        self._points_m = points_m[np.argsort(points_m[:, 0], kind="stable")]

    def inside(self, box: Box) -> int:
        """The number of returns in a box, its faces included."""
        reach = float(np.linalg.norm(box.size_m)) / 2.0
        x = float(box.pose.position_m[0])
        first, last = np.searchsorted(self._points_m[:, 0], (x - reach, x + reach))
        return int(box.contains(self._points_m[first:last]).sum())
