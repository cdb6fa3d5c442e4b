"""sensor.lidar.ray_cast_semantic."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.raycast.scene import Hits
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.lidar import count_channels
from drivegen.embedded.sensors.measurements import SemanticScan
from drivegen.embedded.sensors.sweep import ScanPattern, Spinner, Sweep


class SemanticLidar:
    """A spinning LiDAR that tells what it hit: every ray is fired, nothing is dropped, nothing is noisy."""

    def __init__(self, attributes: Attributes) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self._spinner = Spinner(ScanPattern.read(attributes))
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)

    def advance(self, dt_s: float) -> tuple[Sweep, None]:
        """The rays of this tick; all of them are fired."""
        return self._spinner.advance(dt_s), None

    def scan(self, sweep: Sweep, rays: np.ndarray, hits: Hits) -> SemanticScan:
        """The points of this tick.

        Args:
            sweep: What `advance` gave.
            rays: Indices of the rays that were fired, (m,) int64, ascending.
            hits: Of these rays, m.
        """
        met = np.flatnonzero(np.isfinite(hits.distance_m))
        fired = rays[met]
        return SemanticScan(
            horizontal_angle_rad=self._spinner.horizontal_angle_rad,
            channel_counts=count_channels(sweep, fired),
            points_m=sweep.directions[fired] * hits.distance_m[met, None],
            cos_incidence=hits.cos_incidence[met],
            object_id=hits.object_id[met],
            tag=hits.tag[met].astype(np.uint32),
        )
