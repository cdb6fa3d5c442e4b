"""A study: the client's Traffic Manager drives mixed traffic; how well is it driven, and is it repeatable?

python -m benchmarks.traffic_manager_drive --seconds 300 --vehicles 30 --repeat 2 [--map FILE.xodr]
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import math
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import carla
import numpy as np
import shapely

from benchmarks.lockstep import PAUSE_S, TICK_S, beijing_map, in_own_process, lockstep, spread
from drivegen.core.actors import ObjectClass
from drivegen.embedded.dynamics.bodies import WIDEST_BODY_M, body_for
from drivegen.embedded.world.maps import LoadedMap, MapStore

KINDS = ("car", "car", "van", "car", "truck", "car", "motorcycle", "car", "bus", "bicycle")
"""`base_type` of the blueprints, in turns; in each kind all blueprints in turns."""
RED, YELLOW = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What was driven: t ticks, n vehicles, l lights. Right-handed, metres, radians; NaN once destroyed."""

    kinds: tuple[str, ...]
    size_m: np.ndarray
    """(n, 3)."""
    x_m: np.ndarray
    """(t, n), as are the next four."""
    y_m: np.ndarray
    z_m: np.ndarray
    yaw_rad: np.ndarray
    speed_mps: np.ndarray
    at_light: np.ndarray
    """(t, n), bool."""
    lights: np.ndarray
    """(t, l) CARLA's light states, by the order of OpenDRIVE ids in `light_ids`."""
    light_ids: tuple[str, ...]
    wall_s: float

    @property
    def digest(self) -> str:
        """Of all poses and speeds, to the last bit."""
        parts = (self.x_m, self.y_m, self.yaw_rad, self.speed_mps, self.lights)
        return hashlib.sha256(b"".join(np.ascontiguousarray(p).tobytes() for p in parts)).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Figures of one recording."""

    vehicles: int
    destroyed: int
    """By the Traffic Manager, for standing too long or at a dead end."""
    distance_km: float
    mean_speed_mps: float
    centre_off_lane: int
    """Vehicle-ticks with the centre off driving lanes and junctions."""
    wheels_off_lane: int
    """Vehicle-ticks with a wheel off them, by more than its tyre's width."""
    off_lane_by_kind: dict[str, int]
    junctions_passed: int
    longest_stand_s: float
    deepest_overlap_m: float
    overlaps: int
    """Vehicle pairs per tick with more than 2 cm."""
    red_crossings: int
    line_crossings: int
    queues: int
    """Times that a light turned green with somebody waiting at its line."""
    queues_released: int
    """Of these, how often at least one vehicle had crossed when it turned red."""
    fastest_slip_mps2: float
    """Greatest change of speed along the path."""


def spawn_mix(world: carla.World, count: int) -> list[carla.Actor]:
    """Vehicles of all kinds on spawn points spread over the map."""
    library = world.get_blueprint_library()
    shelves = {
        kind: [b for b in library.filter("vehicle.*") if b.get_attribute("base_type") == kind]
        for kind in dict.fromkeys(KINDS)
    }
    taken = dict.fromkeys(shelves, 0)
    spots = world.get_map().get_spawn_points()
    actors: list[carla.Actor] = []
    for index in spread(len(spots)):
        if len(actors) == count:
            break
        kind = KINDS[len(actors) % len(KINDS)]
        shelf = shelves[kind]
        actor = world.try_spawn_actor(shelf[taken[kind] % len(shelf)], spots[index])
        if actor is not None:
            taken[kind] += 1
            actors.append(actor)
    return actors


