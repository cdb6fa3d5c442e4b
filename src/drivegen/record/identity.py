"""Which actor an id of an instance image means.

CARLA's instance camera numbers meshes, not actors, and its numbers change from run to run. Pixels are
therefore lifted into the world by their depth; the actor whose box holds them, and whose kind fits their tag,
gets the id's votes. Once the vote is clear the id is remembered. This needs nothing from the server but its
images, so it is the same on every server, whatever its ids are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8, UInt16, UInt32

from drivegen.core.geometry import Box, Pose
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.core.tags import Tag

FOUR_WHEELS = frozenset({Tag.CAR, Tag.TRUCK, Tag.BUS, Tag.TRAIN})
TWO_WHEELS = frozenset({Tag.MOTORCYCLE, Tag.BICYCLE, Tag.RIDER})
ON_FOOT = frozenset({Tag.PEDESTRIAN})

_FIRST_TAG = int(Tag.PEDESTRIAN)
_TAGS = 8
"""Tags 12 to 19 belong to objects."""

GROW_M = 0.1
"""Meshes may stick out of their actor's box by so much and still vote for it."""

SAMPLES = 64
"""Pixels of an id that vote in one image."""

CLEAR_VOTES = 24
"""So many votes, with twice those of the next and half of all, settle an id."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """An actor that pixels may show."""

    actor_id: int
    tags: frozenset[Tag]
    """What its pixels may be tagged."""
    box: Box


class InstanceIds:
    """The map from (tag, instance id) to actor ids, learnt as images come."""

    def __init__(self) -> None:
        self._is_settled = np.zeros(_TAGS << 16, np.bool_)
        self._actor_of_key: dict[int, int] = {}
        self._votes: dict[int, dict[int, int]] = {}
        self._present: frozenset[int] = frozenset()

    def resolve(
        self,
        camera: Camera,
        map_camera: Pose,
        depth_m: Float32[np.ndarray, "h w"],
        tag: UInt8[np.ndarray, "h w"],
        raw: UInt16[np.ndarray, "h w"],
        candidates: Sequence[Candidate],
        annotated: UInt32[np.ndarray, "m"],
    ) -> UInt16[np.ndarray, "h w"]:
        """The image with the low 16 bits of actor ids; 0 for all that is not among `annotated`.

        Args:
            camera: Whose image it is.
            map_camera: Pose of its mount frame in the world.
            depth_m: As `Camera.depth_along_ray` says; 0 where nothing was hit.
            tag: Semantic tags.
            raw: The server's instance ids.
            candidates: All vehicles and walkers, also those that are not annotated.
            annotated: Actor ids to keep.
        """
        self._notice(frozenset(c.actor_id for c in candidates))
        for key in sorted(int(k) for k in _unsettled(tag, raw, self._is_settled)):
            self._vote(key, camera, map_camera, depth_m, tag, raw, candidates)
            self._actor_of_key[key] = self._decide(key)
        kept = np.zeros(_TAGS << 16, np.uint16)
        wanted = set(annotated.tolist())
        for key, actor in self._actor_of_key.items():
            if actor in wanted:
                kept[key] = actor & 0xFFFF
        return _apply(tag, raw, kept)

    def _notice(self, present: frozenset[int]) -> None:
        """Forgets what ids meant that may mean something else now.

        A server may give the number of who has left to who comes; and what was nobody's can be a newcomer's.
        """
        gone, new = self._present - present, present - self._present
        if gone or new:
            odd = gone | {0} if new else gone
            for key in [k for k, actor in self._actor_of_key.items() if actor in odd]:
                del self._actor_of_key[key]
                self._is_settled[key] = False
            for votes in self._votes.values():
                for actor in odd & votes.keys():
                    del votes[actor]
        self._present = present

    def _vote(
        self,
        key: int,
        camera: Camera,
        map_camera: Pose,
        depth_m: Float32[np.ndarray, "h w"],
        tag: UInt8[np.ndarray, "h w"],
        raw: UInt16[np.ndarray, "h w"],
        candidates: Sequence[Candidate],
    ) -> None:
        key_tag = Tag((key >> 16) + _FIRST_TAG)
        rows, columns = np.nonzero((raw == key & 0xFFFF) & (tag == key_tag) & (depth_m > 0))
        if not len(rows):
            return
        chosen = np.unique(np.linspace(0, len(rows) - 1, SAMPLES).astype(np.int64))
        rows, columns = rows[chosen], columns[chosen]
        points = unproject(camera, map_camera, rows, columns, depth_m[rows, columns])
        votes = self._votes.setdefault(key, {})
        open_points = np.ones(len(points), bool)
        for candidate in candidates:
            if key_tag in candidate.tags:
                inside = candidate.box.contains(points, GROW_M)
                if inside.any():
                    votes[candidate.actor_id] = votes.get(candidate.actor_id, 0) + int(inside.sum())
                    open_points &= ~inside
        votes[0] = votes.get(0, 0) + int(open_points.sum())

    def _decide(self, key: int) -> int:
        """The actor with most votes, 0 for none; remembered when the vote is clear."""
        votes = self._votes.get(key)
        if not votes:
            return 0
        ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
        best, count = ranked[0]
        following = ranked[1][1] if len(ranked) > 1 else 0
        if count >= CLEAR_VOTES and count >= 2 * following:
            self._is_settled[key] = True
            del self._votes[key]
        return best


def unproject(
    camera: Camera,
    map_camera: Pose,
    rows: Int64[np.ndarray, "n"],
    columns: Int64[np.ndarray, "n"],
    depth_m: Float32[np.ndarray, "n"],
) -> Float64[np.ndarray, "n 3"]:
    """World points that the middles of pixels show."""
    rays = camera.optics.unproject(np.stack([columns + 0.5, rows + 0.5], axis=1))
    return map_camera.transform_points((rays * depth_m[:, None]) @ OPTICAL_FROM_MOUNT)


@numba.njit(cache=True)
def _unsettled(
    tag: UInt8[np.ndarray, "h w"], raw: UInt16[np.ndarray, "h w"], settled: Bool[np.ndarray, "k"]
) -> Int64[np.ndarray, "u"]:
    """Keys in the image that have no actor yet."""
    found = np.empty(4096, np.int64)
    n = 0
    height, width = tag.shape
    for y in range(height):
        last = np.int64(-1)
        for x in range(width):
            t = np.int64(tag[y, x]) - _FIRST_TAG
            if t < 0 or t >= _TAGS:
                continue
            key = (t << 16) | np.int64(raw[y, x])
            if key == last:
                continue
            last = key
            if settled[key]:
                continue
            new = True
            for i in range(n):
                if found[i] == key:
                    new = False
                    break
            if new and n < len(found):
                found[n] = key
                n += 1
    return found[:n]


@numba.njit(cache=True)
def _apply(
    tag: UInt8[np.ndarray, "h w"], raw: UInt16[np.ndarray, "h w"], kept: UInt16[np.ndarray, "k"]
) -> UInt16[np.ndarray, "h w"]:
    height, width = tag.shape
    out = np.zeros((height, width), np.uint16)
    for y in range(height):
        for x in range(width):
            t = np.int64(tag[y, x]) - _FIRST_TAG
            if 0 <= t < _TAGS:
                out[y, x] = kept[(t << 16) | np.int64(raw[y, x])]
    return out
