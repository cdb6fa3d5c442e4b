"""A process that drives on a map and prints: vehicles, how many were destroyed, ticks off lanes, metres."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from benchmarks.lockstep import TICK_S, lockstep
from benchmarks.traffic_manager_drive import spawn_mix

VEHICLES = 20
SECONDS = 30.0


def drive(map_file: Path) -> tuple[int, int, int, float]:
    """(vehicles, destroyed, vehicle-ticks with the centre off lanes and junctions, metres travelled)."""
    with lockstep(map_file) as bench:
        manager = bench.traffic_manager(7)
        actors = spawn_mix(bench.world, VEHICLES)
        bench.world.tick()
        road = bench.world.get_map()
        for actor in actors:
            actor.set_autopilot(True, manager.get_port())
        last: dict[int, tuple[float, float]] = {}
        off_lane, travelled = 0, 0.0
        alive = {actor.id for actor in actors}
        for _ in range(round(SECONDS / TICK_S)):
            bench.world.tick()
            snapshot = bench.world.get_snapshot()
            for actor_id in sorted(alive):
                found = snapshot.find(actor_id)
                if found is None:
                    alive.discard(actor_id)
                    continue
                place = found.get_transform().location
                before = last.get(actor_id, (place.x, place.y))
                travelled += math.hypot(place.x - before[0], place.y - before[1])
                last[actor_id] = (place.x, place.y)
                off_lane += road.get_waypoint(place, project_to_road=False) is None
        return len(actors), len(actors) - len(alive), off_lane, travelled


if __name__ == "__main__":
    sys.stdout.write(" ".join(str(v) for v in drive(Path(sys.argv[1]))) + "\n")
