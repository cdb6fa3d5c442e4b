"""Data sets of images with boxes in them: COCO, KITTI's object labels, YOLO."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

FORMATS = ("coco", "kitti", "yolo")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatBox:
    """A labelled box in an image."""

    name: str
    """The format's class."""
    left: float
    top: float
    right: float
    bottom: float
    """Pixels."""
    distance_m: float | None = None
    """From the camera, where the format tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatImage:
    """An image and its labels."""

    file: str
    """Relative to the data set."""
    width: int
    height: int
    boxes: tuple[FlatBox, ...]


def read_images(root: Path, format_name: str) -> Iterator[FlatImage]:
    """All labelled images, by name. Raises OSError, ValueError or KeyError for files that are damaged."""
    if format_name == "coco":
        return _coco(root)
    return _kitti(root) if format_name == "kitti" else _yolo(root)


def _coco(root: Path) -> Iterator[FlatImage]:
    """COCO's `instances` files: cocodataset.org, Data format, 1 and 2; bbox is x, y, width, height."""
    data: dict[str, Any] = json.loads((root / "annotations/instances.json").read_text(encoding="utf-8"))
    names = {c["id"]: c["name"] for c in data["categories"]}
    boxes: dict[int, list[FlatBox]] = {}
    for one in data["annotations"]:
        if one["iscrowd"]:
            continue
        x, y, w, h = (float(v) for v in one["bbox"])
        middle = one.get("box_3d", {}).get("center_m")
        boxes.setdefault(one["image_id"], []).append(
            FlatBox(
                name=names[one["category_id"]],
                left=x,
                top=y,
                right=x + w,
                bottom=y + h,
                distance_m=None if middle is None else sum(float(v) ** 2 for v in middle) ** 0.5,
            )
        )
    for image in sorted(data["images"], key=lambda i: str(i["file_name"])):
        yield FlatImage(
            file=f"images/{image['file_name']}",
            width=int(image["width"]),
            height=int(image["height"]),
            boxes=tuple(boxes.get(image["id"], ())),
        )


def _kitti(root: Path) -> Iterator[FlatImage]:
    """By the readme of the object development kit: type, ..., bbox, dimensions, location."""
    folder = root / "object/training"
    for path in sorted((folder / "label_2").glob("*.txt")):
        file = next((f for e in ("png", "jpg") if (f := folder / f"image_2/{path.stem}.{e}").is_file()), None)
        if file is None:
            continue
        boxes = []
        for line in path.read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[0] == "DontCare":
                continue
            left, top, right, bottom = (float(v) for v in words[4:8])
            away = sum(float(v) ** 2 for v in words[11:14]) ** 0.5
            boxes.append(
                FlatBox(name=words[0], left=left, top=top, right=right, bottom=bottom, distance_m=away)
            )
        width, height = _size(file)
        name = file.relative_to(root).as_posix()
        yield FlatImage(file=name, width=width, height=height, boxes=tuple(boxes))


def _yolo(root: Path) -> Iterator[FlatImage]:
    """Ultralytics' text labels: class, then middle and size of a box, or a polygon; shares of the image."""
    names: dict[int, str] = yaml.safe_load((root / "data.yaml").read_text(encoding="utf-8"))["names"]
    for file in sorted((root / "images").rglob("*.jpg")):
        label = root / "labels" / file.relative_to(root / "images").with_suffix(".txt")
        width, height = _size(file)
        boxes = []
        for line in label.read_text(encoding="ascii").splitlines() if label.is_file() else ():
            number, *values = line.split()
            v = [float(x) for x in values]
            if len(v) == 4:
                left, right = v[0] - v[2] / 2, v[0] + v[2] / 2
                top, bottom = v[1] - v[3] / 2, v[1] + v[3] / 2
            else:
                left, right, top, bottom = min(v[0::2]), max(v[0::2]), min(v[1::2]), max(v[1::2])
            boxes.append(
                FlatBox(
                    name=names[int(number)],
                    left=left * width,
                    top=top * height,
                    right=right * width,
                    bottom=bottom * height,
                )
            )
        name = file.relative_to(root).as_posix()
        yield FlatImage(file=name, width=width, height=height, boxes=tuple(boxes))


def _size(path: Path) -> tuple[int, int]:
    """Width and height, by the header alone."""
    with Image.open(path) as image:
        return image.size
