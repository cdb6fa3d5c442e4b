"""One verdict from the votes of several judges, and what follows from it (docs/verdicts.md has the rule)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8

from drivegen.capture.judging import Judge, Region, SeenObject, Shown
from drivegen.core.errors import ConfigError
from drivegen.core.labels import PixelBox
from drivegen.core.verdicts import Action, ObjectVerdict, Verdict, Vote

SURE = 1.0
"""Natural logarithm of 2.7 to one: weights beyond it, added up, decide that an object is lost."""
_SURE_OF_NEW = 0.7
"""Two to one: that something was invented."""
_IN_THE_DARK = 1.5
"""So much more is wanted of dark looks: what is there may not be seen, and lamps show what was not."""
_AGAINST = -1.0
"""A region is no invention where one judge is as sure as this that there is none."""
_TOGETHER_PX = 12.0
"""Regions nearer than this are parts of one invention."""
_SAME_REGION = 0.3
"""Regions of two judges that overlap by this share (intersection over union) are one."""
_FEATHER_PX = 1.5
_AROUND_PX = 15
"""Around an object that is laid back, the light of the look is taken from."""
_AS_DRAWN = frozenset({"traffic_light", "traffic_sign", "plate"})
"""Their colours mean something: they are laid back as they were drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What follows from verdicts."""

    lost: Action = Action.DROP_LABEL
    moved: Action = Action.KEEP
    invented: Action = Action.KEEP
    unsure: Action = Action.KEEP
    restored: tuple[str, ...] = ()
    """Classes that are laid back whatever the verdict; also traffic_light, traffic_sign and plate."""
    least_pixels: int = 100
    """Of the image as it is; smaller objects are not judged."""

    def __post_init__(self) -> None:
        """Raises ConfigError for what cannot be."""
        if self.invented is Action.DROP_LABEL:
            raise ConfigError("invented=drop_label: it has no label; keep, restore or drop_frame is wanted")
        if self.least_pixels < 1:
            raise ConfigError(f"least_pixels={self.least_pixels}: 1 or more is wanted")

    def action(self, found: ObjectVerdict) -> Action:
        """What is done about a verdict."""
        by_verdict = {
            Verdict.LOST: self.lost,
            Verdict.MOVED: self.moved,
            Verdict.INVENTED: self.invented,
            Verdict.UNSURE: self.unsure,
            Verdict.KEPT: Action.KEEP,
        }
        if found.object_class in self.restored and found.verdict is not Verdict.INVENTED:
            return Action.RESTORE
        action = by_verdict[found.verdict]
        if action is Action.DROP_LABEL and found.track_id is None:
            # Signals and signs have no label that could be left out.
            return Action.KEEP
        return action


@dataclass(frozen=True, slots=True, kw_only=True)
class Jury:
    """Judges, and what follows from what they say."""

    judges: tuple[Judge, ...]
    rules: Rules = field(default_factory=Rules)

    @property
    def plain(self) -> dict[str, Any]:
        """What verdicts follow from."""
        rules = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self.rules).items()}
        return {"judges": {j.name: j.version for j in self.judges}, "rules": rules}

    def judge(self, shown: Shown) -> tuple[ObjectVerdict, ...]:
        """On all objects of an image, by track, and then on what was invented, from left to right."""
        votes = [judge.votes(shown) for judge in self.judges]
        found = []
        for seen in shown.objects:
            given = tuple(v[seen.track_id] for v in votes if seen.track_id in v)
            found.append(self._with_action(verdict_of(seen, given, SURE + _more_wanted(shown))))
        for seen, given in self._fixtures(shown):
            found.append(self._with_action(verdict_of(seen, given)))
        return (*found, *self._invented(shown, found))

    def _fixtures(self, shown: Shown) -> list[tuple[SeenObject, tuple[Vote, ...]]]:
        out: list[tuple[SeenObject, tuple[Vote, ...]]] = []
        for judge in self.judges:
            fixtures = getattr(judge, "fixtures", None)
            if fixtures is not None:
                out += [(seen, (vote,)) for seen, vote in fixtures(shown)]
        return out

    def _invented(self, shown: Shown, known: Sequence[ObjectVerdict]) -> list[ObjectVerdict]:
        moved = [_shifted(o.box_px, o.shift_px) for o in known if o.shift_px is not None]
        out = []
        for region in _regions(self.judges, shown):
            if any(_inside(region.box_px, box) > 0.5 for box in moved):
                continue
            given = tuple(v for j in self.judges if (v := j.weigh(shown, region)) is not None)
            wanted = _SURE_OF_NEW + _more_wanted(shown)
            if sum(v.weight for v in given) < wanted or any(v.weight < _AGAINST for v in given):
                continue
            out.append(
                ObjectVerdict(
                    verdict=Verdict.INVENTED,
                    track_id=None,
                    object_class=region.object_class,
                    box_px=region.box_px,
                    pixels=region.pixels,
                    votes=given,
                )
            )
        return [self._with_action(o) for o in _together(out)]

    def _with_action(self, found: ObjectVerdict) -> ObjectVerdict:
        return replace(found, action=self.rules.action(found))


def _more_wanted(shown: Shown) -> float:
    return _IN_THE_DARK if shown.style.dark else 0.0


def verdict_of(seen: SeenObject, votes: tuple[Vote, ...], wanted: float = SURE) -> ObjectVerdict:
    """The rule: weights are added; beyond what is wanted they decide, else who found it elsewhere."""
    total = sum(v.weight for v in votes)
    elsewhere = max((v for v in votes if v.shift_px is not None), key=lambda v: -v.weight, default=None)
    verdict, shift_px = Verdict.UNSURE, None
    if votes and total > wanted:
        verdict = Verdict.LOST
    elif elsewhere is not None:
        verdict, shift_px = Verdict.MOVED, elsewhere.shift_px
    elif votes and total < 0.0:
        verdict = Verdict.KEPT
    return ObjectVerdict(
        verdict=verdict,
        track_id=seen.track_id if seen.track_id >= 0 else None,
        object_class=seen.object_class,
        box_px=seen.box_px,
        pixels=seen.pixels,
        votes=votes,
        shift_px=shift_px,
    )


def restore(shown: Shown, verdicts: Sequence[ObjectVerdict]) -> UInt8[np.ndarray, "h w 3"]:
    """The look with the simulator's pixels laid back where an action says so, in the look's own light."""
    out = shown.look_bgr
    for found in verdicts:
        if found.action is not Action.RESTORE:
            continue
        mask = _mask_of(shown, found)
        if found.shift_px is not None:
            # What stands where it does not belong must go too.
            mask |= _box_mask(mask.shape, _shifted(found.box_px, found.shift_px))
        out = _laid_back(out, shown, mask, matched=found.object_class not in _AS_DRAWN)
    return out


def _mask_of(shown: Shown, found: ObjectVerdict) -> Bool[np.ndarray, "h w"]:
    if found.track_id is not None:
        return shown.mask(found.track_id)
    return _box_mask(shown.look_bgr.shape[:2], found.box_px)


def _box_mask(shape: tuple[int, ...], box_px: PixelBox) -> Bool[np.ndarray, "h w"]:
    left, top, right, bottom = (round(v) for v in box_px)
    mask = np.zeros(shape, bool)
    mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    return mask


def _laid_back(
    look: UInt8[np.ndarray, "h w 3"], shown: Shown, mask: Bool[np.ndarray, "h w"], *, matched: bool
) -> UInt8[np.ndarray, "h w 3"]:
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return look
    margin = _AROUND_PX + 2
    here = (slice(max(0, rows.min() - margin), rows.max() + margin + 1),
            slice(max(0, columns.min() - margin), columns.max() + margin + 1))  # fmt: skip
    inside = mask[here].astype(np.uint8)
    before = shown.controls.bgr[here].astype(np.float32)
    after = look[here].astype(np.float32)
    if matched:
        around = cv2.dilate(inside, np.ones((2 * _AROUND_PX + 1,) * 2, np.uint8)) > inside
        before = _in_light_of(before, after, np.asarray(around))
    full = cv2.dilate(inside, np.ones((3, 3), np.uint8)).astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(full, (0, 0), _FEATHER_PX), inside)[..., None]
    out = look.copy()
    out[here] = np.clip(share * before + (1.0 - share) * after + 0.5, 0.0, 255.0).astype(np.uint8)
    return out


def _in_light_of(
    before: Float32[np.ndarray, "h w 3"],
    after: Float32[np.ndarray, "h w 3"],
    around: Bool[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """The simulator's pixels, each channel scaled as its surroundings were."""
    if around.sum() < 20:
        return before
    gain = (after[around].mean(axis=0) + 1.0) / (before[around].mean(axis=0) + 1.0)
    return np.asarray(before * np.clip(gain, 0.05, 4.0), np.float32)


