"""What COCO says of one image: segments of things and, for panoptic images, of everything.

A two-wheeler with its rider is two annotations, as in COCO, with the same `track_id`. What looks like a thing
but is scenery (traffic lights, vehicles that belong to a map) has no instances and is one crowd (`iscrowd`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from jaxtyping import UInt8, UInt16, UInt32

from drivegen.core.geometry import Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.tags import Tag
from drivegen_exporters.coco.rle import compress
from drivegen_exporters.coco.vocabulary import CATEGORY_OF_TAG, PERSON, THINGS, WORDS
from drivegen_exporters.masks import Mask, mask_of, object_masks, part_of, runs_of

_TABLE = CATEGORY_OF_TAG.astype(np.uint8)
_NONE = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Annotated:
    """One image's annotations, without the numbers that only the whole data set gives."""

    annotations: list[dict[str, Any]] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    """`segments_info` of the panoptic image."""
    panoptic: UInt32[np.ndarray, "h w"]
    """Segment of each pixel; 0 is void."""
    left_out: int = 0
    """Objects of fewer pixels than asked for."""
    people: list[tuple[int, ObjectLabel | None]] = field(default_factory=list)
    """Which annotations are people: their places among the annotations, and of those on foot their labels."""

    @property
    def panoptic_png(self) -> bytes:
        """Red + 256 green + 65536 blue is the segment."""
        bgr = np.stack([self.panoptic >> shift & 0xFF for shift in (16, 8, 0)], axis=-1).astype(np.uint8)
        return cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def annotate(
    objects: Sequence[ObjectLabel],
    channel: str,
    tags: UInt8[np.ndarray, "h w"],
    instance: UInt16[np.ndarray, "h w"],
    optical_map: Pose,
    least_pixels: int,
) -> Annotated:
    """All annotations of an image, objects by ascending track id, then crowds by category."""
    found = Annotated(panoptic=np.zeros(tags.shape, np.uint32))
    rider = tags == Tag.RIDER
    taken = instance != 0
    for label, seen, mask in object_masks(objects, channel, instance):
        whole, sits = WORDS.category(label), WORDS.rider(label)
        body = _NONE if whole is None else whole.id
        pieces = (
            [(body, mask)]
            if sits is None
            else [(sits.id, part_of(mask, rider)), (body, part_of(mask, ~rider))]
        )
        for category, piece in pieces:
            if category == _NONE:
                continue
            if piece is not None and piece.area >= least_pixels:
                extra = _extra(label, seen, optical_map)
                if category == PERSON:
                    on_foot = label if category == body else None
                    found.people.append((len(found.annotations), on_foot))
                _add(found, category, piece, tags.shape, crowd=False, extra=extra)
            elif piece is not None:
                found.left_out += 1
    categories = np.where(taken, 0, _TABLE[tags])
    for category in np.unique(categories):
        mask_or_none = mask_of(categories == category)
        if not category or mask_or_none is None:
            continue
        if category in THINGS:
            if mask_or_none.area >= least_pixels:
                if category == PERSON:
                    found.people.append((len(found.annotations), None))
                _add(found, int(category), mask_or_none, tags.shape, crowd=True, extra={})
        else:
            _add_segment(found, int(category), mask_or_none, crowd=False)
    return found


def _add(
    found: Annotated,
    category: int,
    mask: Mask,
    shape: tuple[int, ...],
    *,
    crowd: bool,
    extra: dict[str, Any],
) -> None:
    height, width = shape
    found.annotations.append(
        {
            "category_id": category,
            "iscrowd": int(crowd),
            "bbox": [float(v) for v in mask.box],
            "area": mask.area,
            "segmentation": {"size": [height, width], "counts": compress(runs_of(mask, height, width))},
            **extra,
        }
    )
    _add_segment(found, category, mask, crowd=crowd)


def _add_segment(found: Annotated, category: int, mask: Mask, *, crowd: bool) -> None:
    number = len(found.segments) + 1
    found.panoptic[mask.window][mask.pixels] = number
    found.segments.append(
        {
            "id": number,
            "category_id": category,
            "area": mask.area,
            "bbox": list(mask.box),
            "iscrowd": int(crowd),
        }
    )


def _extra(label: ObjectLabel, seen: CameraLabel, optical_map: Pose) -> dict[str, Any]:
    """What COCO does not ask for: readers skip it."""
    box = optical_map @ label.box.pose
    return {
        "track_id": label.track_id,
        "class": label.object_class.value,
        "visible_fraction": round(seen.visible_fraction, 4),
        "truncation": round(seen.truncation, 4),
        "box_3d": {
            "center_m": [round(float(v), 4) for v in box.position_m],
            "size_m": [round(float(v), 4) for v in label.box.size_m],
            "orientation_wxyz": [round(float(v), 6) for v in box.orientation_wxyz],
        },
    }
