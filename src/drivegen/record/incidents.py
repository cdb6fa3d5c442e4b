"""What happened in traffic: red lights run, wrong ways, stops, cut-ins, collisions, people hit.

Definitions:

- `red_lights_run`: the middle of a vehicle's front passed a stop line in the direction of its lane while all
  lights of the lane showed red, at this tick and the one before. Riders: half a metre behind the halt of
  their own way.
- `wrong_way_m`: metres that vehicles drove outside junctions in lanes whose traffic heads the other way (by
  more than 120 degrees), from samples every `SAMPLE_S`.
- `illegal_stops`: vehicles that were told to stop and then stood for `STOOD_S`.
- `cut_ins`: vehicles whose middle came, from a lane beside the ego's on the same road, into the ego's lane
  ahead of it with a gap below `CUT_IN_M`, from samples every `SAMPLE_S`.
- `collisions`: pairs of vehicles whose boxes (mirrors aside) touched (came nearer than `TOUCH_M`) while their
  velocities differed by more than `CLOSING_MPS`, then or a tick before; the same pair counts again after
  `APART_S` without contact. Servers keep bodies apart, so that boxes touch and hardly overlap.
- `walkers_hit`: pairs of a vehicle faster than `HIT_MPS` and a person whose trunk (a square of `TRUNK_M`) its
  box touched; each pair counts once.
- `obstacles_hit`: vehicles that lost speed at more than `SHOCK_MPS2`, as no brakes can, without touching
  anybody.
- `vehicle_km`: how far all vehicles drove, the ego among them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.spatial import cKDTree

from drivegen.opendrive.signals import SignalHead
from drivegen.record.contacts import overlaps
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.lane_map import LaneFix, LaneMap
from drivegen.record.signals import RED

SAMPLE_S = 0.5
STOOD_S = 3.0
STANDING_MPS = 0.1
CUT_IN_M = 30.0
TOUCH_M = 0.03
CLOSING_MPS = 0.5
SHOCK_MPS2 = 16.0
APART_S = 2.0
HIT_MPS = 0.5
TRUNK_M = 0.5
WRONG_WAY_COSINE = -0.5
_LINES_WITHIN_M = 8.0
_NEAREST_LINES = 6


class StopLines:
    """The stop lines of a road's lights, and who passes them at red."""

    def __init__(self, heads: Sequence[SignalHead]) -> None:
        """From all traffic lights."""
        lights: dict[tuple[int, int, int], list[str]] = {}
        lines = {}
        for head in heads:
            for line in head.stop_lines:
                key = (line.road_id, line.lane_id, round(line.s_m))
                lights.setdefault(key, []).append(head.signal_id)
                lines[key] = line
        keys = sorted(lines)
        self._lights = [tuple(lights[k]) for k in keys]
        middles = [(lines[k].start_m + lines[k].end_m)[:3] / 2.0 for k in keys]
        self._middle_m = np.array(middles, np.float64).reshape(-1, 3)
        self._half_m = np.array([np.linalg.norm(lines[k].end_m - lines[k].start_m) / 2.0 for k in keys])
        heading = np.array([lines[k].heading_rad for k in keys], np.float64)
        self._axis = np.stack([np.cos(heading), np.sin(heading)], axis=1).reshape(-1, 2)
        self._tree = cKDTree(self._middle_m[:, :2]) if keys else None

    def passed_red(
        self,
        before_m: Float64[np.ndarray, "n 2"],
        now_m: Float64[np.ndarray, "n 2"],
        z_m: Float64[np.ndarray, "n"],
        axis: Float64[np.ndarray, "n 2"],
        closed: Mapping[str, bool],
    ) -> Bool[np.ndarray, "n"]:
        """Which of n fronts passed a line whose lights are all red.

        Args:
            before_m: Fronts a tick ago.
            now_m: Fronts now.
            z_m: Heights of the vehicles.
            axis: Where they point.
            closed: By signal, whether it shows red now and did a tick ago.
        """
        out = np.zeros(len(now_m), bool)
        if self._tree is None or not len(now_m):
            return out
        count = min(_NEAREST_LINES, len(self._lights))
        _, near = self._tree.query(now_m, k=count, distance_upper_bound=_LINES_WITHIN_M)
        for n, k in np.argwhere(near.reshape(len(now_m), count) < len(self._lights)):
            line = int(near.reshape(len(now_m), count)[n, k])
            along, middle = self._axis[line], self._middle_m[line]
            was, is_ = (before_m[n] - middle[:2]) @ along, (now_m[n] - middle[:2]) @ along
            if not was < 0.0 <= is_ or is_ > 3.0 or axis[n] @ along < 0.7 or abs(z_m[n] - middle[2]) > 4.0:
                continue
            across = abs((now_m[n] - middle[:2]) @ np.array([-along[1], along[0]]))
            if across < self._half_m[line] and all(closed.get(s, False) for s in self._lights[line]):
                out[n] = True
        return out


