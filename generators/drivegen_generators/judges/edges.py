"""The judge of edges: are an object's edges still where they were? Formulas alone.

Edges are compared as fields of doubled angles (Granlund 1978: an edge from dark to bright and one from
bright to dark are the same), each divided by what is usual around it, so that other colours, light and air
change little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float32

from drivegen.capture.judging import Region, SeenObject, Shown
from drivegen.core.errors import ConfigError
from drivegen.core.verdicts import Verdict, Vote
from drivegen_generators.judges.scales import Scales, style_key
from drivegen_generators.judges.working import MARGIN_PX, Working, grey, working

Field = Float32[np.ndarray, "h w 2"]
_NOISE = 6.0
"""Gradients of this size, in grey values by Scharr's operator over 32, are noise."""
_AROUND_PX = 41
_BOUNDARY_PX = 2
_JUMP, _FAR_M = 1.1, 256.0
"""Depth jumps where neighbours differ by more than a tenth. What is too far for a capture is this far."""
_LEAST_SHIFT_PX = 1.5
_LOCAL_PX, _BUSY, _OTHER, _KEEPS = 9, 0.3, 0.35, 0.6
_LEAST_REGION_PX = 80
_SURE = 2.2
"""Nine to one."""
_IN_THE_DARK = -0.8
"""At most this speaks for an invention: lamps make edges where none were, and more of them than things do."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Edges:
    """Of an image and its look."""

    before: Field
    after: Field
    strength_before: Float32[np.ndarray, "h w"]
    strength_after: Float32[np.ndarray, "h w"]
    blurred_before: Float32[np.ndarray, "h w"]
    blurred_after: Float32[np.ndarray, "h w"]


class Edges:
    """The judge.

    Args:
        width_px: Images are judged at no more than this width.
        reach_px: So far it looks for an object that was moved, in pixels of that width.

    Raises:
        ConfigError: A number is out of range.
    """

    name = "edges"
    version = 1

    def __init__(self, *, width_px: int = 800, reach_px: int = 20, scales: Scales | None = None) -> None:
        if not 160 <= width_px <= 4096 or not 4 <= reach_px <= 128:
            raise ConfigError("judge edges: width_px of 160 to 4096 and reach_px of 4 to 128 are wanted")
        self._width_px, self._reach_px = width_px, reach_px
        self.scales = scales or Scales(self.name)

    def votes(self, shown: Shown) -> dict[int, Vote]:
        """On every object that has an edge."""
        out = {}
        for seen in shown.objects:
            found = self.evidence(shown, seen)
            if found is None:
                continue
            evidence, shift_px = found
            lost = self.scales.weight("lost", shown.style, evidence)
            moved = self.scales.weight("moved", shown.style, evidence)
            verdict = Verdict.LOST if lost > 0.0 else Verdict.KEPT
            if moved > _SURE and math.hypot(*shift_px) >= _LEAST_SHIFT_PX:
                verdict = Verdict.MOVED
            out[seen.track_id] = Vote(
                judge=self.name,
                verdict=verdict,
                weight=lost,
                evidence={**evidence, "moved": moved},
                shift_px=shift_px if verdict is Verdict.MOVED else None,
            )
        return out

    def regions(self, shown: Shown) -> list[Region]:
        """Where edges are that were not, in a look that keeps most others.

        A look with new textures everywhere has new edges everywhere: there it names none.
        """
        image, edges = self._edges(shown)
        after = cv2.blur(edges.strength_after**2, (_LOCAL_PX, _LOCAL_PX))
        before = cv2.blur(edges.strength_before**2, (_LOCAL_PX, _LOCAL_PX))
        common = cv2.blur((edges.before * edges.after).sum(axis=-1), (_LOCAL_PX, _LOCAL_PX))
        agreement = common / np.sqrt(np.maximum(before * after, 1e-6))
        busy = before > _BUSY
        if not busy.any() or float(np.median(agreement[busy])) < _KEEPS:
            return []
        labelled = cv2.dilate(image.things.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        new = (after > _BUSY) & (agreement < _OTHER) & (after > 0.5 * before) & ~labelled
        whole = cv2.morphologyEx(new.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        whole[labelled] = 0
        count, _, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
        found = []
        for number in range(1, count):
            left, top, wide, high, area = (int(v) for v in stats[number])
            if area < _LEAST_REGION_PX or min(wide, high) < 5:
                continue
            box = tuple(v / image.scale for v in (left, top, left + wide, top + high))
            found.append(
                Region(
                    box_px=(box[0], box[1], box[2], box[3]),
                    object_class="object",
                    pixels=round(area / image.scale**2),
                )
            )
        return found

    def weigh(self, shown: Shown, region: Region) -> Vote | None:
        """Whether a region's edges are others than they were."""
        evidence = self.region_evidence(shown, region)
        if evidence is None:
            return None
        weight = self.scales.weight("invented", shown.style, evidence)
        if style_key(shown.style) == "dark":
            weight = min(_IN_THE_DARK, weight)
        verdict = Verdict.INVENTED if weight > 0.0 else Verdict.KEPT
        return Vote(judge=self.name, verdict=verdict, weight=weight, evidence=evidence)

    def evidence(self, shown: Shown, seen: SeenObject) -> tuple[dict[str, float], tuple[float, float]] | None:
        """Numbers of an object, and the shift at which its edges agree best; none where it has no edge."""
        image, edges = self._edges(shown)
        rows, columns = image.place(seen.box_px, MARGIN_PX)
        mask = image.mask(seen.track_id, rows, columns)
        if mask.sum() < 12:
            return None
        near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
        template = edges.before[rows, columns] * near[..., None]
        if float((template**2).sum()) < 1.0:
            return None
        here, best, shift = self._agreement(edges, template, near, rows, columns)
        strong = (edges.strength_before[rows, columns] > 0.5) & (near > 0)
        boundary = _boundary_auc(edges, mask, rows, columns)
        depth = _depth_auc(edges, image.depth_m[rows, columns], rows, columns)
        evidence = {
            "edges_here": here,
            "edges_best": best,
            "gain": best - here,
            "recall": _recall(edges, strong, rows, columns),
            "boundary_auc": boundary[1],
            "boundary_fall": boundary[0] - boundary[1],
            "depth_auc": depth[1],
            "depth_fall": depth[0] - depth[1],
            "blur_ssim": _likeness(edges, near > 0, rows, columns),
            "shift": min(1.0, math.hypot(*shift) / 8.0),
            "size": math.log10(float(mask.sum())),
        }
        scale = image.scale
        return evidence, (shift[0] / scale, shift[1] / scale)

    def region_evidence(self, shown: Shown, region: Region) -> dict[str, float] | None:
        """Numbers of a region."""
        image, edges = self._edges(shown)
        rows, columns = image.place(region.box_px, MARGIN_PX)
        before, after = edges.before[rows, columns], edges.after[rows, columns]
        if before.size == 0:
            return None
        energy_before, energy_after = float((before**2).sum()) + 1e-3, float((after**2).sum()) + 1e-3
        everywhere = np.ones(before.shape[:2], bool)
        return {
            "edges_here": float((before * after).sum()) / math.sqrt(energy_before * energy_after),
            "new_edges": math.log(energy_after / energy_before),
            "blur_ssim": _likeness(edges, everywhere, rows, columns),
            "size": math.log10(max(1.0, region.pixels * image.scale**2)),
        }

    def _edges(self, shown: Shown) -> tuple[Working, _Edges]:
        image = working(shown, self._width_px)
        key = f"edges {self._width_px}"
        found = shown.notes.get(key)
        if not isinstance(found, _Edges):
            one, other = grey(image.bgr), grey(image.look_bgr)
            before, after = _field(one), _field(other)
            found = shown.notes[key] = _Edges(
                before=before,
                after=after,
                strength_before=np.hypot(before[..., 0], before[..., 1]),
                strength_after=np.hypot(after[..., 0], after[..., 1]),
                blurred_before=cv2.GaussianBlur(one, (0, 0), 2.0),
                blurred_after=cv2.GaussianBlur(other, (0, 0), 2.0),
            )
        return image, found

    def _agreement(
        self, edges: _Edges, template: Field, near: np.ndarray, rows: slice, columns: slice
    ) -> tuple[float, float, tuple[float, float]]:
        """Correlation of edges where they were (to one pixel), the best within reach, and its shift."""
        reach = self._reach_px
        padded = cv2.copyMakeBorder(
            edges.after[
                max(0, rows.start - reach) : rows.stop + reach,
                max(0, columns.start - reach) : columns.stop + reach,
            ],
            max(0, reach - rows.start),
            max(0, rows.stop + reach - edges.after.shape[0]),
            max(0, reach - columns.start),
            max(0, columns.stop + reach - edges.after.shape[1]),
            cv2.BORDER_CONSTANT,
        )
        total = sum(
            cv2.matchTemplate(np.ascontiguousarray(padded[..., k]), np.ascontiguousarray(template[..., k]),
                              cv2.TM_CCORR)
            for k in (0, 1)
        )  # fmt: skip
        energy = cv2.matchTemplate((padded**2).sum(axis=-1), near, cv2.TM_CCORR)
        own = float((template**2).sum())
        # What a shift has hardly any edges under it tells nothing.
        agreement = total / np.sqrt(own * np.maximum(energy, 0.15 * own))
        around = agreement[reach - 1 : reach + 2, reach - 1 : reach + 2]
        here = float(around.max())
        _, best, _, (x, y) = cv2.minMaxLoc(agreement)
        return here, float(best), (float(x - reach), float(y - reach))


