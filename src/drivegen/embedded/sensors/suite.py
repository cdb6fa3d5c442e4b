"""All sensors of one tick, measured together so that they share what is expensive."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Mat4
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.raycast.scene import Hits, RayScene
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import CameraView, Output
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.camera import Camera, CameraKind
from drivegen.embedded.sensors.gnss import Gnss
from drivegen.embedded.sensors.imu import Imu
from drivegen.embedded.sensors.lidar import Lidar
from drivegen.embedded.sensors.measurements import Measurement
from drivegen.embedded.sensors.moment import BodyState, Moment
from drivegen.embedded.sensors.semantic_lidar import SemanticLidar
from drivegen.embedded.sensors.sweep import Sweep

Sensor = Camera | Lidar | SemanticLidar | Gnss | Imu
"""Each has `sensor_tick_s`: seconds between measurements, 0 for every tick; the caller tells who is due."""

SENSOR_TYPES = (
    *(f"sensor.camera.{kind}" for kind in CameraKind),
    "sensor.lidar.ray_cast",
    "sensor.lidar.ray_cast_semantic",
    "sensor.other.gnss",
    "sensor.other.imu",
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
    if kind == "ray_cast":
        return Lidar(reader, seed)
    if kind == "ray_cast_semantic":
        return SemanticLidar(reader)
    return Gnss(reader, seed) if kind == "gnss" else Imu(reader, seed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """One sensor that is due in this tick."""

    sensor: Sensor
    world_sensor: Mat4
    """Right-handed, x forward, y left, z up."""
    body: BodyState
    """Of the sensor's parent, or at rest."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Shot:
    """One view and the cameras that look through it."""

    view: CameraView
    wanted: set[Output]
    users: list[tuple[int, Camera]]


@dataclass(slots=True, kw_only=True, eq=False)
class _Cast:
    """One set of rays and the LiDARs that fire it."""

    sweep: Sweep
    world_sensor: Mat4
    users: list[tuple[int, Lidar | SemanticLidar, Bool[np.ndarray, "rays"] | None]]


class SensorSuite:
    """Measures sensors. Renderer and ray caster come into being when the first sensor needs them.

    Every call must come from one thread, because a renderer belongs to the thread that made it.
    """

    def __init__(self, make_renderer: Callable[[], Renderer], make_ray_scene: Callable[[], RayScene]) -> None:
        self._make_renderer = make_renderer
        self._make_ray_scene = make_ray_scene
        self._renderer: Renderer | None = None
        self._ray_scene: RayScene | None = None
        self._drawn_static: Drawables | None = None
        self._cast_static: Drawables | None = None
        self.rendering_cpu_s = 0.0
        """CPU time of all threads spent so far on drawing and on casting rays."""

    def measure(self, requests: Sequence[Request], moment: Moment) -> list[Measurement]:
        """The measurements in the order of the requests.

        Cameras of one pose, size and field of view share a view, LiDARs of one pose and sweep their rays.

        Raises:
            RenderError: A camera or a LiDAR is due and this machine cannot render or cast rays.
        """
        out: dict[int, Measurement] = {}
        shots: dict[tuple[object, ...], list[_Shot]] = {}
        casts: dict[tuple[object, ...], _Cast] = {}
        for index, request in enumerate(requests):
            sensor, world_sensor = request.sensor, request.world_sensor
            if isinstance(sensor, Camera):
                _join_shot(shots, index, sensor, world_sensor)
            elif isinstance(sensor, Gnss):
                out[index] = sensor.measure(world_sensor, moment.geo_reference)
            elif isinstance(sensor, Imu):
                out[index] = sensor.measure(world_sensor, request.body, moment.time_s, moment.gravity_mps2)
            else:
                sweep, fired = sensor.advance(moment.dt_s)
                key = (sweep, _pose_key(world_sensor))
                cast = casts.setdefault(key, _Cast(sweep=sweep, world_sensor=world_sensor, users=[]))
                cast.users.append((index, sensor, fired))
        start = time.process_time()
        if shots:
            self._draw([shot for group in shots.values() for shot in group], moment, out)
        if casts:
            self._cast(list(casts.values()), moment, out)
        self.rendering_cpu_s += time.process_time() - start
        return [out[index] for index in range(len(requests))]

    def close(self) -> None:
        """Frees what the renderer and the ray caster hold; the suite cannot be used afterwards."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
        if self._ray_scene is not None:
            self._ray_scene.close()
            self._ray_scene = None

    def _draw(self, shots: list[_Shot], moment: Moment, out: dict[int, Measurement]) -> None:
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
            buffers = self._renderer.render(views, moment.moving, moment.weather, wanted)
            for shot, buffer in zip(group, buffers, strict=True):
                for index, camera in shot.users:
                    out[index] = camera.image(buffer)

    def _cast(self, casts: list[_Cast], moment: Moment, out: dict[int, Measurement]) -> None:
        if self._ray_scene is None:
            self._ray_scene = self._make_ray_scene()
        if self._cast_static is not moment.static:
            self._ray_scene.set_static(moment.static)
            self._cast_static = moment.static
        self._ray_scene.update(moment.moving)
        for cast in casts:
            rays = _fired_by_any([fired for _, _, fired in cast.users], len(cast.sweep.directions))
            whole = len(rays) == len(cast.sweep.directions)
            hits = self._ray_scene.cast(
                cast.world_sensor[None, :3, 3],
                cast.sweep.directions if whole else cast.sweep.directions[rays],
                cast.sweep.pattern.range_m,
                cast.world_sensor[:3, :3],
            )
            for index, sensor, fired in cast.users:
                if fired is None or len(cast.users) == 1:
                    out[index] = sensor.scan(cast.sweep, rays, hits)
                else:
                    chosen = np.flatnonzero(fired[rays])
                    out[index] = sensor.scan(cast.sweep, rays[chosen], _pick(hits, chosen))


def _pose_key(world_sensor: Mat4) -> bytes:
    return np.ascontiguousarray(world_sensor, dtype=np.float64).tobytes()


def _join_shot(
    shots: dict[tuple[object, ...], list[_Shot]], index: int, camera: Camera, world_sensor: Mat4
) -> None:
    """Adds the camera to a shot of its pose and form; only RGB cameras mind the exposure."""
    key = (camera.width_px, camera.height_px, camera.fov_deg, _pose_key(world_sensor))
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


def _fired_by_any(fired: list[Bool[np.ndarray, "rays"] | None], count: int) -> np.ndarray:
    """Indices of the rays that at least one LiDAR fires, (m,) int64, ascending."""
    masks = [mask for mask in fired if mask is not None]
    if len(masks) < len(fired):
        return np.arange(count)
    return np.flatnonzero(np.logical_or.reduce(masks))


def _pick(hits: Hits, chosen: np.ndarray) -> Hits:
    return Hits(
        distance_m=hits.distance_m[chosen],
        object_id=hits.object_id[chosen],
        tag=hits.tag[chosen],
        material=hits.material[chosen],
        cos_incidence=hits.cos_incidence[chosen],
        normal=hits.normal[chosen],
    )
