"""Things that the map itself names: roadside poles, barriers, cones, shelters."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.roadside import ROADSIDE_POLE, roadside_pole
from drivegen.embedded.assets.props.asset import PREFIX, make_prop
from drivegen.embedded.assets.props.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.assets.props.tags import tag_of_prop
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.layers import LAMP_POST
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.drawables import LIGHT_STREET_LAMP
from drivegen.opendrive.things import Thing

_CLEAR_M = 0.6
"""Around a thing nothing else is planted."""
_POLE_CLEAR_M = 2.5
"""Around a roadside pole and its arm: crowns of trees would stand before the cameras."""
_STEP_M = 1.0


def add_things(composer: Composer, site: Site, placed: tuple[Thing, ...]) -> None:
    """Stands them where the map has them and takes the ground under them."""
    for thing in placed:
        family = FAMILY_OF_BLUEPRINT.get(thing.blueprint_id)
        size = family.size_m(thing.variant) if family is not None else thing.size_m
        site.build(_outline_m(thing, size))
        x, y, z = (float(v) for v in thing.pose.position_m)
        if not composer.holds(x, y):
            continue
        asset = make_prop(composer.library, thing.blueprint_id, size, thing.variant)
        tag = family.tags[0] if family is not None else tag_of_prop(thing.blueprint_id.removeprefix(PREFIX))
        pole = thing.blueprint_id == ROADSIDE_POLE
        composer.put(
            asset.mesh,
            (x, y, z),
            thing.pose.yaw_rad,
            LAMP_POST + "Roadside" if pole else f"Static_{thing.name or 'Thing'}",
            tag,
            LIGHT_STREET_LAMP if pole else 0,
        )


def lamp_feet_m(placed: tuple[Thing, ...]) -> list[Float64[np.ndarray, "2"]]:
    """Where poles stand that carry a street lamp."""
    out = []
    for thing in placed:
        if thing.blueprint_id == ROADSIDE_POLE:
            foot = np.array([[0.0, roadside_pole(thing.variant).foot_y_m, 0.0]])
            out.append(thing.pose.transform_points(foot)[0, :2])
    return out


def clear_of_things_m(placed: tuple[Thing, ...]) -> Float64[np.ndarray, "k 3"]:
    """(x, y, radius) of places where nothing else may stand."""
    spots = []
    for thing in placed:
        length, width, _ = thing.size_m
        pole = thing.blueprint_id == ROADSIDE_POLE
        radius = (_POLE_CLEAR_M if pole else _CLEAR_M) + 0.5 * min(length, width)
        long = max(length, width)
        for along in np.linspace(-long / 2, long / 2, max(2, int(np.ceil(long / _STEP_M)) + 1)):
            local = np.array([[along, 0.0, 0.0] if length >= width else [0.0, along, 0.0]])
            x, y, _ = thing.pose.transform_points(local)[0]
            spots.append((float(x), float(y), radius))
    return np.array(spots, dtype=np.float64).reshape(-1, 3)


def _outline_m(thing: Thing, size_m: tuple[float, float, float]) -> Float64[np.ndarray, "4 2"]:
    u, v = size_m[0] / 2, size_m[1] / 2
    corners = np.array([(-u, -v, 0.0), (u, -v, 0.0), (u, v, 0.0), (-u, v, 0.0)])
    return np.asarray(thing.pose.transform_points(corners)[:, :2], dtype=np.float64)
