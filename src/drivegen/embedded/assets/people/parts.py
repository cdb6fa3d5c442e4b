"""The parts of a person as meshes, each with its joint at the origin, standing: x forward, y left, z up.

Clothes are white CLOTH, so that a drawable's tint colours them; skin, hair, shoes, bags keep their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.tags import Tag
from drivegen.embedded.assets.people.arms import ArmMaker
from drivegen.embedded.assets.people.build import Build
from drivegen.embedded.assets.people.head import add_head
from drivegen.embedded.assets.people.legs import LegMaker
from drivegen.embedded.assets.people.trunk import TrunkMaker
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.mesh import MeshLibrary

BEHIND = 0.975
"""Width of the skirt that follows the leg behind, against the one in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonParts:
    """Indexes of a person's meshes in the library."""

    pelvis: int
    torso: int
    head: int
    upper_arms: tuple[int, int]
    """Left, right."""
    forearms: tuple[int, int]
    hands: tuple[int, int]
    thigh: int
    shin: int
    feet: tuple[int, int]
    skirts: tuple[int, ...] = ()
    """Of what hangs about the legs: the one that the leg in front pushes and the one behind."""


def make_parts(
    library: MeshLibrary, build: Build, tag: Tag, name: str, fists: tuple[bool, bool] = (False, False)
) -> PersonParts:
    """Adds the meshes of a person to the library.

    Args:
        library: takes the meshes.
        build: who it is.
        tag: semantic tag of all of it.
        name: of the meshes; the part's is added.
        fists: which hands (left, right) are closed about a bar.
    """
    trunk, arms, legs = TrunkMaker(build, tag), ArmMaker(build, tag), LegMaker(build, tag)
    head = Sculpture()
    add_head(head, build, tag)

    def put(sculpture: Sculpture, part: str) -> int:
        return library.add(sculpture.mesh(f"{name}/{part}"))

    def hand(side: float, closed: bool) -> Sculpture:
        return arms.fist(side) if closed else arms.hand(side)

    upper, fore = put(arms.upper_arm(), "upper_arm"), put(arms.forearm(), "forearm")
    skirts: tuple[int, ...] = ()
    if build.skirted:
        skirts = (put(trunk.skirt(1.0), "skirt_front"), put(trunk.skirt(BEHIND), "skirt_behind"))
    return PersonParts(
        pelvis=put(trunk.pelvis(), "pelvis"),
        torso=put(trunk.torso(), "torso"),
        head=put(head, "head"),
        upper_arms=(upper, upper),
        forearms=(fore, fore),
        hands=(put(hand(1.0, fists[0]), "hand_left"), put(hand(-1.0, fists[1]), "hand_right")),
        thigh=put(legs.thigh(), "thigh"),
        shin=put(legs.shin(), "shin"),
        feet=(put(legs.foot(1.0), "foot_left"), put(legs.foot(-1.0), "foot_right")),
        skirts=skirts,
    )
