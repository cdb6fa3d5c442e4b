"""A study: recorded scenes on each road form. Who leaves the road, stands in vain, hits somebody?

python -m benchmarks.road_forms_scenes [--vehicles 40] [--walkers 30] [--seconds 60] [--violations] [FORM ...]

Scenes are drawn by the traffic and pedestrian plugins and recorded as `drivegen generate` does, each with a
server and a recorder of its own, but for the sensors: only an IMU runs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.lockstep import TICK_S, in_own_process
from benchmarks.road_forms_drive import FORMS
from benchmarks.scene_verdict import CAUSES, Film, SceneVerdict, judge
from drivegen.core.geometry import Pose
from drivegen.core.plans import EgoPlan, MapPlan, ScenePlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Imu, Rig
from drivegen.opendrive.writer import write_network
from drivegen.record.session import Endpoint, record_scene
from drivegen.runtime import plugins
from drivegen.runtime.servers.embedded import EmbeddedServer

WARMUP_S = 3.0
TRAFFIC: dict[str, object] = {
    "bicycle_lanes": True,
    "styles": {},
    "parked": 0.3,
    "bus_stops": 0.5,
    "queue_share": 0.1,
    "riders": {"count": 8, "delivery": 0.3},
}
VIOLATIONS: dict[str, object] = {
    "violations": {"red_light": 0.05, "illegal_stop": 0.05, "cut_in": 0.05, "wrong_way": 0.2},
    "emergency": 0.05,
    "convoys": 1,
}


def plan_scene(
    form: str, seed: int, folder: Path, *, vehicles: int, walkers: int, seconds: float, violations: bool
) -> tuple[ScenePlan, Path]:
    """A scene on a draw of a form, and the road's file."""
    plugin, params = FORMS[form]
    network = plugins.make("generators.roads", plugin, params, "map.plugin").generate(
        derive_rng(seed, "map"), form
    )
    text = write_network(network)
    road = folder / f"{form}_{seed}.xodr"
    road.write_text(text, encoding="utf-8")
    options = {**TRAFFIC, **(VIOLATIONS if violations else {}), "lasts_s": seconds + WARMUP_S}
    traffic = plugins.make("generators.vehicles", "traffic_manager", options, "traffic.plugin").plan(
        derive_rng(seed, "vehicles"), network, vehicles, hour=10.0
    )
    weather = plugins.make("generators.weather", "preset", {}, "weather.plugin").plan(
        derive_rng(seed, "weather"), "clear", 10.0, 172, 39.795, 116.506
    )
    people = plugins.make("generators.pedestrians", "pavements", {}, "pedestrians.plugin").plan(
        derive_rng(seed, "pedestrians"),
        network,
        walkers,
        near=traffic.ego,
        weather=weather.parameters,
        vehicles=traffic.vehicles,
    )
    rig = Rig(name="imu", sensors=(Imu(name="IMU", agent_sensor=Pose.identity(), period_s=TICK_S),))
    plan = ScenePlan(
        scene="scene-0001",
        seed=seed,
        tick_s=TICK_S,
        warmup_s=WARMUP_S,
        duration_s=seconds,
        keyframe_s=1.0,
        label_range_m=1.0,
        map=MapPlan(
            name=form,
            opendrive=road.name,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            scenery_seed=seed,
        ),
        weather=weather,
        ego=EgoPlan(
            blueprint="vehicle.lincoln.mkz_2020",
            color_rgb=(220, 220, 225),
            start=traffic.ego,
            speed_difference_percent=10.0,
            rig=rig,
        ),
        vehicles=traffic.vehicles,
        walkers=people.walkers,
        requested={
            "vehicles": float(vehicles),
            "pedestrians": float(walkers),
            **traffic.requested,
            **people.requested,
        },
    )
    return plan, road


