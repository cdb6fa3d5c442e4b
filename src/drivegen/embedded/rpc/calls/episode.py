"""Calls about the episode: versions, maps, files, settings, weather, ticks."""

# ruff: noqa: ARG001  (a handler takes all that its call carries)

from __future__ import annotations

from dataclasses import fields

from drivegen.core.weather import Weather
from drivegen.embedded.rpc.describe import definitions, describe
from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.rpc.session import EPISODE_STREAM, Session
from drivegen.embedded.wire.actors import Actor, ActorDefinition
from drivegen.embedded.wire.codec import U16, U32, U64
from drivegen.embedded.wire.frames import transform_of
from drivegen.embedded.wire.streams import token
from drivegen.embedded.wire.values import (
    EpisodeInfo,
    EpisodeSettings,
    MapInfo,
    OpendriveGenerationParameters,
    Token,
    WeatherParameters,
)
from drivegen.embedded.world.generation import Generation
from drivegen.embedded.world.settings import Settings

CARLA_VERSION = "0.9.16"
_MAPS = "/Game/Carla/Maps/"
_MAP_INFO = "Carla/Maps/"
_ANGLES = {"sun_azimuth_angle", "sun_altitude_angle"}
_DEFAULT_IS_MINUS_ONE = ("cloudiness", "precipitation", "wind_intensity", "fog_density", "sun_altitude_angle")
MOST_SUBSTEPS = 16
"""CARLA's own limit."""
_OPENDRIVE_FOLDER = "Carla/Maps/OpenDrive/"


def version(session: Session) -> str:
    """The version that clients compare with their own."""
    return CARLA_VERSION


def get_available_maps(session: Session) -> tuple[str, ...]:
    """Names of the maps that `load_new_episode` takes."""
    return tuple(_MAPS + name for name in session.world.maps.names)


def load_new_episode(session: Session, name: str, reset_settings: bool, layers: U16) -> None:
    """Begins an episode on a map, by name with or without path; without a name on the map that is there.

    In CARLA only maps of a name in `_Opt` have layers, here every map has.
    """
    world = session.world
    session.simulation.load(world.maps.load(name) if name else world.map, reset_settings, layers)


def copy_opendrive_to_file(
    session: Session, opendrive: str, parameters: OpendriveGenerationParameters
) -> None:
    """Takes a map as text, to be loaded as OpenDriveMap; a broken one is refused, and nothing changes.

    Of the parameters, wall_height, enable_mesh_visibility and enable_pedestrian_navigation are followed; the
    surface is always as fine as its tolerance asks and has no gaps at junctions.
    """
    session.world.maps.send(
        opendrive,
        Generation(
            wall_height_m=parameters.wall_height,
            is_visible=parameters.enable_mesh_visibility,
            has_navigation=parameters.enable_pedestrian_navigation,
        ),
    )


def get_episode_info(session: Session) -> EpisodeInfo:
    """The episode's id and its stream."""
    return EpisodeInfo(
        id=session.world.episode_id,
        token=Token(data=token(EPISODE_STREAM, session.simulation.stream_port)),
    )


def get_map_info(session: Session) -> MapInfo:
    """The map's name and spawn points."""
    loaded = session.world.map
    return MapInfo(
        name=_MAP_INFO + loaded.name,
        spawn_points=tuple(transform_of(p) for p in loaded.spawn_points),
    )


def get_map_data(session: Session) -> str:
    """OpenDRIVE text."""
    return session.world.map.text


def get_required_files(session: Session, folder: str) -> tuple[str, ...]:
    """Files that a client should fetch: the walkers' mesh; `get_map_data` gives the map."""
    name = session.world.map.navigation_file
    return (name,) if folder == "Nav" and name else ()


def request_file(session: Session, name: str) -> bytes:
    """A map's OpenDRIVE file or its walkers' mesh. Nothing else: a path can name no file outside."""
    if name and name == session.world.map.navigation_file:
        return session.world.map.navigation
    folder, _, file = name.rpartition("/")
    maps = session.world.maps
    if folder in ("", _OPENDRIVE_FOLDER.rstrip("/")) and file.removesuffix(".xodr") in maps.names:
        return maps.text(file).encode()
    raise CallError(f"file '{name[:200]}' is not among this server's files")


