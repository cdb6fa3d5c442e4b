"""All sensors of one tick, measured together so that they share what is expensive."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from drivegen.core.errors import ConfigError
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.camera import Camera, CameraKind
from drivegen.embedded.sensors.casting import Caster
from drivegen.embedded.sensors.collision import CollisionDetector
from drivegen.embedded.sensors.gnss import Gnss
from drivegen.embedded.sensors.imu import Imu
from drivegen.embedded.sensors.lidar import Lidar
from drivegen.embedded.sensors.measurements import Measurement, ObstacleEvent
from drivegen.embedded.sensors.moment import Moment
from drivegen.embedded.sensors.obstacle import ObstacleDetector
from drivegen.embedded.sensors.photographer import Photographer
from drivegen.embedded.sensors.radar import Radar
from drivegen.embedded.sensors.request import Request, Sensor
from drivegen.embedded.sensors.semantic_lidar import SemanticLidar

SENSOR_TYPES = (
    *(f"sensor.camera.{kind}" for kind in CameraKind),
    "sensor.lidar.ray_cast",
    "sensor.lidar.ray_cast_semantic",
    "sensor.other.collision",
    "sensor.other.gnss",
    "sensor.other.imu",
    "sensor.other.obstacle",
    "sensor.other.radar",
)
"""What `make_sensor` can make."""


def make_sensor(type_id: str, attributes: Mapping[str, str], seed: int) -> Sensor:
    """A sensor of the blueprint `type_id`, for example sensor.camera.rgb.

    Args:
        type_id: The blueprint's id.
        attributes: The values of the spawn call by name, as strings; an absent one has CARLA's default.
        seed: Of the episode and the actor; with `noise_seed` it determines every random draw.

    Raises:
        ConfigError: The type is not one of `SENSOR_TYPES`, or an attribute cannot have its value.
    """
    reader = Attributes(type_id, attributes)
    if type_id not in SENSOR_TYPES:
        raise ConfigError(f"no sensor of type {type_id} here; there are {', '.join(SENSOR_TYPES)}")
    family, kind = type_id.removeprefix("sensor.").split(".")
    if family == "camera":
        return Camera(CameraKind(kind), reader, seed)
    return _MAKERS[kind](reader, seed)


_MAKERS: dict[str, Callable[[Attributes, int], Sensor]] = {
    "ray_cast": Lidar,
    "ray_cast_semantic": lambda reader, _: SemanticLidar(reader),
    "collision": lambda _, __: CollisionDetector(),
    "gnss": Gnss,
    "imu": Imu,
    "obstacle": lambda reader, _: ObstacleDetector(reader),
    "radar": Radar,
}


class SensorSuite:
    """Measures sensors. Renderer and ray caster come into being when the first sensor needs them.

    Every call must come from one thread, because a renderer belongs to the thread that made it.
    """

    def __init__(self, make_renderer: Callable[[], Renderer], make_ray_scene: Callable[[], RayScene]) -> None:
        self._photographer = Photographer(make_renderer)
        self.caster = Caster(make_ray_scene)
        """Measures what fires rays."""
        self.rendering_cpu_s = 0.0
        """CPU time of all threads spent so far on drawing and on casting rays."""

    def measure(
        self, requests: Sequence[Request], moment: Moment
    ) -> list[Measurement | ObstacleEvent | None]:
        """The measurements in the order of the requests; none where there is nothing to tell: of an obstacle
        detector that meets nothing, of an event camera that sees no change.

        Cameras of one pose, size and field of view share a view, LiDARs of one pose and sweep their rays.

        Raises:
            RenderError: A camera or a LiDAR is due and this machine cannot render or cast rays.
        """
        out: dict[int, Measurement | ObstacleEvent] = {}
        looking: list[tuple[int, Request]] = []
        casting: list[tuple[int, Request]] = []
        for index, request in enumerate(requests):
            sensor, world_sensor = request.sensor, request.world_sensor
            if isinstance(sensor, Camera):
                looking.append((index, request))
            elif isinstance(sensor, Gnss):
                out[index] = sensor.measure(world_sensor, moment.geo_reference)
            elif isinstance(sensor, Imu):
                out[index] = sensor.measure(world_sensor, request.body, moment.time_s, moment.gravity_mps2)
            else:
                casting.append((index, request))
        start = time.process_time()
        if looking:
            out.update(self._photographer.measure(looking, moment))
        if casting:
            out.update(self.caster.measure(casting, moment))
        self.rendering_cpu_s += time.process_time() - start
        return [out.get(index) for index in range(len(requests))]

    def close(self) -> None:
        """Frees what the renderer and the ray caster hold; the suite cannot be used afterwards."""
        self._photographer.close()
        self.caster.close()
