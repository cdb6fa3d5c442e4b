"""Which agents of a scene take part, under which ids, and which of their sensors.

Ids. The loaders take the folder whose name comes first as text for the ego and folders with negative names
for roadside units, of which they put one behind all others. So the ego's id is 1,000,000 + its actor id,
those of all other objects 2,000,000 + theirs: as texts and as numbers the ego comes first. One roadside unit
is -1. A second negative folder would become the ego, so further units get 3,000,001 and up: folders of their
own, loaded as vehicles are, behind them.

LiDAR. An agent has one cloud: of LIDAR_TOP, else of the first LiDAR of its rig. The form cannot do without.
Loaders cut the returns of the vehicle's own body and far ones off by the cloud's axes, and take boxes for
upright in them, so a cloud's frame is the LiDAR's place with the agent's axes (x ahead), however the LiDAR is
turned on it; and a roadside unit's is nearer to the ground (`unit_lidar_height_m`).

Cameras. camera0 looks ahead, camera1 to the right rear, camera2 to the left rear, camera3 back. Each place
gets the camera that looks nearest to its way, so that all turns together are the least; with fewer than four
cameras places stay empty, with more the others are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.agents import label_key
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.lenses import Lens
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen_exporters.rectify import Rectification, rectification_of

REFERENCE_LIDAR = "LIDAR_TOP"
CAMERA_YAWS_DEG = (0.0, -100.0, 100.0, 180.0)
"""Of camera0 to camera3, counter-clockwise."""
_EGO_BASE, _OBJECT_BASE, _UNIT_BASE = 1_000_000, 2_000_000, 3_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """A camera at its place."""

    place: int
    camera: Camera
    rectified: Rectification | None

    @property
    def lens(self) -> Lens:
        """Of the images that are written."""
        return self.camera.optics if self.rectified is None else self.rectified.pinhole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """An agent that takes part."""

    name: str
    folder: int
    """Its id."""
    roadside: bool
    lidar: Lidar
    agent_cloud: Pose
    """Agent from the frame that clouds are written in."""
    views: tuple[View, ...]

    @property
    def points_key(self) -> str:
        """Of its LiDAR in `ObjectLabel.lidar_points`."""
        return label_key(self.name, self.lidar.name)


def members_of(
    reader: CaptureReader, *, images: bool, negative_ids: int, unit_height_m: float, rectified_fov_deg: float
) -> tuple[list[Member], list[str]]:
    """The agents that take part, the ego first, and the names of those that have no LiDAR.

    Args:
        reader: The capture.
        images: Whether cameras are wanted.
        negative_ids: How many roadside units get negative ids.
        unit_height_m: Height above the ground of roadside units' clouds' frames; 0 is the LiDAR's own.
        rectified_fov_deg: Widest field of images that are made pinholes.

    Raises:
        ExportError: The ego has no LiDAR, or an id does not fit.
    """
    units = [unit.name for unit in reader.plan.roadside]
    carriers = reader.frame(0).agents
    found: list[Member] = []
    without: list[str] = []
    for name in sorted(reader.rigs, key=lambda n: (n != EGO, n in units)):
        rig = reader.rigs[name]
        lidar = _lidar_of(rig)
        if lidar is None:
            without.append(name)
            continue
        if name in units:
            number = sum(m.roadside for m in found) + 1
            folder = -number if number <= negative_ids else _UNIT_BASE + number
        else:
            folder = object_id(carriers[name].track_id or 0, ego=name == EGO)
        found.append(
            Member(
                name=name,
                folder=folder,
                roadside=name in units,
                lidar=lidar,
                agent_cloud=_aligned(lidar, unit_height_m if name in units else 0.0),
                views=_views(rig, rectified_fov_deg) if images else (),
            )
        )
    if not found or found[0].name != EGO:
        raise ExportError(f"{reader.path}: OPV2V wants a LiDAR in the rig of the ego, which has none")
    return found, without


def object_id(track_id: int, *, ego: bool = False) -> int:
    """An object's id in the data set. Raises ExportError for an actor id that has more than six digits."""
    if track_id >= _EGO_BASE:
        raise ExportError(
            f"opv2v: actor id {track_id} has more than six digits, for which the ids of this form have no"
            " room; record on a server that was started anew"
        )
    return track_id + (_EGO_BASE if ego else _OBJECT_BASE)


def _lidar_of(rig: Rig) -> Lidar | None:
    by_name = {lidar.name: lidar for lidar in rig.lidars}
    return by_name.get(REFERENCE_LIDAR) or next(iter(rig.lidars), None)


def _aligned(lidar: Lidar, height_m: float) -> Pose:
    """At the LiDAR's place, or below or above it where a height is given, with the agent's axes."""
    x, y, z = (float(v) for v in lidar.agent_sensor.position_m)
    return Pose.from_xyz_rpy(x, y, height_m or z)


def _views(rig: Rig, rectified_fov_deg: float) -> tuple[View, ...]:
    if not rig.cameras:
        return ()
    yaws = np.array([camera.agent_sensor.yaw_rad for camera in rig.cameras])
    turns = yaws[:, None] - np.radians(CAMERA_YAWS_DEG)
    cameras, places = linear_sum_assignment(((turns + math.pi) % math.tau - math.pi) ** 2)
    chosen = sorted(zip(places.tolist(), cameras.tolist(), strict=True))
    return tuple(
        View(
            place=place,
            camera=rig.cameras[row],
            rectified=rectification_of(rig.cameras[row], rectified_fov_deg),
        )
        for place, row in chosen
    )
