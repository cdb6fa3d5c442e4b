"""sensor.other.radar."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float32, Float64

from drivegen.core.geometry import Mat4, Vec3
from drivegen.embedded.raycast.scene import Hits
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.measurements import RadarScan
from drivegen.embedded.sensors.moment import BodyState, Movers
from drivegen.embedded.sensors.noise import noise_rng

MAX_POINTS_PER_SECOND = 100_000_000


class Radar:
    """A radar that fires rays at random into an elliptic cone, as CARLA's ARadar does.

    A ray ends on the plane at `range` ahead, at a distance from the axis that is uniform between 0 and the
    edge of the field of view: so rays are denser near the axis, and oblique ones reach somewhat farther than
    `range`. What is met first is a detection; its velocity is the rate at which the distance grows.
    CARLA takes the velocity of the body's origin; here it is that of the point that was met, and of the
    sensor's own place, so that a body or a carrier that turns is seen to turn.
    """

    def __init__(self, attributes: Attributes, seed: int) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        horizontal_deg = attributes.number("horizontal_fov", 30.0, 0.0, 179.0)
        vertical_deg = attributes.number("vertical_fov", 30.0, 0.0, 179.0)
        self._spread = np.tan(np.radians([horizontal_deg / 2, vertical_deg / 2]))
        self._range_m = attributes.number("range", 100.0, 0.0, 1e6)
        self._points_per_second = attributes.integer("points_per_second", 1500, 0, MAX_POINTS_PER_SECOND)
        self._rng = noise_rng(attributes, seed, "sensor.other.radar")
        self._last: tuple[float, Vec3] | None = None

    @property
    def reach_m(self) -> float:
        """No ray is longer."""
        return self._range_m * math.sqrt(1.0 + float(self._spread.max()) ** 2)

    def advance(self, dt_s: float) -> Float32[np.ndarray, "n 3"]:
        """The rays of a tick: unit vectors in the sensor's right-handed frame."""
        count = math.floor(self._points_per_second * dt_s + 1e-6)
        draws = self._rng.random((count, 2))
        angle = 2.0 * math.pi * draws[:, 1]
        ends = np.ones((count, 3))
        # Clockwise as in CARLA's frame, whose y points to the right.
        ends[:, 1] = -self._spread[0] * draws[:, 0] * np.cos(angle)
        ends[:, 2] = self._spread[1] * draws[:, 0] * np.sin(angle)
        return np.asarray(ends / np.linalg.norm(ends, axis=1, keepdims=True), dtype=np.float32)

    def scan(
        self,
        directions: Float32[np.ndarray, "n 3"],
        hits: Hits,
        world_sensor: Mat4,
        body: BodyState,
        movers: Movers,
        time_s: float,
    ) -> RadarScan:
        """The detections of a tick, in firing order.

        Args:
            directions: What `advance` gave.
            hits: Of these rays, n.
            world_sensor: The sensor's pose.
            body: Motion of what carries the sensor.
            movers: Motion of everything that moves.
            time_s: Simulation time.
        """
        met = np.flatnonzero(self._within(directions, hits))
        ahead = directions[met].astype(np.float64)
        distance = hits.distance_m[met].astype(np.float64)
        rays = ahead @ world_sensor[:3, :3].T
        points = world_sensor[:3, 3] + distance[:, None] * rays
        away = movers.velocity_at(hits.object_id[met], points) - self._velocity(world_sensor, body, time_s)
        detections = np.empty((len(met), 4), np.float32)
        detections[:, 0] = np.einsum("ni,ni->n", away, rays)
        detections[:, 1] = np.arctan2(ahead[:, 1], ahead[:, 0])
        detections[:, 2] = np.arcsin(np.clip(ahead[:, 2], -1.0, 1.0))
        detections[:, 3] = distance
        return RadarScan(detections=detections)

    def _within(self, directions: Float32[np.ndarray, "n 3"], hits: Hits) -> Bool[np.ndarray, "n"]:
        """Which rays met something before the plane at the end of the range."""
        depth: Bool[np.ndarray, "n"] = hits.distance_m * directions[:, 0] <= self._range_m
        return depth & np.isfinite(hits.distance_m)

    def _velocity(self, world_sensor: Mat4, body: BodyState, time_s: float) -> Float64[np.ndarray, "3"]:
        """Of the sensor's own place: rigid with its carrier, else by how it was put elsewhere."""
        place = np.array(world_sensor[:3, 3], dtype=np.float64)
        last, self._last = self._last, (time_s, place)
        if body.moves:
            return body.velocity_mps + np.cross(body.angular_velocity_radps, place - body.position_m)
        if last is None or time_s <= last[0]:
            return np.zeros(3)
        return np.asarray((place - last[1]) / (time_s - last[0]))
