"""osi3.GroundTruth of a frame (ASAM OSI 3, https://github.com/OpenSimulationInterface).

The world frame is the capture's: right-handed, x east, y north, z up, metres, radians. Boxes are told by
their centres.
Numbers of traffic lights, lanes, boundaries and of the host vehicle are above all track ids.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from osi3.osi_common_pb2 import Identifier
from osi3.osi_groundtruth_pb2 import GroundTruth
from osi3.osi_object_pb2 import MovingObject
from osi3.osi_trafficlight_pb2 import TrafficLight
from osi3.osi_version_pb2 import DESCRIPTOR, current_interface_version

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedAgent, CapturedFrame
from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.geometry import Pose, Vec3, rpy_from_rotation
from drivegen.core.labels import ObjectLabel
from drivegen.opendrive.signals import SignalHead
from drivegen_exporters.classes import vocabulary
from drivegen_exporters.osi.lanes import RoadLanes

CHINA = 156
"""ISO 3166-1, numeric."""
HOST_ID = 1 << 32
"""Of the host vehicle where the capture does not tell its actor's."""
FIRST_LIGHT_ID = 1 << 33
HOST_SIZE_M = (4.9, 2.1, 1.5)
"""Of the host vehicle where the capture does not tell its body: a saloon's."""

_NS = 1_000_000_000
_BULB_M = 0.3
_COLORS = ("red", "yellow", "green")
_COLOR = {
    "red": TrafficLight.Classification.COLOR_RED,
    "yellow": TrafficLight.Classification.COLOR_YELLOW,
    "green": TrafficLight.Classification.COLOR_GREEN,
}
_ROLE = {
    ObjectClass.POLICE: MovingObject.VehicleClassification.ROLE_POLICE,
    ObjectClass.BUS: MovingObject.VehicleClassification.ROLE_PUBLIC_TRANSPORT,
    ObjectClass.CONSTRUCTION: MovingObject.VehicleClassification.ROLE_ROAD_CONSTRUCTION,
}
_WORDS = vocabulary("osi")


def interface_version() -> tuple[int, int, int]:
    """Of the installed osi3."""
    version = DESCRIPTOR.GetOptions().Extensions[current_interface_version]
    return version.version_major, version.version_minor, version.version_patch


def ground_truth(
    frame: CapturedFrame,
    heads: tuple[SignalHead, ...],
    projection: str,
    road: str,
    lanes: RoadLanes | None = None,
    host_model: str = "",
) -> Any:
    """The message of a frame.

    Args:
        frame: Of the capture.
        heads: Traffic lights of the road.
        projection: PROJ string of the map; empty if there is none.
        road: Name of the OpenDRIVE file.
        lanes: Lanes that are told; none if no lanes shall be.
        host_model: Blueprint of the host vehicle, for captures that do not tell its body.
    """
    message = GroundTruth(country_code=CHINA, proj_string=projection, map_reference=road)
    set_head(message, frame.time_ns)
    host = frame.agents[EGO]
    message.host_vehicle_id.CopyFrom(host_id(host))
    _add_host(message, host, host_model)
    for label in frame.objects:
        _add_object(message, label)
    for head in heads:
        held = () if lanes is None else lanes.held_by(head)
        _add_light(message, head, frame.signals.get(head.signal_id, "off"), held)
    if lanes is not None:
        lanes.add(message, host.map_agent.position_m)
        _assign_lanes(message, lanes)
    return message


def set_head(message: Any, time_ns: int) -> None:
    """Version and time of a message."""
    version = message.version
    version.version_major, version.version_minor, version.version_patch = interface_version()
    message.timestamp.seconds, message.timestamp.nanos = divmod(time_ns, _NS)


def host_id(host: CapturedAgent) -> Any:
    """Identifier of the host vehicle."""
    return Identifier(value=HOST_ID if host.track_id is None else host.track_id)


