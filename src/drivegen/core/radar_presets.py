"""Radars by name: kinds of 77 GHz automotive radar, with figures as makers publish them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Radar


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarPreset:
    """All of a radar but its name and place; fields as in `drivegen.core.sensors.Radar`."""

    name: str
    description: str
    horizontal_fov_deg: float
    vertical_fov_deg: float
    range_m: float
    period_s: float
    range_resolution_m: float
    azimuth_resolution_deg: float
    elevation_resolution_deg: float = 0.0
    velocity_resolution_mps: float
    max_velocity_mps: float = 0.0
    reference_range_m: float
    rays: int
    false_alarms: float
    source: str

    def radar(self, name: str, agent_sensor: Pose, **changes: Any) -> Radar:
        """A radar of this kind; `changes` are other values for fields of `Radar`."""
        own = set(RadarPreset.__slots__) - {"name", "description", "source"}
        values: dict[str, Any] = {
            **{field: getattr(self, field) for field in sorted(own)},
            "name": name,
            "agent_sensor": agent_sensor,
            "preset": self.name,
        }
        return Radar(**{**values, **changes})


RADAR_PRESETS: dict[str, RadarPreset] = {
    preset.name: preset
    for preset in (
        RadarPreset(
            name="front_long",
            description="long range, narrow: 250 m over 18 degrees",
            horizontal_fov_deg=18.0,
            vertical_fov_deg=14.0,
            range_m=250.0,
            period_s=0.1,
            range_resolution_m=1.8,
            azimuth_resolution_deg=1.6,
            velocity_resolution_mps=0.1,
            reference_range_m=170.0,
            rays=4000,
            false_alarms=0.5,
            source="Continental ARS 408-21 data sheet, far range: 250 m, +-9 degrees, 14 degrees high,"
            " 1.79 m, 1.6 degrees, 0.37 km/h",
        ),
        RadarPreset(
            name="front_near",
            description="short range, wide: 100 m over 120 degrees, the near scan of a front radar",
            horizontal_fov_deg=120.0,
            vertical_fov_deg=20.0,
            range_m=100.0,
            period_s=0.1,
            range_resolution_m=0.4,
            azimuth_resolution_deg=3.2,
            velocity_resolution_mps=0.12,
            reference_range_m=70.0,
            rays=6000,
            false_alarms=1.0,
            source="Continental ARS 408-21 data sheet, near range: 70 m at 45 degrees, +-60 degrees, 20"
            " degrees high, 0.39 m, 3.2 degrees on the axis, 0.43 km/h",
        ),
        RadarPreset(
            name="corner",
            description="corner radar: 90 m over 150 degrees, with velocities that fold beyond 44 m/s",
            horizontal_fov_deg=150.0,
            vertical_fov_deg=12.0,
            range_m=90.0,
            period_s=0.1,
            range_resolution_m=0.5,
            azimuth_resolution_deg=6.0,
            velocity_resolution_mps=0.15,
            max_velocity_mps=44.0,
            reference_range_m=60.0,
            rays=6000,
            false_alarms=1.0,
            source="assumed: typical of short-range radars in the 77 to 81 GHz band",
        ),
        RadarPreset(
            name="imaging",
            description="imaging (4D) radar: 300 m over 120 x 30 degrees, with elevation",
            horizontal_fov_deg=120.0,
            vertical_fov_deg=30.0,
            range_m=300.0,
            period_s=0.1,
            range_resolution_m=0.4,
            azimuth_resolution_deg=1.2,
            elevation_resolution_deg=2.0,
            velocity_resolution_mps=0.1,
            max_velocity_mps=60.0,
            reference_range_m=170.0,
            rays=16000,
            false_alarms=4.0,
            source="assumed: typical of cascaded imaging radars such as Continental's ARS540",
        ),
    )
}
"""In the order in which they are shown."""


def radar_preset(name: str) -> RadarPreset:
    """The preset of that name. Raises ConfigError that lists them."""
    try:
        return RADAR_PRESETS[name]
    except KeyError:
        raise ConfigError(f"no radar preset {name!r}; there are {', '.join(RADAR_PRESETS)}") from None


def list_radar_presets() -> list[tuple[str, str]]:
    """(name, description) of every preset, in the order in which they are shown."""
    return [(preset.name, preset.description) for preset in RADAR_PRESETS.values()]
