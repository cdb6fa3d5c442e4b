"""Things on a map that are drawn as blueprints: poles, barriers, cones, shelters.

An OpenDRIVE object becomes a thing by `<userData code="blueprint" value="static.prop..."/>`, and where the
blueprint is a family by `<userData code="variant" value="3"/>`. The object's (s, t), zOffset and hdg are the
blueprint's origin: on the ground under the middle of its box, x forward. Other readers of OpenDRIVE see an
object with a box.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import MapError
from drivegen.core.geometry import Pose
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork, RoadObject

BLUEPRINT = "blueprint"
VARIANT = "variant"
_PREFIX = "static.prop."
_LARGEST_VARIANT = 65535


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thing:
    """One thing in the map frame; a repeated object is as many things."""

    object_id: str
    name: str
    """Of the OpenDRIVE object."""
    road_id: int
    s_m: float
    blueprint_id: str
    variant: int
    pose: Pose
    """Of the blueprint's origin."""
    size_m: tuple[float, float, float]
    """Length, width, height as the object states them."""


def thing_object(
    *,
    object_id: int,
    name: str,
    kind: str,
    blueprint_id: str,
    variant: int = 0,
    s_m: float,
    t_m: float,
    z_offset_m: float = 0.0,
    heading_rad: float = 0.0,
    size_m: tuple[float, float, float],
) -> RoadObject:
    """The OpenDRIVE object of a thing.

    Args:
        object_id: unique among the network's objects.
        name: what other readers see.
        kind: OpenDRIVE's type of object: pole, barrier, obstacle, ...
        blueprint_id: static.prop.*.
        variant: member of a family of blueprints.
        s_m, t_m: the blueprint's origin.
        z_offset_m: of the ground there above the road's elevation; 0.15 on kerbed pavements and separators.
        heading_rad: of the blueprint's x, from the direction of s.
        size_m: length, width, height of its box.
    """
    variants = ((VARIANT, str(variant)),) if variant else ()
    return RoadObject(
        id=str(object_id),
        name=name,
        type=kind,
        s_m=s_m,
        t_m=t_m,
        z_offset_m=z_offset_m,
        heading_rad=heading_rad,
        orientation="none",
        length_m=size_m[0],
        width_m=size_m[1],
        height_m=size_m[2],
        user_data=((BLUEPRINT, blueprint_id), *variants),
    )


def is_thing(item: RoadObject) -> bool:
    """Whether an object names a blueprint."""
    return any(code == BLUEPRINT for code, _ in item.user_data)


def things(network: RoadNetwork, geometry: NetworkGeometry | None = None) -> tuple[Thing, ...]:
    """All things of a network, road by road in the order of the file.

    Raises MapError for a blueprint that is no static.prop.*, a variant that is no whole number, or no size.
    """
    curves = geometry if geometry is not None else NetworkGeometry(network)
    out: list[Thing] = []
    for road in network.roads:
        for item in road.objects:
            if is_thing(item):
                out.extend(_things_of(curves, road.id, item, network.name))
    return tuple(out)


def _things_of(geometry: NetworkGeometry, road_id: int, item: RoadObject, network_name: str) -> list[Thing]:
    where = f"{network_name}: road {road_id}: object {item.id}"
    blueprint_id, variant = _blueprint(item, where)
    if min(item.length_m, item.width_m, item.height_m) <= 0.0:
        raise MapError(f"{where}: {blueprint_id} has no box. Give the object length, width and height.")
    curve = geometry.curve(road_id)
    out = []
    for s_m, t_m, z_m in _stations(item):
        s = np.array([s_m])
        x, y, z = curve.points(s, np.array([t_m]))[0]
        heading = float(curve.reference(s)[1][0])
        yaw = math.remainder(heading + item.heading_rad, math.tau)
        out.append(
            Thing(
                object_id=item.id,
                name=item.name,
                road_id=road_id,
                s_m=s_m,
                blueprint_id=blueprint_id,
                variant=variant,
                pose=Pose.from_xyz_rpy(float(x), float(y), float(z) + z_m, yaw_rad=yaw),
                size_m=(item.length_m, item.width_m, item.height_m),
            )
        )
    return out


def _blueprint(item: RoadObject, where: str) -> tuple[str, int]:
    data = dict(item.user_data)
    blueprint_id, variant = data[BLUEPRINT], data.get(VARIANT, "0")
    if not blueprint_id.startswith(_PREFIX):
        raise MapError(f"{where}: blueprint {blueprint_id!r} cannot stand there. Name a static.prop.*.")
    if not variant.isdecimal() or int(variant) > _LARGEST_VARIANT:
        raise MapError(
            f"{where}: variant {variant!r} is no member. Write a whole number from 0 to {_LARGEST_VARIANT}."
        )
    return blueprint_id, int(variant)


def _stations(item: RoadObject) -> list[tuple[float, float, float]]:
    """(s, t, zOffset) of the object, or of each of its repetitions."""
    if not item.repeats:
        return [(item.s_m, item.t_m, item.z_offset_m)]
    out = []
    for repeat in item.repeats:
        step = repeat.distance_m if repeat.distance_m > 0.0 else max(item.length_m, 0.1)
        count = math.floor(repeat.length_m / step + 1e-6) + 1
        for k in range(count):
            share = k * step / repeat.length_m if repeat.length_m > 0.0 else 0.0
            t = repeat.t_start_m + share * (repeat.t_end_m - repeat.t_start_m)
            z = repeat.z_offset_start_m + share * (repeat.z_offset_end_m - repeat.z_offset_start_m)
            out.append((repeat.s_m + k * step, t, z))
    return out
