"""OPV2V (and V2XSet, its form with roadside units), as OpenCOOD loads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen_exporters.opv2v.members import members_of
from drivegen_exporters.opv2v.scene import MOMENT, SWEEP, SceneExport

FOLDERS = {"val": "validate"}
"""Of splits that the form calls otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    images: bool = True
    """Whether images are written; as PNG they are most of the data set."""
    labels: str = MOMENT
    """When vehicles are taken: at the stamp's `moment`, or at that of the agent's `sweep`; the same where all
    LiDARs have one phase."""
    two_wheelers: bool = False
    """Whether bicycles, motorcycles and tricycles are vehicles too; the form knows no classes."""
    hidden: bool = False
    """Write also vehicles that no return of the agent's LiDAR hit."""
    negative_ids: int = 1
    """How many roadside units of a scene get negative ids. OpenCOOD bears one."""
    unit_lidar_height_m: float = 1.9
    """Roadside units' clouds are written in a frame so high above the ground, for loaders cut off what is
    more than 3 m below it or 1 m above; 0: as high as the LiDAR."""
    rectified_fov_deg: float = 100.0
    """Widest horizontal field of images that are made a pinhole's; the form knows no distortion."""


class Opv2v(Exporter[Options]):
    """The exporter; the data set's folder has those of the splits in it."""

    format = "opv2v"
    Options = Options

    def check(self) -> None:
        """Numbers are in range."""
        chosen = self.options
        if chosen.labels not in {MOMENT, SWEEP}:
            raise ExportError(f"opv2v: labels={chosen.labels!r}: {MOMENT} or {SWEEP} is wanted")
        if chosen.negative_ids < 0:
            raise ExportError(f"opv2v: negative_ids={chosen.negative_ids}: 0 or more is wanted")
        if not 0.0 <= chosen.unit_lidar_height_m <= 20.0:
            raise ExportError(f"opv2v: unit_lidar_height_m={chosen.unit_lidar_height_m:g}: 0 to 20 is wanted")
        if not 10.0 <= chosen.rectified_fov_deg <= 150.0:
            raise ExportError(f"opv2v: rectified_fov_deg={chosen.rectified_fov_deg:g}: 10 to 150 is wanted")

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """The folder of a scenario.

        Raises:
            ExportError: The ego has no LiDAR, or the scene is too short for all sensors to deliver.
        """
        chosen = self.options
        members, without = members_of(
            capture,
            images=chosen.images,
            negative_ids=chosen.negative_ids,
            unit_height_m=chosen.unit_lidar_height_m,
            rectified_fov_deg=chosen.rectified_fov_deg,
        )
        scene = SceneExport(
            capture,
            capture.scene,
            part,
            members,
            labels=chosen.labels,
            two_wheelers=chosen.two_wheelers,
            hidden=chosen.hidden,
        )
        scene.run()
        part.facts = {
            "agents": {m.name: m.folder for m in members},
            "without_lidar": without,
            "stamps": scene.stamps,
            "vehicles": scene.vehicles,
            "left_out": scene.left_out,
        }

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """The scenarios side by side."""
        counts = dict.fromkeys(("stamps", "agents", "vehicle_labels", "labels_left_out"), 0)
        without: dict[str, int] = {}
        for part in parts:
            dataset.take(part, _below(FOLDERS.get(part.split, part.split)))
            counts["stamps"] += part.facts["stamps"]
            counts["agents"] += len(part.facts["agents"])
            counts["vehicle_labels"] += part.facts["vehicles"]
            counts["labels_left_out"] += part.facts["left_out"]
            for name in part.facts["without_lidar"]:
                without[name] = without.get(name, 0) + 1
        return Joined(counts=counts, mark={"scenes_by_agent_without_lidar": without} if without else {})


def _below(folder: str) -> Callable[[str], str]:
    return lambda name: f"{folder}/{name}"
