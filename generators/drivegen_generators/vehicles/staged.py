"""Deeds that are to be seen for certain: so many of each, near the ego, at its time.

A rider who runs a red light is put where its way crosses the ego's: the ego starts before a light that is
green first, and the rider comes from the side, where it is red then.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from drivegen.core.plans import Drive
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.draft import EGO_WIDTH_M, Draft
from drivegen_generators.vehicles.riders import MIX, SPEED_KMH, rider_choice
from drivegen_generators.vehicles.strips import Strips, route_points
from drivegen_generators.vehicles.styles import Behaviour

OPTIONS = ("red_light", "rider", "cut_in", "emergency", "illegal_stop")
RED_LIGHT_ROLE = "red_light_rider"
_MOST = 5
_BEFORE_LINE_M = (3.0, 8.0)
"""Where riders begin, before their own stop line."""
_LEAST_MPS = 4.5
"""Who rides more slowly would cross when the ego's light is red already."""
_STARTS_S = 1.5
"""A rider's start from standing costs so much time."""
_EGO_MPS, _EGO_STARTS_S = 11.0, 3.5
_EGO_OFF_M = 16.0
"""How far before their way the ego is to be when the first rider crosses its own."""
_EGO_BEFORE_LINE_M = (30.0, 90.0)
_APART_S = 1.6
_STRAIGHT_RAD = 0.35
_ACROSS_RAD = 1.0
_APART_M = 2.0
_FOLLOWING_M = 1.0
_TRIES = 12
_FREE_STEP_M = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """How many of each."""

    red_light: int = 0
    """Riders who run a red light across the ego's way."""
    rider: str = "ebike"
    """What they ride."""
    cut_in: int = 0
    emergency: int = 0
    illegal_stop: int = 0

    @staticmethod
    def read(options: object) -> Staged:
        """From the configuration's words. Raises ConfigError for what cannot be."""
        given = checks.mapping("staged", options, OPTIONS)
        rider = str(given.get("rider", "ebike"))
        checks.shares("staged.rider", {rider: 1.0}, tuple(MIX))
        counts = {
            name: checks.whole(f"staged.{name}", given.get(name, 0), 0, _MOST)
            for name in OPTIONS
            if name != "rider"
        }
        return Staged(rider=rider, **counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Of a rider over a junction where it has red."""

    lanes: tuple[int, ...]
    """Bicycle lanes: before the junction, over it, behind it."""
    line_m: float
    """How far along them its stop line is."""
    cut_m: float
    """And where it cuts the ego's way."""
    ego_cut_m: float
    """How far behind the ego's stop line that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A driving lane whose light is green first, and the ways over the junction that cut it."""

    strip: int
    line_m: float
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the ego starts, and what the first rider does."""

    ego: tuple[int, float]
    """Strip, and how far along it."""
    ways: tuple[Way, ...]
    """That riders take by turns."""
    begin_m: float
    """Of the first, along its way."""
    speed_mps: float


def set_stage(strips: Strips, rng: np.random.Generator, staged: Staged) -> Stage | None:
    """Draws where the ego meets riders who run a red light; none where the road has no place for it."""
    found = _meetings_of(strips)
    for _ in range(_TRIES if found else 0):
        meeting = found[int(rng.integers(0, len(found)))]
        # The shortest way first: the ego's light is green for some ten seconds.
        ways = tuple(sorted(meeting.ways, key=lambda way: way.cut_m - way.line_m))
        speed = max(SPEED_KMH[staged.rider].draw(rng) / 3.6, _LEAST_MPS)
        begin = ways[0].line_m - float(rng.uniform(*_BEFORE_LINE_M))
        meets_s = (ways[0].cut_m - begin) / speed + _STARTS_S
        before = _EGO_MPS * (meets_s - _EGO_STARTS_S) + _EGO_OFF_M - ways[0].ego_cut_m
        before = min(max(before, _EGO_BEFORE_LINE_M[0]), _EGO_BEFORE_LINE_M[1])
        place = strips.back(meeting.strip, meeting.line_m - before)
        if begin > 0.0 and place is not None and _leads_to(strips, place[0], meeting.strip):
            return Stage(ego=place, ways=ways, begin_m=begin, speed_mps=speed)
    return None


def run_red(draft: Draft, staged: Staged, stage: Stage | None) -> None:
    """Puts the riders before their red light; notes in any case how many are wanted."""
    if staged.red_light == 0:
        return
    draft.ask(RED_LIGHT_ROLE, staged.red_light, beside=True)
    if stage is None:
        return
    choice = rider_choice(staged.rider)
    behaviour = Behaviour(
        speed_difference_percent=0.0,
        following_distance_m=_FOLLOWING_M,
        lane_changes=False,
        ignores_lights_percent=100.0,
    )
    _keep_free(draft, stage)
    for k in range(staged.red_light):
        way = stage.ways[k % len(stage.ways)]
        begin = stage.begin_m + way.line_m - stage.ways[0].line_m - k * _APART_S * stage.speed_mps
        pieces = [draft.strips.strips[i] for i in way.lanes]
        if begin <= choice.model.length_m:
            continue
        pose = draft.strips.pose(way.lanes[0], begin)
        if not draft.takes(pose, choice.model.length_m, choice.model.width_m, 1.0, 0.2):
            continue
        draft.add(
            choice,
            pose,
            behaviour,
            drive=Drive.RIDER,
            roles=("rider", RED_LIGHT_ROLE),
            route=route_points(pieces, begin, pieces[-1].length_m, _APART_M),
            leaves=True,
            cruise_mps=round(stage.speed_mps, 3),
        )


def _leads_to(strips: Strips, strip: int, goal: int) -> bool:
    """Whether a lane leads to another and to no other: whom the Traffic Manager drives chooses at forks."""
    while strip != goal:
        after = strips.after[strip]
        if len(after) != 1:
            return False
        strip = after[0]
    return True


def _keep_free(draft: Draft, stage: Stage) -> None:
    """Lets nobody start between the ego and its light: nothing is to hold it up, or to hide the rider."""
    strip, along = stage.ego
    while draft.strips.strips[strip].junction is None:
        along += _FREE_STEP_M
        if along > draft.strips.strips[strip].length_m:
            after = draft.strips.after[strip]
            if not after:
                return
            along, strip = along - draft.strips.strips[strip].length_m, after[0]
            continue
        draft.takes(draft.strips.pose(strip, along), _FREE_STEP_M, EGO_WIDTH_M, 0.0, 0.0)


def stop_some(draft: Draft, count: int, plain: Sequence[int]) -> list[int]:
    """Those of the vehicles ahead of the ego, on its road, nearest first, that are to stop."""
    ego = draft.ego
    ahead = []
    for i in plain:
        place = draft.places[i]
        start = draft.vehicles[i].start
        dx, dy = start.x_m - ego.x_m, start.y_m - ego.y_m
        along = dx * math.cos(ego.yaw_rad) + dy * math.sin(ego.yaw_rad)
        aside = abs(dy * math.cos(ego.yaw_rad) - dx * math.sin(ego.yaw_rad))
        same = abs(math.remainder(start.yaw_rad - ego.yaw_rad, math.tau)) < _STRAIGHT_RAD
        if place is not None and same and along > 0.0:
            ahead.append((along + 4.0 * aside, i))
    return [i for _, i in sorted(ahead)[:count]]


def _meetings_of(strips: Strips) -> tuple[Meeting, ...]:
    found = _KEPT.get(strips.network)
    if found is None:
        found = _KEPT[strips.network] = tuple(_meetings(strips))
    return found


def _meetings(strips: Strips) -> Iterator[Meeting]:
    line_of = {
        (strips.strips[s.strip].ref.road_id, strips.strips[s.strip].ref.section): s for s in strips.stops
    }
    riders = [
        (i, over, beyond, line_of[piece.ref.road_id, piece.ref.section].along_m)
        for i, piece in enumerate(strips.strips)
        if piece.kind is LaneType.BIKING and (piece.ref.road_id, piece.ref.section) in line_of
        for over in strips.after[i]
        if strips.strips[over].junction is not None and _bend(strips, over) < _STRAIGHT_RAD
        for beyond in strips.after[over][:1]
    ]
    for stop in strips.stops:
        overs = strips.after[stop.strip]
        if not stop.first or not overs or any(_bend(strips, o) > _STRAIGHT_RAD for o in overs):
            continue
        ways = []
        for approach, over, beyond, line in riders:
            cut = _cut(strips, overs[0], over)
            if cut is not None:
                ways.append(
                    Way(
                        lanes=(approach, over, beyond),
                        line_m=line,
                        cut_m=strips.strips[approach].length_m + cut[1],
                        ego_cut_m=strips.strips[stop.strip].length_m - stop.along_m + cut[0],
                    )
                )
        if ways:
            yield Meeting(strip=stop.strip, line_m=stop.along_m, ways=tuple(ways))


def _bend(strips: Strips, strip: int) -> float:
    headings = strips.strips[strip].heading_rad
    return abs(headings[-1] - headings[0])


def _cut(strips: Strips, ego: int, rider: int) -> tuple[float, float] | None:
    """How far along the ego's and the rider's lane one cuts the other across; none where they do not."""
    one, other = strips.strips[ego], strips.strips[rider]
    if one.junction != other.junction:
        return None
    turn = abs(math.remainder(one.heading_rad[0] - other.heading_rad[0], math.tau))
    if not _ACROSS_RAD < turn < math.pi - _ACROSS_RAD:
        return None
    (ax, ay, _), (bx, by, _) = one.points_m[0], one.points_m[-1]
    (cx, cy, _), (dx, dy, _) = other.points_m[0], other.points_m[-1]
    over = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if abs(over) < 1e-6:
        return None
    s = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / over
    t = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / over
    if not (0.0 <= s <= 1.0 and 0.0 <= t <= 1.0):
        return None
    return s * one.length_m, t * other.length_m


_KEPT: WeakKeyDictionary[RoadNetwork, tuple[Meeting, ...]] = WeakKeyDictionary()
