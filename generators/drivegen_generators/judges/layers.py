"""The segmenter's layers: one description for training (torch) and for running (OpenCV).

A small U-shaped network (Ronneberger, Fischer, Brox 2015): stride-2 convolutions down to 1/16, 2x2 transposed
convolutions up to 1/2, what was seen on the way down added on the way up.
"""

from __future__ import annotations

from dataclasses import dataclass

SAME, LOST, MOVED, NEW_VEHICLE, NEW_TWO_WHEELER, NEW_PERSON = range(6)
OUTCOMES = ("same", "lost", "moved", "vehicle", "two_wheeler", "person")
"""What the network tells apart, pixel by pixel: as it was; a labelled thing gone; one that stands elsewhere,
there and here; a thing of that kind that no label explains."""
NEW = (NEW_VEHICLE, NEW_TWO_WHEELER, NEW_PERSON)
CHANNELS = 9
"""That it sees (`drivegen_generators.judges.channels`)."""
STEP_PX = 16
"""Sizes that it takes are multiples of this."""
SHRINK = 2
"""Its answer is so many times smaller than the image."""
VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer; it takes what the layer before gives, unless it says otherwise."""

    name: str
    inputs: int
    outputs: int
    kernel: int = 3
    stride: int = 1
    dilation: int = 1
    up: bool = False
    """A transposed convolution."""
    plus: str = ""
    """Name of the layer whose answer is added to its own, before the ramp."""
    ramp: bool = True
    """max(0, x) at the end."""

    @property
    def padding(self) -> int:
        """So that the size stays, or halves."""
        return 0 if self.up else self.dilation * (self.kernel // 2)


LAYERS = (
    Layer(name="a0", inputs=CHANNELS, outputs=24, stride=2),
    Layer(name="a1", inputs=24, outputs=32),
    Layer(name="b0", inputs=32, outputs=48, stride=2),
    Layer(name="b1", inputs=48, outputs=48),
    Layer(name="c0", inputs=48, outputs=80, stride=2),
    Layer(name="c1", inputs=80, outputs=80),
    Layer(name="d0", inputs=80, outputs=128, stride=2),
    Layer(name="d1", inputs=128, outputs=128),
    Layer(name="d2", inputs=128, outputs=128, dilation=2),
    Layer(name="up_c", inputs=128, outputs=80, kernel=2, stride=2, up=True, plus="c1"),
    Layer(name="c2", inputs=80, outputs=80),
    Layer(name="up_b", inputs=80, outputs=48, kernel=2, stride=2, up=True, plus="b1"),
    Layer(name="b2", inputs=48, outputs=48),
    Layer(name="up_a", inputs=48, outputs=32, kernel=2, stride=2, up=True, plus="a1"),
    Layer(name="a2", inputs=32, outputs=32),
    Layer(name="head", inputs=32, outputs=len(OUTCOMES), kernel=1, ramp=False),
)
