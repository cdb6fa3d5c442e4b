"""A study: Scenic's own CARLA examples, unmodified, on `drivegen serve`; does each run to its end?

python -m benchmarks.scenic_drive --python PYTHON --examples REPOSITORY --towns FOLDER [NAME...]

PYTHON is an interpreter with `scenic` and `carla`; REPOSITORY is a checkout of Scenic, of which `examples/`
and `assets/maps/CARLA/` are used; FOLDER holds the Towns as .xodr. NAME is a path below `examples/`, without
`.scenic`. None of them is part of this project.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from drivegen.runtime.servers.embedded import EmbeddedServer

EXAMPLES = (
    "carla/car",
    "carla/adjacentLanes",
    "carla/adjacentOpposingPair",
    "carla/pedestrian",
    "carla/trafficLights",
    "carla/backgroundActivity",
    "carla/Carla_Challenge/carlaChallenge1",
    "carla/Carla_Challenge/carlaChallenge2",
    "carla/Carla_Challenge/carlaChallenge3_dynamic",
    "carla/Carla_Challenge/carlaChallenge3_static",
    "carla/Carla_Challenge/carlaChallenge4",
    "carla/Carla_Challenge/carlaChallenge5",
    "carla/Carla_Challenge/carlaChallenge6",
    "carla/Carla_Challenge/carlaChallenge7",
    "carla/Carla_Challenge/carlaChallenge8",
    "carla/Carla_Challenge/carlaChallenge9",
    "carla/Carla_Challenge/carlaChallenge10",
    "carla/OAS_Scenarios/oas_scenario_05",
    "carla/OAS_Scenarios/oas_scenario_06",
    "driving/badlyParkedCarPullingIn",
    "driving/car",
    "driving/pedestrian",
    "driving/pedestrianAcrossRoad",
    "driving/pedestrianJaywalking",
    "driving/Carla_Challenge/carlaChallenge2",
    "driving/Carla_Challenge/carlaChallenge3",
    "driving/OAS_Scenarios/oas_scenario_03",
    "driving/OAS_Scenarios/oas_scenario_04",
    "driving/OAS_Scenarios/oas_scenario_28",
    "driving/OAS_Scenarios/oas_scenario_29",
    "driving/OAS_Scenarios/oas_scenario_30",
    "driving/OAS_Scenarios/oas_scenario_32",
)
STANDING = {
    "carla/car",
    "carla/adjacentLanes",
    "carla/adjacentOpposingPair",
    "carla/pedestrian",
    "driving/car",
    "driving/pedestrian",
    "driving/pedestrianAcrossRoad",
}
"""Their ego has no behaviour: it is to stand where it is."""
FASTEST_MPS = 40.0
STEP_S = 0.1


def main() -> int:
    """Prints one row for each example; 1 if one of them went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--towns", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200, help="of 0.1 s; a scenario may end sooner")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=400.0, help="seconds for one example")
    parser.add_argument("names", nargs="*")
    words = parser.parse_args()
    print("| example | map | steps | ended by | ego | result | seconds |\n|---|---|---|---|---|---|---|")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with EmbeddedServer(
            words.towns, scenery_seed=1, renderer="auto", log=log, start_timeout_s=120.0, render_threads=1
        ) as server:
            for name in words.names or EXAMPLES:
                start = time.monotonic()
                facts = play(words, name, server.port)
                faults = faults_of(name, facts)
                wrong += bool(faults)
                print(_row(name, facts, faults, time.monotonic() - start), flush=True)
        said = log.read_text(encoding="utf-8", errors="replace")
    if said:
        print(f"\nThe server said:\n{said}")
    return min(wrong, 1)


def play(words: argparse.Namespace, name: str, port: int) -> dict[str, Any]:
    """What `scenic_play.py` says of one example."""
    command = [
        str(words.python),
        str(Path(__file__).with_name("scenic_play.py")),
        str(words.examples / "examples" / f"{name}.scenic"),
        *(str(number) for number in (port, words.steps, words.seed)),
    ]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=words.timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {words.timeout:g} s"}
    try:
        facts: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        last = (done.stderr.strip() or "nothing said").splitlines()[-1]
        return {"error": f"exit code {done.returncode}: {last}"}
    return facts


def faults_of(name: str, facts: dict[str, Any]) -> list[str]:
    """What is wrong with a run."""
    if "error" in facts:
        return [facts["error"]]
    if "steps" not in facts:
        return [f"no scene could be built: {facts.get('refused_why', 'each was rejected')}"]
    faults = []
    moves = facts["ego_m"]
    if name in STANDING and moves > 0.5:
        faults.append(f"the ego, which has nothing to do, went {moves:.1f} m")
    if name not in STANDING and moves < 1.0:
        faults.append(f"the ego went {moves:.2f} m")
    if facts["fastest_step_m"] > FASTEST_MPS * STEP_S:
        faults.append(f"something jumped {facts['fastest_step_m']:.1f} m")
    if not facts["finite"]:
        faults.append("a place is not a number")
    if facts["highest_m"] > 10.0:
        faults.append(f"something left its height by {facts['highest_m']:.1f} m")
    return faults


def _row(name: str, facts: dict[str, Any], faults: list[str], seconds: float) -> str:
    cells = [
        name,
        facts.get("map", ""),
        facts.get("steps", ""),
        facts.get("ended", ""),
        f"{facts['ego_m']:.1f} m" if "ego_m" in facts else "",
        "; ".join(faults) or "right",
        f"{seconds:.0f}",
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
