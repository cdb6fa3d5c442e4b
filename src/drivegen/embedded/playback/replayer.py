"""Plays a recording back into a world."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from jaxtyping import Float64, Shaped, UInt32

from drivegen.core.geometry import Pose
from drivegen.embedded.playback.cast import Cast
from drivegen.embedded.playback.frames import CM_PER_M, between, pose, positions_m, rpy_rad
from drivegen.embedded.playback.log import Frame, LogError, LogReader, PacketId
from drivegen.embedded.playback.log.reader import FrameEntry
from drivegen.embedded.playback.show import show_lights, show_poses, show_vehicles, swing_doors
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.world import World

_EVENTS = (PacketId.EVENT_ADD, PacketId.EVENT_DEL, PacketId.EVENT_PARENT, PacketId.VEHICLE_DOOR)
_SLACK_S = 1e-6
"""Times are sums of steps: a frame that is due may lie this far ahead."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplayOptions:
    """What a client asks for."""

    start_s: float = 0.0
    """In the recording; negative from its end."""
    duration_s: float = 0.0
    """0 or less for all that is left."""
    follow_id: int = 0
    """Recorded id of the actor that the spectator follows; 0 for none."""
    sensors: bool = False
    """Whether sensors are spawned too."""
    offset: Pose = field(default_factory=Pose.identity)
    """Of the spectator in the frame of the actor that it follows."""


class Replayer:
    """One replay. In its n-th tick the world stands as recorded n - 1 ticks after the start; where a tick
    falls between two recorded frames, poses are interpolated.

    Replayed vehicles and walkers are without physics until the end; what else is in the world goes on.
    """

    def __init__(self, world: World, reader: LogReader, options: ReplayOptions, cast: Cast) -> None:
        """Spawns what was there at the start; poses are taken up with the first tick.

        Args:
            world: Where to play, on the recording's map.
            reader: The recording; the replayer closes it.
            options: What is wanted.
            cast: Takes care of actors.

        Raises:
            LogError: The recording has no frames, or its times make no sense.
        """
        self._world = world
        self._reader = reader
        self._options = options
        self._cast = cast
        self._index = _checked(reader)
        self._times = [entry.start.elapsed_s for entry in self._index]
        total = self._times[-1]
        self.total_s = total
        """Length of the recording."""
        start = options.start_s if options.start_s >= 0.0 else max(0.0, total + options.start_s)
        self.start_s = start
        self.stop_s = start + options.duration_s if options.duration_s > 0.0 else total
        self._now_s = start
        self._done = 0
        """Frames whose events have happened."""
        self._shown: Frame | None = None
        self._next: Frame | None = None
        self.time_factor = 1.0
        self.ended = False

    def begin(self) -> None:
        """Lets happen what had happened at the start. Raises LogError."""
        self._advance(self._now_s)

    def before_step(self, delta_s: float) -> None:
        """Puts all actors where they are in this tick. Raises LogError.

        Args:
            delta_s: Length of the tick; the next one shows this much, times the time factor, later.
        """
        self._advance(self._now_s)
        assert self._shown is not None
        self._place(self._shown, self._next, self._now_s)
        show_lights(self._world, self._cast, self._shown)
        show_vehicles(self._world, self._cast, self._shown)
        show_poses(self._cast, self._shown)
        self._follow()
        self.ended = self._now_s >= min(self.stop_s, self.total_s) - _SLACK_S
        self._now_s += delta_s * self.time_factor

    def finish(self, *, keep_actors: bool) -> None:
        """Ends the replay: vehicles stand, with physics again; walkers stop; lights go on by themselves.

        Args:
            keep_actors: Otherwise what the replay has spawned is destroyed.
        """
        self._reader.close()
        self._world.lights.let_go()
        self._cast.release(keep=keep_actors)

    # -- time ---------------------------------------------------------------------------------------------

    def _advance(self, now_s: float) -> None:
        """Reads on to the frame of a time; events of all frames up to it happen."""
        due = max(1, bisect_right(self._times, now_s + _SLACK_S))
        if due == self._done:
            return
        self._shown = self._next = None
        while self._done < due:
            self._done += 1
            last = self._done == due
            entry = self._index[self._done - 1]
            frame = self._reader.frame_at(entry, None if last else _EVENTS)
            self._cast.events(frame)
            swing_doors(self._world, self._cast, frame)
            if last:
                self._shown = frame
        if due < len(self._index):
            self._next = self._reader.frame_at(self._index[due], (PacketId.POSITION,))

    # -- what is seen -------------------------------------------------------------------------------------

    def _place(self, frame: Frame, following: Frame | None, now_s: float) -> None:
        table = frame.table(PacketId.POSITION)
        locations, rotations = _poses(table)
        if following is not None:
            span = following.start.elapsed_s - frame.start.elapsed_s
            share = (now_s - frame.start.elapsed_s) / span if span > _SLACK_S else 0.0
            if share * span > _SLACK_S:
                locations, rotations = _interpolated(table, following, min(share, 1.0))
        places, angles = positions_m(locations), rpy_rad(rotations)
        sound = np.isfinite(places).all(axis=1) & np.isfinite(angles).all(axis=1)
        rows: dict[ActorKind, list[int]] = {}
        actors: list[Actor | None] = [self._cast.actor(recorded) for recorded in table["actor"].tolist()]
        for row, actor in enumerate(actors):
            if actor is not None and sound[row]:
                rows.setdefault(actor.kind, []).append(row)
        ids = np.array([0 if actor is None else actor.id for actor in actors], np.uint32)
        cars = rows.pop(ActorKind.VEHICLE, [])
        self._world.vehicles.place(ids[cars], places[cars], angles[cars])
        people = rows.pop(ActorKind.WALKER, [])
        speeds = _speeds_mps(frame, table["actor"][people])
        self._world.walkers.place(ids[people], places[people], angles[people, 2], speeds)
        for row in (row for others in rows.values() for row in others):
            actor = actors[row]
            if actor is not None and not actor.parent_id:
                self._world.put(actor.id, pose(locations[row], rotations[row]))
        self._world.placement.changed()

    def _follow(self) -> None:
        followed = self._cast.actor(self._options.follow_id) if self._options.follow_id else None
        if followed is not None and followed.kind is not ActorKind.SPECTATOR:
            at = Pose.from_matrix(self._where(followed))
            self._world.put(self._world.spectator.id, at @ self._options.offset)

    def _where(self, actor: Actor) -> Float64[np.ndarray, "4 4"]:
        return self._world.world_actor(actor.id)


