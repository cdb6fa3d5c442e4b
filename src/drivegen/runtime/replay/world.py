"""Plays one concrete scenario in a CARLA world: on a fresh embedded server, or on one that already runs."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drivegen.core.errors import ConfigError, ScenarioError
from drivegen.record.world import Endpoint, ServerWorld
from drivegen.runtime.servers.embedded import EmbeddedServer
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.options import Hands, MakeAgent, PlayerOptions
from drivegen.scenario.player.player import Player
from drivegen.scenario.player.signal_record import SignalRecord
from drivegen.scenario.player.simulate import Course
from drivegen.scenario.road import ScenarioRoad

EMBEDDED, NONE = "embedded", "none"
_START_TIMEOUT_S = 180.0
_LIGHTS = "traffic.traffic_light*"

Driver = Hands | SimpleDriver | MakeAgent


@contextlib.contextmanager
def server_for(
    scenario: Scenario, road: ScenarioRoad | None, server: str, folder: Path
) -> Iterator[Endpoint]:
    """Where to play: `embedded` starts a server for this scenario alone, HOST:PORT joins one and leaves it.

    Raises ServerError with the server's own words, ScenarioError without a road to start one for.
    """
    if server != EMBEDDED:
        yield endpoint_of(server)
        return
    if road is None or road.path is None:
        raise ScenarioError(
            f"{scenario.path or 'the scenario'}: a world needs a LogicFile (--server none does not)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with EmbeddedServer(
        road.path,
        scenery_seed=0,
        renderer="auto",
        log=folder / "server.log",
        start_timeout_s=_START_TIMEOUT_S,
        render_threads=1,
    ) as started:
        yield Endpoint(host=started.host, port=started.port)


def endpoint_of(words: str) -> Endpoint:
    """From HOST:PORT. ConfigError."""
    host, colon, port = words.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f'--server "{words}": write embedded, none, or HOST:PORT of a server that runs')
    return Endpoint(host=host, port=int(port))


def text_of_map(endpoint: Endpoint, name: str) -> str:
    """The OpenDRIVE of a server's map, which it has then loaded. ServerError."""
    server = ServerWorld(endpoint)
    try:
        return server.named_map(name)
    finally:
        server.close()


def play_in_world(
    scenario: Scenario,
    road: ScenarioRoad | None,
    endpoint: Endpoint,
    *,
    dt_s: float,
    limit_s: float,
    drivers: Mapping[str, Driver],
    seed: int,
) -> Course:
    """From the beginning to the stop trigger, or to `limit_s`. ScenarioError, MapError, ServerError."""
    server = ServerWorld(endpoint)
    try:
        options = PlayerOptions(dt_s=dt_s, limit_s=limit_s, drivers=drivers, seed=seed)
        with Player(scenario, server, options, road) as player:
            signals = SignalRecord()
            lights = list(server.world.get_actors().filter(_LIGHTS))
            signals.note(player.time_s, _shown(lights))
            shown = [_digest(server.world.get_snapshot())]
            while not player.done:
                player.step()
                signals.note(player.time_s, _shown(lights))
                shown.append(_digest(server.world.get_snapshot()))
            return Course(
                rows=tuple(player.trajectory),
                happened=tuple(player.happened),
                signals=tuple(signals.changes),
                ended=player.ended,
                time_s=player.time_s,
                ignored=tuple(player.core.play.ignored),
                shown=tuple(shown),
                environments=tuple(player.core.play.environments),
            )
    finally:
        server.close()


def _shown(lights: list[Any]) -> dict[str, str]:
    """What lights show, by the id of their signal in the road network."""
    return {str(light.get_opendrive_id()): str(light.get_state()).lower() for light in lights}


def _digest(snapshot: Any) -> bytes:
    """Of where all actors of the world are and how they move, to the last bit."""
    digest = hashlib.sha256()
    for actor in sorted(snapshot, key=lambda a: int(a.id)):
        place, motion, turning = actor.get_transform(), actor.get_velocity(), actor.get_angular_velocity()
        numbers = [v for p in (place.location, motion, turning) for v in (p.x, p.y, p.z)]
        rotation = place.rotation
        numbers += [rotation.pitch, rotation.yaw, rotation.roll]
        digest.update(struct.pack("<q12d", int(actor.id), *numbers))
    return digest.digest()


def driver_named(words: str) -> Driver:
    """From traffic_manager, external, or MODULE:NAME of a function (actor, world) -> agent. ConfigError."""
    if words in tuple(Hands):
        return Hands(words)
    module, colon, name = words.partition(":")
    try:
        if not colon:
            raise AttributeError(words)
        made: MakeAgent = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f'--driver "{words}": there is no such driver ({error}): write file, simple, script, '
            f"traffic_manager, external, or MODULE:NAME of a function of yours"
        ) from None
    return made
