"""Of several futures of each actor one each, so that few overlap, leave the road or pass a red light.

Samples fit together as they were drawn; where one does not fit the others, the actor takes its part in
another sample, or holds back on its own way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from drivegen_generators.vehicles.learned.overlaps import STOREY_M, meet

_ROUNDS = 4
_HITS, _OFF, _HELD = 10.0, 1.0, 0.2
"""What an overlap with another, leaving the area and holding back cost."""
HELD_BACK = (2.0, 4.5, 8.0)
"""m/s² of the braking of who holds back, tried in this order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """One future of each."""

    pose_m: Float64[np.ndarray, "n t 3"]
    swapped: int
    """Actors that took their part of another sample."""
    held_back: int


def held_back(
    pose_m: Float64[np.ndarray, "n t 3"],
    speed_mps: Float[np.ndarray, "n"],
    start_m: Float64[np.ndarray, "n 3"],
    braking_mps2: float,
    step_s: float,
) -> Float64[np.ndarray, "n t 3"]:
    """The same ways, driven by who brakes from now on until it stands."""
    path = np.concatenate([start_m[:, None], pose_m], axis=1)
    along = np.concatenate(
        [np.zeros((len(path), 1)), np.cumsum(np.linalg.norm(np.diff(path[..., :2], axis=1), axis=2), axis=1)],
        axis=1,
    )
    time = np.arange(path.shape[1]) * step_s
    stop = np.asarray(speed_mps)[:, None] / braking_mps2
    t = np.minimum(time, stop)
    wanted = np.minimum(along, np.asarray(speed_mps)[:, None] * t - 0.5 * braking_mps2 * t**2)
    out = np.empty_like(path)
    for n in range(len(path)):
        place = along[n] + np.arange(path.shape[1]) * 1e-9
        yaw = np.unwrap(path[n, :, 2])
        for d, values in enumerate((path[n, :, 0], path[n, :, 1], yaw)):
            out[n, :, d] = np.interp(wanted[n], place, values)
    return out[:, 1:]


def choose_futures(
    pose_m: Float64[np.ndarray, "s n t 3"],
    size_m: Float[np.ndarray, "n 2"],
    z_m: Float[np.ndarray, "n"],
    off: Bool[np.ndarray, "s n"],
    free: Bool[np.ndarray, "n"],
    plain: int,
) -> Chosen:
    """One of s futures of each actor.

    Args:
        pose_m: The futures; the first `plain` are samples, the others ways to hold back.
        size_m: Length and width.
        z_m: Height at the beginning: who is on another level is not met.
        off: Which futures leave the area, or pass a red light.
        free: Who may choose; the others have the same future in all samples.
        plain: How many are samples.
    """
    count = pose_m.shape[1]
    rows = np.arange(count)
    reach = 0.5 * np.hypot(size_m[:, 0], size_m[:, 1])
    level = np.abs(z_m[:, None] - z_m[None]) < STOREY_M
    own = off * _OFF + (np.arange(len(pose_m)) >= plain)[:, None] * _HELD * (
        1.0 + np.maximum(np.arange(len(pose_m)) - plain, 0)[:, None]
    )
    clash = _Clashes(pose_m, size_m, reach, level)
    best = min(range(plain), key=lambda s: (float(own[s].sum() + _HITS * clash.total(np.full(count, s))), s))
    taken: Int64[np.ndarray, "n"] = np.full(count, best)
    for _ in range(_ROUNDS):
        changed = False
        hits = clash.hits(taken)
        for i in np.argsort(-hits, kind="stable"):
            if not free[i] or (hits[i] == 0 and not off[taken[i], i]):
                continue
            cost = [own[s, i] + _HITS * clash.of(int(i), s, taken) for s in range(len(pose_m))]
            s = int(np.argmin(cost))
            if cost[s] < cost[taken[i]] - 1e-9:
                taken[i] = s
                changed = True
        if not changed:
            break
    return Chosen(
        pose_m=pose_m[taken, rows],
        swapped=int(((taken != best) & (taken < plain) & free).sum()),
        held_back=int(((taken >= plain) & free).sum()),
    )


class _Clashes:
    """Who overlaps whom in which futures, found once."""

    def __init__(
        self,
        pose_m: Float64[np.ndarray, "s n t 3"],
        size_m: Float[np.ndarray, "n 2"],
        reach_m: Float[np.ndarray, "n"],
        level: Bool[np.ndarray, "n n"],
    ) -> None:
        self._pose, self._size = pose_m, size_m
        low = pose_m[..., :2].min(axis=(0, 2)) - reach_m[:, None]
        high = pose_m[..., :2].max(axis=(0, 2)) + reach_m[:, None]
        near = ((low[:, None] <= high[None]) & (high[:, None] >= low[None])).all(axis=2) & level
        np.fill_diagonal(near, False)
        # Who overlaps another already now cannot help it.
        first = pose_m[0, :, 0]
        a, b = np.nonzero(near)
        now = meet(first[a], size_m[a], first[b], size_m[b])
        near[a[now], b[now]] = False
        self._near = [np.flatnonzero(row) for row in near]
        self._known: dict[tuple[int, int, int, int], bool] = {}

    def of(self, i: int, s: int, taken: Int64[np.ndarray, "n"]) -> int:
        """How many an actor overlaps with one of its futures."""
        others = self._near[i]
        unknown = [int(j) for j in others if (i, s, int(j), int(taken[j])) not in self._known]
        if unknown:
            theirs = self._pose[taken[unknown], unknown]
            own = np.broadcast_to(self._pose[s, i], theirs.shape)
            hit = meet(own, self._size[i], theirs, self._size[unknown][:, None]).any(axis=1)
            for j, found in zip(unknown, np.asarray(hit).tolist(), strict=True):
                self._known[i, s, j, int(taken[j])] = found
                self._known[j, int(taken[j]), i, s] = found
        return sum(self._known[i, s, int(j), int(taken[j])] for j in others)

    def hits(self, taken: Int64[np.ndarray, "n"]) -> Int64[np.ndarray, "n"]:
        """How many each overlaps."""
        return np.array([self.of(i, int(s), taken) for i, s in enumerate(taken)])

    def total(self, taken: Int64[np.ndarray, "n"]) -> int:
        """Overlapping pairs, twice."""
        return int(self.hits(taken).sum())
