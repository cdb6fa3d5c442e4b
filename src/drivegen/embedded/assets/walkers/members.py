"""The families of people: who holds what, and the boxes of their members."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.build import Kind
from drivegen.embedded.assets.people.limbs import Mat4, placed
from drivegen.embedded.assets.people.parts import make_parts
from drivegen.embedded.assets.people.person import Person
from drivegen.embedded.assets.people.things import LEFT_HAND, RIGHT_HAND, ROOT, Thing, corners_of
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.walkers import things as meshes
from drivegen.embedded.assets.walkers import wardrobe
from drivegen.embedded.assets.walkers.asset import WalkerAsset, lying_down
from drivegen.embedded.assets.walkers.family import WalkerFamily
from drivegen.embedded.assets.walkers.gear import WHEEL_M, Carriage, Gear
from drivegen.embedded.assets.walkers.marking import marks_of
from drivegen.embedded.assets.walkers.stride import Pace
from drivegen.embedded.assets.walkers.wardrobe import BAGS, BRIGHT, DARK, SOFT, Look, pick
from drivegen.embedded.mesh import Material, MeshLibrary

WOMEN = (Kind.WOMAN, Kind.OLD_WOMAN, Kind.GIRL)
LENGTH, WIDTH = 0.42, 0.32
"""Of the box of a person on foot, as shares of the height: about what limbs take up at an easy walk."""
ABOVE_M = 0.01
"""Between a head and the top of the box."""
SEAT_M = 0.50
Draw = Callable[[np.random.Generator], Look]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a family."""

    look: Look
    gear: Gear
    size_m: tuple[float, float, float]
    ahead_m: float = 0.0
    """How far ahead of the box's centre the body stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A family before its members are drawn."""

    name: str
    draw: Draw
    carriages: tuple[tuple[Carriage, float], ...] = ((Carriage.FREE, 1.0),)
    """What its members hold, each with its weight."""
    object_class: ObjectClass = ObjectClass.PEDESTRIAN
    age: str = "adult"
    speeds_mps: tuple[float, float] = (1.4, 3.0)


def family_of(sort: Sort) -> WalkerFamily:
    """The family of a sort of people."""

    def make(
        library: MeshLibrary, blueprint_id: str, size_m: tuple[float, float, float], variant: int
    ) -> WalkerAsset:
        del size_m  # the member's own
        return _asset(library, blueprint_id, member_of(sort, variant), variant)

    def gender(variant: int) -> str:
        return "female" if member_of(sort, variant).look.build.kind in WOMEN else "male"

    return WalkerFamily(
        name=sort.name,
        object_class=sort.object_class,
        age=sort.age,
        speeds_mps=sort.speeds_mps,
        size_m=lambda variant: member_of(sort, variant).size_m,
        gender=gender,
        pace=lambda variant: _pace(member_of(sort, variant)),
        make=make,
    )


def _pace(member: Member) -> Pace:
    carriage = member.gear.carriage
    return Pace(
        stature_m=member.look.build.height_m,
        cycle_m=2 * math.pi * WHEEL_M if carriage == Carriage.WHEELCHAIR else 0.0,
        reach_m=0.45 if carriage in (Carriage.WHEELCHAIR, Carriage.STROLLER) else 0.30,
    )


@lru_cache(maxsize=4096)
def member_of(sort: Sort, variant: int) -> Member:
    """One member of a family."""
    look = wardrobe.look_of(sort.name, sort.draw, variant)
    rng = derive_rng("walker gear", sort.name, variant)
    carriage = pick(rng, [c for c, _ in sort.carriages], [w for _, w in sort.carriages])
    side = -1.0 if rng.random() < 0.8 else 1.0
    if carriage not in (Carriage.FREE, Carriage.WHEELCHAIR):
        look = wardrobe.free_back(look)
    h = look.build.height_m
    length, width, height = LENGTH * h, WIDTH * h * look.build.girth, h * math.cos(0.5 * look.build.stoop_rad)
    ahead = 0.0
    match carriage:
        case Carriage.UMBRELLA:
            radius = float(rng.uniform(0.48, 0.56)) * min(1.0, h / 1.5)
            above = float(rng.uniform(0.12, 0.16)) * h
            gear = Gear(carriage=carriage, side=side, length_m=1.02 * h + above - 0.67 * h, reach_m=radius)
            length = width = 2 * radius + 0.02
            height = 0.985 * h + above + 0.045
            ahead = -0.045 * h
        case Carriage.SUITCASE:
            gear = Gear(
                carriage=carriage,
                side=side,
                length_m=float(rng.uniform(0.92, 1.02)),
                height_m=float(pick(rng, (0.46, 0.52, 0.60))),
            )
            behind = 0.13 * h + math.sqrt(gear.length_m**2 - (0.475 * h) ** 2) + 0.06
            length, ahead = behind + 0.20 * h, (behind - 0.20 * h) / 2
            width = WIDTH * h + 0.16
        case Carriage.CANE:
            gear = Gear(carriage=carriage, side=side, length_m=round(0.495 * h, 3))
            width += 0.10
        case Carriage.STROLLER:
            gear = Gear(
                carriage=carriage, length_m=0.95, height_m=round(0.60 * h, 3), reach_m=0.215 * h, half_m=0.17
            )
            front = gear.reach_m + 0.985
            length, ahead = front + 0.19 * h, (0.19 * h - front) / 2
            width = max(width, 0.52)
        case Carriage.WHEELCHAIR:
            gear = Gear(carriage=carriage, height_m=SEAT_M, reach_m=0.265, half_m=0.285)
            length, width, height = 1.12, 0.70, SEAT_M + 0.055 * h + (1.0 - look.build.hip) * h
            ahead = -0.17
        case Carriage.BAG | Carriage.PHONE:
            gear = Gear(carriage=carriage, side=side)
        case _:
            gear = Gear()
    size = (round(length, 3), round(width, 3), round(height + ABOVE_M, 3))
    return Member(look=look, gear=gear, size_m=size, ahead_m=round(ahead, 3))


