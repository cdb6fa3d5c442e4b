"""The simulation thread: carries calls out, lets time pass, measures sensors, tells everybody."""

from __future__ import annotations

import socket
import sys
import time
import traceback
from collections.abc import Callable

from drivegen.core.errors import DrivegenError
from drivegen.core.geometry import Pose, Vec3
from drivegen.embedded.assets.scenery import ALL_LAYERS
from drivegen.embedded.playback import Hooks, LogFolder, Playback
from drivegen.embedded.raycast.segment import SegmentHits
from drivegen.embedded.rpc.connection import RpcConnection
from drivegen.embedded.rpc.sensor_events import event_payload
from drivegen.embedded.rpc.server import RpcServer
from drivegen.embedded.rpc.session import EPISODE_STREAM, Session
from drivegen.embedded.rpc.table import call_table
from drivegen.embedded.sensors.measurements import Event
from drivegen.embedded.streaming import StreamServer
from drivegen.embedded.wire.messages import Request, pack_answer
from drivegen.embedded.wire.sensor_data import Buffers, payload
from drivegen.embedded.wire.snapshot import LIGHTS_CHANGED, MAP_CHANGED, pack_state
from drivegen.embedded.wire.streams import SENSOR_TYPES, header
from drivegen.embedded.wire.values import EndPoint
from drivegen.embedded.world.actors import Actor
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.settings import DEFAULT_STEP_S, Settings
from drivegen.embedded.world.stage import Stage
from drivegen.embedded.world.world import World

FREE_RUNNING_STEP_S = 0.05
"""Free-running steps without a fixed length are made this often; their length is the time that has passed."""
JOINING_S = 0.3
"""How long after a client has asked for the stream of snapshots a new episode may begin."""
LOOKING = frozenset({"cast_ray", "project_point"})
"""Calls that change nothing which rays meet; of all others that is not known."""
MAX_VARIABLE_STEP_S = 0.5
"""A free-running step is never longer, however long the last one took to work out."""


