"""The CARLA LiDARs that make up one LiDAR of a rig, and their measurements put together to beams.

CARLA's semantic LiDAR spreads its channels evenly and fires them all at once. A run of evenly spaced channels
is one of them; two returns take `SUBRAYS` of each run, turned within the beam's divergence. Beams are
numbered channel by channel from the top and within a channel in the order of firing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numba
import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8, UInt32

from drivegen.core.geometry import Pose
from drivegen.core.handedness import FLIP_Y
from drivegen.core.sensors import ChannelRun, Lidar

SUBRAYS = ((-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0))
"""(azimuth, elevation) of the rays that stand for a beam with two returns, in quarters of its divergence: the
middles of the four quarters of its cross section."""

DETECTION = np.dtype([("xyz", "<f4", 3), ("cos", "<f4"), ("object_id", "<u4"), ("tag", "<u4")], align=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LidarPart:
    """A CARLA LiDAR to spawn."""

    attributes: Mapping[str, str]
    lidar_part: Pose
    """Its pose in the LiDAR's frame."""


def lidar_parts(lidar: Lidar, tick_s: float) -> dict[str, LidarPart]:
    """All CARLA LiDARs of one, by name, in the order that `gather` wants.

    Without motion one turns once in a tick, so that every measurement is a whole sweep; with motion it turns
    once in a period and delivers a sector in every tick. Its rays per second are what that takes.
    """
    turn_s = lidar.period_s if lidar.motion else tick_s
    every_tick = lidar.motion or abs(lidar.period_s - tick_s) < 1e-6
    out = {}
    for row, (run, sub) in enumerate(_parts(lidar)):
        azimuth, elevation = (v * lidar.divergence_mrad * 1e-3 / 4.0 for v in sub)
        attributes = {
            # A period of one tick is written as 0 (every tick), which no rounding of a server can miss.
            "sensor_tick": "0.0" if every_tick else repr(lidar.period_s),
            "channels": str(run.channels),
            "range": repr(lidar.range_m),
            "points_per_second": str(round(run.channels * lidar.columns / turn_s)),
            "rotation_frequency": repr(1.0 / turn_s),
            "upper_fov": repr(run.upper_deg + math.degrees(elevation)),
            "lower_fov": repr(run.lower_deg + math.degrees(elevation)),
            "horizontal_fov": repr(lidar.horizontal_fov_deg),
        }
        turned = Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=azimuth)
        out[f"lidar{row}" if row else "lidar"] = LidarPart(attributes=attributes, lidar_part=turned)
    return out


def _parts(lidar: Lidar) -> list[tuple[ChannelRun, tuple[float, float]]]:
    subrays = SUBRAYS if lidar.returns > 1 else ((0.0, 0.0),)
    return [(run, sub) for sub in subrays for run in lidar.channel_runs]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beams:
    """What the rays of a sweep's beams met."""

    points_m: Float32[np.ndarray, "n 3"]
    """In the LiDAR's frame, to the bit as they came over the wire when a beam is one ray."""
    cos_incidence: Float32[np.ndarray, "n"]
    object_id: UInt32[np.ndarray, "n"]
    """The server's ids: actor ids, 0 for scenery."""
    tag: UInt8[np.ndarray, "n"]
    met: Int32[np.ndarray, "subrays beams"]
    """Row of the point that a ray met; -1 for none."""
    time_offset_s: Float32[np.ndarray, "n"] | None
    """Of each point, against the newest sector; none without motion."""


