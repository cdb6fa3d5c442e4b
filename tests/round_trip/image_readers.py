"""Plain readers of COCO, YOLO and Cityscapes, from the formats' descriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.round_trip.forms import Found, add_pose, nothing, of_wxyz, of_ypr, square


def read_coco(root: Path) -> Found:
    """Boxes and masks by image and track; what a model of instances and of panoptic images is given."""
    found = nothing()
    everything = json.loads((root / "annotations/instances.json").read_text())
    images = {i["id"]: i for i in everything["images"]}
    for image in images.values():
        found["same size"][image["file_name"]] = [image["width"], image["height"]]
        found["same image"][image["file_name"]] = (root / "images" / image["file_name"]).read_bytes()
    names = {c["id"]: c["name"] for c in everything["categories"]}
    for row in everything["annotations"]:
        if row["iscrowd"]:
            continue
        key = images[row["image_id"]]["file_name"], row["track_id"]
        found["same mask"][key] = coco_mask(row["segmentation"])
        found["rectangles"][key] = row["bbox"]
        found["area"][key] = row["area"]
        found["same category"][key] = row["category_id"], names[row["category_id"]]
        box = row["box_3d"]
        pose = square(of_wxyz(box["orientation_wxyz"]), box["center_m"])
        add_pose(found, "boxes in the camera", key, pose)
        found["size of boxes"][key] = box["size_m"]
    for path in (root / "annotations").glob("instances_*.json"):
        for image in json.loads(path.read_text())["images"]:
            found["same split"][path.stem.removeprefix("instances_"), image["file_name"]] = True
    for row in json.loads((root / "annotations/panoptic.json").read_text())["annotations"]:
        bgr = cv2.imread(str(root / "panoptic" / row["file_name"])).astype(np.uint32)
        ids = bgr[..., 2] + 256 * bgr[..., 1] + 65536 * bgr[..., 0]
        classes = np.zeros(ids.shape, int)
        for segment in row["segments_info"]:
            classes[ids == segment["id"]] = segment["category_id"]
        found["same panoptic image"][images[row["image_id"]]["file_name"]] = classes
    return found


def coco_mask(segmentation: dict[str, Any]) -> np.ndarray:
    """Compressed run lengths of columns: 5 bits and a flag a letter, less the run before the last."""
    runs: list[int] = []
    letters = iter(segmentation["counts"].encode())
    for letter in letters:
        bits, value, group = 0, 0, letter - 48
        while True:
            value |= (group & 31) << bits
            bits += 5
            if not group & 32:
                break
            group = next(letters) - 48
        value -= (1 << bits) if group & 16 else 0
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    height, width = segmentation["size"]
    flat = np.concatenate([np.full(n, i % 2, bool) for i, n in enumerate(runs)])
    return flat.reshape(width, height).T


def read_yolo(root: Path) -> Found:
    """Rows of each image by class and place; pixels, by the size of the image itself."""
    found = nothing()
    text = (root / "data.yaml").read_text().splitlines()
    at = text.index("names:")
    names = {int(n): json.loads(w) for n, w in (line.split(":", 1) for line in text[at + 1 :])}
    for path in sorted((root / "labels").rglob("*.txt")):
        image = path.relative_to(root / "labels").with_suffix(".jpg").as_posix()
        data = (root / "images" / image).read_bytes()
        found["same image"][image] = data
        height, width, _ = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape
        rows = [np.array(line.split(), float) for line in path.read_text().splitlines()]
        rows.sort(key=lambda r: (int(r[0]), r[1]))
        for rank, (number, *box) in enumerate(rows):
            x, y, w, h = np.array(box) * [width, height, width, height]
            found["rectangles"][image, rank] = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
            found["same category"][image, rank] = names[int(number)]
    for path in (p for p in root.glob("*.txt") if p.stem in {"train", "val", "test"}):
        for line in path.read_text().split():
            found["same split"][path.stem, line.removeprefix("./images/")] = True
    return found


def read_cityscapes(root: Path) -> Found:
    """Images, label ids, instances and calibrations by scene, camera's number and frame."""
    found = nothing()
    for path in sorted((root / "leftImg8bit").rglob("*_leftImg8bit.png")):
        split, city, name = path.relative_to(root / "leftImg8bit").parts
        stem = name.removesuffix("_leftImg8bit.png")
        _, camera, frame = stem.rsplit("_", 2)
        key = city, int(camera), int(frame)
        found["same split"][split, city] = True
        found["same pixels"][key] = cv2.imread(str(path))
        fine = root / "gtFine" / split / city
        found["same label ids"][key] = _png(fine / f"{stem}_gtFine_labelIds.png")
        instances = _png(fine / f"{stem}_gtFine_instanceIds.png")
        for number in np.unique(instances[instances >= 1000]):
            # An instance is told by where it is: its number means nothing.
            mask = instances == number
            found["same instance"][(*key, mask.tobytes())] = int(number) // 1000
        text = json.loads((root / "camera" / split / city / f"{stem}_camera.json").read_text())
        inner, outer = text["intrinsic"], text["extrinsic"]
        found["pixels of intrinsics"][key] = [inner["fx"], inner["fy"], inner["u0"], inner["v0"]]
        turn = of_ypr(outer["yaw"], outer["pitch"], outer["roll"])
        add_pose(found, "mounts", key, square(turn, [outer["x"], outer["y"], outer["z"]]))
    return found


def _png(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
