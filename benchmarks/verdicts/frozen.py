"""A rendered picture as back ends of looks see the images of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import SimpleNamespace
from typing import Any, cast

import carla
import numpy as np

from benchmarks.verdicts.street import Cast, Picture, Street, View
from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.frame import EGO
from drivegen.core.geometry import Box, Pose
from drivegen.core.handedness import pose_from_carla
from drivegen.core.labels import ObjectLabel
from drivegen.core.looks import Style
from drivegen.core.sensors import Camera
from drivegen.core.weather import Weather
from drivegen.record.truth import classify
from drivegen.runtime import plugins


class _Image(ClipImage):
    """Has what `ClipImage` reads from a capture."""

    def __init__(self, picture: Picture, view: View, labels: tuple[ObjectLabel, ...]) -> None:
        at, ground_z_m = view.at, view.ground_z_m
        pitch_rad = -float(np.radians(at.rotation.pitch))
        self.camera = Camera(
            name="CAM",
            agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, at.location.z - ground_z_m, 0.0, pitch_rad),
            width_px=view.width_px,
            height_px=view.height_px,
            fov_deg=view.fov_deg,
            period_s=0.1,
        )
        self.agent, self.frame, self.time_ns, self.keyframe = EGO, 0, 0, True
        ground = pose_from_carla(at.location.x, at.location.y, ground_z_m, 0.0, at.rotation.yaw, 0.0)
        self._agent = cast(Any, SimpleNamespace(map_agent=ground, velocity_mps=np.zeros(3)))
        self.__dict__.update(
            bgr=picture.bgr,
            depth_m=picture.depth_m,
            tag=picture.tag,
            instance=picture.instance,
            objects=labels,
        )


class _Clip:
    """One image, and the weather that it was drawn in."""

    frame_count = 1

    def __init__(self, image: _Image, weather: carla.WeatherParameters) -> None:
        self._image = image
        named = zip(fields(Weather), _WEATHER, strict=True)
        parameters = Weather(**{own.name: float(getattr(weather, name)) for own, name in named})
        self.plan = SimpleNamespace(weather=SimpleNamespace(parameters=parameters), vehicles=())

    def images(self) -> Iterator[ClipImage]:
        yield self._image

    def first(self) -> list[ClipImage]:
        return [self._image]


_WEATHER = (
    "cloudiness", "precipitation", "precipitation_deposits", "wind_intensity", "sun_azimuth_angle",
    "sun_altitude_angle", "fog_density", "fog_distance", "fog_falloff", "wetness", "scattering_intensity",
    "mie_scattering_scale", "rayleigh_scattering_scale", "dust_storm",
)  # fmt: skip
"""Both have them in the order of the wire."""


def _labels(place: Street, standing: Cast) -> Iterator[ObjectLabel]:
    """The cast, as a capture has it; of what lamps need."""
    for number, at in standing.places.items():
        actor = place.actors[number]
        box, still = actor.bounding_box, np.zeros(3)
        middle = at.transform(carla.Location(box.location.x, box.location.y, box.location.z))
        turn = at.rotation
        yield ObjectLabel(
            track_id=number,
            object_class=classify(actor.type_id, actor.attributes),
            blueprint=actor.type_id,
            rider=False,
            box=Box(
                pose=pose_from_carla(middle.x, middle.y, middle.z, turn.pitch, turn.yaw, turn.roll),
                size_m=2.0 * np.array([box.extent.x, box.extent.y, box.extent.z]),
            ),
            velocity_mps=still,
            acceleration_mps2=still,
            yaw_rate_radps=0.0,
        )


def in_look(
    place: Street,
    picture: Picture,
    view: View,
    standing: Cast,
    style: Style,
    seed: int,
    params: Mapping[str, Any] | None = None,
) -> np.ndarray:
    """The picture in another style, by the back end `procedural`."""
    maker: Any = plugins.make("generators.appearance", "procedural", dict(params or {}), "look")
    image = _Image(picture, view, tuple(_labels(place, standing)))
    clip = cast(Clip, _Clip(image, place.world.get_weather()))
    ((_, bgr),) = maker.images(clip, style, seed)
    return np.asarray(bgr)
