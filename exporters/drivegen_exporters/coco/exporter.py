"""COCO: detection, instance and panoptic segmentation, keypoints of people, as pycocotools loads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from drivegen.capture.captured_agent import CapturedAgent
from drivegen.capture.export.carriers import ALL, Moment, Wanted, moments_of
from drivegen.capture.export.classes import Category
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.messages import camera_optical, to_json
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Camera
from drivegen_exporters.channels import check_frames
from drivegen_exporters.coco.image import Annotated, annotate
from drivegen_exporters.coco.keypoints import CATEGORY, keypoints_of
from drivegen_exporters.coco.vocabulary import CATEGORIES, PERSON, THINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cameras: str = "all"
    """Channels with commas between."""
    frames: str = "keyframes"
    """keyframes or all."""
    panoptic: bool = True
    """Write panoptic images and panoptic.json too."""
    keypoints: bool = True
    """Write person_keypoints.json too."""
    least_pixels: int = 16
    """Objects of which fewer pixels are visible are not annotated."""


class Coco(Exporter[Options]):
    """The exporter; masks are those of the cameras' own images, so no lens is made a pinhole's."""

    format = "coco"
    version = 2
    takes_agents = True
    Options = Options

    def check(self) -> None:
        """Frames and the least number of pixels are possible."""
        check_frames(self.options.frames, self.format)
        if self.options.least_pixels < 1:
            raise ExportError(f"coco: least_pixels={self.options.least_pixels}: at least 1 is wanted")

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Images and rows of a scene; rows lack the numbers of images and annotations.

        Raises:
            ExportError: A camera is not in the rig.
        """
        wanted = Wanted(cameras=self.options.cameras, keyframes=self.options.frames != ALL)
        carriers = self.carriers(capture, part, wanted)
        kept = {name: part.keep(name) for name in ("images", "annotations", "panoptic", "people")}
        images = annotations = left_out = people = 0
        for moment in moments_of(carriers, capture):
            agent = moment.agent
            for camera in moment.cameras:
                name = f"{capture.scene}/{moment.carrier.key(camera.name)}/{moment.frame.index:06d}"
                part.write(f"images/{name}.jpg", agent.jpeg(camera.name))
                optical_map = (agent.map_agent @ camera_optical(camera)).inverse()
                found = annotate(
                    moment.objects,
                    camera.name,
                    agent.tag(camera.name),
                    agent.instance(camera.name),
                    optical_map,
                    self.options.least_pixels,
                )
                if self.options.keypoints:
                    for place, row in _people(found, agent, camera, optical_map):
                        _keep(kept["people"], images, row, annotations + place)
                        people += row["num_keypoints"] > 0
                if self.options.panoptic:
                    part.write(f"panoptic/{name}.png", found.panoptic_png)
                    segments = {"file_name": f"{name}.png", "segments_info": found.segments}
                    _keep(kept["panoptic"], images, segments)
                _keep(kept["images"], images, _image_row(capture.scene, camera, moment, name))
                for row in found.annotations:
                    _keep(kept["annotations"], images, row)
                images += 1
                annotations += len(found.annotations)
                left_out += found.left_out
        part.facts = {
            "images": images,
            "annotations": annotations,
            "left_out": left_out,
            "people_with_keypoints": people,
        }

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Gives images and annotations their numbers, from 1, and strings the rows together."""
        counts = {"images": 0, "annotations": 0, "left_out": 0, "people_with_keypoints": 0}
        for part in parts:
            dataset.take(part)
            for name in counts:
                counts[name] += part.facts[name]
        for split in ("", *parts.splits):
            self._write_split(dataset, parts, split)
        return Joined(counts=counts)

    def _write_split(self, dataset: DatasetWriter, parts: Parts, split: str) -> None:
        """The files of a split; an empty name stands for all scenes. Numbers are the same in both."""
        suffix = f"_{split}" if split else ""
        things = [_category_row(c) for c in CATEGORIES if c.id in THINGS]
        with dataset.open(f"annotations/instances{suffix}.json") as file:
            _open_json(file, things)
            _list(file, "images", parts, split, "images", _numbered_image)
            _list(file, "annotations", parts, split, "annotations", _numbered_annotation)
            file.write(b"}\n")
        if self.options.keypoints:
            person = next(_category_row(c) for c in CATEGORIES if c.id == PERSON)
            with dataset.open(f"annotations/person_keypoints{suffix}.json") as file:
                _open_json(file, [{**person, **CATEGORY}])
                _list(file, "images", parts, split, "images", _numbered_image)
                _list(file, "annotations", parts, split, "people", _numbered_annotation)
                file.write(b"}\n")
        if self.options.panoptic:
            everything = [_category_row(c, panoptic=True) for c in CATEGORIES]
            with dataset.open(f"annotations/panoptic{suffix}.json") as file:
                _open_json(file, everything)
                _list(file, "images", parts, split, "images", _numbered_image)
                _list(file, "annotations", parts, split, "panoptic", _numbered_panoptic)
                file.write(b"}\n")


def _image_row(scene: str, camera: Camera, moment: Moment, name: str) -> dict[str, Any]:
    return {
        "file_name": f"{name}.jpg",
        "width": camera.width_px,
        "height": camera.height_px,
        "scene": scene,
        **moment.carrier.told,
        "camera": camera.name,
        "time_ns": moment.frame.time_ns,
    }


def _category_row(category: Category, *, panoptic: bool = False) -> dict[str, Any]:
    row = {"id": category.id, "name": category.name, "supercategory": category.values["supercategory"]}
    return {**row, "isthing": int(category.id in THINGS)} if panoptic else row


def _people(
    found: Annotated, agent: CapturedAgent, camera: Camera, optical_map: Pose
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The people of an image: which annotation each is, and its row with keypoints."""
    nothing = np.zeros((camera.height_px, camera.width_px), np.float32)
    known = any(label is not None and label.joints_m is not None for _, label in found.people)
    depth_m = agent.depth_m(camera.name) if known else nothing
    for place, label in found.people:
        joints_m = None if label is None else label.joints_m
        yield place, found.annotations[place] | keypoints_of(joints_m, camera, optical_map, depth_m)


