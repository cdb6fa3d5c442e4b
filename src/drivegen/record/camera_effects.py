"""What a camera does to its colour images after the lens: glass, vignetting, sensor.

In the order of the light: drops and dirt on the glass, the fall-off towards the corners, the sensor's noise.
All is drawn from the agent's seed, the camera's name and the time of the image.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8

from drivegen.core.lenses import pixel_rays, sees
from drivegen.core.plans import ScenePlan
from drivegen.core.rng import derive_seed
from drivegen.core.sensors import Camera
from drivegen.core.weather import Weather
from drivegen.core.weather_course import WeatherCourse
from drivegen.record.camera_noise import Sensor
from drivegen.record.soiling import SoiledGlass


class CameraEffects:
    """Of one camera in one scene."""

    def __init__(self, camera: Camera, plan: ScenePlan, agent_seed: int | None = None) -> None:
        """Takes the seed of who carries the camera; the scene's where none is given."""
        seed = plan.seed if agent_seed is None else agent_seed
        course = WeatherCourse.of(plan.weather)
        weather = plan.weather.parameters
        self._sensor = Sensor(camera, weather, derive_seed(seed, camera.name, "sensor"))
        self._glass: SoiledGlass | None = None
        if camera.soiling is not None:
            seen = sees(pixel_rays(camera.optics, camera.width_px, camera.height_px))
            # A capture keeps one mask a scene, so the glass takes the scene's mean weather.
            glass_seed = derive_seed(seed, camera.name, "soiling")
            self._glass = SoiledGlass(camera.soiling, course.mean(plan.duration_s), seen, glass_seed)
        self.opaque: Bool[np.ndarray, "h w"] | None = None
        """Pixels behind which nothing counts as visible; none when there is nothing on the glass."""
        if self._glass is not None and not self._glass.clean:
            self.opaque = self._glass.opaque

    def follow(self, weather: Weather) -> None:
        """Exposes the following images by the light of a weather."""
        self._sensor.expose(weather)

    @property
    def soiling(self) -> UInt8[np.ndarray, "h w"] | None:
        """The mask of what is on the glass, of a camera that has soiling: 0 clean .. 255 opaque."""
        return None if self._glass is None else self._glass.mask

    def apply(self, bgr: UInt8[np.ndarray, "h w 3"], time_ns: int) -> UInt8[np.ndarray, "h w 3"]:
        """The image as the camera delivers it."""
        if self._glass is not None:
            bgr = self._glass.soil(bgr)
        return self._sensor.take(bgr, time_ns) if self._sensor.changes else bgr
