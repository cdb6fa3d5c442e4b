"""What pedestrians cost: a step of their social forces, and planning them.

`python -m benchmarks pedestrians`. CPU time of one process; the least of several rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from drivegen.core.geometry import Box, Pose
from drivegen.core.plans import PlacedPose
from drivegen.core.rng import derive_rng
from drivegen.record.signals import RED, LightState, SignalView
from drivegen.record.walkers import MovingBox, WalkerDriver
from drivegen.runtime import plugins
from drivegen_generators.pedestrians.pavements import Pavements

PEOPLE, STEP_GOAL_MS = 200, 3.0
WALKERS, PLAN_GOAL_MS = 16, 1.5
VEHICLES = 40
TICK_S = 0.05
SETTLE_TICKS, TICKS, ROUNDS = 100, 20, 15
PLANS = 10
MIDDLE = PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0)


def rows() -> list[dict[str, Any]]:
    """A step of `PEOPLE` against its goal, and the plan of `WALKERS` on a road that is known."""
    roads = plugins.make("generators.roads", "junction", {"arms": 4}, "map.plugin")
    network = roads.generate(derive_rng(0, "map"), "junction")
    generator = Pavements()
    people = generator.plan(derive_rng(0), network, PEOPLE, near=MIDDLE).walkers
    step_ms = _step_ms(WalkerDriver(dict(enumerate(people)), TICK_S), people)

    def plan() -> None:
        for k in range(PLANS):
            generator.plan(derive_rng(k), network, WALKERS, near=MIDDLE)

    plan()
    plan_ms = _least_ms(plan) / PLANS
    return [
        _row(f"step of {len(people)} people among {VEHICLES} vehicles", step_ms, STEP_GOAL_MS),
        _row(f"plan of {WALKERS} walkers on a known junction", plan_ms, PLAN_GOAL_MS),
    ]


def _row(name: str, value_ms: float, goal_ms: float) -> dict[str, Any]:
    against = f"{goal_ms:g} ms"
    return {"name": name, "value": value_ms, "unit": "ms", "against": against, "ratio": value_ms / goal_ms}


def _step_ms(driver: WalkerDriver, people: Any) -> float:
    places = {k: np.array(p.waypoints[0]) for k, p in enumerate(people)}
    ids = sorted({s for p in people for c in p.crossings for s in c.signal_ids})
    red = LightState(state=RED, elapsed_s=0.1, green_s=20.0, yellow_s=3.0, red_s=2.0)
    signals = SignalView(lights=dict.fromkeys(ids, red))
    rng = derive_rng(1)
    vehicles = [
        MovingBox(
            box=Box(
                pose=Pose.from_xyz_rpy(*rng.uniform(-60.0, 60.0, 2), 0.8, yaw_rad=float(rng.uniform(0, 6))),
                size_m=np.array([4.6, 1.9, 1.5]),
            ),
            velocity_mps=np.array([*rng.uniform(-8.0, 8.0, 2), 0.0]),
        )
        for _ in range(VEHICLES)
    ]
    spent_s = 0.0

    def walk() -> None:
        nonlocal spent_s
        for _ in range(TICKS):
            start = time.process_time()
            steps = driver.steps(places, vehicles, signals, 0)
            spent_s += time.process_time() - start
            for actor, step in steps.items():
                places[actor] = places[actor] + step.direction * (step.speed_mps * TICK_S)

    for _ in range(SETTLE_TICKS // TICKS):
        walk()
    least_s = np.inf
    for _ in range(ROUNDS):
        spent_s = 0.0
        walk()
        least_s = min(least_s, spent_s)
    return 1000.0 * float(least_s) / TICKS


def _least_ms(job: Callable[[], None]) -> float:
    least_s = np.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        job()
        least_s = min(least_s, time.process_time() - start)
    return 1000.0 * float(least_s)
