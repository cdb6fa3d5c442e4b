"""Riders on paper: a kinematic bicycle for each, and things that stand or move beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from drivegen.core.plans import Drive, PlacedPose, VehiclePlan
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.rider_path import RiderPath
from drivegen.record.riders import Frame, RiderDriver
from drivegen.record.signals import LightState, SignalView

TICK_S = 0.05
FRAME = Frame(wheelbase_m=1.2, max_steer_rad=1.0)
HALF_M = (0.9, 0.35, 0.8)


def plan(**changes) -> VehiclePlan:
    values = {
        "blueprint": "vehicle.drivegen.ebike",
        "color_rgb": (0, 0, 0),
        "start": PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0),
        "speed_difference_percent": 50.0,
        "following_distance_m": 1.0,
        "lane_changes": False,
        "drive": Drive.RIDER,
    }
    return VehiclePlan(**{**values, **changes})


@dataclass
class Body:
    """Something on the ground; of a rider its state."""

    x: float
    y: float
    yaw: float = 0.0
    speed: float = 0.0
    half: tuple[float, float, float] = HALF_M
    person: bool = False


@dataclass
class Street:
    """Riders by actor id, with others that go on as they do."""

    bodies: dict[int, Body] = field(default_factory=dict)
    driver: RiderDriver = field(default_factory=lambda: RiderDriver(5, TICK_S))
    states: dict[str, str] = field(default_factory=dict)
    history: dict[int, list[tuple[float, float, float]]] = field(default_factory=dict)

    def ride(self, actor: int, path: RiderPath, **changes) -> None:
        x, y = path.xy_m[0]
        dx, dy = path.tangent[0]
        self.bodies[actor] = Body(float(x), float(y), math.atan2(dy, dx))
        self.driver.add(actor, plan(**changes), path, FRAME)

    def seen(self) -> GroundPlan:
        bodies = self.bodies.values()
        axis = np.array([(math.cos(b.yaw), math.sin(b.yaw)) for b in bodies])
        return GroundPlan(
            ids=np.array(list(self.bodies), np.int64),
            xyz_m=np.array([(b.x, b.y, 0.8) for b in bodies]),
            axis=axis,
            half_m=np.array([b.half for b in bodies]),
            velocity_mps=axis * np.array([[b.speed] for b in bodies]),
            person=np.array([b.person for b in bodies]),
        )

    def signals(self) -> SignalView:
        lights = {
            name: LightState(state=state, elapsed_s=1.0, green_s=20.0, yellow_s=3.0, red_s=2.0)
            for name, state in self.states.items()
        }
        return SignalView(lights=lights)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            controls = self.driver.controls(self.seen(), self.signals())
            for actor, body in self.bodies.items():
                control = controls.get(actor)
                if control is not None:
                    gain = 3.0 * control.throttle - 6.0 * control.brake - 0.02 * body.speed
                    body.speed = max(0.0, body.speed + gain * TICK_S)
                    steer = -control.steer * FRAME.max_steer_rad
                    body.yaw += body.speed * math.tan(steer) / FRAME.wheelbase_m * TICK_S
                body.x += body.speed * math.cos(body.yaw) * TICK_S
                body.y += body.speed * math.sin(body.yaw) * TICK_S
                self.history.setdefault(actor, []).append((body.x, body.y, body.speed))

    def trace(self, actor: int) -> np.ndarray:
        """(x, y, speed) by tick."""
        return np.array(self.history[actor])
