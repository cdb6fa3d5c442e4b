"""What sensors look at, and the sensors' measurements of a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Mat4, Vec3
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.raycast.segment import SegmentCaster, SegmentHits
from drivegen.embedded.renderer.context import Backend
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.sensors.camera import Camera
from drivegen.embedded.sensors.collision import CollisionDetector
from drivegen.embedded.sensors.measurements import Event, Measurement
from drivegen.embedded.sensors.moment import BodyState, Moment, Movers
from drivegen.embedded.sensors.request import Request
from drivegen.embedded.sensors.suite import SensorSuite
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.tiled_scenery import BLIND, make_scenery
from drivegen.embedded.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorFrame:
    """One sensor's measurement, or one event that it tells."""

    actor_id: int
    type_id: str
    world_sensor: Mat4
    measurement: Measurement | Event


class Stage:
    """Meshes, renderer and ray caster of the running episode; each comes into being when it is needed."""

    def __init__(self, backend: Backend, scenery_seed: int, gpu: int | None = None) -> None:
        self._backend: Backend = backend
        self._gpu = gpu
        self._scenery_seed = scenery_seed
        self._episode_id = -1
        self._scenery: Scenery | None = None
        self._suite: SensorSuite | None = None
        self._segments: SegmentCaster | None = None
        self._moving: Drawables | None = None
        """Of the rays since anything may have changed."""
        self._past_cpu_s = 0.0
        self._prepared = (-1, -1)

    @property
    def rendering_cpu_s(self) -> float:
        """CPU time of all threads spent on drawing and on casting rays, all episodes together."""
        return self._past_cpu_s + (self._suite.rendering_cpu_s if self._suite is not None else 0.0)

    def scenery(self, world: World) -> Scenery:
        """Of the world's episode."""
        if self._scenery is None or self._episode_id != world.episode_id:
            self.close()
            self._scenery = make_scenery(world, self._scenery_seed)
            self._episode_id = world.episode_id
        return self._scenery

    def prepare(self, world: World) -> bool:
        """Makes one piece of what a camera or a LiDAR will look at; false when there is nothing to make.

        For idle moments: a client's first tick with a camera would else take longer than it waits. After an
        error there is nothing more to make; the measurement that needs it tells its client.
        """
        if self._is_prepared(world):
            return False
        newest, self._prepared = self._prepared, (world.episode_id, world.actors.newest_id)
        scenery = self.scenery(world)
        if scenery.build_next() or scenery.bodies.make_next(world):
            self._prepared = newest
            return True
        return False

    def _is_prepared(self, world: World) -> bool:
        if self._prepared == (world.episode_id, world.actors.newest_id):
            return True
        sensors = world.actors.of_kind(ActorKind.SENSOR)
        return all(a.sensor is None or isinstance(a.sensor.sensor, BLIND) for a in sensors)

    def measure(self, world: World, has_readers: Callable[[int], bool]) -> list[SensorFrame]:
        """Measures the sensors that are due in this tick and that somebody reads. Call once a tick.

        Raises:
            RenderError: A camera or a LiDAR is due and this machine cannot render or cast rays.
        """
        self.changed()
        due = [
            actor
            for actor in world.actors.of_kind(ActorKind.SENSOR)
            if actor.sensor is not None and actor.sensor.due(world.elapsed_s) and has_readers(actor.id)
        ]
        if world.settings.no_rendering:
            due = [a for a in due if not isinstance(a.sensor.sensor, Camera)]
        if not world.settings.synchronous and not self._is_prepared(world):
            # Nobody waits for this very frame, but other calls would wait for all that it needs.
            due = [a for a in due if isinstance(a.sensor.sensor, BLIND)]
        if not due:
            return []
        requests = [
            Request(
                sensor=actor.sensor.sensor,
                world_sensor=world.placement.world_actor(actor.id),
                body=_carrier(world, actor),
                carriers=_carriers(world, actor),
                ignored=actor.sensor.ignored,
            )
            for actor in due
        ]
        return [
            SensorFrame(
                actor_id=actor.id,
                type_id=actor.type_id,
                world_sensor=request.world_sensor,
                measurement=measurement,
            )
            for actor, request, measured in zip(due, requests, self._measured(world, requests), strict=True)
            for measurement in measured
        ]

    def _measured(self, world: World, requests: list[Request]) -> list[list[Measurement | Event]]:
        """What each sensor tells: a measurement, or its events."""
        out: list[list[Measurement | Event]] = [[] for _ in requests]
        others = []
        for index, request in enumerate(requests):
            if isinstance(request.sensor, CollisionDetector):
                out[index] += _collisions(world, request.sensor, request.carriers)
            else:
                others.append(index)
        if others:
            asked = [requests[index] for index in others]
            looks = any(not isinstance(r.sensor, BLIND) for r in asked)
            measurements = self._suite_of(world).measure(asked, self._moment(world, looks=looks))
            for index, measurement in zip(others, measurements, strict=True):
                if measurement is not None:
                    out[index].append(measurement)
        return out

    def _suite_of(self, world: World) -> SensorSuite:
        scenery = self.scenery(world)
        if self._suite is None:
            self._suite = SensorSuite(
                lambda: Renderer(scenery.library, self._backend, self._gpu), lambda: RayScene(scenery.library)
            )
        return self._suite

    def _moment(self, world: World, *, looks: bool) -> Moment:
        scenery = self.scenery(world)
        return Moment(
            static=scenery.static if looks else Drawables.empty(),
            moving=scenery.moving() if looks else Drawables.empty(),
            weather=world.weather,
            time_s=world.elapsed_s,
            clock_s=world.clock_s,
            dt_s=world.state.delta_s,
            geo_reference=world.map.geo_reference,
            gravity_mps2=world.gravity_mps2,
            movers=_movers(world) if looks else Movers.none(),
            debug=world.debug.figures(world.frame, round(world.elapsed_s * 1e9)) if looks else None,
        )

    def meet(self, world: World, start_m: Vec3, end_m: Vec3) -> SegmentHits:
        """Everything between two points of the world, actors too, nearest first.

        What moves is taken up anew after `measure` and `changed`.
        """
        scenery = self.scenery(world)
        if self._segments is None:
            self._segments = SegmentCaster(scenery.library)
        if self._moving is None:
            self._moving = scenery.moving()
        return self._segments.cast(scenery.along(start_m, end_m), self._moving, start_m, end_m)

    def changed(self) -> None:
        """Something of the world may not be as it was."""
        self._moving = None

    def close(self) -> None:
        """Frees the renderer and the ray caster."""
        self._segments = None
        self.changed()
        if self._suite is not None:
            self._past_cpu_s += self._suite.rendering_cpu_s
            self._suite.close()
            self._suite = None
        self._scenery = None


