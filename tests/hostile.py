"""Hostile input for the server: damaged bytes, mutated calls, and typed calls with values at the edge.

For tests and for `python -m benchmarks fuzz`. Everything is drawn from one `random.Random`.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import random
import socket
import types
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgpack
import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.embedded.playback import LogFolder
from drivegen.embedded.rpc.dispatch import CallTable, decoded
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.rpc.table import call_table
from drivegen.embedded.server.simulation import Simulation
from drivegen.embedded.streaming import StreamServer
from drivegen.embedded.wire import commands
from drivegen.embedded.wire.actors import ActorDescription
from drivegen.embedded.wire.codec import F32_MAX, FloatRange, IntRange, WireError
from drivegen.embedded.wire.messages import RequestReader
from drivegen.embedded.world.actors import ActorKind
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.stage import Stage
from drivegen.embedded.world.world import World
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction

RECORDED: dict[str, list[Any]] = json.loads(
    (Path(__file__).parent / "unit" / "embedded" / "wire" / "recorded_calls.json").read_text()
)
"""A real client's argument lists."""
NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 0.05, 1e-3, 90.0, -1e-30, 5e-324, 1e3, -1e3, 1e6, -1e7, 1e9, -1e9, 3.4e38),
    *(1.7e308, -1e100, float("nan"), float("inf"), -float("inf")),
)
FITTING = [n for n in NUMBERS if abs(n) <= F32_MAX]
INTEGERS = (0, 1, -1, 2, 3, 7, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63)
TEXTS = (
    "",
    "\0",
    "x",
    "vehicle.*",
    "nan",
    "-1",
    "1e400",
    "../../etc/passwd",
    "/etc/passwd",
    "é" * 300,
    "{0}",
)
VALUES: tuple[Any, ...] = (
    *(*NUMBERS, *INTEGERS, *TEXTS, -(2**63), 2**64 - 1, True, False, None, b"", b"\xff" * 24),
    *([], [[]], [[[[[[]]]]]], [False], [True], [True, 1], [0] * 40),
)

SLOW = frozenset({"load_new_episode", "copy_opendrive_to_file", "get_actor_definitions"})
"""Left out of assaults: each takes longer than a hundred others."""

MESHED = frozenset({"get_navigation_mesh", "request_file", "cast_ray", "project_point"})
"""Left out too where time is short: they wait for meshes first."""
LOOKING = ("sensor.camera", "sensor.lidar", "sensor.other.radar", "sensor.other.obstacle")


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Bytes with bits turned, pieces cut out, doubled, or drawn anew."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(out):
                out[at] = rng.choice((0x00, 0x80, 0x90, 0xC0, 0xC1, 0xC6, 0xCB, 0xDB, 0xDC, 0xDD, 0xDF, 0xFF))
            case 2:
                del out[at : at + rng.randrange(1, 9)]
            case 3:
                out[at:at] = rng.randbytes(rng.randrange(1, 9))
            case 4:
                out[at:at] = out[at : at + rng.randrange(1, 17)]
            case _:
                del out[at:]
    return bytes(out)


def mutated(rng: random.Random, value: Any) -> Any:
    """A call with one place changed: another value, one more, one less, or deeper."""
    if type(value) is list and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], mutated(rng, value[at]), *value[at + 1 :]]
    if type(value) is list:
        at = rng.randrange(len(value) + 1)
        match rng.randrange(4):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value[:at], rng.choice(VALUES), *value[at:]]
            case 2:
                return value + value
            case _:
                return [value]
    return rng.choice(VALUES)


def byte_inputs(rng: random.Random) -> Callable[[], bytes]:
    """Makes one input for the wire decoder after another: requests that are mutated, damaged, or noise."""
    calls = sorted(RECORDED)
    whole = [msgpack.packb([0, 1, name, RECORDED[name]]) for name in calls]

    def make() -> bytes:
        which = rng.randrange(len(calls))
        match rng.randrange(8):
            case 0:
                return rng.randbytes(rng.randrange(1, 65))
            case 1 | 2 | 3:
                return damaged(rng, whole[which])
            case 4:
                return msgpack.packb(mutated(rng, [0, 1, calls[which], RECORDED[calls[which]]]))
            case 5:
                return whole[which][: rng.randrange(len(whole[which]))] + damaged(rng, whole[which])
            case _:
                name = calls[which]
                return msgpack.packb([0, 1, name, mutated(rng, RECORDED[name])])

    return make


