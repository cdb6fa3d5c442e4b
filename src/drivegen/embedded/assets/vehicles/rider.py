"""Riders: a person who sits on a two-wheeler, hands on the grips and feet on pedals or rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from drivegen.core.geometry import Mat3
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.build import (
    BOTTOMS,
    TOPS,
    Bottom,
    Build,
    Hair,
    Kind,
    Luggage,
    Top,
    draw_build,
)
from drivegen.embedded.assets.people.head import add_head
from drivegen.embedded.assets.people.limbs import Vec3, middle_joint, placed
from drivegen.embedded.assets.people.parts import PersonParts, make_parts
from drivegen.embedded.assets.people.person import SIDES, Person, Stance
from drivegen.embedded.assets.placed import Row
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.mesh import MeshLibrary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seat:
    """How a machine is sat on."""

    hip_m: Vec3
    """Middle between the hip joints."""
    lean_rad: float
    """Of the torso, forward."""
    elbows_out: float
    """How far the elbows point outward rather than down."""
    knees_out: float
    foot_pitch_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rider:
    """A person on a seat."""

    person: Person
    seat: Seat

    def stance(self, grips_m: tuple[Vec3, Vec3], soles_m: tuple[Vec3, Vec3]) -> Stance:
        """The body for hands on two grips and the balls of the feet on two points (left, right)."""
        b, seat = self.person.build, self.seat
        h = b.height_m
        pelvis = placed(rotation_about(1, 0.45 * seat.lean_rad), seat.hip_m)
        turn = rotation_about(1, seat.lean_rad)
        torso = self.person.torso_frame(pelvis, turn)
        elbows, wrists, feet = [], [], []
        for k, side in enumerate(SIDES):
            shoulder = self.person.shoulder_m(torso, side)
            back = shoulder - grips_m[k]
            wrist = grips_m[k] + back / np.linalg.norm(back) * 0.55 * b.hand * h
            hint = np.array([-0.5, side * seat.elbows_out, -1.0])
            elbows.append(middle_joint(shoulder, wrist, b.upper_arm * h, b.forearm * h, hint))
            wrists.append(wrist)
            tilt = rotation_about(1, seat.foot_pitch_rad)
            ankle = soles_m[k] - tilt @ np.array([0.42 * b.foot * h, 0.0, -b.ankle * h])
            feet.append(placed(tilt, ankle))
        return Stance(
            pelvis=pelvis,
            torso_turn=turn,
            head_turn=rotation_about(1, 0.12 * seat.lean_rad),
            feet=(feet[0], feet[1]),
            elbows=(elbows[0], elbows[1]),
            wrists=(wrists[0], wrists[1]),
            knees_out=seat.knees_out,
        )

    def rows(self, grips_m: tuple[Vec3, Vec3], soles_m: tuple[Vec3, Vec3]) -> list[Row]:
        """The placed parts."""
        return self.person.rows(self.stance(grips_m, soles_m))


def draw_rider_build(blueprint_id: str, look: int, helmet: Hair, height_m: float) -> Build:
    """Who rides: a man or a woman in trousers, with what the machine asks for on the head."""
    rng = derive_rng("rider", blueprint_id, look)
    kind = Kind.WOMAN if rng.random() < 0.35 else Kind.MAN
    build = draw_build(kind, height_m, rng)
    hair = helmet if helmet != Hair.SHORT else (Hair.TAIL if kind == Kind.WOMAN else Hair.SHORT)
    accents = ((232, 232, 230), (200, 50, 44), (40, 70, 130), (30, 30, 32), (236, 190, 40))
    return replace(
        build,
        hair=hair,
        bottom=Bottom.TROUSERS,
        luggage=Luggage.NONE,
        girth=min(build.girth, 1.0),
        top=Top.JACKET if build.top == Top.COAT else build.top,
        accent=accents[int(rng.integers(len(accents)))],
    )


def fit_rider(
    library: MeshLibrary, build: Build, seat_at: Callable[[Build], Seat], top_m: float, name: str
) -> Rider:
    """The rider whose head reaches a height: the body is scaled until it does, then its meshes are added."""
    height = build.height_m
    for _ in range(8):
        trial = replace(build, height_m=height)
        head = Sculpture()
        add_head(head, trial, Tag.RIDER)
        seat = seat_at(trial)
        top, neck = _neck(trial, seat)
        reached = float((head.points_m() @ top.T)[:, 2].max()) + float(neck[2])
        height *= 1.0 + (top_m - reached) / max(reached - 0.1, 0.3)
    final = replace(build, height_m=height)
    person = Person(
        build=final,
        parts=make_parts(library, final, Tag.RIDER, name),
        top_color=TOPS[0],
        bottom_color=BOTTOMS[0],
    )
    return Rider(person=person, seat=seat_at(final))


def _neck(build: Build, seat: Seat) -> tuple[Mat3, Vec3]:
    """Rotation of the head, and the foot of the neck."""
    person = Person(build=build, parts=NO_PARTS, top_color=TOPS[0], bottom_color=BOTTOMS[0])
    nowhere = (np.array([0.5, 0.2, 0.9]), np.array([0.5, -0.2, 0.9]))
    head = person.skeleton(Rider(person=person, seat=seat).stance(nowhere, nowhere)).head
    return head[:3, :3], head[:3, 3]


NO_PARTS = PersonParts(
    pelvis=-1,
    torso=-1,
    head=-1,
    upper_arms=(-1, -1),
    forearms=(-1, -1),
    hands=(-1, -1),
    thigh=-1,
    shin=-1,
    feet=(-1, -1),
)
"""For measuring a body that is not drawn."""


def dressed(rider: Rider, blueprint_id: str, seed: int) -> Rider:
    """The same rider in clothes of other colours."""
    rng = derive_rng("rider clothes", blueprint_id, seed)
    person = Person(
        build=rider.person.build,
        parts=rider.person.parts,
        top_color=TOPS[int(rng.integers(len(TOPS)))],
        bottom_color=BOTTOMS[int(rng.integers(len(BOTTOMS)))],
    )
    return Rider(person=person, seat=rider.seat)
