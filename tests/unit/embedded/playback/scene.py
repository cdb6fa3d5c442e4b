"""A world that steps as a server's does, and what the tests read off it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.playback import Playback
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.world import World

TICK_S = 0.05
CAR = "vehicle.tesla.model3"
BIKE = "vehicle.bh.crossbike"
PERSON = "walker.pedestrian.0001"
CONE = "static.prop.trafficcone01"


@dataclass(kw_only=True, eq=False)
class Scene:
    world: World
    spawned: list[Actor] = field(default_factory=list)
    destroyed: list[Actor] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    playback: Playback = field(init=False)

    def step(self, ticks: int = 1, dt_s: float = TICK_S) -> None:
        for _ in range(ticks):
            self.playback.before_step(dt_s)
            self.world.step(dt_s)
            self.playback.after_step(dt_s)

    def spawn(self, type_id: str, spot: int, **values: str) -> Actor:
        """At a spawn point, a metre above the ground."""
        place = self.world.map.spawn_points[spot]
        return self.world.spawn(type_id, values, Pose.from_xyz_rpy(0.0, 0.0, 1.0) @ place)

    def drive(self, car: Actor, throttle: float = 0.7, steer: float = 0.1, brake: float = 0.0) -> None:
        one = np.ones(1)
        no = np.zeros(1, np.bool_)
        self.world.vehicles.set_control(
            np.array([car.id], np.uint32),
            VehicleControls(
                throttle=throttle * one,
                steer=steer * one,
                brake=brake * one,
                hand_brake=no,
                reverse=no,
                manual_gear=no,
                gear=np.ones(1, np.int32),
            ),
        )

    def places(self) -> dict[int, np.ndarray]:
        """x, y, z, roll, pitch, yaw as the snapshot of this tick tells them, of vehicles, walkers, others."""
        state = self.world.state
        found = {}
        for motion in (state.vehicles.motion, state.walkers.motion, state.others):
            for id_, at, turn in zip(motion.ids, motion.position_m, motion.rpy_rad, strict=True):
                found[int(id_)] = np.concatenate([at, turn])
        return found

    def of_kind(self, *kinds: ActorKind) -> list[int]:
        return [a.id for a in self.world.actors.of_kind(*kinds)]

    def lights(self) -> list[tuple[int, float, bool]]:
        lights = self.world.lights
        rows = zip(lights.state, lights.elapsed_s, lights.frozen, strict=True)
        return [(int(s), round(float(e), 4), bool(f)) for s, e, f in rows]


def traffic(scene: Scene) -> list[Actor]:
    """Two cars, a bicycle, a walker and a cone that all do something, already moving."""
    cars = [scene.spawn(CAR, 0, role_name="hero"), scene.spawn(CAR, 5), scene.spawn(BIKE, 9)]
    person = scene.spawn(PERSON, 13)
    cone = scene.spawn(CONE, 17)
    for i, car in enumerate(cars):
        scene.drive(car, throttle=0.4 + 0.1 * i, steer=0.05 * i)
    cars[0].light_flags = 0b100001
    scene.world.walkers.set_control(person.id, np.array([0.6, 0.8, 0.0]), 1.3)
    scene.step(20)
    return [*cars, person, cone]
