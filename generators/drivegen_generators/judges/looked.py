"""Known edits under procedural looks: images of captures, edited before they get another look.

What real lamps, wet streets and snow do to an image no restyling at random does; scales of judges for dark,
turbid and other weather are set by these too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.judging import Shown
from drivegen.capture.reader import CaptureReader
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng, derive_seed
from drivegen_generators.appearance.procedural import Procedural
from drivegen_generators.judges.planted import Frame, Planted, objects_of, plant

LOOKS = (
    Style(time="night"),
    Style(time="dusk"),
    Style(weather="rain", time="night"),
    Style(weather="rain"),
    Style(weather="snow"),
    Style(weather="overcast"),
    Style(season="winter", weather="overcast"),
    Style(season="autumn"),
    Style(weather="fog"),
    Style(weather="haze"),
)
_LEAST_PX = 60

Key = tuple[str, str, int]
"""Agent, camera and frame of an image."""


class _Edited(Clip):
    """A clip whose images have other colours than their capture."""

    def __init__(self, reader: CaptureReader, colors: Mapping[Key, UInt8[np.ndarray, "h w 3"]]) -> None:
        super().__init__(reader)
        self._colors = colors

    def frames(self) -> Iterator[list[ClipImage]]:
        """As the capture has them, but for their colours."""
        for images in super().frames():
            for image in images:
                # Where the property keeps what it has decoded.
                image.__dict__["bgr"] = self._colors[_key(image)]
            yield images


def looked(captures: Sequence[Path], seed: int) -> Iterator[tuple[Shown, Planted]]:
    """Each image of the captures with edits of its own, in each look.

    Args:
        captures: By day and in clear weather; objects are pasted from each into the one before.
        seed: Of edits and looks.
    """
    for at, capture in enumerate(captures):
        with CaptureReader(captures[(at + 1) % len(captures)]) as other:
            pasted = [_frame(image) for image in Clip(other).images()]
        with CaptureReader(capture) as reader:
            frames = {_key(image): _frame(image) for image in Clip(reader).images()}
            planted = {
                key: plant(frame, pasted[n % len(pasted)], derive_rng(seed, "planted", capture.stem, *key))
                for n, (key, frame) in enumerate(frames.items())
            }
            clip = _Edited(reader, {key: edits.bgr for key, edits in planted.items()})
            for number, style in enumerate(LOOKS):
                own = derive_seed(seed, "look", capture.stem, number)
                for image, bgr in Procedural().images(clip, style, own):
                    frame = frames[_key(image)]
                    objects = objects_of(frame, _LEAST_PX)
                    yield (
                        Shown(controls=frame, look_bgr=bgr, objects=objects, style=style),
                        planted[_key(image)],
                    )


def _key(image: ClipImage) -> Key:
    return image.agent, image.channel, image.frame


def _frame(image: ClipImage) -> Frame:
    return Frame(bgr=image.bgr, depth_m=image.depth_m, tag=image.tag, instance=image.instance)