def record(map_file: Path, vehicles: int, seconds: float, seed: int = 7) -> Recording:
    """Drives on a fresh server and records every tick, in a process of its own; raises as that does."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "driven.npz"
        arguments = ["--record", str(out), "--map", str(map_file.resolve())]
        arguments += ["--vehicles", str(vehicles), "--seconds", str(seconds), "--seed", str(seed)]
        in_own_process("benchmarks.traffic_manager_drive", arguments, timeout_s=60.0 + seconds)
        return load(out)


def load(path: Path) -> Recording:
    """A recording that was saved."""
    with np.load(path) as tables:
        values = {name: tables[name] for name in Recording.__dataclass_fields__}
    names = {name: tuple(str(v) for v in values[name]) for name in ("kinds", "light_ids")}
    return Recording(**{**values, **names, "wall_s": float(values["wall_s"])})


def save(driven: Recording, path: Path) -> None:
    """As .npz."""
    np.savez(path, **{name: getattr(driven, name) for name in Recording.__dataclass_fields__})


def record_here(map_file: Path, vehicles: int, seconds: float, seed: int) -> Recording:
    """Drives on a fresh server and records every tick. The process should end soon after."""
    with lockstep(map_file) as bench:
        manager = bench.traffic_manager(seed)
        actors = spawn_mix(bench.world, vehicles)
        bench.world.tick()
        for actor in actors:
            actor.set_autopilot(True, manager.get_port())
        return _drive(bench.world, actors, round(seconds / TICK_S))


def _drive(world: carla.World, actors: list[carla.Actor], ticks: int) -> Recording:
    lights = sorted(world.get_actors().filter("traffic.traffic_light*"), key=lambda a: a.id)
    ids = [a.id for a in actors]
    kinds = tuple(a.attributes["base_type"] for a in actors)
    size = np.array(
        [[2 * e for e in (b.extent.x, b.extent.y, b.extent.z)] for b in (a.bounding_box for a in actors)]
    )
    tables = np.full((6, ticks, len(ids)), np.nan)
    shown = np.zeros((ticks, len(lights)), np.uint8)
    alive = {a.id: a for a in actors}
    start = time.monotonic()
    for t in range(ticks):
        world.tick(30.0)
        snapshot = world.get_snapshot()
        for n, actor_id in enumerate(ids):
            seen = snapshot.find(actor_id)
            if seen is None:
                alive.pop(actor_id, None)
                continue
            place, velocity = seen.get_transform(), seen.get_velocity()
            tables[0, t, n], tables[1, t, n] = place.location.x, -place.location.y
            tables[2, t, n] = -math.radians(place.rotation.yaw)
            tables[3, t, n] = math.hypot(velocity.x, velocity.y)
            tables[5, t, n] = place.location.z
            tables[4, t, n] = actor_id in alive and alive[actor_id].is_at_traffic_light()
        shown[t] = [int(light.state) for light in lights]
        time.sleep(PAUSE_S)
    return Recording(
        kinds=kinds,
        size_m=size,
        x_m=tables[0],
        y_m=tables[1],
        z_m=tables[5],
        yaw_rad=tables[2],
        speed_mps=tables[3],
        at_light=tables[4] == 1.0,
        lights=shown,
        light_ids=tuple(light.get_opendrive_id() for light in lights),
        wall_s=time.monotonic() - start,
    )


def judge(map_file: Path, driven: Recording) -> Verdict:
    """Measures a recording against the map."""
    known = MapStore(map_file)
    loaded = known.load(known.names[0])
    there = ~np.isnan(driven.x_m)
    centre_off, wheel_off = _off_lane(loaded, driven, there)
    overlaps, deepest = _overlaps(driven)
    red, crossed, queues, released = _at_lines(loaded, driven)
    standing = np.where(there, driven.speed_mps < 0.1, False)
    speed = driven.speed_mps
    return Verdict(
        vehicles=speed.shape[1],
        destroyed=int((~there[-1]).sum()),
        distance_km=float(np.nansum(speed) * TICK_S / 1000),
        mean_speed_mps=float(np.nanmean(speed)),
        centre_off_lane=int(centre_off.sum()),
        wheels_off_lane=int(wheel_off.sum()),
        off_lane_by_kind={
            kind: int(wheel_off[:, [k == kind for k in driven.kinds]].sum()) for kind in dict.fromkeys(KINDS)
        },
        junctions_passed=_junctions_passed(loaded, driven, there),
        longest_stand_s=max((_longest_run(standing[:, n]) for n in range(standing.shape[1])), default=0)
        * TICK_S,
        deepest_overlap_m=deepest,
        overlaps=overlaps,
        red_crossings=red,
        line_crossings=crossed,
        queues=queues,
        queues_released=released,
        fastest_slip_mps2=float(np.nanmax(np.abs(np.diff(speed, axis=0))) / TICK_S),
    )


def _longest_run(flags: np.ndarray) -> int:
    runs = [len(list(group)) for value, group in itertools.groupby(flags.tolist()) if value]
    return max(runs, default=0)


def _off_lane(loaded: LoadedMap, driven: Recording, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(t, n): centre off the driving lanes; any wheel off them."""
    out = []
    for corners in (False, True):
        off = np.zeros(driven.x_m.shape, np.bool_)
        for n, kind in enumerate(driven.kinds):
            offsets = [(0.0, 0.0)]
            if corners:
                body = body_for(ObjectClass(kind), driven.size_m[n])
                half = max(0.0, body.track_m / 2 - 0.15)
                offsets = [(x, y) for x in (body.front_axle_m, -body.rear_axle_m) for y in (-half, half)]
            mask = there[:, n]
            x, y, yaw = driven.x_m[mask, n], driven.y_m[mask, n], driven.yaw_rad[mask, n]
            for along, across in offsets:
                points = np.stack(
                    [
                        x + along * np.cos(yaw) - across * np.sin(yaw),
                        y + along * np.sin(yaw) + across * np.cos(yaw),
                    ],
                    axis=1,
                )
                off[mask, n] |= ~loaded.ground.on_driving_lane(points)
        out.append(off)
    return out[0], out[1]


