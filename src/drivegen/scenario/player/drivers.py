"""A simple intelligent driver: keeps its lane and its distance.

Along the lane: the Intelligent Driver Model of Treiber, Hennecke and Helbing, Congested traffic states in
empirical observations and microscopic simulations, Phys. Rev. E 62 (2000), equations 3 and 4. Across: it goes
to the middle of its lane. It looks only at what is in its way now, on its own lane or route, and brakes no
harder than its limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.scenario.player.bodies import Body, Driver
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.roads.ahead import WayAhead
from drivegen.scenario.player.roads.routes import RoadRoute, choice_of
from drivegen.scenario.player.roads.spot import Pose

_SIGHT_M = 150.0
_SIDE_MARGIN_M = 0.2
_CENTRING_MPS = 0.5
_OUTLINE_STEP_M = 0.5
_STRAYED_M = 0.3
"""Who is so much farther from the way than from the middle of its lane has got another way."""
_LEVEL_M = 0.5
"""What is so far above or below is on another level."""


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


class Lookout:
    """What one driver sees on its way."""

    def __init__(self) -> None:
        self._way: WayAhead | None = None
        self._route: RoadRoute | None = None
        self._at: Pose | None = None
        self._outlines: dict[str, Float64[np.ndarray, "n 2"]] = {}

    def lead(self, play: Play, body: Body) -> tuple[float, float] | None:
        """(free gap, speed along the own way) of the nearest entity in a body's way, or None.

        In its way is what reaches into the strip that its box, a little widened, will go over, wherever that
        stands: on its lane, on roads that follow, in a junction.
        """
        others = []
        for other in play.present():
            away = math.hypot(other.pose.x_m - body.pose.x_m, other.pose.y_m - body.pose.y_m)
            if other is not body and other.visible[2] and away <= _SIGHT_M:
                others.append((away, other))
        if not others:
            return None
        way, along, aside = self._follow(play, body)
        strip = _Strip(
            half_m=0.5 * body.box.width_m + _SIDE_MARGIN_M,
            from_m=along + body.box.x_m,
            aside_m=aside,
            return_rate=_CENTRING_MPS / max(body.speed_mps, 1.0) if body.lateral is Driver.SIMPLE else 0.0,
            top_m=body.box.z_m + 0.5 * body.box.height_m,
        )
        front = strip.from_m + 0.5 * body.box.length_m
        best: tuple[float, float] | None = None
        for away, other in sorted(others, key=lambda each: each[0]):
            # No way is shorter than the straight one: what is farther than the lead cannot be nearer on it.
            if (
                best is not None
                and away - _reach(other) - strip.half_m - abs(aside) - front + along > best[0]
            ):
                continue
            found = strip.meets(way, other, self._outline(other))
            if found is not None and (best is None or found[0] - front < best[0]):
                best = (found[0] - front, found[1])
        return best

    def _follow(self, play: Play, body: Body) -> tuple[WayAhead, float, float]:
        """(way, how far along it the body is, how far to the left of it)."""
        moved = 0.0
        if self._at is not None:
            moved = math.hypot(body.pose.x_m - self._at.x_m, body.pose.y_m - self._at.y_m)
        self._at = body.pose
        if body.spot is None:
            return WayAhead.straight(play.roads, body.pose, _SIGHT_M), 0.0, 0.0
        if self._way is not None and self._route is body.route and moved <= _SIGHT_M:
            on_way = self._way.follow(body.pose, moved)
            if on_way is not None:
                along, aside, lane_aside = on_way
                strayed = aside + lane_aside - body.direction * body.spot.offset_m
                if abs(strayed) <= _STRAYED_M:
                    self._way.reach(_SIGHT_M, choice_of(body.route, play.roads.walk))
                    return self._way, along, aside
        way = WayAhead(play.roads, body.spot, body.direction)
        way.reach(_SIGHT_M, choice_of(body.route, play.roads.walk))
        self._way, self._route = way, body.route
        return way, 0.0, body.direction * body.spot.offset_m

    def _outline(self, body: Body) -> Float64[np.ndarray, "n 2"]:
        """Points all around a body's box in its own frame, and its middle, the last one."""
        if body.name not in self._outlines:
            box = body.box
            across, along = (
                np.linspace(-0.5, 0.5, 1 + math.ceil(size / _OUTLINE_STEP_M)) * size
                for size in (max(box.width_m, 0.1), max(box.length_m, 0.1))
            )
            around = [(x, y) for x in along for y in (across[0], across[-1])]
            around += [(x, y) for x in (along[0], along[-1]) for y in across[1:-1]]
            self._outlines[body.name] = np.array([*around, (0.0, 0.0)]) + np.array([box.x_m, box.y_m])
        c, s = math.cos(body.pose.heading_rad), math.sin(body.pose.heading_rad)
        place = np.array([body.pose.x_m, body.pose.y_m])
        return self._outlines[body.name] @ np.array([[c, s], [-s, c]]) + place


def _reach(body: Body) -> float:
    """No part of a body's box is farther from its reference point."""
    box = body.box
    return math.hypot(box.x_m, box.y_m) + 0.5 * math.hypot(box.length_m, box.width_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strip:
    """Where a box will go along a way."""

    half_m: float
    from_m: float
    """How far along the way the box's middle is."""
    aside_m: float
    """By how much it is beside the way now, to the left."""
    return_rate: float
    """By how much less it will be for each metre along."""
    top_m: float
    """Of the box, above the way."""

    def meets(
        self, way: WayAhead, other: Body, outline: Float64[np.ndarray, "n 2"]
    ) -> tuple[float, float] | None:
        """(how far along the way something begins to be in the strip, its speed that way), or None."""
        middle = outline[-1]
        radius = math.hypot(other.box.length_m, other.box.width_m) * 0.5 + self.half_m + abs(self.aside_m)
        part = way.near(float(middle[0]), float(middle[1]), radius)
        feet = None if part is None else way.feet(outline, part)
        if feet is None or feet.along_m[-1] <= self.from_m:
            return None
        ahead = np.maximum(feet.along_m - self.from_m, 0.0)
        own = np.copysign(np.maximum(abs(self.aside_m) - self.return_rate * ahead, 0.0), self.aside_m)
        inside = (np.abs(feet.aside_m - own) <= self.half_m) & (ahead > 0.0)
        if not inside.any():
            return None
        first = int(np.argmin(np.where(inside, feet.along_m, np.inf)))
        segment = int(feet.segment[first])
        bottom = other.pose.z_m + other.box.z_m - 0.5 * other.box.height_m - way.height(segment)
        if not -other.box.height_m - _LEVEL_M <= bottom <= self.top_m + _LEVEL_M:
            return None
        speed = other.speed_mps * math.cos(other.pose.heading_rad - way.heading(segment))
        return float(feet.along_m[first]), speed


def centred(offset_m: float, dt_s: float) -> float:
    """The next offset from the lane's middle of a driver that goes there gently."""
    step = _CENTRING_MPS * dt_s
    return offset_m - math.copysign(min(step, abs(offset_m)), offset_m)
