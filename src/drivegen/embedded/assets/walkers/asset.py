"""The walker asset: what `make_walker` returns."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng, derive_seed
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.build import BOTTOMS, TOPS, Kind, draw_build
from drivegen.embedded.assets.people.covers import bag_corners_m, hem_corners_m
from drivegen.embedded.assets.people.parts import PersonParts, make_parts
from drivegen.embedded.assets.people.person import Person, Skeleton
from drivegen.embedded.assets.people.posing import CustomPose, posed, skeleton_on
from drivegen.embedded.assets.placed import place_rows
from drivegen.embedded.assets.walkers.gait import SOLE_M, Gait, phase_rate_radps
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary

OLD = frozenset({2, 17, 24, 26, 31, 34, 40, 43})
ADULT_M = 1.5
"""Boxes lower than this hold children (CARLA: adults 1.86 m, children 1.3 m and 1.1 m)."""
BACK = 0.088
"""How far shoulders and heels reach behind the spine, as a share of the height."""
HEEL = 0.04
"""How far a heel reaches behind its ankle, as a share of the height."""
LOOKS = 2
"""Different meshes of one blueprint; colours of clothes differ by seed beyond that."""

_CACHE: WeakKeyDictionary[MeshLibrary, dict[tuple[str, int], Person]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkerAsset:
    """A person on foot. Origin: on the ground under the body, x forward, y left."""

    blueprint_id: str
    height_m: float
    """Of the blueprint's box; the body is 2 to 6 cm shorter."""
    person: Person
    down: Float64[np.ndarray, "4 4"]
    """Moves the standing body to lying on the ground."""

    def phase_rate_radps(self, speed_mps: float) -> float:
        """How fast the gait phase must grow at a speed so that planted feet do not slide."""
        return phase_rate_radps(self.person.build, speed_mps)

    def bones(
        self, gait_phase_rad: float, speed_mps: float, pose: CustomPose | None = None, *, lying: bool = False
    ) -> dict[str, Float64[np.ndarray, "4 4"]]:
        """Bone poses in the walker's frame, by CARLA's bone names (see `drivegen.core.skeleton`).

        Args:
            gait_phase_rad: at 0 the left heel strikes, at pi the right one.
            speed_mps: over ground; 0 stands.
            pose: what a client has set.
            lying: has fallen on the back.
        """
        _, bones = self._body(*((0.0, 0.0) if lying else (gait_phase_rad, speed_mps)), pose)
        if lying:
            return {name: self.down @ matrix for name, matrix in bones.items()}
        return bones

    def place(
        self,
        world_actor: Float[np.ndarray, "4 4"],
        gait_phase_rad: float,
        speed_mps: float,
        object_id: int,
        pose: CustomPose | None = None,
        *,
        lying: bool = False,
    ) -> Drawables:
        """The person at a pose; origin of `world_actor` on the ground. Arguments as those of `bones`."""
        phase, speed = (0.0, 0.0) if lying else (gait_phase_rad, speed_mps)
        if pose is not None and pose.shows:
            skeleton, _ = self._body(phase, speed, pose)
        else:
            skeleton = self._skeleton(phase, speed)
        rows = self.person.drawn(skeleton)
        world = np.asarray(world_actor, dtype=np.float64)
        return place_rows(rows, world @ self.down if lying else world, 0, object_id)

    def _skeleton(self, gait_phase_rad: float, speed_mps: float) -> Skeleton:
        return self.person.skeleton(Gait(self.person, speed_mps).stance(gait_phase_rad))

    def _body(
        self, gait_phase_rad: float, speed_mps: float, pose: CustomPose | None
    ) -> tuple[Skeleton, dict[str, Float64[np.ndarray, "4 4"]]]:
        """The parts and the bones, with the client's pose."""
        skeleton = self._skeleton(gait_phase_rad, speed_mps)
        bones = self.person.bones(skeleton)
        if pose is None or not pose.shows:
            return skeleton, bones
        after = posed(bones, pose)
        return skeleton_on(skeleton, bones, after), after


def _down(library: MeshLibrary, person: Person) -> Float64[np.ndarray, "4 4"]:
    """Moves a standing body to lying on its back, heels and back on the ground, its middle where it stood."""
    build = person.build
    points = (*bag_corners_m(build), *hem_corners_m(build))
    behind = max(BACK * build.girth * build.height_m, *(-x for x, _, _ in points))
    out = np.eye(4)
    tilt = max(behind - HEEL * build.height_m, 0.0) / (0.75 * build.height_m)
    out[:3, :3] = rotation_about(1, tilt - np.pi / 2)
    lowest = min(
        float((library.meshes[row.mesh].positions_m @ turned[2, :3]).min() + turned[2, 3])
        for row in person.rows(Gait(person, 0.0).stance(0.0))
        for turned in (out @ row.asset_mesh,)
    )
    out[:3, 3] = (0.5 * build.height_m, 0.0, SOLE_M - lowest)
    return out


def kind_of(blueprint_id: str, height_m: float) -> Kind:
    """Age and sex of a walker blueprint: odd numbers are female, and a child where its box is low.

    Raises:
        ConfigError: not walker.pedestrian.NNNN.
    """
    number = blueprint_id.removeprefix("walker.pedestrian.")
    if number == blueprint_id or not number.isdigit():
        raise ConfigError(
            f"no walker is known as {blueprint_id!r}; "
            "use an id of CARLA's blueprint library (walker.pedestrian.*)"
        )
    woman = int(number) % 2 == 1
    if height_m < ADULT_M:
        return Kind.GIRL if woman else Kind.BOY
    if int(number) in OLD:
        return Kind.OLD_WOMAN if woman else Kind.OLD_MAN
    return Kind.WOMAN if woman else Kind.MAN


def make_walker(library: MeshLibrary, blueprint_id: str, height_m: float, seed: int) -> WalkerAsset:
    """The asset of a walker blueprint; its meshes are added to the library once per blueprint and look.

    Args:
        library: takes the meshes.
        blueprint_id: CARLA's, for example walker.pedestrian.0014.
        height_m: of the blueprint's box.
        seed: chooses the look and the colours of the clothes.

    Raises:
        ConfigError: not a walker blueprint id.
    """
    kind = kind_of(blueprint_id, height_m)
    look = derive_seed("walker look", blueprint_id, seed) % LOOKS
    made = _CACHE.setdefault(library, {})
    key = (f"{blueprint_id}/{height_m:.3f}", look)
    if key not in made:
        rng = derive_rng("walker", blueprint_id, look)
        build = draw_build(kind, height_m - float(rng.uniform(0.025, 0.05)), rng)
        parts: PersonParts = make_parts(library, build, Tag.PEDESTRIAN, f"{blueprint_id}/{look}")
        made[key] = Person(build=build, parts=parts, top_color=TOPS[0], bottom_color=BOTTOMS[0])
    drawn = made[key]
    rng = derive_rng("walker clothes", blueprint_id, seed)
    person = Person(
        build=drawn.build,
        parts=drawn.parts,
        top_color=TOPS[int(rng.integers(len(TOPS)))],
        bottom_color=BOTTOMS[int(rng.integers(len(BOTTOMS)))],
    )
    down = _down(library, drawn)
    return WalkerAsset(blueprint_id=blueprint_id, height_m=height_m, person=person, down=down)
