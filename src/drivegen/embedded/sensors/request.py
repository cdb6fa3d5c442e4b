"""What is asked of a sensor in a tick."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.geometry import Mat4
from drivegen.embedded.sensors.camera import Camera
from drivegen.embedded.sensors.collision import CollisionDetector
from drivegen.embedded.sensors.gnss import Gnss
from drivegen.embedded.sensors.imu import Imu
from drivegen.embedded.sensors.lidar import Lidar
from drivegen.embedded.sensors.moment import BodyState
from drivegen.embedded.sensors.obstacle import ObstacleDetector
from drivegen.embedded.sensors.radar import Radar
from drivegen.embedded.sensors.semantic_lidar import SemanticLidar

Sensor = Camera | Lidar | SemanticLidar | Radar | ObstacleDetector | Gnss | Imu | CollisionDetector
"""Each has `sensor_tick_s`: seconds between measurements, 0 for every tick; the caller tells who is due."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """One sensor that is due in this tick."""

    sensor: Sensor
    world_sensor: Mat4
    """Right-handed, x forward, y left, z up."""
    body: BodyState
    """Of what carries the sensor, or at rest."""
    carriers: tuple[int, ...] = ()
    """Ids of the actors that the sensor hangs on, the nearest first."""
    ignored: frozenset[int] = frozenset()
    """Ids of vehicles that the sensor does not see."""
