"""Frames that the segmenter of judges learns from: `python -m benchmarks.verdicts.frames OUT [--frames 150]`.

Of each frame two files: `NAME.jpg`, and `NAME.png` with three channels of 16 bits: depth in 1/256 m (0: none,
or beyond 256 m), instance, tag. Frames that lie there are not made again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from benchmarks.verdicts.street import Picture, street
from drivegen.core.rng import derive_rng

ROADS = ("beijing_junction", "roundabout", "midblock", "campus", "district")
"""Those of the test are others (`benchmarks.verdicts.edits`)."""
PRESETS = ("clear", "clear", "cloudy", "overcast", "light_rain", "after_rain", "haze", "dusk", "night")
FIELDS_DEG = (50.0, 65.0, 80.0, 100.0)
WIDTH_PX, HEIGHT_PX = 480, 270
SEED = 7101
_A_WEATHER = 6
"""Scenes in a row with the same weather and lens."""


def write(folder: Path, name: str, picture: Picture) -> None:
    """Keeps a frame."""
    labels = np.stack(
        [(picture.depth_m * 256.0).astype(np.uint16), picture.instance, picture.tag.astype(np.uint16)],
        axis=-1,
    )
    cv2.imwrite(str(folder / f"{name}.png"), labels)
    cv2.imwrite(str(folder / f"{name}.jpg"), picture.bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])


def main(words: list[str] | None = None) -> None:
    """Makes them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--frames", type=int, default=150, help="of each road")
    parser.add_argument("--roads", nargs="*", default=ROADS)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    for road in given.roads:
        if (given.out / f"{road}-{given.frames - 1:04d}.jpg").exists():
            continue
        with street(road, given.seed) as place:
            rng = derive_rng(given.seed, "frames", road)
            fov_deg = 0.0
            for number in range(given.frames):
                if number % _A_WEATHER == 0:
                    place.weather(rng, PRESETS)
                    fov_deg = float(rng.choice(FIELDS_DEG))
                view, cast = place.scene(rng, fov_deg, WIDTH_PX, HEIGHT_PX)
                write(given.out, f"{road}-{number:04d}", place.take(view, cast))
        print(f"{road}: {given.frames} frames", flush=True)


if __name__ == "__main__":
    main()
