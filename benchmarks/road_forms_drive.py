"""A study: Traffic Manager vehicles on each generated road form: who leaves the road, who stands in vain?

python -m benchmarks.road_forms_drive [--vehicles 20] [--seconds 30] [--draws 1] [FORM ...]
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

from benchmarks.lockstep import TICK_S
from benchmarks.traffic_manager_drive import Recording, judge, record
from drivegen.core.rng import derive_rng
from drivegen.core.roadside import ROADSIDE_POLE
from drivegen.embedded.world.maps import MapStore
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.parking import parking_bays
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.things import things
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins

FORMS: dict[str, tuple[str, dict[str, object]]] = {
    "junction_4": ("junction", {"arms": 4}),
    "junction_3": ("junction", {"arms": 3}),
    "unsignalised_4": ("unsignalised", {"arms": 4}),
    "unsignalised_3": ("unsignalised", {"arms": 3}),
    "midblock_lights": ("midblock", {"signalised": True}),
    "midblock_zebra": ("midblock", {"signalised": False}),
    "roundabout": ("roundabout", {}),
    "unsignalised_grades": ("unsignalised", {"grade_percent": [-6.0, 6.0]}),
    "roundabout_grades": ("roundabout", {"grade_percent": [-6.0, 6.0]}),
    "overpass": ("overpass", {}),
    "tunnel": ("tunnel", {}),
    "expressway_merge": ("expressway", {"kind": "merge"}),
    "expressway_diverge": ("expressway", {"kind": "diverge"}),
    "expressway_weaving": ("expressway", {"kind": "weaving"}),
    "expressway_all": ("expressway", {"kind": "all"}),
    "junction_fitted": ("junction", {"bus_stops": 3, "parking_lanes": 3, "work_zones": 2}),
    "unsignalised_fitted": (
        "unsignalised",
        {"main_lanes": 2, "bus_stops": 2, "parking_lanes": 2, "work_zones": 2},
    ),
    "midblock_works": ("midblock", {"lanes": 3, "arm_length_m": [150.0, 160.0], "work_zones": 2}),
    "campus": ("campus", {}),
    "district": ("district", {"junctions": 6}),
    "industrial_park": ("industrial_park", {"ring_lanes": 2, "work_zones": 2}),
}
LEVEL_M = 0.4
"""Who is farther than this from the ground, or moves farther up or down in a tick, has left its level."""
PARKED_INSIDE_M = 0.3
"""A parked car's sides are so far from the borders of its bay."""
OVERHANG_M = 0.8
"""Mirrors of the widest bus reach so far over the line where its wheels keep to the lane."""
PATIENCE_S = 3.0
"""Who stands longer than this needs a cause."""
AHEAD_M = 15.0
"""A vehicle so near, not behind, is a cause: a queue, or somebody to give way to."""
AHEAD_COSINE = -0.1


def draw(form: str, seed: int, folder: Path) -> Path:
    """A draw of a form as a file."""
    plugin, params = FORMS[form]
    roads = plugins.make("generators.roads", plugin, params, "map.plugin")
    path = folder / f"{form}_{seed}.xodr"
    path.write_text(write_network(roads.generate(derive_rng(seed, "map"), form)), encoding="utf-8")
    return path


def stands_without_cause(driven: Recording) -> list[tuple[int, float, float]]:
    """(vehicle, first second, length) of stands longer than `PATIENCE_S` in which no tick has a cause.

    Causes: a light, or another vehicle near that is not behind.
    """
    out = []
    for n in range(driven.x_m.shape[1]):
        still = driven.speed_mps[:, n] < 0.1
        edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            length = (last - first) * TICK_S
            if length > PATIENCE_S and not any(_has_cause(driven, t, n) for t in range(first, last)):
                out.append((n, first * TICK_S, length))
    return out


def off_level(road: Path, driven: Recording) -> int:
    """At how many moments a vehicle is not on the surface that it was on a tick before."""
    known = MapStore(road)
    ground = known.load(known.names[0]).ground
    places = np.stack([driven.x_m, driven.y_m, driven.z_m], axis=2)
    there = np.isfinite(driven.z_m)
    gap = ground.height_near(places[there]) - driven.z_m[there]
    jumps = np.abs(np.diff(driven.z_m, axis=0)) > LEVEL_M
    return int(np.sum(np.abs(gap) > LEVEL_M) + np.sum(jumps))


