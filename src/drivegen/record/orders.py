"""Orders to vehicles: which are due, by the time or by where the ego is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from drivegen.core.plans import Deed, Order, VehiclePlan
from drivegen.record.ground_plan import GroundPlan

BESIDE_M = 5.5
"""The ego counts as behind a vehicle when it is no farther aside: its lane or one beside."""

PULL_OUT_S = 3.0
"""Who drives on after a stop looks so far back."""

MOVING_MPS = 1.0
"""Slower ones let it in."""

PATIENCE_S = 12.0
"""And drives on whoever comes when it has waited for so long."""

ALIGNED = 0.7
"""Cosine up to which their headings may differ."""


class OrderBook:
    """The orders of a scene's vehicles; each is due once."""

    def __init__(self) -> None:
        self._open: dict[int, list[Order]] = {}

    def add(self, actor: int, plan: VehiclePlan) -> None:
        """Takes up a vehicle's orders."""
        if plan.orders:
            self._open[actor] = list(plan.orders)

    def remove(self, actor: int) -> None:
        """Forgets those of a vehicle that has left."""
        self._open.pop(actor, None)

    def due(self, time_s: float, ego: int, seen: GroundPlan) -> list[tuple[int, Deed]]:
        """Vehicles that are seen, and what they are to do now; each order is given once.

        Args:
            time_s: Since the scene's beginning.
            ego: Its actor id; without it in sight orders that wait for it are not due.
            seen: All objects.
        """
        if not self._open:
            return []
        rows = {int(actor): row for row, actor in enumerate(seen.ids)}
        out: list[tuple[int, Deed]] = []
        for actor in sorted(self._open):
            if actor not in rows:
                continue
            left: list[Order] = []
            for order in self._open[actor]:
                if _is_due(order, time_s, rows, actor, ego, seen):
                    out.append((actor, order.deed))
                else:
                    left.append(order)
            self._open[actor] = left
        self._open = {actor: orders for actor, orders in self._open.items() if orders}
        return out


def _is_due(
    order: Order, time_s: float, rows: Mapping[int, int], actor: int, ego: int, seen: GroundPlan
) -> bool:
    if order.at_s is not None and time_s >= order.at_s - 1e-6:
        return True
    if order.ego_within_m is None or ego not in rows:
        return False
    gap = behind_m(seen, rows[ego], rows[actor])
    return gap is not None and gap <= order.ego_within_m


def may_pull_out(seen: GroundPlan, row: int) -> bool:
    """Whether nobody passes on the left of who stands, or will within `PULL_OUT_S`; a row of `seen`."""
    axis = seen.axis[row]
    left = np.array([-axis[1], axis[0]])
    away = seen.xyz_m[:, :2] - seen.xyz_m[row, :2]
    along, across = away @ axis, away @ left
    forward = seen.velocity_mps @ axis
    beside = (across > 1.0) & (across < BESIDE_M) & (np.abs(seen.xyz_m[:, 2] - seen.xyz_m[row, 2]) < 4.0)
    reach = float(seen.half_m[row, 0]) + seen.half_m[:, 0]
    comes = (along < reach) & (along + forward * PULL_OUT_S > -reach) & (forward > MOVING_MPS)
    return not bool(np.any(beside & comes))


def behind_m(seen: GroundPlan, ego: int, other: int) -> float | None:
    """How far the ego's front is behind another's rear, along the other's axis; rows of `seen`, metres.

    None when it is not behind, more than `BESIDE_M` aside, or heads elsewhere.
    """
    axis = seen.axis[other]
    away = seen.xyz_m[other] - seen.xyz_m[ego]
    along = float(away[:2] @ axis)
    across = abs(float(away[0] * axis[1] - away[1] * axis[0]))
    aligned = float(seen.axis[ego] @ axis) > ALIGNED
    if along < 0.0 or across > BESIDE_M or not aligned or abs(float(away[2])) > 4.0:
        return None
    return max(0.0, along - float(seen.half_m[ego, 0]) - float(seen.half_m[other, 0]))
