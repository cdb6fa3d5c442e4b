"""How well the agents of captures agree on what stands still.

python -m benchmarks.agreement CAPTURE ... [--moments 4]

Prints for every pair of agents the median and the 95th percentile of the distances between one LiDAR's points
and the other's surfaces, by the truth and with the agents' beliefs of clocks, poses and mounts in its place;
and of LiDAR points from the surfaces in other agents' depth images. Ends with 1 when a median by the truth
exceeds 2 cm.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from drivegen.capture.reader import CaptureReader
from drivegen.report.agreement import Agreement, Spread, compared

LIMIT_M = 0.02


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("captures", nargs="+", type=Path)
    parser.add_argument("--moments", type=int, default=4)
    given = parser.parse_args()
    good = True
    for path in given.captures:
        with CaptureReader(path) as reader:
            print(f"{path}: scene {reader.scene}, {len(reader.rigs)} agents, {len(reader)} frames")
            good &= _show(Agreement(reader, given.moments))
    return 0 if good else 1


def _show(agreement: Agreement) -> bool:
    worst_m = 0.0
    for name, pairs in compared(agreement):
        print(f"\nLiDARs, {name}: median / 95th percentile in mm (points)")
        for pair in pairs:
            one, other = pair.agents
            print(f"  {one:>12} {other:<12} ground {_text(pair.ground)}  walls {_text(pair.walls)}")
            if name == "truth":
                worst_m = max([worst_m, *(s.median_m for s in (pair.ground, pair.walls) if s.points)])
    print("\nLiDAR points on surfaces of depth images, by the truth, and the share that lies before them")
    for image in agreement.images():
        eye = f"{image.camera_agent}/{image.channel}"
        print(f"  {image.lidar_agent:>12} {eye:<24} {_text(image.surfaces)}  {image.before:.3%}")
        if image.surfaces.points:
            worst_m = max(worst_m, image.surfaces.median_m)
    print(f"\nworst median by the truth: {worst_m * 1000:.1f} mm")
    return worst_m <= LIMIT_M


def _text(spread: Spread) -> str:
    if not spread.points:
        return f"{'none':>24}"
    return f"{spread.median_m * 1000:6.1f} / {spread.p95_m * 1000:6.1f} ({spread.points:6d})"


if __name__ == "__main__":
    sys.exit(main())
