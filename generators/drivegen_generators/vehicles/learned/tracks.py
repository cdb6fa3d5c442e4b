"""Rolled futures as tracks of plans."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from drivegen.core.tracks import Track
from drivegen_generators.vehicles.learned.pieces import Pieces
from drivegen_generators.vehicles.learned.scenes import STEP_S

GONE_M = 15.0
"""Who is farther than this from every lane and pavement has left the map."""


def track_of(
    pose_m: Float[np.ndarray, "t 3"], z_m: Float[np.ndarray, "t"], pieces: Pieces, *, keep: bool = False
) -> Track:
    """From time 0 on, to the millimetre; it ends where the map does unless it is to be kept."""
    apart, _ = pieces.tree.query(pose_m[:, :2])
    gone = np.flatnonzero(apart > GONE_M)
    rows = len(pose_m) if keep or not len(gone) else max(2, int(gone[0]))
    xyz = np.round(np.concatenate([pose_m[:rows, :2], z_m[:rows, None]], axis=1), 3)
    yaw = np.round(np.unwrap(pose_m[:rows, 2]), 4)
    return Track.through(np.arange(rows) * STEP_S, xyz, yaw)
