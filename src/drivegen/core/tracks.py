"""Tracks: where something is at which time, as a part of scene plans; and what signals show when."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.errors import PlanError
from drivegen.core.geometry import Pose, Vec3

LENGTH_DIGITS, ANGLE_DIGITS, TIME_DIGITS = 4, 5, 6
"""`Track.through` rounds to 0.1 mm, 0.01 mrad and a microsecond."""


class Anchor(StrEnum):
    """Which point of its box a track is of."""

    GROUND = "ground"
    """The middle of the underside: where it stands."""
    MIDDLE = "middle"
    """The middle, as labels have it."""
    ORIGIN = "origin"
    """The origin of the actor, as poses of agents have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The motion of a vehicle or walker, by rows of columns of equal length.

    It is in the world from the first to the last time. Between rows the place goes by the cubic Hermite
    polynomial through both places and velocities, angles evenly along the shorter arc.
    """

    times_s: tuple[float, ...]
    """Since the scene's beginning, warm-up included; strictly ascending, two or more."""
    x_m: tuple[float, ...]
    y_m: tuple[float, ...]
    z_m: tuple[float, ...]
    yaw_rad: tuple[float, ...]
    """ISO 8855: about z, from x to y; any turn of the same angle will do."""
    pitch_rad: tuple[float, ...] = ()
    """Positive with the nose down (about y); empty: 0. Walkers have none."""
    roll_rad: tuple[float, ...] = ()
    vx_mps: tuple[float, ...] = ()
    """World frame; empty: from the places, by the parabola through three rows."""
    vy_mps: tuple[float, ...] = ()
    vz_mps: tuple[float, ...] = ()
    anchor: Anchor = Anchor.GROUND
    of: str = ""
    """Whose motion it is, in words of who made it: an entity's name, an object id."""

    def __post_init__(self) -> None:
        rows = len(self.times_s)
        told = f"the track of {self.of}" if self.of else "a track"
        if rows < 2:
            raise PlanError(f"{told} has {rows} rows: two or more are needed")
        if any(b <= a for a, b in itertools.pairwise(self.times_s)):
            raise PlanError(f"{told}: its times do not ascend")
        for name in ("x_m", "y_m", "z_m", "yaw_rad", *_OPTIONAL):
            column = getattr(self, name)
            if len(column) != rows and (column or name not in _OPTIONAL):
                raise PlanError(f"{told}: {name} has {len(column)} values for {rows} times")
            if not all(map(math.isfinite, column)):
                raise PlanError(f"{told}: {name} has values that are no numbers")
        if len({bool(self.vx_mps), bool(self.vy_mps), bool(self.vz_mps)}) > 1:
            raise PlanError(f"{told} has velocities along some axes only: give all three or none")

    @staticmethod
    def through(
        times_s: Sequence[float] | Float[np.ndarray, "n"],
        xyz_m: Float[np.ndarray, "n 3"],
        yaw_rad: Float[np.ndarray, "n"],
        *,
        pitch_rad: Float[np.ndarray, "n"] | None = None,
        roll_rad: Float[np.ndarray, "n"] | None = None,
        velocity_mps: Float[np.ndarray, "n 3"] | None = None,
        anchor: Anchor = Anchor.GROUND,
        of: str = "",
    ) -> Track:
        """From arrays, rounded so that it takes little room. Raises PlanError."""
        x, y, z = (_column(c, LENGTH_DIGITS) for c in np.asarray(xyz_m, np.float64).T)
        vx, vy, vz = (
            ((), (), ())
            if velocity_mps is None
            else (_column(c, LENGTH_DIGITS) for c in np.asarray(velocity_mps, np.float64).T)
        )
        return Track(
            times_s=_column(np.asarray(times_s), TIME_DIGITS),
            x_m=x,
            y_m=y,
            z_m=z,
            yaw_rad=_column(yaw_rad, ANGLE_DIGITS),
            pitch_rad=_column_or_none(pitch_rad),
            roll_rad=_column_or_none(roll_rad),
            vx_mps=vx,
            vy_mps=vy,
            vz_mps=vz,
            anchor=anchor,
            of=of,
        )

    @property
    def begins_s(self) -> float:
        """When it appears."""
        return self.times_s[0]

    @property
    def ends_s(self) -> float:
        """When it is there for the last time."""
        return self.times_s[-1]


_OPTIONAL = ("pitch_rad", "roll_rad", "vx_mps", "vy_mps", "vz_mps")


def _column(values: Float[np.ndarray, "n"], digits: int) -> tuple[float, ...]:
    # + 0.0 turns -0.0 into 0.0: equal tracks have equal text.
    return tuple((np.round(np.asarray(values, np.float64), digits) + 0.0).tolist())


def _column_or_none(angles_rad: Float[np.ndarray, "n"] | None) -> tuple[float, ...]:
    column = () if angles_rad is None else _column(angles_rad, ANGLE_DIGITS)
    return column if any(column) else ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A track at a time; world frame."""

    position_m: Vec3
    """Of the track's anchor."""
    yaw_rad: float
    pitch_rad: float
    roll_rad: float
    velocity_mps: Vec3
    acceleration_mps2: Vec3
    yaw_rate_radps: float

    @property
    def pose(self) -> Pose:
        """Position and angles as a pose."""
        x, y, z = self.position_m.tolist()
        return Pose.from_xyz_rpy(x, y, z, self.roll_rad, self.pitch_rad, self.yaw_rad)


