"""One Scenic scenario on a CARLA server; run by Scenic's own Python, knows nothing of drivegen.

python scenic_play.py SCENARIO PORT STEPS SEED: the last line of its output is JSON.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time

import numpy as np
import scenic
from scenic.core.simulators import SimulationCreationError

SCENES = 6
"""Scenes are drawn until one can be built: Scenic itself draws anew when a spawn is refused."""


def main(path: str, port: int, steps: int, seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    began = time.monotonic()
    parameters = {"port": port, "render": 0, "timeout": 120}
    scenario = scenic.scenarioFromFile(
        path, params=parameters, model="scenic.simulators.carla.model", mode2D=True
    )
    compiled = time.monotonic()
    simulator = scenario.getSimulator()
    facts: dict[str, object] = {"map": scenario.params["carla_map"], "compile_s": compiled - began}
    refused = 0
    for _ in range(SCENES):
        scene, _ = scenario.generate(maxIterations=10000)
        try:
            # None: the scenario rejected this scene (a requirement came to be broken), as some do by design.
            simulation = simulator.simulate(scene, maxSteps=steps, maxIterations=1)
        except SimulationCreationError as error:
            refused += 1
            facts["refused_why"] = str(error)
            continue
        if simulation is not None:
            facts |= _course(simulation)
            break
        refused += 1
    facts |= {"refused": refused, "seconds": time.monotonic() - compiled}
    simulator.destroy()
    print(json.dumps(facts), flush=True)
    # Without the client's own clean-up, which may abort while a Traffic Manager is alive.
    os._exit(0)


def _course(simulation: object) -> dict[str, object]:
    result = simulation.result  # type: ignore[attr-defined]
    states = [np.array(state, np.float64) for state in result.trajectory]
    # Objects that are made on the way make later states longer; those of the first state lead.
    count = len(states[0])
    places = np.stack([state[:count] for state in states])
    lengths = np.linalg.norm(np.diff(places[:, :, :2], axis=0), axis=-1)
    return {
        "steps": len(states) - 1,
        "ended": f"{result.terminationType.name}: {result.terminationReason}",
        "objects": count,
        "ego_m": float(lengths[:, 0].sum()),
        "fastest_step_m": float(lengths.max(initial=0.0)),
        "others_m": [round(float(m), 1) for m in lengths[:, 1:].sum(axis=0)],
        "highest_m": float(np.abs(places[:, :, 2] - places[:1, :, 2]).max()),
        "finite": bool(math.isfinite(float(places.sum()))),
    }


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:5]))
