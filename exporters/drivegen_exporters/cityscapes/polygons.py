"""Polygons of Cityscapes: what its tools paint, one over the other, to give back an image of labels.

A polygon is the outline of an instance, or of a piece of what has none, through the middles of its border
pixels, as Cityscapes' own tools fill it. Holes are what is painted over: the order is such that whatever a
polygon covers of others comes after it. The pieces of an instance behind something are one polygon, joined
by lines there and back, which are painted over too. Where polygons cover one another, no order is right:
instances come later then, and what they take from what has no instances is painted again as patches.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Int32, Int64, UInt16

from drivegen_exporters.cityscapes.vocabulary import name_of_label

_LEAST_INSTANCE = 1000
"""What is below is a label alone, see `instance_ids`."""

Points = Int64[np.ndarray, "n 2"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """What becomes one polygon."""

    key: int
    """As in the image of instances: 1000 times the label and a number, or the label."""
    polygon: Points
    """x and y of pixels."""


def polygons_json(instances: UInt16[np.ndarray, "h w"]) -> bytes:
    """The file of an image, of its instance ids."""
    height, width = instances.shape
    objects = [{"label": _name(r.key), "polygon": r.polygon.tolist()} for r in regions_of(instances)]
    text = {"imgHeight": height, "imgWidth": width, "objects": objects}
    return json.dumps(text, separators=(",", ":")).encode()


def regions_of(instances: UInt16[np.ndarray, "h w"]) -> list[Region]:
    """All regions of an image, in the order in which they are to be painted."""
    owner = np.zeros(instances.shape, np.int32)
    regions: list[Region] = []
    areas: list[int] = []
    for key in np.unique(instances).tolist():
        mask = instances == key
        if key < _LEAST_INSTANCE:
            _add_pieces(key, mask, regions, areas, owner)
            continue
        top, left = _corner(mask)
        owner[mask] = len(regions)
        areas.append(int(np.count_nonzero(mask)))
        regions.append(Region(key=key, polygon=_joined(_outlines(mask[top:, left:])) + np.array([left, top])))
    ordered = [regions[i] for i in _order(regions, areas, owner)]
    painted = np.zeros(instances.shape, np.int32)
    for region in ordered:
        cv2.fillPoly(painted, [region.polygon.astype(np.int32)], region.key)
    wrong = (painted != instances) & (instances < _LEAST_INSTANCE)
    for key in np.unique(instances[wrong]).tolist():
        _add_pieces(key, wrong & (instances == key), ordered, areas, owner)
    return ordered


def _add_pieces(
    key: int,
    mask: Bool[np.ndarray, "h w"],
    regions: list[Region],
    areas: list[int],
    owner: Int32[np.ndarray, "h w"],
) -> None:
    """Adds each piece of what has no instances as a region."""
    top, left = _corner(mask)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        mask[top:, left:].astype(np.uint8), connectivity=8
    )
    first = len(regions)
    for i in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[i])
        (outline,) = _outlines(pieces[y : y + height, x : x + width] == i)
        areas.append(area)
        regions.append(Region(key=key, polygon=_thrice(outline) + np.array([left + x, top + y])))
    window = owner[top:, left:]
    window[pieces > 0] = pieces[pieces > 0] + (first - 1)


def _order(regions: Sequence[Region], areas: Sequence[int], owner: Int32[np.ndarray, "h w"]) -> list[int]:
    """Regions so that each comes before those that it covers, larger before smaller.

    Where they cover one another, what has no instances comes first.
    """
    after: list[list[int]] = []
    waiting = [0] * len(regions)
    for number, region in enumerate(regions):
        after.append([i for i in np.unique(_covered(region.polygon, owner)).tolist() if i != number])
        for i in after[-1]:
            waiting[i] += 1
    free = [(-areas[i], i) for i in range(len(regions)) if not waiting[i]]
    heapq.heapify(free)
    stuck = sorted(range(len(regions)), key=lambda i: (regions[i].key >= _LEAST_INSTANCE, -areas[i], i))
    done: dict[int, None] = {}
    for fallback in stuck:
        if not free:
            free.append((-areas[fallback], fallback))
        while free:
            number = heapq.heappop(free)[1]
            if number in done:
                continue
            done[number] = None
            for i in after[number]:
                waiting[i] -= 1
                if not waiting[i]:
                    heapq.heappush(free, (-areas[i], i))
    return list(done)


def _covered(polygon: Points, owner: Int32[np.ndarray, "h w"]) -> Int32[np.ndarray, "k"]:
    """The regions of all pixels that a polygon paints."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    width, height = (high - low + 1).tolist()
    paint = np.zeros((height, width), np.uint8)
    cv2.fillPoly(paint, [(polygon - low).astype(np.int32)], 1)
    window = owner[low[1] : low[1] + height, low[0] : low[0] + width]
    return np.asarray(window[paint > 0])


def _outlines(mask: Bool[np.ndarray, "h w"]) -> list[Points]:
    """Outlines of the pieces of a mask, without holes; by their first point."""
    found, levels = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [
        np.asarray(c).reshape(-1, 2).astype(np.int64)
        for c, h in zip(found, levels[0], strict=True)
        if h[3] < 0
    ]
    return sorted(outer, key=lambda p: (p[0, 1], p[0, 0]))


def _joined(outlines: Sequence[Points]) -> Points:
    """Pieces as one polygon: from each on to the next, and back the same way."""
    there = [np.concatenate([p, p[:1]]) for p in outlines]
    back = [p[:1] for p in outlines[-2::-1]]
    return _thrice(np.concatenate(there + back if len(outlines) > 1 else list(outlines)))


def _thrice(points: Points) -> Points:
    """At least three points, as whoever fills a polygon wants."""
    return np.concatenate([points] + [points[-1:]] * (3 - len(points))) if len(points) < 3 else points


def _corner(mask: Bool[np.ndarray, "h w"]) -> tuple[int, int]:
    """First row and column with a pixel."""
    return int(np.argmax(mask.any(axis=1))), int(np.argmax(mask.any(axis=0)))


def _name(key: int) -> str:
    instance = key >= _LEAST_INSTANCE
    return name_of_label(key // _LEAST_INSTANCE if instance else key, instance)
