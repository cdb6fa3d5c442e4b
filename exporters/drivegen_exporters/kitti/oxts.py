"""KITTI's navigation rows: where the vehicle is and how it moves, 30 numbers a frame, without noise."""

from __future__ import annotations

import numpy as np

from drivegen.capture.reader import CapturedAgent
from drivegen.core.geometry import rpy_from_rotation
from drivegen_exporters.geodesy import GeoOrigin

GRAVITY_MPS2 = 9.81
_QUALITY = (0.01, 0.01, 4, 10, 4, 4, 0)
"""Accuracies, state, satellites and modes of a receiver with a fixed solution; a capture has none."""


def oxts_row(agent: CapturedAgent, origin: GeoOrigin) -> str:
    """The row of a frame: the agent's frame (x forward, y left, z up); east is 0, left turns are positive."""
    pose = agent.map_agent
    latitude, longitude = origin.locate(float(pose.position_m[0]), float(pose.position_m[1]))
    own = pose.rotation.T
    velocity, turn = agent.velocity_mps, own @ agent.angular_velocity_radps
    force = own @ (agent.acceleration_mps2 + np.array([0.0, 0.0, GRAVITY_MPS2]))
    ahead = own @ velocity
    numbers = (
        latitude,
        longitude,
        pose.position_m[2],
        *rpy_from_rotation(pose.rotation),
        velocity[1],
        velocity[0],
        *ahead,
        *force,
        *force,
        *turn,
        *turn,
    )
    return " ".join([*(f"{v:.12g}" for v in numbers), *(f"{v:g}" for v in _QUALITY)])
