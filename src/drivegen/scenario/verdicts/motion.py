"""How entities moved, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float, Int

from drivegen.scenario.player.bodies import Box
from drivegen.scenario.player.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """One entity over the ticks at which it was there. Map frame, metres, radians, m/s."""

    name: str
    box: Box
    """From the reference point, as the scenario gives it."""
    tick: Int[np.ndarray, " n"]
    """Rising; the same instant has the same number for all entities of a course."""
    time_s: Float[np.ndarray, " n"]
    xyz_m: Float[np.ndarray, "n 3"]
    """Of the reference point."""
    heading_rad: Float[np.ndarray, " n"]
    speed_mps: Float[np.ndarray, " n"]
    """Along the heading; negative in reverse."""

    @property
    def ahead(self) -> Float[np.ndarray, "n 2"]:
        """Unit vectors to the front."""
        return np.stack([np.cos(self.heading_rad), np.sin(self.heading_rad)], axis=1)

    @property
    def middle_m(self) -> Float[np.ndarray, "n 2"]:
        """Middles of the box on the ground plane."""
        return self._at(self.box.x_m, self.box.y_m)

    @property
    def front_m(self) -> Float[np.ndarray, "n 2"]:
        """Middles of the box's front face."""
        return self._at(self.box.x_m + self.box.length_m / 2.0, self.box.y_m)

    @property
    def corners_m(self) -> Float[np.ndarray, "n 4 2"]:
        """Front left, rear left, rear right, front right."""
        half_l, half_w = self.box.length_m / 2.0, self.box.width_m / 2.0
        signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))
        return np.stack(
            [self._at(self.box.x_m + a * half_l, self.box.y_m + b * half_w) for a, b in signs], axis=1
        )

    @property
    def low_m(self) -> Float[np.ndarray, " n"]:
        """Heights of the box's floor."""
        return self.xyz_m[:, 2] + self.box.z_m - self.box.height_m / 2.0

    @property
    def velocity_mps(self) -> Float[np.ndarray, "n 2"]:
        """From positions by central differences, so that a change of lane counts; one-sided at the ends."""
        if len(self.tick) < 2:
            return self.ahead * self.speed_mps[:, None]
        return np.stack([np.gradient(self.xyz_m[:, axis], self.time_s) for axis in (0, 1)], axis=1)

    def footprints(self) -> np.ndarray:
        """The box's outline at each tick, as shapely polygons, (n,) object."""
        return np.asarray(shapely.polygons(self.corners_m))

    def at(self, rows: Int[np.ndarray, " k"]) -> Motion:
        """The same at some of its rows."""
        return Motion(
            name=self.name,
            box=self.box,
            tick=self.tick[rows],
            time_s=self.time_s[rows],
            xyz_m=self.xyz_m[rows],
            heading_rad=self.heading_rad[rows],
            speed_mps=self.speed_mps[rows],
        )

    def thinned(self, step_s: float) -> Motion:
        """The same at about one row in `step_s`."""
        if len(self.tick) < 2:
            return self
        between = float(np.median(np.diff(self.time_s)))
        return self.at(np.arange(0, len(self.tick), max(1, round(step_s / between))))

    def _at(self, ahead_m: float, left_m: float) -> Float[np.ndarray, "n 2"]:
        ahead = self.ahead
        left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        return self.xyz_m[:, :2] + ahead_m * ahead + left_m * left


def motions_of(rows: Iterable[Row], boxes: Mapping[str, Box]) -> dict[str, Motion]:
    """Motions by name, in the order of `boxes`; entities without a row are left out."""
    found: dict[str, list[Row]] = {name: [] for name in boxes}
    times = set()
    for row in rows:
        found[row.name].append(row)
        times.add(row.time_s)
    tick_of = {time: tick for tick, time in enumerate(sorted(times))}
    return {
        name: Motion(
            name=name,
            box=boxes[name],
            tick=np.array([tick_of[r.time_s] for r in its], dtype=np.int64),
            time_s=np.array([r.time_s for r in its]),
            xyz_m=np.array([(r.x_m, r.y_m, r.z_m) for r in its]),
            heading_rad=np.array([r.h_rad for r in its]),
            speed_mps=np.array([r.speed_mps for r in its]),
        )
        for name, its in found.items()
        if its
    }


def together(one: Motion, other: Motion) -> tuple[Motion, Motion]:
    """Both at the ticks at which both were there and their boxes share some height."""
    _, a, b = np.intersect1d(one.tick, other.tick, assume_unique=True, return_indices=True)
    low, other_low = one.low_m[a], other.low_m[b]
    level = (low < other_low + other.box.height_m) & (other_low < low + one.box.height_m)
    return one.at(a[level]), other.at(b[level])
