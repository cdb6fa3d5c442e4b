"""nuScenes (v1.0 tables with lidarseg and panoptic labels of points), as nuscenes-devkit 1.2 loads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, ClassVar

import cv2

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined, is_name
from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen_exporters.nuscenes.drivable import drivable_mask
from drivegen_exporters.nuscenes.scene import SceneExport, log_token
from drivegen_exporters.nuscenes.tables import TableFiles, TableRows, add_vocabulary, sensor_token, token


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    version: str = "v1.0-drivegen"
    """Folder of the tables. The devkit's own splits insist on its own names: keep this one."""
    split: str = "drivegen"
    """Names of splits begin with it: drivegen_train and so on as `splits` says, and drivegen_all."""
    hidden: bool = False
    """Annotate also what no LiDAR or radar return hit (see `drivegen_exporters.nuscenes.scene`)."""
    rectified_fov_deg: float = 100.0
    """Widest horizontal field of images that are made a pinhole's; nuScenes knows no distortion."""


class NuScenes(Exporter[Options]):
    """The exporter; the data set's folder is the devkit's dataroot."""

    format = "nuscenes"
    version = 5
    Options = Options
    scene_type: ClassVar[type[SceneExport]] = SceneExport
    """What turns a capture into rows and files."""

    def check(self) -> None:
        """Names are names, the field is one that a pinhole can have."""
        chosen = self.options
        if not 10.0 <= chosen.rectified_fov_deg <= 150.0:
            raise ExportError(
                f"{self.format}: rectified_fov_deg={chosen.rectified_fov_deg:g}: 10 to 150 is wanted"
            )
        for value in (chosen.version, chosen.split):
            if not is_name(value):
                raise ExportError(
                    f"{self.format}: {value!r} cannot be a name; use letters, digits, dot, dash, _"
                )

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Files and rows of a scene, and the mask of its road.

        Raises:
            ExportError: The rig lacks LIDAR_TOP, or the capture has no keyframe.
            MapError: The road cannot be read.
        """
        road = capture.plan.map.sha256
        mask = _mask_of(capture.opendrive, capture.plan.map.opendrive)
        part.write(_mask_name(road), mask.png)
        tables = TableRows(part)
        scene = self.scene_type(
            capture,
            mask.origin_m,
            self.options.version,
            part,
            tables,
            hidden=self.options.hidden,
            rectified_fov_deg=self.options.rectified_fov_deg,
        )
        scene.run()
        part.facts = {
            "road": road,
            "origin_m": list(mask.origin_m),
            "modalities": scene.modalities,
            "rectified": scene.rectified,
            "left_out": scene.left_out,
            "rows": tables.counts,
        }

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """The tables, one after the other scene's, and the split. Keeps 16 bytes a scene in memory."""
        version = self.options.version
        roads: dict[str, tuple[list[float], bytearray]] = {}
        modalities: dict[str, str] = {}
        rectified: dict[str, dict[str, float]] = {}
        left_out = 0
        with TableFiles(dataset, version) as tables:
            add_vocabulary(tables)
            for part in parts:
                facts = part.facts
                dataset.take(part)
                tables.append(part, facts["rows"])
                _, logs = roads.setdefault(facts["road"], (facts["origin_m"], bytearray()))
                logs += bytes.fromhex(log_token(part.scene))
                modalities |= facts["modalities"]
                rectified |= facts["rectified"]
                left_out += facts["left_out"]
            for channel, modality in sorted(modalities.items()):
                tables.add(
                    "sensor", {"token": sensor_token(channel), "channel": channel, "modality": modality}
                )
            for road, (origin_m, logs) in roads.items():
                tables.add("map", _map_row(road, logs, origin_m))
        with dataset.open(f"{version}/splits.json") as file:
            _write_splits(file, self.options.split, parts)
        return Joined(
            counts={
                "samples": tables.counts["sample"],
                "sample_data": tables.counts["sample_data"],
                "annotations": tables.counts["sample_annotation"],
                "instances": tables.counts["instance"],
                "labels_left_out": left_out,
                "cameras_rectified": len(rectified),
            },
            mark={"rectified_cameras": rectified},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mask:
    """A map mask as a file."""

    png: bytes
    origin_m: tuple[float, float]


@lru_cache(maxsize=2)
def _mask_of(opendrive: str, source: str) -> _Mask:
    mask = drivable_mask(opendrive, source)
    return _Mask(png=cv2.imencode(".png", mask.mask)[1].tobytes(), origin_m=mask.origin_m)


def _mask_name(road_sha256: str) -> str:
    return f"maps/{token('map', road_sha256)}.png"


def _map_row(road_sha256: str, log_tokens: bytearray, origin_m: list[float]) -> dict[str, Any]:
    return {
        "token": token("map", road_sha256),
        "category": "semantic_prior",
        "filename": _mask_name(road_sha256),
        "log_tokens": [log_tokens[i : i + 16].hex() for i in range(0, len(log_tokens), 16)],
        "world_origin_m": origin_m,
    }


def _write_splits(file: IO[bytes], prefix: str, parts: Parts) -> None:
    separator = "{"
    for split in (*parts.splits, "all"):
        file.write(f"{separator}\n {json.dumps(f'{prefix}_{split}')}: [".encode())
        separator = ","
        for i, scene in enumerate(parts.scenes if split == "all" else parts.of_split(split)):
            file.write(f"{',' if i else ''}\n  {json.dumps(scene)}".encode())
        file.write(b"\n ]")
    file.write(b"\n}\n")