def _asset(library: MeshLibrary, blueprint_id: str, member: Member, variant: int) -> WalkerAsset:
    look, gear = member.look, member.gear
    build, name = look.build, f"{blueprint_id}/{variant}"
    both = gear.carriage in (Carriage.STROLLER, Carriage.WHEELCHAIR)
    one = gear.carriage not in (Carriage.FREE, Carriage.STROLLER, Carriage.WHEELCHAIR)
    fists = (both or (one and gear.side > 0), both or (one and gear.side < 0))
    parts = make_parts(library, build, Tag.PEDESTRIAN, name, fists)
    person = Person(build=build, parts=parts, top_color=look.top, bottom_color=look.bottom)
    person = replace(person, marks=marks_of(library, person))
    down = lying_down(library, person)
    rng = derive_rng("walker things", blueprint_id, variant)
    things = tuple(
        _thing(library, sculpture, f"{name}/{part}", bone, dropped)
        for part, sculpture, bone, dropped in _things(member, rng)
    )
    return WalkerAsset(
        blueprint_id=blueprint_id,
        height_m=member.size_m[2],
        person=replace(person, things=things),
        down=down,
        gear=gear,
        ahead_m=member.ahead_m,
        cycle_m=_pace(member).cycle_m,
    )


def _thing(library: MeshLibrary, sculpture: Sculpture, name: str, bone: str, dropped: Mat4) -> Thing:
    mesh = sculpture.mesh(name)
    corners = corners_of(mesh.positions_m.astype(np.float64))
    return Thing(mesh=library.add(mesh), bone=bone, corners_m=corners, dropped=dropped)


def _things(member: Member, rng: np.random.Generator) -> list[tuple[str, Sculpture, str, Mat4]]:
    """(part, mesh, bone, where it lies when dropped) of what a member holds."""
    gear, h = member.gear, member.look.build.height_m
    hand = LEFT_HAND if gear.side > 0 else RIGHT_HAND
    aside = gear.side * 0.75
    flat = rotation_about(1, math.pi / 2)
    match gear.carriage:
        case Carriage.UMBRELLA:
            color = pick(rng, (*DARK, *BRIGHT, *BRIGHT, *SOFT))
            second = color if rng.random() < 0.7 else pick(rng, (*SOFT, *BRIGHT))
            canopy = meshes.umbrella(gear.length_m, gear.reach_m, color, second)
            tilt = (
                math.pi / 2
                + math.asin(min(gear.reach_m / math.hypot(gear.length_m, gear.reach_m), 1.0)) * 0.0
            )
            lies = placed(rotation_about(1, tilt), np.array([0.0, aside, gear.reach_m + 0.01]))
            return [("umbrella", canopy, hand, lies)]
        case Carriage.SUITCASE:
            case_ = meshes.suitcase(gear.length_m, gear.height_m, pick(rng, (*DARK, *BRIGHT, *SOFT)))
            return [("suitcase", case_, hand, placed(flat, np.array([0.2, aside, 0.03])))]
        case Carriage.CANE:
            stick = meshes.cane(gear.length_m, pick(rng, ((92, 60, 38), (60, 40, 30), (40, 40, 44))))
            return [("cane", stick, hand, placed(flat, np.array([0.3, 0.7 * aside, 0.08])))]
        case Carriage.BAG:
            if rng.random() < 0.35:
                bag = meshes.briefcase(pick(rng, BAGS[:2]))
            else:
                bag = meshes.shopping_bag(pick(rng, (*BRIGHT, *SOFT)), pick(rng, (*SOFT, *DARK)))
            return [("bag", bag, hand, placed(np.eye(3), np.array([0.1, aside, 0.54])))]
        case Carriage.PHONE:
            return [
                ("phone", meshes.phone(pick(rng, DARK)), hand, placed(flat, np.array([0.1, aside, 0.03])))
            ]
        case Carriage.STROLLER:
            pram = meshes.stroller(
                gear.height_m,
                gear.half_m,
                pick(rng, (*DARK, *BRIGHT)),
                pick(rng, (meshes.STEEL, (60, 62, 66))),
                pick(rng, SOFT),
                member.look.build.skin,
            )
            return [("stroller", pram, ROOT, placed(np.eye(3), np.array([gear.reach_m + 0.6 * h, 0.0, 0.0])))]
        case Carriage.WHEELCHAIR:
            return _wheelchair(member, rng)
    return []


def _wheelchair(member: Member, rng: np.random.Generator) -> list[tuple[str, Sculpture, str, Mat4]]:
    gear, b = member.gear, member.look.build
    leg = gear.height_m + 0.055 * b.height_m - 0.115
    leg = min(max(leg, 0.30), gear.height_m - 0.105)
    chair = meshes.wheelchair(
        gear.height_m, gear.half_m - 0.065, leg, pick(rng, (*DARK, (40, 80, 140), (150, 40, 44)))
    )
    out = [("chair", chair, ROOT, placed(np.eye(3), np.array([-0.75, 0.0, 0.0])))]
    for side, name in ((1.0, "left"), (-1.0, "right")):
        wheel = meshes.wheelchair_wheel(WHEEL_M)
        wheel.add(meshes.push_rim(gear.reach_m, side, 0.028), meshes.paint(meshes.STEEL, Material.METAL))
        at = np.array([-0.75, side * (gear.half_m - 0.028), WHEEL_M])
        out.append((f"wheel_{name}", wheel, ROOT, placed(np.eye(3), at)))
    return out