def _carriers(world: World, sensor: Actor) -> tuple[int, ...]:
    """What a sensor hangs on, the nearest first."""
    out = []
    actor = sensor
    while actor.parent_id:
        out.append(actor.parent_id)
        actor = world.actors.find(actor.parent_id)
    return tuple(out)


def _collisions(world: World, sensor: CollisionDetector, carriers: tuple[int, ...]) -> Sequence[Event]:
    met = world.state.contacts
    body_id = carriers[0] if carriers else 0
    return sensor.events(body_id, met.first_id, met.second_id, met.second_tag, met.impulse_ns)


def _movers(world: World) -> Movers:
    """Motion of everything that is not fixed to the map."""
    parts = (world.state.vehicles.motion, world.state.walkers.motion, world.state.others)
    return Movers(
        ids=np.concatenate([p.ids for p in parts]),
        position_m=np.concatenate([p.position_m for p in parts]),
        velocity_mps=np.concatenate([p.velocity_mps for p in parts]),
        angular_velocity_radps=np.concatenate([p.angular_velocity_radps for p in parts]),
    )


def _carrier(world: World, sensor: Actor) -> BodyState:
    """Motion of what carries a sensor: the vehicle or walker that it hangs on, however deep."""
    actor = sensor
    while actor.parent_id:
        actor = world.actors.find(actor.parent_id)
    for states in (world.state.vehicles.motion, world.state.walkers.motion):
        rows = (states.ids == actor.id).nonzero()[0]
        if len(rows):
            row = int(rows[0])
            return BodyState(
                position_m=states.position_m[row],
                velocity_mps=states.velocity_mps[row],
                angular_velocity_radps=states.angular_velocity_radps[row],
                acceleration_mps2=states.acceleration_mps2[row],
            )
    return BodyState.at_rest(world.placement.world_actor(actor.id)[:3, 3])