def taken_in(table: CallTable, data: bytes) -> str:
    """What becomes of bytes that a client sends: "read", "refused" (an argument), or "cut off" (the client).

    Any other error than WireError is a fault of the server's.
    """
    fate = "read"
    try:
        for request in RequestReader(table.carries).feed(data):
            call = table.calls.get(request.name)
            if call is None:
                continue
            try:
                values = decoded(call, request.arguments)
                if request.name == "apply_batch":
                    for command in values[0]:
                        commands.decode_command(command)
            except WireError as error:
                assert str(error)
                fate = "refused"
    except WireError as error:
        assert str(error)
        fate = "cut off"
    return fate


class TypedCalls:
    """Calls of the right shape, filled with values at the edge of what their types allow."""

    def __init__(
        self,
        rng: random.Random,
        table: CallTable,
        blueprints: Sequence[Any],
        ids: Callable[[], Sequence[int]],
    ) -> None:
        """`ids` gives those of the actors that live when a call is made."""
        self._rng = rng
        self._table = table
        self._blueprints = blueprints
        self._ids = ids

    def arguments(self, name: str) -> list[Any]:
        """One call's arguments, the client's metadata first."""
        handler = self._table.calls[name].handler
        hints = typing.get_type_hints(handler, include_extras=True)
        names = tuple(inspect.signature(handler).parameters)[1:]
        if name == "apply_batch":
            return [
                [False],
                [self.command() for _ in range(self._rng.randrange(4))],
                self._rng.random() < 0.1,
            ]
        return [[False], *(self.value(hints[n], n) for n in names)]

    def command(self) -> list[Any]:
        """One command of a batch."""
        kind = self._rng.randrange(23)
        if kind == 0:
            after = [self.command()] if self._rng.random() < 0.2 else []
            place = self.value(commands.Transform)
            parent = [False] if self._rng.random() < 0.5 else [True, self._id()]
            return [[0, [self._description(), place, parent, 0, "", after]]]
        body = commands.BODIES.get(kind)
        return [[kind, self.value(body) if body is not None else self._rng.choice(VALUES)]]

    def value(self, kind: Any, name: str = "") -> Any:
        """A value of a type as it is on the wire."""
        rng = self._rng
        origin = typing.get_origin(kind)
        if kind is ActorDescription:
            return self._description()
        if origin is Annotated:
            limits = typing.get_args(kind)[1]
            if isinstance(limits, FloatRange):
                fits = [n for n in NUMBERS if limits.low <= n <= limits.high]
                return rng.choice(fits) if rng.random() < 0.5 else rng.uniform(-100.0, 100.0)
            assert isinstance(limits, IntRange)
            if name in ("actor", "actors", "ids", "parent", "vehicles", "stream_id") and rng.random() < 0.9:
                return self._id()
            fits = [i for i in (*INTEGERS, -(2**31)) if limits.low <= i <= limits.high]
            return rng.choice(fits)
        if origin in (typing.Union, types.UnionType):
            inner = next(a for a in typing.get_args(kind) if a is not type(None))
            return [False] if rng.random() < 0.3 else [True, self.value(inner, name)]
        if origin is tuple:
            parts = typing.get_args(kind)
            if len(parts) == 2 and parts[1] is Ellipsis:
                return [self.value(parts[0], name) for _ in range(rng.randrange(4))]
            return [self.value(part, name) for part in parts]
        if dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind, include_extras=True)
            return [self.value(hints[f.name], f.name) for f in dataclasses.fields(kind)]
        if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
            return int(rng.choice(list(kind)))
        return self._scalar(kind)

    def _scalar(self, kind: Any) -> Any:
        rng = self._rng
        if kind is float:
            return rng.choice(FITTING) if rng.random() < 0.5 else rng.uniform(-100.0, 100.0)
        if kind is bool:
            return rng.random() < 0.5
        if kind is str:
            return rng.choice(TEXTS)
        if kind is bytes:
            return rng.randbytes(rng.randrange(30))
        return rng.choice(VALUES)

    def _id(self) -> int:
        ids = self._ids()
        return (
            self._rng.choice(ids)
            if ids and self._rng.random() < 0.95
            else self._rng.choice((0, 1, 2**32 - 1))
        )

    def _description(self) -> list[Any]:
        rng = self._rng
        blueprint = rng.choice(self._blueprints)
        values = [[a.id, int(a.kind), a.value] for a in blueprint.attributes]
        for value in values:
            if rng.random() < 0.1:
                value[2] = rng.choice((*TEXTS, *(str(n) for n in (*NUMBERS, *INTEGERS)), "1,2,3", "true"))
        return [1, blueprint.id, values]


