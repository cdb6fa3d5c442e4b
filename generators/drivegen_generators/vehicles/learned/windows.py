"""Windows: a second of the past, the road and the others, and eight seconds of the future, in numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float16, Float32, Float64, Int64

from drivegen.core.errors import CaptureError
from drivegen.core.rng import derive_rng
from drivegen_generators.vehicles.learned.pieces import Pieces, choose, tokens
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group, Scene
from drivegen_generators.vehicles.learned.ways import Ways, to_local, ways_of

PAST, FUTURE = 5, 40
"""Steps of `STEP_S`: 1 s and 8 s."""
LANES, NEIGHBOURS = 16, 12
"""Tokens of each actor."""
ACTOR = 2 * PAST + 2 + 2 + len(Group) + 1
"""Numbers of an actor: past, speed and its change, size, group, whether it is the ego."""
RELATION = 13
_FAR_M = 20.0
_MOVES_M = 0.5
_FARTHEST_ASIDE_M = 8.0
"""Futures that leave their way by more are not learned: they went where no lane leads."""
FARTHEST_M = 100.0
"""Actors farther from the ego have no part in a window."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Present:
    """n actors at one moment with their past: all that a future is drawn from."""

    xyz_m: Float64[np.ndarray, "n 3"]
    yaw_rad: Float64[np.ndarray, "n"]
    past_m: Float64[np.ndarray, "n p 2"]
    """Places in the map's frame at the `PAST` steps before, the oldest first."""
    size_m: Float64[np.ndarray, "n 2"]
    group: Int64[np.ndarray, "n"]
    ego: Bool[np.ndarray, "n"]

    @property
    def speed_mps(self) -> Float64[np.ndarray, "n"]:
        """Over the last step."""
        return np.linalg.norm(self.xyz_m[:, :2] - self.past_m[:, -1], axis=1) / STEP_S

    def features(self) -> Float32[np.ndarray, "n a"]:
        """What the model is told of each, in its own frame."""
        past = to_local(self.past_m, self.xyz_m[:, None, :2], self.yaw_rad[:, None])
        speed = self.speed_mps
        before = np.linalg.norm(self.past_m[:, 1] - self.past_m[:, 0], axis=1) / STEP_S
        return np.concatenate(
            [
                past.reshape(len(past), -1) / 5.0,
                (speed / 10.0)[:, None],
                ((speed - before) / 3.0)[:, None],
                self.size_m / (5.0, 2.0),
                np.eye(len(Group))[self.group],
                self.ego[:, None],
            ],
            axis=1,
        ).astype(np.float32)

    def relations(self) -> tuple[Int64[np.ndarray, "n k"], Float32[np.ndarray, "n k r"]]:
        """The `NEIGHBOURS` nearest to each on its level, itself first, and how they are to it."""
        count = min(NEIGHBOURS, len(self.xyz_m))
        delta = self.xyz_m[None, :, :2] - self.xyz_m[:, None, :2]
        apart = np.linalg.norm(delta, axis=2)
        rise = np.abs(self.xyz_m[None, :, 2] - self.xyz_m[:, None, 2])
        near = np.argsort(apart + 100.0 * (rise > 3.5), axis=1, kind="stable")[:, :count]
        rows = np.arange(len(near))[:, None]
        local = to_local(self.xyz_m[near, :2], self.xyz_m[:, None, :2], self.yaw_rad[:, None])
        turn = self.yaw_rad[near] - self.yaw_rad[:, None]
        speed = self.speed_mps
        found = np.concatenate(
            [
                local / _FAR_M,
                np.exp(-apart[rows, near] / 10.0)[..., None],
                np.cos(turn)[..., None],
                np.sin(turn)[..., None],
                (speed[near] * np.cos(turn) - speed[:, None])[..., None] / 10.0,
                (speed[near] * np.sin(turn))[..., None] / 10.0,
                (rise[rows, near] > 3.5)[..., None],
                self.size_m[near] / (5.0, 2.0),
                np.eye(len(Group))[self.group[near]],
            ],
            axis=2,
        )
        return near.astype(np.int64), found.astype(np.float32)


