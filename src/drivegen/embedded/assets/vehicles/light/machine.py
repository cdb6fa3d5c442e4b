"""From the design of a light vehicle to its asset: meshes, riders, and the box that holds them all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.embedded.assets.people.limbs import Mat4, Vec3
from drivegen.embedded.assets.people.person import Person
from drivegen.embedded.assets.placed import WHITE, Row
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.light.bodies import Outfit, body_parts, fist_mesh, hidden_head
from drivegen.embedded.assets.vehicles.light.headgear import Headgear, chin_m, headgear_mesh
from drivegen.embedded.assets.vehicles.light.posture import Saddle, Sitting, seat_person
from drivegen.embedded.assets.vehicles.light.ridden import STEER_LIMIT_RAD, Crank, Ridden, Wheel
from drivegen.embedded.mesh import Mesh, MeshLibrary

Color = tuple[int, int, int]

_ADDED: WeakKeyDictionary[MeshLibrary, dict[str, int]] = WeakKeyDictionary()
"""Shared meshes of each library by name."""


@dataclass(kw_only=True)
class Part:
    """A finished mesh and where it goes."""

    mesh: Mesh
    pose: Mat4
    tint: Color = WHITE


@dataclass(kw_only=True)
class WheelPart:
    """A wheel of a design."""

    mesh: Mesh
    axle_m: Vec3
    radius_m: float
    steers: bool = False


@dataclass(kw_only=True)
class CrankPart:
    """The crank of a design; see `ridden.Crank`."""

    mesh: Mesh
    centre_m: Vec3
    length_m: float
    half_width_m: float
    gear: float = 0.38


@dataclass(kw_only=True)
class Machine:
    """A design: x forward from the rear axle, y left, z up from the ground."""

    frame: Sculpture
    steered: Sculpture
    """In the machine's frame, straight on."""
    wheels: list[WheelPart]
    steer_axis: Vec3
    steer_point_m: Vec3
    grip_m: Vec3
    """The left one; the right is its mirror image."""
    bar_axis: Vec3
    """Of the left grip, unit, to the left."""
    rest_m: Vec3
    """Under the ball of the left foot."""
    saddle: Saddle
    outfit: Outfit
    own_rgb: Color
    livery: bool = False
    """Keeps its own paint."""
    rest_right_m: Vec3 | None = None
    crank: CrankPart | None = None
    passengers: list[Part] = field(default_factory=list)


def mirrored(point: Vec3) -> Vec3:
    """On the other side of the middle plane."""
    return point * np.array([1.0, -1.0, 1.0])


def _person(outfit: Outfit) -> tuple[Person, list[Mesh]]:
    """A person whose mesh numbers count in the list: the body's, then fists, then headgear."""
    build = outfit.build
    parts, meshes = body_parts(outfit.sort, outfit.index)
    fists = [
        fist_mesh(
            round(build.hand * build.height_m, 3),
            left,
            outfit.gloves_rgb or build.skin,
            outfit.gloves_rgb is None,
        )
        for left in (True, False)
    ]
    everything = [*meshes, *fists]
    if outfit.headgear == Headgear.FULL:
        everything[parts.head] = hidden_head(round(chin_m(build)[1], 3), build.skin)
    if outfit.headgear != Headgear.NONE:
        everything.append(headgear_mesh(outfit.headgear, round(chin_m(build)[1], 3)))
    person = Person(
        build=build,
        parts=replace(parts, hands=(len(meshes), len(meshes) + 1)),
        top_color=outfit.top_rgb,
        bottom_color=outfit.bottom_rgb,
    )
    return person, everything


def _sit(
    outfit: Outfit, saddle: Saddle, grip: Vec3, axis: Vec3, person: Person, meshes: list[Mesh]
) -> Sitting:
    return seat_person(
        person,
        saddle,
        (grip, mirrored(grip)),
        (axis, -mirrored(axis)),
        len(meshes) - 1 if outfit.headgear != Headgear.NONE else -1,
        outfit.headgear_rgb,
    )


def seated(outfit: Outfit, saddle: Saddle, grip_m: Vec3, rest_m: Vec3) -> list[Part]:
    """Somebody who sits still: a passenger; hands and feet at a place on the left and its mirror image."""
    person, meshes = _person(outfit)
    sitting = _sit(outfit, saddle, grip_m, np.array([0.0, 1.0, 0.0]), person, meshes)
    rows = sitting.rows(np.eye(4), 0.0, (rest_m, mirrored(rest_m)))
    return [Part(mesh=meshes[r.mesh], pose=r.asset_mesh, tint=r.tint) for r in rows]


