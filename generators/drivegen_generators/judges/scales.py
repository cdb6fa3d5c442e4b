"""From numbers of evidence to a weight: scales that were set by known edits, style by style.

A scale is a logistic regression without its intercept for how common edits were: what it gives is the natural
logarithm of how many times likelier the numbers are after the edit than without. Made by
`drivegen_generators.judges.calibrate`; docs/verdicts.md tells how.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style

SCALES = Path(__file__).with_name("scales.json")
ANY = "any"
MOST = 6.0
"""No judge is surer than this (400 to 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One judge's scale for one question."""

    names: tuple[str, ...]
    """Of the numbers, in order."""
    factors: tuple[float, ...]
    offset: float

    def weight(self, evidence: Mapping[str, float]) -> float:
        """From numbers to a weight, within +-`MOST`."""
        total = self.offset + sum(f * evidence[n] for n, f in zip(self.names, self.factors, strict=True))
        return float(min(MOST, max(-MOST, total)))


def style_key(style: Style) -> str:
    """The kind of styles that a style is judged among."""
    if style.prompt:
        return ANY
    if style.dark:
        return "dark"
    if style.weather in ("haze", "fog", "dust", "smog"):
        return "turbid"
    if style.weather or style.season:
        return "weather"
    return ANY


class Scales:
    """The scales of a judge, read when they are first asked for: what they are made from comes before them.

    Asking raises ConfigError when the file has none.
    """

    def __init__(self, judge: str, path: Path = SCALES) -> None:
        self._judge, self._path = judge, path

    @cached_property
    def _of(self) -> dict[tuple[str, str], Scale]:
        try:
            read = json.loads(self._path.read_text(encoding="utf-8"))["scales"][self._judge]
            return {
                (question, style): Scale(
                    names=tuple(found["names"]), factors=tuple(found["factors"]), offset=found["offset"]
                )
                for question, styles in read.items()
                for style, found in styles.items()
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{self._path}: no scales of the judge {self._judge!r} ({error})") from None

    def weight(self, question: str, style: Style, evidence: Mapping[str, float]) -> float:
        """What evidence says to a question: lost, moved or invented."""
        key = style_key(style)
        scale = self._of.get((question, key)) or self._of[question, ANY]
        return scale.weight(evidence)
