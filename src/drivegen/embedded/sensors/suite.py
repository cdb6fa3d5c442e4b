"""All sensors of one tick, measured together so that they share what is expensive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drivegen.core.geometry import Mat4
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.sensors.measurements import Measurement
from drivegen.embedded.sensors.moment import BodyState, Moment

Sensor = Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """One sensor that is due in this tick."""

    sensor: Sensor
    world_sensor: Mat4
    """Right-handed, x forward, y left, z up."""
    body: BodyState
    """Of the sensor's parent, or at rest."""


def make_sensor(type_id: str, attributes: Mapping[str, str], seed: int) -> Sensor:
    """A sensor of the blueprint `type_id`, for example sensor.camera.rgb.

    Args:
        type_id: The blueprint's id.
        attributes: All values of the spawn call by name, as strings; CARLA's default stands in for an absent one.
        seed: Of the episode and the actor; with `noise_seed` it determines every random draw.

    Raises:
        ConfigError: The type is not one of ours, or an attribute's value is not one that it can take.
    """
    raise NotImplementedError


class SensorSuite:
    """Measures sensors. Renderer and ray caster come into being when the first sensor needs them."""

    def __init__(self, make_renderer: Callable[[], Any], make_ray_scene: Callable[[], RayScene]) -> None:
        raise NotImplementedError

    def measure(self, requests: Sequence[Request], moment: Moment) -> list[Measurement]:
        """The measurements in the order of the requests.

        Raises:
            RenderError: A camera or a LiDAR is due and this machine cannot render or cast rays.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Frees what the renderer and the ray caster hold; the suite cannot be used afterwards."""
        raise NotImplementedError
