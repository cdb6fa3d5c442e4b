"""A server's recorder and replayer: what the clients' calls about recordings do."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from drivegen.core.errors import DrivegenError
from drivegen.embedded.playback.cast import Cast, Hooks
from drivegen.embedded.playback.folder import LogFolder
from drivegen.embedded.playback.log import LogError, LogReader
from drivegen.embedded.playback.recorder import Known, LogRecorder
from drivegen.embedded.playback.replayer import Replayer, ReplayOptions
from drivegen.embedded.playback.reports import actors_blocked, collisions, file_info
from drivegen.embedded.playback.reports.text import number
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.world import World

MAX_TIME_FACTOR = 1000.0


class Playback:
    """At most one recording or one replay at a time, in one episode; starting one ends the other."""

    def __init__(
        self, world: World, folder: LogFolder, load: Callable[[LoadedMap], None], hooks: Hooks
    ) -> None:
        """
        Args:
            world: What is recorded and played to.
            folder: Where recordings lie.
            load: Begins an episode on a map.
            hooks: Told of actors that a replay spawns or destroys.
        """
        self._world = world
        self._folder = folder
        self._load = load
        self._hooks = hooks
        self._recorder: LogRecorder | None = None
        self._replayer: Replayer | None = None
        self._episode_id = world.episode_id
        self._remembered: dict[int, Known] = {}
        self._time_factor = 1.0
        self._ignore_hero = False
        self._ignore_spectator = True

    # -- ticks --------------------------------------------------------------------------------------------

    def before_step(self, delta_s: float) -> None:
        """Puts replayed actors where this tick wants them; the world steps next."""
        self._heed_episode()
        if self._replayer is None:
            return
        try:
            self._replayer.before_step(delta_s)
        except DrivegenError as error:
            self._hooks.warn(f"the replay ends: {error}")
            self._end_replay(keep_actors=True)

    def after_step(self, delta_s: float) -> None:
        """Records what the world has stepped to; ends a replay that has come to its end."""
        if self._replayer is not None and self._replayer.ended:
            self._end_replay(keep_actors=True)
        if self._recorder is None:
            return
        try:
            self._recorder.after_step(delta_s)
        except DrivegenError as error:
            self._hooks.warn(f"the recording ends: {error}")
            self.stop_recorder()

    def close(self) -> None:
        """Ends both."""
        self.stop_recorder()
        self._end_replay(keep_actors=True)

    def _heed_episode(self) -> None:
        """A new episode has ended both: their actors are gone."""
        if self._episode_id == self._world.episode_id:
            return
        self._episode_id = self._world.episode_id
        self.stop_recorder()
        self._end_replay(keep_actors=True)

    # -- recording ----------------------------------------------------------------------------------------

    def start_recorder(self, name: str, *, additional: bool) -> str:
        """Records from the next tick on; a file of this name is replaced.

        Returns:
            The file's full path.

        Raises:
            LogError: The name leads out of the folder, or the file cannot be written.
        """
        self._heed_episode()
        path = self._folder.file(name)
        self._end_replay(keep_actors=False)
        self.stop_recorder()
        self._recorder = LogRecorder(
            self._world, path, additional=additional, date_s=int(time.time()), clock=time.monotonic
        )
        return str(path)

    def stop_recorder(self) -> None:
        """Ends the recording, if there is one."""
        if self._recorder is not None:
            self._remembered.update(self._recorder.seen)
            self._recorder.close()
            self._recorder = None

    # -- asking -------------------------------------------------------------------------------------------

    def file_info(self, name: str, *, show_all: bool) -> str:
        """Frame by frame; see `reports.info`. Raises LogError for a name outside the folder."""
        return self._report(name, lambda reader: file_info(reader, show_all=show_all))

    def collisions(self, name: str, category1: str, category2: str) -> str:
        """Who touched whom; see `reports.collisions`. Raises LogError."""
        return self._report(name, lambda reader: collisions(reader, category1, category2))

    def actors_blocked(self, name: str, min_time_s: float, min_distance_cm: float) -> str:
        """Who stood still; see `reports.blocked`. Raises LogError."""
        return self._report(name, lambda reader: actors_blocked(reader, min_time_s, min_distance_cm))

    def _report(self, name: str, make: Callable[[LogReader], str]) -> str:
        path = self._folder.file(name)
        if not path.exists():
            return f"File {path} not found on server\n"
        with LogReader(path) as reader:
            return make(reader)

    # -- replaying ----------------------------------------------------------------------------------------

    def replay(self, name: str, options: ReplayOptions) -> str:
        """Plays a recording from the next tick on, on its own map.

        Returns:
            What is played, in CARLA's words.

        Raises:
            LogError: The name leads out of the folder, the file is no recording, or a time is no number.
        """
        self._heed_episode()
        if not (math.isfinite(options.start_s) and math.isfinite(options.duration_s)):
            raise LogError(f"a replay from {options.start_s} s for {options.duration_s} s is not possible")
        path = self._folder.file(name)
        self.stop_recorder()
        self._end_replay(keep_actors=False)
        lines = [f"Replaying File: {path}"]
        if not path.exists():
            return "\n".join([*lines, f"File {path} not found on server", ""])
        reader = LogReader(path)
        try:
            if reader.header.map_name != self._world.map.name:
                lines += self._change_map(reader.header.map_name)
            replayer = Replayer(self._world, reader, options, self._cast(options))
            replayer.time_factor = self._time_factor
            replayer.begin()
        except BaseException:
            reader.close()
            raise
        self._replayer = replayer
        total = number(replayer.total_s)
        lines.append(f"Total time recorded: {total}")
        lines.append(
            f"Replaying from {number(replayer.start_s)} s - {number(replayer.stop_s)} s ({total} s)"
            f" at {self._time_factor:.1f}x"
        )
        if self._ignore_hero:
            lines.append("Ignoring Hero vehicle")
        if self._ignore_spectator:
            lines.append("Ignoring Spectator camera")
        return "\n".join([*lines, ""])

    def _change_map(self, map_name: str) -> list[str]:
        """Loads a recording's map. Raises MapError when the server does not have it."""
        loaded = self._world.maps.load(map_name)
        if loaded.name == self._world.map.name:
            return []
        self._load(loaded)
        self._heed_episode()
        return [f"Loading map {map_name}"]

    def _cast(self, options: ReplayOptions) -> Cast:
        return Cast(
            self._world,
            self._hooks,
            self._remembered,
            sensors=options.sensors,
            ignore_hero=self._ignore_hero,
            ignore_spectator=self._ignore_spectator,
        )

    def stop_replayer(self, *, keep_actors: bool) -> None:
        """Ends the replay, if there is one.

        Args:
            keep_actors: Otherwise what the replay has spawned is destroyed.
        """
        self._heed_episode()
        self._end_replay(keep_actors=keep_actors)

    def _end_replay(self, *, keep_actors: bool) -> None:
        if self._replayer is not None:
            replayer, self._replayer = self._replayer, None
            replayer.finish(keep_actors=keep_actors)

    def set_time_factor(self, factor: float) -> None:
        """How much faster than recorded replays run, the running one too. Raises LogError."""
        if not 0.0 <= factor <= MAX_TIME_FACTOR:
            raise LogError(f"a replayer's time factor of {factor:g} is not within 0 and {MAX_TIME_FACTOR:g}")
        self._time_factor = factor
        if self._replayer is not None:
            self._replayer.time_factor = factor

    def set_ignore_hero(self, ignore: bool) -> None:
        """Whether replays that begin from now on leave actors with role name hero out."""
        self._ignore_hero = ignore

    def set_ignore_spectator(self, ignore: bool) -> None:
        """Whether replays that begin from now on leave the spectator where it is, as they do at first."""
        self._ignore_spectator = ignore
