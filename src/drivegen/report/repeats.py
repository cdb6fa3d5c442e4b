"""What is there twice, and what is there for nothing: scenes, images and sweeps that repeat, empty frames."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from foxglove_schemas_protobuf.PointCloud_pb2 import PointCloud

from drivegen.capture import schema
from drivegen.capture.frame import EGO
from drivegen.capture.index import query
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.sensors import Camera, Lidar

_READ_BYTES = 6_000_000_000
"""Of images and sweeps that are held against each other; then scenes are left out, and it is said."""
_NAMED = 20
_STILL_M = 0.02
"""Who moves more between two frames cannot see the same image."""
_ALIKE_BITS = 3
"""Of the 256 of `_look_of` that may differ in images that look alike."""
_LOOKS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Something that is there a second time, byte by byte."""

    scene: str
    frame: int
    what: str
    """agent/channel."""
    of_scene: str
    of_frame: int
    moved_m: float
    """How far its agent had got meanwhile; NaN over scenes."""

    @property
    def cannot_be(self) -> bool:
        """A sensor that moves does not see the same twice."""
        return not self.moved_m <= _STILL_M


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """What was found of a run."""

    compared: int
    """Images and sweeps."""
    scenes: int
    """Whose images were compared."""
    of_scenes: int
    found: tuple[Repeat, ...]
    """The first `_NAMED`, those that cannot be first."""
    wrong: int
    still: int
    """Images of agents that stand, equal byte by byte: nothing had changed before them."""
    same_scenes: tuple[tuple[str, ...], ...]
    """Scenes with equal content, or made from equal plans."""
    alike: tuple[tuple[str, str], ...]
    """Scenes whose first front images look alike, though no byte need be equal."""
    empty: tuple[tuple[str, int, str], ...]
    """(scene, frame, what is missing) of the first empty keyframes and sweeps."""
    empty_count: int
    keyframes: int


def find_repeats(run: Path, captures: Sequence[CapturePlace]) -> Repeats:
    """Reads images and sweeps of the captures once, without decoding them; a scene at a time."""
    seen: dict[bytes, tuple[str, int, str]] = {}
    found: list[Repeat] = []
    still = compared = scenes = spent = wrong = 0
    looks: list[tuple[str, np.ndarray]] = []
    void: list[tuple[str, int, str]] = []
    for place in captures:
        if spent > _READ_BYTES:
            break
        scenes += 1
        with CaptureReader(place) as reader:
            places: dict[str, np.ndarray] = {}
            for frame in reader.frames():
                for what, payload, agent in _payloads(reader, frame):
                    if not payload:
                        void.append((reader.scene, frame.index, f"no point of {what}"))
                        continue
                    compared += 1
                    spent += len(payload)
                    # Of one channel: two cameras may well show the same road and sky.
                    key = hashlib.blake2b(payload, digest_size=12, person=_person(what)).digest()
                    at = frame.agents[agent].map_agent.position_m
                    before = seen.setdefault(key, (reader.scene, frame.index, what))
                    if before != (reader.scene, frame.index, what):
                        item = _repeat(reader, frame, what, before, at, places)
                        if item.cannot_be:
                            wrong += 1
                            found.append(item) if len(found) < 50 * _NAMED else None
                        else:
                            still += 1
                    else:
                        places[f"{what} {frame.index}"] = at
            if len(looks) < _LOOKS:
                looks += _look_of(reader)
    same = _same_scenes(run)
    empty = sorted([*_empty(run), *void])
    return Repeats(
        compared=compared,
        scenes=scenes,
        of_scenes=len(captures),
        found=tuple(sorted(found, key=lambda r: (r.scene, r.frame, r.what))[:_NAMED]),
        wrong=wrong,
        still=still,
        same_scenes=same,
        alike=_alike(looks, same),
        empty=tuple(empty[:_NAMED]),
        empty_count=len(empty),
        keyframes=query(run, "select count(*) from frames where keyframe").rows[0][0],
    )


