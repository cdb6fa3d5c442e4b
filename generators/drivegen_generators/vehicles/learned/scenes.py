"""Scenes as the model learns from them: who was where every 0.2 s, from captures or from anywhere else."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.core.errors import CaptureError
from drivegen.opendrive.reader import read_network
from drivegen_generators.vehicles.learned.lights import Lights
from drivegen_generators.vehicles.learned.pieces import Pieces

STEP_S = 0.2
EGO_SIZE_M = (4.9, 1.9)
"""Captures with one agent do not tell the ego's box; this is the Lincoln MKZ's that carries most rigs."""
_SLACK_S = 1e-3
_GAIT_ROWS = 5
"""A second: about two steps of who walks."""


class Group(IntEnum):
    """Who moves alike: each has trajectories of its own kind."""

    VEHICLE = 0
    RIDER = 1
    WALKER = 2


def group_of(object_class: ObjectClass) -> Group:
    """Of a class of labels."""
    if object_class in PEOPLE:
        return Group.WALKER
    return Group.RIDER if object_class in RIDDEN else Group.VEHICLE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """n actors at t times, `STEP_S` apart; map frame."""

    name: str
    xyz_m: Float64[np.ndarray, "t n 3"]
    """On the ground below the middle of the box; NaN while it is not there."""
    yaw_rad: Float64[np.ndarray, "t n"]
    size_m: Float64[np.ndarray, "n 2"]
    """Length and width."""
    group: Int64[np.ndarray, "n"]
    """`Group`."""
    ego: int
    """Which of the actors is the ego; -1: none."""
    pieces: Pieces
    lights: Lights
    """Times count from the first row."""

    @property
    def there(self) -> Bool[np.ndarray, "t n"]:
        """Who is there when."""
        return np.isfinite(self.xyz_m[..., 0])


def scene_of(capture: Path) -> Scene:
    """A capture with labels at least every 0.2 s; the ego is among the actors.

    Raises:
        CaptureError: It cannot be read, or has its labels farther apart.
    """
    with CaptureReader(capture) as reader:
        rows: list[dict[int, Row]] = []
        shown: list[dict[str, str]] = []
        first_ns = -1
        for frame in reader.frames(keyframes=True):
            first_ns = frame.time_ns if first_ns < 0 else first_ns
            late_s = (frame.time_ns - first_ns) / 1e9 - len(rows) * STEP_S
            if late_s < -_SLACK_S:
                continue
            if late_s > _SLACK_S:
                raise CaptureError(
                    f"{capture}: labels are over {STEP_S} s apart; record with scene.keyframe_s={STEP_S}"
                )
            rows.append({int(o["track_id"]): _row(o) for o in frame.plain_objects})
            pose = frame.agents[EGO].map_agent
            rows[-1][EGO_ID] = Row(
                xyz_m=tuple(pose.position_m.tolist()),
                yaw_rad=_yaw(pose.orientation_wxyz.tolist()),
                size_m=EGO_SIZE_M,
                group=Group.VEHICLE,
            )
            shown.append(frame.signals)
        pieces = Pieces.of(read_network(reader.opendrive, str(capture)))
        return _steadied(assemble(reader.scene, rows, pieces, lights=_lights(shown)))


def _steadied(scene: Scene) -> Scene:
    """The same with people where they are in the mean of a second, and as large as in the mean: boxes of
    labels hold swinging legs and arms, so that their middles go to and fro by 0.2 m with each step."""
    xyz, size = scene.xyz_m.copy(), scene.size_m.copy()
    for n in np.flatnonzero(scene.group == Group.WALKER):
        rows = np.flatnonzero(scene.there[:, n])
        if not len(rows) or (np.diff(rows) > 1).any():
            continue
        place = scene.xyz_m[rows, n]
        reach = np.minimum(np.minimum(np.arange(len(rows)), np.arange(len(rows))[::-1]), _GAIT_ROWS // 2)
        for k, r in enumerate(reach):
            xyz[rows[k], n] = place[k - r : k + r + 1].mean(axis=0)
    return dataclasses.replace(scene, xyz_m=xyz, size_m=size)


EGO_ID = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An actor at a time."""

    xyz_m: tuple[float, float, float]
    yaw_rad: float
    size_m: tuple[float, float]
    group: Group


def assemble(
    name: str, rows: list[dict[int, Row]], pieces: Pieces, *, lights: Lights | None = None, ego: int = EGO_ID
) -> Scene:
    """A scene from actors by id at each time; sizes are those of an actor's first row."""
    ids = sorted({i for row in rows for i in row})
    xyz = np.full((len(rows), len(ids), 3), np.nan)
    yaw = np.full((len(rows), len(ids)), np.nan)
    size, group = np.zeros((len(ids), 2)), np.zeros(len(ids), np.int64)
    for n, actor in enumerate(ids):
        for t, row in enumerate(rows):
            found = row.get(actor)
            if found is not None:
                if not size[n].any():
                    size[n], group[n] = found.size_m, found.group
                xyz[t, n], yaw[t, n] = found.xyz_m, found.yaw_rad
    return Scene(
        name=name,
        xyz_m=xyz,
        yaw_rad=yaw,
        size_m=size,
        group=group,
        ego=ids.index(ego) if ego in ids else -1,
        pieces=pieces,
        lights=lights or Lights(changes={}),
    )


def _row(plain: Mapping[str, object]) -> Row:
    center, size = plain["center_m"], plain["size_m"]
    wxyz = plain["orientation_wxyz"]
    assert isinstance(center, list) and isinstance(size, list) and isinstance(wxyz, list)
    return Row(
        xyz_m=(float(center[0]), float(center[1]), float(center[2]) - 0.5 * float(size[2])),
        yaw_rad=_yaw(wxyz),
        size_m=(float(size[0]), float(size[1])),
        group=group_of(ObjectClass(str(plain["class"]))),
    )


def _yaw(wxyz: list[float]) -> float:
    w, x, y, z = wxyz
    return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def _lights(shown: list[dict[str, str]]) -> Lights:
    changes: dict[str, list[tuple[float, str]]] = {}
    for t, states in enumerate(shown):
        for signal, state in states.items():
            rows = changes.setdefault(signal, [])
            if not rows or rows[-1][1] != state:
                rows.append((t * STEP_S, state))
    return Lights(changes=changes)


def speeds_mps(xyz_m: Float[np.ndarray, "t n 3"], step_s: float = STEP_S) -> Float64[np.ndarray, "t n"]:
    """Of each step from the one before; of the first that of the second."""
    step = np.linalg.norm(np.diff(np.asarray(xyz_m)[..., :2], axis=0), axis=-1) / step_s
    return np.concatenate([step[:1], step])
