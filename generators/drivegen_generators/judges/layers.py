"""The segmenter's layers: one description for training (torch) and for running (OpenCV).

A small U-shaped network (Ronneberger, Fischer, Brox 2015): stride-2 convolutions down to 1/16, 2x2 transposed
convolutions up to 1/2, what was seen on the way down added on the way up.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.tags import Tag

GROUND, BUILT, PLANT, SKY, POLE, VEHICLE, TWO_WHEELER, PERSON, OTHER = range(9)
CLASSES: dict[str, tuple[Tag, ...]] = {
    "ground": (Tag.ROAD, Tag.ROAD_LINE, Tag.SIDEWALK, Tag.GROUND, Tag.TERRAIN, Tag.RAIL_TRACK, Tag.WATER),
    "built": (Tag.BUILDING, Tag.WALL, Tag.BRIDGE),
    "plant": (Tag.VEGETATION,),
    "sky": (Tag.SKY,),
    "pole": (Tag.POLE, Tag.TRAFFIC_LIGHT, Tag.TRAFFIC_SIGN),
    "vehicle": (Tag.CAR, Tag.TRUCK, Tag.BUS, Tag.TRAIN),
    "two_wheeler": (Tag.MOTORCYCLE, Tag.BICYCLE, Tag.RIDER),
    "person": (Tag.PEDESTRIAN,),
    "other": (Tag.FENCE, Tag.GUARD_RAIL, Tag.STATIC, Tag.DYNAMIC, Tag.OTHER),
}
"""What the network tells apart; `Tag.NONE` teaches nothing."""
THINGS = (VEHICLE, TWO_WHEELER, PERSON)
"""Objects that have labels."""
STEP_PX = 16
"""Sizes that it takes are multiples of this."""
SHRINK = 2
"""Its answer is so many times smaller than the image."""
VERSION = 1


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
    Layer(name="a0", inputs=3, outputs=16, stride=2),
    Layer(name="a1", inputs=16, outputs=24),
    Layer(name="b0", inputs=24, outputs=40, stride=2),
    Layer(name="b1", inputs=40, outputs=40),
    Layer(name="c0", inputs=40, outputs=64, stride=2),
    Layer(name="c1", inputs=64, outputs=64),
    Layer(name="d0", inputs=64, outputs=96, stride=2),
    Layer(name="d1", inputs=96, outputs=96),
    Layer(name="d2", inputs=96, outputs=96, dilation=2),
    Layer(name="up_c", inputs=96, outputs=64, kernel=2, stride=2, up=True, plus="c1"),
    Layer(name="c2", inputs=64, outputs=64),
    Layer(name="up_b", inputs=64, outputs=40, kernel=2, stride=2, up=True, plus="b1"),
    Layer(name="b2", inputs=40, outputs=40),
    Layer(name="up_a", inputs=40, outputs=24, kernel=2, stride=2, up=True, plus="a1"),
    Layer(name="a2", inputs=24, outputs=24),
    Layer(name="head", inputs=24, outputs=len(CLASSES), kernel=1, ramp=False),
)
