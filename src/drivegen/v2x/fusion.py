"""Association and fusion of what agents report: tracks of the cloud's picture.

A track is a position and a velocity in the plane, predicted at constant velocity with white acceleration
(Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation, 2001, section 6.2) and
corrected by the Kalman update, so that each report counts by its covariance. Both axes have the same
variances and none in common, so that a covariance is three numbers: of position, of velocity, and between
them. Reports are assigned to tracks within a gate, the best sum of distances first (Kuhn 1955).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float64
from scipy.optimize import linear_sum_assignment

from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.core.geometry import Vec3

GATE = 11.83
"""Squared Mahalanobis distance in the plane that holds 99.73 per cent (chi-square, 2 degrees of freedom)."""
GATE_LEAST_M = 1.0
"""Reports as near as this are always within the gate: agents are surer of themselves than they should be."""
ACCELERATION_MPS2 = 2.0
"""Root of the density of the white acceleration (m/s^2 per root hertz), a choice."""
WALKING_MPS2 = 0.8
"""The same of people."""
FORGET_NS = 1_000_000_000
"""A track that nobody has reported for so long is dropped."""
CONFIRMED_BY = 2
"""Reports until a track is shown; a vehicle's own report is enough at once."""
MERGE_M = 1.2
"""Tracks of vehicles this near are one; of people half of it."""
MERGE_MPS = 3.0
"""Unless their velocities differ by more."""
_SIZE_GAIN = 0.2
_VOTES_KEPT = 0.98
_OWN_VOTES = 3.0
_BIG = 1e6

Spread = tuple[float, float, float]
"""Of each axis: variances of position (m^2) and velocity (m^2/s^2), between them the covariance (m^2/s)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """One object as one agent has reported it."""

    source: str
    number: int
    """The agent's own number of it; the agent itself is -1."""
    track_id: int
    """Truth, carried along for those who judge the picture; nothing is decided by it."""
    object_class: ObjectClass
    position_m: Vec3
    yaw_rad: float
    size_m: Vec3
    velocity_mps: Vec3
    sigma_m: float
    """Of each horizontal axis, as claimed."""
    speed_sigma_mps: float
    time_ns: int
    """By the stamp: what the reporter's clock calls the moment, as the cloud takes it."""
    seen_ns: int
    """The same moment by simulation time; for `CloudObject.age_ns` alone."""


@dataclass(slots=True, kw_only=True, eq=False)
class Track:
    """An object as the cloud has it."""

    cloud_id: int
    time_ns: int
    state: tuple[float, float, float, float]
    """x, y, vx, vy."""
    spread: Spread
    newest: Report
    """By simulation time."""
    size_m: Vec3
    object_class: ObjectClass
    """What most reports say; a vehicle's own count more."""
    reports: int = 0
    shown: bool = False
    votes: dict[ObjectClass, float] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    """When each agent last reported it, by the stamp."""

    def position_m(self, time_ns: int) -> tuple[float, float]:
        """Where it is at a time, which may lie before the track's."""
        dt = (time_ns - self.time_ns) * 1e-9
        x, y, vx, vy = self.state
        return x + dt * vx, y + dt * vy

    def spread_at(self, time_ns: int) -> Spread:
        """The covariance at a time."""
        density = WALKING_MPS2 if self.object_class in PEOPLE else ACCELERATION_MPS2
        return predicted(self.spread, (time_ns - self.time_ns) * 1e-9, density)


def predicted(spread: Spread, dt_s: float, density_mps2: float) -> Spread:
    """A covariance after (or before) a time, by white acceleration."""
    position, between, velocity = spread
    span, q = abs(dt_s), density_mps2**2
    return (
        position + 2.0 * dt_s * between + dt_s**2 * velocity + q * span**3 / 3.0,
        between + dt_s * velocity + q * span * dt_s / 2.0,
        velocity + q * span,
    )