def turned(relation: Float[np.ndarray, "n k r"]) -> Float32[np.ndarray, "n k 4"]:
    """Of relations: x and y in metres, and cosine and sine of how the neighbour is turned."""
    xy = np.asarray(relation[..., :2], np.float32) * _FAR_M
    return np.concatenate([xy, np.asarray(relation[..., 3:5], np.float32)], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """m windows one after the other, with n actors in all."""

    first: Int64[np.ndarray, "m1"]
    """Of each window its first actor; then n."""
    actor: Float32[np.ndarray, "n a"]
    lane: Float16[np.ndarray, "n k f"]
    near: Int64[np.ndarray, "n b"]
    """Rows of neighbours, counted within the window."""
    relation: Float16[np.ndarray, "n b r"]
    there: Bool[np.ndarray, "n b"]
    """Which of the neighbours there are."""
    way: Float32[np.ndarray, "n w"]
    """What is told of the way that each follows."""
    line: Float16[np.ndarray, "n k 2"]
    """The way itself, in the actor's frame, metres."""
    future: Float32[np.ndarray, "n t 2"]
    """Metres along the way and to its left."""
    whole: Bool[np.ndarray, "n"]
    """Whose future is known."""
    known: Bool[np.ndarray, "n"]
    """Whose future is learned: known, and of who ever moves."""
    group: Int64[np.ndarray, "n"]

    @property
    def told(self) -> Float32[np.ndarray, "n aw"]:
        """Of each actor and its way."""
        return np.concatenate([self.actor, self.way], axis=1)

    @property
    def sha256(self) -> str:
        """Of all numbers."""
        found = hashlib.sha256()
        for field in fields(self):
            found.update(np.ascontiguousarray(getattr(self, field.name)).tobytes())
        return found.hexdigest()

    def save(self, path: Path) -> None:
        """As .npz."""
        np.savez_compressed(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @staticmethod
    def load(path: Path) -> Windows:
        """What `save` wrote. Raises OSError."""
        with np.load(path) as tables:
            return Windows(**{f.name: tables[f.name] for f in fields(Windows)})

    @staticmethod
    def join(parts: Sequence[Windows]) -> Windows:
        """One after the other. Raises CaptureError where there are none."""
        if not parts:
            raise CaptureError("there is nothing to learn from: no scene lasts as long as a window (9 s)")
        ends = np.cumsum([0, *(len(p.group) for p in parts)])
        first = np.concatenate(
            [*(p.first[:-1] + e for p, e in zip(parts, ends[:-1], strict=True)), ends[-1:]]
        )
        rest = {
            f.name: np.concatenate([getattr(p, f.name) for p in parts])
            for f in fields(Windows)
            if f.name != "first"
        }
        return Windows(first=first, **rest)


def presents(scene: Scene, every_s: float) -> Iterator[tuple[int, Int64[np.ndarray, "n"], Present]]:
    """(row of the present, actors, present) of each window of a scene."""
    there = scene.there
    for now in range(PAST, len(there) - FUTURE, round(every_s / STEP_S)):
        found = there[now - PAST : now + 1].all(axis=0)
        if scene.ego >= 0:
            apart = np.linalg.norm(scene.xyz_m[now] - scene.xyz_m[now, scene.ego], axis=1)
            found &= np.where(np.isnan(apart), np.inf, apart) < FARTHEST_M
        actors = np.flatnonzero(found)
        if len(actors):
            yield now, actors, present_of(scene, now, actors)


def present_of(scene: Scene, now: int, actors: Int64[np.ndarray, "n"]) -> Present:
    """Actors of a scene at a row."""
    return Present(
        xyz_m=scene.xyz_m[now, actors],
        yaw_rad=scene.yaw_rad[now, actors],
        past_m=scene.xyz_m[now - PAST : now, actors, :2].transpose(1, 0, 2),
        size_m=scene.size_m[actors],
        group=scene.group[actors],
        ego=actors == scene.ego,
    )


def lanes_of(scene: Scene, present: Present, time_s: float) -> Float32[np.ndarray, "n k f"]:
    """Lane tokens of a moment."""
    choice = choose(scene.pieces, present.xyz_m, present.yaw_rad, present.group == Group.WALKER, LANES)
    return tokens(
        scene.pieces, choice, present.xyz_m, present.yaw_rad, scene.lights.of_pieces(scene.pieces, time_s)
    )


def ways_at(
    rng: np.random.Generator,
    pieces: Pieces,
    present: Present,
    light: Float[np.ndarray, "p 5"],
    came_m: Float[np.ndarray, "n t 2"] | None = None,
) -> Ways:
    """Ways of a moment: see `ways_of`."""
    return ways_of(
        rng,
        pieces,
        present.xyz_m,
        present.yaw_rad,
        present.speed_mps,
        present.size_m,
        present.group,
        light,
        came_m,
    )


def windows_of(scene: Scene, every_s: float = 1.0) -> Windows | None:
    """All windows of a scene; none where it is too short."""
    parts = []
    rng = derive_rng(0, "ways", scene.name)
    moved = np.nanmax(np.linalg.norm(scene.xyz_m - _first_place(scene)[None], axis=2), axis=0) > _MOVES_M
    for now, actors, present in presents(scene, every_s):
        ahead = scene.xyz_m[now + 1 : now + FUTURE + 1, actors, :2].transpose(1, 0, 2)
        ways = ways_at(rng, scene.pieces, present, scene.lights.of_pieces(scene.pieces, now * STEP_S), ahead)
        future = ways.locate(ahead)
        whole = np.isfinite(future).all(axis=(1, 2))
        whole &= np.abs(np.nan_to_num(future[..., 1])).max(axis=1) < _FARTHEST_ASIDE_M
        near, relation = present.relations()
        missing = NEIGHBOURS - near.shape[1]
        there = np.pad(np.ones(near.shape, np.bool_), ((0, 0), (0, missing)))
        parts.append(
            Windows(
                first=np.array([0, len(actors)]),
                actor=present.features(),
                lane=lanes_of(scene, present, now * STEP_S).astype(np.float16),
                near=np.pad(near, ((0, 0), (0, missing))),
                relation=np.pad(relation, ((0, 0), (0, missing), (0, 0))).astype(np.float16),
                there=there,
                way=ways.told,
                line=ways.seen_from(present.xyz_m, present.yaw_rad).astype(np.float16),
                future=np.where(whole[:, None, None], future, 0.0).astype(np.float32),
                whole=whole,
                known=whole & moved[actors],
                group=present.group,
            )
        )
    return Windows.join(parts) if parts else None


def _first_place(scene: Scene) -> Float64[np.ndarray, "n 3"]:
    first = np.argmax(scene.there, axis=0)
    return scene.xyz_m[first, np.arange(len(first))]
