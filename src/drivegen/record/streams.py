"""Sensors of all agents on a CARLA server, and their data, one tick at a time.

A camera of the rig is three CARLA sensors at one pose, or three for each face of its lens. Every stream has
a bounded queue; a tick's data is taken when all streams that are due have delivered exactly that tick, or not
at all.
"""

from __future__ import annotations

import contextlib
import math
import queue
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import carla

from drivegen.core.errors import FrameError, ServerError
from drivegen.core.geometry import Pose
from drivegen.core.handedness import pose_to_carla
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Radar, Sensor
from drivegen.record.camera_parts import camera_parts
from drivegen.record.lidar_parts import lidar_parts
from drivegen.record.schedule import Schedule

QUEUE_LENGTH = 8
"""Deliveries that a stream may be ahead of the recorder; it is never more than one in synchronous mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A CARLA sensor to spawn."""

    id: str
    attributes: Mapping[str, str]
    sensor_part: Pose | None = None
    """How it is turned in the mount frame of the rig's sensor, if it is."""


def blueprints(sensor: Sensor, tick_s: float) -> dict[str, Blueprint]:
    """The CARLA sensors that make up a sensor of the rig, by part.

    Cameras and LiDARs may take several (`camera_parts`, `lidar_parts`).
    """
    # A period of one tick is written as 0 (every tick), which no rounding of a server can miss.
    period = "0.0" if abs(sensor.period_s - tick_s) < 1e-6 else repr(sensor.period_s)
    common = {"sensor_tick": period}
    match sensor:
        case Camera():
            return {
                part.name: Blueprint(
                    id=part.id, attributes={**common, **part.attributes}, sensor_part=part.sensor_part
                )
                for part in camera_parts(sensor)
            }
        case Lidar():
            return {
                name: Blueprint(
                    id="sensor.lidar.ray_cast_semantic",
                    attributes=part.attributes,
                    sensor_part=part.lidar_part if sensor.returns > 1 else None,
                )
                for name, part in lidar_parts(sensor, tick_s).items()
            }
        case Radar():
            attributes = {
                "horizontal_fov": repr(sensor.horizontal_fov_deg),
                "vertical_fov": repr(sensor.vertical_fov_deg),
                "range": repr(sensor.range_m),
                "points_per_second": str(math.ceil(sensor.rays / tick_s)),
            }
            return {"radar": Blueprint(id="sensor.other.radar", attributes={**common, **attributes})}
        case Gnss():
            return {"gnss": Blueprint(id="sensor.other.gnss", attributes=common)}
        case Imu():
            return {"imu": Blueprint(id="sensor.other.imu", attributes=common)}


def transform_of(pose: Pose) -> Any:
    """A `carla.Transform`."""
    x, y, z, pitch, yaw, roll = pose_to_carla(pose)
    return carla.Transform(carla.Location(x=x, y=y, z=z), carla.Rotation(pitch=pitch, yaw=yaw, roll=roll))


def configured(library: Any, blueprint_id: str, attributes: Mapping[str, str]) -> Any:
    """A `carla.ActorBlueprint` with those of the attributes that it has."""
    blueprint = library.find(blueprint_id)
    for name, value in attributes.items():
        if blueprint.has_attribute(name):
            blueprint.set_attribute(name, value)
    return blueprint


class Stream:
    """One CARLA sensor and its queue."""

    def __init__(
        self, name: str, actor: Any, period: int, sectors: int = 1, queue_length: int = QUEUE_LENGTH
    ) -> None:
        self.name = name
        self.actor = actor
        self.period = period
        """Ticks between deliveries."""
        self.phase = 0
        """Ticks by which its deliveries come later than those of sensors without a phase."""
        self.sectors = sectors
        """Deliveries, one in every tick, that are one datum; more than 1 of a LiDAR in motion."""
        self.last_frame: int | None = None
        """The last one taken or drained."""
        self.first_wanted = 0
        """Data of earlier frames is passed over: it was on its way when the warm-up ended."""
        self._queue: queue.Queue[Any] = queue.Queue(queue_length)
        self._overflow = False

    def listen(self) -> None:
        """Starts to take data."""
        self.actor.listen(self._receive)

    def _receive(self, data: Any) -> None:
        try:
            self._queue.put_nowait(data)
        except queue.Full:
            self._overflow = True

    def take(self, frame: int, deadline: float) -> Any:
        """The data of a tick.

        Args:
            frame: The server's frame number.
            deadline: On the clock of `time.monotonic`.

        Raises:
            FrameError: The data has not come by then, or that of another tick has.
        """
        while True:
            if self._overflow:
                raise FrameError(f"frame {frame}: sensor {self.name} delivers more than is due")
            try:
                data = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise FrameError(
                    f"frame {frame}: sensor {self.name} was due and did not deliver in time"
                ) from None
            if data.frame < self.first_wanted:
                continue
            if data.frame != frame:
                raise FrameError(f"frame {frame}: sensor {self.name} delivered frame {data.frame} instead")
            self.last_frame = frame
            return data

    def take_all(self, frame: int, deadline: float) -> Any:
        """`take`, or the list of the last `sectors` ticks' data, the oldest first."""
        if self.sectors == 1:
            return self.take(frame, deadline)
        return [self.take(f, deadline) for f in range(frame - self.sectors + 1, frame + 1)]

    def drain(self) -> None:
        """Throws away what has come, and remembers which frame that was."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.last_frame = self._queue.get_nowait().frame

    def wait_for_any(self, deadline: float) -> int:
        """A frame at which the stream has delivered. Raises FrameError when none comes by the deadline."""
        if self.last_frame is None:
            try:
                self.last_frame = self._queue.get(timeout=max(0.0, deadline - time.monotonic())).frame
            except queue.Empty:
                raise FrameError(
                    f"sensor {self.name} has not delivered once while it was warming up"
                ) from None
        assert self.last_frame is not None
        return self.last_frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mounted:
    """A sensor and what it is mounted on."""

    key: str
    """Its name among the sensors of all agents."""
    sensor: Sensor
    parent: Any
    """The `carla.Actor` that carries it; none: it stands free."""
    parent_agent: Pose | None = None
    """Agent's frame in the parent's, or of what stands free in the world; none where they are the same."""

    @property
    def pose(self) -> Pose:
        """Where to spawn it, in the parent's frame or the world."""
        mount = self.sensor.agent_sensor
        return mount if self.parent_agent is None else self.parent_agent @ mount


