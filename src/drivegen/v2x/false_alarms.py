"""Detections of nothing: they come, stay for a few frames, and go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose, Vec3
from drivegen.core.sensors import Camera, Lidar
from drivegen.v2x.draws import Draws

LIFE_S = 0.3
"""Mean time that a false alarm stays; a choice."""
_SLOT_NS = 50_000_000
_LONGEST_S = 8.0 * LIFE_S
_NEAREST_M = 4.0
_FARTHEST_M = 70.0
_KINDS: tuple[tuple[float, ObjectClass, Vec3], ...] = (
    (0.40, ObjectClass.PEDESTRIAN, np.array([0.6, 0.6, 1.7])),
    (0.75, ObjectClass.CAR, np.array([4.4, 1.8, 1.55])),
    (0.90, ObjectClass.BICYCLE, np.array([1.7, 0.6, 1.6])),
    (1.00, ObjectClass.TRUCK, np.array([7.5, 2.4, 2.9])),
)
"""Cumulated share, class and size."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FalseAlarm:
    """One that stands in the world where the agent first believed it."""

    key: tuple[int, int]
    """Its slot and number there."""
    object_class: ObjectClass
    foot_m: Vec3
    yaw_rad: float
    size_m: Vec3
    score: float


class FalseAlarms:
    """Those of one agent.

    Births are a Poisson process on a grid of time, so that they do not depend on when frames are taken; with
    lives of `LIFE_S` at the mean, a frame holds the expected number (Little 1961: L = lambda W).
    """

    def __init__(
        self, draws: Draws, expected: float, sensors: tuple[Camera | Lidar, ...], first_ns: int
    ) -> None:
        self._draws = draws
        self._rate = expected * _SLOT_NS * 1e-9 / LIFE_S if sensors else 0.0
        self._sensors = sensors
        # Some are alive already when the scene begins.
        self._slot = (first_ns - round(_LONGEST_S * 1e9)) // _SLOT_NS
        self._alive: list[tuple[int, FalseAlarm]] = []

    def at(self, time_ns: int, map_agent: Pose) -> list[FalseAlarm]:
        """Those that are there at a time; `map_agent` is where the agent believes it is."""
        while self._rate > 0.0 and self._slot * _SLOT_NS <= time_ns:
            self._alive += self._born(self._slot, map_agent)
            self._slot += 1
        self._alive = [(end, alarm) for end, alarm in self._alive if end > time_ns]
        return [alarm for end, alarm in self._alive if alarm.key[0] * _SLOT_NS <= time_ns]

    def _born(self, slot: int, map_agent: Pose) -> list[tuple[int, FalseAlarm]]:
        count = _poisson(self._rate, self._draws.uniform(slot, -1))
        out = []
        for k in range(count):
            u = self._draws.uniforms(slot, k, np.arange(8))
            life_s = -LIFE_S * math.log(float(u[0]))
            end = slot * _SLOT_NS + round(1e9 * min(life_s, _LONGEST_S))
            out.append((end, self._alarm((slot, k), u, map_agent)))
        return out

    def _alarm(self, key: tuple[int, int], u: np.ndarray, map_agent: Pose) -> FalseAlarm:
        sensor = self._sensors[min(int(u[1] * len(self._sensors)), len(self._sensors) - 1)]
        field = math.radians(sensor.fov_deg if isinstance(sensor, Camera) else sensor.horizontal_fov_deg)
        bearing = map_agent.yaw_rad + sensor.agent_sensor.yaw_rad + (float(u[2]) - 0.5) * field
        # As many in each square metre.
        low, high = _NEAREST_M**2, _FARTHEST_M**2
        range_m = math.sqrt(low + float(u[3]) * (high - low))
        _, kind, size = next(row for row in _KINDS if u[4] <= row[0])
        reach = range_m * np.array([math.cos(bearing), math.sin(bearing), 0.0])
        return FalseAlarm(
            key=key,
            object_class=kind,
            foot_m=map_agent.position_m + reach,
            yaw_rad=(2.0 * float(u[5]) - 1.0) * math.pi,
            size_m=size * (0.85 + 0.3 * float(u[6])),
            score=0.15 + 0.35 * float(u[7]),
        )


def _poisson(mean: float, uniform: float) -> int:
    """By inversion (Devroye 1986, X.3.3)."""
    count, term = 0, math.exp(-mean)
    total = term
    while uniform > total and count < 1000:
        count += 1
        term *= mean / count
        total += term
    return count
