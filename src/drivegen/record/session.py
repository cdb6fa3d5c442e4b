"""Records one scene: from a CARLA server that answers at a port to a finished capture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import carla
import numpy as np

from drivegen.capture.writer import CaptureSummary, CaptureWriter
from drivegen.core.errors import PlanError, ServerError
from drivegen.core.handedness import flip_points
from drivegen.core.plans import ScenePlan
from drivegen.core.weather_course import WeatherCourse
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import signal_heads
from drivegen.record.agents import Carried, Carriers, agents_of
from drivegen.record.cast import Cast
from drivegen.record.frames import FrameBuilder, Moment
from drivegen.record.on_tracks import OnTracks, check_tracks
from drivegen.record.roadside import RoadsidePoles
from drivegen.record.schedule import Schedule
from drivegen.record.signals import Signals, SignalView
from drivegen.record.streams import Mounted, SensorStreams
from drivegen.record.street_furniture import furniture
from drivegen.record.talk import Talk
from drivegen.record.timings import Timings
from drivegen.record.truth import Observation, observe
from drivegen.record.vehicles import Vehicles
from drivegen.record.walkers import MovingBox, WalkerDriver
from drivegen.record.world import Endpoint, ServerWorld

__all__ = ["Endpoint", "Progress", "SceneResult", "Watch", "record_scene"]

RUN_UP = 3
"""Ticks in which those on tracks come to their velocity: of three places servers make an acceleration."""

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total) in ticks; stages are warm-up and record."""

