"""The road network that a scenario names: an OpenDRIVE file, or the name of one of CARLA's maps.

ScenarioRunner's files say `<LogicFile filepath="Town01"/>`. Such a map lies on the server that it is played
on, or as OpenDRIVE in a folder of maps that the user gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import MapError
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.scenario.model.scenario import Scenario

_SUFFIX = ".xodr"
MOST_BYTES = 512 * 2**20
"""Of an OpenDRIVE file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioRoad:
    """A road network with the text that a server is given."""

    text: str
    network: RoadNetwork
    path: Path | None = None
    """None: it came from a server."""


def map_name(scenario: Scenario) -> str | None:
    """The name of the map on a server that a scenario asks for; None where it names a file or nothing."""
    logic, path = scenario.road_network.logic_file, scenario.logic_file
    if logic is None or path is None or _is_file(path):
        return None
    name = logic.filepath.strip().rpartition("/")[2]
    return name if name and "." not in name else None


def road_of(scenario: Scenario, maps: Path | None = None) -> ScenarioRoad | None:
    """What a scenario's LogicFile names; None if it names nothing.

    Args:
        scenario: as read; its paths are relative to its file.
        maps: folder with NAME.xodr for scenarios that name a map by NAME.

    Raises:
        MapError: no such file, or one that cannot be read; a name that no folder has a map for.
    """
    path = scenario.logic_file
    if path is None:
        return None
    name = map_name(scenario)
    if name is not None:
        path = None if maps is None else maps / f"{name}{_SUFFIX}"
        if path is None or not _is_file(path):
            raise MapError(
                f'{_place(scenario)}: "{name}" is no file but a map\'s name: play it on a server that '
                f"has it (--server HOST:PORT), or name a folder that has {name}{_SUFFIX} (--maps FOLDER)"
            )
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device may never come to an end.
            raise MapError(f"{_place(scenario)}: the roads {path} are no file: name an OpenDRIVE file")
        if path.exists() and path.stat().st_size > MOST_BYTES:
            said = f"have more than {MOST_BYTES >> 20} MiB"
            raise MapError(f"{_place(scenario)}: the roads {path} {said}: cut out what is driven on")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = (
            "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", error)
        )
        raise MapError(f"{_place(scenario)}: the roads {path} cannot be read ({why})") from None
    return ScenarioRoad(text=text, network=read_network(text, str(path)), path=path)


def road_from(text: str, scenario: Scenario) -> ScenarioRoad:
    """The road of a scenario that names a map, as a server gave it. MapError if it cannot be read."""
    name = map_name(scenario)
    return ScenarioRoad(text=text, network=read_network(text, f"the server's map {name}"))


def _is_file(path: Path) -> bool:
    """False, too, for what cannot be a path."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _place(scenario: Scenario) -> str:
    logic = scenario.road_network.logic_file
    return str(scenario.path) if logic is None else str(logic.place)
