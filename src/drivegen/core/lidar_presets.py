"""LiDARs by name: scan patterns and figures of known instruments, as their makers publish them.

Elevations are the nominal ones of the data sheets; an instrument's own differ by up to a few tenths of a
degree. All channels of a preset fire in the same direction at the same time, so the offsets in azimuth that
some instruments have between channels (up to 5 degrees) are missing. Divergences are typical, not measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import ChannelRun, Lidar


@dataclass(frozen=True, slots=True, kw_only=True)
class LidarPreset:
    """All of a LiDAR but its name and place; fields as in `drivegen.core.sensors.Lidar`."""

    name: str
    description: str
    runs: tuple[ChannelRun, ...]
    """From the top; a run becomes one CARLA LiDAR, so few long ones are better than many short ones."""
    columns: int
    range_m: float
    range_at_10_percent_m: float
    range_noise_m: float
    divergence_mrad: float
    horizontal_fov_deg: float = 360.0
    period_s: float = 0.1
    source: str

    @property
    def channels(self) -> int:
        """Of all runs."""
        return sum(run.channels for run in self.runs)

    @property
    def vertical_fov_deg(self) -> tuple[float, float]:
        """(lowest, highest) elevation."""
        return self.runs[-1].lower_deg, self.runs[0].upper_deg

    def lidar(self, name: str, agent_sensor: Pose, **changes: Any) -> Lidar:
        """A LiDAR of this kind; `changes` are other values for fields of `Lidar`."""
        lower_deg, upper_deg = self.vertical_fov_deg
        values: dict[str, Any] = {
            "name": name,
            "agent_sensor": agent_sensor,
            "preset": self.name,
            "runs": self.runs,
            "channels": self.channels,
            "upper_fov_deg": upper_deg,
            "lower_fov_deg": lower_deg,
            "columns": self.columns,
            "range_m": self.range_m,
            "range_at_10_percent_m": self.range_at_10_percent_m,
            "range_noise_m": self.range_noise_m,
            "divergence_mrad": self.divergence_mrad,
            "horizontal_fov_deg": self.horizontal_fov_deg,
            "period_s": self.period_s,
        }
        return Lidar(**{**values, **changes})


def _run(upper_deg: float, lower_deg: float, channels: int) -> ChannelRun:
    return ChannelRun(upper_deg=upper_deg, lower_deg=lower_deg, channels=channels)


LIDAR_PRESETS: dict[str, LidarPreset] = {
    preset.name: preset
    for preset in (
        LidarPreset(
            name="hdl32e",
            description="32 beams, spinning, evenly 1.33 degrees apart: the LiDAR of nuScenes",
            runs=(_run(10.67, -30.67, 32),),
            columns=1080,
            period_s=0.05,
            range_m=100.0,
            range_at_10_percent_m=50.0,
            range_noise_m=0.02,
            divergence_mrad=3.0,
            source="Velodyne HDL-32E user's manual: angles, 20 Hz, 100 m, 2 cm; sensitivity assumed",
        ),
        LidarPreset(
            name="pandar40p",
            description="40 beams, spinning, 1/3 degree apart about the horizon: vehicles of DAIR-V2X",
            runs=(
                _run(15.0, 11.0, 2),
                _run(8.0, 5.0, 2),
                _run(3.0, 3.0, 1),
                _run(2.0, -6.0, 25),
                _run(-7.0, -14.0, 8),
                _run(-19.0, -25.0, 2),
            ),
            columns=1800,
            range_m=200.0,
            range_at_10_percent_m=200.0,
            range_noise_m=0.02,
            divergence_mrad=2.0,
            source="Hesai Pandar40P user manual: channels, 0.2 degrees at 10 Hz, 200 m at 10 %, 2 cm",
        ),
        LidarPreset(
            name="pandar64",
            description="64 beams, spinning, a sixth of a degree apart about the horizon",
            runs=(
                _run(15.0, 11.0, 2),
                _run(8.0, 5.0, 2),
                _run(3.0, 3.0, 1),
                _run(2.0, -6.0, 49),
                _run(-7.0, -14.0, 8),
                _run(-19.0, -25.0, 2),
            ),
            columns=1800,
            range_m=200.0,
            range_at_10_percent_m=200.0,
            range_noise_m=0.02,
            divergence_mrad=2.0,
            source="Hesai Pandar64 user manual: channels, 0.2 degrees at 10 Hz, 200 m at 10 %, 2 cm",
        ),
        LidarPreset(
            name="pandar128",
            description="128 beams, spinning, an eighth of a degree apart about the horizon",
            runs=(
                _run(15.0, 15.0, 1),
                _run(14.0, 2.5, 24),
                _run(2.0, -6.0, 65),
                _run(-6.5, -24.0, 37),
                _run(-25.0, -25.0, 1),
            ),
            columns=1800,
            range_m=230.0,
            range_at_10_percent_m=200.0,
            range_noise_m=0.02,
            divergence_mrad=1.5,
            source="Hesai Pandar128 and OT128 data sheets: -25 to 15 degrees, 0.125 degrees between +2 and"
            " -6 and about half a degree outside, 0.2 degrees at 10 Hz, 200 m at 10 %",
        ),
        LidarPreset(
            name="roadside300",
            description="300 lines over 100 x 40 degrees, for a pole: the roadside LiDAR of DAIR-V2X",
            runs=(_run(20.0, -20.0, 300),),
            columns=560,
            horizontal_fov_deg=100.0,
            range_m=280.0,
            range_at_10_percent_m=280.0,
            range_noise_m=0.03,
            divergence_mrad=1.5,
            source="Yu et al. 2022, DAIR-V2X (CVPR): 300 beams, 10 Hz, 100 x 40 degrees, 280 m, 3 cm; the"
            " step across is not published and was chosen",
        ),
        LidarPreset(
            name="at128",
            description="128 lines over 120 x 25.4 degrees: a hybrid solid-state LiDAR in a vehicle's front",
            runs=(_run(12.7, -12.7, 128),),
            columns=1200,
            horizontal_fov_deg=120.0,
            range_m=210.0,
            range_at_10_percent_m=200.0,
            range_noise_m=0.03,
            divergence_mrad=1.5,
            source="Hesai AT128 data sheet: 120 x 25.4 degrees, 0.1 x 0.2 degrees, 10 Hz, 210 m at 10 %",
        ),
    )
}
"""In the order in which they are shown."""


def lidar_preset(name: str) -> LidarPreset:
    """The preset of that name. Raises ConfigError that lists them."""
    try:
        return LIDAR_PRESETS[name]
    except KeyError:
        raise ConfigError(f"no LiDAR preset {name!r}; there are {', '.join(LIDAR_PRESETS)}") from None


def list_lidar_presets() -> list[tuple[str, str]]:
    """(name, description) of every preset, in the order in which they are shown."""
    return [(preset.name, preset.description) for preset in LIDAR_PRESETS.values()]