Watch = Callable[[float, Sequence[Observation], SignalView, Vehicles], None]
"""Called after every tick with the plan's time, everybody (the ego first), the lights, and the vehicles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneResult:
    """What came of a scene plan."""

    capture: CaptureSummary
    achieved: dict[str, float]
    """Spawned and recorded: vehicles, pedestrians, and by class; walkers by role, and what they
    crossed; beside `ScenePlan.requested`."""
    spawn_failures: tuple[str, ...]
    """One line for each vehicle or walker of the plan that the server refused, with its words."""
    stage_s: dict[str, float]
    """Wall seconds by stage: connect, map, spawn, warm-up, tick (waited for the server), sensors (waited for
    their data), truth, lines of sight, exchange, unpack, effects, lidar, radar, identity, visibility, write,
    close. The server works during most of them."""
    frames: int


def record_scene(
    plan: ScenePlan,
    *,
    map_path: Path,
    endpoint: Endpoint,
    capture_path: Path,
    provenance: Mapping[str, str],
    jpeg_quality: int = 92,
    encoder_threads: int = 1,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> SceneResult:
    """Plays the plan on the server and writes the capture; leaves the server empty, also on errors.

    Args:
        plan: What to play.
        map_path: The OpenDRIVE file of `plan.map`; loaded into the server if it has another road.
        endpoint: Where the server is.
        capture_path: Of the capture; its folder must exist.
        provenance: Written into the capture; no wall clock.
        jpeg_quality: Of the colour images.
        encoder_threads: Encoders beside the caller's thread.
        progress: Told after every tick.
        watch: Shown every tick, recorded or not; for studies.

    Raises:
        PlanError: Periods do not fit the tick, the map file is not the plan's, or a blueprint is unknown.
        ServerError: The server cannot be reached, is of another version, or stopped answering. After a
            tick that never came back this process cannot talk to the server any more: end it.
        FrameError: A due sensor did not deliver exactly a tick's data. After this and a ServerError the
            frames so far are in `capture_path` + ".part".
        CaptureError: The capture could not be written.
    """
    schedule = Schedule.of(plan)
    check_tracks(plan, schedule)
    opendrive = _read_map(plan, map_path)
    timings = Timings()
    with timings.stage("connect"):
        server = ServerWorld(endpoint)
    try:
        with timings.stage("map"):
            server.use_map(opendrive)
            network = read_network(opendrive, str(map_path))
            heads = signal_heads(network)
        with timings.stage("spawn"):
            server.prepare(plan)
        with timings.stage("spawn"), server.calls("setting up the roadside units"):
            poles = RoadsidePoles(server.world, plan, network)
        cast: Cast | None = None
        on_tracks: OnTracks | None = None
        try:
            with timings.stage("spawn"):
                cast = Cast(server, plan)
            with timings.stage("spawn"), server.calls("handing over the vehicles"):
                vehicles = Vehicles(plan, server, cast, network, heads)
                on_tracks = OnTracks(plan, server, cast, vehicles.lamps)
            signals = Signals(server.world, heads)
            talk = Talk(plan, network, server.world, poles.antennas_m, timings)
            take = _Take(
                plan, schedule, server, cast, vehicles, on_tracks, signals, talk, timings, progress, watch
            )
            with CaptureWriter(
                capture_path,
                plan,
                provenance,
                opendrive=opendrive,
                jpeg_quality=jpeg_quality,
                threads=encoder_threads,
                keep_partial=True,
            ) as writer:
                take.warm_up()
                take.record(writer)
                with timings.stage("close"):
                    summary = writer.close()
            achieved = {**cast.achieved(), **vehicles.achieved(), **take.walked()}
        finally:
            if server.ticker.settle():
                if on_tracks is not None:
                    on_tracks.close()
                if cast is not None:
                    cast.destroy()
                poles.destroy()
    finally:
        server.close()
    return SceneResult(
        capture=summary,
        achieved=achieved,
        spawn_failures=(*cast.failures, *vehicles.never_entered, *on_tracks.never_came),
        stage_s=timings.stage_s,
        frames=summary.frames,
    )


def _read_map(plan: ScenePlan, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(f"{plan.scene}: the road {path} cannot be read: {error.strerror}") from None
    found = hashlib.sha256(text.encode()).hexdigest()
    if found != plan.map.sha256:
        raise PlanError(f"{plan.scene}: {path} is not the road of the plan: its SHA-256 is {found[:12]}...")
    return text


class _Take:
    """The ticks of a scene, from the first to the last."""

    def __init__(
        self,
        plan: ScenePlan,
        schedule: Schedule,
        server: ServerWorld,
        cast: Cast,
        vehicles: Vehicles,
        on_tracks: OnTracks,
        signals: Signals,
        talk: Talk,
        timings: Timings,
        progress: Progress | None,
        watch: Watch | None,
    ) -> None:
        self._watch = watch
        self._plan = plan
        self._schedule = schedule
        self._server = server
        self._cast = cast
        self._vehicles = vehicles
        self._on_tracks = on_tracks
        self._time_s = 0.0
        """Of the plan: since the scene's beginning, warm-up included; the lead of the sensors takes none."""
        self._signals = signals
        self._talk = talk
        self._timings = timings
        self._progress = progress
        with server.calls("reading the street furniture"):
            standing = furniture(server.world, plan.walkers)
        self._driver = WalkerDriver(cast.walker_plans, plan.tick_s, standing)
        self._afoot = frozenset(cast.walker_plans)
        """Walkers without tracks."""
        self._agents = agents_of(plan)
        self._carriers = Carriers(self._agents, cast.carriers)
        self._course = WeatherCourse.of(plan.weather)
        self._weather = plan.weather.parameters

    def warm_up(self) -> None:
        """Lets traffic get going, without sensors."""
        with self._timings.stage("warm-up"):
            for done in range(self._schedule.warmup):
                self._time_s = (done + 1) * self._plan.tick_s
                self._tick_unseen()
                self._tell("warm-up", done + 1, self._schedule.warmup)

    def record(self, writer: CaptureWriter) -> None:
        """Spawns the sensors, waits until all are live, and records the plan's duration."""
        with self._timings.stage("spawn"), self._server.calls("spawning sensors"):
            streams = SensorStreams(self._server.world, self._mounted(), self._schedule)
        try:
            with self._timings.stage("warm-up"):
                first = self._bring_up(streams)
            builder = FrameBuilder(self._plan, self._agents, self._timings)
            for moment in self._moments(streams, first):
                frame = builder.build(moment)
                frame = self._talk.step(frame, moment.paths, moment.left_s)
                with self._timings.stage("write"):
                    writer.write(frame)
        finally:
            if self._server.ticker.settle():
                streams.close()

    def walked(self) -> dict[str, float]:
        """What the walkers did so far."""
        found = self._driver.achieved()
        for name, count in self._on_tracks.achieved().items():
            found[name] = found.get(name, 0.0) + count
        return found

    def _mounted(self) -> list[Mounted]:
        """All sensors of all agents, and what carries them."""
        out = []
        for agent in self._agents:
            parent = None
            if agent.unit is None:
                parent = self._cast.by_id(self._cast.carriers[agent.name]).actor
            stands = None if agent.unit is None else agent.unit.map_agent
            out += [
                Mounted(key=key, sensor=sensor, parent=parent, parent_agent=stands)
                for key, sensor in agent.keyed.items()
            ]
        return out

    def _bring_up(self, streams: SensorStreams) -> int:
        """Ticks until just before the first frame to record, whose number it returns."""
        streams.listen()
        with self._server.patience():
            frame = self._tick_unseen()
        for phase in range(1, self._schedule.groups[-1] + 1):
            streams.drain()
            frame = self._bring_up_phase(streams, phase)
        for left in range(self._schedule.lead - 1, 0, -1):
            streams.drain()
            frame = self._tick_unseen(left if left <= RUN_UP else 0)
        first = streams.common_frame(frame, self._server.endpoint.call_timeout_s)
        while frame + 1 < first:
            frame = self._tick_unseen(first - frame - 1)
        return first

    def _bring_up_phase(self, streams: SensorStreams, phase: int) -> int:
        """Spawns the sensors of a phase and ticks; the frame."""
        with self._server.calls("spawning sensors"):
            for stream in streams.spawn(phase):
                stream.listen()
        if phase not in self._schedule.groups:
            return self._tick_unseen()
        with self._server.patience():
            return self._tick_unseen()

    def _moments(self, streams: SensorStreams, first: int) -> Iterator[Moment]:
        """The recorded ticks at which something is due; the server is at the next while one is in use."""
        schedule, ticker = self._schedule, self._server.ticker
        self._place(schedule.warmup * self._plan.tick_s)
        ticker.start()
        made = 0
        for index in range(schedule.recorded):
            with self._timings.stage("tick"):
                frame = ticker.finish()
            if frame != first + index:
                raise ServerError(f"tick {first + index} was expected and {frame} came: somebody else ticks")
            due = schedule.due(index)
            keyframe = index % schedule.keyframe == 0
            recorded = bool(due) or keyframe
            with self._timings.stage("sensors"):
                data = streams.take(due, frame, self._server.endpoint.call_timeout_s)
            self._time_s = (schedule.warmup + index) * self._plan.tick_s
            with self._timings.stage("truth"):
                seen, signals = self._look(frame, self._plan.label_range_m if recorded else 0.0)
                carried = self._carried(seen, frame) if recorded else {}
                time_ns = index * schedule.tick_ns
                with self._server.calls("looking from agent to agent"):
                    paths = self._talk.paths(time_ns, carried) if recorded else None
                self._steer(seen, signals)
            if index + 1 < schedule.recorded:
                self._follow_weather((index + 1) * schedule.tick_ns)
                self._place((schedule.warmup + index + 1) * self._plan.tick_s)
                ticker.start()
            if recorded:
                yield Moment(
                    index=made,
                    time_ns=time_ns,
                    keyframe=keyframe,
                    carried=carried,
                    everybody=seen,
                    signals=signals.states,
                    left_s=signals.left_s,
                    paths=paths,
                    data=data,
                )
                made += 1
            self._tell("record", index + 1, schedule.recorded)

    def _follow_weather(self, time_ns: int) -> None:
        """Sets the weather of the tick that comes next; no tick may be under way."""
        weather = self._course.at(time_ns)
        if weather != self._weather:
            self._server.set_weather(weather)
            self._weather = weather

    def _place(self, time_s: float, early_ticks: int = 0) -> None:
        """Puts all that follow tracks to where they are at the tick that comes next."""
        with self._server.calls("moving along tracks"):
            self._on_tracks.place(time_s, early_ticks * self._plan.tick_s)

    def _tick_unseen(self, early_ticks: int = 0) -> int:
        """A tick that is not recorded.

        Time stands still while sensors come up. In the last ticks before it goes on (`early_ticks` before the
        first that does) those on tracks run up, so that they have their velocity when it does.
        """
        self._place(self._time_s, early_ticks)
        frame = self._server.ticker.tick()
        seen, signals = self._look(frame, 0.0)
        self._steer(seen, signals)
        return frame

    def _look(self, frame: int, bones_within_m: float) -> tuple[list[Observation], SignalView]:
        """Everybody, the ego first, and the lights, after a tick."""
        carriers = self._carriers
        with self._server.calls("reading the world"):
            snapshot = self._server.world.get_snapshot()
            if snapshot.frame != frame:
                raise ServerError(f"after tick {frame} the world is at {snapshot.frame}: somebody else ticks")
            found = observe(
                snapshot,
                self._cast.tracked,
                bones_within_m=bones_within_m,
                carriers=carriers.track_ids.values(),
                fixed_m=carriers.fixed_m,
            )
            if not found or found[0].tracked is not self._cast.ego:
                raise ServerError(f"{self._plan.scene}: the ego is gone after tick {frame}")
            return self._on_tracks.told(found), self._signals.view(self._on_tracks.signals_left_s)

    def _carried(self, seen: Sequence[Observation], frame: int) -> dict[str, Carried]:
        try:
            return self._carriers.at({o.tracked.track_id: o for o in seen})
        except KeyError as gone:
            raise ServerError(f"{self._plan.scene}: {gone.args[0]} is gone after tick {frame}") from None

    def _steer(self, observed: list[Observation], signals: SignalView) -> None:
        """Tells the vehicles and walkers what to do in the next tick."""
        if self._watch is not None:
            self._watch(self._time_s, observed, signals, self._vehicles)
        with self._server.calls("steering the vehicles"):
            self._vehicles.steer(self._time_s, observed[0], observed[1:], signals)
        walkers = self._afoot
        if not walkers:
            return
        places = {
            o.tracked.track_id: np.asarray(o.map_actor.position_m)
            for o in observed
            if o.tracked.track_id in walkers
        }
        vehicles = [
            MovingBox(box=o.box, velocity_mps=o.velocity_mps)
            for o in observed
            if o.tracked.track_id not in self._cast.walker_plans
        ]
        commands = []
        for actor, step in self._driver.steps(places, vehicles, signals, ego=0).items():
            x, y, z = (float(v) for v in flip_points(step.direction))
            control: Any = carla.WalkerControl(carla.Vector3D(x, y, z), step.speed_mps, False)
            commands.append(carla.command.ApplyWalkerControl(actor, control))
        with self._server.calls("steering the walkers"):
            self._server.client.apply_batch(commands)

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(stage, done, total)
