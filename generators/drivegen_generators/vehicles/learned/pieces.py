"""The road as the model sees it: pieces of lanes, pavements and crossings, each a few points long.

Lane tokens of an actor are the pieces nearest to it, first those that its own lane leads to.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from enum import IntEnum
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64
from scipy.spatial import cKDTree

from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, pavements
from drivegen.opendrive.signals import signal_heads
from drivegen.opendrive.topology import LaneRef
from drivegen_generators.vehicles.strips import Strips

POINTS = 6
"""Of a piece."""
LONGEST_M = 30.0
"""Of a piece."""
ON_LANE_M = 4.0
"""Whose middle is so near, and whose direction fits, is one that an actor may be on."""
_FITS_COSINE = 0.5
_AHEAD_M = 180.0
_REACH_M = 60.0
_OTHER_M = 40.0
"""Pieces off an actor's way count as so much farther than they are."""
_SIDE_M = 4.5
"""A change to the lane beside counts as so far along the way."""


class PieceKind(IntEnum):
    """What a piece is one of."""

    DRIVING = 0
    JUNCTION = 1
    """A driving lane through a junction."""
    BIKING = 2
    PARKING = 3
    PAVEMENT = 4
    CROSSING = 5


KINDS = len(PieceKind)


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
class Pieces:
    """n pieces of a network, in the map's frame."""

    points_m: Float64[np.ndarray, "n p 3"]
    """In the direction of travel."""
    kind: Int64[np.ndarray, "n"]
    """`PieceKind`."""
    width_m: Float64[np.ndarray, "n"]
    speed_mps: Float64[np.ndarray, "n"]
    """Limit; of pavements and crossings 0."""
    after: tuple[tuple[int, ...], ...]
    """Pieces that a piece leads to."""
    beside: tuple[tuple[int, ...], ...]
    """Of the lanes to its left and right that run the same way: those about level with its start."""
    signals: tuple[tuple[str, ...], ...]
    """OpenDRIVE ids of the lights that hold those who leave the piece at its end, or cross on it."""
    tree: cKDTree
    """Of all points, seen from above."""

    @staticmethod
    def of(network: RoadNetwork) -> Pieces:
        """Those of a network, made once."""
        found = _KEPT.get(network)
        if found is None:
            found = _KEPT[network] = _make(network)
        return found

    @property
    def heading_rad(self) -> Float64[np.ndarray, "n p"]:
        """Direction at each point."""
        step = np.gradient(self.points_m[..., :2], axis=1)
        return np.arctan2(step[..., 1], step[..., 0])


_KEPT: WeakKeyDictionary[RoadNetwork, Pieces] = WeakKeyDictionary()


class Builder:
    """Pieces while they are cut."""

    def __init__(self) -> None:
        self.points: list[Float64[np.ndarray, "p 3"]] = []
        self.kind: list[int] = []
        self.width: list[float] = []
        self.speed: list[float] = []
        self.after: list[list[int]] = []
        self.signals: list[tuple[str, ...]] = []
        self.beside: list[list[int]] = []

    def cut(
        self,
        line_m: Float64[np.ndarray, "k 3"],
        kind: PieceKind,
        width_m: float,
        speed_mps: float,
        signals: tuple[str, ...] = (),
    ) -> list[int]:
        """Adds a line in pieces of equal length; their numbers, in order."""
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line_m[:, :2], axis=0), axis=1))])
        count = max(1, math.ceil(along[-1] / LONGEST_M))
        edges = np.linspace(0.0, along[-1], count + 1)
        made = []
        for k in range(count):
            at = np.linspace(edges[k], edges[k + 1], POINTS)
            made.append(len(self.points))
            self.points.append(np.stack([np.interp(at, along, line_m[:, d]) for d in range(3)], axis=1))
            self.kind.append(int(kind))
            self.width.append(width_m)
            self.speed.append(speed_mps)
            self.after.append([made[-1] + 1] if k + 1 < count else [])
            self.beside.append([])
            self.signals.append(signals if k + 1 == count else ())
        return made

    def done(self) -> Pieces:
        """All that was cut."""
        points = np.stack(self.points)
        return Pieces(
            points_m=points,
            kind=np.array(self.kind),
            width_m=np.array(self.width),
            speed_mps=np.array(self.speed),
            after=tuple(tuple(a) for a in self.after),
            beside=tuple(tuple(b) for b in self.beside),
            signals=tuple(self.signals),
            tree=cKDTree(points[..., :2].reshape(-1, 2)),
        )


