"""Sensors that fire rays or push a sphere, measured together so that they share their rays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from drivegen.core.geometry import Mat4
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.raycast.scene import Hits, RayScene
from drivegen.embedded.raycast.sphere_sweep import SphereSweep
from drivegen.embedded.sensors.lidar import Lidar
from drivegen.embedded.sensors.measurements import Measurement, Met, ObstacleEvent
from drivegen.embedded.sensors.moment import Moment
from drivegen.embedded.sensors.obstacle import ObstacleDetector
from drivegen.embedded.sensors.radar import Radar
from drivegen.embedded.sensors.request import Request
from drivegen.embedded.sensors.semantic_lidar import SemanticLidar
from drivegen.embedded.sensors.sweep import Sweep

PAST_M = 1e-3
"""A ray that ignores what it has met goes on this far behind it."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Cast:
    """One set of rays and the LiDARs that fire it."""

    sweep: Sweep
    world_sensor: Mat4
    ignored: frozenset[int]
    users: list[tuple[int, Lidar | SemanticLidar, Bool[np.ndarray, "rays"] | None]]


class Caster:
    """Measures LiDARs, radars and obstacle detectors. What it needs comes into being when it is needed."""

    def __init__(self, make_ray_scene: Callable[[], RayScene]) -> None:
        self._make_ray_scene = make_ray_scene
        self._ray_scene: RayScene | None = None
        self._cast_static: Drawables | None = None
        self._sphere: SphereSweep | None = None

    def measure(
        self, requests: Sequence[tuple[int, Request]], moment: Moment
    ) -> dict[int, Measurement | ObstacleEvent]:
        """The measurements by the requests' numbers; none for an obstacle detector that meets nothing.

        LiDARs of one pose and sweep share their rays.

        Raises:
            RenderError: This machine cannot cast rays.
        """
        out: dict[int, Measurement | ObstacleEvent] = {}
        casts: dict[tuple[object, ...], _Cast] = {}
        radars: list[tuple[int, Request, Radar, Float32[np.ndarray, "n 3"]]] = []
        for index, request in requests:
            sensor = request.sensor
            if isinstance(sensor, (Lidar, SemanticLidar)):
                sweep, fired = sensor.advance(moment.dt_s)
                key = (sweep, pose_key(request.world_sensor), request.ignored)
                cast = casts.setdefault(
                    key,
                    _Cast(sweep=sweep, world_sensor=request.world_sensor, ignored=request.ignored, users=[]),
                )
                cast.users.append((index, sensor, fired))
            elif isinstance(sensor, Radar):
                radars.append((index, request, sensor, sensor.advance(moment.dt_s)))
            elif isinstance(sensor, ObstacleDetector):
                event = self._push(sensor, request, moment)
                if event is not None:
                    out[index] = event
        if casts or radars:
            scene = self.scene(moment)
            for cast in casts.values():
                _cast_lidars(scene, cast, out)
            for index, request, radar, rays in radars:
                place = request.world_sensor
                hits = cast_past(scene, place, rays, radar.reach_m, request.ignored)
                out[index] = radar.scan(rays, hits, place, request.body, moment.movers, moment.time_s)
        return out

    def scene(self, moment: Moment) -> RayScene:
        """The rays' scene, with everything where it is in this moment.

        Raises:
            RenderError: This machine cannot cast rays.
        """
        scene = self._opened()
        if self._cast_static is not moment.static:
            scene.set_static(moment.static)
            self._cast_static = moment.static
        scene.update(moment.moving)
        return scene

    def _opened(self) -> RayScene:
        if self._ray_scene is None:
            self._ray_scene = self._make_ray_scene()
        return self._ray_scene

    def close(self) -> None:
        """Frees the ray scene; the caster cannot be used afterwards."""
        if self._ray_scene is not None:
            self._ray_scene.close()
            self._ray_scene = None

    def _push(self, sensor: ObstacleDetector, request: Request, moment: Moment) -> ObstacleEvent | None:
        if self._sphere is None:
            self._sphere = SphereSweep(self._opened().library)
        hit = self._sphere.first(
            (moment.static, moment.moving),
            np.asarray(request.world_sensor[:3, 3], dtype=np.float64),
            np.asarray(request.world_sensor[:3, 0], dtype=np.float64),
            sensor.distance_m,
            sensor.radius_m,
            without=np.array(sorted({*request.carriers, *request.ignored}), np.uint32),
            only=moment.movers.ids if sensor.only_dynamics else None,
        )
        if hit is None:
            return None
        return ObstacleEvent(other=Met(object_id=hit.object_id, tag=hit.tag), distance_m=hit.distance_m)


def cast_past(
    scene: RayScene,
    world_sensor: Mat4,
    directions: Float32[np.ndarray, "n 3"],
    range_m: float,
    ignored: frozenset[int],
) -> Hits:
    """First hits of rays from one place that pass through some objects.

    Args:
        scene: What stands about.
        world_sensor: Where the rays start; its rotation turns the directions into the world.
        directions: Unit length, in the sensor's frame.
        range_m: Where the rays end.
        ignored: Object ids.
    """
    origin, turn = world_sensor[:3, 3], world_sensor[:3, :3]
    hits = scene.cast(origin[None], directions, range_m, turn)
    if not ignored:
        return hits
    unseen = np.array(sorted(ignored), np.uint32)
    todo = np.flatnonzero(np.isin(hits.object_id, unseen) & np.isfinite(hits.distance_m))
    while len(todo):
        gone = hits.distance_m[todo] + np.float32(PAST_M)
        starts = origin + gone[:, None] * (directions[todo] @ turn.T)
        behind = scene.cast(starts, directions[todo], range_m, turn)
        distance = behind.distance_m + gone
        reached = distance <= np.float32(range_m)
        hits.distance_m[todo] = np.where(reached, distance, np.float32(np.inf))
        for name in ("object_id", "tag", "material", "cos_incidence"):
            column = getattr(behind, name)
            getattr(hits, name)[todo] = np.where(reached, column, np.zeros_like(column))
        hits.normal[todo] = np.where(reached[:, None], behind.normal, np.float32(0.0))
        todo = todo[reached & np.isin(behind.object_id, unseen)]
    return hits


def pose_key(world_sensor: Mat4) -> bytes:
    """Equal for equal poses."""
    return np.ascontiguousarray(world_sensor, dtype=np.float64).tobytes()


def _cast_lidars(scene: RayScene, cast: _Cast, out: dict[int, Measurement | ObstacleEvent]) -> None:
    rays = _fired_by_any([fired for _, _, fired in cast.users], len(cast.sweep.directions))
    whole = len(rays) == len(cast.sweep.directions)
    hits = cast_past(
        scene,
        cast.world_sensor,
        cast.sweep.directions if whole else cast.sweep.directions[rays],
        cast.sweep.pattern.range_m,
        cast.ignored,
    )
    for index, sensor, fired in cast.users:
        if fired is None or len(cast.users) == 1:
            out[index] = sensor.scan(cast.sweep, rays, hits)
        else:
            chosen = np.flatnonzero(fired[rays])
            out[index] = sensor.scan(cast.sweep, rays[chosen], _pick(hits, chosen))


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
