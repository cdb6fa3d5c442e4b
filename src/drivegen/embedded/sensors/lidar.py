"""sensor.lidar.ray_cast."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from drivegen.embedded.raycast.scene import Hits
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.measurements import LidarScan
from drivegen.embedded.sensors.noise import noise_rng
from drivegen.embedded.sensors.sweep import ScanPattern, Spinner, Sweep


class Lidar:
    """A spinning LiDAR with CARLA's model of intensity, drop-off and noise.

    Intensity is exp(-atmosphere_attenuation_rate * distance). Rays are dropped before they are cast with
    probability dropoff_general_rate. A point whose intensity is not above dropoff_intensity_limit is dropped
    with a probability that rises linearly from 0 at the limit to dropoff_zero_intensity at intensity 0. Noise
    moves a point along its ray. The distributions are CARLA's (ARayCastLidar), the random numbers are not.
    """

    def __init__(self, attributes: Attributes, seed: int) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self._spinner = Spinner(ScanPattern.read(attributes))
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        self._attenuation_per_m = attributes.number("atmosphere_attenuation_rate", 0.004, 0.0)
        self._general_rate = attributes.number("dropoff_general_rate", 0.45, 0.0, 1.0)
        self._intensity_limit = attributes.number("dropoff_intensity_limit", 0.8, 0.0, 1.0)
        self._zero_intensity_rate = attributes.number("dropoff_zero_intensity", 0.4, 0.0, 1.0)
        self._noise_stddev_m = attributes.number("noise_stddev", 0.0, 0.0)
        self._rng = noise_rng(attributes, seed, "sensor.lidar.ray_cast")

    def advance(self, dt_s: float) -> tuple[Sweep, Bool[np.ndarray, "rays"] | None]:
        """The rays of this tick, and which of them are fired at all (None: every one)."""
        sweep = self._spinner.advance(dt_s)
        if self._general_rate == 0.0:
            return sweep, None
        draws = self._rng.random(sweep.columns * sweep.pattern.channels, dtype=np.float32)
        return sweep, draws >= np.float32(self._general_rate)

    def scan(self, sweep: Sweep, rays: np.ndarray, hits: Hits) -> LidarScan:
        """The points of this tick.

        Args:
            sweep: What `advance` gave.
            rays: Indices of the rays that were fired, (m,) int64, ascending.
            hits: Of these rays, m.
        """
        met = np.flatnonzero(np.isfinite(hits.distance_m))
        distance = hits.distance_m[met]
        intensity = np.exp(np.float32(-self._attenuation_per_m) * distance)
        weak = intensity <= np.float32(self._intensity_limit)
        if self._noise_stddev_m > 0.0:
            noise = self._rng.standard_normal(len(met), dtype=np.float32)
            distance = distance + np.float32(self._noise_stddev_m) * noise
        if self._zero_intensity_rate > 0.0 and weak.any():
            fade = 1.0 - intensity[weak] / np.float32(self._intensity_limit or 1.0)
            lost = (
                self._rng.random(len(fade), dtype=np.float32) < np.float32(self._zero_intensity_rate) * fade
            )
            kept = np.ones(len(met), bool)
            kept[weak] = ~lost
            met, distance, intensity = met[kept], distance[kept], intensity[kept]
        fired = rays[met]
        points = np.empty((len(met), 4), np.float32)
        np.multiply(sweep.directions[fired], distance[:, None], out=points[:, :3])
        points[:, 3] = intensity
        return LidarScan(
            horizontal_angle_rad=self._spinner.horizontal_angle_rad,
            channel_counts=count_channels(sweep, fired),
            points=points,
        )


def count_channels(sweep: Sweep, rays: np.ndarray) -> np.ndarray:
    """How many of the rays (ascending indices) belong to each channel, (channels,) uint32."""
    channels = sweep.pattern.channels
    edges = np.searchsorted(rays, np.arange(channels + 1) * sweep.columns)
    return np.diff(edges).astype(np.uint32)
