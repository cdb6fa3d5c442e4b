"""Who moved how in a scene: the index's rows as arrays, with the lane under each vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.capture.index import query
from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.opendrive.lanes import LaneFixes, LaneLocator

EGO_TRACK = 0
"""Actor ids begin at 1."""
_EGO_LENGTH_M = 4.7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """n rows, one an object and frame, by track and then by time. The ego is a car of track `EGO_TRACK`."""

    time_s: Float64[np.ndarray, "n"]
    track: Int64[np.ndarray, "n"]
    kind: np.ndarray
    """Class of each row, as text."""
    blueprint: np.ndarray
    xy_m: Float64[np.ndarray, "n 2"]
    z_m: Float64[np.ndarray, "n"]
    yaw_rad: Float64[np.ndarray, "n"]
    length_m: Float64[np.ndarray, "n"]
    speed_mps: Float64[np.ndarray, "n"]
    signals: tuple[tuple[float, dict[str, str]], ...]
    """State by OpenDRIVE id at each time."""

    def is_any(self, kinds: frozenset[ObjectClass]) -> Bool[np.ndarray, "n"]:
        """Rows of some classes."""
        return np.isin(self.kind, [k.value for k in kinds])

    @property
    def people(self) -> Bool[np.ndarray, "n"]:
        """Rows of people on foot."""
        return self.is_any(PEOPLE)

    @property
    def ridden(self) -> Bool[np.ndarray, "n"]:
        """Rows of bicycles, motorcycles and tricycles."""
        return self.is_any(RIDDEN)

    @property
    def motor(self) -> Bool[np.ndarray, "n"]:
        """Rows of vehicles that are driven from within."""
        return ~self.people & ~self.ridden

    def lanes(self, locator: LaneLocator) -> LaneFixes:
        """The driving lane of each row."""
        return locator.locate(self.xy_m, self.yaw_rad)


def read_movement(run: Path, scene: str) -> Movement:
    """All that moved in a scene. Raises CaptureError where there is no index."""
    name = scene.replace("'", "''")
    moving = f"""
        select time_ns / 1e9, track_id, class, blueprint, x_m, y_m, z_m - height_m / 2, yaw_rad, length_m,
            speed_mps
        from objects where scene = '{name}'
        union all
        select time_ns / 1e9, {EGO_TRACK}, 'car', 'ego', ego_x_m, ego_y_m, ego_z_m, ego_yaw_rad,
            {_EGO_LENGTH_M}, ego_speed_mps
        from frames where scene = '{name}'
        order by 2, 1"""  # noqa: S608  (the name is quoted, and the index allows nothing but questions)
    rows = query(run, moving).rows
    lit = query(
        run,
        f"select time_ns / 1e9, signals from frames where scene = '{name}' order by 1",  # noqa: S608
    ).rows
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    number = [np.array(c, dtype=np.float64) for c in (columns[i] for i in (0, 4, 5, 6, 7, 8, 9))]
    time, x, y, z, yaw, length, speed = number
    return Movement(
        time_s=time,
        track=np.array(columns[1], dtype=np.int64),
        kind=np.array(columns[2], dtype=object),
        blueprint=np.array(columns[3], dtype=object),
        xy_m=np.stack([x, y], axis=1),
        z_m=z,
        yaw_rad=yaw,
        length_m=length,
        speed_mps=speed,
        signals=tuple((float(t), dict(states)) for t, states in lit),
    )