class SensorStreams:
    """All streams of all agents, by the sensor's key and part.

    CARLA counts a sensor's period from its first tick. So sensors with a phase are spawned so many ticks
    after the others (`spawn`), and `common_frame` sees whether it came out so.
    """

    def __init__(self, world: Any, mounted: Sequence[Mounted], schedule: Schedule) -> None:
        """Spawns the sensors without a phase. Raises ServerError when one is refused; then none is left."""
        self._world = world
        self._library = world.get_blueprint_library()
        self._mounted = tuple(mounted)
        self._schedule = schedule
        # With a LiDAR in motion the first frame is awaited for up to a cycle while all streams run.
        moving = any(isinstance(m.sensor, Lidar) and m.sensor.motion for m in mounted)
        self._room = QUEUE_LENGTH + (2 * schedule.cycle if moving else 0)
        self._parts: dict[str, dict[str, Stream]] = {}
        self.spawn(0)

    def spawn(self, phase: int) -> list[Stream]:
        """Spawns the sensors of a phase, so many ticks after those of phase 0.

        Raises ServerError when one is refused; then none of any phase is left.
        """
        made: list[Stream] = []
        try:
            for each in self._mounted:
                if self._schedule.phase.get(each.key, 0) == phase:
                    self._parts[each.key] = {}
                    for part, wanted in blueprints(each.sensor, self._schedule.tick_ns / 1e9).items():
                        stream = self._spawn(each, part, wanted)
                        stream.phase = phase
                        self._parts[each.key][part] = stream
                        made.append(stream)
        except BaseException:
            self.close()
            raise
        return made

    def _spawn(self, each: Mounted, part: str, wanted: Blueprint) -> Stream:
        face = f", {part.partition('/')[2]}" if "/" in part else ""
        name = f"{each.key} ({wanted.id}{face})"
        mount = each.pose
        if wanted.sensor_part is not None:
            mount = mount @ wanted.sensor_part
        try:
            actor = self._world.spawn_actor(
                configured(self._library, wanted.id, wanted.attributes),
                transform_of(mount),
                attach_to=each.parent,
            )
        except (RuntimeError, IndexError) as error:
            raise ServerError(f"sensor {name} cannot be spawned: {error}") from None
        ticks = self._schedule.period[each.key]
        if isinstance(each.sensor, Lidar) and each.sensor.motion:
            return Stream(name, actor, 1, sectors=ticks, queue_length=self._room)
        return Stream(name, actor, ticks, queue_length=self._room)

    @property
    def streams(self) -> list[Stream]:
        """All that are spawned, in the order in which they were."""
        return [stream for parts in self._parts.values() for stream in parts.values()]

    def listen(self) -> None:
        """Opens all streams."""
        for stream in self.streams:
            stream.listen()

    def drain(self) -> None:
        """Throws away what has come."""
        for stream in self.streams:
            stream.drain()

    def common_frame(self, after: int, timeout_s: float) -> int:
        """The first frame later than `after` at which all sensors without a phase will deliver, and each
        other as many ticks later as its phase is.

        Raises:
            FrameError: A sensor has not delivered yet, or there is no such frame.
        """
        deadline = time.monotonic() + timeout_s
        phases = [((s.wait_for_any(deadline) - s.phase) % s.period, s.period, s.name) for s in self.streams]
        cycle = math.lcm(*(period for _, period, _ in phases)) if phases else 1
        start = after + max((s.sectors for s in self.streams), default=1)
        for frame in range(start, start + cycle):
            if all(frame % period == phase for phase, period, _ in phases):
                for stream in self.streams:
                    stream.first_wanted = frame + stream.phase - stream.sectors + 1
                return frame
        offsets = ", ".join(f"{name}: {phase} of {period}" for phase, period, name in phases)
        raise FrameError(
            f"the sensors never deliver in the ticks that were planned; their phases are {offsets}"
        )

    def take(self, keys: Iterable[str], frame: int, timeout_s: float) -> dict[str, dict[str, Any]]:
        """A tick's data by the sensor's key and part; of a LiDAR in motion the list of its last sectors.

        Raises FrameError unless it is all there.
        """
        deadline = time.monotonic() + timeout_s
        return {
            key: {part: stream.take_all(frame, deadline) for part, stream in self._parts[key].items()}
            for key in keys
        }

    def close(self) -> None:
        """Closes all streams and takes the sensors away; never raises for a dead server."""
        for stream in self.streams:
            with contextlib.suppress(RuntimeError):
                stream.actor.stop()
        for stream in self.streams:
            with contextlib.suppress(RuntimeError):
                stream.actor.destroy()
