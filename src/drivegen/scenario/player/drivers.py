"""A simple intelligent driver: keeps its lane and its distance.

Along the lane: the Intelligent Driver Model of Treiber, Hennecke and Helbing, Congested traffic states in
empirical observations and microscopic simulations, Phys. Rev. E 62 (2000), equations 3 and 4. Across: it goes
to the middle of its lane. It looks only at what is in its way on its own lane or route, and brakes no harder
than its limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.scenario.model.names import CoordinateSystem
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.measures import Target
from drivegen.scenario.player.play import Play

_SIGHT_M = 150.0
_SIDE_MARGIN_M = 0.2
_CENTRING_MPS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleDriver:
    """The parameters of the model."""

    wanted_mps: float | None = None
    """None: the speed that it has when it takes over."""
    headway_s: float = 1.5
    least_gap_m: float = 2.0
    acceleration_mps2: float = 1.5
    comfortable_mps2: float = 2.0
    hardest_mps2: float = 8.0

    def acceleration(self, speed_mps: float, wanted_mps: float, lead: tuple[float, float] | None) -> float:
        """m/s^2, for a lead at (free gap m, speed m/s) or none."""
        free = 1.0 - (speed_mps / wanted_mps) ** 4 if wanted_mps > 0.01 else -1.0
        near = 0.0
        if lead is not None:
            gap, its_speed = lead
            approach = speed_mps * (speed_mps - its_speed)
            braking = approach / (2.0 * math.sqrt(self.acceleration_mps2 * self.comfortable_mps2))
            wanted_gap = self.least_gap_m + max(0.0, speed_mps * self.headway_s + braking)
            near = (wanted_gap / max(gap, 0.1)) ** 2
        return max(self.acceleration_mps2 * (free - near), -self.hardest_mps2)


def lead_of(play: Play, body: Body) -> tuple[float, float] | None:
    """(free gap, speed along the own way) of the nearest entity in a body's way, or None."""
    best: tuple[float, float] | None = None
    for other in play.present():
        if other is body or not other.visible[2]:
            continue
        reach = math.hypot(other.pose.x_m - body.pose.x_m, other.pose.y_m - body.pose.y_m)
        if reach > _SIGHT_M:
            continue
        target = Target.of(other)
        ahead = play.measures.ahead(body, target, CoordinateSystem.ROAD)
        aside = play.measures.aside(body, target, CoordinateSystem.ROAD)
        if ahead is None or aside is None or ahead.between_m <= 0.0:
            continue
        if abs(aside.free_m) > _SIDE_MARGIN_M:
            continue
        turn = other.pose.heading_rad - body.pose.heading_rad
        found = (ahead.free_m, other.speed_mps * math.cos(turn))
        if best is None or found[0] < best[0]:
            best = found
    return best


def centred(offset_m: float, dt_s: float) -> float:
    """The next offset from the lane's middle of a driver that goes there gently."""
    step = _CENTRING_MPS * dt_s
    return offset_m - math.copysign(min(step, abs(offset_m)), offset_m)