class Incidents:
    """Counts what happens, tick by tick."""

    def __init__(self, heads: Sequence[SignalHead], lanes: LaneMap, ego: int, tick_s: float) -> None:
        """Of a road and its lights; `ego` is its actor id."""
        self._stop_lines = StopLines(heads)
        self._lanes = lanes
        self._ego = ego
        self._tick_s = tick_s
        self._fronts: dict[int, Float64[np.ndarray, "2"]] = {}
        self._red: frozenset[str] = frozenset()
        self._since_sample_s = SAMPLE_S
        self._fixes: dict[int, LaneFix] = {}
        self._velocities: dict[int, tuple[float, float]] = {}
        self._contacts: dict[tuple[int, int], float] = {}
        self._hits: set[tuple[int, int]] = set()
        self._told: dict[int, float] = {}
        self._counts = dict.fromkeys(
            (
                "red_lights_run",
                "wrong_way_m",
                "illegal_stops",
                "cut_ins",
                "collisions",
                "walkers_hit",
                "obstacles_hit",
                "vehicle_km",
            ),
            0.0,
        )
        self.contacts: list[tuple[float, int, int]] = []
        """Of collisions, people and obstacles hit: when, and the two actors, 0 for an obstacle."""

    @property
    def counts(self) -> dict[str, float]:
        """By the names of the module's head."""
        return dict(self._counts)

    def told_to_stop(self, actor: int) -> None:
        """A vehicle got the order to stop."""
        self._told[actor] = 0.0

    def told_to_go(self, actor: int) -> None:
        """Or to drive on."""
        self._told.pop(actor, None)

    def ran_red(self, times: int = 1) -> None:
        """A rider passed its halt at red."""
        self._counts["red_lights_run"] += times

    def observe(
        self, time_s: float, seen: GroundPlan, lights: Mapping[str, str], riders: Iterable[int]
    ) -> None:
        """Takes in a tick.

        Args:
            time_s: Since the scene's beginning.
            seen: Everybody.
            lights: What each signal shows.
            riders: Vehicles that tell themselves when they pass a red light.
        """
        vehicles = np.flatnonzero(~seen.person)
        speed = seen.speed_mps
        self._counts["vehicle_km"] += float(speed[vehicles].sum()) * self._tick_s / 1000.0
        self._at_lines(seen, vehicles, lights, frozenset(riders))
        self._in_contact(time_s, seen, speed)
        for actor in list(self._told):
            row = np.flatnonzero(seen.ids == actor)
            if len(row) and speed[row[0]] < STANDING_MPS:
                self._told[actor] += self._tick_s
                if self._told[actor] >= STOOD_S:
                    self._counts["illegal_stops"] += 1.0
                    del self._told[actor]
        self._since_sample_s += self._tick_s
        if self._since_sample_s >= SAMPLE_S - 1e-6:
            self._since_sample_s = 0.0
            self._sample(seen, vehicles, speed)

    def _at_lines(
        self,
        seen: GroundPlan,
        vehicles: Int64[np.ndarray, "v"],
        lights: Mapping[str, str],
        riders: frozenset[int],
    ) -> None:
        red = frozenset(name for name, state in lights.items() if state == RED)
        fronts = seen.front_m
        known = [
            int(n) for n in vehicles if int(seen.ids[n]) in self._fronts and int(seen.ids[n]) not in riders
        ]
        if known:
            before = np.array([self._fronts[int(seen.ids[n])] for n in known])
            closed = {name: name in self._red for name in red}
            passed = self._stop_lines.passed_red(
                before, fronts[known], seen.xyz_m[known, 2], seen.axis[known], closed
            )
            self._counts["red_lights_run"] += float(passed.sum())
        self._red = red
        self._fronts = {int(seen.ids[n]): fronts[n] for n in vehicles}

    def _in_contact(self, time_s: float, seen: GroundPlan, speed: Float64[np.ndarray, "n"]) -> None:
        half = seen.half_m.copy()
        half[seen.person, :2] = TRUNK_M / 2.0
        touched: set[int] = set()
        now = {
            int(actor): (v[0], v[1]) for actor, v in zip(seen.ids, seen.velocity_mps.tolist(), strict=True)
        }
        for a, b in overlaps(seen.xyz_m, seen.axis, half, -TOUCH_M):
            pair = (int(seen.ids[a]), int(seen.ids[b]))
            if seen.person[a] and seen.person[b]:
                continue
            touched.update(pair)
            if seen.person[a] or seen.person[b]:
                fast = speed[b] if seen.person[a] else speed[a]
                if fast > HIT_MPS and pair not in self._hits:
                    self._hits.add(pair)
                    self._counts["walkers_hit"] += 1.0
                    self.contacts.append((time_s, *pair))
                continue
            closing = max(_apart(known, pair) for known in (now, self._velocities))
            if time_s - self._contacts.get(pair, -math.inf) > APART_S and closing > CLOSING_MPS:
                self._counts["collisions"] += 1.0
                self.contacts.append((time_s, *pair))
            self._contacts[pair] = time_s
        for row in np.flatnonzero(~seen.person):
            actor = int(seen.ids[row])
            before = math.hypot(*self._velocities.get(actor, (0.0, 0.0)))
            if before - speed[row] > SHOCK_MPS2 * self._tick_s and actor not in touched:
                self._counts["obstacles_hit"] += 1.0
                self.contacts.append((time_s, actor, 0))
        self._velocities = now

    def _sample(
        self, seen: GroundPlan, vehicles: Int64[np.ndarray, "v"], speed: Float64[np.ndarray, "n"]
    ) -> None:
        fixes: dict[int, LaneFix] = {}
        for n in vehicles:
            x, y, z = (float(v) for v in seen.xyz_m[n])
            actor = int(seen.ids[n])
            if speed[n] < 0.5 and actor in self._fixes:
                fixes[actor] = self._fixes[actor]
                continue
            fix = self._lanes.fix(x, y, z - float(seen.half_m[n, 2]))
            if fix is None:
                continue
            fixes[actor] = fix
            way = np.array([math.cos(fix.heading_rad), math.sin(fix.heading_rad)])
            if not fix.in_junction and speed[n] > 0.5 and seen.axis[n] @ way < WRONG_WAY_COSINE:
                self._counts["wrong_way_m"] += float(speed[n]) * SAMPLE_S
        self._counts["cut_ins"] += self._cut_ins(seen, fixes)
        self._fixes = fixes

    def _cut_ins(self, seen: GroundPlan, fixes: Mapping[int, LaneFix]) -> int:
        own, before = fixes.get(self._ego), self._fixes.get(self._ego)
        rows = np.flatnonzero(seen.ids == self._ego)
        if own is None or before is None or own.in_junction or not len(rows):
            return 0
        ego = int(rows[0])
        count = 0
        for n, actor in enumerate(seen.ids):
            now, was = fixes.get(int(actor)), self._fixes.get(int(actor))
            if int(actor) == self._ego or now is None or was is None:
                continue
            if _lane(now) != _lane(own) or was.road_id != now.road_id or was.section != now.section:
                continue
            # The ego did not come to it: its lane is the one that it was in.
            if was.lane_id == now.lane_id or before.lane_id != own.lane_id:
                continue
            along = float((seen.xyz_m[n, :2] - seen.xyz_m[ego, :2]) @ seen.axis[ego])
            gap = along - float(seen.half_m[n, 0]) - float(seen.half_m[ego, 0])
            count += along > 0.0 and gap < CUT_IN_M
        return count


def _apart(velocities: Mapping[int, tuple[float, float]], pair: tuple[int, int]) -> float:
    """By how much the velocities of two differ; 0 where one is not known."""
    if pair[0] not in velocities or pair[1] not in velocities:
        return 0.0
    (ax, ay), (bx, by) = velocities[pair[0]], velocities[pair[1]]
    return math.hypot(ax - bx, ay - by)


def _lane(fix: LaneFix) -> tuple[int, int, int]:
    return fix.road_id, fix.section, fix.lane_id