def _checked(reader: LogReader) -> tuple[FrameEntry, ...]:
    index = reader.index()
    if not index:
        raise LogError(f"{reader.path}: the recording has no frames")
    times = [entry.start.elapsed_s for entry in index]
    if not all(math.isfinite(t) for t in times) or any(b < a for a, b in pairwise(times)):
        raise LogError(f"{reader.path}: the recording's times do not grow; it is damaged")
    return index


def _speeds_mps(frame: Frame, ids: UInt32[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    """How fast recorded walkers go."""
    table = frame.table(PacketId.ANIM_WALKER)
    known = dict(zip(table["actor"].tolist(), table["speed_cmps"].tolist(), strict=True))
    return np.nan_to_num(np.array([known.get(i, 0.0) for i in ids.tolist()]) / CM_PER_M)


def _poses(table: Shaped[np.ndarray, "n"]) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
    return table["location_cm"].astype(np.float64), table["rotation_deg"].astype(np.float64)


def _interpolated(
    table: Shaped[np.ndarray, "n"], following: Frame, share: float
) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
    """Poses between two frames; of actors that the next frame lacks, those of the first."""
    after = following.table(PacketId.POSITION)
    row_of = {actor: row for row, actor in enumerate(after["actor"].tolist())}
    rows = np.array([row_of.get(actor, -1) for actor in table["actor"].tolist()], np.int64)
    locations, rotations = _poses(table)
    there = rows >= 0
    next_locations, next_rotations = _poses(after[rows[there]])
    locations[there], rotations[there] = between(
        locations[there], rotations[there], next_locations, next_rotations, share
    )
    return locations, rotations
