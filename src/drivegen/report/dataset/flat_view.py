"""What the report shows of images with boxes: counts, the most crowded images, the strangest boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from drivegen.report import charts
from drivegen.report.dataset.flat import FlatBox, FlatImage
from drivegen.report.facts import Bar
from drivegen.report.palette import bgr, instance_color
from drivegen.report.pictures import Image
from drivegen.report.portraits import cut_out

_SHOWN = 12
_STRANGE = 50
_OUT_PX = 1.5
_SIDES_PX = (0, 8, 16, 32, 64, 128, 256, 512)
_COLORS = {
    "car": "#ff8a1f",
    "van": "#ffb86b",
    "truck": "#e0457b",
    "bus": "#a35bff",
    "person": "#ffe14d",
    "pedestrian": "#ffe14d",
    "child": "#fff3a8",
    "cyclist": "#17d18b",
    "bicycle": "#17d18b",
    "motorcycle": "#00c2c7",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OddBox:
    """A box that is strange, and why."""

    image: FlatImage
    box: FlatBox
    wrong: bool
    title: str
    why: str


@dataclass(slots=True, kw_only=True)
class FlatCounts:
    """Gathered image by image; memory does not grow with the data set but for what is shown."""

    images: int = 0
    empty: list[str] = field(default_factory=list)
    empty_count: int = 0
    boxes: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    sides: Counter[int] = field(default_factory=Counter)
    distances: Counter[int] = field(default_factory=Counter)
    in_images: Counter[int] = field(default_factory=Counter)
    wrong: list[OddBox] = field(default_factory=list)
    wrong_count: int = 0
    crowded: dict[str, FlatImage] = field(default_factory=dict)
    """The image with most boxes of each folder, which is one of a camera in a scene."""
    extremes: dict[tuple[str, str], tuple[float, FlatImage, FlatBox]] = field(default_factory=dict)


def count_images(images: Iterable[FlatImage]) -> FlatCounts:
    """Reads all labels once."""
    out = FlatCounts()
    for image in images:
        out.images += 1
        out.in_images[min(len(image.boxes) // 5, 19)] += 1
        if not image.boxes:
            out.empty_count += 1
            out.empty += [image.file] if len(out.empty) < 20 else []
        folder = image.file.rpartition("/")[0]
        if folder not in out.crowded or len(image.boxes) > len(out.crowded[folder].boxes):
            out.crowded[folder] = image
        seen: set[tuple[object, ...]] = set()
        for box in image.boxes:
            _count_box(out, image, box, seen)
    return out


def _count_box(out: FlatCounts, image: FlatImage, box: FlatBox, seen: set[tuple[object, ...]]) -> None:
    out.boxes += 1
    out.classes[box.name] += 1
    width, height = box.right - box.left, box.bottom - box.top
    side = max(width, height)
    out.sides[int(np.searchsorted(_SIDES_PX[1:], side, side="right"))] += 1
    if box.distance_m is not None:
        out.distances[min(int(box.distance_m // 10), 11)] += 1
    odd = _odd(image, box, seen)
    if odd is not None:
        out.wrong_count += 1
        if len(out.wrong) < _STRANGE:
            out.wrong.append(OddBox(image=image, box=box, wrong=True, title=odd[0], why=odd[1]))
        return
    shape = height / max(width, 1e-6)
    for measure, value in (("largest", side), ("smallest", -side), ("highest for its width", shape)):
        key = box.name, measure
        if key not in out.extremes or value > out.extremes[key][0]:
            out.extremes[key] = value, image, box


def _odd(image: FlatImage, box: FlatBox, seen: set[tuple[object, ...]]) -> tuple[str, str] | None:
    width, height = box.right - box.left, box.bottom - box.top
    if not np.isfinite([box.left, box.top, box.right, box.bottom]).all() or width <= 0 or height <= 0:
        return "has no area", f"{width:.1f} x {height:.1f} px"
    out_px = max(-box.left, -box.top, box.right - image.width, box.bottom - image.height)
    if out_px > _OUT_PX:
        return "outside its image", f"{out_px:.0f} px beyond the border of {image.width} x {image.height} px"
    key = box.name, box.left, box.top, box.right, box.bottom
    if key in seen:
        return "there twice", "another box of the image has the same class and the same corners"
    seen.add(key)
    return None


def strangest(counts: FlatCounts) -> list[OddBox]:
    """What cannot be, then the extremes of each class."""
    out = list(counts.wrong)
    for (name, measure), (_, image, box) in sorted(counts.extremes.items()):
        width, height = box.right - box.left, box.bottom - box.top
        why = f"{measure} of the {counts.classes[name]:,} boxes of this class: {width:.0f} x {height:.0f} px"
        out.append(OddBox(image=image, box=box, wrong=False, title=measure, why=why))
    return out[:_STRANGE]


def most_crowded(counts: FlatCounts) -> list[FlatImage]:
    """The images with most boxes, of a folder one."""
    return sorted(counts.crowded.values(), key=lambda i: (-len(i.boxes), i.file))[:_SHOWN]


def class_bars(counts: FlatCounts) -> tuple[Bar, ...]:
    """Boxes by class."""
    most = max(counts.classes.values(), default=1)
    ordered = sorted(counts.classes.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Bar(name=n, value=v, share=v / most, color=color_of(n), note=f"{v / max(counts.boxes, 1):.0%}")
        for n, v in ordered
    )


def color_of(name: str) -> str:
    """Of a format's class."""
    found = _COLORS.get(name.lower())
    if found is None:
        b, g, r = instance_color(sum(name.encode()) + 7)
        found = f"#{r:02x}{g:02x}{b:02x}"
    return found


