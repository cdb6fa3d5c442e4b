"""Calibration errors: mounts as an agent has them in its files."""

from __future__ import annotations

import numpy as np

from drivegen.core.geometry import Pose, quaternion_from_rotation, rotation_from_rpy
from drivegen.core.sensors import Rig
from drivegen.v2x.draws import Draws, name_key


def believed_mounts(
    seed: int, agent: str, rig: Rig, position_sigma_m: float, rotation_sigma_rad: float
) -> dict[str, Pose]:
    """Agent from sensor by channel, each off by a draw of its own: normal along each axis, and about it.

    Nothing where both deviations are 0. A channel's draw is the same whatever else the rig has.
    """
    if position_sigma_m == 0.0 and rotation_sigma_rad == 0.0:
        return {}
    draws = Draws(seed, "calibration", agent)
    out: dict[str, Pose] = {}
    for sensor in rig.sensors:
        normal = draws.normals(name_key(sensor.name), np.arange(6))
        turn = rotation_from_rpy(*(float(v) for v in rotation_sigma_rad * normal[3:]))
        true = sensor.agent_sensor
        out[sensor.name] = Pose(
            position_m=true.position_m + position_sigma_m * normal[:3],
            orientation_wxyz=quaternion_from_rotation(turn @ true.rotation),
        )
    return out
