"""V2X-Seq-SPD: sequences of pairs, with tracks."""

from __future__ import annotations

from drivegen_exporters.paired.exporter import PairedExporter
from drivegen_exporters.v2x_seq.scene import SequenceScene


class V2xSeq(PairedExporter):
    """The data set's folder is `V2X-Seq-SPD` of the original, without its `maps`."""

    format = "v2x_seq"
    Scene = SequenceScene