class Readers:
    """Stands for all streams: none is on a network, and every sensor is read but the unread."""

    port = 2001

    def __init__(self) -> None:
        self.unread: set[int] = set()
        self._open: set[int] = set()
        self.bytes = 0

    def open(self, stream_id: int) -> None:
        self._open.add(stream_id)

    def close(self, stream_id: int) -> None:
        self._open.discard(stream_id)

    def has(self, stream_id: int) -> bool:
        return stream_id in self._open

    def has_readers(self, stream_id: int) -> bool:
        return stream_id not in self.unread

    def promise(self, stream_id: int, owner: object) -> None:
        pass

    def forget(self, owner: object) -> None:
        pass

    def wait_for_promised(self, stream_id: int | None = None) -> None:
        pass

    def publish(self, stream_id: int, parts: Sequence[bytes | memoryview], **_: bool) -> None:
        self.bytes += sum(len(part) for part in parts)

    def stop(self) -> None:
        pass


class Assault:
    """A simulation without clients, and calls upon its table."""

    def __init__(self, folder: Path, rng: random.Random, *, looks: bool) -> None:
        """Runs on a generated junction; files go to `folder`. Sensors that need meshes are read if it
        `looks`, cameras never: that would be a fuzz of the renderer.
        """
        self._rng = rng
        self._unread = ("sensor.camera",) if looks else LOOKING
        network = BeijingJunction().generate(derive_rng(0, "map", 0), "Assault")
        (folder / "Assault.xodr").write_text(write_network(network))
        maps = MapStore(folder)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.readers = Readers()
        self.simulation = Simulation(
            World(maps, "Assault", 0),
            typing.cast(StreamServer, self.readers),
            Stage("auto", 0),
            self._listener,
            LogFolder(folder / "logs"),
        )
        self.table = call_table()
        self.session = Session(simulation=self.simulation, owner=self)
        blueprints = [b for b in self.simulation.world.library.blueprints if not b.refusal]
        self.calls = TypedCalls(rng, self.table, blueprints, self._ids)
        left_out = SLOW if looks else SLOW | MESHED
        self.names = [n for n in sorted(self.table.calls) if n not in left_out]

    def _ids(self) -> list[int]:
        return [actor.id for actor in self.simulation.world.actors]

    def arguments(self, name: str) -> list[Any]:
        """Well shaped mostly, else with one place changed."""
        arguments = self.calls.arguments(name)
        return arguments if self._rng.random() < 0.8 else mutated(self._rng, arguments)

    def call(self, name: str, arguments: Any) -> Any:
        """One call's answer; an exception is a fault of the server's."""
        return self.table.carry_out(self.session, name, arguments)

    def tick(self) -> None:
        """One step, after which every number of the snapshot is finite."""
        world = self.simulation.world
        for actor in world.actors.of_kind(ActorKind.SENSOR):
            if actor.type_id.startswith(self._unread):
                self.readers.unread.add(actor.id)
        self.simulation.tick()
        state = world.state
        for motion in (state.vehicles.motion, state.walkers.motion, state.others):
            for field in dataclasses.fields(motion):
                values = getattr(motion, field.name)
                with np.errstate(over="ignore"):
                    bad = ~np.isfinite(np.asarray(values, np.float32))
                assert not bad.any(), (field.name, motion.ids[bad.reshape(len(bad), -1).any(axis=1)])

    def cull(self, keep: int) -> None:
        """Destroys the oldest actors, so that steps stay short."""
        world = self.simulation.world
        stay = (ActorKind.SPECTATOR, ActorKind.TRAFFIC_LIGHT, ActorKind.TRAFFIC_SIGN)
        actors = world.actors.of_kind(*(kind for kind in ActorKind if kind not in stay))
        for actor in actors[: max(0, len(actors) - keep)]:
            if world.actors.get(actor.id) is not None:
                self.call("destroy_actor", [[False], actor.id])

    def close(self) -> None:
        """Gives back what the simulation holds."""
        self.simulation.close()