def get_navigation_mesh(session: Session) -> bytes:
    """The walkers' mesh; empty on maps without pavements."""
    return session.world.map.navigation


def get_actor_definitions(session: Session) -> tuple[ActorDefinition, ...]:
    """The blueprint library."""
    return definitions(session.world.library)


def get_spectator(session: Session) -> Actor:
    """The spectator."""
    return describe(session.world.spectator, session.world.library, session.simulation.stream_port)


def get_episode_settings(session: Session) -> EpisodeSettings:
    """How time passes.

    A client that connects asks this after it has begun to subscribe to the snapshots, and looks at the newest
    one next: the answer waits until there is one at the client.
    """
    session.simulation.await_readers(EPISODE_STREAM)
    values = [getattr(session.world.settings, f.name) for f in fields(Settings)]
    return EpisodeSettings(**{f.name: v for f, v in zip(fields(EpisodeSettings), values, strict=True)})


def set_episode_settings(session: Session, settings: EpisodeSettings) -> U64:
    """Changes how time passes; the current frame."""
    values = [getattr(settings, f.name) for f in fields(EpisodeSettings)]
    new = Settings(**{f.name: v for f, v in zip(fields(Settings), values, strict=True)})
    if new.fixed_delta_s is not None and not 0.0 <= new.fixed_delta_s <= 10.0:
        raise CallError(f"fixed_delta_seconds {new.fixed_delta_s:g} is not within 0 and 10")
    if new.substepping:
        if not 0.0 < new.max_substep_delta_s <= 10.0:
            raise CallError(
                f"max_substep_delta_time {new.max_substep_delta_s:g} is not above 0 and at most 10"
            )
        if not 1 <= new.max_substeps <= MOST_SUBSTEPS:
            raise CallError(f"max_substeps {new.max_substeps} is not within 1 and {MOST_SUBSTEPS}")
        if (new.fixed_delta_s or 0.0) > new.max_substep_delta_s * new.max_substeps + 1e-9:
            session.simulation.warn(
                f"fixed_delta_seconds {new.fixed_delta_s:g} is longer than max_substeps times "
                f"max_substep_delta_time, {new.max_substep_delta_s * new.max_substeps:g}; "
                "CARLA would lose time, this server divides steps as finely as it needs"
            )
    session.simulation.apply_settings(new)
    return session.world.frame


def get_weather_parameters(session: Session) -> WeatherParameters:
    """The weather."""
    names = [f.name for f in fields(WeatherParameters)]
    return WeatherParameters(**dict(zip(names, session.world.weather.values(), strict=True)))


def set_weather_parameters(session: Session, weather: WeatherParameters) -> None:
    """Changes the weather from the next tick on.

    What cannot be negative is taken as 0; `WeatherParameters.Default`, which is -1 throughout, as the
    map's own.
    """
    values = {f.name: getattr(weather, f.name) for f in fields(WeatherParameters)}
    if all(values[name] == -1.0 for name in _DEFAULT_IS_MINUS_ONE):
        session.world.weather = Weather()
        return
    for name in values.keys() - _ANGLES:
        values[name] = max(0.0, values[name])
    names = [f.name for f in fields(Weather)]
    session.world.weather = Weather(**dict(zip(names, values.values(), strict=True)))


def get_imui_gravity(session: Session) -> float:
    """What IMUs take for gravity, m/s^2."""
    return session.world.gravity_mps2


def set_imui_gravity(session: Session, gravity: float) -> None:
    """Changes what IMUs take for gravity."""
    session.world.gravity_mps2 = gravity


def tick_cue(session: Session) -> U64:
    """One synchronous step with all its data; its frame."""
    return session.simulation.tick()


def get_sensor_token(session: Session, stream_id: U32) -> Token:
    """Where a stream is found; the client subscribes next."""
    if not session.simulation.has_stream(stream_id):
        raise CallError(f"there is no stream {stream_id}: its sensor has been destroyed or never was")
    session.simulation.promise_stream(stream_id, session.owner)
    return Token(data=token(stream_id, session.simulation.stream_port))