def _junctions_passed(loaded: LoadedMap, driven: Recording, there: np.ndarray) -> int:
    passed = 0
    for n in range(len(driven.kinds)):
        mask = there[:, n]
        xy = np.stack([driven.x_m[mask, n], driven.y_m[mask, n]], axis=1)
        if len(xy):
            inside = loaded.lanes.locate(xy, driven.yaw_rad[mask, n]).in_junction
            stays = [len(list(group)) for value, group in itertools.groupby(inside.tolist()) if value]
            passed += sum(stay * TICK_S > 1.0 for stay in stays)
    return passed


def _overlaps(driven: Recording, every: int = 4) -> tuple[int, float]:
    """(pairs per sampled tick that overlap by more than 2 cm, the deepest), mirrors aside, by shapely."""
    count, deepest = 0, 0.0
    radius = np.hypot(driven.size_m[:, 0], driven.size_m[:, 1]) / 2
    for t in range(0, len(driven.x_m), every):
        xy = np.stack([driven.x_m[t], driven.y_m[t]], axis=1)
        apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        for a, b in np.argwhere(np.triu(apart < radius[:, None] + radius[None], 1)):
            shapes = [_outline(driven, t, int(k)) for k in (a, b)]
            common = shapes[0].intersection(shapes[1])
            if common.is_empty or common.area == 0.0:
                continue
            box = common.minimum_rotated_rectangle.exterior.coords
            depth = min(math.dist(box[0], box[1]), math.dist(box[1], box[2]))
            deepest = max(deepest, depth)
            count += depth > 0.02
    return count, deepest


def _outline(driven: Recording, t: int, n: int) -> shapely.Polygon:
    length, width = driven.size_m[n, 0] / 2, min(driven.size_m[n, 1], WIDEST_BODY_M) / 2
    c, s = math.cos(driven.yaw_rad[t, n]), math.sin(driven.yaw_rad[t, n])
    corners = [(length, width), (-length, width), (-length, -width), (length, -width)]
    return shapely.Polygon(
        [(driven.x_m[t, n] + a * c - b * s, driven.y_m[t, n] + a * s + b * c) for a, b in corners]
    )


