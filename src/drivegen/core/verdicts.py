"""What became of objects when an image got another look: a verdict for each object in each image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drivegen.core.errors import CaptureError
from drivegen.core.labels import PixelBox


class Verdict(StrEnum):
    """Of one object in one image."""

    KEPT = "kept"
    MOVED = "moved"
    """There, but not where its label says."""
    LOST = "lost"
    """Not there, or not to be recognised."""
    INVENTED = "invented"
    """There, and no label explains it."""
    UNSURE = "unsure"


class Action(StrEnum):
    """What is done about a verdict."""

    KEEP = "keep"
    """Nothing; the verdict stands in the look."""
    RESTORE = "restore"
    """The simulator's pixels of the object are laid back into the image."""
    DROP_LABEL = "drop_label"
    """Exports leave the label out."""
    DROP_FRAME = "drop_frame"
    """Exports leave the frame out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one judge says of an object."""

    judge: str
    verdict: Verdict
    weight: float
    """How sure it is: the natural logarithm of how many times likelier its evidence is when the object was
    lost (of an invention: when it is one) than when it was not. Negative: it is there as its label says."""
    evidence: dict[str, float] = field(default_factory=dict)
    """The numbers that it rests on, by name; docs/verdicts.md says what each is."""
    shift_px: tuple[float, float] | None = None
    """Where it found the object, right and down of where the label has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVerdict:
    """One object in one image."""

    verdict: Verdict
    track_id: int | None
    """Of the label; none of what was invented, and of signals and signs."""
    object_class: str
    """Of the label; of what was invented, what a judge takes it for; or traffic_light, traffic_sign."""
    box_px: PixelBox
    """Around its visible pixels."""
    pixels: int
    """Visible."""
    votes: tuple[Vote, ...] = ()
    shift_px: tuple[float, float] | None = None
    """Of what was moved: right, down."""
    action: Action = Action.KEEP
    """What was done, or is to be done by exports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageVerdicts:
    """All objects of one image in a look."""

    agent: str
    channel: str
    time_ns: int
    frame: int
    objects: tuple[ObjectVerdict, ...] = ()

    @property
    def drops_frame(self) -> bool:
        """Whether exports leave the frame out."""
        return any(o.action is Action.DROP_FRAME for o in self.objects)

    @property
    def dropped(self) -> frozenset[int]:
        """Tracks whose labels exports leave out of this image."""
        return frozenset(
            o.track_id for o in self.objects if o.action is Action.DROP_LABEL and o.track_id is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRates:
    """How often each verdict was given in a look of a scene."""

    images: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """Objects by verdict; all five are there."""
    actions: dict[str, int] = field(default_factory=dict)
    """Objects by what was done about them; `keep` is left out."""
    frames_dropped: int = 0
    tries: int = 0
    """How many times looks were made until one was taken, added over scenes."""

    @property
    def judged(self) -> int:
        """Objects with a label, or signals and signs: all but what was invented."""
        return sum(n for name, n in self.counts.items() if name != Verdict.INVENTED)

    def share(self, *verdicts: Verdict) -> float:
        """Of the judged objects; of inventions: their number beside that of the judged."""
        return sum(self.counts.get(v, 0) for v in verdicts) / max(1, self.judged)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "images": self.images,
            "counts": dict(self.counts),
            "actions": dict(self.actions),
            "frames_dropped": self.frames_dropped,
            "tries": self.tries,
        }

    def __add__(self, other: VerdictRates) -> VerdictRates:
        counts, actions = (Counter(a) for a in (self.counts, self.actions))
        counts.update(other.counts)
        actions.update(other.actions)
        return VerdictRates(
            images=self.images + other.images,
            counts=dict(counts),
            actions=dict(sorted(actions.items())),
            frames_dropped=self.frames_dropped + other.frames_dropped,
            tries=self.tries + other.tries,
        )


def rates_of(images: Iterable[ImageVerdicts]) -> VerdictRates:
    """Adds images of one scene up."""
    counts: Counter[str] = Counter({v.value: 0 for v in Verdict})
    actions: Counter[str] = Counter()
    number, frames = 0, set()
    for image in images:
        number += 1
        counts.update(o.verdict.value for o in image.objects)
        actions.update(o.action.value for o in image.objects if o.action is not Action.KEEP)
        if image.drops_frame:
            frames.add(image.frame)
    return VerdictRates(
        images=number,
        counts=dict(counts),
        actions=dict(sorted(actions.items())),
        frames_dropped=len(frames),
    )


def rates_from_plain(plain: dict[str, Any]) -> VerdictRates:
    """The reverse of `VerdictRates.plain`. Raises CaptureError for anything else."""
    try:
        return VerdictRates(**plain)
    except TypeError as error:
        raise CaptureError(
            f"rates of verdicts are of another version ({error}); make the look again"
        ) from None


def to_plain(image: ImageVerdicts) -> dict[str, Any]:
    """For JSON; numbers of evidence are rounded to 4 decimals."""
    return {
        "agent": image.agent,
        "channel": image.channel,
        "time_ns": image.time_ns,
        "frame": image.frame,
        "objects": [_object_to_plain(o) for o in image.objects],
    }


def from_plain(plain: dict[str, Any]) -> ImageVerdicts:
    """The reverse of `to_plain`. Raises CaptureError for anything else."""
    try:
        objects = tuple(_object_from_plain(o) for o in plain["objects"])
        return ImageVerdicts(**{**plain, "objects": objects})
    except (KeyError, TypeError, ValueError) as error:
        raise CaptureError(f"verdicts are of another version ({error}); make the look again") from None


def _object_to_plain(found: ObjectVerdict) -> dict[str, Any]:
    return {
        "verdict": found.verdict.value,
        "track_id": found.track_id,
        "class": found.object_class,
        "box_px": [round(float(v), 2) for v in found.box_px],
        "pixels": found.pixels,
        "action": found.action.value,
        "shift_px": _rounded(found.shift_px),
        "votes": [
            {
                "judge": v.judge,
                "verdict": v.verdict.value,
                "weight": round(float(v.weight), 4),
                "evidence": {name: round(float(value), 4) for name, value in sorted(v.evidence.items())},
                "shift_px": _rounded(v.shift_px),
            }
            for v in found.votes
        ],
    }


def _object_from_plain(plain: dict[str, Any]) -> ObjectVerdict:
    return ObjectVerdict(
        verdict=Verdict(plain["verdict"]),
        track_id=plain["track_id"],
        object_class=plain["class"],
        box_px=_box(plain["box_px"]),
        pixels=plain["pixels"],
        action=Action(plain["action"]),
        shift_px=_pair(plain["shift_px"]),
        votes=tuple(
            Vote(
                judge=v["judge"],
                verdict=Verdict(v["verdict"]),
                weight=v["weight"],
                evidence=v["evidence"],
                shift_px=_pair(v["shift_px"]),
            )
            for v in plain["votes"]
        ),
    )


def _rounded(shift: tuple[float, float] | None) -> list[float] | None:
    return None if shift is None else [round(float(v), 2) for v in shift]


def _pair(values: list[float] | None) -> tuple[float, float] | None:
    return None if values is None else (values[0], values[1])


def _box(values: list[float]) -> PixelBox:
    left, top, right, bottom = values
    return left, top, right, bottom
