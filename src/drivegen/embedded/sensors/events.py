"""The events of sensor.camera.dvs: where and when the light at a pixel has changed by a threshold.

CARLA takes pictures and draws a straight line for the light of each pixel from one to the next (Rebecq and
others 2018, "ESIM"): whenever that line crosses the pixel's reference by the threshold there is an event,
and the reference moves on by that much.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from numba import njit

from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.measurements import EVENT

GREY = np.array([0.1140, 0.5870, 0.2989], np.float32)
"""Weights of blue, green, red (CARLA's sensor reference, DVS camera)."""
SAME = 1e-6
"""Smaller changes of a pixel are none."""
LEAST_THRESHOLD = 0.01
"""Below this no draw of a noisy threshold goes."""


class EventDetector:
    """The pixels' references and their times of rest."""

    def __init__(self, attributes: Attributes, rng: np.random.Generator) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self._up = attributes.number("positive_threshold", 0.3, LEAST_THRESHOLD)
        self._down = attributes.number("negative_threshold", 0.3, LEAST_THRESHOLD)
        self._up_sigma = attributes.number("sigma_positive_threshold", 0.0, 0.0)
        self._down_sigma = attributes.number("sigma_negative_threshold", 0.0, 0.0)
        self._rest_ns = attributes.integer("refractory_period_ns", 0, 0, 2**31 - 1)
        self._log = attributes.truth("use_log", default=True)
        self._log_eps = attributes.number("log_eps", 0.001, 1e-9)
        self._rng = rng
        self._time_ns = 0
        self._last: Float32[np.ndarray, "h w"] | None = None
        self._reference: Float32[np.ndarray, "h w"] = np.zeros((0, 0), np.float32)
        self._last_event_ns: Int64[np.ndarray, "h w"] = np.zeros((0, 0), np.int64)

    def events(self, bgra: UInt8[np.ndarray, "h w 4"], time_s: float) -> np.ndarray:
        """The events since the picture before, of dtype EVENT, by time; none after the first picture."""
        light = self._light(bgra)
        time_ns = round(time_s * 1e9)
        last, began_ns = self._last, self._time_ns
        self._last, self._time_ns = light, time_ns
        if last is None:
            self._reference = light.copy()
            self._last_event_ns = np.full(light.shape, -1, np.int64)
            return np.zeros(0, EVENT)
        up = self._thresholds(light.shape, self._up, self._up_sigma)
        down = self._thresholds(light.shape, self._down, self._down_sigma)
        most = _most_events(last, light, self._reference, up, down)
        x, y = np.empty(most, np.uint16), np.empty(most, np.uint16)
        t, positive = np.empty(most, np.int64), np.empty(most, np.uint8)
        found = _cross(
            *(last, light, self._reference, self._last_event_ns, up, down),
            *(began_ns, time_ns, self._rest_ns, x, y, t, positive),
        )
        order = np.argsort(t[:found], kind="stable")
        out = np.empty(found, EVENT)
        for name, values in (("x", x), ("y", y), ("t", t), ("pol", positive)):
            out[name] = values[:found][order]
        return out

    def _light(self, bgra: UInt8[np.ndarray, "h w 4"]) -> Float32[np.ndarray, "h w"]:
        grey = bgra[..., :3].astype(np.float32) @ GREY
        if not self._log:
            return grey
        return np.log(np.float32(self._log_eps) + grey / np.float32(255.0))

    def _thresholds(self, shape: tuple[int, ...], mean: float, sigma: float) -> Float32[np.ndarray, "h w"]:
        """One for each pixel, drawn anew for each picture if it is noisy."""
        if sigma <= 0.0:
            return np.broadcast_to(np.float32(mean), shape)
        drawn = mean + self._rng.normal(0.0, sigma, shape)
        return np.maximum(drawn, LEAST_THRESHOLD).astype(np.float32)


@njit(cache=True)
def _most_events(
    last: Float32[np.ndarray, "h w"],
    light: Float32[np.ndarray, "h w"],
    reference: Float32[np.ndarray, "h w"],
    up: Float32[np.ndarray, "h w"],
    down: Float32[np.ndarray, "h w"],
) -> int:
    """No fewer than there are."""
    total = 0
    for row in range(light.shape[0]):
        for column in range(light.shape[1]):
            now, was = light[row, column], last[row, column]
            if abs(now - was) > SAME:
                step = up[row, column] if now >= was else down[row, column]
                total += int(abs(now - reference[row, column]) / step) + 2
    return total


@njit(cache=True)
def _cross(
    last: Float32[np.ndarray, "h w"],
    light: Float32[np.ndarray, "h w"],
    reference: Float32[np.ndarray, "h w"],
    last_event_ns: Int64[np.ndarray, "h w"],
    up: Float32[np.ndarray, "h w"],
    down: Float32[np.ndarray, "h w"],
    began_ns: int,
    time_ns: int,
    rest_ns: int,
    x: np.ndarray,
    y: np.ndarray,
    t: np.ndarray,
    positive: np.ndarray,
) -> int:
    """Writes the events pixel by pixel, moves references and last events on; their number."""
    found = 0
    for row in range(light.shape[0]):
        for column in range(light.shape[1]):
            now, was = np.float64(light[row, column]), np.float64(last[row, column])
            if abs(now - was) <= SAME:
                continue
            rising = now >= was
            step = np.float64(up[row, column]) if rising else -np.float64(down[row, column])
            level = np.float64(reference[row, column]) + step
            while (was < level <= now) if rising else (now <= level < was):
                at_ns = began_ns + int((level - was) * (time_ns - began_ns) / (now - was))
                before_ns = last_event_ns[row, column]
                if before_ns < 0 or at_ns - before_ns >= rest_ns:
                    x[found], y[found], t[found] = column, row, at_ns
                    positive[found] = 1 if rising else 0
                    found += 1
                    last_event_ns[row, column] = at_ns
                reference[row, column] = level
                level += step
    return found