def touched(road: Path, driven: Recording) -> int:
    """At how many moments a vehicle overlaps a thing of the map, or is in a lane closed for works or a bay.

    A roadside pole reaches over the road and does not count.
    """
    network = read_network(road.read_text(encoding="utf-8"), road.name)
    found = [t for t in things(network) if t.blueprint_id != ROADSIDE_POLE]
    solid = [_box(*t.pose.position_m[:2], t.pose.yaw_rad, *t.size_m[:2]) for t in found]
    for bay in parking_bays(network):
        box = _box(*bay.pose.position_m[:2], bay.pose.yaw_rad, bay.length_m, bay.width_m)
        solid.append(shapely.buffer(box, -PARKED_INSIDE_M))
    solid += list(_closed(network))
    tree = shapely.STRtree(solid)
    count = 0
    for n in range(driven.x_m.shape[1]):
        length, width = driven.size_m[n, :2]
        for t in np.flatnonzero(np.isfinite(driven.x_m[:, n])):
            x, y, yaw = driven.x_m[t, n], driven.y_m[t, n], driven.yaw_rad[t, n]
            count += len(tree.query(_box(x, y, yaw, length, width), predicate="intersects")) > 0
    return count


def _box(x: float, y: float, yaw: float, length: float, width: float) -> shapely.Geometry:
    along = 0.5 * length * np.array([math.cos(yaw), math.sin(yaw)])
    left = 0.5 * width * np.array([-math.sin(yaw), math.cos(yaw)])
    middle = np.array([x, y])
    return shapely.polygons([middle + a * along + b * left for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))])


def _closed(network: RoadNetwork) -> Iterator[shapely.Geometry]:
    """Lanes closed from end to end of their section, and bays of buses, less what a mirror may hang over."""
    geometry = NetworkGeometry(network)
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            s = np.linspace(*curve.section_range(index), 40)
            for lane in section.lanes:
                if lane.type not in {LaneType.ROADWORKS, LaneType.STOP}:
                    continue
                inner, outer, _ = curve.lane_bounds(index, lane.id, s)
                if np.abs(outer - inner).min() > 2.0:
                    ring = np.concatenate([curve.points(s, inner), curve.points(s, outer)[::-1]])
                    yield shapely.buffer(shapely.polygons(ring[:, :2]), -OVERHANG_M)


def _has_cause(driven: Recording, t: int, n: int) -> bool:
    if driven.at_light[t, n]:
        return True
    dx, dy = driven.x_m[t] - driven.x_m[t, n], driven.y_m[t] - driven.y_m[t, n]
    apart = np.hypot(dx, dy)
    yaw = driven.yaw_rad[t, n]
    ahead = (dx * math.cos(yaw) + dy * math.sin(yaw)) >= AHEAD_COSINE * apart
    near = (apart < AHEAD_M + driven.size_m[n, 0] / 2.0) & (apart > 0.0) & ahead
    return bool(np.any(near))


def main() -> int:
    """Prints one line a drive; exit code 1 if anybody leaves the road or stands for nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="*", metavar="FORM", help=f"of {', '.join(FORMS)}; without any: all")
    parser.add_argument("--vehicles", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="seed of the first draw")
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for form in arguments.forms or FORMS:
            for seed in range(arguments.first, arguments.first + arguments.draws):
                road = draw(form, seed, Path(folder))
                driven = record(road, arguments.vehicles, arguments.seconds)
                found, idle = judge(road, driven), stands_without_cause(driven)
                level = off_level(road, driven)
                hit = touched(road, driven)
                wrong += found.centre_off_lane + found.destroyed + len(idle) + level + hit
                print(
                    f"{form} {seed}: {found.vehicles} vehicles, {found.mean_speed_mps:.1f} m/s, "
                    f"{found.junctions_passed} junctions passed, destroyed {found.destroyed}, "
                    f"centre off {found.centre_off_lane}, wheels off {found.wheels_off_lane} "
                    f"{ {k: v for k, v in found.off_lane_by_kind.items() if v} }, "
                    f"overlaps {found.overlaps} (deepest {found.deepest_overlap_m:.2f} m), "
                    f"off level {level}, in works or bays {hit}, "
                    f"red crossings {found.red_crossings}, queues {found.queues} released "
                    f"{found.queues_released}, longest stand {found.longest_stand_s:.1f} s, "
                    f"without cause {[(n, round(at, 1), round(long, 1)) for n, at, long in idle]}",
                    flush=True,
                )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
