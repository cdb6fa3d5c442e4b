"""What sensors look at, and the sensors' measurements of a tick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivegen.core.geometry import Mat4
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.renderer.context import Backend
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.sensors.camera import Camera
from drivegen.embedded.sensors.gnss import Gnss
from drivegen.embedded.sensors.imu import Imu
from drivegen.embedded.sensors.measurements import Measurement
from drivegen.embedded.sensors.moment import BodyState, Moment
from drivegen.embedded.sensors.suite import Request, SensorSuite
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorFrame:
    """One sensor's measurement."""

    actor_id: int
    type_id: str
    world_sensor: Mat4
    measurement: Measurement


class Stage:
    """Meshes, renderer and ray caster of the running episode; each comes into being when it is needed."""

    def __init__(self, backend: Backend, scenery_seed: int) -> None:
        self._backend: Backend = backend
        self._scenery_seed = scenery_seed
        self._episode_id = -1
        self._scenery: Scenery | None = None
        self._suite: SensorSuite | None = None
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
            self._scenery = Scenery(world, self._scenery_seed)
            self._episode_id = world.episode_id
        return self._scenery

    def prepare(self, world: World) -> bool:
        """Makes one piece of what a camera or a LiDAR will look at; false when there is nothing to make.

        For idle moments: a client's first tick with a camera would else take longer than it waits.
        """
        newest = (world.episode_id, world.actors.newest_id)
        if newest == self._prepared:
            return False
        sensors = world.actors.of_kind(ActorKind.SENSOR)
        if any(a.sensor is not None and not isinstance(a.sensor.sensor, (Gnss, Imu)) for a in sensors):
            scenery = self.scenery(world)
            if scenery.build() or scenery.bodies.make_next(world):
                return True
        self._prepared = newest
        return False

    def measure(self, world: World, has_readers: Callable[[int], bool]) -> list[SensorFrame]:
        """Measures the sensors that are due in this tick and that somebody reads. Call once a tick.

        Raises:
            RenderError: A camera or a LiDAR is due and this machine cannot render or cast rays.
        """
        due = [
            actor
            for actor in world.actors.of_kind(ActorKind.SENSOR)
            if actor.sensor is not None and actor.sensor.due(world.elapsed_s) and has_readers(actor.id)
        ]
        if world.settings.no_rendering:
            due = [a for a in due if not isinstance(a.sensor.sensor, Camera)]
        if not due:
            return []
        requests = [
            Request(
                sensor=actor.sensor.sensor,
                world_sensor=world.placement.world_actor(actor.id),
                body=_carrier(world, actor),
            )
            for actor in due
        ]
        looks = any(not isinstance(r.sensor, (Gnss, Imu)) for r in requests)
        measurements = self._suite_of(world).measure(requests, self._moment(world, looks=looks))
        return [
            SensorFrame(
                actor_id=actor.id,
                type_id=actor.type_id,
                world_sensor=request.world_sensor,
                measurement=measurement,
            )
            for actor, request, measurement in zip(due, requests, measurements, strict=True)
        ]

    def _suite_of(self, world: World) -> SensorSuite:
        scenery = self.scenery(world)
        if self._suite is None:
            self._suite = SensorSuite(
                lambda: Renderer(scenery.library, self._backend), lambda: RayScene(scenery.library)
            )
        return self._suite

    def _moment(self, world: World, *, looks: bool) -> Moment:
        scenery = self.scenery(world)
        return Moment(
            static=scenery.static if looks else Drawables.empty(),
            moving=scenery.bodies.drawables(world) if looks else Drawables.empty(),
            weather=world.weather,
            time_s=world.elapsed_s,
            dt_s=world.state.delta_s,
            geo_reference=world.map.geo_reference,
            gravity_mps2=world.gravity_mps2,
        )

    def close(self) -> None:
        """Frees the renderer and the ray caster."""
        if self._suite is not None:
            self._past_cpu_s += self._suite.rendering_cpu_s
            self._suite.close()
            self._suite = None
        self._scenery = None


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
