"""Roads at two levels: `python docs/images/road_levels.py [PICTURE ...]` draws them into roads/."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import carla
import numpy as np
from benchmarks.lockstep import Lockstep, lockstep
from docs.gallery.studio import Studio
from docs.images.road_forms import HEIGHT_PX, WIDTH_PX, write

from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.overpass import Overpass
from drivegen_generators.roads.tunnel import Tunnel


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A picture and where it is taken from, in the map's frame."""

    form: type[Overpass] | type[Tunnel]
    east_m: float
    north_m: float
    up_m: float
    pitch_deg: float
    """Positive: up."""
    heading_deg: float
    """From the east, anticlockwise."""
    field_of_view_deg: float = 70.0
    sun_altitude_deg: float = 50.0


ABOVE = {"pitch_deg": -90.0, "heading_deg": 90.0, "field_of_view_deg": 40.0, "up_m": 430.0}
VIEWS = {
    "overpass": View(form=Overpass, east_m=-60.0, north_m=-30.0, **ABOVE),
    "overpass_side": View(
        form=Overpass, east_m=7.0, north_m=-52.0, up_m=2.6, pitch_deg=4.0, heading_deg=95.0
    ),
    "overpass_deck": View(
        form=Overpass, east_m=-75.0, north_m=-1.5, up_m=8.2, pitch_deg=-5.0, heading_deg=1.0
    ),
    "tunnel": View(form=Tunnel, east_m=-60.0, north_m=-30.0, **ABOVE),
    "tunnel_portal": View(form=Tunnel, east_m=-64.0, north_m=-3.5, up_m=-2.6, pitch_deg=1.0, heading_deg=0.0),
    "tunnel_inside": View(form=Tunnel, east_m=-20.0, north_m=-3.5, up_m=-3.6, pitch_deg=0.0, heading_deg=0.0),
    "tunnel_night": View(
        form=Tunnel,
        east_m=-20.0,
        north_m=-3.5,
        up_m=-3.6,
        pitch_deg=0.0,
        heading_deg=0.0,
        sun_altitude_deg=-20.0,
    ),
}
SEED = 0
CARS = (
    ("vehicle.tesla.model3", 1, -1, -12.0),
    ("vehicle.mercedes.sprinter", 1, -1, 22.0),
    ("vehicle.audi.tt", 3, -1, -20.0),
    ("vehicle.mini.cooper_s", 41, -1, -22.0),
    ("vehicle.nissan.patrol", 43, -1, 6.0),
)
"""Blueprint, road, lane, metres after the crossing."""


def main(names: list[str]) -> None:
    """Draws the named pictures, or all."""
    folder = Path(__file__).parent / "roads"
    folder.mkdir(exist_ok=True)
    for form in (Overpass, Tunnel):
        wanted = {n: v for n, v in VIEWS.items() if v.form is form and (not names or n in names)}
        if wanted:
            for name, image in draw(form, wanted).items():
                write(folder / f"{name}.jpg", image)


def draw(form: type[Overpass] | type[Tunnel], views: dict[str, View]) -> dict[str, np.ndarray]:
    """All views of a draw of a form, with cars on both streets."""
    text = write_network(form().generate(derive_rng(SEED, "map"), form.__name__))
    with tempfile.TemporaryDirectory() as folder:
        road = Path(folder) / f"{form.__name__}.xodr"
        road.write_text(text, encoding="utf-8")
        with lockstep(road) as session:
            park(session)
            place = Studio(session.client, session.world)
            try:
                return {name: take(session, place, view) for name, view in views.items()}
            finally:
                place.close()


def park(session: Lockstep) -> None:
    """Puts cars near the crossing, which lies at the origin."""
    town, library = session.world.get_map(), session.world.get_blueprint_library()
    for blueprint, road, lane, after_m in CARS:
        places = [w for w in town.generate_waypoints(1.0) if w.road_id == road and w.lane_id == lane]
        crossing = min(places, key=lambda w: np.hypot(w.transform.location.x, w.transform.location.y)).s
        at = min(places, key=lambda w: abs(w.s - crossing - after_m)).transform
        at.location.z += 0.1
        session.world.spawn_actor(library.find(blueprint), at)
    for _ in range(10):
        session.world.tick()


def take(session: Lockstep, place: Studio, view: View) -> np.ndarray:
    """One picture."""
    session.world.set_weather(
        carla.WeatherParameters(
            cloudiness=10.0, sun_altitude_angle=view.sun_altitude_deg, sun_azimuth_angle=220.0
        )
    )
    at = carla.Transform(
        carla.Location(view.east_m, -view.north_m, view.up_m),
        carla.Rotation(pitch=view.pitch_deg, yaw=-view.heading_deg),
    )
    return place.take(at, WIDTH_PX, HEIGHT_PX, view.field_of_view_deg).color


if __name__ == "__main__":
    main(sys.argv[1:])