def updated(spread: Spread, noise: Spread) -> tuple[Spread, tuple[float, float, float, float]]:
    """(covariance after a measurement of position and velocity, its gain by rows)."""
    p, b, v = spread
    s_p, s_b, s_v = p + noise[0], b + noise[1], v + noise[2]
    scale = 1.0 / (s_p * s_v - s_b * s_b)
    gain = (
        scale * (p * s_v - b * s_b),
        scale * (b * s_p - p * s_b),
        scale * (b * s_v - v * s_b),
        scale * (v * s_p - b * s_b),
    )
    after = (
        p - gain[0] * p - gain[1] * b,
        b - gain[0] * b - gain[1] * v,
        v - gain[2] * b - gain[3] * v,
    )
    return after, gain


class Fusion:
    """The tracks of a scene."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._by_number: dict[tuple[str, int], int] = {}
        """Cloud id by source and its number: an object keeps its track while its reporter keeps it."""
        self._next = 1

    def take(self, reports: Sequence[Report]) -> None:
        """One message's worth: reports of one source and about one moment."""
        for report in self._assign(self._follow(reports)):
            self._begin(report)

    def tracks(self, time_ns: int) -> list[Track]:
        """Those that are held at a time, by cloud id; forgets and merges."""
        self._tracks = [t for t in self._tracks if time_ns - t.time_ns <= FORGET_NS]
        self._merge(time_ns)
        alive = {t.cloud_id for t in self._tracks}
        self._by_number = {k: v for k, v in self._by_number.items() if v in alive}
        return [t for t in self._tracks if t.shown]

    def _follow(self, reports: Sequence[Report]) -> list[Report]:
        """Updates tracks that the source has reported under the same number; gives the other reports."""
        held = {t.cloud_id: t for t in self._tracks}
        left = []
        for report in reports:
            track = held.get(self._by_number.get((report.source, report.number), 0))
            if track is not None and _distances([track], [report])[0, 0] <= 2.0 * GATE:
                self._update(track, report)
            else:
                left.append(report)
        return left

    def _assign(self, reports: Sequence[Report]) -> list[Report]:
        """Updates the tracks that reports fall to; gives those that fall to none."""
        if not reports or not self._tracks:
            return list(reports)
        source, moment = reports[0].source, reports[0].time_ns
        # A source tells its objects apart: who was in this message already is nobody else's.
        free = [t for t in self._tracks if source not in t.sources or t.sources[source] < moment]
        if not free:
            return list(reports)
        cost = np.where(_alike(free, reports), _distances(free, reports), np.inf)
        rows, columns = linear_sum_assignment(np.where(cost <= GATE, cost, _BIG))
        taken = set()
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
            if cost[i, j] <= GATE:
                self._update(free[j], reports[i])
                taken.add(i)
        return [r for i, r in enumerate(reports) if i not in taken]

    def _begin(self, report: Report) -> None:
        x, y, _ = report.position_m.tolist()
        vx, vy, _ = report.velocity_mps.tolist()
        track = Track(
            cloud_id=self._next,
            time_ns=report.time_ns,
            state=(x, y, vx, vy),
            spread=_noise(report, 0.0),
            newest=report,
            size_m=report.size_m,
            object_class=report.object_class,
        )
        self._next += 1
        self._tracks.append(track)
        self._note(track, report)

    def _update(self, track: Track, report: Report) -> None:
        """The Kalman update; a report that is older than the track is moved to the track's time first."""
        time_ns = max(track.time_ns, report.time_ns)
        x, y = track.position_m(time_ns)
        _, _, vx, vy = track.state
        behind_s = (time_ns - report.time_ns) * 1e-9
        rx, ry, _ = report.position_m.tolist()
        rvx, rvy, _ = report.velocity_mps.tolist()
        spread, (pp, pv, vp, vv) = updated(track.spread_at(time_ns), _noise(report, behind_s))
        off_x, off_y = rx + behind_s * rvx - x, ry + behind_s * rvy - y
        turn_x, turn_y = rvx - vx, rvy - vy
        track.state = (
            x + pp * off_x + pv * turn_x,
            y + pp * off_y + pv * turn_y,
            vx + vp * off_x + vv * turn_x,
            vy + vp * off_y + vv * turn_y,
        )
        track.spread, track.time_ns = spread, time_ns
        if report.seen_ns >= track.newest.seen_ns:
            track.newest = report
        track.size_m = track.size_m + _SIZE_GAIN * (report.size_m - track.size_m)
        self._note(track, report)

    def _note(self, track: Track, report: Report) -> None:
        own = report.number < 0
        votes = {kind: _VOTES_KEPT * weight for kind, weight in track.votes.items()}
        votes[report.object_class] = votes.get(report.object_class, 0.0) + (_OWN_VOTES if own else 1.0)
        track.votes = votes
        track.object_class = _elected(votes)
        track.sources[report.source] = max(report.time_ns, track.sources.get(report.source, report.time_ns))
        track.reports += 1
        track.shown = track.shown or own or track.reports >= CONFIRMED_BY
        self._by_number[report.source, report.number] = track.cloud_id

    def _merge(self, time_ns: int) -> None:
        """Two tracks at one place that move alike become one, which keeps the older id."""
        if len(self._tracks) < 2:
            return
        at = np.array([t.position_m(time_ns) for t in self._tracks])
        speed = np.array([t.state[2:] for t in self._tracks])
        people = np.array([t.object_class in PEOPLE for t in self._tracks])
        gap = np.linalg.norm(at[:, None] - at[None, :], axis=2)
        drift = np.linalg.norm(speed[:, None] - speed[None, :], axis=2)
        near = (gap < np.where(people[:, None], 0.5, 1.0) * MERGE_M) & (drift < MERGE_MPS)
        near &= people[:, None] == people[None, :]
        gone: set[int] = set()
        for i, j in zip(*(v.tolist() for v in np.nonzero(np.triu(near, 1))), strict=True):
            older, younger = self._tracks[i], self._tracks[j]
            if i in gone or j in gone or _together(older, younger):
                continue
            gone.add(j)
            _absorb(older, younger)
            for key, cloud_id in self._by_number.items():
                if cloud_id == younger.cloud_id:
                    self._by_number[key] = older.cloud_id
        self._tracks = [t for k, t in enumerate(self._tracks) if k not in gone]