def gather(lidar: Lidar, parts: Mapping[str, Any], tick_s: float) -> Beams:
    """The measurements of all parts as beams.

    Args:
        lidar: Whose they are. parts: `carla.SemanticLidarMeasurement` by the names of `lidar_parts`; with
        motion a list of them each, of
            the ticks of the sweep, the newest last.
        tick_s: Between the sectors of a sweep in motion.
    """
    runs = lidar.channel_runs
    beams = lidar.channels * lidar.columns
    subrays = len(SUBRAYS) if lidar.returns > 1 else 1
    met = np.full((subrays, beams), -1, np.int32)
    chunks: list[np.ndarray] = []
    offsets: list[Float32[np.ndarray, "k"]] = []
    start = 0
    for row, data in enumerate(parts.values()):
        subray, number = divmod(row, len(runs))
        above = sum(run.channels for run in runs[:number])
        sectors: Sequence[Any] = data if isinstance(data, list) else [data]
        turn = _turn(lidar, subray)
        for age, sector in enumerate(reversed(sectors)):
            raw = np.frombuffer(sector.raw_data, dtype=DETECTION)
            counts = np.array([sector.get_point_count(c) for c in range(sector.channels)], np.int64)
            _place(
                raw["xyz"],
                counts,
                above * lidar.columns,
                lidar.columns,
                lidar.horizontal_fov_deg,
                start,
                met[subray],
            )
            chunk = raw if turn is None else _turned(raw, turn)
            chunks.append(chunk)
            offsets.append(np.full(len(raw), -age * tick_s, np.float32))
            start += len(raw)
    rows = np.concatenate(chunks) if len(chunks) > 1 else chunks[0]
    return Beams(
        points_m=np.ascontiguousarray(rows["xyz"] * FLIP_Y.astype(np.float32), dtype=np.float32),
        cos_incidence=np.ascontiguousarray(rows["cos"]),
        object_id=np.ascontiguousarray(rows["object_id"]),
        tag=rows["tag"].astype(np.uint8),
        met=met,
        time_offset_s=np.concatenate(offsets) if lidar.motion else None,
    )


def _turn(lidar: Lidar, subray: int) -> Float32[np.ndarray, "2 2"] | None:
    """From a part's frame to the LiDAR's, in CARLA's left-handed plane; none where they are the same."""
    if lidar.returns == 1:
        return None
    angle = SUBRAYS[subray][0] * lidar.divergence_mrad * 1e-3 / 4.0
    c, s = math.cos(-angle), math.sin(-angle)
    return np.array([[c, -s], [s, c]], np.float32)


def _turned(raw: np.ndarray, turn: Float32[np.ndarray, "2 2"]) -> np.ndarray:
    out = raw.copy()
    out["xyz"][:, :2] = raw["xyz"][:, :2] @ turn.T
    return out


@numba.njit(cache=True)
def _place(
    xyz: Float32[np.ndarray, "n 3"],
    counts: Float64[np.ndarray, "channels"],
    first_beam: int,
    columns: int,
    fov_deg: float,
    first_row: int,
    met: Int32[np.ndarray, "beams"],
) -> None:
    """Finds each point's column by its azimuth, which runs clockwise from the left edge of the field of
    view."""
    step = fov_deg / columns
    # A server may have turned by a part of a step before the sweep began; all points share it.
    sine, cosine = 0.0, 0.0
    for k in range(0, len(xyz), max(1, len(xyz) // 64)):
        at = (np.degrees(np.arctan2(xyz[k, 1], xyz[k, 0])) + fov_deg / 2.0) / step
        sine += np.sin(2.0 * np.pi * at)
        cosine += np.cos(2.0 * np.pi * at)
    phase = np.arctan2(sine, cosine) / (2.0 * np.pi)
    point = 0
    for channel in range(len(counts)):
        base = first_beam + channel * columns
        for _ in range(counts[channel]):
            at = (np.degrees(np.arctan2(xyz[point, 1], xyz[point, 0])) + fov_deg / 2.0) / step
            column = int(np.floor(at - phase + 0.5)) % columns
            met[base + column] = first_row + point
            point += 1


@lru_cache(maxsize=8)
def _cached_directions(
    runs: tuple[ChannelRun, ...], columns: int, fov_deg: float
) -> Float32[np.ndarray, "beams 3"]:
    elevation = np.radians(np.concatenate([np.linspace(r.upper_deg, r.lower_deg, r.channels) for r in runs]))
    azimuth = np.radians(fov_deg / 2.0 - np.arange(columns) * fov_deg / columns)
    out = np.empty((len(elevation), columns, 3), np.float32)
    out[..., 0] = np.cos(elevation)[:, None] * np.cos(azimuth)[None, :]
    out[..., 1] = np.cos(elevation)[:, None] * np.sin(azimuth)[None, :]
    out[..., 2] = np.sin(elevation)[:, None]
    out.flags.writeable = False
    return out.reshape(-1, 3)


def beam_directions(lidar: Lidar) -> Float32[np.ndarray, "beams 3"]:
    """Unit vectors in the LiDAR's frame, by beam; read-only."""
    return _cached_directions(lidar.channel_runs, lidar.columns, lidar.horizontal_fov_deg)