class Simulation:
    """Owns the world. Every method is for the simulation thread, which is the one that calls `run`."""

    def __init__(
        self,
        world: World,
        streams: StreamServer,
        stage: Stage,
        listener: socket.socket,
        recordings: LogFolder,
    ) -> None:
        """Serves RPC on a bound socket."""
        self.world = world
        self._streams = streams
        self._stage = stage
        self._calls = call_table()
        self._sessions: dict[RpcConnection, Session] = {}
        self._traffic_managers: dict[int, EndPoint] = {}
        self._warned: set[str] = set()
        self._stopping = False
        self._announce = True
        self._last_step = time.monotonic()
        self._episode_promised = -JOINING_S
        self.playback = Playback(
            world,
            recordings,
            lambda new_map: self.load(new_map, reset_settings=False),
            Hooks(spawned=self._spawned, destroyed=self._destroyed, warn=self.warn),
        )
        self.rpc = RpcServer(listener, self._handle, self._ended, self._calls.carries)
        streams.open(EPISODE_STREAM)

    # -- what calls ask for (rpc.session.Simulation) ------------------------------------------------------

    @property
    def rendering_cpu_s(self) -> float:
        """CPU time spent on drawing and on casting rays."""
        return self._stage.rendering_cpu_s

    @property
    def stream_port(self) -> int:
        """Where streams are served."""
        return self._streams.port

    @property
    def scenery(self) -> Scenery:
        """What stands on the map."""
        return self._stage.scenery(self.world)

    def meet(self, start_m: Vec3, end_m: Vec3) -> SegmentHits:
        """Everything between two points of the world, nearest first."""
        return self._stage.meet(self.world, start_m, end_m)

    def _spawned(self, actor: Actor) -> None:
        if actor.sensor is not None:
            self.open_stream(actor.id)

    def _destroyed(self, actor: Actor) -> None:
        if actor.sensor is not None:
            self.close_stream(actor.id)

    def open_stream(self, stream_id: int) -> None:
        """Lets clients subscribe."""
        self._streams.open(stream_id)

    def close_stream(self, stream_id: int) -> None:
        """Ends a stream."""
        self._streams.close(stream_id)

    def has_stream(self, stream_id: int) -> bool:
        """Whether a stream is open."""
        return self._streams.has(stream_id)

    def promise_stream(self, stream_id: int, owner: object) -> None:
        """A client is about to subscribe."""
        if stream_id == EPISODE_STREAM:
            self._episode_promised = time.monotonic()
        self._streams.promise(stream_id, owner)

    def await_readers(self, stream_id: int) -> None:
        """Waits until clients that are about to subscribe have done so, at most a second."""
        self._streams.wait_for_promised(stream_id)

    def apply_settings(self, settings: Settings) -> None:
        """Changes how time passes."""
        self.world.set_settings(settings)
        self._last_step = time.monotonic()

    def load(self, new_map: LoadedMap, reset_settings: bool, layers: int = ALL_LAYERS) -> None:
        """Begins an episode on a map with some of its layers; a snapshot of it follows the answer."""
        # For a new episode a client leaves the stream of snapshots and joins it anew. One that leaves while
        # it still joins may crash (a fault of the client's, never met where loading takes seconds).
        joined_s = time.monotonic() - self._episode_promised
        if joined_s < JOINING_S:
            time.sleep(JOINING_S - joined_s)
        for actor in self.world.actors:
            if actor.sensor is not None:
                self._streams.close(actor.id)
        self.world.begin_episode(new_map, reset_settings=reset_settings, layers=layers)
        self._announce = True
        self._last_step = time.monotonic()

    def tick(self) -> int:
        """One step with all its data: dynamics, snapshot, sensors; the new frame."""
        settings = self.world.settings
        self._streams.wait_for_promised()
        self._step(settings.fixed_delta_s or DEFAULT_STEP_S)
        return self.world.frame

    # -- time ---------------------------------------------------------------------------------------------

    def run(self, ready: Callable[[], None]) -> None:
        """Serves until `stop`."""
        ready()
        while not self._stopping:
            if self._announce:
                self._publish_state()
            if not self.rpc.poll(0.0) and not self._prepare():
                self.rpc.poll(self._time_to_step())
            if not self.world.settings.synchronous and self._time_to_step() == 0.0:
                self._step_freely()

    def _prepare(self) -> bool:
        """Uses an idle moment to make what a coming tick will need; false when there is nothing to make."""
        try:
            return self._stage.prepare(self.world)
        except Exception:  # The tick that needs it tells its client; an idle moment has nobody to tell.
            traceback.print_exc(file=sys.stderr)
            return False

    def stop(self) -> None:
        """Makes `run` return; from a signal handler or another thread too."""
        self._stopping = True
        self.rpc.wake()

    def close(self) -> None:
        """Ends connections and gives back what the stage holds."""
        self._streams.stop()
        self.rpc.close()
        self.playback.close()
        self._stage.close()

    def _time_to_step(self) -> float | None:
        """Seconds until the next free-running step; None while time stands."""
        settings = self.world.settings
        if self._announce:
            return 0.0
        if settings.synchronous:
            return None
        step = settings.fixed_delta_s or FREE_RUNNING_STEP_S
        return max(self._last_step + step - time.monotonic(), 0.0)

    def _free_running_delta(self) -> float:
        now = time.monotonic()
        passed = now - self._last_step
        settings = self.world.settings
        step = settings.fixed_delta_s or FREE_RUNNING_STEP_S
        # Keep the beat, unless the machine cannot.
        self._last_step = self._last_step + step if passed < 2 * step else now
        return settings.fixed_delta_s or min(passed, MAX_VARIABLE_STEP_S)

    def _step(self, delta_s: float) -> None:
        """One step. Raises RenderError when cameras or LiDARs are due and cannot measure."""
        self.playback.before_step(delta_s)
        self.world.step(delta_s)
        self.playback.after_step(delta_s)
        try:
            self._measure()
        finally:
            self._publish_state()

    def _step_freely(self) -> None:
        try:
            self._step(self._free_running_delta())
        except DrivegenError as error:
            self.warn(str(error))

    def _publish_state(self) -> None:
        self._announce = False
        state = self.world.state
        flags = MAP_CHANGED if state.map_changed else 0
        self.world.street_lights.follow(self.world.weather.sun_altitude_deg)
        flags |= LIGHTS_CHANGED if self.world.street_lights.announce() else 0
        message = pack_state(state, simulation_state=flags, platform_s=time.monotonic())
        lossless = self.world.settings.synchronous
        self._streams.publish(EPISODE_STREAM, [message], lossless=lossless, retain=True)

    def _measure(self) -> None:
        """Measures the sensors that are due and read by somebody."""
        world = self.world
        for frame in self._stage.measure(world, self._streams.has_readers):
            head = header(
                SENSOR_TYPES[frame.type_id],
                world.frame,
                world.elapsed_s,
                Pose.from_matrix(frame.world_sensor),
            )
            told = frame.measurement
            if isinstance(told, Event):
                body: Buffers = event_payload(world, frame.actor_id, told, self.stream_port)
            else:
                body = payload(told)
            self._streams.publish(
                frame.actor_id,
                [head, *body],
                lossless=world.settings.synchronous,
                queue=isinstance(told, Event),
            )

    # -- calls --------------------------------------------------------------------------------------------

    def _handle(self, connection: RpcConnection, request: Request) -> bytes | None:
        session = self._sessions.get(connection)
        if session is None:
            session = Session(simulation=self, owner=connection, traffic_managers=self._traffic_managers)
            self._sessions[connection] = session
        if request.name not in LOOKING:
            self._stage.changed()
        try:
            result = self._calls.carry_out(session, request.name, request.arguments)
        except Exception:  # A fault of ours in one call must not end everybody's server.
            traceback.print_exc(file=sys.stderr)
            text = f"drivegen's embedded server failed in '{request.name}'; see its log"
            result = self._calls.failed(request.name, text)
        if request.name in self._calls.unsupported:
            self.warn(f"'{request.name}' is not supported ({self._calls.unsupported[request.name][0]})")
        return None if request.message_id is None else pack_answer(request.message_id, result)

    def _ended(self, connection: RpcConnection) -> None:
        session = self._sessions.pop(connection, None)
        if session is not None:
            self._streams.forget(connection)
            self.world.street_lights.forget(connection)

    def warn(self, text: str) -> None:
        """Says something on stderr, once: clients ignore the answers of asynchronous calls."""
        if text not in self._warned:
            self._warned.add(text)
            print(f"drivegen serve: {text}", file=sys.stderr, flush=True)  # noqa: T201
