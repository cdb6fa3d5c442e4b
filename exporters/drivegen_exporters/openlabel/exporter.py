"""ASAM OpenLABEL 1.0.0: a JSON file a scene, with the images and sweeps that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen import __version__
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.messages import to_json
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Lidar, Sensor
from drivegen_exporters.channels import check_frames, frames_of
from drivegen_exporters.openlabel.scene import Tracks, coordinate_systems, frame_row, stream

_PCD_HEADER = """# .PCD v0.7 - Point Cloud Data file format
VERSION 0.7
FIELDS x y z intensity
SIZE 4 4 4 4
TYPE F F F F
COUNT 1 1 1 1
WIDTH {n}
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS {n}
DATA binary
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    frames: str = "keyframes"
    """keyframes or all."""
    sensor_data: bool = True
    """Write images and sweeps too; without, the file speaks of labels and calibrations alone."""


class OpenLabel(Exporter[Options]):
    """The exporter. Nothing of a label is lost: classes are drivegen's own."""

    format = "openlabel"
    Options = Options

    def check(self) -> None:
        """Frames are keyframes or all."""
        check_frames(self.options.frames, self.format)

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A scene's file. Raises ExportError when it has no frame of the kind asked for."""
        sensors = [s for s in capture.rigs[EGO].sensors if isinstance(s, Camera | Lidar)]
        file = part.open(f"{capture.scene}.json")
        tracks, number, boxes = Tracks(), 0, 0
        file.write(b'{"openlabel":{"metadata":' + to_json(_metadata(capture)))
        file.write(b',\n"coordinate_systems":' + to_json(coordinate_systems(list(sensors))))
        file.write(b',\n"streams":' + to_json({s.name: stream(s) for s in sensors}))
        file.write(b',\n"frames":{')
        for frame in frames_of(capture, self.options.frames):
            agent = frame.agents[EGO]
            files = self._write_files(capture.scene, frame, agent, sensors, part)
            row = to_json(frame_row(frame, agent, files))
            file.write((",\n" if number else "\n").encode() + f'"{number}":'.encode() + row)
            tracks.add(number, frame.objects)
            boxes += len(frame.objects)
            number += 1
        if not number:
            raise ExportError(f"{capture.path}: the capture has no {self.options.frames}")
        objects = tracks.plain()
        interval = [{"frame_start": 0, "frame_end": number - 1}]
        file.write(b'},\n"objects":' + to_json(objects) + b',\n"frame_intervals":' + to_json(interval))
        file.write(b"}}\n")
        part.facts = {"frames": number, "objects": len(objects), "cuboids": boxes}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """All files as they are."""
        counts = {"frames": 0, "objects": 0, "cuboids": 0}
        for part in parts:
            dataset.take(part)
            for name in counts:
                counts[name] += part.facts[name]
        return Joined(counts=counts)

    def _write_files(
        self,
        scene: str,
        frame: CapturedFrame,
        agent: CapturedAgent,
        sensors: list[Camera | Lidar],
        part: PartWriter,
    ) -> dict[str, str]:
        """Names of the frame's files by channel; empty of channels whose data are not written."""
        files = {}
        for sensor in (s for s in sensors if s.name in agent.delivered):
            kind = "jpg" if isinstance(sensor, Camera) else "pcd"
            name = f"{scene}/{sensor.name}/{frame.index:06d}.{kind}"
            files[sensor.name] = name if self.options.sensor_data else ""
            if self.options.sensor_data:
                part.write(name, _file_of(agent, sensor))
        return files


def _file_of(agent: CapturedAgent, sensor: Sensor) -> bytes:
    return agent.jpeg(sensor.name) if isinstance(sensor, Camera) else pack_sweep(agent.sweep(sensor.name))


def pack_sweep(sweep: Sweep) -> bytes:
    """A binary PCD in the LiDAR's frame: metres, intensity 0..1."""
    rows = np.empty((len(sweep), 4), "<f4")
    rows[:, :3] = sweep.points_m
    rows[:, 3] = sweep.intensity
    return _PCD_HEADER.format(n=len(sweep)).encode() + rows.tobytes()


def _metadata(capture: CaptureReader) -> dict[str, str]:
    return {
        "schema_version": "1.0.0",
        "name": capture.scene,
        "annotator": f"drivegen {__version__}",
        "comment": "Simulated. Angles in radians, metres, seconds of simulation time.",
    }
