"""Known edits of held-out frames, rendered: `python -m benchmarks.verdicts.edits OUT`.

Roads and seeds are others than those of training and calibration; weathers are drawn otherwise (`climate`,
and presets that training has not). An erased object was not there when the frame was rendered, one that moved
stands somewhere else, one that was invented stands there with its shadow. In colour: another paint is
another vehicle of the same form; night is the back end `procedural`; blur is the lens's or the camera's
motion.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import carla
import cv2
import numpy as np

from benchmarks.verdicts.frozen import in_look
from benchmarks.verdicts.street import Cast, Picture, Street, View, street
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen.runtime import plugins

ROADS = ("unsignalised", "industrial_park", "junction")
PRESETS = ("dawn", "dust", "heavy_rain", "fog")
"""Not among those of training."""
COUNTS = {
    "erase": 80, "move 3": 50, "move 6": 50, "move 12": 50, "recolour": 60, "invent": 80, "night": 60,
    "blur": 70,
}  # fmt: skip
FIELDS_DEG = (58.0, 74.0, 90.0)
WIDTH_PX, HEIGHT_PX = 640, 360
SEED = 73019
LEAST_PX, MOST_SHARE = 120, 0.2
"""Of what is edited: visible pixels, and their share of the image."""
_EDITS_A_SCENE = 5
_A_WEATHER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What was done to a frame."""

    name: str
    kind: str
    road: str
    weather: str
    target: int | None
    """Id of the object that was edited, as instance images have it."""
    target_px: int
    """Visible: of what was invented in the look, else in the simulator's image."""
    target_box_px: tuple[int, int, int, int] | None
    """Around those pixels: left, top, right, bottom; right and bottom are beyond the last."""
    shift_px: tuple[float, float] | None
    untouched: list[int]
    """Objects of which nine tenths are the same pixels in both."""


