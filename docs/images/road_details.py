"""Things on roads from near: `python docs/images/road_details.py [NAME ...]` draws them into roads/."""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

import carla
import numpy as np
from benchmarks.lockstep import lockstep
from docs.gallery.studio import Studio
from docs.images.road_forms import write

from drivegen.core.geometry import Pose
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.parking import parking_bays
from drivegen.opendrive.things import things
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins

_LONG = {"lanes": 3, "signalised": False, "arm_length_m": [160.0, 160.0]}
DETAILS: dict[str, tuple[str, dict[str, object], int, str, tuple[float, float, float]]] = {
    "bus_stop": ("midblock", {**_LONG, "bus_stops": 2}, 3, "BusShelter", (17.0, -9.0, 3.2)),
    "work_zone": ("midblock", {**_LONG, "work_zones": 2}, 1, "ArrowBoard", (17.0, -4.5, 2.4)),
    "parking_lane": ("campus", {"bus_stops": 0}, 2, "ParkingBay", (-9.0, 14.0, 6.0)),
    "gate": ("campus", {}, 4, "Gatehouse", (-12.0, 8.5, 2.6)),
}
"""Picture: plugin, its parameters, seed of the draw, what to look at, and from where in its frame."""
WIDTH_PX, HEIGHT_PX, FIELD_OF_VIEW_DEG = 1280, 720, 65.0


def main(names: list[str]) -> None:
    """Draws the named pictures, or all."""
    folder = Path(__file__).parent / "roads"
    folder.mkdir(exist_ok=True)
    for name in names or DETAILS:
        write(folder / f"{name}.jpg", draw(*DETAILS[name]))


def draw(
    plugin: str, params: dict[str, object], seed: int, what: str, from_m: tuple[float, float, float]
) -> np.ndarray:
    """The first object of that name, from a place in its frame, in the afternoon."""
    roads = plugins.make("generators.roads", plugin, params, "map.plugin")
    network = roads.generate(derive_rng(seed, "map"), plugin)
    pose = next(p for name, p in _poses(network) if name == what)
    eye = pose.transform_points(np.array([from_m]))[0]
    to = pose.position_m + np.array([0.0, 0.0, 1.0]) - eye
    yaw, pitch = math.atan2(to[1], to[0]), math.atan2(to[2], math.hypot(to[0], to[1]))
    with tempfile.TemporaryDirectory() as folder:
        road = Path(folder) / f"{plugin}.xodr"
        road.write_text(write_network(network), encoding="utf-8")
        with lockstep(road) as session:
            session.world.set_weather(
                carla.WeatherParameters(
                    cloudiness=15.0, sun_altitude_angle=50.0, sun_azimuth_angle=math.degrees(-yaw) + 150.0
                )
            )
            place = Studio(session.client, session.world)
            at = carla.Transform(
                carla.Location(float(eye[0]), float(-eye[1]), float(eye[2])),
                carla.Rotation(pitch=math.degrees(pitch), yaw=-math.degrees(yaw)),
            )
            try:
                return place.take(at, WIDTH_PX, HEIGHT_PX, FIELD_OF_VIEW_DEG).color
            finally:
                place.close()


def _poses(network: RoadNetwork) -> list[tuple[str, Pose]]:
    found = [(thing.name, thing.pose) for thing in things(network)]
    return found + [("ParkingBay", bay.pose) for bay in parking_bays(network)]


if __name__ == "__main__":
    main(sys.argv[1:])