def _field(brightness: Float32[np.ndarray, "h w"]) -> Field:
    """Doubled angles; about 1 long where an edge is as strong as is usual around it."""
    soft = cv2.GaussianBlur(brightness, (0, 0), 1.0)
    x, y = (cv2.Scharr(soft, cv2.CV_32F, *way) / np.float32(32.0) for way in ((1, 0), (0, 1)))
    strength = np.hypot(x, y)
    usual = np.sqrt(np.maximum(cv2.blur(strength**2, (_AROUND_PX, _AROUND_PX)), 0.0))
    divisor = np.maximum(strength, np.float32(1e-6)) * (usual + np.float32(_NOISE / 8.0))
    field = np.stack([x * x - y * y, 2.0 * x * y], axis=-1) / divisor[..., None]
    # Few very strong edges would drown all others.
    length = np.maximum(np.hypot(field[..., 0], field[..., 1]), np.float32(1e-6))
    return np.asarray(field * (np.minimum(length, 2.0) / length)[..., None], np.float32)


def _recall(edges: _Edges, strong: Bool[np.ndarray, "h w"], rows: slice, columns: slice) -> float:
    """How much of the object's strong edges is there, to one pixel; 1 where it has none."""
    if not strong.any():
        return 1.0
    after = cv2.dilate(edges.strength_after[rows, columns], np.ones((3, 3), np.uint8))
    return float(np.minimum(1.0, after[strong] / edges.strength_before[rows, columns][strong]).mean())


