"""Sensors and rigs: what an agent carries."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import ConfigError, PlanError
from drivegen.core.geometry import Mat3, Pose
from drivegen.core.lenses import KannalaBrandt, Lens, pinhole_of_field
from drivegen.core.photography import AutoExposure, Exposure, SensorNoise, Soiling, check_exposure, require

OPTICAL_FROM_MOUNT = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""Rotates (x forward, y left, z up) into the optical frame (x right, y down, z forward)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """A camera: by default a pinhole with square pixels, its principal point in the middle of the image."""

    name: str
    """Channel name, for example CAM_FRONT."""
    agent_sensor: Pose
    """Mount in the agent's frame; x forward along the optical axis, y left, z up."""
    width_px: int
    height_px: int
    fov_deg: float
    """Horizontal field of view; of a camera with a `lens` only its name, for the lens says what it sees."""
    period_s: float
    """Time between images; a multiple of the tick."""
    phase_s: float = 0.0
    """Of the first image after the scene begins: a multiple of the tick below the period. A camera of the
    ego has none; the same of all kinds of sensors."""
    lens: Lens | None = None
    """None is the pinhole that `fov_deg` tells of, which needs no resampling."""
    exposure: Exposure = field(default_factory=AutoExposure)
    vignetting: float = 0.0
    """Share of the light that is lost at the farthest corner of the image; cos^4-like in between."""
    noise: SensorNoise | None = None
    soiling: Soiling | None = None
    jpeg_quality: int | None = None
    """1..100; none takes the job's."""

    def __post_init__(self) -> None:
        """Raises PlanError for an optic that cannot be."""
        try:
            check_exposure(self.exposure)
            require("vignetting", self.vignetting, 0.0, 0.95)
            if self.noise is not None:
                self.noise.check()
            if self.soiling is not None:
                self.soiling.check()
            if self.jpeg_quality is not None:
                require("jpeg_quality", self.jpeg_quality, 1, 100)
            if self.lens is not None and (bad := self.lens.problem(self.width_px, self.height_px)):
                raise PlanError(f"lens: {bad}")
        except PlanError as error:
            raise PlanError(f"camera {self.name}: {error}") from None

    @property
    def optics(self) -> Lens:
        """The lens; the pinhole of the field of view where none is given."""
        return self.lens or pinhole_of_field(self.width_px, self.height_px, self.fov_deg)

    @property
    def intrinsic(self) -> Mat3:
        """K of the optical frame; the centre of the top left pixel is at (0.5, 0.5).

        It projects points only where the lens does not distort: see `optics`.
        """
        return self.optics.intrinsic

    @property
    def depth_along_ray(self) -> bool:
        """Whether depth images hold distances from the camera: those of fisheyes do, which see to the side
        and behind; those of other cameras hold depth along the optical axis."""
        return isinstance(self.lens, KannalaBrandt)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRun:
    """Channels of a LiDAR that are evenly spaced in elevation; a single one has `upper_deg` = `lower_deg`."""

    upper_deg: float
    lower_deg: float
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lidar:
    """A scanning LiDAR; every delivered sweep covers its whole field of view once.

    `drivegen.core.lidar_presets` has those of known instruments; docs/lidar-and-radar.md tells the model.
    """

    name: str
    agent_sensor: Pose
    channels: int
    upper_fov_deg: float
    lower_fov_deg: float
    range_m: float
    columns: int
    """Directions across the horizontal field of view in a sweep; channels x columns beams."""
    period_s: float
    phase_s: float = 0.0
    atmosphere_attenuation: float = 0.004
    """Per metre; of the intensity "carla", exp(-attenuation * range)."""
    preset: str = ""
    """Name of the preset that it was made from; none when empty."""
    runs: tuple[ChannelRun, ...] = ()
    """Channels from the top; when empty, they are spread evenly from `upper_fov_deg` to `lower_fov_deg`."""
    horizontal_fov_deg: float = 360.0
    """Around the mount's x axis."""
    intensity: str = "reflectivity"
    """reflectivity (by material and angle of incidence) or carla (by range alone)."""
    returns: int = 1
    """1: the strongest return of a beam. 2: also the last, or the second strongest if those are the same."""
    divergence_mrad: float = 2.0
    """Full angle of a beam."""
    motion: bool = False
    """The sweep is put together from the sectors of several ticks, so that it is bent by the agent's and the
    objects' motion; otherwise it shows one instant."""
    range_at_10_percent_m: float = 0.0
    """Where a surface of 10 per cent reflectance is met in nine of ten shots, in clear air; 0: in clear air
    nothing within `range_m` is lost."""
    range_noise_m: float = 0.0
    """Standard deviation of the range to a surface at the limit of detection; 0: exact ranges."""

    def __post_init__(self) -> None:
        """Raises ConfigError when the runs do not make up the channels."""
        if not self.runs:
            return
        found = sum(run.channels for run in self.runs)
        edges = [e for run in self.runs for e in (run.upper_deg, run.lower_deg)]
        if found != self.channels or edges != sorted(edges, reverse=True):
            raise ConfigError(
                f"LiDAR {self.name}: its runs have {found} channels from {edges[0]} to {edges[-1]} degrees;"
                f" {self.channels} from the top down are wanted"
            )

    @property
    def channel_runs(self) -> tuple[ChannelRun, ...]:
        """Channels from the top, as evenly spaced runs; at least one."""
        even = ChannelRun(upper_deg=self.upper_fov_deg, lower_deg=self.lower_fov_deg, channels=self.channels)
        return self.runs or (even,)

    @property
    def elevations_deg(self) -> Float64[np.ndarray, "channels"]:
        """Elevation of each ring; ring 0 is the lowest."""
        return np.concatenate(
            [np.linspace(run.upper_deg, run.lower_deg, run.channels) for run in self.channel_runs]
        )[::-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Radar:
    """A 77 GHz radar that delivers detections; `drivegen.core.radar_presets` has those of known kinds."""

    name: str
    agent_sensor: Pose
    horizontal_fov_deg: float
    vertical_fov_deg: float
    range_m: float
    period_s: float
    phase_s: float = 0.0
    preset: str = ""
    """Name of the preset that it was made from; none when empty."""
    rays: int = 6000
    """Rays of one measurement, at random in an elliptic cone."""
    frequency_ghz: float = 76.5
    range_resolution_m: float = 0.4
    """Two targets nearer to each other are one detection (if the other two agree as well)."""
    azimuth_resolution_deg: float = 3.2
    elevation_resolution_deg: float = 0.0
    """0: elevation is not measured and always 0."""
    velocity_resolution_mps: float = 0.1
    max_velocity_mps: float = 0.0
    """Radial velocities are told apart between minus this and this, and folded beyond; 0: always."""
    reference_range_m: float = 120.0
    """Where a fluctuating target of 10 dBsm on the axis is found in nine of ten measurements."""
    false_alarms: float = 1.0
    """Expected detections of noise in a measurement."""
    ghosts: bool = True
    """Mirror images in walls and guard rails, and targets seen twice by way of the carrier."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gnss:
    """A satellite receiver: latitude, longitude, altitude."""

    name: str
    agent_sensor: Pose
    period_s: float
    phase_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imu:
    """Acceleration, angular velocity, compass."""

    name: str
    agent_sensor: Pose
    period_s: float
    phase_s: float = 0.0


Sensor = Camera | Lidar | Radar | Gnss | Imu


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rig:
    """An agent's sensors with their mounting. Agent frame: x forward, y left, z up, on the ground."""

    name: str
    sensors: tuple[Sensor, ...]

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras, in the order of the rig."""
        return tuple(s for s in self.sensors if isinstance(s, Camera))

    @property
    def lidars(self) -> tuple[Lidar, ...]:
        """The LiDARs, in the order of the rig."""
        return tuple(s for s in self.sensors if isinstance(s, Lidar))

    @property
    def radars(self) -> tuple[Radar, ...]:
        """The radars, in the order of the rig."""
        return tuple(s for s in self.sensors if isinstance(s, Radar))
