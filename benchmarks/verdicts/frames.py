"""Frames that the segmenter of judges learns from: `python -m benchmarks.verdicts.frames OUT [--views 40]`.

Each view is taken twice, with two casts drawn from one: some are there only once, some stand a little beside.
Of each picture two files, NAME being ROAD-SEED-VIEW and `a` or `b`: `NAME.jpg`, and `NAME.png` with three
channels of 16 bits: depth in 1/256 m (0: none, or beyond 256 m), instance, tag. What lies there is not made
again. It stands here and not beside the training, because plugins know no simulator.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import carla
import cv2
import numpy as np

from benchmarks.verdicts.street import Cast, Picture, Street, street
from drivegen.core.rng import derive_rng

ROADS = ("beijing_junction", "roundabout", "midblock", "campus", "district")
"""Those of the test are others (`benchmarks.verdicts.edits`)."""
PRESETS = ("clear", "clear", "cloudy", "overcast", "light_rain", "after_rain", "haze", "dusk", "night")
FIELDS_DEG = (50.0, 65.0, 80.0, 100.0)
WIDTH_PX, HEIGHT_PX = 640, 360
SEEDS = (7101, 7102, 7103)
"""Each is another map and other people and vehicles."""
_A_WEATHER = 4
"""Views in a row with the same weather and lens."""
_THERE, _BESIDE, _BESIDE_M = 0.65, 0.3, 1.2
"""Chances that one of the cast is in a picture, and in the second beside its place; how far at most."""


def write(folder: Path, name: str, picture: Picture) -> None:
    """Keeps a picture."""
    labels = np.stack(
        [(picture.depth_m * 256.0).astype(np.uint16), picture.instance, picture.tag.astype(np.uint16)],
        axis=-1,
    )
    cv2.imwrite(str(folder / f"{name}.png"), labels)
    cv2.imwrite(str(folder / f"{name}.jpg"), picture.bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])


def some_of(cast: Cast, rng: np.random.Generator, beside: float = 0.0) -> Cast:
    """Part of a cast, of which such a share stands a little beside its place."""
    places = {}
    for actor, at in cast.places.items():
        there, moves = rng.random() < _THERE, rng.random() < beside
        x, y = rng.uniform(-_BESIDE_M, _BESIDE_M, 2) * moves
        if there:
            where = carla.Location(at.location.x + x, at.location.y + y, at.location.z)
            places[actor] = carla.Transform(where, at.rotation)
    return Cast(places=places)


def of_street(place: Street, out: Path, name: str, views: int, rng: np.random.Generator) -> None:
    """All views of a street."""
    fov_deg = 0.0
    for number in range(views):
        if number % _A_WEATHER == 0:
            place.weather(rng, PRESETS)
            fov_deg = float(rng.choice(FIELDS_DEG))
        view, cast = place.scene(rng, fov_deg, WIDTH_PX, HEIGHT_PX)
        write(out, f"{name}-{number:04d}a", place.take(view, some_of(cast, rng)))
        write(out, f"{name}-{number:04d}b", place.take(view, some_of(cast, rng, _BESIDE)))


def main(words: list[str] | None = None) -> None:
    """Makes them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--views", type=int, default=40, help="of each road and seed")
    parser.add_argument("--roads", nargs="*", default=ROADS)
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    for seed in given.seeds:
        for road in given.roads:
            name = f"{road}-{seed}"
            if (given.out / f"{name}-{given.views - 1:04d}b.jpg").exists():
                continue
            with street(road, seed) as place:
                of_street(place, given.out, name, given.views, derive_rng(seed, "frames", road))
            print(f"{name}: {given.views} views", flush=True)


if __name__ == "__main__":
    main()
