"""How far one place lies from another along the roads."""

from __future__ import annotations

import heapq
import math

from drivegen.scenario.player.roads.links import RoadEnd
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.roads.spot import Spot

_FARTHEST_M = 5_000.0


class RoadDistances:
    """Distances along reference lines, over any roads that touch."""

    def __init__(self, space: RoadSpace) -> None:
        self._space = space

    def along(self, start: Spot, goal: Spot) -> tuple[float, int] | None:
        """(signed distance, 1 or -1: whether s runs the same way at both); None where nothing joins them.

        Positive if the goal lies in the direction of growing s of the start's road. Sought up to 5 km.
        """
        if start.road_id == goal.road_id:
            return goal.s_m - start.s_m, 1
        length = self._space.road(start.road_id).length_m
        heap = [
            (length - start.s_m, RoadEnd(road_id=start.road_id, at_end=True), 1),
            (start.s_m, RoadEnd(road_id=start.road_id, at_end=False), -1),
        ]
        heapq.heapify(heap)
        seen: set[RoadEnd] = set()
        best: tuple[float, float, int] | None = None
        while heap:
            gone, end, sign = heapq.heappop(heap)
            if gone > _FARTHEST_M or (best is not None and gone >= best[0]):
                break
            if end in seen:
                continue
            seen.add(end)
            for entry in self._space.links.meets(end):
                road_length = self._space.road(entry.road_id).length_m
                if entry.road_id == goal.road_id:
                    rest = road_length - goal.s_m if entry.at_end else goal.s_m
                    if best is None or gone + rest < best[0]:
                        runs = -1 if entry.at_end else 1
                        best = (gone + rest, sign * (gone + rest), runs * sign)
                    continue
                far = RoadEnd(road_id=entry.road_id, at_end=not entry.at_end)
                if far not in seen:
                    heapq.heappush(heap, (gone + road_length, far, sign))
        return None if best is None else (best[1], best[2])

    def across(self, start: Spot, goal: Spot) -> float | None:
        """Signed difference of t, seen with the start's s; None where nothing joins them."""
        found = self.along(start, goal)
        return None if found is None else found[1] * goal.t_m - start.t_m


def relative_lane(lane_id: int, steps: int) -> int:
    """The lane `steps` to the side of growing t, not counting the centre lane (ASAM OpenSCENARIO 1.3,
    7.4.1)."""
    if steps == 0:
        return lane_id
    out = lane_id + steps
    if lane_id < 0 <= out:
        return out + 1
    if lane_id > 0 >= out:
        return out - 1
    return out


def lane_steps(start: int, goal: int) -> int:
    """The inverse of `relative_lane`."""
    if start < 0 < goal:
        return goal - start - 1
    if goal < 0 < start:
        return goal - start + 1
    return goal - start


def signed(value: float) -> int:
    """1 or -1."""
    return 1 if math.copysign(1.0, value) > 0 else -1
