"""The exporter of both formats."""

from __future__ import annotations

from typing import ClassVar

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen_exporters.paired.joining import join_pairs
from drivegen_exporters.paired.options import PairedOptions
from drivegen_exporters.paired.scene import PairedScene


class PairedExporter(Exporter[PairedOptions]):
    """A vehicle and roadside units; a format gives it the form of a scene."""

    Options = PairedOptions
    Scene: ClassVar[type[PairedScene]]

    def check(self) -> None:
        """Numbers are in range."""
        self.options.check(self.format)

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Files and rows of a scene, with marks for what is numbered through all scenes.

        Raises:
            ExportError: The capture has no roadside unit, or not the agents and channels that are wanted.
        """
        self.Scene(capture, self.options, part).run()

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Files under their numbers, data_info.json of the sides and of the pairs, split_data.json."""
        return join_pairs(parts, dataset)