def add_once(library: MeshLibrary, mesh: Mesh) -> int:
    """Number of a mesh in a library, which takes it unless it has one of that name."""
    added = _ADDED.setdefault(library, {})
    if mesh.name not in added:
        added[mesh.name] = library.add(mesh)
    return added[mesh.name]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A variant before it is in any library: its meshes, and the asset with numbers into them."""

    meshes: tuple[Mesh, ...]
    asset: Ridden

    def on(self, library: MeshLibrary, blueprint_id: str) -> Ridden:
        """The asset with its meshes in a library; meshes that several share are added once."""
        index = tuple(add_once(library, mesh) for mesh in self.meshes)
        return replace(self.asset, library_index=index, blueprint_id=blueprint_id)


def assemble(name: str, machine: Machine, default_rgb: Color) -> Built:
    """Meshes, rider and box of a design.

    Args:
        name: of the variant; begins the names of its own meshes.
        machine: the design.
        default_rgb: the tint that stands for the variant's own paint.
    """
    meshes: list[Mesh] = []

    def put(mesh: Mesh) -> int:
        meshes.append(mesh)
        return len(meshes) - 1

    frame, steered = put(machine.frame.mesh(f"{name}/frame")), put(machine.steered.mesh(f"{name}/steered"))
    wheels = tuple(
        Wheel(mesh=put(w.mesh), axle_m=w.axle_m, radius_m=w.radius_m, steers=w.steers) for w in machine.wheels
    )
    crank = None
    if machine.crank is not None:
        c = machine.crank
        crank = Crank(
            mesh=put(c.mesh),
            centre_m=c.centre_m,
            length_m=c.length_m,
            half_width_m=c.half_width_m,
            gear=c.gear,
        )
    person, body = _person(machine.outfit)
    sitting = _sit(machine.outfit, machine.saddle, machine.grip_m, machine.bar_axis, person, body)
    first = len(meshes)
    meshes += body
    fixed = tuple(Row(mesh=put(p.mesh), asset_mesh=p.pose, tint=p.tint) for p in machine.passengers)
    right = machine.rest_right_m if machine.rest_right_m is not None else mirrored(machine.rest_m)
    asset = Ridden(
        blueprint_id=name,
        size_lwh_m=(1.0, 1.0, 1.0),
        shift_m=np.zeros(3),
        library_index=tuple(range(len(meshes))),
        frame_mesh=frame,
        steered_mesh=steered,
        wheels=wheels,
        steer_axis=machine.steer_axis,
        steer_point_m=machine.steer_point_m,
        rests_m=(machine.rest_m, right),
        crank=crank,
        driver=_renumbered(sitting, first),
        fixed=fixed,
        livery_rgb=machine.own_rgb if machine.livery else None,
        own_rgb=machine.own_rgb,
        default_rgb=default_rgb,
    )
    size, shift = _box(asset, meshes)
    return Built(meshes=tuple(meshes), asset=replace(asset, size_lwh_m=size, shift_m=shift))


def _renumbered(sitting: Sitting, first: int) -> Sitting:
    """With mesh numbers that count from `first`."""
    p = sitting.person.parts
    parts = replace(
        p,
        pelvis=p.pelvis + first,
        torso=p.torso + first,
        head=p.head + first,
        upper_arms=(p.upper_arms[0] + first, p.upper_arms[1] + first),
        forearms=(p.forearms[0] + first, p.forearms[1] + first),
        hands=(p.hands[0] + first, p.hands[1] + first),
        thigh=p.thigh + first,
        shin=p.shin + first,
        feet=(p.feet[0] + first, p.feet[1] + first),
    )
    hat = sitting.headgear_mesh + first if sitting.headgear_mesh >= 0 else -1
    return replace(sitting, person=replace(sitting.person, parts=parts), headgear_mesh=hat)


def _box(asset: Ridden, meshes: list[Mesh]) -> tuple[tuple[float, float, float], Vec3]:
    """Full length, width, height over all positions of bars and pedals, and the shift into its middle.

    The bars are turned to the left only: to the right is the mirror image.
    """
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    hulls = [np.concatenate([m.positions_m, np.ones((len(m.positions_m), 1), np.float32)], 1) for m in meshes]
    samples = [(0.0, steer) for steer in (0.0, 0.5 * STEER_LIMIT_RAD, STEER_LIMIT_RAD)]
    if asset.crank is not None:
        # Half a turn is enough: the other half is its mirror image.
        samples += [(math.pi * k / 6 / asset.crank.gear, 0.0) for k in range(1, 6)]
    seen: set[bytes] = set()
    for rotation, steer in samples:
        for row in asset.rows(rotation, float(steer), WHITE):
            key = bytes([row.mesh]) + np.round(row.asset_mesh, 6).tobytes()
            if key in seen:
                continue
            seen.add(key)
            points = hulls[row.mesh] @ row.asset_mesh[:3].T
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
    half_width = max(-low[1], high[1]) + CLEARANCE_M + MARGIN_M
    length = high[0] - low[0] + 2 * (CLEARANCE_M + MARGIN_M)
    size = (
        math.ceil(length * 1e3) / 1e3,
        math.ceil(2e3 * half_width) / 1e3,
        math.ceil((high[2] + 2 * CLEARANCE_M + MARGIN_M) * 1e3) / 1e3,
    )
    return size, np.array([-(low[0] + high[0]) / 2, 0.0, CLEARANCE_M])


MARGIN_M = 0.003
"""For positions between those that were measured."""


def ridden_family(
    *,
    name: str,
    base_type: str,
    object_class: ObjectClass,
    wheels: int,
    paints: tuple[str, ...],
    design: Callable[[int], Machine],
    special_type: str = "",
    has_lights: bool = True,
) -> VehicleFamily:
    """A family from the designs of its variants.

    The box is measured on the variant itself, which is kept for the asset that is usually asked for next.
    """
    r, g, b = (int(v) for v in paints[0].split(","))

    @lru_cache(maxsize=96)
    def built(variant: int) -> Built:
        return assemble(f"{name}/{variant}", design(variant), (r, g, b))

    @lru_cache(maxsize=8192)
    def size_m(variant: int) -> tuple[float, float, float]:
        return built(variant).asset.size_lwh_m

    def make(
        library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int
    ) -> Ridden:
        del size_lwh_m  # the variant's own
        return built(variant).on(library, blueprint_id)

    return VehicleFamily(
        name=name,
        base_type=base_type,
        object_class=object_class,
        paints=paints,
        size_m=size_m,
        make=make,
        special_type=special_type,
        wheels=wheels,
        has_lights=has_lights,
    )
