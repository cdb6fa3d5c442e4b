"""DAIR-V2X-C: vehicle side, infrastructure side and cooperative labels."""

from __future__ import annotations

from drivegen_exporters.dair_v2x.scene import DairScene
from drivegen_exporters.paired.exporter import PairedExporter


class DairV2x(PairedExporter):
    """The data set's folder is `cooperative-vehicle-infrastructure` of the original."""

    format = "dair_v2x"
    Scene = DairScene
