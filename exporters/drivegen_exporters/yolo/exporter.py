"""YOLO's text labels, for detection or instance segmentation, as Ultralytics loads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt16

from drivegen.capture.export.carriers import ALL, Wanted, moments_of
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera
from drivegen_exporters.channels import check_frames
from drivegen_exporters.classes import vocabulary
from drivegen_exporters.masks import object_masks
from drivegen_exporters.yolo.polygons import polygon_of

DETECT, SEGMENT = "detect", "segment"
_WORDS = vocabulary("drivegen")
NAMES = tuple(_WORDS.categories)
"""Classes are drivegen's own: nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cameras: str = "all"
    """Channels with commas between."""
    frames: str = "keyframes"
    """keyframes or all."""
    task: str = DETECT
    """detect (boxes around the visible pixels) or segment (polygons)."""
    least_pixels: int = 16
    """Objects of which fewer pixels are visible are not labelled."""


class Yolo(Exporter[Options]):
    """The exporter; `data.yaml` in the data set's folder is what training is given."""

    format = "yolo"
    takes_agents = True
    Options = Options

    def check(self) -> None:
        """Task, frames and the least number of pixels are possible."""
        check_frames(self.options.frames, self.format)
        if self.options.task not in {DETECT, SEGMENT}:
            raise ExportError(f"yolo: task={self.options.task!r}: detect or segment is wanted")
        if self.options.least_pixels < 1:
            raise ExportError(f"yolo: least_pixels={self.options.least_pixels}: at least 1 is wanted")

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Images and labels of a scene. Raises ExportError when a camera is not in the rig."""
        wanted = Wanted(cameras=self.options.cameras, keyframes=self.options.frames != ALL)
        carriers = self.carriers(capture, part, wanted)
        names = part.keep("images")
        images = labels = 0
        for moment in moments_of(carriers, capture):
            frame, agent = moment.frame, moment.agent
            for camera in moment.cameras:
                name = f"{capture.scene}/{moment.carrier.key(camera.name)}/{frame.index:06d}"
                rows = list(self._rows(moment.objects, camera, agent.instance(camera.name)))
                part.write(f"images/{name}.jpg", agent.jpeg(camera.name))
                part.write(f"labels/{name}.txt", "".join(f"{r}\n" for r in rows).encode())
                names.write(f"./images/{name}.jpg\n".encode())
                images += 1
                labels += len(rows)
        part.facts = {"images": images, "labels": labels}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """The lists of images and `data.yaml`."""
        counts = {"images": 0, "labels": 0}
        for part in parts:
            dataset.take(part)
            for name in counts:
                counts[name] += part.facts[name]
        lists = [split for split in parts.splits if _write_list(dataset, parts, split)]
        # Training wants both, and neither empty.
        lines = [f"{split}: {split if split in lists else lists[0]}.txt" for split in ("train", "val")]
        lines += [f"{split}: {split}.txt" for split in lists if split not in {"train", "val"}]
        lines.append("names:")
        lines += [f"  {i}: {json.dumps(name)}" for i, name in enumerate(NAMES)]
        dataset.write("data.yaml", ("\n".join(lines) + "\n").encode())
        return Joined(counts=counts)

    def _rows(
        self, objects: tuple[ObjectLabel, ...], camera: Camera, instance: UInt16[np.ndarray, "h w"]
    ) -> Iterator[str]:
        """`class x y ...` in shares of the image's width and height."""
        size = np.array([camera.width_px, camera.height_px], np.float64)
        for label, _, mask in object_masks(objects, camera.name, instance):
            if mask.area < self.options.least_pixels:
                continue
            left, top, width, height = mask.box
            if self.options.task == DETECT:
                middle = np.array([left + width / 2, top + height / 2])
                numbers = np.stack([middle, np.array([width, height])]) / size
            else:
                numbers = polygon_of(mask) / size
                if len(numbers) < 3:
                    continue
            category = _WORDS.category(label)
            assert category is not None, "drivegen has a word for each of its classes"
            yield " ".join([str(category.id), *(f"{v:.6f}" for v in numbers.reshape(-1))])


def _write_list(dataset: DatasetWriter, parts: Parts, split: str) -> int:
    """The images of a split, and how many they are."""
    images = 0
    with dataset.open(f"{split}.txt") as file:
        for part in parts:
            if part.split == split:
                file.write(part.kept("images").read_bytes())
                images += part.facts["images"]
    return images