def _regions(judges: Sequence[Judge], shown: Shown) -> list[Region]:
    found: list[Region] = []
    for judge in judges:
        for region in judge.regions(shown):
            if all(_overlap(region.box_px, other.box_px) < _SAME_REGION for other in found):
                found.append(region)
    return found


def _together(found: list[ObjectVerdict]) -> list[ObjectVerdict]:
    """Parts of one invention as one: around them all, with the class and the votes of the surest part."""
    groups: list[list[ObjectVerdict]] = []
    for one in sorted(found, key=lambda o: o.box_px):
        near = [g for g in groups if any(_gap(one.box_px, o.box_px) < _TOGETHER_PX for o in g)]
        groups = [g for g in groups if g not in near]
        groups.append([o for g in near for o in g] + [one])
    out = []
    for group in groups:
        surest = max(group, key=lambda o: sum(v.weight for v in o.votes))
        box = (
            min(o.box_px[0] for o in group),
            min(o.box_px[1] for o in group),
            max(o.box_px[2] for o in group),
            max(o.box_px[3] for o in group),
        )
        out.append(replace(surest, box_px=box, pixels=sum(o.pixels for o in group)))
    return sorted(out, key=lambda o: o.box_px)


def _gap(a: PixelBox, b: PixelBox) -> float:
    """Between two boxes, along the axis where it is wider; negative where they overlap."""
    return max(max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3]))


def _shifted(box: PixelBox, shift: tuple[float, float] | None) -> PixelBox:
    x, y = shift or (0.0, 0.0)
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def _common(a: PixelBox, b: PixelBox) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high)


def _area(box: PixelBox) -> float:
    return max(1e-6, (box[2] - box[0]) * (box[3] - box[1]))


def _overlap(a: PixelBox, b: PixelBox) -> float:
    common = _common(a, b)
    return common / (_area(a) + _area(b) - common)


def _inside(a: PixelBox, b: PixelBox) -> float:
    """Share of a that lies in b."""
    return _common(a, b) / _area(a)
