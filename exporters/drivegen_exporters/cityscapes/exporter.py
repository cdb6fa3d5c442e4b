"""Cityscapes' fine annotations, as its own scripts (cityscapesscripts) load them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8, UInt16

from drivegen.capture.export.carriers import ALL, Carrier, Wanted
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.images import decode_jpeg, encode_png
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import rpy_from_rotation
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import Camera
from drivegen_exporters.channels import check_frames
from drivegen_exporters.cityscapes.polygons import polygons_json
from drivegen_exporters.cityscapes.vocabulary import (
    WITH_INSTANCES,
    bgr_of_ids,
    id_of_tags,
    train_id_of_ids,
)

_IDS, _TRAIN_IDS, _COLOURS = id_of_tags(), train_id_of_ids(), bgr_of_ids()
_WITH_INSTANCES = np.isin(np.arange(256), sorted(WITH_INSTANCES))
MOST_INSTANCES = 1000
"""Of one label in an image: an instance id is 1000 times the label and the number."""
_SPLIT = "SPLIT"
"""Stands in a part for the split of its scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cameras: str = "all"
    """Channels with commas between."""
    frames: str = "keyframes"
    """keyframes or all."""
    image: str = "png"
    """png, as Cityscapes' loaders insist, or jpg: the capture's own bytes."""
    polygons: bool = True
    """Write the polygons too."""


class Cityscapes(Exporter[Options]):
    """The exporter. A scene is a city, a camera a sequence of it; images are the cameras' own.

    What another agent than the ego sees of a scene is a city too.
    """

    format = "cityscapes"
    version = 3
    takes_agents = True
    Options = Options

    def check(self) -> None:
        """Frames and kind of image are possible."""
        check_frames(self.options.frames, self.format)
        if self.options.image not in {"png", "jpg"}:
            raise ExportError(f"cityscapes: image={self.options.image!r}: png or jpg is wanted")

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Files of a scene. Raises ExportError when a camera is not in the rig."""
        wanted = Wanted(cameras=self.options.cameras, keyframes=self.options.frames != ALL)
        images, cities = 0, []
        for carrier in self.carriers(capture, part, wanted):
            cities.append(city_of(capture.scene, carrier.agent))
            images += self._city(capture, part, carrier, cities[-1])
        part.facts = {"images": images, "cities": cities}

    def _city(self, capture: CaptureReader, part: PartWriter, carrier: Carrier, city: str) -> int:
        """Files of a scene as one agent sees it, and the number of images."""
        images = 0
        numbers = {camera.name: number for number, camera in enumerate(carrier.cameras)}
        for moment in carrier.moments(capture):
            agent = moment.agent
            for camera in moment.cameras:
                stem = f"{_SPLIT}/{city}/{city}_{numbers[camera.name]:06d}_{moment.frame.index:06d}"
                jpeg = agent.jpeg(camera.name)
                image = jpeg if self.options.image == "jpg" else _png(decode_jpeg(jpeg))
                part.write(f"leftImg8bit/{stem}_leftImg8bit.{self.options.image}", image)
                ids = _IDS[agent.tag(camera.name)]
                fine = f"gtFine/{stem}_gtFine"
                part.write(f"{fine}_labelIds.png", encode_png(ids))
                part.write(f"{fine}_labelTrainIds.png", encode_png(_TRAIN_IDS[ids]))
                part.write(f"{fine}_color.png", _png(_COLOURS[ids]))
                instances = instance_ids(ids, agent.instance(camera.name))
                part.write(f"{fine}_instanceIds.png", encode_png(instances))
                if self.options.polygons:
                    part.write(f"{fine}_polygons.json", polygons_json(instances))
                if isinstance(camera.optics, Pinhole):
                    part.write(f"camera/{stem}_camera.json", camera_json(camera))
                images += 1
        return images

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """All files as they are. Raises ExportError when two scenes would be the same city."""
        images = 0
        scenes: dict[str, str] = {}
        for part in parts:
            for city in part.facts["cities"]:
                if scenes.setdefault(city, part.scene) != part.scene:
                    raise ExportError(
                        f"cityscapes: scenes {scenes[city]} and {part.scene} would both be the city {city};"
                        " export them apart"
                    )
            dataset.take(part, _places(part.split))
            images += part.facts["images"]
        return Joined(counts={"images": images})


def _places(split: str) -> Callable[[str], str]:
    return lambda name: name.replace(_SPLIT, split, 1)


def city_of(scene: str, agent: str = EGO) -> str:
    """A scene's name as a city's, another agent's behind: Cityscapes' tools cut file names at underscores."""
    name = scene if agent == EGO else f"{scene}-{agent}"
    return name.replace("_", "-").replace(".", "-")


def instance_ids(
    ids: UInt8[np.ndarray, "h w"], instance: UInt16[np.ndarray, "h w"]
) -> UInt16[np.ndarray, "h w"]:
    """1000 times the label and a number from 0 where there is an instance, else the label alone.

    Numbers are by ascending object id, for each label from 0. Things without one are the label alone, which
    Cityscapes takes for a group.
    """
    out = ids.astype(np.uint16)
    where = _WITH_INSTANCES[ids] & (instance != 0)
    keys = ids[where].astype(np.uint32) << 16 | instance[where]
    found, back = np.unique(keys, return_inverse=True)
    labels = found >> 16
    first = np.searchsorted(labels, labels)
    numbers = np.arange(len(found)) - first
    if len(numbers) and int(numbers.max()) >= MOST_INSTANCES:
        raise ExportError("cityscapes: an image has 1000 objects of one label, more than its ids can tell")
    out[where] = (labels * MOST_INSTANCES + numbers).astype(np.uint16)[back]
    return out


def camera_json(camera: Camera) -> bytes:
    """Calibration of a pinhole, in Cityscapes' words; the vehicle's frame is drivegen's agent frame."""
    lens = camera.optics
    mount = camera.agent_sensor
    roll, pitch, yaw = rpy_from_rotation(mount.rotation)
    x, y, z = (float(v) for v in camera_optical(camera).position_m)
    text = {
        "extrinsic": {"baseline": 0.0, "roll": roll, "pitch": pitch, "yaw": yaw, "x": x, "y": y, "z": z},
        "intrinsic": {
            "fx": lens.fx_px,
            "fy": lens.fy_px,
            "u0": lens.cx_px - 0.5,
            "v0": lens.cy_px - 0.5,
        },
    }
    return (json.dumps(text, indent=1) + "\n").encode()


def _png(bgr: UInt8[np.ndarray, "h w 3"]) -> bytes:
    return cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