def drive(plan: ScenePlan, road: Path, folder: Path) -> tuple[Film, dict[str, float]]:
    """Plays a scene on a fresh server; what was seen, and what the manifest would say."""
    film = Film(plan=plan)
    start = time.monotonic()
    with EmbeddedServer(
        road,
        scenery_seed=plan.map.scenery_seed,
        renderer="auto",
        log=folder / "server.log",
        start_timeout_s=240.0,
        render_threads=1,
    ) as server:
        result = record_scene(
            plan,
            map_path=road,
            endpoint=Endpoint(port=server.port, call_timeout_s=60.0),
            capture_path=folder / "scene.mcap",
            provenance={"made by": "a study"},
            watch=film.take,
        )
    film.wall_s = time.monotonic() - start
    film.spawn_failures = result.spawn_failures
    return film, result.achieved


def drive_here(form: str, seed: int, options: dict[str, Any], save: Path | None) -> SceneVerdict:
    """In this process, which should end soon after: its Traffic Manager outlives its server badly."""
    with tempfile.TemporaryDirectory() as folder:
        plan, road = plan_scene(form, seed, Path(folder), **options)
        film, achieved = drive(plan, road, Path(folder))
        if save is not None:
            film.save(save / f"{form}_{seed}.npz")
        return judge(film, road, achieved)


def line(form: str, seed: int, found: SceneVerdict) -> str:
    """A row of the table."""
    causes = " ".join(f"{name} {found.stands.get(name, 0)}" for name in CAUSES)
    return (
        f"{form} {seed} | {found.vehicles} + {found.riders} + {found.parked} / {found.walkers} | "
        f"{found.vehicle_km:.2f} km {found.mean_speed_mps:.1f} m/s | off {found.vehicles_off_road} "
        f"{found.riders_off_road} | gone {found.destroyed} | {causes} | in vain {len(found.in_vain)} | "
        f"collisions {found.collisions} ({found.collisions_per_km:.2f}/km) people {found.walkers_hit} "
        f"obstacles {found.obstacles_hit} | "
        f"red {found.red_lights_run} | {found.ms_per_tick:.0f} ms/tick"
    )


def main() -> int:
    """Prints a row a scene and a sum; exit code 1 if anybody leaves the road or stands for nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="*", metavar="FORM", help=f"of {', '.join(FORMS)}; without any: all")
    parser.add_argument("--vehicles", type=int, default=40)
    parser.add_argument("--walkers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="seed of the first draw")
    parser.add_argument("--violations", action="store_true", help="with red lights run, cut-ins, wrong ways")
    parser.add_argument(
        "--details", action="store_true", help="name who stands in vain, hits, leaves the road"
    )
    parser.add_argument("--save", type=Path, help="keep what was seen in this folder")
    parser.add_argument("--here", action="store_true", help="one scene in this process, as JSON")
    arguments = parser.parse_args()
    options = {name: getattr(arguments, name) for name in ("vehicles", "walkers", "seconds", "violations")}
    if arguments.here:
        verdict = drive_here(arguments.forms[0], arguments.first, options, arguments.save)
        print(verdict.to_json(), flush=True)
        os._exit(0)  # the client aborts now and then when its Traffic Manager is torn down
    print(
        "form seed | vehicles + riders + parked / people | driven | off the road (vehicles, riders) | "
        "taken away | stands by cause"
    )
    wrong, total = 0, Counter[str]()
    for form in arguments.forms or FORMS:
        for seed in range(arguments.first, arguments.first + arguments.draws):
            words = [form, "--here", "--first", str(seed)]
            for name in ("vehicles", "walkers", "seconds"):
                words += [f"--{name}", str(options[name])]
            words += ["--violations"] if arguments.violations else []
            words += ["--save", str(arguments.save.resolve())] if arguments.save else []
            answer = in_own_process(
                "benchmarks.road_forms_scenes", words, timeout_s=120.0 + 8.0 * arguments.seconds, attempts=2
            )
            found = SceneVerdict.from_json(answer.decode().strip().splitlines()[-1])
            wrong += found.wrong
            total.update(
                {"km": found.vehicle_km, "collisions": found.collisions, "people": found.walkers_hit}
            )
            print(line(form, seed, found), flush=True)
            if arguments.details:
                print(json.dumps(found.details, indent=None), flush=True)
    rate = total["collisions"] / max(total["km"], 1e-9)
    print(
        f"all: {total['km']:.1f} vehicle-km, {rate:.3f} collisions/km, {total['people']} people hit, "
        f"wrong {wrong}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
