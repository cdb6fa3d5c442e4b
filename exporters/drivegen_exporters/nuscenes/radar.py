"""Radar scans as nuScenes has them: binary PCD of 18 fields, a detection 43 bytes, as the devkit reads them.

The fields are those of the clusters of a Continental ARS 408 (nuScenes-devkit, `RadarPointCloud.from_file`).
x, y, z and velocities are in the sensor's frame (x forward, y left). A radar measures along the line of
sight only, so both velocities are the radial one laid along that line: `vx vy` as measured, with the
sensor's own motion in it and folded where it is beyond the unambiguous interval; `vx_comp vy_comp` without
that motion and unfolded.

What the fields of quality say follows from what a radar knows: `ambig_state` is 3 (unambiguous), 1
(ambiguous) of a folded velocity; `invalid_state` is 0 (valid) of all, since ghosts and false alarms are such
because the radar took them for real. `dyn_prop` is told by the radial velocity, and by the truth for what
moves across the line of sight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int8, UInt32

from drivegen.capture.frame import RadarScan
from drivegen.core.sensors import Radar

_FIELDS = (
    ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("dyn_prop", "i1"), ("id", "<i2"), ("rcs", "<f4"),
    ("vx", "<f4"), ("vy", "<f4"), ("vx_comp", "<f4"), ("vy_comp", "<f4"),
    ("is_quality_valid", "i1"), ("ambig_state", "i1"), ("x_rms", "i1"), ("y_rms", "i1"),
    ("invalid_state", "i1"), ("pdh0", "i1"), ("vx_rms", "i1"), ("vy_rms", "i1"),
)  # fmt: skip
POINT = np.dtype(list(_FIELDS))
"""A detection, packed."""

MOVING, STATIONARY, ONCOMING, CROSSING_MOVING = 0, 1, 2, 6
"""Of `dyn_prop`: goes away, stands, comes, moves across."""
AMBIGUOUS, UNAMBIGUOUS = 1, 3
"""Of `ambig_state`."""
MOVES_FROM_MPS = 0.5
"""What is slower stands."""

_ACCURACY = 1.6 * math.sqrt(2.0)
"""A reading is uncertain by resolution / (1.6 sqrt(2 SNR)): Skolnik 2008, "Radar Handbook", chapter 1."""
_THRESHOLD = -math.log(1e-6)
"""Power over mean noise from which something is a detection: one in a million cells of noise has more."""
_FALSE_ALARM_STEPS = (0.25, 0.5, 0.75, 0.9, 0.99, 0.999)
"""Bounds of the classes 1 to 7 of `pdh0`."""
_RMS_STEPS = 0.005 * 10.0 ** (0.11 * np.arange(31))
"""Bounds of the classes 0 to 30 of the rms fields, 5 mm to 10 m; 31 is unknown."""


def moves(velocity_mps: Sequence[float]) -> bool:
    """Whether something of that velocity counts as moving."""
    return math.hypot(*velocity_mps) >= MOVES_FROM_MPS


def pack_radar(scan: RadarScan, radar: Radar, moving: UInt32[np.ndarray, "k"]) -> bytes:
    """A scan as a PCD file.

    Args:
        scan: Its detections.
        radar: What made it.
        moving: Ids of what moves at that moment.
    """
    points = np.zeros(len(scan), POINT)
    points["x"], points["y"], points["z"] = scan.points_m.T
    level = np.cos(scan.elevation_rad)
    across = (level * np.cos(scan.azimuth_rad), level * np.sin(scan.azimuth_rad))
    for axis, share in zip("xy", across, strict=True):
        points[f"v{axis}"] = scan.velocity_mps * share
        points[f"v{axis}_comp"] = scan.compensated_mps * share
    points["dyn_prop"] = _dynamics(scan, moving)
    points["id"] = np.arange(len(scan)) & 0x7FFF
    points["rcs"] = scan.rcs_dbsm
    points["is_quality_valid"] = 1
    points["ambig_state"] = np.where(scan.ambiguity == 0, UNAMBIGUOUS, AMBIGUOUS)
    _add_quality(points, scan, radar)
    return pack_points(points)


def pack_points(points: np.ndarray) -> bytes:
    """A PCD file of detections (`POINT`).

    The devkit cannot read a cloud without a point and takes one whose first x is no number for it; and it
    wants something behind the last point.
    """
    if not len(points):
        points = np.zeros(1, POINT)
        points["x"] = np.nan
    kinds = [POINT[name] for name in POINT.names or ()]
    header = (
        "# .PCD v0.7 - Point Cloud Data file format",
        "VERSION 0.7",
        f"FIELDS {' '.join(POINT.names or ())}",
        f"SIZE {' '.join(str(kind.itemsize) for kind in kinds)}",
        f"TYPE {' '.join('F' if kind.kind == 'f' else 'I' for kind in kinds)}",
        f"COUNT {' '.join('1' for _ in kinds)}",
        f"WIDTH {len(points)}",
        "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0",
        f"POINTS {len(points)}",
        "DATA binary",
    )
    return "".join(f"{line}\n" for line in header).encode() + points.tobytes() + b"\n"


def _dynamics(scan: RadarScan, moving: UInt32[np.ndarray, "k"]) -> Int8[np.ndarray, "n"]:
    """`dyn_prop` of each detection."""
    known = np.isin(scan.object_id, moving)
    radial = scan.compensated_mps
    still = np.where(known, CROSSING_MOVING, STATIONARY)
    going = np.where(radial > 0.0, MOVING, ONCOMING)
    return np.where(np.abs(radial) >= MOVES_FROM_MPS, going, still).astype(np.int8)


def _add_quality(points: np.ndarray, scan: RadarScan, radar: Radar) -> None:
    """Uncertainties, and how likely noise is as strong."""
    snr = 10.0 ** (scan.snr_db.astype(np.float64) / 10.0)
    share = 1.0 / (_ACCURACY * np.sqrt(snr))
    along_m = radar.range_resolution_m * share
    across_m = scan.range_m * math.radians(radar.azimuth_resolution_deg) * share
    radial_mps = radar.velocity_resolution_mps * share
    ahead, aside = np.cos(scan.azimuth_rad), np.sin(scan.azimuth_rad)
    points["x_rms"] = _rms_class(np.hypot(along_m * ahead, across_m * aside))
    points["y_rms"] = _rms_class(np.hypot(along_m * aside, across_m * ahead))
    points["vx_rms"] = _rms_class(np.abs(radial_mps * ahead))
    points["vy_rms"] = _rms_class(np.abs(radial_mps * aside))
    chance = np.exp(-np.maximum(1.0 + snr - _THRESHOLD, 0.0))
    points["pdh0"] = 1 + np.searchsorted(_FALSE_ALARM_STEPS, chance, side="right")


def _rms_class(values: Float64[np.ndarray, "n"]) -> Int8[np.ndarray, "n"]:
    """The class whose bound is the next above each value."""
    return np.searchsorted(_RMS_STEPS, values, side="right").astype(np.int8)