def _assign_lanes(message: Any, lanes: RoadLanes) -> None:
    """By the middle of each object's underside."""
    for item in message.moving_object:
        at, half_m = item.base.position, item.base.dimension.height / 2
        for number in lanes.under(np.array([at.x, at.y, at.z - half_m])):
            item.moving_object_classification.assigned_lane_id.add(value=number)


def _add_host(message: Any, host: CapturedAgent, model: str) -> None:
    if host.body is not None:
        _add_object(message, host.body)
        return
    item = message.moving_object.add(type=MovingObject.TYPE_VEHICLE)
    item.id.CopyFrom(host_id(host))
    item.model_reference = model
    length, width, height = HOST_SIZE_M
    _set_size(item.base.dimension, length, width, height)
    centre = host.map_agent @ Pose.from_xyz_rpy(0.0, 0.0, height / 2)
    _set_pose(item.base, centre)
    _set_vector(item.base.velocity, host.velocity_mps)
    _set_vector(item.base.acceleration, host.acceleration_mps2)
    item.base.orientation_rate.yaw = float(host.angular_velocity_radps[2])
    item.vehicle_classification.type = MovingObject.VehicleClassification.TYPE_CAR
    item.vehicle_classification.role = MovingObject.VehicleClassification.ROLE_CIVIL


def _add_object(message: Any, label: ObjectLabel) -> None:
    found = _WORDS.category(label)
    assert found is not None, "OSI has a type for each class"
    item = message.moving_object.add(type=int(found.values["moving"]))
    item.id.value = label.track_id
    _set_size(item.base.dimension, *(float(v) for v in label.box.size_m))
    _set_pose(item.base, label.box.pose)
    _set_vector(item.base.velocity, label.velocity_mps)
    _set_vector(item.base.acceleration, label.acceleration_mps2)
    item.base.orientation_rate.yaw = label.yaw_rate_radps
    item.model_reference = label.blueprint
    if item.type == MovingObject.TYPE_VEHICLE:
        item.vehicle_classification.type = found.id
        item.vehicle_classification.role = _role_of(label)
    elif label.object_class not in PEOPLE:  # pragma: no cover
        raise AssertionError("only people are pedestrians")


def _role_of(label: ObjectLabel) -> int:
    kinds = MovingObject.VehicleClassification
    if label.object_class is ObjectClass.EMERGENCY:
        return kinds.ROLE_AMBULANCE if "ambulance" in label.blueprint else kinds.ROLE_FIRE
    return int(_ROLE.get(label.object_class, kinds.ROLE_CIVIL))


def _add_light(message: Any, head: SignalHead, state: str, lanes: tuple[int, ...]) -> None:
    """A light is three objects, a bulb each; OSI wants it so."""
    kinds = TrafficLight.Classification
    for place, color in enumerate(_COLORS):
        item = message.traffic_light.add()
        item.id.value = FIRST_LIGHT_ID + head.index * len(_COLORS) + place
        _set_size(item.base.dimension, _BULB_M, _BULB_M, _BULB_M)
        _set_pose(item.base, head.pose @ Pose.from_xyz_rpy(0.0, 0.0, _BULB_M * (1 - place)))
        item.classification.color = _COLOR[color]
        item.classification.icon = kinds.ICON_NONE
        item.classification.mode = kinds.MODE_CONSTANT if state == color else kinds.MODE_OFF
        for number in lanes:
            item.classification.assigned_lane_id.add(value=number)


def _set_pose(base: Any, pose: Pose) -> None:
    _set_vector(base.position, pose.position_m)
    set_angles(base.orientation, pose)


def set_angles(orientation: Any, pose: Pose) -> None:
    """OSI's roll, pitch and yaw are ISO 8855's."""
    orientation.roll, orientation.pitch, orientation.yaw = rpy_from_rotation(pose.rotation)


def _set_vector(target: Any, values: Vec3) -> None:
    target.x, target.y, target.z = (float(v) for v in values)


def _set_size(target: Any, length: float, width: float, height: float) -> None:
    target.length, target.width, target.height = length, width, height
