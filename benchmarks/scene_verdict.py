"""What a recorded scene shows: who left the road, who stood and why, who hit whom."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from drivegen.core.plans import Deed, Drive, ScenePlan, VehiclePlan
from drivegen.embedded.world.maps import LoadedMap, MapStore
from drivegen.opendrive.surfaces.surface import SurfaceKind
from drivegen.opendrive.triangle_index import TriangleIndex
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.rider_path import RiderPath
from drivegen.record.signals import GREEN, OFF, SignalView
from drivegen.record.truth import Observation
from drivegen.record.vehicles import Vehicles

PATIENCE_S = 3.0
"""Who stands longer than this needs a cause."""
STANDING_MPS = 0.1
AHEAD_M = 15.0
"""A vehicle so near, not behind, is a cause: a queue, or somebody to give way to."""
AHEAD_COSINE = -0.1
PERSON_M = 12.0
"""From the front to a person ahead: who gives way at a zebra stands up to 4 m before its line, it 3 m before
a zebra of 5 m."""
LINE_M = 8.0
"""Who stands with its front so near before a stop line waits for its light."""
END_M = 4.0

CAUSES = ("light", "queue", "person", "order", "end")
"""Of stands; parked vehicles are not counted."""

_RIDEABLE = frozenset({SurfaceKind.DRIVING, SurfaceKind.BIKING, SurfaceKind.PARKING, SurfaceKind.SHOULDER})


@dataclass(slots=True, kw_only=True)
class Film:
    """All ticks of a scene."""

    plan: ScenePlan
    times_s: list[float] = field(default_factory=list)
    seen: list[GroundPlan] = field(default_factory=list)
    lights: list[dict[str, str]] = field(default_factory=list)
    plans: dict[int, VehiclePlan] = field(default_factory=dict)
    """Of vehicles by actor id; the ego is not among them."""
    paths: dict[int, RiderPath] = field(default_factory=dict)
    contacts: list[tuple[float, int, int]] = field(default_factory=list)
    ego: int = 0
    wall_s: float = 0.0
    spawn_failures: tuple[str, ...] = ()

    def take(
        self, time_s: float, observed: Sequence[Observation], signals: SignalView, vehicles: Vehicles
    ) -> None:
        """One tick; what `record_scene` calls a watch."""
        self.times_s.append(time_s)
        self.seen.append(GroundPlan.of(observed))
        self.lights.append(signals.states)
        self.plans = vehicles.plans
        self.paths |= vehicles.paths
        self.contacts = vehicles.incidents.contacts
        self.ego = observed[0].tracked.track_id

    def save(self, path: Path) -> None:
        """As .npz: by tick and object time, id, x, y, z, yaw, speed, person, length, width."""
        rows = [
            (t, i, *p, math.atan2(a[1], a[0]), s, w, 2 * h[0], 2 * h[1])
            for t, seen in zip(self.times_s, self.seen, strict=True)
            for i, p, a, s, w, h in zip(
                seen.ids, seen.xyz_m, seen.axis, seen.speed_mps, seen.person, seen.half_m, strict=True
            )
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, rows=np.array(rows), lights=np.array([json.dumps(v) for v in self.lights]))


@dataclass(slots=True, kw_only=True)
class SceneVerdict:
    """Figures of a scene."""

    vehicles: int
    """That the Traffic Manager drove, with the ego."""
    riders: int
    parked: int
    walkers: int
    vehicle_km: float
    mean_speed_mps: float
    vehicles_off_road: int
    """Vehicle-ticks with the middle off driving lanes, junctions, bays and shoulders; the next likewise of
    riders, off bicycle lanes too."""
    riders_off_road: int
    destroyed: int
    """Gone before the end without a plan to leave: by the Traffic Manager, at dead ends or when stuck."""
    left: int
    """By plan."""
    stands: dict[str, int]
    """Longer than `PATIENCE_S`, by cause."""
    in_vain: list[tuple[int, str, float, float, float, float]]
    """Stands without a cause: actor, blueprint, first second, length, x, y."""
    collisions: int
    collisions_per_km: float
    walkers_hit: int
    obstacles_hit: int
    red_lights_run: int
    ms_per_tick: float
    crept_m: float
    """The farthest that a parked vehicle moved after its first second."""
    details: dict[str, object]

    @property
    def wrong(self) -> int:
        """How many things are wrong."""
        off = self.vehicles_off_road + self.riders_off_road
        return off + self.destroyed + len(self.in_vain) + int(self.crept_m > 0.1)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> SceneVerdict:
        """The inverse."""
        return SceneVerdict(**json.loads(text))


def judge(film: Film, road: Path, achieved: dict[str, float]) -> SceneVerdict:
    """Measures a film against its map."""
    known = MapStore(road)
    loaded = known.load(known.names[0])
    drives = {actor: plan.drive for actor, plan in film.plans.items()}
    drives[film.ego] = Drive.TRAFFIC_MANAGER
    rides = [a for a, d in drives.items() if d is Drive.RIDER]
    off = _off_road(film, loaded, drives)
    stands, in_vain = _stands(film, loaded, drives)
    last = set(film.seen[-1].ids.tolist())
    gone = [a for a in drives if a not in last]
    planned = [a for a in gone if a in film.plans and film.plans[a].leaves]
    speeds = [
        float(v)
        for seen in film.seen
        for a, v in zip(seen.ids.tolist(), seen.speed_mps, strict=True)
        if drives.get(a) not in (None, Drive.PARKED)
    ]
    names = {0: "obstacle", **{a: _name(film, a) for a in drives}}
    return SceneVerdict(
        vehicles=sum(d is Drive.TRAFFIC_MANAGER for d in drives.values()),
        riders=len(rides),
        parked=sum(d is Drive.PARKED for d in drives.values()),
        walkers=int(film.seen[0].person.sum()),
        vehicle_km=round(achieved["vehicle_km"], 3),
        mean_speed_mps=round(float(np.mean(speeds)), 2),
        vehicles_off_road=sum(n for a, n, *_ in off if a not in rides),
        riders_off_road=sum(n for a, n, *_ in off if a in rides),
        destroyed=len(gone) - len(planned),
        left=len(planned),
        stands=stands,
        in_vain=in_vain,
        collisions=round(achieved["collisions"]),
        collisions_per_km=round(achieved["collisions"] / max(achieved["vehicle_km"], 1e-9), 3),
        walkers_hit=round(achieved["walkers_hit"]),
        obstacles_hit=round(achieved["obstacles_hit"]),
        red_lights_run=round(achieved["red_lights_run"]),
        ms_per_tick=1000.0 * film.wall_s / len(film.seen),
        crept_m=_crept(film, drives),
        details={
            "in_vain": in_vain,
            "off": [(*row, names[row[0]]) for row in off],
            "gone": [(a, names[a]) for a in gone if a not in planned],
            "contacts": [
                (
                    round(t, 2),
                    names.get(a, "person"),
                    names.get(b, "person" if b else "obstacle"),
                    a,
                    b,
                    *_place(film, t, a),
                )
                for t, a, b in film.contacts
            ],
            "failures": film.spawn_failures,
            "achieved": achieved,
            "requested": film.plan.requested,
        },
    )


def _name(film: Film, actor: int) -> str:
    if actor == film.ego:
        return "ego"
    plan = film.plans[actor]
    return f"{plan.blueprint.rpartition('.')[2]} {plan.drive} {'+'.join(plan.roles)}"


def _place(film: Film, time_s: float, actor: int) -> list[float]:
    tick = film.times_s.index(time_s)
    row = np.flatnonzero(film.seen[tick].ids == actor)
    return np.round(film.seen[tick].xyz_m[row[0], :2], 1).tolist() if len(row) else []


def _off_road(
    film: Film, loaded: LoadedMap, drives: dict[int, Drive]
) -> list[tuple[int, int, float, float, float]]:
    """(actor, ticks, first second, x, y) of vehicles whose middle was off the road."""
    rideable, drivable = (
        TriangleIndex(
            np.concatenate(
                [s.positions_m[s.triangles].astype(np.float64) for s in loaded.surfaces if s.kind in kinds]
            )
        )
        for kinds in (_RIDEABLE, _RIDEABLE - {SurfaceKind.BIKING})
    )
    found: dict[int, list[float]] = {}
    for t, seen in zip(film.times_s, film.seen, strict=True):
        xy = seen.xyz_m[:, :2]
        on_lane = drivable.find(xy, slack_m=0.005) >= 0
        on_any = rideable.find(xy, slack_m=0.005) >= 0
        for row, actor in enumerate(seen.ids.tolist()):
            drive = drives.get(actor)
            if drive is None or drive is Drive.PARKED:
                continue
            if not (on_lane[row] or (drive is Drive.RIDER and on_any[row])):
                entry = found.setdefault(actor, [0.0, round(t, 2), *np.round(xy[row], 1).tolist()])
                entry[0] += 1
    return [(a, int(e[0]), e[1], e[2], e[3]) for a, e in sorted(found.items())]


def _crept(film: Film, drives: dict[int, Drive]) -> float:
    settled = next(k for k, t in enumerate(film.times_s) if t >= 1.0)
    first = dict(zip(film.seen[settled].ids.tolist(), film.seen[settled].xyz_m, strict=True))
    last = dict(zip(film.seen[-1].ids.tolist(), film.seen[-1].xyz_m, strict=True))
    moved = [
        float(np.linalg.norm((last[a] - first[a])[:2]))
        for a, d in drives.items()
        if d is Drive.PARKED and a in first and a in last
    ]
    return round(max(moved, default=0.0), 3)


def _stands(
    film: Film, loaded: LoadedMap, drives: dict[int, Drive]
) -> tuple[dict[str, int], list[tuple[int, str, float, float, float, float]]]:
    """Stands by cause, and those without one."""
    lines = [
        (line.start_m[:2] / 2 + line.end_m[:2] / 2, np.linalg.norm(line.end_m - line.start_m) / 2,
         np.array([math.cos(line.heading_rad), math.sin(line.heading_rad)]), head.signal_id)
        for head in loaded.heads
        for line in head.stop_lines
    ]  # fmt: skip
    counts = dict.fromkeys(CAUSES, 0)
    in_vain = []
    rows = [dict(zip(s.ids.tolist(), range(len(s)), strict=True)) for s in film.seen]
    speeds = [s.speed_mps for s in film.seen]
    tick = film.plan.tick_s
    for actor, drive in drives.items():
        if drive is Drive.PARKED:
            continue
        still = [actor in rows[t] and speeds[t][rows[t][actor]] < STANDING_MPS for t in range(len(rows))]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], np.array(still, int), [0]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            if (last - first) * tick <= PATIENCE_S:
                continue
            causes = {
                cause
                for t in range(first, last, 5)
                for cause in _causes(film, lines, t, rows[t][actor], actor, drive)
            }
            for cause in CAUSES:
                if cause in causes:
                    counts[cause] += 1
                    break
            else:
                x, y = np.round(film.seen[first].xyz_m[rows[first][actor], :2], 1).tolist()
                length = round((last - first) * tick, 1)
                in_vain.append((actor, _name(film, actor), round(film.times_s[first], 1), length, x, y))
    return counts, in_vain


def _causes(film: Film, lines: list, t: int, row: int, actor: int, drive: Drive) -> list[str]:
    seen, out = film.seen[t], []
    here, axis, half = seen.xyz_m[row, :2], seen.axis[row], float(seen.half_m[row, 0])
    front = here + half * axis
    shown = film.lights[t]
    for middle, width, along, signal in lines:
        ahead = float((middle - front) @ along)
        beside = abs(float((front - middle) @ np.array([-along[1], along[0]])))
        if (
            -2.0 < ahead < LINE_M
            and beside < width + 0.5
            and float(axis @ along) > 0.7
            and (shown.get(signal) not in (GREEN, OFF, None))
        ):
            out.append("light")
    away = seen.xyz_m[:, :2] - here
    apart = np.hypot(away[:, 0], away[:, 1])
    ahead = (away @ axis) >= AHEAD_COSINE * apart
    others = np.arange(len(seen)) != row
    if np.any(others & ~seen.person & ahead & (apart < AHEAD_M + half)):
        out.append("queue")
    if np.any(seen.person & ahead & (apart < PERSON_M + half)):
        out.append("person")
    plan = film.plans.get(actor)
    if plan is not None:
        orders = [o for o in plan.orders if o.at_s is not None and o.at_s <= film.times_s[t]]
        last = max(orders, key=lambda o: o.at_s or 0.0, default=None)
        if last is not None and (last.deed is Deed.STOP or film.times_s[t] < (last.at_s or 0.0) + 3.0):
            out.append("order")
    if drive is Drive.RIDER and actor in film.paths:
        path = film.paths[actor]
        nearest = int(np.argmin(np.hypot(*(path.xy_m - here).T)))
        if nearest >= len(path.xy_m) - END_M / 0.5 - 1:
            out.append("end")
        for halt in path.halts:
            left = halt.at_m - 0.5 * nearest - half
            if -1.0 < left < LINE_M and any(shown.get(s) not in (GREEN, OFF, None) for s in halt.signal_ids):
                out.append("light")
    return out
