"""osi3.SensorView of a frame: the ground truth, and where the ego's sensors sit and look.

Images and sweeps are not in it.
"""

from __future__ import annotations

import math
from typing import Any

from osi3.osi_sensorview_pb2 import SensorView

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.geometry import Pose
from drivegen.core.lenses import horizontal_field_deg
from drivegen.core.sensors import Camera, Lidar
from drivegen_exporters.osi.ground_truth import host_id, set_angles, set_head

FIRST_SENSOR_ID = 1


def sensor_view(capture: CaptureReader, frame: CapturedFrame, truth: Any) -> Any:
    """The message of a frame, from its ground truth. Only sensors that delivered are in it."""
    message = SensorView()
    set_head(message, frame.time_ns)
    host = frame.agents[EGO]
    message.host_vehicle_id.CopyFrom(host_id(host))
    message.global_ground_truth.CopyFrom(truth)
    message.sensor_id.value = FIRST_SENSOR_ID
    set_angles(message.mounting_position.orientation, Pose.identity())
    for number, sensor in enumerate(capture.rigs[EGO].sensors):
        if sensor.name not in host.delivered:
            continue
        if isinstance(sensor, Camera):
            view = message.camera_sensor_view.add().view_configuration
            field_deg = horizontal_field_deg(sensor.optics, sensor.width_px)
            view.field_of_view_horizontal = math.radians(field_deg)
            view.number_of_pixels_horizontal = sensor.width_px
            view.number_of_pixels_vertical = sensor.height_px
        elif isinstance(sensor, Lidar):
            view = message.lidar_sensor_view.add().view_configuration
            view.field_of_view_horizontal = math.radians(sensor.horizontal_fov_deg)
            view.field_of_view_vertical = math.radians(sensor.upper_fov_deg - sensor.lower_fov_deg)
            view.number_of_rays_horizontal = sensor.columns
            view.number_of_rays_vertical = sensor.channels
        else:
            continue
        view.sensor_id.value = FIRST_SENSOR_ID + 1 + number
        mount, at = view.mounting_position, sensor.agent_sensor.position_m
        mount.position.x, mount.position.y, mount.position.z = (float(v) for v in at)
        set_angles(mount.orientation, sensor.agent_sensor)
    return message
