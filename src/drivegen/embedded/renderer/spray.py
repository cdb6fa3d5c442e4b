"""Water that tyres throw up behind vehicles on a wet road.

Each fast vehicle draws a few soft puffs in its wake, the more and the larger the faster it is. Their places
are a function of the vehicle's pose and speed and of the simulated time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import moderngl
import numpy as np
from jaxtyping import Float64, UInt32

SPRAY = np.dtype([("tail", "3f4"), ("half_width", "f4"), ("back", "2f4"), ("strength", "f4"), ("seed", "f4")])
"""Layout of the buffer; moderngl: `4f 4f /i`."""
PUFFS = 6
"""Puffs of a vehicle."""
MOST_PUFFS = 96 * PUFFS
SLOWEST_MPS, FULL_MPS = 4.0, 18.0
"""Speeds at which spray begins and at which it is densest."""
LEAST_WETNESS = 0.35


class SprayPrograms(Protocol):
    """What makes vertex arrays of quads, one for each row of a buffer."""

    def overlay(self, name: str, rows: moderngl.Buffer) -> moderngl.VertexArray:
        """A vertex array of the program `name`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motions:
    """Velocities of n actors, world frame."""

    ids: UInt32[np.ndarray, "n"]
    velocity_mps: Float64[np.ndarray, "n 3"]

    @staticmethod
    def none() -> Motions:
        """Nobody."""
        return Motions(ids=np.zeros(0, np.uint32), velocity_mps=np.zeros((0, 3)))

    def of(self, ids: UInt32[np.ndarray, "m"]) -> Motions:
        """Those of some actors, in their order; who is not among these stands still."""
        out = np.zeros((len(ids), 3))
        if len(self.ids) and len(ids):
            order = np.argsort(self.ids, kind="stable")
            at = order[np.minimum(np.searchsorted(self.ids[order], ids), len(order) - 1)]
            out = np.where((self.ids[at] == ids)[:, None], self.velocity_mps[at], 0.0)
        return Motions(ids=ids, velocity_mps=out)


def puffs_of(footprints: np.ndarray, motions: Motions, wetness: float) -> np.ndarray:
    """Rows, dtype SPRAY, for vehicles that are fast enough.

    Args:
        footprints: dtype CONTACT: middle on the ground, half sizes and heading of each vehicle.
        motions: Of the same vehicles.
        wetness: Of the road, 0 to 1.
    """
    plan = motions.velocity_mps[:, :2]
    speed = np.linalg.norm(plan, axis=1)
    wet = float(np.clip((wetness - LEAST_WETNESS) / (1.0 - LEAST_WETNESS), 0.0, 1.0))
    # Wide things only: people and bicycles throw none that would be seen.
    fast = np.flatnonzero((speed > SLOWEST_MPS) & (footprints["half_width"] > 0.6) & (wet > 0.0))
    rows = footprints[fast]
    way = plan[fast] / speed[fast, None]
    share = np.clip((speed[fast] - SLOWEST_MPS) / (FULL_MPS - SLOWEST_MPS), 0.0, 1.0) * wet
    out = np.zeros((len(fast), PUFFS), SPRAY)
    tail = rows["middle"].astype(np.float64)
    tail[:, :2] -= way * rows["half_length"][:, None]
    out["tail"] = tail[:, None]
    out["half_width"] = rows["half_width"][:, None]
    out["back"] = -way[:, None]
    out["strength"] = share[:, None]
    out["seed"] = (motions.ids[fast, None] % 4096) * PUFFS + np.arange(PUFFS)
    return np.asarray(out.reshape(-1)[:MOST_PUFFS])


class Spray:
    """Draws spray over the colour of what is already there."""

    def __init__(self, gl: moderngl.Context, programs: SprayPrograms) -> None:
        self._gl = gl
        self._buffer = gl.buffer(reserve=SPRAY.itemsize * MOST_PUFFS)
        self._quads = programs.overlay("spray", self._buffer)

    def draw(self, rows: np.ndarray) -> None:
        """Draws puffs over the bound framebuffer's colour; its depth decides what is in front."""
        if len(rows) == 0:
            return
        gl = self._gl
        self._buffer.write(rows)
        gl.enable_only(gl.BLEND | gl.DEPTH_TEST)
        # Colour and alpha apart; moderngl's stubs know only the short form.
        gl.blend_func = gl.ONE, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE  # type: ignore[assignment]
        self._quads.render(gl.TRIANGLE_STRIP, vertices=4, instances=len(rows))
