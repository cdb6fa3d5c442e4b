"""Which cameras share their maps of shadows and lamps, and where those lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.renderer.views import CameraView

GROUP_M = 25.0
"""Cameras within this distance of one another share their shadow maps and their map of lamps."""
AHEAD_M = 26.0
"""The maps' middle lies so far ahead of a camera, or between the cameras that look around."""


def groups_of(views: Sequence[CameraView]) -> list[list[int]]:
    """Indices of views that stand together, in the order of their first member."""
    groups: list[list[int]] = []
    for index, view in enumerate(views):
        for group in groups:
            away = view.world_camera[:3, 3] - views[group[0]].world_camera[:3, 3]
            if float(np.linalg.norm(away)) <= GROUP_M:
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def focus_of(view: CameraView) -> Float64[np.ndarray, "3"]:
    """The place around which the maps of a view lie: ahead of the camera, at its height."""
    ahead = np.array([*view.world_camera[:2, 0], 0.0])
    return np.asarray(view.world_camera[:3, 3] + ahead * AHEAD_M, dtype=np.float64)
