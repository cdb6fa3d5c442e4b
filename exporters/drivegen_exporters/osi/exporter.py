"""ASAM OSI: traces of GroundTruth and SensorView in MCAP. Needs the extra `osi` (osi-python)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import signal_heads
from drivegen_exporters.channels import check_frames, frames_of

GROUND_TRUTH, SENSOR_VIEW, BOTH = "ground_truth", "sensor_view", "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    frames: str = "all"
    """all or keyframes."""
    message: str = BOTH
    """ground_truth, sensor_view (the ground truth again, with where the sensors sit) or both."""
    lanes_m: float = 150.0
    """How far around the ego's way lanes are told; 0 for no lanes."""


class Osi(Exporter[Options]):
    """The exporter. A scene is a trace of each kind and the road."""

    format = "osi"
    version = 3
    Options = Options

    def check(self) -> None:
        """Frames and message are possible, and osi3 is there."""
        check_frames(self.options.frames, self.format)
        if self.options.message not in {GROUND_TRUTH, SENSOR_VIEW, BOTH}:
            raise ExportError(
                f"osi: message={self.options.message!r}: {GROUND_TRUTH}, {SENSOR_VIEW} or {BOTH} is wanted"
            )
        if not (math.isfinite(self.options.lanes_m) and self.options.lanes_m >= 0.0):
            raise ExportError(f"osi: lanes_m={self.options.lanes_m:g}: 0 or more is wanted")
        _need_osi3()

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A scene's traces.

        Raises:
            ExportError: It has no frame of the kind asked for.
            MapError: The road cannot be read.
        """
        from osi3.osi_groundtruth_pb2 import GroundTruth  # noqa: PLC0415  (an extra)
        from osi3.osi_sensorview_pb2 import SensorView  # noqa: PLC0415

        from drivegen_exporters.osi import ground_truth, lanes, sensor_view, trace  # noqa: PLC0415

        network = read_network(capture.opendrive, capture.plan.map.opendrive)
        heads, road = signal_heads(network), f"{capture.scene}.xodr"
        model = capture.plan.ego.blueprint
        osi = ".".join(str(v) for v in ground_truth.interface_version())
        way = [f.agents[EGO].map_agent.position_m for f in frames_of(capture, self.options.frames)]
        if not way:
            raise ExportError(f"{capture.path}: the capture has no {self.options.frames}")
        told = None
        if self.options.lanes_m:
            told = lanes.RoadLanes(network, np.array(way)[:, :2], self.options.lanes_m, road)
        traces: dict[str, Any] = {}
        for kind, short, message in (
            (GROUND_TRUTH, "gt", GroundTruth),
            (SENSOR_VIEW, "sv", SensorView),
        ):
            if self.options.message in {kind, BOTH}:
                stream = part.open(trace.file_name(short, osi, len(way), capture.scene))
                text = f"{kind} of scene {capture.scene}"
                traces[kind] = trace.Trace(stream, message, kind, osi, text)
        for frame in frames_of(capture, self.options.frames):
            truth = ground_truth.ground_truth(frame, heads, network.geo_reference, road, told, model)
            if GROUND_TRUTH in traces:
                traces[GROUND_TRUTH].add(frame.time_ns, truth)
            if SENSOR_VIEW in traces:
                traces[SENSOR_VIEW].add(frame.time_ns, sensor_view.sensor_view(capture, frame, truth))
        for each in traces.values():
            each.finish()
        part.write(road, capture.opendrive.encode())
        part.facts = {"messages": sum(t.messages for t in traces.values()), "traces": len(traces)}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """All files as they are."""
        counts = {"traces": 0, "messages": 0}
        for part in parts:
            dataset.take(part)
            for name in counts:
                counts[name] += part.facts[name]
        return Joined(counts=counts)


def _need_osi3() -> None:
    try:
        import osi3  # noqa: F401, PLC0415  (an extra)
    except ImportError:
        raise ExportError("osi: the package osi-python is missing: pip install 'drivegen[osi]'") from None
