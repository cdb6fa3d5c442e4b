"""Where a sensor is, and how a camera draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CaptureReader
from drivegen.core.geometry import Mat3, Mat4, Pose
from drivegen.core.lenses import Lens
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """A sensor in one frame. The sensor's frame is x forward, y left, z up; of a camera it is the optical
    frame: x right, y down, z forward."""

    agent_sensor: Mat4
    """Agent from sensor."""
    map_sensor: Mat4
    """World from sensor, in this frame."""
    width_px: int = 0
    height_px: int = 0
    """Of cameras."""
    lens: Lens | None = None
    """Of cameras: `project` takes points of the optical frame to pixels, with distortion."""

    @property
    def intrinsic(self) -> Mat3:
        """K of a camera; the whole truth only of a pinhole. The centre of the first pixel is (0.5, 0.5).

        Raises ValueError for what is no camera.
        """
        if self.lens is None:
            raise ValueError("only cameras have an intrinsic matrix")
        return self.lens.intrinsic

    @property
    def sensor_map(self) -> Mat4:
        """Sensor from world."""
        return np.linalg.inv(self.map_sensor)


def calibration_of(
    reader: CaptureReader, agent: CapturedAgent, channel: str, *, believed: bool
) -> Calibration:
    """Of a sensor in a frame.

    Args:
        reader: Of the capture.
        agent: The sensor's, in that frame.
        channel: The sensor's.
        believed: As the agent's calibration and localisation have it, instead of the truth.

    Raises:
        CaptureError: There is no such sensor.
    """
    sensor = reader.sensor(agent.name, channel)
    map_agent = agent.map_agent
    mount = camera_optical(sensor) if isinstance(sensor, Camera) else sensor.agent_sensor
    if believed:
        map_agent = map_agent if agent.belief is None else agent.belief.map_agent
        mount = reader.believed_mount(agent.name, channel)
        if isinstance(sensor, Camera):
            turn = np.eye(4)
            turn[:3, :3] = OPTICAL_FROM_MOUNT.T
            mount = mount @ Pose.from_matrix(turn)
    camera = sensor if isinstance(sensor, Camera) else None
    return Calibration(
        agent_sensor=mount.matrix,
        map_sensor=(map_agent @ mount).matrix,
        width_px=camera.width_px if camera is not None else 0,
        height_px=camera.height_px if camera is not None else 0,
        lens=camera.optics if camera is not None else None,
    )
