"""The judge of what must be read: lit lamps of traffic lights, faces of signs, number plates.

A lamp is judged by its hue inside the pixels that were lit, a face or a plate by the correlation of its
brightness (normalised, zero mean). Each of them is a verdict of its own, without a track. Plates have no
label: they are looked for in vehicles as small rectangles in the colours of Chinese plates (GA 36), and a
vehicle in such a colour hides its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, UInt8

from drivegen.capture.judging import Region, SeenObject, Shown
from drivegen.core.tags import Tag
from drivegen.core.verdicts import Verdict, Vote

LAMPS = {"red": ((0, 12), (165, 180)), "yellow": ((14, 38),), "green": ((40, 98),)}
"""Hues in OpenCV's degrees, 0 to 180."""
PLATES = {"blue": (98, 126, 110), "green": (38, 88, 60), "yellow": (16, 36, 110)}
"""Hue from and to, and least saturation."""
_LIT_SATURATION, _LIT_VALUE = 90, 140
_LEAST_LAMP_PX, _LEAST_FACE_PX, _LEAST_PLATE_PX = 6, 60, 40
_LEAST_CONTRAST = 6.0
_SURE = 4.0
"""Weight of a lamp that kept, or lost, all of its colour; chosen, not calibrated."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Patch:
    """Pixels that belong together."""

    rows: slice
    columns: slice
    mask: Bool[np.ndarray, "h w"]

    @property
    def box_px(self) -> tuple[float, float, float, float]:
        return (
            float(self.columns.start),
            float(self.rows.start),
            float(self.columns.stop),
            float(self.rows.stop),
        )

    def of(self, image: np.ndarray) -> np.ndarray:
        """The image there."""
        return np.asarray(image[self.rows, self.columns])


class Fixtures:
    """The judge."""

    name = "fixtures"
    version = 1

    def votes(self, shown: Shown) -> dict[int, Vote]:  # noqa: ARG002
        """None: it judges no labelled object."""
        return {}

    def regions(self, shown: Shown) -> list[Region]:  # noqa: ARG002
        """None."""
        return []

    def weigh(self, shown: Shown, region: Region) -> Vote | None:  # noqa: ARG002
        """None."""
        return None

    def fixtures(self, shown: Shown) -> list[tuple[SeenObject, Vote]]:
        """Lamps, faces and plates, each with the vote on it."""
        out = []
        for patch in _patches(shown.controls.tag == Tag.TRAFFIC_LIGHT, _LEAST_LAMP_PX):
            out += _told(patch, "traffic_light", self._lamp(shown, patch))
        for patch in _patches(shown.controls.tag == Tag.TRAFFIC_SIGN, _LEAST_FACE_PX):
            out += _told(patch, "traffic_sign", self._face(shown, patch))
        for patch in _plates(shown):
            out += _told(patch, "plate", self._face(shown, patch))
        return out

    def _lamp(self, shown: Shown, patch: _Patch) -> Vote | None:
        before, after = (
            cv2.cvtColor(np.ascontiguousarray(patch.of(i)), cv2.COLOR_BGR2HSV)
            for i in (shown.controls.bgr, shown.look_bgr)
        )
        lit = patch.mask & (before[..., 1] > _LIT_SATURATION) & (before[..., 2] > _LIT_VALUE)
        colors = {name: _strength(before, lit, name) for name in LAMPS}
        shows = max(colors, key=lambda n: colors[n])
        if lit.sum() < _LEAST_LAMP_PX or colors[shows] < 0.6 * sum(colors.values()):
            return None
        strength = sum(_strength(after, lit, name) for name in LAMPS)
        share = _strength(after, lit, shows) / strength if strength else 0.0
        # A lamp whose light is gone shows no colour, whatever hue is left.
        bright = min(1.0, 2.0 * strength / colors[shows])
        weight = _SURE * (1.0 - 2.0 * share * bright)
        return self._vote(weight, {"same_hue": share, "light": bright, "lit": float(lit.sum())})

    def _face(self, shown: Shown, patch: _Patch) -> Vote | None:
        before, after = (
            cv2.cvtColor(np.ascontiguousarray(patch.of(i)), cv2.COLOR_BGR2GRAY)[patch.mask].astype(np.float64)
            for i in (shown.controls.bgr, shown.look_bgr)
        )
        before, after = before - before.mean(), after - after.mean()
        if before.std() < _LEAST_CONTRAST:
            return None
        correlation = float((before * after).mean() / (before.std() * after.std() + 1e-6))
        # Half of it gone is as good as lost: characters cannot be read.
        weight = max(-_SURE, min(_SURE, _SURE * (1.0 - correlation / 0.5)))
        return self._vote(weight, {"correlation": correlation, "size": math.log10(len(before))})

    def _vote(self, weight: float, evidence: dict[str, float]) -> Vote:
        verdict = Verdict.LOST if weight > 0.0 else Verdict.KEPT
        return Vote(judge=self.name, verdict=verdict, weight=weight, evidence=evidence)


def _told(patch: _Patch, name: str, vote: Vote | None) -> list[tuple[SeenObject, Vote]]:
    if vote is None:
        return []
    seen = SeenObject(track_id=-1, object_class=name, box_px=patch.box_px, pixels=int(patch.mask.sum()))
    return [(seen, vote)]


def _strength(hsv: UInt8[np.ndarray, "h w 3"], lit: Bool[np.ndarray, "h w"], name: str) -> float:
    """How much light of a colour there is: saturation times value, added up."""
    hue = hsv[..., 0]
    here = np.zeros(hue.shape, bool)
    for low, high in LAMPS[name]:
        here |= (hue >= low) & (hue <= high)
    here &= lit
    return float((hsv[..., 1][here].astype(np.float64) * hsv[..., 2][here]).sum()) / 255.0**2


def _patches(where: Bool[np.ndarray, "h w"], least_px: int) -> list[_Patch]:
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8), connectivity=8)
    out = []
    for number in range(1, count):
        left, top, wide, high, area = (int(v) for v in stats[number])
        if area < least_px:
            continue
        rows, columns = slice(top, top + high), slice(left, left + wide)
        out.append(_Patch(rows=rows, columns=columns, mask=numbers[rows, columns] == number))
    return out


def _plates(shown: Shown) -> list[_Patch]:
    """One of each vehicle at most: the largest rectangle in a colour of plates."""
    hsv = cv2.cvtColor(shown.controls.bgr, cv2.COLOR_BGR2HSV)
    out = []
    for seen in shown.objects:
        left, top, right, bottom = seen.box_px
        wide = right - left
        best: _Patch | None = None
        mask = shown.mask(seen.track_id)
        for low, high, saturation in PLATES.values():
            colored = mask & (hsv[..., 0] >= low) & (hsv[..., 0] <= high) & (hsv[..., 1] >= saturation)
            for patch in _patches(colored, _LEAST_PLATE_PX):
                height, width = patch.mask.shape
                whole = patch.mask.sum() > 0.6 * width * height and 1.6 * height < width < 5.5 * height
                low_down = 0.5 * (patch.rows.start + patch.rows.stop) > top + 0.4 * (bottom - top)
                if not (whole and low_down and 0.06 * wide < width < 0.45 * wide):
                    continue
                if best is None or patch.mask.sum() > best.mask.sum():
                    # With what stands on it: characters have another colour.
                    best = _Patch(rows=patch.rows, columns=patch.columns, mask=np.ones_like(patch.mask))
        if best is not None:
            out.append(best)
    return out