def _boundary_auc(
    edges: _Edges, mask: Bool[np.ndarray, "h w"], rows: slice, columns: slice
) -> tuple[float, float]:
    """How well edges tell the label's outline from what lies beside it, before and after (area under ROC)."""
    shape = mask.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    outline = (cv2.dilate(shape, kernel) - cv2.erode(shape, kernel)) > 0
    beside = (cv2.dilate(shape, kernel, iterations=1 + _BOUNDARY_PX) > 0) & ~outline
    return _told_apart(edges, outline, beside, rows, columns)


def _depth_auc(
    edges: _Edges, depth_m: Float32[np.ndarray, "h w"], rows: slice, columns: slice
) -> tuple[float, float]:
    """How well edges tell where the exact depth jumps from where it does not, before and after (area under
    ROC): of the object against what is behind it, and within it."""
    distance = np.where(depth_m > 0.0, depth_m, _FAR_M)
    kernel = np.ones((3, 3), np.uint8)
    jump = cv2.dilate(distance, kernel) > _JUMP * cv2.erode(distance, kernel)
    return _told_apart(edges, jump, ~jump, rows, columns)


def _told_apart(
    edges: _Edges,
    here: Bool[np.ndarray, "h w"],
    beside: Bool[np.ndarray, "h w"],
    rows: slice,
    columns: slice,
) -> tuple[float, float]:
    if here.sum() < 8 or beside.sum() < 8:
        return 0.5, 0.5
    found = []
    for strength in (edges.strength_before[rows, columns], edges.strength_after[rows, columns]):
        others = np.sort(strength[beside])
        found.append(float(np.searchsorted(others, strength[here]).mean() / len(others)))
    return found[0], found[1]


def _likeness(edges: _Edges, near: Bool[np.ndarray, "h w"], rows: slice, columns: slice) -> float:
    """Structure part of SSIM (Wang et al. 2004) of the blurred image; without its sign."""
    a, b = edges.blurred_before[rows, columns][near], edges.blurred_after[rows, columns][near]
    a, b = a - a.mean(), b - b.mean()
    spread = math.sqrt(float((a * a).mean()) * float((b * b).mean()))
    return abs(float((a * b).mean()) + 4.0) / (spread + 4.0)