def _elected(votes: dict[ObjectClass, float]) -> ObjectClass:
    if len(votes) == 1:
        return next(iter(votes))
    return max(sorted(votes), key=lambda kind: votes[kind])


def _together(one: Track, other: Track) -> bool:
    """Whether some source has reported both at the same moment, as two objects."""
    return any(one.sources.get(source) == at for source, at in other.sources.items())


def _absorb(older: Track, younger: Track) -> None:
    if younger.time_ns > older.time_ns:
        older.state, older.spread, older.time_ns = younger.state, younger.spread, younger.time_ns
    if younger.newest.seen_ns > older.newest.seen_ns:
        older.newest = younger.newest
    for source, at in younger.sources.items():
        older.sources[source] = max(at, older.sources.get(source, at))
    for kind, weight in younger.votes.items():
        older.votes[kind] = older.votes.get(kind, 0.0) + weight
    older.object_class = _elected(older.votes)
    older.reports += younger.reports
    older.shown = older.shown or younger.shown


def _noise(report: Report, behind_s: float) -> Spread:
    """Of a report that was moved forward by a time at its own velocity."""
    speed = report.speed_sigma_mps**2
    return report.sigma_m**2 + speed * behind_s**2, speed * behind_s, speed


def _alike(tracks: Sequence[Track], reports: Sequence[Report]) -> Bool[np.ndarray, "r t"]:
    """False between people and motor vehicles; what is ridden is taken for either."""
    said, held = ([_side(o.object_class) for o in objects] for objects in (reports, tracks))
    return np.asarray(np.abs(np.array(said)[:, None] - np.array(held)[None, :]) < 2)


def _side(object_class: ObjectClass) -> int:
    return 0 if object_class in PEOPLE else 1 if object_class in RIDDEN else 2


def _distances(tracks: Sequence[Track], reports: Sequence[Report]) -> Float64[np.ndarray, "r t"]:
    """Squared Mahalanobis distances in the plane, with the gate's least width in the variance.

    The reports are of one moment: that of the first.
    """
    time_ns = reports[0].time_ns
    at = np.array([t.position_m(time_ns) for t in tracks])
    spread = np.array([t.spread_at(time_ns)[0] for t in tracks])
    said = np.array([r.position_m[:2] for r in reports])
    noise = np.array([r.sigma_m**2 for r in reports])
    gap = ((said[:, None, :] - at[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(gap / (spread[None, :] + noise[:, None] + GATE_LEAST_M**2 / GATE))