def _at_lines(loaded: LoadedMap, driven: Recording) -> tuple[int, int, int, int]:
    """(lines crossed while their lights were all red, lines crossed, queues at green, queues released)."""
    front_x = driven.x_m + driven.size_m[:, 0] / 2 * np.cos(driven.yaw_rad)
    front_y = driven.y_m + driven.size_m[:, 0] / 2 * np.sin(driven.yaw_rad)
    columns = {signal_id: k for k, signal_id in enumerate(driven.light_ids)}
    lines: dict[tuple[int, int, int], tuple[object, list[int]]] = {}
    for head in loaded.heads:
        for line in head.stop_lines:
            entry = lines.setdefault((line.road_id, line.lane_id, round(line.s_m)), (line, []))
            entry[1].append(columns[head.signal_id])
    red = crossed = queues = released = 0
    for line, lights in lines.values():
        middle = (line.start_m + line.end_m) / 2
        width = float(np.linalg.norm(line.end_m - line.start_m))
        c, s = math.cos(line.heading_rad), math.sin(line.heading_rad)
        along = (front_x - middle[0]) * c + (front_y - middle[1]) * s
        across = (front_y - middle[1]) * c - (front_x - middle[0]) * s
        passes = (along[:-1] < 0) & (along[1:] >= 0) & (np.abs(across[1:]) < width / 2) & (along[1:] < 3.0)
        passes &= np.cos(driven.yaw_rad[1:] - line.heading_rad) > 0.7
        crossed += int(passes.sum())
        closed = (driven.lights[:, lights] == RED).all(axis=1)
        red += int(passes[closed[1:]].sum())
        waits = (along > -6.0) & (along < 0.0) & (np.abs(across) < width / 2) & (driven.speed_mps < 0.1)
        for start in np.flatnonzero(closed[:-1] & ~closed[1:]) + 1:
            end = start + int(np.argmax(closed[start:]))
            if waits[start].any() and end > start:
                queues += 1
                released += int(passes[start:end].any())
    return red, crossed, queues, released


def _print(verdict: Verdict) -> None:
    for name in Verdict.__dataclass_fields__:
        print(f"  {name:20} {getattr(verdict, name)}", flush=True)


def main() -> int:
    """Prints the figures; exit code 1 if two runs differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--map", type=Path, help="an OpenDRIVE file; without it the generated junction")
    parser.add_argument("--vehicles", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--record", type=Path, help="drive once in this process, into an .npz file")
    parser.add_argument("--save", type=Path, help="keep the first recording as .npz")
    parser.add_argument("--judge", type=Path, help="judge a recording again")
    arguments = parser.parse_args()
    if arguments.record:
        save(
            record_here(arguments.map, arguments.vehicles, arguments.seconds, arguments.seed),
            arguments.record,
        )
        sys.stdout.flush()
        os._exit(0)  # the client aborts now and then when its Traffic Manager is torn down
    with tempfile.TemporaryDirectory() as folder:
        map_file = arguments.map or beijing_map(Path(folder))
        if arguments.judge:
            _print(judge(map_file, load(arguments.judge)))
            return 0
        digests = []
        for k in range(arguments.repeat):
            driven = record(map_file, arguments.vehicles, arguments.seconds, arguments.seed)
            digests.append(driven.digest)
            print(f"run {k + 1}: {driven.digest} {len(driven.x_m) / driven.wall_s:.0f} ticks/s", flush=True)
            if k == 0:
                if arguments.save:
                    save(driven, arguments.save)
                _print(judge(map_file, driven))
    same = len(set(digests)) == 1
    print("all runs are the same" if same else "RUNS DIFFER")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
