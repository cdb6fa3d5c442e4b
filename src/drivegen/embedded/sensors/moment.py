"""The state of the world that sensors look at."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from jaxtyping import Float64, UInt32

from drivegen.core.geometry import Vec3
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.debug import DebugFigures
from drivegen.embedded.sensors.geolocation import GeoReference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BodyState:
    """Motion of the actor that carries a sensor: world frame, right-handed, at the actor's origin."""

    position_m: Vec3
    velocity_mps: Vec3
    angular_velocity_radps: Vec3
    acceleration_mps2: Vec3
    """Coordinate acceleration: zero at rest (gravity is added by the IMU)."""
    moves: bool = True
    """False for what dynamics does not move: it goes where it is put."""

    @staticmethod
    def at_rest(position_m: Vec3) -> BodyState:
        """A body that does not move, for sensors without a parent."""
        return BodyState(
            position_m=np.asarray(position_m, dtype=np.float64),
            velocity_mps=np.zeros(3),
            angular_velocity_radps=np.zeros(3),
            acceleration_mps2=np.zeros(3),
            moves=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movers:
    """Motion of the n actors that are not fixed to the map: world frame, at the actors' origins."""

    ids: UInt32[np.ndarray, "n"]
    position_m: Float64[np.ndarray, "n 3"]
    velocity_mps: Float64[np.ndarray, "n 3"]
    angular_velocity_radps: Float64[np.ndarray, "n 3"]

    @staticmethod
    def none() -> Movers:
        """Nobody."""
        zero = np.zeros((0, 3))
        return Movers(
            ids=np.zeros(0, np.uint32), position_m=zero, velocity_mps=zero, angular_velocity_radps=zero
        )

    def velocity_at(
        self, object_ids: UInt32[np.ndarray, "m"], points_m: Float64[np.ndarray, "m 3"]
    ) -> Float64[np.ndarray, "m 3"]:
        """Velocity of points of rigid bodies, v + omega x r; zero for ids that are not among these."""
        out = np.zeros((len(object_ids), 3))
        if not len(self.ids) or not len(object_ids):
            return out
        order = np.argsort(self.ids, kind="stable")
        place = np.minimum(np.searchsorted(self.ids[order], object_ids), len(order) - 1)
        row = order[place]
        known = self.ids[row] == object_ids
        row = row[known]
        arm = points_m[known] - self.position_m[row]
        out[known] = self.velocity_mps[row] + np.cross(self.angular_velocity_radps[row], arm)
        return out


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
    clock_s: float = 0.0
    """Simulation time since clients tick: rain follows it."""
    gravity_mps2: float = 9.81
    """CARLA's default (`get_imui_gravity`)."""
    debug: DebugFigures | None = None
    """What clients have drawn for RGB cameras to show."""
    movers: Movers = field(default_factory=Movers.none)
    """For radars, and for obstacle detectors that mind only what can move."""

    def without(self, ids: frozenset[int]) -> Moment:
        """The moment as it looks without some actors; itself for none."""
        if not ids:
            return self
        shown = ~np.isin(self.moving.object_id, np.array(sorted(ids), np.uint32))
        moving = Drawables(**{f.name: getattr(self.moving, f.name)[shown] for f in fields(Drawables)})
        return replace(self, moving=moving)
