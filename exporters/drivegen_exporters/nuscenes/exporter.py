"""nuScenes (v1.0 tables with lidarseg), as nuscenes-devkit 1.2 loads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import cv2

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Lidar
from drivegen_exporters.nuscenes.drivable import DrivableMask, drivable_mask
from drivegen_exporters.nuscenes.scene import SceneExport, log_token
from drivegen_exporters.nuscenes.tables import TableFiles, add_vocabulary, sensor_token, token
from drivegen_exporters.staging import Staging
from drivegen_exporters.summary import ExportSummary

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    version: str = "v1.0-drivegen"
    """Folder of the tables. The devkit's own splits insist on its own names: keep this one."""
    split: str = "drivegen_val"
    """Name of the split that holds all scenes."""
    hidden: bool = False
    """Annotate also what no LiDAR or radar return hit (see `drivegen_exporters.nuscenes.scene`)."""
    rectified_fov_deg: float = 100.0
    """Widest horizontal field of images that are made a pinhole's; nuScenes knows no distortion."""


class NuScenes:
    """The exporter. Streams: one scene in memory at a time."""

    def export(
        self, captures: Sequence[Path], out: Path, options: Mapping[str, Any] | None = None
    ) -> ExportSummary:
        """Writes a data set; `out` is the devkit's dataroot.

        Args:
            captures: One file a scene. Their order does not matter.
            out: Made new, or replaced if it is an earlier export; never left half.
            options: Of `Options`, by name.

        Raises:
            ExportError: An option is unknown, a scene comes twice, the rig lacks LIDAR_TOP, `out` holds
                something else, or the disk is full.
            CaptureError: A capture cannot be read.
            MapError: A capture's road cannot be read.
        """
        chosen = _read_options(options or {})
        version = chosen.version
        by_scene = _by_scene(captures)
        with Staging(out) as staging, TableFiles(staging.root / version) as tables:
            add_vocabulary(tables)
            masks: dict[str, DrivableMask] = {}
            logs: dict[str, list[str]] = {}
            modalities: dict[str, str] = {}
            hashes: dict[str, str | None] = {}
            rectified: dict[str, dict[str, float]] = {}
            left_out = 0
            for scene, path in by_scene.items():
                with CaptureReader(path) as reader:
                    road = reader.plan.map.sha256
                    if road not in masks:
                        masks[road] = _write_mask(reader, staging)
                    logs.setdefault(road, []).append(log_token(scene))
                    for sensor in reader.rigs[EGO].sensors:
                        if isinstance(sensor, Camera | Lidar):
                            modalities[sensor.name] = "camera" if isinstance(sensor, Camera) else "lidar"
                    hashes[scene] = reader.content_sha256
                    scene_export = SceneExport(
                        reader,
                        masks[road].origin_m,
                        version,
                        staging,
                        tables,
                        hidden=chosen.hidden,
                        rectified_fov_deg=chosen.rectified_fov_deg,
                    )
                    scene_export.run()
                    rectified |= scene_export.rectified
                    left_out += scene_export.left_out
            for channel, modality in sorted(modalities.items()):
                tables.add(
                    "sensor", {"token": sensor_token(channel), "channel": channel, "modality": modality}
                )
            for road, log_tokens in logs.items():
                tables.add("map", _map_row(road, log_tokens, masks[road]))
            splits = json.dumps({chosen.split: list(by_scene)}, indent=1, ensure_ascii=False) + "\n"
            staging.write(f"{version}/splits.json", splits.encode())
            tables.close()
            staging.finish(
                {
                    "format": "nuscenes",
                    "options": asdict(chosen),
                    "captures": hashes,
                    "rectified_cameras": rectified,
                }
            )
        return ExportSummary(
            format="nuscenes",
            out=out,
            scenes=len(by_scene),
            files=staging.files + len(tables.counts),
            bytes=staging.bytes + tables.bytes,
            counts={
                "samples": tables.counts["sample"],
                "sample_data": tables.counts["sample_data"],
                "annotations": tables.counts["sample_annotation"],
                "instances": tables.counts["instance"],
                "labels_left_out": left_out,
                "cameras_rectified": len(rectified),
            },
        )


def _read_options(options: Mapping[str, Any]) -> Options:
    known = {f.name: f for f in fields(Options)}
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ExportError(f"nuscenes: unknown option {', '.join(unknown)}; there are {', '.join(known)}")
    for name, value in options.items():
        wanted = type(known[name].default)
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ExportError(f"nuscenes: {name}={value!r}: {wanted.__name__} is wanted")
    chosen = Options(**options)
    if not 10.0 <= chosen.rectified_fov_deg <= 150.0:
        raise ExportError(f"nuscenes: rectified_fov_deg={chosen.rectified_fov_deg:g}: 10 to 150 is wanted")
    for value in (chosen.version, chosen.split):
        if not _NAME.fullmatch(value):
            raise ExportError(f"nuscenes: {value!r} cannot be a name; use letters, digits, dot, dash, _")
    return chosen


def _by_scene(captures: Sequence[Path]) -> dict[str, Path]:
    if not captures:
        raise ExportError("nuscenes: there is no capture to export")
    found: dict[str, Path] = {}
    for path in captures:
        with CaptureReader(path) as reader:
            scene = reader.scene
        if not _NAME.fullmatch(scene):
            raise ExportError(f"{path}: scene {scene!r} cannot be part of file names")
        if scene in found:
            raise ExportError(f"nuscenes: scene {scene} is in {found[scene]} and in {path}; give it once")
        found[scene] = path
    return dict(sorted(found.items()))


def _write_mask(reader: CaptureReader, staging: Staging) -> DrivableMask:
    mask = drivable_mask(reader.opendrive, reader.plan.map.opendrive)
    encoded = cv2.imencode(".png", mask.mask)[1].tobytes()
    staging.write(_mask_name(reader.plan.map.sha256), encoded)
    return mask


def _mask_name(road_sha256: str) -> str:
    return f"maps/{token('map', road_sha256)}.png"


def _map_row(road_sha256: str, log_tokens: list[str], mask: DrivableMask) -> dict[str, Any]:
    return {
        "token": token("map", road_sha256),
        "category": "semantic_prior",
        "filename": _mask_name(road_sha256),
        "log_tokens": log_tokens,
        "world_origin_m": list(mask.origin_m),
    }