def charts_of(counts: FlatCounts) -> list[tuple[str, str]]:
    """(title, SVG)."""
    sides = [counts.sides.get(i, 0) for i in range(len(_SIDES_PX))]
    out = [
        (
            "Size of boxes",
            charts.histogram(
                sides,
                [*_SIDES_PX, 1024],
                "longer side of a box in px",
                "boxes",
                "size of boxes",
                overflow=True,
            ),
        )
    ]
    if counts.distances:
        far = [counts.distances.get(i, 0) for i in range(12)]
        edges = [10 * i for i in range(13)]
        title = "Distance from the camera"
        out.append((title, charts.histogram(far, edges, "distance in m", "boxes", title, overflow=True)))
    most = max(counts.in_images, default=0)
    crowd = [counts.in_images.get(i, 0) for i in range(most + 1)]
    edges = [5 * i for i in range(most + 2)]
    title = "How crowded images are"
    out.append(
        (title, charts.histogram(crowd, edges, "boxes in an image", "images", title, overflow=most == 19))
    )
    return out


def draw_image(root: Path, image: FlatImage, only: FlatBox | None = None) -> Image | None:
    """The image with its boxes, or with one; none where it cannot be read."""
    picture = cv2.imread(str(root / image.file), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    width = max(1, round(picture.shape[1] / 600))
    for box in image.boxes if only is None else (only,):
        if np.isfinite([box.left, box.top, box.right, box.bottom]).all():
            corners = [round(v) for v in (box.left, box.top, box.right, box.bottom)]
            cv2.rectangle(picture, corners[:2], corners[2:], bgr(color_of(box.name)), width)
    return np.asarray(picture)


def cut_box(root: Path, odd: OddBox) -> Image | None:
    """The part of the image around a strange box."""
    picture = draw_image(root, odd.image, odd.box)
    if picture is None or not np.isfinite([odd.box.left, odd.box.top, odd.box.right, odd.box.bottom]).all():
        return None
    return cut_out(picture, (odd.box.left, odd.box.top, odd.box.right, odd.box.bottom))
