"""Where the rays of a spinning LiDAR point in one tick, as CARLA's ray_cast LiDARs fire them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float32

from drivegen.embedded.sensors.attributes import Attributes

MAX_CHANNELS = 1024
MAX_POINTS_PER_SECOND = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPattern:
    """The geometry of a LiDAR: its channels are spread evenly from the upper to the lower angle."""

    channels: int
    range_m: float
    points_per_second: int
    rotation_hz: float
    upper_deg: float
    lower_deg: float
    horizontal_deg: float

    @staticmethod
    def read(attributes: Attributes) -> ScanPattern:
        """From the attributes that both ray-cast LiDARs share; the defaults are CARLA's.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        pattern = ScanPattern(
            channels=attributes.integer("channels", 32, 1, MAX_CHANNELS),
            range_m=attributes.number("range", 10.0, 0.0, 1e6),
            points_per_second=attributes.integer("points_per_second", 56000, 0, MAX_POINTS_PER_SECOND),
            rotation_hz=attributes.number("rotation_frequency", 10.0, 0.0, 1e4),
            upper_deg=attributes.number("upper_fov", 10.0, -90.0, 90.0),
            lower_deg=attributes.number("lower_fov", -30.0, -90.0, 90.0),
            horizontal_deg=attributes.number("horizontal_fov", 360.0, 0.0, 360.0),
        )
        if pattern.horizontal_deg == 0.0:
            raise attributes.refuse("horizontal_fov", "is 0, expected more than 0 and up to 360")
        return pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The rays of one tick: columns in firing order, the same for every channel. Equal sweeps hash alike."""

    pattern: ScanPattern
    start_deg: float
    """From the edge of the horizontal field of view, clockwise."""
    step_deg: float
    columns: int

    @property
    def directions(self) -> Float32[np.ndarray, "rays 3"]:
        """Unit vectors in the sensor's right-handed frame, channel by channel from the top; read-only."""
        return _directions(self)


class Spinner:
    """Turns a pattern from tick to tick."""

    def __init__(self, pattern: ScanPattern) -> None:
        self.pattern = pattern
        self._angle_deg = 0.0

    @property
    def horizontal_angle_rad(self) -> float:
        """Where the next sweep begins."""
        return math.radians(self._angle_deg)

    def advance(self, dt_s: float) -> Sweep:
        """The sweep of a tick of `dt_s`; the next one begins where it ends.

        As CARLA's ARayCastSemanticLidar::SimulateLidar: every channel fires
        round(points_per_second * dt / channels) times while the head turns by
        rotation_frequency * horizontal_fov * dt, however much more or less than one turn that is. With no
        firing at all the head stands still (CARLA repeats its last cloud then, drivegen delivers none).
        """
        pattern = self.pattern
        columns = math.floor(pattern.points_per_second * dt_s / pattern.channels + 0.5)
        turn = pattern.rotation_hz * pattern.horizontal_deg * dt_s
        start = self._angle_deg
        if columns > 0:
            end = math.fmod(start + turn, pattern.horizontal_deg)
            # A whole turn must not begin the next sweep a rounding error before its end.
            self._angle_deg = 0.0 if pattern.horizontal_deg - end < 1e-6 or end < 1e-6 else end
        return Sweep(
            pattern=pattern,
            start_deg=start,
            step_deg=turn / columns if columns else 0.0,
            columns=columns,
        )


@lru_cache(maxsize=16)
def _directions(sweep: Sweep) -> Float32[np.ndarray, "rays 3"]:
    pattern = sweep.pattern
    down = (pattern.upper_deg - pattern.lower_deg) / (pattern.channels - 1) if pattern.channels > 1 else 0.0
    elevation = np.radians(pattern.upper_deg - down * np.arange(pattern.channels))[:, None]
    turned = np.fmod(sweep.start_deg + sweep.step_deg * np.arange(sweep.columns), pattern.horizontal_deg)
    # CARLA's yaw runs clockwise, and 0 of the sweep is the left edge of the field of view.
    azimuth = -np.radians(turned - pattern.horizontal_deg / 2)[None, :]
    level = np.cos(elevation)
    vectors = np.stack(
        np.broadcast_arrays(level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)), axis=-1
    )
    out = np.ascontiguousarray(vectors.reshape(-1, 3), dtype=np.float32)
    out.flags.writeable = False
    return out
