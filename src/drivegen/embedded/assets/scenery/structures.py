"""What stands on and under bridges and in tunnels: parapets, piers, lamps, plinths along the walls."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, plate, rod
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.layers import LAMP_POST
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.assets.scenery.street import make_lamp
from drivegen.embedded.assets.scenery.ways import Line
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.drawables import LIGHT_STREET_LAMP
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.structures import DECK_M, Footing, built_structures
from drivegen.opendrive.surfaces.structure_borders import Band, structure_bands
from drivegen.opendrive.surfaces.structure_shapes import BEAM_M

FIELD_M = 4.0
"""Length of one field of a parapet or plinth: short enough to follow bends and grades."""
_OVERLAP_M = 0.03
_PIER_EVERY_M = 25.0
_PIER_FROM_ROAD_M = 1.6
_PIER_FROM_END_M = 8.0
_PIER_RADIUS_M = 0.75
_CAP_M = 1.2
_LAMP_EVERY_M = 32.0
_LIGHT_EVERY_M = 10.0
_CONCRETE = (170, 168, 162)
_STEEL = (142, 148, 152)
_INSIDE = 0.55
"""Of colours in tunnels, where the renderer gives too much light."""

_CLEAR_M = {Footing.DECK: 6.5, Footing.WALLED: 6.5, Footing.CUT: 3.5, Footing.COVERED: 3.0}
"""Trees and lamps of the streets around keep so far from the borders."""


def bands_of(geometry: NetworkGeometry) -> list[Band]:
    """All stretches that stand on, in or under structures."""
    return structure_bands(geometry, built_structures(geometry))


def reserve(site: Site, bands: Sequence[Band]) -> Float64[np.ndarray, "k 3"]:
    """Takes the ground that structures stand over; (x, y, radius) of places to keep clear."""
    spots = [np.zeros((0, 3))]
    for band in bands:
        site.build(np.concatenate([band.right_m[:, :2], band.left_m[::-1, :2]]))
        radius = _CLEAR_M[band.footing]
        middle = 0.5 * (band.left_m + band.right_m)
        for line in (band.left_m, middle, band.right_m):
            along = _line(line)
            xy = along.at(np.arange(0.0, along.length_m + 3.0, 3.0)).xyz_m[:, :2]
            spots.append(np.column_stack([xy, np.full(len(xy), radius)]))
    return np.concatenate(spots)


def add_structures(composer: Composer, network: RoadNetwork, ground: Ground, bands: Sequence[Band]) -> None:
    """Parapets and lamps on bridges, piers under them, plinths and lights in tunnels and cuts."""
    if not bands:
        return
    parapet = _make_parapet(composer.library)
    plinths = {
        Footing.CUT: _make_plinth(composer.library, "structure/plinth", 1.0),
        Footing.COVERED: _make_plinth(composer.library, "structure/plinth_inside", _INSIDE),
    }
    lamp = make_lamp(composer.library, 8.5, 1.9, 0.0, "street/lamp_bridge")
    outlines = _other_roads(network, bands)
    for band in bands:
        raised = band.footing in (Footing.DECK, Footing.WALLED)
        for line, side in _outer_lines(band, BEAM_M / 2 if raised else -0.07):
            if raised:
                _add_fields(composer, parapet, line, "GuardRail_Parapet", Tag.GUARD_RAIL)
                _add_lamps(composer, lamp, line, side)
            else:
                _add_fields(composer, plinths[band.footing], line, "Wall_Plinth", Tag.WALL)
        if band.footing is Footing.DECK:
            _add_piers(composer, ground, band, outlines)
        if band.footing is Footing.COVERED:
            _add_lights(composer, band)


def _line(xyz_m: Float64[np.ndarray, "n 3"]) -> Line:
    tangent = np.gradient(xyz_m[:, :2], axis=0)
    return Line(
        xyz_m=xyz_m, heading_rad=np.arctan2(tangent[:, 1], tangent[:, 0]), width_m=np.zeros(len(xyz_m))
    )


def _outer_lines(band: Band, beyond_m: float) -> list[tuple[Line, float]]:
    """Lines along the outer borders on what lies there, and on which side of them the road is (1: left)."""
    out = []
    for border, sign, lift, outer in (
        (band.left_m, 1.0, band.lift_m[0], band.is_outer[0]),
        (band.right_m, -1.0, band.lift_m[1], band.is_outer[1]),
    ):
        if outer:
            xyz = border.copy()
            xyz[:, :2] += sign * beyond_m * band.to_left
            xyz[:, 2] += lift
            out.append((_line(xyz), -sign))
    return out


def _add_fields(composer: Composer, mesh: int, line: Line, name: str, tag: Tag) -> None:
    count = max(math.ceil(line.length_m / FIELD_M - 1e-6), 1)
    half = min(FIELD_M, line.length_m) / 2
    s = np.linspace(half, line.length_m - half, count)
    spots, before, after = line.at(s), line.at(s - half), line.at(s + half)
    rise = (after.xyz_m[:, 2] - before.xyz_m[:, 2]) / (2.0 * half)
    level = 0.5 * (after.xyz_m[:, 2] + before.xyz_m[:, 2])
    for k in range(count):
        x, y = (float(v) for v in spots.xyz_m[k, :2])
        yaw = float(spots.heading_rad[k])
        composer.put(mesh, (x, y, float(level[k])), yaw, name, tag, pitch_rad=-math.atan(float(rise[k])))


def _make_parapet(library: MeshLibrary) -> int:
    """One field along x: a concrete base with two rails on posts."""
    out = Sculpture()
    length = FIELD_M + _OVERLAP_M
    concrete = Finish(_CONCRETE, Material.PLASTER, Tag.GUARD_RAIL)
    steel = Finish(_STEEL, Material.METAL, Tag.GUARD_RAIL)
    out.add(box((length, 0.32, 0.65), (0, 0, 0.275)), concrete)
    for z in (0.82, 1.08):
        out.add(rod((-length / 2, 0, z), (length / 2, 0, z), 0.045, 6), steel)
    for x in (-1.0, 1.0):
        out.add(box((0.10, 0.08, 0.50), (x, 0, 0.83)), steel)
    return library.add(out.mesh("structure/parapet"))


def _make_plinth(library: MeshLibrary, name: str, share: float) -> int:
    """One field along x of the base of a wall, in two colours, dimmed to a share."""

    def dimmed(red: int, green: int, blue: int) -> tuple[int, int, int]:
        return round(red * share), round(green * share), round(blue * share)

    out = Sculpture()
    length = FIELD_M + _OVERLAP_M
    out.add(
        box((length, 0.14, 0.75), (0, 0, 0.325)), Finish(dimmed(196, 192, 182), Material.PLASTER, Tag.WALL)
    )
    out.add(box((length, 0.15, 0.14), (0, 0, 0.77)), Finish(dimmed(206, 176, 48), Material.MATTE, Tag.WALL))
    return library.add(out.mesh(name))


def _add_lamps(composer: Composer, lamp: int, line: Line, side: float) -> None:
    count = int(line.length_m // _LAMP_EVERY_M)
    if count == 0:
        return
    s = (np.arange(count) + 0.5) * line.length_m / count
    spots = line.at(s)
    for k in range(count):
        x, y, z = (float(v) for v in spots.xyz_m[k])
        yaw = float(spots.heading_rad[k]) + side * math.pi / 2
        composer.put(lamp, (x, y, z), yaw, LAMP_POST, Tag.POLE, LIGHT_STREET_LAMP)


def _other_roads(network: RoadNetwork, bands: Sequence[Band]) -> shapely.Geometry:
    """Plan of all roads that stand on no structure, where piers must not stand."""
    geometry = NetworkGeometry(network)
    owned = {band.built.curve.road.id for band in bands}
    rings = []
    for road in network.roads:
        if road.id in owned:
            continue
        curve = geometry.curve(road.id)
        for index in range(len(road.lane_sections)):
            s = curve.stations(index)
            borders = curve.border_offsets(index, s)
            right = curve.points(s, borders[min(borders)])[:, :2]
            left = curve.points(s, borders[max(borders)])[::-1, :2]
            rings.append(shapely.make_valid(shapely.polygons(np.concatenate([right, left]))))
    shape = shapely.buffer(shapely.union_all(rings), _PIER_FROM_ROAD_M)
    shapely.prepare(shape)
    return shape


def _add_piers(composer: Composer, ground: Ground, band: Band, roads: shapely.Geometry) -> None:
    """One pier with a cap across the carriageway every span, from the middle to both ends."""
    middle = _line(0.5 * (band.left_m + band.right_m))
    width = float(np.min(np.linalg.norm(band.left_m - band.right_m, axis=1)))
    centre = 0.5 * middle.length_m
    for direction in (-1.0, 1.0):
        reach = 0.5 if direction > 0.0 else 1.0
        last = -_PIER_EVERY_M
        while (reach := reach + 0.5) < centre - _PIER_FROM_END_M:
            if reach - last < _PIER_EVERY_M:
                continue
            spot = middle.at(np.array([centre + direction * reach]))
            if _stands_free(spot, width, roads):
                _add_pier(composer, ground, spot, width)
                last = reach


def _stands_free(spot: Line, width_m: float, roads: shapely.Geometry) -> bool:
    side = np.array([-np.sin(spot.heading_rad[0]), np.cos(spot.heading_rad[0])])
    xy = spot.xyz_m[0, :2] + np.linspace(-0.5, 0.5, 7)[:, None] * (0.35 * width_m) * side
    return not bool(np.any(shapely.contains_xy(roads, xy[:, 0], xy[:, 1])))


def _add_pier(composer: Composer, ground: Ground, spot: Line, width_m: float) -> None:
    x, y, z = (float(v) for v in spot.xyz_m[0])
    foot = float(ground.height_near(np.array([[x, y, z - 2.0 * DECK_M - 4.0]]))[0])
    top = z - DECK_M + 0.05 - foot
    out = Sculpture()
    concrete = Finish(_CONCRETE, Material.PLASTER, Tag.BRIDGE)
    r = _PIER_RADIUS_M
    for across in (-0.26 * width_m, 0.26 * width_m):
        column = lathe([(r, -0.3), (r, top - 0.6 * _CAP_M)], 14)
        out.add(column.moved((0.0, across, 0.0)), concrete)
    out.add(box((1.7, 0.86 * width_m, _CAP_M), (0.0, 0.0, top - _CAP_M / 2), 0.12), concrete)
    mesh = composer.library.add(out.mesh(f"structure/pier_{len(composer.objects)}"))
    composer.put(mesh, (x, y, foot), float(spot.heading_rad[0]), "Bridge_Pier", Tag.BRIDGE)


def _add_lights(composer: Composer, band: Band) -> None:
    """Lamps under the ceiling over the middle of each carriageway."""
    middle = _line(0.5 * (band.left_m + band.right_m))
    count = max(int(middle.length_m // _LIGHT_EVERY_M), 1)
    s = (np.arange(count) + 0.5) * middle.length_m / count
    spots = middle.at(s)
    first, last = band.stretch.first_m, band.stretch.last_m
    ceiling = band.built.ceiling_m(first + (last - first) * s / middle.length_m)
    meshes: dict[float, int] = {}
    for k in range(count):
        x, y, z = (float(v) for v in spots.xyz_m[k])
        height = round(float(ceiling[k]) - z, 1)
        if height not in meshes:
            meshes[height] = _make_light(composer.library, height)
        yaw = float(spots.heading_rad[k])
        composer.put(meshes[height], (x, y, z), yaw, LAMP_POST, Tag.POLE, LIGHT_STREET_LAMP)


def _make_light(library: MeshLibrary, height_m: float) -> int:
    """A flat lamp under a ceiling, its lens looking down, the foot on the road below."""
    out = Sculpture()
    out.add(
        box((1.5, 0.34, 0.12), (0.75, 0, height_m - 0.08)), Finish((190, 192, 192), Material.METAL, Tag.POLE)
    )
    lens, _ = plate((0.75, 0, height_m - 0.145), (0.68, 0.0, 0.0), (0.0, 0.13, 0.0))
    out.add(lens.facing((0.0, 0.0, -1.0)), Finish((250, 246, 232), Material.STREET_LAMP, Tag.POLE))
    return library.add(out.mesh(f"structure/light_{height_m:.1f}"))
