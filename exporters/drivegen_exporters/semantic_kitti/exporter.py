"""SemanticKITTI: a label for each return of a LiDAR, as the kit semantic-kitti-api loads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt32

from drivegen.capture.export.carriers import Carrier, Wanted
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import OPTICAL_FROM_MOUNT
from drivegen_exporters.kitti.exporter import pack_sweep
from drivegen_exporters.semantic_kitti.vocabulary import OUTLIER, id_of, id_of_tags
from drivegen_exporters.sequences import numbered, placeholder

_IDS = id_of_tags()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    lidar: str = "LIDAR_TOP"
    """Channel that becomes velodyne."""


class SemanticKitti(Exporter[Options]):
    """The exporter. A scene is a sequence with all sweeps of one LiDAR."""

    format = "semantic_kitti"
    version = 2
    takes_agents = True
    Options = Options

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Files of a scene; each agent is a sequence.

        Raises:
            ExportError: The rig lacks the LiDAR, or it delivered nothing.
        """
        wanted = Wanted(lidars=self.options.lidar, one=True, keyframes=False)
        carriers = self.carriers(capture, part, wanted)
        part.facts = {"sequences": [self._sequence(capture, part, carrier) for carrier in carriers]}

    def _sequence(self, capture: CaptureReader, part: PartWriter, carrier: Carrier) -> dict[str, Any]:
        """Files of one agent, and what the joining needs."""
        lidar = carrier.lidars[0]
        camera_lidar = Pose.from_matrix(_square(OPTICAL_FROM_MOUNT))
        root = f"sequences/{placeholder(carrier.agent)}"
        poses, times = part.open(f"{root}/poses.txt"), part.open(f"{root}/times.txt")
        sweeps = points = 0
        first: tuple[Pose, int] | None = None
        for moment in carrier.moments(capture):
            frame, agent = moment.frame, moment.agent
            sweep = agent.sweep(lidar.name)
            part.write(f"{root}/velodyne/{sweeps:06d}.bin", pack_sweep(sweep).tobytes())
            part.write(f"{root}/labels/{sweeps:06d}.label", point_labels(sweep, moment.objects).tobytes())
            map_lidar = agent.map_agent @ lidar.agent_sensor
            first = first or (map_lidar, frame.time_ns)
            pose = camera_lidar @ first[0].inverse() @ map_lidar @ camera_lidar.inverse()
            poses.write((_row(pose.matrix[:3]) + "\n").encode())
            times.write(f"{(frame.time_ns - first[1]) / 1e9:.6e}\n".encode())
            sweeps += 1
            points += len(sweep)
        if not sweeps:
            raise ExportError(f"{capture.path}: {lidar.name} delivered nothing; no sweep can be labelled")
        projection = _row(np.eye(4)[:3])
        calibration = [*(f"P{i}: {projection}" for i in range(4)), f"Tr: {_row(camera_lidar.matrix[:3])}"]
        part.write(f"{root}/calib.txt", ("\n".join(calibration) + "\n").encode())
        return {"agent": carrier.agent, "sweeps": sweeps, "points": points}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Numbers the sequences through."""
        counts = {"sequences": 0, "sweeps": 0, "points": 0}
        numbers: dict[str, list[int]] = {split: [] for split in parts.splits}
        with dataset.open("scenes.txt") as scenes:
            for part in parts:
                sequences: dict[str, str] = {}
                for facts in part.facts["sequences"]:
                    number = counts["sequences"]
                    agent = "" if self.request.agents == EGO else f" {facts['agent']}"
                    sequences[facts["agent"]] = f"{number:02d}"
                    scenes.write(f"{number:02d} {part.scene}{agent}\n".encode())
                    numbers[part.split].append(number)
                    counts["sequences"] += 1
                    counts["sweeps"] += facts["sweeps"]
                    counts["points"] += facts["points"]
                dataset.take(part, partial(numbered, numbers=sequences))
        lines = [f"  {'valid' if split == 'val' else split}: {found}" for split, found in numbers.items()]
        dataset.write("split.yaml", ("split:\n" + "\n".join(lines) + "\n").encode())
        return Joined(counts=counts)


def point_labels(sweep: Sweep, objects: tuple[ObjectLabel, ...]) -> UInt32[np.ndarray, "n"]:
    """Label in the low 16 bits, of the object if that is annotated, else of the tag; instance above.

    The instance is the low half of the track id, as in the capture's images.
    """
    labels = _IDS[sweep.tag].astype(np.uint32)
    if sweep.clutter is not None:
        labels[sweep.clutter != 0] = OUTLIER
    if objects:
        ids = np.array([o.track_id for o in objects], np.uint32)
        found = np.array([id_of(o) for o in objects], np.uint32)
        place = np.minimum(np.searchsorted(ids, sweep.object_id), len(ids) - 1)
        labels = np.where(ids[place] == sweep.object_id, found[place], labels)
    return ((sweep.object_id & 0xFFFF) << 16 | labels).astype("<u4")


def _square(rotation: Float64[np.ndarray, "3 3"]) -> Float64[np.ndarray, "4 4"]:
    out = np.eye(4)
    out[:3, :3] = rotation
    return out


def _row(values: Float64[np.ndarray, "r c"]) -> str:
    return " ".join(f"{v:.9e}" for v in values.reshape(-1))