class TrackCourse:
    """A track that can be asked for any time."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._times_s: Float64[np.ndarray, "n"] = np.array(track.times_s)
        rows = len(self._times_s)
        self._xyz_m = np.array([track.x_m, track.y_m, track.z_m]).T
        self._rpy_rad = np.unwrap(
            np.array([track.roll_rad or (0.0,) * rows, track.pitch_rad or (0.0,) * rows, track.yaw_rad]).T,
            axis=0,
        )
        given = np.array([track.vx_mps, track.vy_mps, track.vz_mps]).T
        self._velocity_mps = given if given.size else _slopes(self._times_s, self._xyz_m)
        self._acceleration_mps2 = _slopes(self._times_s, self._velocity_mps)
        self._yaw_rate_radps = _slopes(self._times_s, self._rpy_rad[:, 2:])

    def is_there(self, time_s: float, slack_s: float = 1e-6) -> bool:
        """Whether the time is one of the track, give or take `slack_s`."""
        return bool(self._times_s[0] - slack_s <= time_s <= self._times_s[-1] + slack_s)

    def at(self, time_s: float, early_s: float = 0.0) -> Placed:
        """Where it is; before its first time as at the first, after its last as at the last.

        With `early_s`: so much earlier, had it moved evenly.
        """
        times = self._times_s
        time_s = min(max(time_s, float(times[0])), float(times[-1]))
        k = min(max(int(np.searchsorted(times, time_s, side="right")) - 1, 0), len(times) - 2)
        step_s = float(times[k + 1] - times[k])
        u = (time_s - float(times[k])) / step_s
        (p, q), (v, w) = self._xyz_m[k : k + 2], self._velocity_mps[k : k + 2] * step_s
        # The cubic Hermite basis and its derivative.
        position = (
            (1.0 + 2.0 * u) * (1.0 - u) ** 2 * p
            + u * (1.0 - u) ** 2 * v
            + u * u * (3.0 - 2.0 * u) * q
            - u * u * (1.0 - u) * w
        )
        velocity = (
            6.0 * u * (1.0 - u) * (q - p) + (1.0 - u) * (1.0 - 3.0 * u) * v - u * (2.0 - 3.0 * u) * w
        ) / step_s
        roll, pitch, yaw = ((1.0 - u) * self._rpy_rad[k] + u * self._rpy_rad[k + 1]).tolist()
        yaw_rate = float((1.0 - u) * self._yaw_rate_radps[k, 0] + u * self._yaw_rate_radps[k + 1, 0])
        return Placed(
            position_m=position - velocity * early_s,
            yaw_rad=yaw - yaw_rate * early_s,
            pitch_rad=pitch,
            roll_rad=roll,
            velocity_mps=velocity,
            acceleration_mps2=(1.0 - u) * self._acceleration_mps2[k] + u * self._acceleration_mps2[k + 1],
            yaw_rate_radps=yaw_rate,
        )


def _slopes(
    times_s: Float64[np.ndarray, "n"], values: Float64[np.ndarray, "n d"]
) -> Float64[np.ndarray, "n d"]:
    """Derivative at each row of the parabola through it and its neighbours (through the three first or last
    rows at the ends); of two rows the line's."""
    steps = np.diff(times_s)[:, None]
    means = np.diff(values, axis=0) / steps
    if len(means) == 1:
        return np.repeat(means, 2, axis=0)
    inner = (means[:-1] * steps[1:] + means[1:] * steps[:-1]) / (steps[:-1] + steps[1:])
    return np.concatenate([2.0 * means[:1] - inner[:1], inner, 2.0 * means[-1:] - inner[-1:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCourse:
    """What a traffic light shows, from each time to the next; it does not change by itself."""

    signal_id: str
    """OpenDRIVE id of the signal."""
    times_s: tuple[float, ...]
    """Since the scene's beginning, strictly ascending; the first state holds before the first time too."""
    states: tuple[str, ...]
    """red, yellow, green or off, as captures have them."""

    def __post_init__(self) -> None:
        if not self.times_s or len(self.times_s) != len(self.states):
            raise PlanError(
                f"signal {self.signal_id}: {len(self.times_s)} times and {len(self.states)} states: as many "
                "of each are needed, and one or more"
            )
        if any(b <= a for a, b in itertools.pairwise(self.times_s)):
            raise PlanError(f"signal {self.signal_id}: its times do not ascend")
        unknown = sorted(set(self.states) - SIGNAL_STATES)
        if unknown:
            raise PlanError(f"signal {self.signal_id}: {unknown[0]!r} is none of {sorted(SIGNAL_STATES)}")

    def at(self, time_s: float) -> str:
        """What it shows at a time."""
        row = int(np.searchsorted(np.array(self.times_s), time_s + 1e-9, side="right")) - 1
        return self.states[max(row, 0)]

    def next_change_s(self, time_s: float) -> float | None:
        """When it shows something else for the first time after a time; None if it never does."""
        now = self.at(time_s)
        rows = zip(self.times_s, self.states, strict=True)
        return next((t for t, state in rows if t > time_s + 1e-9 and state != now), None)


SIGNAL_STATES = frozenset({"red", "yellow", "green", "off"})
