"""The state of the world that sensors look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Vec3
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.sensors.geolocation import GeoReference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BodyState:
    """Motion of the actor that carries a sensor: world frame, right-handed, at the actor's origin."""

    position_m: Vec3
    velocity_mps: Vec3
    angular_velocity_radps: Vec3
    acceleration_mps2: Vec3
    """Coordinate acceleration: zero at rest (gravity is added by the IMU)."""

    @staticmethod
    def at_rest(position_m: Vec3) -> BodyState:
        """A body that does not move, for sensors without a parent."""
        return BodyState(
            position_m=np.asarray(position_m, dtype=np.float64),
            velocity_mps=np.zeros(3),
            angular_velocity_radps=np.zeros(3),
            acceleration_mps2=np.zeros(3),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """One tick of the world. Pass the same `static` object every tick: a new one is taken as a new map."""

    static: Drawables
    """What never moves, light bits aside: a signal whose lamp changes belongs to `moving`."""
    moving: Drawables
    weather: Weather
    time_s: float
    """Simulation time."""
    dt_s: float
    """Length of this tick; LiDARs sweep by it, also when their `sensor_tick` is longer, as CARLA's do."""
    geo_reference: GeoReference
    gravity_mps2: float = 9.81
    """CARLA's default (`get_imui_gravity`)."""