def main(words: Sequence[str] | None = None) -> None:
    """Makes all that are missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="of the 500")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--roads", nargs="*", default=ROADS)
    given = parser.parse_args(words)
    make(given.out, given.share, given.seed, given.roads)


def make(out: Path, share: float = 1.0, seed: int = SEED, roads: Sequence[str] = ROADS) -> None:
    """Makes all edits that are missing, road by road."""
    out.mkdir(parents=True, exist_ok=True)
    orders = [kind for kind, count in COUNTS.items() for _ in range(round(count * share))]
    rng = derive_rng(seed, "orders")
    orders = [orders[i] for i in rng.permutation(len(orders))]
    numbered = list(enumerate(orders))
    for number, road in enumerate(roads):
        mine = numbered[number :: len(roads)]
        if all((out / f"{n:04d}.json").exists() for n, _ in mine):
            continue
        with street(road, seed + number) as place:
            _of_road(place, road, mine, out, derive_rng(seed, "scenes", road))
        print(f"{road}: {len(mine)} edits", flush=True)


def _of_road(
    place: Street, road: str, orders: list[tuple[int, str]], out: Path, rng: np.random.Generator
) -> None:
    waiting = list(orders)
    scene = 0
    weather, fov_deg = "", 0.0
    while waiting:
        if scene % _A_WEATHER == 0:
            weather = _weather(place, rng)
            fov_deg = float(rng.choice(FIELDS_DEG))
        scene += 1
        view, cast = place.scene(rng, fov_deg, WIDTH_PX, HEIGHT_PX)
        base = place.take(view, cast)
        if len(_visible(base, cast, LEAST_PX)) < 2:
            continue
        for number, kind in waiting[:_EDITS_A_SCENE]:
            made = _edit(place, view, cast, base, kind, rng)
            if made is not None:
                before, after, target, target_px, shift_px = made
                shows = after if kind == "invent" else before
                edit = Edit(
                    name=f"{number:04d}",
                    kind=kind,
                    road=road,
                    weather=weather,
                    target=target,
                    target_px=target_px,
                    target_box_px=None if target is None else _box(shows.instance == target),
                    shift_px=shift_px,
                    untouched=_untouched(before, after, cast, target),
                )
                _write(out, edit, before, after)
                waiting.remove((number, kind))


def _weather(place: Street, rng: np.random.Generator) -> str:
    if rng.random() < 0.3:
        return place.weather(rng, PRESETS)
    plan = plugins.make("generators.weather", "climate", {"day": "year", "hour": "demand"}, "weather").plan(
        rng, "any", 12.0, 172, 39.795, 116.506
    )
    place.world.set_weather(carla.WeatherParameters(*plan.parameters.values()))
    return f"climate: {plan.preset}"


Made = tuple[Picture, Picture, int | None, int, tuple[float, float] | None]


def _edit(
    place: Street, view: View, cast: Cast, base: Picture, kind: str, rng: np.random.Generator
) -> Made | None:
    if kind == "night":
        style = Style(time=str(rng.choice(["night", "dusk"])), strength=float(rng.uniform(0.7, 1.0)))
        bgr = in_look(place, base, view, cast, style, int(rng.integers(1 << 31)))
        return base, replace(base, bgr=bgr), None, 0, None
    if kind == "blur":
        return base, replace(base, bgr=_blurred(base.bgr, rng)), None, 0, None
    most_px = MOST_SHARE * base.tag.size
    seen = {k: v for k, v in _visible(base, cast, LEAST_PX).items() if v <= most_px}
    if kind == "recolour":
        seen = {k: v for k, v in seen.items() if k in place.twin}
    if not seen:
        return None
    target = sorted(seen)[int(rng.integers(len(seen)))]
    pixels = seen[target]
    others = {k: v for k, v in cast.places.items() if k != target}
    if kind == "recolour":
        look = place.take(view, Cast(places={**others, place.twin[target]: cast.places[target]}))
        return base, look, target & 0xFFFF, pixels, None
    if kind in ("erase", "invent"):
        without = place.take(view, Cast(places=others))
        if kind == "erase":
            return base, without, target & 0xFFFF, pixels, None
        # Only where nothing that has a label stood: else it is a swap.
        where = base.instance == target & 0xFFFF
        if np.isin(without.instance[where], [a & 0xFFFF for a in others]).mean() > 0.3:
            return None
        return without, base, target & 0xFFFF, pixels, None
    wanted_px = float(kind.split()[1])
    moved = place.take(
        view, Cast(places={**others, target: _beside(view, cast.places[target], wanted_px, rng)})
    )
    a, b = (np.argwhere(p.instance == target & 0xFFFF) for p in (base, moved))
    if len(b) < 0.7 * len(a):
        return None
    down, right = b.mean(axis=0) - a.mean(axis=0)
    return base, moved, target & 0xFFFF, pixels, (float(right), float(down))


def _beside(view: View, at: carla.Transform, wanted_px: float, rng: np.random.Generator) -> carla.Transform:
    """Where it stands when the camera has it so many pixels to the left or right."""
    ahead, right = view.at.get_forward_vector(), view.at.get_right_vector()
    eye = view.at.location
    depth_m = sum((getattr(at.location, k) - getattr(eye, k)) * getattr(ahead, k) for k in "xyz")
    way_m = float(rng.choice([-1.0, 1.0])) * wanted_px * depth_m / view.focal_px
    where = carla.Location(at.location.x + way_m * right.x, at.location.y + way_m * right.y, at.location.z)
    return carla.Transform(where, at.rotation)


def _blurred(bgr: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(bgr, (0, 0), float(rng.uniform(0.8, 2.2))))
    length = int(rng.integers(3, 8))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2, :] = 1.0 / length
    return np.asarray(cv2.filter2D(bgr, -1, kernel))


def _visible(picture: Picture, cast: Cast, least_px: int) -> dict[int, int]:
    ids, counts = np.unique(picture.instance, return_counts=True)
    pixels = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    return {a: pixels[a & 0xFFFF] for a in cast.places if pixels.get(a & 0xFFFF, 0) >= least_px}


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _untouched(before: Picture, after: Picture, cast: Cast, target: int | None) -> list[int]:
    out = []
    for actor in cast.places:
        number = actor & 0xFFFF
        if number == target:
            continue
        a, b = before.instance == number, after.instance == number
        if a.any() and (a & b).sum() >= 0.9 * max(a.sum(), b.sum()):
            out.append(number)
    return sorted(out)


def _write(out: Path, edit: Edit, before: Picture, after: Picture) -> None:
    labels = [(before.depth_m * 256.0).astype(np.uint16), before.instance, before.tag.astype(np.uint16)]
    cv2.imwrite(str(out / f"{edit.name}.png"), np.stack(labels, axis=-1))
    for name, bgr in (("before", before.bgr), ("after", after.bgr)):
        # A look's own quality.
        quality = 95 if name == "before" else 92
        cv2.imwrite(str(out / f"{edit.name}.{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    text = json.dumps(asdict(edit), sort_keys=True)
    (out / f"{edit.name}.json").write_text(text, encoding="utf-8")


def read(out: Path, name: str) -> tuple[Edit, Picture, np.ndarray]:
    """An edit: what it is, the frame as it was, and its look."""
    plain: dict[str, Any] = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
    for name_of in ("shift_px", "target_box_px"):
        plain[name_of] = None if plain[name_of] is None else tuple(plain[name_of])
    edit = Edit(**plain)
    labels = cv2.imread(str(out / f"{name}.png"), cv2.IMREAD_UNCHANGED)
    before = Picture(
        bgr=cv2.imread(str(out / f"{name}.before.jpg")),
        depth_m=labels[..., 0].astype(np.float32) / 256.0,
        tag=labels[..., 2].astype(np.uint8),
        instance=labels[..., 1],
    )
    return edit, before, cv2.imread(str(out / f"{name}.after.jpg"))


def moved_by(edit: Edit) -> float:
    """How far the edited object was moved, in pixels."""
    return 0.0 if edit.shift_px is None else math.hypot(*edit.shift_px)


if __name__ == "__main__":
    main()
