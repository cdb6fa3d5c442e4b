"""What weather may do to LiDAR and radar: part of a scene plan, plain data."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.weather import RAIN_AT_FULL_MMPH


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """Which effects are on, and what CARLA's weather cannot say.

    Rain, fog, dust and wet roads come from the scene's weather; `drivegen.record.degradation.atmosphere` says
    how its per cents become millimetres and metres.
    """

    lidar: bool = True
    """Weather acts on LiDARs."""
    radar: bool = True
    """Weather acts on radars."""
    spray: bool = True
    """Vehicles throw up water behind them on a wet road."""
    rain_at_full_mmph: float = RAIN_AT_FULL_MMPH
    """Rain at CARLA's precipitation of 100 per cent, millimetres an hour."""
    snow_mmph: float = 0.0
    """Snow as melted water, millimetres an hour; CARLA has none, so only this gives it."""
    fog_visibility_m: float = 0.0
    """Meteorological visibility in fog; 0: from the weather's fog density."""
    dust_visibility_m: float = 0.0
    """Meteorological visibility in dust; 0: from the weather's dust storm."""
