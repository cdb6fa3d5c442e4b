"""Where agents believe they are: satellites under three skies, dead reckoning where there are none.

Under a sky, the error of each horizontal axis, of height and of heading is a first-order Gauss-Markov process
(Gelb (ed.): Applied Optimal Estimation, 1974, section 3.8) with white noise on top. Under a cover the error
grows from what it was at the entry: an odometer's scale times the way, and a heading that runs away times the
way. When the sky is back, what has grown fades.

Magnitudes are choices between published figures, see docs/cooperation-models.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.agents import Localisation, Sky
from drivegen.core.geometry import Pose, Vec3, quaternion_from_rotation, rotation_from_rpy
from drivegen.v2x.draws import Draws

_NODE_NS = 100_000_000
_BLOCK = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyErrors:
    """Standard deviations of one axis, and correlation times."""

    position_m: float
    position_tau_s: float
    position_white_m: float
    height_m: float
    heading_rad: float
    heading_tau_s: float
    heading_white_rad: float
    claim: float
    """What the localisation claims over what is so, at the median."""


SKIES: dict[Sky, SkyErrors] = {
    Sky.OPEN: SkyErrors(
        position_m=0.10,
        position_tau_s=30.0,
        position_white_m=0.02,
        height_m=0.20,
        heading_rad=math.radians(0.10),
        heading_tau_s=20.0,
        heading_white_rad=math.radians(0.02),
        claim=0.95,
    ),
    Sky.CANYON: SkyErrors(
        position_m=0.70,
        position_tau_s=12.0,
        position_white_m=0.08,
        height_m=1.40,
        heading_rad=math.radians(0.40),
        heading_tau_s=15.0,
        heading_white_rad=math.radians(0.05),
        claim=0.7,
    ),
}
"""Open: corrected carrier phases with an inertial unit. Canyon: multipath, fixes that come and go."""

ODOMETER_SCALE = 0.004
"""Standard deviation of the odometer's scale under a cover, a draw for each."""
GYRO_BIAS_RADPS = math.radians(0.01)
"""Standard deviation of the rate that the heading runs away with, a draw for each cover."""
SLOPE_RAD = math.radians(0.15)
"""Standard deviation of the pitch error that height runs away with."""
RECOVERY_S = 2.0
"""Time constant with which the error of a cover fades when the sky is back."""
CLAIM_SPREAD = 0.25
"""Standard deviation of the logarithm of what is claimed over the median claim; it wanders with time."""
CLAIM_TAU_S = 20.0
COVERED_CLAIM = 0.003
"""Of the way since the entry, that the claimed deviation grows by under a cover."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fix:
    """What a localisation says."""

    map_agent: Pose
    position_sigma_m: float
    """Claimed, of each horizontal axis."""


class GaussMarkov:
    """Unit-variance processes on a grid of 0.1 s, straight in between; the same whenever they are asked."""

    def __init__(self, draws: Draws, taus_s: tuple[float, ...]) -> None:
        self._draws = draws
        self._keep = np.exp(-_NODE_NS * 1e-9 / np.array(taus_s))
        self._nodes: Float64[np.ndarray, "k n"] = np.zeros((0, len(taus_s)))

    def at(self, elapsed_ns: int) -> Float64[np.ndarray, "n"]:
        """The values at a time since the beginning, which is not negative."""
        node, rest = divmod(elapsed_ns, _NODE_NS)
        while node + 1 >= len(self._nodes):
            self._extend()
        part = rest / _NODE_NS
        return np.asarray((1.0 - part) * self._nodes[node] + part * self._nodes[node + 1])

    def _extend(self) -> None:
        from scipy.signal import lfilter  # noqa: PLC0415  (half a second to import: only where poses err)

        first, width = len(self._nodes), len(self._keep)
        fresh = self._draws.normals(np.arange(first, first + _BLOCK)[:, None], np.arange(width)[None, :])
        fresh[1 if first == 0 else 0 :] *= np.sqrt(1.0 - self._keep**2)
        block = np.empty_like(fresh)
        for column, keep in enumerate(self._keep):
            before = keep * self._nodes[-1, column] if first else 0.0
            block[:, column] = lfilter([1.0], [1.0, -keep], fresh[:, column], zi=[before])[0]
        self._nodes = np.concatenate([self._nodes, block])


class PoseErrors:
    """The localisation of one agent through a scene; asked at times that ascend."""

    def __init__(self, seed: int, agent: str, localisation: Localisation, first_ns: int) -> None:
        self._exact = localisation.sky is Sky.EXACT
        self._scale = localisation.scale
        self._sky = SKIES[Sky.OPEN if localisation.sky in (Sky.EXACT, Sky.COVERED) else localisation.sky]
        self._always_covered = localisation.sky is Sky.COVERED
        self._first_ns = first_ns
        sky = self._sky
        taus = (sky.position_tau_s, sky.position_tau_s, sky.position_tau_s, sky.heading_tau_s, CLAIM_TAU_S)
        self._slow = GaussMarkov(Draws(seed, "localisation", agent), taus)
        self._white = Draws(seed, "localisation white", agent)
        self._covers = Draws(seed, "localisation cover", agent)
        self._entries = 0
        self._was_covered = False
        self._way_m = 0.0
        self._entry_s = 0.0
        self._entry_sigma_m = 0.0
        self._reckoned = np.zeros(4)
        """Errors of x, y, z, heading while covered."""
        self._left_over = np.zeros(4)
        """Of a cover, after it."""
        self._entry_heading_rad = 0.0
        self._last: tuple[int, Vec3] | None = None

    def fix(self, time_ns: int, map_agent: Pose, covered: bool) -> Fix:
        """Where the agent believes it is, which is truly at `map_agent`."""
        if self._exact:
            return Fix(map_agent=map_agent, position_sigma_m=0.0)
        time_s = (time_ns - self._first_ns) * 1e-9
        slow = self._slow.at(time_ns - self._first_ns)
        sky, scale = self._sky, self._scale
        by_sky = scale * np.array([sky.position_m, sky.position_m, sky.height_m, sky.heading_rad]) * slow[:4]
        covered = covered or self._always_covered
        error = self._followed(time_s, map_agent, covered, by_sky)
        self._last = (time_ns, map_agent.position_m)
        white = scale * np.array([sky.position_white_m] * 3 + [sky.heading_white_rad])
        error = error + white * self._white.normals(time_ns, np.arange(4))
        turn = rotation_from_rpy(0.0, 0.0, float(error[3]))
        return Fix(
            map_agent=Pose(
                position_m=map_agent.position_m + error[:3],
                orientation_wxyz=quaternion_from_rotation(turn @ map_agent.rotation),
            ),
            position_sigma_m=self._claimed(float(slow[4]), covered),
        )

    def _followed(
        self, time_s: float, map_agent: Pose, covered: bool, by_sky: Float64[np.ndarray, "4"]
    ) -> Float64[np.ndarray, "4"]:
        """The error without its white part, through covers and out of them."""
        step = np.zeros(3) if self._last is None else map_agent.position_m - self._last[1]
        passed_s = 0.0 if self._last is None else time_s - (self._last[0] - self._first_ns) * 1e-9
        if not covered:
            if self._was_covered:
                self._left_over = self._reckoned - by_sky
            self._left_over = self._left_over * math.exp(-passed_s / RECOVERY_S)
            self._was_covered = False
            return by_sky + self._left_over
        if not self._was_covered:
            self._was_covered = True
            self._reckoned = by_sky + self._left_over
            self._entry_heading_rad = float(self._reckoned[3])
            self._entry_s, self._way_m = time_s, 0.0
            self._entries += 1
            step = np.zeros(3)
        draw = self._covers.normals(self._entries, np.arange(3))
        along = float(np.linalg.norm(step[:2]))
        heading = self._entry_heading_rad + self._scale * GYRO_BIAS_RADPS * float(draw[1]) * (
            time_s - self._entry_s
        )
        grown = self._scale * ODOMETER_SCALE * float(draw[0]) * step[:2]
        grown = grown + heading * np.array([-step[1], step[0]])
        self._reckoned = self._reckoned + np.array(
            [grown[0], grown[1], self._scale * SLOPE_RAD * float(draw[2]) * along, 0.0]
        )
        self._reckoned[3] = heading
        self._way_m += along
        return self._reckoned

    def _claimed(self, wander: float, covered: bool) -> float:
        """The deviation that the filter reports: it knows its model, and not what the sky does to it."""
        sky = self._sky
        open_m = self._scale * math.hypot(sky.position_m, sky.position_white_m) * sky.claim
        left_m = float(np.linalg.norm(self._left_over[:2])) / math.sqrt(2.0)
        grown_m = self._scale * COVERED_CLAIM * self._way_m if covered else 0.5 * left_m
        return math.hypot(open_m, grown_m) * math.exp(CLAIM_SPREAD * wander)
