"""Calls about recordings."""

from __future__ import annotations

from drivegen.embedded.playback import ReplayOptions
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U8, U32
from drivegen.embedded.wire.frames import pose_of
from drivegen.embedded.wire.values import Transform


def start_recorder(session: Session, name: str, additional: bool) -> str:
    """Records from the next tick on; the file's path."""
    return session.simulation.playback.start_recorder(name, additional=additional)


def stop_recorder(session: Session) -> None:
    """Ends the recording."""
    session.simulation.playback.stop_recorder()


def show_recorder_file_info(session: Session, name: str, show_all: bool) -> str:
    """A recording, frame by frame."""
    return session.simulation.playback.file_info(name, show_all=show_all)


def show_recorder_collisions(session: Session, name: str, category1: U8, category2: U8) -> str:
    """Who touched whom in a recording."""
    return session.simulation.playback.collisions(name, chr(category1), chr(category2))


def show_recorder_actors_blocked(session: Session, name: str, min_time: float, min_distance: float) -> str:
    """Who stood still in a recording: seconds, centimetres."""
    return session.simulation.playback.actors_blocked(name, min_time, min_distance)


def replay_file(
    session: Session,
    name: str,
    start: float,
    duration: float,
    follow: U32,
    sensors: bool,
    offset: Transform,
) -> str:
    """Plays a recording; what is played."""
    options = ReplayOptions(
        start_s=start, duration_s=duration, follow_id=follow, sensors=sensors, offset=pose_of(offset)
    )
    return session.simulation.playback.replay(name, options)


def stop_replayer(session: Session, keep_actors: bool) -> None:
    """Ends the replay."""
    session.simulation.playback.stop_replayer(keep_actors=keep_actors)


def set_replayer_time_factor(session: Session, factor: float) -> None:
    """How much faster than recorded."""
    session.simulation.playback.set_time_factor(factor)


def set_replayer_ignore_hero(session: Session, ignore: bool) -> None:
    """Whether heroes are left out."""
    session.simulation.playback.set_ignore_hero(ignore)


def set_replayer_ignore_spectator(session: Session, ignore: bool) -> None:
    """Whether the spectator stays where it is."""
    session.simulation.playback.set_ignore_spectator(ignore)
