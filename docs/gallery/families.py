"""Members of every family, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import carla
from docs.gallery.page import Section, Tile
from docs.gallery.studio import WAIT_S, Studio, look_from, strip

STAGE_M = (0.0, 0.0)
"""The middle of the junction: flat and free."""
MEMBERS = {"vehicle": 6, "walker": 8, "static": 6}
WIDE_M = 16.0
"""Longer rows are set in two pictures."""
LIGHT = carla.WeatherParameters(
    cloudiness=20.0,
    sun_altitude_angle=57.0,
    sun_azimuth_angle=140.0,
    mie_scattering_scale=0.03,
    scattering_intensity=1.0,
)
"""The sun stands over the right shoulder of who looks from the front; no house shades the stage."""
UNSEEN = ("static.trigger", "static.prop.mesh")
"""Without a body of their own."""
TITLES = {"vehicle": "Vehicles", "walker": "People", "static": "Things"}


def families(studio: Studio, group: str, *, own: bool = True) -> Section:
    """All families of a group: vehicle, walker or static."""
    studio.world.set_weather(LIGHT)
    ids = sorted(b.id for b in studio.world.get_blueprint_library().filter(f"{group}.*"))
    ids = [
        i
        for i in ids
        if (".drivegen." in i) == own and not i.startswith(("static.trigger", "static.prop.mesh"))
    ]
    if own:
        tiles = [tile for i in ids for tile in _family(studio, i, MEMBERS[group])]
    else:
        size = MEMBERS[group]
        tiles = [tile for k in range(0, len(ids), size) for tile in _row(studio, ids[k : k + size])]
    title = TITLES[group] + ("" if own else " of CARLA's blueprints")
    text = "Each family is a blueprint; `variant` chooses the member." if own else "Those of CARLA 0.9.16."
    return Section(title=title, text=text, tiles=tiles, wide=True)


def _family(studio: Studio, blueprint_id: str, members: int) -> list[Tile]:
    return _pictures(studio, [(blueprint_id, k) for k in range(members)], blueprint_id)


def _row(studio: Studio, ids: Sequence[str]) -> list[Tile]:
    return _pictures(studio, [(i, None) for i in ids], ", ".join(i.split(".", 1)[1] for i in ids))


def _pictures(studio: Studio, wanted: Sequence[tuple[str, int | None]], title: str) -> list[Tile]:
    """The members in a row, from the front left and from the rear right."""
    library = studio.world.get_blueprint_library()
    actors = []
    for k, (blueprint_id, variant) in enumerate(wanted):
        blueprint = library.find(blueprint_id)
        if variant is not None:
            blueprint.set_attribute("variant", str(variant))
        if blueprint.has_attribute("color"):
            colors = blueprint.get_attribute("color").recommended_values
            blueprint.set_attribute("color", colors[k % len(colors)])
        actors.append(
            studio.world.spawn_actor(blueprint, carla.Transform(carla.Location(0.0, 60.0 * k, 300.0)))
        )
        if not blueprint_id.startswith("static"):
            actors[-1].set_simulate_physics(False)
    studio.world.tick(WAIT_S)
    row_m, deep_m, high_m = _line_up(actors)
    studio.world.tick(WAIT_S)
    tiles = []
    target = (STAGE_M[0], STAGE_M[1], 0.42 * high_m)
    for side, name in ((1.0, "front"), (-1.0, "rear")):
        away = max(row_m * 0.58, high_m * 2.1) + deep_m / 2
        lift = 1.0 + 0.35 * high_m + 0.06 * row_m
        eye = (STAGE_M[0] + side * away, STAGE_M[1] + 0.12 * side * row_m, lift)
        shot = studio.take(look_from(eye, target), 1600, 600, 75.0)
        labels = strip(list(shot.labels.values()), 1600)
        tiles.append(Tile(title=f"{title}, {name}", picture=shot.color, labels=labels))
    for actor in actors:
        actor.destroy()
    studio.world.tick(WAIT_S)
    return tiles


def _line_up(actors: Sequence[carla.Actor]) -> tuple[float, float, float]:
    """Puts actors side by side on the stage, turned a little; (length of the row, depth, height), metres."""
    turn = math.radians(22.0)
    sizes = [a.bounding_box.extent for a in actors]
    rooms = [
        2.0 * (abs(e.x * math.sin(turn)) + abs(e.y * math.cos(turn))) + 0.35 + 0.12 * max(e.x, e.y)
        for e in sizes
    ]
    row_m = sum(rooms)
    y = STAGE_M[1] - row_m / 2
    for actor, room in zip(actors, rooms, strict=True):
        lift = actor.bounding_box.extent.z if actor.type_id.startswith("walker") else 0.0
        place = carla.Location(STAGE_M[0], y + room / 2, lift)
        actor.set_transform(carla.Transform(place, carla.Rotation(yaw=math.degrees(turn))))
        y += room
    return row_m, max(2.0 * e.x for e in sizes), max(2.0 * e.z for e in sizes)
