"""Trajectories: one row for each entity at each tick."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import StorageError
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.roads.angles import turned

HEADER = ("time", "name", "x", "y", "z", "h", "speed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Where an entity's reference point is at a tick.

    OpenDRIVE axes: metres, radians from 0 to 2 pi, m/s along the heading (negative in reverse).
    """

    time_s: float
    name: str
    x_m: float
    y_m: float
    z_m: float
    h_rad: float
    speed_mps: float
    pitch_rad: float = 0.0
    """Not in tables; positive with the nose down."""
    roll_rad: float = 0.0

    @staticmethod
    def of(time_s: float, body: Body) -> Row:
        """An entity as it is now."""
        pose = body.pose
        return Row(
            time_s=time_s,
            name=body.name,
            x_m=pose.x_m,
            y_m=pose.y_m,
            z_m=pose.z_m,
            h_rad=turned(pose.heading_rad),
            speed_mps=body.speed_mps,
            pitch_rad=pose.pitch_rad,
            roll_rad=pose.roll_rad,
        )


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes rows as CSV: time,name,x,y,z,h,speed; six decimals. Raises StorageError."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for row in rows:
                numbers = (row.x_m, row.y_m, row.z_m, row.h_rad, row.speed_mps)
                writer.writerow((f"{row.time_s:.6f}", row.name, *(f"{v + 0.0:.6f}" for v in numbers)))
    except OSError as error:
        raise StorageError(f"{path}: the trajectories cannot be written ({error.strerror})") from error


def read_rows(path: Path) -> list[Row]:
    """Reads what `write_rows` wrote, or any CSV with at least those columns. Raises StorageError."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                Row(
                    time_s=float(line["time"]),
                    name=line["name"],
                    x_m=float(line["x"]),
                    y_m=float(line["y"]),
                    z_m=float(line["z"]),
                    h_rad=float(line["h"]),
                    speed_mps=float(line["speed"]),
                )
                for line in csv.DictReader(file)
            ]
    except OSError as error:
        raise StorageError(f"{path}: the trajectories cannot be read ({error.strerror})") from error
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{path}: not a table of trajectories ({error}): it needs the columns {', '.join(HEADER)}"
        ) from error
