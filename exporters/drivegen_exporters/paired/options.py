"""What can be chosen of data sets of pairs."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.agents import EGO
from drivegen.core.errors import ExportError


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedOptions:
    """The same of `dair_v2x` and `v2x_seq`."""

    vehicle: str = EGO
    """Agent that is the vehicle side."""
    vehicle_lidar: str = ""
    """Its channel; empty: the first of the rig."""
    vehicle_camera: str = ""
    """Its channel; empty: the one that looks straightest ahead."""
    unit: str = ""
    """The one roadside unit that is exported; empty: all, each with segments of its own."""
    unit_lidar: str = ""
    """Channel of roadside units; empty: the first of each rig."""
    unit_camera: str = ""
    """Channel of roadside units; empty: the one that looks straightest along the unit's x."""
    every_sweep: bool = True
    """A sweep is a frame also when another sweep is nearer to its image, which both then have; false: frames
    are as rare as images."""
    pair_within_ms: float = 60.0
    """Two sweeps whose written times differ by more are no pair."""
    pair_range_m: float = 0.0
    """A vehicle farther from the unit makes no pair with it; 0: at any distance."""
    hidden: bool = False
    """Label also what no return of the side's LiDAR hit."""
    true_clocks: bool = False
    """Times by the simulation's clock instead of the agents' own."""
    true_poses: bool = False
    """Poses as they were instead of as the agents believed."""
    true_calibration: bool = False
    """Mounts as they were instead of as the agents believed."""
    rectified_fov_deg: float = 100.0
    """Widest horizontal field of images that are made a pinhole's."""

    def check(self, where: str) -> None:
        """Raises ExportError for what is out of range; `where` is the format's name."""
        ranges = {
            "pair_within_ms": (0.0, 1000.0),
            "pair_range_m": (0.0, 10_000.0),
            "rectified_fov_deg": (10.0, 150.0),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ExportError(f"{where}: {name}={value:g}: {low:g} to {high:g} is wanted")
