"""Looks that are judged while they are made: verdicts on each image, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from jaxtyping import UInt8

from drivegen.capture.clip import ClipImage
from drivegen.capture.judging import Shown, seen_objects
from drivegen.capture.jury import Jury, Rules, restore
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.verdicts import ImageVerdicts, Verdict, VerdictRates


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """Who judges a look, and what follows."""

    judges: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Parameters by plugin; without any, nobody judges."""
    rules: Rules = field(default_factory=Rules)
    strengths: tuple[float, ...] = ()
    """With which a scene's look is made again, one after the other, while too much of it is wrong."""
    retry_above: float = 0.05
    """Made again above this share of objects that are lost or moved, and of inventions beside them."""

    def __post_init__(self) -> None:
        """Raises ConfigError for what cannot be."""
        if not all(0.0 <= s <= 1.0 for s in self.strengths):
            raise ConfigError(f"strengths={list(self.strengths)}: values from 0 to 1 are wanted")
        if not 0.0 <= self.retry_above <= 1.0:
            raise ConfigError(f"retry_above={self.retry_above}: a share from 0 to 1 is wanted")

    def plain(self, jury: Jury | None) -> dict[str, Any]:
        """What a look's verdicts follow from; empty where nobody judges."""
        if jury is None:
            return {}
        return {
            **jury.plain,
            "params": {name: dict(params) for name, params in sorted(self.judges.items())},
            "strengths": list(self.strengths),
            "retry_above": self.retry_above,
        }

    def too_much(self, rates: VerdictRates | None) -> bool:
        """Whether so much is wrong that the look is made again with the next strength."""
        if rates is None:
            return False
        return rates.share(Verdict.LOST, Verdict.MOVED, Verdict.INVENTED) > self.retry_above


def judge_image(
    jury: Jury, image: ClipImage, look_bgr: UInt8[np.ndarray, "h w 3"], style: Style
) -> tuple[UInt8[np.ndarray, "h w 3"], ImageVerdicts]:
    """Verdicts on an image, and the image with what was laid back."""
    objects = seen_objects(image.objects, image.agent, image.channel, jury.rules.least_pixels)
    shown = Shown(controls=image, look_bgr=look_bgr, objects=objects, style=style)
    found = jury.judge(shown)
    verdicts = ImageVerdicts(
        agent=image.agent,
        channel=image.channel,
        time_ns=image.time_ns,
        frame=image.frame,
        objects=found,
    )
    return restore(shown, found), verdicts


class JuryInspector:
    """Judges the images of a look as they come, one at a time."""

    def __init__(self, jury: Jury, style: Style) -> None:
        self._jury = jury
        self._style = style
        # Scenes that are made together each come in a thread of their own; judges keep networks.
        self._lock = Lock()

    def __call__(
        self, image: ClipImage, bgr: UInt8[np.ndarray, "h w 3"]
    ) -> tuple[UInt8[np.ndarray, "h w 3"], ImageVerdicts | None]:
        """The image as it is to be kept, and the verdicts on it."""
        with self._lock:
            return judge_image(self._jury, image, bgr, self._style)
