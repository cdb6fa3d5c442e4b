"""How many tries until a search finds a collision, and until random draws do.

`python -m benchmarks scenario_search` plays `benchmarks/scenarios/child_at_any_time.xosc` with the simple ego
by kinematics. A boy runs out through one of four gaps between parked cars, at any time until the scenario's
own limit of 55 s; the ego drives at 20 to 50 km/h. Both methods have the same ranges and ten seeds, and go on
until they find a collision. Prints the share of colliding draws too, estimated without bias from k first
collisions in n draws as (k - 1) / (n - 1) (Haldane, On a method of estimating frequencies, Biometrika 33,
1945).
`DRIVEGEN_SEARCH_SCENARIO` names another scenario or distribution (`child_soon.distribution.xosc`: any time of
the first 20 s), `DRIVEGEN_SEARCH_SEEDS` another number of seeds.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import Any

from drivegen.core.rng import derive_rng
from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.outcome import Status
from drivegen.runtime.replay.run import Options, run
from drivegen.runtime.search.sampler import next_points
from drivegen.runtime.search.space import Point, Space, space_of
from drivegen.runtime.search.tries import Try

SCENARIO = Path(
    os.environ.get("DRIVEGEN_SEARCH_SCENARIO")
    or Path(__file__).parent / "scenarios" / "child_at_any_time.xosc"
)
SEEDS = int(os.environ.get("DRIVEGEN_SEARCH_SEEDS", "10"))
BUDGET = 60
MOST = 300
"""Tries after which either method gives up."""
OPTIONS = Options(films="none", trajectories=False, rate=True, driver="simple", dt_s=0.1)


def rows() -> list[dict[str, Any]]:
    """Tries to the first collision by either method, seed by seed, and their means."""
    space = space_of(SCENARIO, {})
    pairs = [(_search(space, seed), _random(space, seed)) for seed in range(SEEDS)]
    searched, drawn = [p[0] for p in pairs], [p[1] for p in pairs]
    draws = sum(drawn)
    rest: dict[str, Any] = {"ratio": None, "against": None}
    out = [
        {
            "name": f"{SCENARIO.stem}, seed {seed}: search",
            "value": float(searched[seed]),
            "unit": "tries",
            "ratio": drawn[seed] / searched[seed],
            "against": f"random: {drawn[seed]}",
        }
        for seed in range(SEEDS)
    ]
    out.append(
        {
            "name": "mean of all seeds: search",
            "value": mean(searched),
            "unit": "tries",
            "ratio": mean(drawn) / mean(searched),
            "against": f"random: {mean(drawn):.1f}",
        }
    )
    out.append(
        {
            "name": "median of all seeds: search",
            "value": float(median(searched)),
            "unit": "tries",
            "ratio": median(drawn) / median(searched),
            "against": f"random: {median(drawn):.1f}",
        }
    )
    within = sum(n <= BUDGET for n in searched), sum(n <= BUDGET for n in drawn)
    out.append(
        {
            "name": f"seeds with a collision in {BUDGET} tries: search",
            "value": float(within[0]),
            "unit": "seeds",
            "ratio": None,
            "against": f"random: {within[1]}",
        }
    )
    out.append(
        {
            "name": f"share of colliding draws, from {draws}",
            "value": 100.0 * (SEEDS - 1) / (draws - 1),
            "unit": "%",
            **rest,
        }
    )
    return out


@cache
def _played(path: Path, values: tuple[tuple[str, str], ...]) -> Any:
    case = Case(name="try", path=path, parameters=dict(values))
    outcome = run(case, OPTIONS, Path())
    if outcome.status is Status.ERROR:
        raise AssertionError(outcome.message)
    return outcome


def _collides(space: Space, point: Point) -> tuple[Any, bool]:
    outcome = _played(space.scenario, tuple(sorted(space.parameters(point).items())))
    return outcome, any(k.startswith("collisions") for k in outcome.criticality.kinds)


def _search(space: Space, seed: int) -> int:
    tries: list[Try] = []
    while len(tries) < MOST:
        for point in next_points(space, tries, seed):
            outcome, collides = _collides(space, point)
            tries.append(Try(number=len(tries) + 1, point=point, outcome=outcome))
            if collides:
                return _told("search", seed, len(tries))
    return MOST


def _random(space: Space, seed: int) -> int:
    rng = derive_rng(seed, "random draws")
    for number in range(1, MOST + 1):
        if _collides(space, tuple(float(v) for v in rng.random(len(space.axes))))[1]:
            return _told("random", seed, number)
    return MOST


def _told(how: str, seed: int, number: int) -> int:
    print(f"{SCENARIO.stem}, {how}, seed {seed}: {number}", file=sys.stderr, flush=True)
    return number
