"""Random states of tracks that change slowly: what makes misses and errors persist from frame to frame."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64

from drivegen.v2x.draws import Draws

_FORGET_NS = 2_000_000_000


class Latents:
    """Unit-variance first-order Gauss-Markov processes, k of them a track, from frames in which it is there.

    A track's states depend on its own id and the times it was asked for, not on other tracks.
    """

    def __init__(self, draws: Draws, taus_s: Float64[np.ndarray, "k"]) -> None:
        self._draws = draws
        self._taus_s = taus_s
        self._row: dict[int, int] = {}
        self._state = np.zeros((64, len(taus_s)))
        self._time_ns = np.zeros(64, dtype=np.int64)

    def step(self, time_ns: int, track_id: Int64[np.ndarray, "n"]) -> Float64[np.ndarray, "n k"]:
        """The states at a time, later than that of the step before."""
        rows = np.array([self._row_of(int(t)) for t in track_id], dtype=np.int64)
        passed_ns = time_ns - self._time_ns[rows]
        # Who was not there for long begins anew, and so does who was never there (at time -infinity).
        passed_ns = np.where(passed_ns > _FORGET_NS, 10**15, passed_ns)
        keep = np.exp(-1e-9 * passed_ns[:, None] / self._taus_s[None, :])
        fresh = self._draws.normals(track_id[:, None], time_ns, np.arange(len(self._taus_s))[None, :])
        state = keep * self._state[rows] + np.sqrt(1.0 - keep**2) * fresh
        self._state[rows] = state
        self._time_ns[rows] = time_ns
        return np.asarray(state)

    def _row_of(self, track_id: int) -> int:
        row = self._row.get(track_id)
        if row is None:
            row = self._row[track_id] = len(self._row)
            if row == len(self._state):
                self._state = np.concatenate([self._state, np.zeros_like(self._state)])
                self._time_ns = np.concatenate([self._time_ns, np.zeros_like(self._time_ns)])
            self._time_ns[row] = -(10**15)
        return row