def _keep(file: IO[bytes], image: int, row: dict[str, Any], place: int | None = None) -> None:
    """A row without its opening brace, after the number of its image in the scene.

    `place` is the row's number in the scene, of rows that are not numbered one after the other.
    """
    own = "" if place is None else str(place)
    file.write(f"{image}\t{own}\t".encode() + to_json(row)[1:] + b"\n")


def _open_json(file: IO[bytes], categories: Iterable[dict[str, Any]]) -> None:
    info = {"description": "Made by drivegen; simulated"}
    file.write(b'{"info":' + to_json(info) + b',"licenses":[],"categories":')
    file.write(json.dumps(list(categories), separators=(",", ":")).encode())


def _list(
    file: IO[bytes], key: str, parts: Parts, split: str, kept: str, start: Callable[[int, int], str]
) -> None:
    file.write(f',\n"{key}":['.encode())
    first_row = first_image = 0
    lead = "\n"
    for part in parts:
        if split in {"", part.split}:
            with part.kept(kept).open("rb") as source:
                for number, line in enumerate(source):
                    image, place, rest = line.rstrip(b"\n").split(b"\t", 2)
                    row = first_row + int(place or number) + 1
                    file.write((lead + start(row, first_image + int(image) + 1)).encode() + rest)
                    lead = ",\n"
        first_row += part.facts["annotations"]
        first_image += part.facts["images"]
    file.write(b"\n]")


def _numbered_image(_: int, image: int) -> str:
    return f'{{"id":{image},'


def _numbered_annotation(row: int, image: int) -> str:
    return f'{{"id":{row},"image_id":{image},'


def _numbered_panoptic(_: int, image: int) -> str:
    return f'{{"image_id":{image},'
