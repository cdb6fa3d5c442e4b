"""sensor.other.gnss."""

from __future__ import annotations

from drivegen.core.geometry import Mat4
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.embedded.sensors.measurements import GnssFix
from drivegen.embedded.sensors.noise import noise_rng

_AXES = ("lat", "lon", "alt")


class Gnss:
    """A satellite receiver: the sensor's place by the map's projection, plus bias and Gaussian noise.

    Biases and standard deviations are degrees for latitude and longitude, metres for altitude, as in CARLA.
    """

    def __init__(self, attributes: Attributes, seed: int) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        self._bias = [attributes.number(f"noise_{axis}_bias", 0.0) for axis in _AXES]
        self._stddev = [attributes.number(f"noise_{axis}_stddev", 0.0, 0.0) for axis in _AXES]
        self._rng = noise_rng(attributes, seed, "sensor.other.gnss")

    def measure(self, world_sensor: Mat4, geo_reference: GeoReference) -> GnssFix:
        """The fix at the sensor's place."""
        noise = self._rng.standard_normal(3)
        latitude, longitude, altitude = (
            true + bias + stddev * float(draw)
            for true, bias, stddev, draw in zip(
                geo_reference.locate(world_sensor[:3, 3]), self._bias, self._stddev, noise, strict=True
            )
        )
        return GnssFix(latitude_deg=latitude, longitude_deg=longitude, altitude_m=altitude)