_LANES = {
    LaneType.DRIVING: PieceKind.DRIVING,
    LaneType.BIKING: PieceKind.BIKING,
    LaneType.PARKING: PieceKind.PARKING,
}


def _make(network: RoadNetwork) -> Pieces:
    strips = Strips.of(network)
    held = _lights(network, strips)
    builder = Builder()
    of_strip: list[list[int]] = []
    for strip in strips.strips:
        kind = _LANES[strip.kind]
        if kind is PieceKind.DRIVING and strip.junction is not None:
            kind = PieceKind.JUNCTION
        width = float(np.mean(strip.widths_m))
        line = np.array(strip.points_m)
        of_strip.append(builder.cut(line, kind, width, strip.speed_mps, held.get(strip.index, ())))
    for strip in strips.strips:
        own = of_strip[strip.index]
        for follower in strips.after[strip.index]:
            builder.after[own[-1]].append(of_strip[follower][0])
        for side in (1, -1):
            other = strips.neighbour(strip.index, side) if strip.kind is LaneType.DRIVING else None
            if other is None:
                continue
            level = of_strip[other]
            for k, piece in enumerate(own):
                builder.beside[piece].append(level[min(k * len(level) // len(own), len(level) - 1)])
    for edge in pavements(network).edges:
        kind = PieceKind.PAVEMENT if edge.kind is EdgeKind.PAVEMENT else PieceKind.CROSSING
        line = np.asarray(edge.centre_m)
        made = builder.cut(line, kind, edge.width_m, 0.0)
        for piece in made:
            builder.signals[piece] = edge.signal_ids
    return builder.done()


def _lights(network: RoadNetwork, strips: Strips) -> dict[int, tuple[str, ...]]:
    """Signals by the strip that ends at their stop line."""
    found: dict[int, list[str]] = {}
    for head in signal_heads(network):
        for line in head.stop_lines:
            section = network.road_by_id[line.road_id].section_at(line.s_m)
            ref = LaneRef(road_id=line.road_id, section=section, lane_id=line.lane_id)
            if ref in strips.by_ref:
                found.setdefault(strips.by_ref[ref], []).append(head.signal_id)
    return {k: tuple(dict.fromkeys(v)) for k, v in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """Pieces of m actors, the nearest first; -1 where there are fewer."""

    piece: Int64[np.ndarray, "m k"]
    on_way: Bool[np.ndarray, "m k"]
    """The actor's own lane leads there."""


def choose(
    pieces: Pieces,
    xyz_m: Float[np.ndarray, "m 3"],
    yaw_rad: Float[np.ndarray, "m"],
    walks: Bool[np.ndarray, "m"],
    count: int,
) -> Choice:
    """The pieces that tell each actor most: first those that a vehicle's lane leads to, then the nearest."""
    piece = np.full((len(xyz_m), count), -1, np.int64)
    on_way = np.zeros((len(xyz_m), count), np.bool_)
    heading = pieces.heading_rad
    lengths = np.linalg.norm(np.diff(pieces.points_m[..., :2], axis=1), axis=2).sum(axis=1)
    for row, (xyz, yaw) in enumerate(zip(xyz_m, yaw_rad, strict=True)):
        near = _near(pieces, xyz)
        score = {p: d + (0.0 if walks[row] else _OTHER_M) for p, d in near.items()}
        way: dict[int, float] = {}
        if not walks[row]:
            way = _way(pieces, near, heading, lengths, xyz, float(yaw))
            for p, along in way.items():
                score[p] = min(score.get(p, math.inf), 0.5 * along)
        ranked = sorted(score, key=lambda p: (score[p], p))[:count]
        piece[row, : len(ranked)] = ranked
        on_way[row, : len(ranked)] = [p in way for p in ranked]
    return Choice(piece=piece, on_way=on_way)


def _near(pieces: Pieces, xyz_m: Float[np.ndarray, "3"]) -> dict[int, float]:
    """Pieces of the same level within reach, and how far they are."""
    out: dict[int, float] = {}
    found = pieces.tree.query_ball_point(xyz_m[:2], _REACH_M, return_sorted=True)
    if not found:
        return out
    points = pieces.points_m.reshape(-1, 3)[found]
    apart = np.hypot(points[:, 0] - xyz_m[0], points[:, 1] - xyz_m[1])
    level = np.abs(points[:, 2] - xyz_m[2]) < 3.0 + 0.06 * apart
    for point, distance, same in zip(found, apart.tolist(), level.tolist(), strict=True):
        if same:
            p = point // POINTS
            out[p] = min(out.get(p, math.inf), distance)
    return out


def _way(
    pieces: Pieces,
    near: dict[int, float],
    heading: Float64[np.ndarray, "n p"],
    lengths: Float64[np.ndarray, "n"],
    xyz_m: Float[np.ndarray, "3"],
    yaw_rad: float,
) -> dict[int, float]:
    """How far the pieces are, along the way, that an actor's lane leads to."""
    queue: list[tuple[float, int]] = []
    for p, distance in near.items():
        if distance > ON_LANE_M + LONGEST_M / POINTS or pieces.kind[p] >= PieceKind.PAVEMENT:
            continue
        points = pieces.points_m[p]
        gap = np.hypot(points[:, 0] - xyz_m[0], points[:, 1] - xyz_m[1])
        k = int(np.argmin(gap))
        across = abs(
            -(points[k, 0] - xyz_m[0]) * math.sin(heading[p, k])
            + (points[k, 1] - xyz_m[1]) * math.cos(heading[p, k])
        )
        if across < ON_LANE_M and math.cos(float(heading[p, k]) - yaw_rad) > _FITS_COSINE:
            queue.append((2.0 * across, p))
    heapq.heapify(queue)
    done: dict[int, float] = {}
    while queue:
        along, p = heapq.heappop(queue)
        if p in done or along > _AHEAD_M:
            continue
        done[p] = along
        for follower in pieces.after[p]:
            heapq.heappush(queue, (along + float(lengths[p]), follower))
        for other in pieces.beside[p]:
            heapq.heappush(queue, (along + _SIDE_M, other))
    return done


TOKEN = 2 * POINTS + 2 + 2 + KINDS + 2 + 5
"""Numbers of a lane token: points, direction at the first, width and limit, kind, whether it is on the way,
whether there is one at all, and the light."""


def tokens(
    pieces: Pieces,
    choice: Choice,
    xyz_m: Float[np.ndarray, "m 3"],
    yaw_rad: Float[np.ndarray, "m"],
    light: Float[np.ndarray, "n 5"],
) -> Float32[np.ndarray, "m k f"]:
    """Chosen pieces in each actor's frame.

    Args:
        pieces: Of the road.
        choice: Made by `choose` for the same actors.
        xyz_m: Places of the actors.
        yaw_rad: Their directions.
        light: What holds the traffic of each piece (`drivegen_generators.vehicles.learned.lights`).
    """
    index = np.maximum(choice.piece, 0)
    points = pieces.points_m[index][..., :2] - np.asarray(xyz_m)[:, None, None, :2]
    c, s = np.cos(yaw_rad)[:, None, None], np.sin(yaw_rad)[:, None, None]
    local = np.stack([points[..., 0] * c + points[..., 1] * s, points[..., 1] * c - points[..., 0] * s], -1)
    step = local[..., 1, :] - local[..., 0, :]
    step /= np.maximum(np.linalg.norm(step, axis=-1, keepdims=True), 1e-6)
    kind = np.eye(KINDS)[pieces.kind[index]]
    there = choice.piece >= 0
    out = np.concatenate(
        [
            local.reshape(*index.shape, 2 * POINTS) / 30.0,
            step,
            (pieces.width_m[index] / 4.0)[..., None],
            (pieces.speed_mps[index] / 15.0)[..., None],
            kind,
            choice.on_way[..., None],
            there[..., None],
            light[index],
        ],
        axis=-1,
    )
    return np.where(there[..., None], out, 0.0).astype(np.float32)
