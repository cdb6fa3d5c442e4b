"""The street that benchmarks look at: traffic of our own families between our own trees, houses and lamps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded import drawables as bits
from drivegen.embedded.assets.scenery.buildings import Kind, make_building
from drivegen.embedded.assets.scenery.street import make_lamp
from drivegen.embedded.assets.scenery.trees import PLANE, SCHOLAR, SCHOLAR_YOUNG, make_tree
from drivegen.embedded.assets.vehicles.families import VEHICLE_FAMILIES
from drivegen.embedded.assets.walkers.families import WALKER_FAMILIES
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary

LAMPS, TREES, BUILDINGS = 40, 40, 24
FIRST_PERSON = 1000
LANES_M = (-5.2, -1.8, 1.8, 5.2)
EYE_M = (0.0, -1.8, 1.6)
"""A camera in the midst of the traffic: a part of it lies in any view, as on a job's street."""
MIX = (
    *("sedan", "ebike", "suv", "sedan", "taxi", "van", "bicycle", "sedan", "hatchback", "etricycle"),
    *("sedan", "bus", "ebike", "mpv", "light_truck", "sedan", "suv", "minivan", "taxi", "unmanned_delivery"),
)
"""Families by turns."""
GREY = {Material.GRASS: (86, 104, 60), Material.CONCRETE: (158, 152, 144), Material.MARKING: (230, 230, 226)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Street:
    """A library, what stands still, what moves (and the lamps), by day and by night."""

    library: MeshLibrary
    still: Drawables
    day: Drawables
    night: Drawables
    triangles: int
    """Of all that is placed, in full detail."""

    def thinned(self, vehicles: int, people: int) -> Street:
        """The same with only that many, those nearest to the camera."""
        ids, first = np.unique(self.day.object_id, return_index=True)
        place_m = self.day.world_mesh[first, :2, 3]
        order = np.argsort(np.hypot(*(place_m - EYE_M[:2]).T), kind="stable")
        near = ids[order]
        cars, walkers = near[(near > 0) & (near < FIRST_PERSON)], near[near >= FIRST_PERSON]
        kept = np.concatenate([[0], cars[:vehicles], walkers[:people]])
        day, night = (_chosen(d, np.isin(d.object_id, kept)) for d in (self.day, self.night))
        count = _triangles(self.library, self.still, day)
        return Street(library=self.library, still=self.still, day=day, night=night, triangles=count)


def street(vehicles: int = 60, people: int = 40) -> Street:
    """A straight road of four lanes, 250 m each way; traffic along 120 m of it."""
    library = MeshLibrary()
    still = _ground(library) + _scenery(library)
    static = _placed(still, 0)
    moving = [*_vehicles(library, vehicles), *_people(library, people)]
    post = make_lamp(library, 9.0, 2.2, 0.0, "lamp")
    lamps = [
        (
            post,
            _pose(
                10.0 * (k // 2 - LAMPS // 4), (-1 if k % 2 else 1) * 10.0, (0.5 if k % 2 else -0.5) * np.pi
            ),
        )
        for k in range(LAMPS)
    ]
    day = Drawables.concatenate([*moving, _placed(lamps, 0)])
    night = Drawables.concatenate([*moving, _placed(lamps, bits.LIGHT_STREET_LAMP)])
    count = _triangles(library, static, day)
    return Street(library=library, still=static, day=day, night=night, triangles=count)


def _triangles(library: MeshLibrary, *placed: Drawables) -> int:
    return sum(len(library.meshes[i].triangles) for d in placed for i in d.mesh_index.tolist())


def _chosen(drawables: Drawables, rows: np.ndarray) -> Drawables:
    return Drawables(
        mesh_index=drawables.mesh_index[rows],
        world_mesh=drawables.world_mesh[rows],
        object_id=drawables.object_id[rows],
        tint=drawables.tint[rows],
        lights=drawables.lights[rows],
    )


def _vehicles(library: MeshLibrary, count: int) -> list[Drawables]:
    family_of = {family.name: family for family in VEHICLE_FAMILIES}
    lights = bits.LIGHT_LOW_BEAM | bits.LIGHT_POSITION
    rng = derive_rng("benchmark", "traffic")
    out = []
    for k in range(count):
        family = family_of[MIX[k % len(MIX)]]
        made = family.make(library, family.blueprint_id, family.size_m(k), k)
        # The camera's own place stays free.
        along = 8.0 * (k // 4 - count // 8) + (4.0 if k % 4 == 1 else rng.uniform(0.0, 3.0))
        lane = LANES_M[k % 4]
        pose = _pose(along, lane, 0.0 if lane < 0 else np.pi)
        tint = (int(rng.integers(256)), int(rng.integers(256)), int(rng.integers(256)))
        out.append(made.place(pose, 0.3 * k, 0.0, lights, 100 + k, tint))
    return out


def _people(library: MeshLibrary, count: int) -> list[Drawables]:
    rng = derive_rng("benchmark", "people")
    out = []
    for k in range(count):
        family = WALKER_FAMILIES[k % len(WALKER_FAMILIES)]
        person = family.make(library, family.blueprint_id, family.size_m(k), k)
        side = 1 if k % 2 else -1
        pose = _pose(3.0 * (k - count / 2), side * rng.uniform(11.0, 14.5), rng.uniform(0, 2 * np.pi))
        out.append(person.place(pose, 0.5 * k, 1.3, FIRST_PERSON + k))
    return out


def _ground(library: MeshLibrary) -> list[tuple[int, np.ndarray]]:
    rows = [
        (library.add(_plane(400.0, 400.0, -0.02, Material.GRASS, Tag.TERRAIN, 8)), np.eye(4)),
        (library.add(_plane(250.0, 9.0, 0.0, Material.ASPHALT, Tag.ROAD, 60)), np.eye(4)),
    ]
    walk = library.add(_plane(250.0, 3.0, 0.12, Material.CONCRETE, Tag.SIDEWALK, 60))
    rows += [(walk, _pose(0.0, side * 12.5)) for side in (-1, 1)]
    line = library.add(_plane(1.5, 0.07, 0.01, Material.MARKING, Tag.ROAD_LINE, 1))
    rows += [(line, _pose(6.0 * k, y)) for k in range(-40, 41) for y in (-3.5, 0.0, 3.5)]
    return rows


def _scenery(library: MeshLibrary) -> list[tuple[int, np.ndarray]]:
    rng = derive_rng("benchmark", "scenery")
    trees = [make_tree(library, f, rng, f"tree {k}") for k, f in enumerate((SCHOLAR, SCHOLAR_YOUNG, PLANE))]
    rows = [
        (trees[k % 3], _pose(12.0 * (k // 2 - TREES // 4) + 5.0, (1 if k % 2 else -1) * 14.6, 1.3 * k))
        for k in range(TREES)
    ]
    kinds = (Kind.SLAB, Kind.SHOPS, Kind.OFFICE, Kind.TOWER)
    for k in range(BUILDINGS):
        kind = kinds[k // 2 % len(kinds)]
        storeys = {Kind.SLAB: 6, Kind.SHOPS: 2, Kind.OFFICE: 9, Kind.TOWER: 18}[kind]
        house = make_building(library, kind, 28.0, 14.0, storeys, rng, f"house {k}")
        side = 1 if k % 2 else -1
        front = _pose(30.0 * (k // 2 - BUILDINGS // 4) + 15.0, side * 22.0, 0.0 if side > 0 else np.pi)
        rows.append((house.mesh, front))
    return rows


def _pose(x_m: float, y_m: float, yaw_rad: float = 0.0) -> np.ndarray:
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[c, -s, 0, x_m], [s, c, 0, y_m], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def _placed(rows: list[tuple[int, np.ndarray]], lights: int) -> Drawables:
    n = len(rows)
    return Drawables(
        mesh_index=np.array([r[0] for r in rows], np.int32),
        world_mesh=np.array([r[1] for r in rows], np.float32),
        object_id=np.zeros(n, np.uint32),
        tint=np.full((n, 3), 255, np.uint8),
        lights=np.full(n, lights, np.uint32),
    )


def _plane(half_x_m: float, half_y_m: float, z_m: float, material: Material, tag: Tag, cells: int) -> Mesh:
    x, y = np.meshgrid(np.linspace(-half_x_m, half_x_m, cells + 1), np.linspace(-half_y_m, half_y_m, 5))
    n = x.size
    cell = np.arange(4 * cells)
    a = cell // cells * (cells + 1) + cell % cells
    b = a + cells + 1
    return Mesh(
        name=tag.name.lower(),
        positions_m=np.stack([x.ravel(), y.ravel(), np.full(n, z_m)], 1).astype(np.float32),
        normals=np.tile(np.float32([0.0, 0.0, 1.0]), (n, 1)),
        uvs=np.stack([x.ravel(), y.ravel()], 1).astype(np.float32),
        colors=np.tile(np.array(GREY.get(material, (78, 78, 80)), np.uint8), (n, 1)),
        materials=np.full(n, material, np.uint8),
        tags=np.full(n, tag, np.uint8),
        triangles=np.concatenate([np.stack([a, a + 1, b + 1], 1), np.stack([a, b + 1, b], 1)]).astype(
            np.int32
        ),
    )
