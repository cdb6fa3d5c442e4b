"""A million hostile inputs for the wire decoder, a hundred thousand hostile calls for the whole dispatch.

`python -m benchmarks fuzz`. Any undeclared error, any input that takes too long and any growth of memory ends
it with that input; the tests do the same with fewer (tests/unit/embedded/wire/test_fuzz.py and
tests/unit/embedded/rpc/test_hostile_calls.py).
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.hostile import Assault, byte_inputs, taken_in

from drivegen.embedded.rpc.table import call_table

INPUTS = int(os.environ.get("DRIVEGEN_FUZZ_INPUTS", "1000000"))
CALLS = int(os.environ.get("DRIVEGEN_FUZZ_CALLS", "100000"))
SEED = int(os.environ.get("DRIVEGEN_FUZZ_SEED", "1"))
INPUT_S = 2.0
CALL_S = 30.0
"""A step included; the first that needs a mesh makes it."""
GROWTH_MB = 64.0
ACTORS = 20
KINDS = (
    "vehicle.audi.tt",
    "walker.pedestrian.0001",
    "static.prop.trafficcone01",
    "sensor.lidar.ray_cast",
    "sensor.other.radar",
    "sensor.other.obstacle",
)


def rows() -> list[dict[str, Any]]:
    """Inputs and calls a second."""
    return [*_decoder(), *_dispatch()]


def _decoder() -> list[dict[str, Any]]:
    table, make, fates = call_table(), byte_inputs(random.Random(SEED)), Counter[str]()
    for _ in range(INPUTS // 50):
        taken_in(table, make())
    memory, slowest, start = rss_mb(), 0.0, time.monotonic()
    for _ in range(INPUTS):
        data = make()
        mark = time.perf_counter()
        try:
            fates[taken_in(table, data)] += 1
        except Exception as error:
            error.add_note(f"input: {data!r}")
            raise
        took = time.perf_counter() - mark
        slowest = max(slowest, took)
        if took > INPUT_S:
            raise RuntimeError(f"{took:.1f} s for {data!r}")
    rate = INPUTS / (time.monotonic() - start)
    grown = rss_mb() - memory
    if grown > GROWTH_MB:
        raise RuntimeError(f"{INPUTS} inputs: memory grew by {grown:.0f} MB")
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
    return [
        _row(f"hostile inputs of the wire decoder, {INPUTS}", rate, f"inputs/s ({told})"),
        _row("slowest of them", 1000.0 * slowest, "ms"),
        _row("memory grown by them", grown, "MB"),
    ]


def _dispatch() -> list[dict[str, Any]]:
    rng, slowest = random.Random(SEED), ("", 0.0)
    with tempfile.TemporaryDirectory() as folder:
        assault = Assault(Path(folder), rng, looks=True)
        names = [*assault.names, *["spawn_actor"] * 8, *["apply_batch"] * 6]
        _warm_up(assault)
        start = time.monotonic()
        for i in range(CALLS):
            name = rng.choice(names)
            arguments = assault.arguments(name)
            mark = time.monotonic()
            try:
                assault.call(name, arguments)
                if i % 25 == 24:
                    assault.cull(ACTORS)
                    assault.tick()
            except Exception as error:
                error.add_note(f"call {i}: {name} {arguments!r}")
                raise
            took = time.monotonic() - mark
            slowest = max(slowest, (name, took), key=lambda pair: pair[1])
            if took > CALL_S:
                raise RuntimeError(f"{took:.1f} s for {name} {arguments!r}")
        rate = CALLS / (time.monotonic() - start)
        assault.close()
    return [
        _row(f"hostile calls carried out, {CALLS}, a step every 25", rate, "calls/s"),
        _row(f"slowest of them ({slowest[0]})", slowest[1], "s"),
    ]


def _warm_up(assault: Assault) -> None:
    """Lets a fresh machine compile what moves bodies and casts rays."""
    world = assault.simulation.world
    for spot, kind in enumerate(KINDS):
        world.spawn(kind, {}, world.map.spawn_points[spot])
    assault.tick()
    assault.tick()


def rss_mb(pid: int | None = None) -> float:
    """Resident memory of a process, of this one without a number."""
    text = Path(f"/proc/{pid or 'self'}/statm").read_text(encoding="ascii")
    return int(text.split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def _row(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "against": None, "ratio": None}
