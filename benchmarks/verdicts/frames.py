"""Frames that the segmenter of judges learns from: `python -m benchmarks.verdicts.frames OUT [--views 80]`.

Each view is taken twice, with two casts drawn from one: some are there only once, some stand a little beside.
Of each picture two files, NAME being ROAD-SEED-VIEW and `a` or `b`: `NAME.jpg`, and `NAME.png` with three
channels of 16 bits: depth in 1/256 m (0: none, or beyond 256 m), instance, tag. Each is there in a look of
`procedural` as well: `NAME.look.jpg`, its style in `NAME.look.json`. What lies there is not made again.
It stands here and not beside the training, because plugins know no simulator.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import carla
import cv2
import numpy as np

from benchmarks.verdicts.frozen import in_look
from benchmarks.verdicts.street import Cast, Picture, Street, View, street
from drivegen.core.looks import Style
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
_ANY_WEATHER = 0.5
"""Chance of a weather that is drawn number by number."""
_THERE, _BESIDE, _BESIDE_PX = 0.65, 0.3, (3.0, 30.0)
"""Chances that one of the cast is in a picture, and in the second beside its place; how far, if aside."""


_LOOKS = (
    {"time": "night"}, {"time": "night"}, {"time": "dusk"}, {"weather": "rain", "time": "night"},
    {"weather": "rain"}, {"weather": "snow"}, {"weather": "overcast"}, {"weather": "fog"},
    {"weather": "haze"},
    {"season": "winter", "weather": "overcast"}, {"season": "winter", "weather": "snow"},
    {"season": "autumn"}, {"season": "spring"}, {},
)  # fmt: skip
"""Nothing stands for another sun."""


def write(folder: Path, name: str, picture: Picture) -> None:
    """Keeps a picture."""
    labels = np.stack(
        [(picture.depth_m * 256.0).astype(np.uint16), picture.instance, picture.tag.astype(np.uint16)],
        axis=-1,
    )
    cv2.imwrite(str(folder / f"{name}.png"), labels)
    cv2.imwrite(str(folder / f"{name}.jpg"), picture.bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])


def some_of(cast: Cast, view: View, rng: np.random.Generator, beside: float = 0.0) -> Cast:
    """Part of a cast, of which such a share stands a little beside its place."""
    places, eye = {}, view.at.location
    for actor, at in cast.places.items():
        there, moves = rng.random() < _THERE, rng.random() < beside
        way_m = rng.uniform(*_BESIDE_PX) * at.location.distance(eye) / view.focal_px
        turn = rng.uniform(0.0, 2.0 * math.pi)
        if not moves:
            way_m = 0.0
        if there:
            x, y = at.location.x + way_m * math.cos(turn), at.location.y + way_m * math.sin(turn)
            places[actor] = carla.Transform(carla.Location(x, y, at.location.z), at.rotation)
    return Cast(places=places)


def any_weather(rng: np.random.Generator) -> carla.WeatherParameters:
    """One that need not be like any there is, by day or night."""
    rains, mists, dusts = rng.random(3) < (0.35, 0.35, 0.15)
    return carla.WeatherParameters(
        sun_altitude_angle=float(rng.uniform(-15.0, 70.0)),
        sun_azimuth_angle=float(rng.uniform(0.0, 360.0)),
        cloudiness=float(rng.uniform(0.0, 100.0)),
        precipitation=float(rng.uniform(10.0, 100.0) * rains),
        precipitation_deposits=float(rng.uniform(0.0, 100.0) * rains),
        wetness=float(rng.uniform(0.0, 100.0) * rains),
        wind_intensity=float(rng.uniform(0.0, 100.0)),
        fog_density=float(rng.uniform(3.0, 70.0) * mists),
        fog_distance=float(rng.uniform(0.0, 50.0)),
        fog_falloff=float(rng.uniform(0.1, 1.0)),
        dust_storm=float(rng.uniform(10.0, 80.0) * dusts),
    )


def write_look(
    folder: Path, name: str, place: Street, picture: Picture, view: View, cast: Cast, rng: np.random.Generator
) -> None:
    """Keeps the picture in a look that is drawn."""
    words = _LOOKS[int(rng.integers(len(_LOOKS)))]
    params: dict[str, Any] = {}
    if not words:
        azimuth, altitude = rng.uniform(0.0, 360.0), rng.uniform(8.0, 60.0)
        params = {"sun_azimuth_deg": float(azimuth), "sun_altitude_deg": float(altitude)}
    style = Style(**words, strength=float(rng.uniform(0.6, 1.0)))
    bgr = in_look(place, picture, view, cast, style, int(rng.integers(1 << 31)), params)
    cv2.imwrite(str(folder / f"{name}.look.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
    (folder / f"{name}.look.json").write_text(json.dumps(asdict(style)), encoding="utf-8")


def of_street(place: Street, out: Path, name: str, views: int, rng: np.random.Generator) -> None:
    """All views of a street."""
    fov_deg = 0.0
    for number in range(views):
        if number % _A_WEATHER == 0:
            if rng.random() < _ANY_WEATHER:
                place.world.set_weather(any_weather(rng))
            else:
                place.weather(rng, PRESETS)
            fov_deg = float(rng.choice(FIELDS_DEG))
        view, cast = place.scene(rng, fov_deg, WIDTH_PX, HEIGHT_PX)
        for which, beside in (("a", 0.0), ("b", _BESIDE)):
            standing = some_of(cast, view, rng, beside)
            picture = place.take(view, standing)
            write(out, f"{name}-{number:04d}{which}", picture)
            write_look(out, f"{name}-{number:04d}{which}", place, picture, view, standing, rng)


def main(words: list[str] | None = None) -> None:
    """Makes them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--views", type=int, default=80, help="of each road and seed")
    parser.add_argument("--roads", nargs="*", default=ROADS)
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    for seed in given.seeds:
        for road in given.roads:
            name = f"{road}-{seed}"
            if (given.out / f"{name}-{given.views - 1:04d}b.look.json").exists():
                continue
            with street(road, seed) as place:
                of_street(place, given.out, name, given.views, derive_rng(seed, "frames", road))
            print(f"{name}: {given.views} views", flush=True)


if __name__ == "__main__":
    main()
