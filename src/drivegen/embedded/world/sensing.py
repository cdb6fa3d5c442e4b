"""Sensors of the world: which are due, and what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivegen.core.rng import derive_seed
from drivegen.embedded.sensors.request import Sensor
from drivegen.embedded.sensors.suite import SENSOR_TYPES, make_sensor

_SLACK_S = 1e-6
"""Steps are whole nanoseconds, periods are texts: a due time may lie this far behind a step."""


@dataclass(slots=True, kw_only=True, eq=False)
class SensorState:
    """A sensor and its clock."""

    sensor: Sensor
    period_s: float
    """0 for every tick."""
    born_s: float | None = None
    """Time of the first tick after the spawn: the sensor's phase."""
    taken: int = 0
    """Measurements that have been due since."""
    ignored: frozenset[int] = field(default_factory=frozenset)
    """Ids of vehicles that the sensor does not see (`Sensor.set_ignored_vehicles`)."""

    def due(self, elapsed_s: float) -> bool:
        """Whether the sensor measures in the tick at `elapsed_s`; call once a tick.

        First in the first tick after the spawn, then once in every period counted from there: so the
        number of measurements is exact, also when the period is no multiple of the tick.
        """
        if self.born_s is None:
            self.born_s = elapsed_s
        if self.period_s <= 0.0:
            return True
        periods = int((elapsed_s - self.born_s + _SLACK_S) / self.period_s)
        if periods < self.taken:
            return False
        self.taken = periods + 1
        return True


def make_sensor_state(type_id: str, values: Mapping[str, str], seed: int, ordinal: int) -> SensorState | None:
    """The sensor of a blueprint with its values; none for those that the client works out by itself.

    Args:
        type_id: The blueprint's id.
        values: All its values.
        seed: The server's.
        ordinal: Place of the spawn within its episode: the same episode played again draws the same noise.

    Raises:
        ConfigError: A value is out of range.
    """
    if type_id not in SENSOR_TYPES:
        return None
    sensor = make_sensor(type_id, values, derive_seed(seed, "sensor", ordinal))
    return SensorState(sensor=sensor, period_s=sensor.sensor_tick_s)
