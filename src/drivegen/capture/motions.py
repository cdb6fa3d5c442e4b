"""How everybody in a capture moved: tracks out of labels and poses of agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.geometry import Pose, Vec3, rpy_from_rotation
from drivegen.core.joints import Joints
from drivegen.core.labels import ObjectLabel
from drivegen.core.tracks import Anchor, Track

GAP_S = 0.6
"""Who has no label for longer was not there, or too far off: then one track ends and another begins."""

HIPS = (11, 12)
"""Of `drivegen.core.joints`: their middle is over a walker's place, but sways with the steps."""

STRIDE_S = 1.1
"""Of two steps of an adult who walks: over so long the sway is no more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """One object of a capture."""

    track_id: int
    """0 of an ego whose id the capture does not tell."""
    object_class: ObjectClass
    blueprint: str
    size_m: Vec3
    """Of its box, in the middle over all labels."""
    tracks: tuple[Track, ...]
    """One for each time that it is there; agents' are of the actor's origin, people's of the ground, all
    others' of the box's middle."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motions:
    """Everybody in a capture or a part of it."""

    begins_s: float
    """Of the part, after the first recorded frame; what follows counts from here."""
    ends_s: float
    """Of the last frame, from there."""
    agents: dict[str, Motion]
    """The ego, and others that are vehicles, by name."""
    objects: tuple[Motion, ...]
    """All others, by ascending track id."""
    signals: dict[str, tuple[tuple[float, str], ...]]
    """(from when, state) by OpenDRIVE id."""


def motions_of(reader: CaptureReader, from_s: float = 0.0, to_s: float = np.inf) -> Motions:
    """Reads the frames of a time window. Frames without anybody in them leave gaps.

    Raises CaptureError as the reader does, ValueError where the window holds less than two frames.
    """
    frames = [f for f in reader.frames() if from_s - 1e-6 <= f.time_ns * 1e-9 <= to_s + 1e-6]
    if len(frames) < 2:
        raise ValueError(
            f"{len(frames)} frames lie between {from_s:g} and {to_s:g} s; two or more are wanted"
        )
    start_ns = frames[0].time_ns
    labels: dict[int, list[tuple[float, ObjectLabel]]] = {}
    agents: dict[str, list[tuple[float, Pose, Vec3, int | None]]] = {}
    signals: dict[str, list[tuple[float, str]]] = {}
    for frame in frames:
        time_s = (frame.time_ns - start_ns) * 1e-9
        for name, agent in frame.agents.items():
            own = agent.body.track_id if agent.body is not None else agent.track_id
            agents.setdefault(name, []).append((time_s, agent.map_agent, agent.velocity_mps, own))
        for label in frame.objects:
            labels.setdefault(label.track_id, []).append((time_s, label))
        for name, state in frame.signals.items():
            shown = signals.setdefault(name, [])
            if not shown or shown[-1][1] != state:
                shown.append((time_s, state))
    spacing_s = float(np.median(np.diff([f.time_ns for f in frames]))) * 1e-9
    riding = _agents(reader, agents, labels)
    taken = {m.track_id for m in riding.values()}
    objects = (_object(i, labels[i], spacing_s) for i in sorted(labels.keys() - taken))
    return Motions(
        begins_s=start_ns * 1e-9,
        ends_s=(frames[-1].time_ns - start_ns) * 1e-9,
        agents=riding,
        objects=tuple(o for o in objects if o.tracks),
        signals={name: tuple(signals[name]) for name in sorted(signals)},
    )


