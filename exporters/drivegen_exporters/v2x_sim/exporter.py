"""V2X-Sim: nuScenes tables with the sensors of several agents, as nuscenes-devkit 1.2 loads them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import ClassVar

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen_exporters.nuscenes.exporter import NuScenes
from drivegen_exporters.nuscenes.exporter import Options as NuScenesOptions
from drivegen_exporters.nuscenes.scene import SceneExport
from drivegen_exporters.v2x_sim.scene import CooperativeScene, agent_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(NuScenesOptions):
    """What can be chosen: as of nuscenes."""

    version: str = "v1.0-mini"
    """Folder of the tables; V2X-Sim's own name."""


class V2xSim(NuScenes):
    """The exporter; `drivegen_exporters.v2x_sim.scene` tells what is where."""

    format = "v2x_sim"
    Options = Options
    scene_type: ClassVar[type[SceneExport]] = CooperativeScene

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Files and rows of a scene, and who is who in it.

        Raises:
            ExportError: The ego is alone or has no LiDAR, or the capture has no keyframe.
            MapError: The road cannot be read.
        """
        super().part(capture, part)
        tracks = {name: agent.track_id for name, agent in capture.frame(0).agents.items()}
        for name, number in agent_ids(capture).items():
            row = {"scene": capture.scene, "id": number, "agent": name, "track_id": tracks[name]}
            part.keep("agents").write(json.dumps(row).encode() + b"\n")
        part.facts["agents"] = len(tracks)

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """The tables, the split, and the list of agents."""
        joined = super().join(parts, dataset)
        agents = 0
        with dataset.open("agents.jsonl") as file:
            for part in parts:
                agents += part.facts["agents"]
                with part.kept("agents").open("rb") as source:
                    shutil.copyfileobj(source, file)
        return replace(joined, counts={**joined.counts, "agents": agents})
