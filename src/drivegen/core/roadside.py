"""Roadside poles of the demonstration zone: one pole for lamp, cameras, LiDARs, radars and radio.

The prop `static.prop.drivegen.roadside_pole` is built from this table, and roadside agents mount their
sensors by it, so that a sensor sits where its device is seen. Sizes and equipment are drivegen's own, after
the zone's published principle of many poles and sensors in one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from drivegen.core.geometry import Pose
from drivegen.core.rng import derive_rng

ROADSIDE_POLE = "static.prop.drivegen.roadside_pole"
"""The blueprint; its attribute `variant` chooses the pole."""
CAMERA_X_M = 0.58
"""From the pole's middle to the mount of a camera, along x either way."""
SHADE_M = (0.01, 0.084)
"""How far the front edge of a camera's shade lies before and above its mount."""
CABINET_M = (0.50, 0.72, 1.35)
"""Size of the cabinet at the foot."""
CABINET_Y_M = 0.85
"""Its middle, from the pole, away from the arm."""
LENS_GAP_M = 0.02
"""A mount lies so far before the glass of its device, so that a sensor does not see its own housing."""
ANTENNA_M = 0.65
"""Length of the rods above the pole's top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadsidePole:
    """One variant. The frame is the prop's: origin on the ground under the middle of its box, z up.

    The arm reaches towards -y, over the road. x is where the first camera looks: to meet the traffic that
    comes towards the pole on the side of the arm.
    """

    variant: int
    height_m: float
    """Of the pole without its antennas."""
    arm_m: float
    arm_z_m: float
    size_m: tuple[float, float, float]
    """Full length, width, height of the box."""
    foot_y_m: float
    """Where the pole stands; its x is 0."""
    mounts: Mapping[str, Pose]
    """By name, prop from device, x along its view: `camera_0` looks along x, `camera_1` back, `fisheye_0`
    down; `lidar_0` along x, and where there are two `lidar_1` back; `radar_0`, `radar_1` likewise; `rsu` is
    the radio. `signal_0` at the arm's end and `sign_0` on the pole are free places for a head and a plate."""

    @property
    def sensors(self) -> tuple[str, ...]:
        """Names of the mounts that have a device."""
        return tuple(name for name in self.mounts if not name.startswith("sign"))


@lru_cache(maxsize=1024)
def roadside_pole(variant: int) -> RoadsidePole:
    """The pole of a variant; the same in every process."""
    rng = derive_rng("roadside pole", variant)
    height = round(float(rng.uniform(6.4, 8.2)), 2)
    arm = round(float(rng.uniform(2.4, 5.6)), 2)
    arm_z = round(height - float(rng.uniform(0.55, 0.95)), 2)
    lidars, radars = 1 + int(rng.integers(2)), 1 + int(rng.integers(2))
    tilt = {name: math.radians(float(rng.uniform(*span))) for name, span in _TILT_DEG.items()}
    far, near = -arm - 0.18, CABINET_Y_M + CABINET_M[1] / 2
    shift = -(far + near) / 2

    def at(x: float, y: float, z: float, tilt_rad: float, yaw_rad: float) -> Pose:
        return Pose.from_xyz_rpy(x, shift + y, z, pitch_rad=tilt_rad, yaw_rad=yaw_rad)

    reach, glass = CAMERA_X_M, 0.24 + LENS_GAP_M
    half = reach + SHADE_M[0] * math.cos(tilt["camera"]) + SHADE_M[1] * math.sin(tilt["camera"])
    mounts = {
        "camera_0": at(reach, -0.42 * arm, arm_z + 0.20, tilt["camera"], 0.0),
        "camera_1": at(-reach, -0.42 * arm, arm_z + 0.20, tilt["camera"], math.pi),
        "fisheye_0": at(0.0, -0.86 * arm, arm_z - 0.24, math.pi / 2, 0.0),
        "lidar_0": at(glass, -0.64 * arm, arm_z + 0.24, tilt["lidar"], 0.0),
        "radar_0": at(0.16 + LENS_GAP_M, -0.22 * arm, arm_z + 0.20, tilt["radar"], 0.0),
        "rsu": at(0.0, 0.0, height + 0.30, 0.0, 0.0),
        "signal_0": at(0.20, -arm, arm_z - 0.1, 0.0, 0.0),
        "sign_0": at(0.16, 0.0, 3.0, 0.0, 0.0),
    }
    if lidars > 1:
        mounts["lidar_1"] = at(-glass, -0.64 * arm, arm_z + 0.24, tilt["lidar"], math.pi)
    if radars > 1:
        mounts["radar_1"] = at(-0.16 - LENS_GAP_M, -0.22 * arm, arm_z + 0.20, tilt["radar"], math.pi)
    return RoadsidePole(
        variant=variant,
        height_m=height,
        arm_m=arm,
        arm_z_m=arm_z,
        size_m=(round(2 * half + 0.006, 3), round(near - far, 3), round(height + ANTENNA_M, 3)),
        foot_y_m=shift,
        mounts=MappingProxyType(dict(sorted(mounts.items()))),
    )


_TILT_DEG = {"camera": (8.0, 16.0), "lidar": (6.0, 14.0), "radar": (4.0, 8.0)}
"""How far the devices look down."""


def mounts(variant: int) -> Mapping[str, Pose]:
    """The mounts of a variant by name, see `RoadsidePole.mounts`."""
    return roadside_pole(variant).mounts
