"""Ways: the line that each actor may follow, along the lanes ahead of it or straight on.

Futures are learned as how far along its way an actor gets and how far to its left it is: lanes bend, and what
is drawn bends with them. At forks a way goes on by chance, or, for futures that are known, as they went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from drivegen_generators.vehicles.learned.pieces import POINTS, PieceKind, Pieces
from drivegen_generators.vehicles.learned.scenes import Group

SPACING_M = 2.0
PLACES = 101
"""Of a way: 200 m."""
STATIONS_M = (4.0, 8.0, 14.0, 20.0, 30.0, 44.0, 60.0, 90.0)
"""Where the model is told how a way bends."""
WAY = 3 * len(STATIONS_M) + 3 + 10 + 6
"""Numbers of a way: bends; offset, direction; limits and end; light; who is ahead."""
_STARTS_M, _FITS_RAD = 4.0, 1.0
"""Who is so near to a lane, and looks so much as it runs, may follow it."""
_RAD_M = 4.0
"""Metres that a radian of difference counts as."""
_TIE_M = 0.6
"""Lanes that fit as well as the best but for so much are as likely."""
_TIE_KNOWN_M = 2.0
_STOREY_M = 3.0
_MOST_TRIED = 64
_MOVES_M = 1.0
_AHEAD_M = 80.0
_LIGHT_M = 60.0


def to_local(
    points_m: Float[np.ndarray, "*b 2"], origin_m: Float[np.ndarray, "*c 2"], yaw_rad: Float[np.ndarray, "*d"]
) -> Float64[np.ndarray, "*b 2"]:
    """Points in the frames of actors at `origin_m` that look along `yaw_rad`."""
    delta = np.asarray(points_m) - origin_m
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.stack([delta[..., 0] * c + delta[..., 1] * s, delta[..., 1] * c - delta[..., 0] * s], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """A way of each of n actors."""

    points_m: Float64[np.ndarray, "n k 2"]
    """Every `SPACING_M`, map frame; the first is nearest to where the actor is now."""
    told: Float32[np.ndarray, "n w"]
    """What the model is told of it."""

    @property
    def normal(self) -> Float64[np.ndarray, "n k 2"]:
        """To the left."""
        step = np.gradient(self.points_m, axis=1)
        step /= np.linalg.norm(step, axis=2, keepdims=True)
        return np.stack([-step[..., 1], step[..., 0]], axis=-1)

    def seen_from(
        self, xyz_m: Float[np.ndarray, "n 3"], yaw_rad: Float[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n k 2"]:
        """In each actor's own frame."""
        return to_local(self.points_m, xyz_m[:, None, :2], yaw_rad[:, None])

    def locate(self, xy_m: Float[np.ndarray, "n t 2"]) -> Float64[np.ndarray, "n t 2"]:
        """How far along and to the left places are, one after the other; NaN stays."""
        n, t = xy_m.shape[:2]
        out = np.full((n, t, 2), np.nan)
        a = self.points_m
        step = np.diff(a, axis=1)
        square = (step**2).sum(axis=2)
        last = a.shape[1] - 2
        window = np.arange(-3, 12)
        at = np.zeros(n, np.int64)
        rows = np.arange(n)
        for k in range(t):
            cell = np.clip(at[:, None] + window, 0, last)
            delta = xy_m[:, k, None] - a[rows[:, None], cell]
            run = step[rows[:, None], cell]
            share = (delta * run).sum(axis=2) / square[rows[:, None], cell]
            low = np.where(cell == 0, -np.inf, 0.0)
            share = np.clip(share, low, np.where(cell == last, np.inf, 1.0))
            gap = np.linalg.norm(delta - run * share[..., None], axis=2)
            there = np.isfinite(gap).all(axis=1)
            best = np.argmin(np.where(np.isfinite(gap), gap, np.inf), axis=1)
            found = cell[rows, best]
            along = (found + share[rows, best]) * SPACING_M
            side = run[rows, best, 0] * delta[rows, best, 1] - run[rows, best, 1] * delta[rows, best, 0]
            out[:, k, 0] = np.where(there, along, np.nan)
            out[:, k, 1] = np.where(there, side / np.sqrt(square[rows, found]), np.nan)
            at = np.where(there, found, at)
        return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Geometry:
    """Of pieces, worked out once."""

    heading: Float64[np.ndarray, "n p"]
    length: Float64[np.ndarray, "n"]


