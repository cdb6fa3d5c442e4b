"""sensor.other.obstacle."""

from __future__ import annotations

from drivegen.embedded.sensors.attributes import Attributes


class ObstacleDetector:
    """Pushes a sphere forwards and tells what it touches first, as CARLA's AObstacleDetectionSensor does.

    What carries the sensor is left out. A sphere that touches something where it starts reports it at 0: one
    that is mounted lower than `hit_radius` above the road reports the road. `debug_linetrace` is accepted and
    has no effect, as in CARLA's shipped builds.
    """

    def __init__(self, attributes: Attributes) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        self.distance_m = attributes.number("distance", 5.0, 0.0, 1e6)
        self.radius_m = attributes.number("hit_radius", 0.5, 0.0, 1e3)
        self.only_dynamics = attributes.truth("only_dynamics", default=False)
        """Vehicles, walkers and props, and nothing that belongs to the map."""
        attributes.truth("debug_linetrace", default=False)
