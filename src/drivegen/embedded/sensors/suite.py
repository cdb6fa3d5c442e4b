"""All sensors of one tick, measured together so that they share what is expensive."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Mat4
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import CameraView, Output
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.camera import Camera, CameraKind
from drivegen.embedded.sensors.casting import Caster, pose_key
from drivegen.embedded.sensors.collision import CollisionDetector
from drivegen.embedded.sensors.gnss import Gnss
from drivegen.embedded.sensors.imu import Imu
from drivegen.embedded.sensors.lidar import Lidar
from drivegen.embedded.sensors.measurements import Measurement, ObstacleEvent
from drivegen.embedded.sensors.moment import Moment
from drivegen.embedded.sensors.obstacle import ObstacleDetector
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
        return Camera(CameraKind(kind), reader)
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


@dataclass(slots=True, kw_only=True, eq=False)
class _Shot:
    """One view and the cameras that look through it."""

    view: CameraView
    wanted: set[Output]
    users: list[tuple[int, Camera]]


class SensorSuite:
    """Measures sensors. Renderer and ray caster come into being when the first sensor needs them.

    Every call must come from one thread, because a renderer belongs to the thread that made it.
    """

    def __init__(self, make_renderer: Callable[[], Renderer], make_ray_scene: Callable[[], RayScene]) -> None:
        self._make_renderer = make_renderer
        self._renderer: Renderer | None = None
        self._drawn_static: Drawables | None = None
        self.caster = Caster(make_ray_scene)
        """Measures what fires rays."""
        self.rendering_cpu_s = 0.0
        """CPU time of all threads spent so far on drawing and on casting rays."""

    def measure(
        self, requests: Sequence[Request], moment: Moment
    ) -> list[Measurement | ObstacleEvent | None]:
        """The measurements in the order of the requests; none for an obstacle detector that meets nothing.

        Cameras of one pose, size and field of view share a view, LiDARs of one pose and sweep their rays.

        Raises:
            RenderError: A camera or a LiDAR is due and this machine cannot render or cast rays.
        """
        out: dict[int, Measurement | ObstacleEvent] = {}
        shots: dict[tuple[object, ...], list[_Shot]] = {}
        casting: list[tuple[int, Request]] = []
        for index, request in enumerate(requests):
            sensor, world_sensor = request.sensor, request.world_sensor
            if isinstance(sensor, Camera):
                _join_shot(shots, index, sensor, world_sensor)
            elif isinstance(sensor, Gnss):
                out[index] = sensor.measure(world_sensor, moment.geo_reference)
            elif isinstance(sensor, Imu):
                out[index] = sensor.measure(world_sensor, request.body, moment.time_s, moment.gravity_mps2)
            else:
                casting.append((index, request))
        start = time.process_time()
        if shots:
            self._draw([shot for group in shots.values() for shot in group], moment, out)
        if casting:
            out.update(self.caster.measure(casting, moment))
        self.rendering_cpu_s += time.process_time() - start
        return [out.get(index) for index in range(len(requests))]

    def close(self) -> None:
        """Frees what the renderer and the ray caster hold; the suite cannot be used afterwards."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
        self.caster.close()

    def _draw(self, shots: list[_Shot], moment: Moment, out: dict[int, Measurement | ObstacleEvent]) -> None:
        if self._renderer is None:
            self._renderer = self._make_renderer()
        if self._drawn_static is not moment.static:
            self._renderer.set_static(moment.static)
            self._drawn_static = moment.static
        by_wanted: dict[frozenset[Output], list[_Shot]] = {}
        for shot in shots:
            by_wanted.setdefault(frozenset(shot.wanted), []).append(shot)
        for wanted, group in by_wanted.items():
            views = [shot.view for shot in group]
            buffers = self._renderer.render(views, moment.moving, moment.weather, wanted, moment.debug)
            for shot, buffer in zip(group, buffers, strict=True):
                for index, camera in shot.users:
                    out[index] = camera.image(buffer)


def _join_shot(
    shots: dict[tuple[object, ...], list[_Shot]], index: int, camera: Camera, world_sensor: Mat4
) -> None:
    """Adds the camera to a shot of its pose and form; only RGB cameras mind the exposure."""
    key = (camera.width_px, camera.height_px, camera.fov_deg, pose_key(world_sensor))
    group = shots.setdefault(key, [])
    rgb = camera.kind is CameraKind.RGB
    for shot in group:
        if not rgb:
            break
        if Output.COLOR not in shot.wanted:
            # Only labels so far: the view takes this camera's exposure.
            shot.view = camera.view(world_sensor)
            break
        if (shot.view.exposure_ev, shot.view.gamma) == (camera.exposure_ev, camera.gamma):
            break
    else:
        shot = _Shot(view=camera.view(world_sensor), wanted=set(), users=[])
        group.append(shot)
    shot.wanted.add(camera.output)
    shot.users.append((index, camera))