_KEPT: WeakKeyDictionary[Pieces, _Geometry] = WeakKeyDictionary()


def _geometry(pieces: Pieces) -> _Geometry:
    found = _KEPT.get(pieces)
    if found is None:
        length = np.linalg.norm(np.diff(pieces.points_m[..., :2], axis=1), axis=2).sum(axis=1)
        found = _KEPT[pieces] = _Geometry(heading=pieces.heading_rad, length=length)
    return found


def ways_of(
    rng: np.random.Generator,
    pieces: Pieces,
    xyz_m: Float[np.ndarray, "n 3"],
    yaw_rad: Float[np.ndarray, "n"],
    speed_mps: Float[np.ndarray, "n"],
    size_m: Float[np.ndarray, "n 2"],
    group: Int64[np.ndarray, "n"],
    light: Float[np.ndarray, "p 5"],
    came_m: Float[np.ndarray, "n t 2"] | None = None,
) -> Ways:
    """Ways of all actors of a moment.

    Args:
        rng: Chooses at forks.
        pieces: Of the road.
        xyz_m: Where actors are.
        yaw_rad: Where they look.
        speed_mps: How fast they are.
        size_m: Length and width.
        group: `Group` of each.
        light: What holds the traffic of each piece (`Lights.of_pieces`).
        came_m: Futures that are known, which ways then follow; NaN where they are not.
    """
    points = np.empty((len(xyz_m), PLACES, 2))
    road = np.zeros((len(xyz_m), 10))
    for n in range(len(xyz_m)):
        came = None
        if came_m is not None:
            came = came_m[n][np.isfinite(came_m[n, :, 0])]
        route: list[int] = []
        if group[n] != Group.WALKER:
            route = _route(rng, pieces, xyz_m[n], float(yaw_rad[n]), came)
        points[n], start_m = _line(pieces, route, xyz_m[n, :2], float(yaw_rad[n]))
        road[n] = _road(pieces, route, start_m, light)
    ways = Ways(points_m=points, told=np.zeros((len(xyz_m), WAY), np.float32))
    bends = _bends(ways, xyz_m, yaw_rad)
    ahead = _who_is_ahead(ways, xyz_m, yaw_rad, speed_mps, size_m)
    told = np.concatenate([bends, road, ahead], axis=1).astype(np.float32)
    return Ways(points_m=points, told=told)