def _agents(
    reader: CaptureReader,
    agents: dict[str, list[tuple[float, Pose, Vec3, int | None]]],
    labels: dict[int, list[tuple[float, ObjectLabel]]],
) -> dict[str, Motion]:
    """Those that are vehicles: their poses are exact."""
    plan = reader.plan
    blueprints = {EGO: plan.ego.blueprint}
    blueprints |= {c.name: plan.vehicles[c.vehicle].blueprint for c in plan.connected}
    out = {}
    for name, rows in agents.items():
        if name not in blueprints or len(rows) < 2:
            continue
        own = rows[0][3] or 0
        seen = [label for _, label in labels.get(own, [])]
        body = next((a for a in (reader.frame(0).agents[name].body,) if a is not None), None)
        known = seen or ([body] if body is not None else [])
        rpy = np.array([rpy_from_rotation(pose.rotation) for _, pose, _, _ in rows])
        out[name] = Motion(
            track_id=own,
            object_class=known[0].object_class if known else ObjectClass.CAR,
            blueprint=known[0].blueprint if known else blueprints[name],
            size_m=_size(known) if known else np.zeros(3),
            tracks=(
                Track.through(
                    [t for t, *_ in rows],
                    np.array([pose.position_m for _, pose, _, _ in rows]),
                    rpy[:, 2],
                    pitch_rad=rpy[:, 1],
                    roll_rad=rpy[:, 0],
                    velocity_mps=np.array([v for *_, v, _ in rows]),
                    anchor=Anchor.ORIGIN,
                    of=str(own) if own else name,
                ),
            ),
        )
    return out


def _size(labels: Sequence[ObjectLabel]) -> Vec3:
    return np.asarray(np.median([label.box.size_m for label in labels], axis=0))


def _object(track_id: int, rows: Sequence[tuple[float, ObjectLabel]], spacing_s: float) -> Motion:
    pieces: list[list[tuple[float, ObjectLabel]]] = []
    for row in rows:
        if not pieces or row[0] - pieces[-1][-1][0] > max(GAP_S, 1.5 * spacing_s):
            pieces.append([])
        pieces[-1].append(row)
    label = rows[0][1]
    make = _walk if label.object_class in PEOPLE else _drive
    return Motion(
        track_id=track_id,
        object_class=label.object_class,
        blueprint=label.blueprint,
        size_m=_size([each for _, each in rows]),
        tracks=tuple(make(piece) for piece in pieces if len(piece) > 1),
    )


def _drive(rows: Sequence[tuple[float, ObjectLabel]]) -> Track:
    poses = [label.box.pose for _, label in rows]
    rpy = np.array([rpy_from_rotation(pose.rotation) for pose in poses])
    return Track.through(
        [t for t, _ in rows],
        np.array([pose.position_m for pose in poses]),
        rpy[:, 2],
        pitch_rad=rpy[:, 1],
        roll_rad=rpy[:, 0],
        anchor=Anchor.MIDDLE,
        of=str(rows[0][1].track_id),
    )


def _walk(rows: Sequence[tuple[float, ObjectLabel]]) -> Track:
    """Of the ground under the hips, without their sway.

    Limbs swing, and with them the box; velocities of labels do not. What is left of the hips' places when
    the way by velocities is taken off is sway, and a drift that is slow: its mean over a stride is kept.
    """
    times = np.array([t for t, _ in rows])
    velocity = np.array([label.velocity_mps for _, label in rows])
    places = np.array([_hips(label.joints_m, label.box.pose.position_m) for _, label in rows])
    steps = np.diff(times)[:, None] * (velocity[1:, :2] + velocity[:-1, :2]) / 2.0
    way = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    rest = places[:, :2] - way
    near = np.abs(times[:, None] - times) <= STRIDE_S / 2.0
    smooth = (near @ rest) / near.sum(axis=1, keepdims=True)
    floor = [label.box.pose.position_m[2] - label.box.size_m[2] / 2.0 for _, label in rows]
    return Track.through(
        times,
        np.column_stack([way + smooth, floor]),
        np.array([rpy_from_rotation(label.box.pose.rotation)[2] for _, label in rows]),
        anchor=Anchor.GROUND,
        of=str(rows[0][1].track_id),
    )


def _hips(joints_m: Joints | None, middle_m: Vec3) -> Float64[np.ndarray, "3"]:
    """The middle between a walker's hips, else of the box."""
    if joints_m is None or not np.isfinite(joints_m[list(HIPS)]).all():
        return np.asarray(middle_m)
    return np.asarray(joints_m[list(HIPS)].mean(axis=0))
