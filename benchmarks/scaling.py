"""A model, no measurement: what a fleet of GPUs makes and costs, from what scenes cost on one machine.

python -m benchmarks.scaling [--seconds 20] [--cores 16] [--speedup 20] [--gpu-price 2.0] [--tb-month 20]

Costs of a scene are those of `drivegen.runtime.costs.SHIPPED`. That a GPU draws so many times as fast as a
core, `--speedup`, is an assumption until it is measured; rays of LiDARs stay with the processor.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from drivegen.runtime.costs import SHIPPED, Calibration, Estimate
from drivegen.runtime.workload import Workload

FLEETS = (1, 8, 64, 256, 1000)
DRIVER_S = 0.006
"""Of the driver's one core for a scene: Ray calls of its recording and export, lines of the ledger; rounded
up from docs/measurements.md, Jobs."""
STORE_GB_S = 10.0
"""What an object store takes in; ask whoever runs yours."""
TICK_S = 0.05


@dataclass(frozen=True, slots=True)
class Rig:
    """Sensors of all agents of a scene together."""

    name: str
    cameras: tuple[tuple[int, float, float], ...]
    """Number, megapixels, hertz."""
    lidars: tuple[tuple[int, float, float], ...]
    """Number, megabeams a turn, hertz."""


RIG = Rig(
    "six cameras and a LiDAR on the vehicle, two roadside units of a camera and a LiDAR each",
    cameras=((6, 1.6 * 0.9, 12.0), (2, 1.92 * 1.08, 10.0)),
    lidars=((1, 32 * 1080 / 1e6, 10.0), (2, 300 * 1000 / 1e6, 10.0)),
)
"""nuScenes' cameras and a LiDAR of 32 channels; roadside units in the manner of DAIR-V2X (300 lines, here of
1000 points each)."""


def workload(rig: Rig, seconds: float, actors: int) -> Workload:
    """Of one scene."""
    ticks = (seconds + 2.0) / TICK_S
    images = sum(n * hz * seconds for n, _, hz in rig.cameras)
    pixels = sum(n * mp * hz * seconds for n, mp, hz in rig.cameras)
    return Workload(
        scenes=1.0,
        frames=seconds / TICK_S,
        keyframes=2.0 * seconds,
        ticks=ticks,
        actor_ticks=actors * ticks,
        images=images,
        actor_images=actors * images,
        megapixels=pixels,
        drawn_megapixels=pixels,
        megabeams=sum(n * mb * hz * seconds for n, mb, hz in rig.lidars),
    )


@dataclass(frozen=True, slots=True)
class Throughput:
    """Of a fleet, in scenes a second: what each part of it could do, and so all."""

    gpu: float
    processors: float
    driver: float
    store: float

    @property
    def scenes_s(self) -> float:
        """Of the whole."""
        return min(self.gpu, self.processors, self.driver, self.store)

    @property
    def limit(self) -> str:
        """The part that is least."""
        parts = {
            "GPUs": self.gpu,
            "processors": self.processors,
            "driver": self.driver,
            "store": self.store,
        }
        return min(parts, key=lambda name: parts[name])


def throughput(cost: Estimate, gpus: int, cores: float, speedup: float) -> Throughput:
    """Of a fleet whose every GPU has so many cores beside it."""
    rays = SHIPPED["rendering"]["megabeams"] * cost.load.megabeams
    drawing = cost.cpu_s["rendering"] - rays
    rest = rays + cost.cpu_s["server"] + cost.cpu_s["recorder"]
    return Throughput(
        gpu=gpus * speedup / drawing,
        processors=gpus * cores / rest,
        driver=1.0 / DRIVER_S,
        store=STORE_GB_S * 1e9 / cost.bytes,
    )


def main() -> int:
    """Prints the table."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--actors", type=int, default=100)
    parser.add_argument("--cores", type=float, default=16.0, help="beside each GPU")
    parser.add_argument("--speedup", type=float, default=20.0, help="a GPU's drawing over a core's")
    parser.add_argument("--gpu-price", type=float, default=2.0, help="of a GPU and its cores, an hour")
    parser.add_argument("--tb-month", type=float, default=20.0, help="of a stored terabyte, a month")
    chosen = parser.parse_args()
    cost = Calibration().estimate(workload(RIG, chosen.seconds, chosen.actors))
    parts = ", ".join(f"{name} {value:.0f}" for name, value in cost.cpu_s.items())
    out = [
        f"{RIG.name}; {chosen.seconds:g} s, {chosen.actors} actors",
        f"a scene: {sum(cost.cpu_s.values()):.0f} CPU-s ({parts}), {cost.bytes / 1e9:.2f} GB",
        "",
        "| GPUs | scenes a day | limit | TB a day | GB/s stored | a million: days | price | store a month |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for gpus in FLEETS:
        made = throughput(cost, gpus, chosen.cores, chosen.speedup)
        day = made.scenes_s * 86400.0
        million_h = 1e6 / made.scenes_s / 3600.0
        out.append(
            f"| {gpus} | {day:,.0f} | {made.limit} | {day * cost.bytes / 1e12:.1f} | "
            f"{made.scenes_s * cost.bytes / 1e9:.2f} | {million_h / 24.0:.1f} | "
            f"{million_h * gpus * chosen.gpu_price:,.0f} | {cost.bytes / 1e6 * chosen.tb_month:,.0f} |"
        )
    sys.stdout.write("\n".join(out) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