def _starts(pieces: Pieces, xyz_m: Float[np.ndarray, "3"], yaw_rad: float) -> list[tuple[float, int]]:
    """Pieces that an actor may be on, the likeliest first."""
    heading = _geometry(pieces).heading
    near = pieces.tree.query_ball_point(xyz_m[:2], _STARTS_M + 4.0, return_sorted=True)
    found: dict[int, float] = {}
    for p in {int(i) // POINTS for i in near}:
        if pieces.kind[p] >= PieceKind.PAVEMENT:
            continue
        line = pieces.points_m[p]
        if abs(line[:, 2] - xyz_m[2]).min() > _STOREY_M:
            continue
        k, apart = _nearest(line[:, :2], xyz_m[:2])
        turn = abs((heading[p, k] - yaw_rad + np.pi) % (2.0 * np.pi) - np.pi)
        if apart < _STARTS_M and turn < _FITS_RAD:
            found[p] = apart + _RAD_M * turn
    return sorted((score, p) for p, score in found.items())


def _nearest(line_m: Float[np.ndarray, "k 2"], xy_m: Float[np.ndarray, "2"]) -> tuple[int, float]:
    """The segment of a line nearest to a place, and how far it is."""
    run = np.diff(line_m, axis=0)
    delta = xy_m - line_m[:-1]
    share = ((delta * run).sum(axis=1) / np.maximum((run**2).sum(axis=1), 1e-9)).clip(0.0, 1.0)
    gap = np.linalg.norm(delta - run * share[:, None], axis=1)
    k = int(np.argmin(gap))
    return k, float(gap[k])


def _route(
    rng: np.random.Generator,
    pieces: Pieces,
    xyz_m: Float[np.ndarray, "3"],
    yaw_rad: float,
    came_m: Float[np.ndarray, "t 2"] | None,
) -> list[int]:
    """Pieces one after the other; none where no lane fits."""
    starts = _starts(pieces, xyz_m, yaw_rad)
    if not starts:
        return []
    best = starts[0][0]
    travelled = 0.0
    if came_m is not None and len(came_m):
        travelled = float(np.linalg.norm(np.diff(came_m, axis=0), axis=1).sum())
    if came_m is not None and travelled > _MOVES_M:
        firsts = [p for score, p in starts if score < best + _TIE_KNOWN_M]
        route = _followed(pieces, firsts, came_m, travelled)
    else:
        firsts = [p for score, p in starts if score < best + _TIE_M]
        route = [firsts[int(rng.integers(len(firsts)))]]
    length = _geometry(pieces).length
    total = float(length[route].sum())
    while total < SPACING_M * PLACES + POINTS and pieces.after[route[-1]]:
        after = pieces.after[route[-1]]
        route.append(after[int(rng.integers(len(after)))])
        total += float(length[route[-1]])
    return route


def _followed(
    pieces: Pieces,
    firsts: Sequence[int],
    came_m: Float[np.ndarray, "t 2"],
    travelled_m: float,
) -> list[int]:
    """The route, as far as it was travelled, that a future is nearest to."""
    length = _geometry(pieces).length
    best: tuple[float, list[int]] = (np.inf, [firsts[0]])
    tried = 0
    stack = [([p], 0.0) for p in reversed(firsts)]
    while stack and tried < _MOST_TRIED:
        route, before = stack.pop()
        # Of the first piece a part lies behind.
        ends = before + float(length[route[-1]]) * (0.0 if len(route) == 1 else 1.0)
        after = pieces.after[route[-1]]
        if ends < travelled_m and after:
            stack += [([*route, p], ends) for p in reversed(after)]
            continue
        tried += 1
        line = pieces.points_m[route][..., :2].reshape(-1, 2)
        line = np.concatenate([line[:1], line[1:][np.linalg.norm(np.diff(line, axis=0), axis=1) > 1e-3]])
        gap = np.mean([_nearest(line, p)[1] for p in (*came_m[::5], came_m[-1])])
        if gap < best[0] - 1e-6:
            best = (float(gap), route)
    return best[1]


def _line(
    pieces: Pieces, route: list[int], xy_m: Float[np.ndarray, "2"], yaw_rad: float
) -> tuple[Float64[np.ndarray, "k 2"], float]:
    """Places every `SPACING_M`, straight on after the end; and how far along the route the first is."""
    wanted = np.arange(PLACES) * SPACING_M
    if not route:
        return xy_m + wanted[:, None] * np.array([np.cos(yaw_rad), np.sin(yaw_rad)]), 0.0
    line = pieces.points_m[route][..., :2].reshape(-1, 2)
    line = np.concatenate([line[:1], line[1:][np.linalg.norm(np.diff(line, axis=0), axis=1) > 1e-3]])
    run = np.diff(line, axis=0)
    length = np.linalg.norm(run, axis=1)
    along = np.concatenate([[0.0], np.cumsum(length)])
    k, _ = _nearest(line[: 2 * POINTS], xy_m)
    share = ((xy_m - line[k]) * run[k]).sum() / length[k] ** 2
    start = float(along[k] + np.clip(share, 0.0, 1.0) * length[k])
    line = np.concatenate([line, line[-1:] + run[-1:] / length[-1] * wanted[-1]])
    along = np.append(along, along[-1] + wanted[-1])
    return np.stack([np.interp(start + wanted, along, line[:, d]) for d in range(2)], axis=1), start


def _road(
    pieces: Pieces, route: list[int], start_m: float, light: Float[np.ndarray, "p 5"]
) -> Float64[np.ndarray, "10"]:
    """Limit now and 30 m ahead, where the way ends, and its next light: whether there is one, how far its
    line is, twice, red, yellow, green, and how long still."""
    out = np.zeros(10)
    if not route:
        return out
    length = _geometry(pieces).length
    ends = np.cumsum(length[route]) - start_m
    out[0] = pieces.speed_mps[route[0]] / 10.0
    out[1] = pieces.speed_mps[route[min(int(np.searchsorted(ends, 30.0)), len(route) - 1)]] / 10.0
    out[2] = min(float(ends[-1]), 100.0) / 100.0
    for p, end in zip(route, ends, strict=True):
        if end > _LIGHT_M:
            break
        if light[p, 0] and end > 0.0:
            out[3] = 1.0
            out[4], out[5] = end / 20.0, np.exp(-end / 8.0)
            out[6:10] = light[p, 1:5]
            break
    return out


def _bends(
    ways: Ways, xyz_m: Float[np.ndarray, "n 3"], yaw_rad: Float[np.ndarray, "n"]
) -> Float64[np.ndarray, "n b"]:
    """How far aside and ahead the stations are, how the way has turned there, and how the actor is to it."""
    at = np.array([round(s / SPACING_M) for s in STATIONS_M])
    first = ways.points_m[:, 1] - ways.points_m[:, 0]
    heading = np.arctan2(first[:, 1], first[:, 0])
    c, s = np.cos(heading)[:, None], np.sin(heading)[:, None]
    delta = ways.points_m[:, at] - ways.points_m[:, :1]
    ahead = (delta[..., 0] * c + delta[..., 1] * s) / 30.0
    aside = (delta[..., 1] * c - delta[..., 0] * s) / 30.0
    run = ways.points_m[:, at + 1] - ways.points_m[:, at - 1]
    turn = np.unwrap(np.concatenate([heading[:, None], np.arctan2(run[..., 1], run[..., 0])], axis=1), axis=1)
    off = xyz_m[:, :2] - ways.points_m[:, 0]
    offset = off[:, 1] * c[:, 0] - off[:, 0] * s[:, 0]
    difference = yaw_rad - heading
    own = np.stack([offset / 2.0, np.sin(difference), np.cos(difference)], axis=1)
    return np.concatenate([ahead, aside, turn[:, 1:] - turn[:, :1], own], axis=1)


def _who_is_ahead(
    ways: Ways,
    xyz_m: Float[np.ndarray, "n 3"],
    yaw_rad: Float[np.ndarray, "n"],
    speed_mps: Float[np.ndarray, "n"],
    size_m: Float[np.ndarray, "n 2"],
) -> Float64[np.ndarray, "n 6"]:
    """The next on each actor's way: whether there is one, how far its back is, twice, how fast it goes along
    the way, how much slower it is, and how long until both meet."""
    n = len(xyz_m)
    out = np.zeros((n, 6))
    delta = xyz_m[None, :, None, :2] - ways.points_m[:, None, : int(_AHEAD_M / SPACING_M)]
    apart = (delta**2).sum(axis=3)
    k = apart.argmin(axis=2)
    rows = np.arange(n)[:, None]
    normal = ways.normal[rows, k]
    tangent = np.stack([normal[..., 1], -normal[..., 0]], axis=-1)
    rest = delta[rows, np.arange(n)[None], k]
    along = k * SPACING_M + (rest * tangent).sum(axis=2)
    side = (rest * normal).sum(axis=2)
    own = side[np.arange(n), np.arange(n)]
    wide = 0.5 * (size_m[:, 1][:, None] + size_m[:, 1][None]) + 0.2
    met: Bool[np.ndarray, "n n"] = (np.abs(side - own[:, None]) < wide) & (along > 0.5)
    met &= (k < int(_AHEAD_M / SPACING_M) - 1) & (
        np.abs(xyz_m[:, 2][:, None] - xyz_m[:, 2][None]) < _STOREY_M
    )
    np.fill_diagonal(met, False)
    gap = np.where(met, along - 0.5 * (size_m[:, 0][:, None] + size_m[:, 0][None]), np.inf)
    next_ = gap.argmin(axis=1)
    there = met.any(axis=1)
    gap_m = np.where(there, gap[np.arange(n), next_].clip(-1.0, _AHEAD_M), _AHEAD_M)
    axis = np.stack([np.cos(yaw_rad), np.sin(yaw_rad)], axis=1)
    pace = (axis[next_] * tangent[np.arange(n), next_]).sum(axis=1) * speed_mps[next_]
    pace = np.where(there, pace, speed_mps)
    out[:, 0] = there
    out[:, 1], out[:, 2] = gap_m / 20.0, np.exp(-gap_m.clip(0.0) / 6.0)
    out[:, 3] = np.where(there, pace, 0.0) / 10.0
    out[:, 4] = np.where(there, speed_mps - pace, 0.0) / 5.0
    out[:, 5] = np.where(there, (speed_mps - pace).clip(0.0) / (gap_m.clip(0.0) + 2.0), 0.0)
    return out