def _payloads(reader: CaptureReader, frame: CapturedFrame) -> list[tuple[str, bytes, str]]:
    """Images as the files that they are kept as, and the points of sweeps: without the times of messages."""
    out = []
    for name, agent in frame.agents.items():
        for channel in agent.delivered_by(Camera):
            out.append((f"{name}/{channel}", agent.jpeg(channel), name))
        for channel in agent.delivered_by(Lidar):
            topic = schema.sensor_topic(name, channel, "points")
            out.append((f"{name}/{channel}", _points(reader.payload(topic, frame.time_ns)), name))
    return out


def _points(payload: bytes) -> bytes:
    """The data of a foxglove.PointCloud."""
    return bytes(PointCloud.FromString(payload).data)


def _person(what: str) -> bytes:
    """What makes the same bytes of another channel something else; 16 bytes, as BLAKE2b takes them."""
    return hashlib.blake2b(what.encode(), digest_size=16).digest()


def _repeat(
    reader: CaptureReader,
    frame: CapturedFrame,
    what: str,
    before: tuple[str, int, str],
    at: np.ndarray,
    places: dict[str, np.ndarray],
) -> Repeat:
    scene, number, channel = before
    there = places.get(f"{channel} {number}") if scene == reader.scene else None
    return Repeat(
        scene=reader.scene,
        frame=frame.index,
        what=what,
        of_scene=scene,
        of_frame=number,
        moved_m=float(np.linalg.norm(at - there)) if there is not None else float("nan"),
    )


def _look_of(reader: CaptureReader) -> list[tuple[str, np.ndarray]]:
    """Differences of neighbours in the first front image shrunk to 17 x 16 greys (dHash, Krawetz 2013)."""
    for frame in reader.frames():
        cameras = frame.agents[EGO].delivered_by(Camera)
        if cameras:
            ahead = min(cameras, key=lambda c: abs(reader.sensor(EGO, c).agent_sensor.yaw_rad))
            data = np.frombuffer(frame.agents[EGO].jpeg(ahead), np.uint8)
            grey = cv2.imdecode(data, cv2.IMREAD_REDUCED_GRAYSCALE_8)
            small = cv2.resize(grey, (17, 16), interpolation=cv2.INTER_AREA).astype(np.int16)
            return [(reader.scene, np.packbits(np.diff(small, axis=1) > 0))]
    return []


def _alike(
    looks: list[tuple[str, np.ndarray]], same: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, str], ...]:
    """Pairs of scenes whose images look alike, but for those that are known to be the same."""
    if len(looks) < 2:
        return ()
    known = {(a, b) for group in same for a in group for b in group}
    bits = np.unpackbits(np.stack([look for _, look in looks]), axis=1).astype(np.int16)
    out = []
    for i in range(len(bits)):
        off = np.abs(bits[i + 1 :] - bits[i]).sum(axis=1)
        for j in np.flatnonzero(off <= _ALIKE_BITS):
            pair = looks[i][0], looks[i + 1 + int(j)][0]
            if pair not in known:
                out.append(pair)
    return tuple(out[:_NAMED])


def _same_scenes(run: Path) -> tuple[tuple[str, ...], ...]:
    groups = []
    for column in ("content_sha256", "plan_sha256"):
        rows = query(
            run,
            f"select list(scene order by scene) from scenes where coalesce({column}, '') <> ''"  # noqa: S608
            f" group by {column} having count(*) > 1 order by 1",
        ).rows
        groups += [tuple(r[0]) for r in rows if tuple(r[0]) not in groups]
    return tuple(groups[:_NAMED])


def find_empty(run: Path) -> tuple[tuple[tuple[str, int, str], ...], int]:
    """(scene, frame, what is missing) of the first empty keyframes, and how many there are."""
    found = _empty(run)
    return tuple(found[:_NAMED]), len(found)


def _empty(run: Path) -> list[tuple[str, int, str]]:
    """Keyframes without a label, or in which nothing was delivered."""
    rows = query(
        run,
        """select scene, frame, objects, len(delivered) from frames
        where keyframe and (objects = 0 or len(delivered) = 0) order by scene, frame""",
    ).rows
    out = []
    for scene, frame, objects, delivered in rows:
        missing = ["no label"] if objects == 0 else []
        missing += ["no sensor delivered"] if delivered == 0 else []
        out.append((scene, frame, ", ".join(missing)))
    return out
