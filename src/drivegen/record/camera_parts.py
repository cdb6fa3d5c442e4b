"""The CARLA sensors that make up a camera of a rig: colour, depth and instances, of each face of its lens.

Only attributes that CARLA 0.9.16 itself has are used; what it cannot do is done with the images afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivegen.core.geometry import Pose
from drivegen.core.photography import AutoExposure, Exposure
from drivegen.core.sensors import Camera
from drivegen.record.lens_faces import faces_of, is_plain

KINDS = ("rgb", "depth", "instance_segmentation")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraPart:
    """One CARLA sensor."""

    name: str
    """As `part_name` has it."""
    id: str
    attributes: Mapping[str, str]
    sensor_part: Pose | None
    """How it is turned in the camera's mount frame, if it is."""


def part_name(kind: str, face: str) -> str:
    """Name of a CARLA sensor within a camera: kind and face."""
    return f"{kind}/{face}" if face else kind


def camera_parts(camera: Camera) -> list[CameraPart]:
    """All of a camera, without their period. Raises PlanError when the lens needs too large images."""
    if is_plain(camera):
        size = _size(camera.width_px, camera.height_px, camera.fov_deg)
        return _parts("", size, None, exposure_attributes(camera.exposure))
    faces = faces_of(camera)
    colour = exposure_attributes(camera.exposure)
    if len(faces) > 1:
        # What spreads light over the image would end at the seams between faces.
        colour |= {"bloom_intensity": "0.0", "lens_flare_intensity": "0.0"}
    return [
        part
        for face in faces
        for part in _parts(
            face.name, _size(face.width_px, face.height_px, face.fov_deg), face.sensor_face, colour
        )
    ]


def exposure_attributes(exposure: Exposure) -> dict[str, str]:
    """Attributes of `sensor.camera.rgb`; those at CARLA's default are left out."""
    found: dict[str, str] = {}
    if exposure.compensation_ev:
        found["exposure_compensation"] = repr(exposure.compensation_ev)
    if isinstance(exposure, AutoExposure):
        return found
    return found | {
        "exposure_mode": "manual",
        "shutter_speed": repr(1.0 / exposure.shutter_s),
        "iso": repr(exposure.iso),
        "fstop": repr(exposure.f_number),
    }


def _size(width_px: int, height_px: int, fov_deg: float) -> dict[str, str]:
    return {"image_size_x": str(width_px), "image_size_y": str(height_px), "fov": repr(fov_deg)}


def _parts(
    face: str, size: Mapping[str, str], sensor_part: Pose | None, colour: Mapping[str, str]
) -> list[CameraPart]:
    # Blurred colour would not agree with the labels.
    own = {"rgb": {"motion_blur_intensity": "0.0", **colour}}
    return [
        CameraPart(
            name=part_name(kind, face),
            id=f"sensor.camera.{kind}",
            attributes={**size, **own.get(kind, {})},
            sensor_part=sensor_part,
        )
        for kind in KINDS
    ]
