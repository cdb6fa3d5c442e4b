"""The walker asset: what `make_walker` returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng, derive_seed
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.build import BOTTOMS, TOPS, Kind, draw_build
from drivegen.embedded.assets.people.limbs import Mat4
from drivegen.embedded.assets.people.parts import PersonParts, make_parts
from drivegen.embedded.assets.people.person import Person, Skeleton
from drivegen.embedded.assets.people.posing import CustomPose, posed, skeleton_on
from drivegen.embedded.assets.people.things import LEFT_HAND, MARKER_PARENTS, RIGHT_HAND, ROOT
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.walkers.gait import SOLE_M, Gait, phase_rate_radps
from drivegen.embedded.assets.walkers.gear import Carriage, Carrying, Gear
from drivegen.embedded.assets.walkers.marking import marks_of
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary

OLD = frozenset({2, 17, 24, 26, 31, 34, 40, 43})
ADULT_M = 1.5
"""Boxes lower than this hold children (CARLA: adults 1.86 m, children 1.3 m and 1.1 m)."""
LOOSE = tuple(p for p, bone in MARKER_PARENTS.items() if bone in (ROOT, LEFT_HAND, RIGHT_HAND))
"""How names of markers begin that lie where they were dropped when a person lies."""
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
    gear: Gear = Gear()  # noqa: RUF009 - frozen
    """What is held or pushed."""
    ahead_m: float = 0.0
    """How far ahead of the origin the body is, so that the origin is the middle of it and its things."""
    cycle_m: float = 0.0
    """Way of one turn of the phase where it is the same at every speed; 0: the gait's."""

    def phase_rate_radps(self, speed_mps: float) -> float:
        """How fast the gait phase must grow at a speed so that planted feet do not slide."""
        if self.cycle_m > 0.0:
            return 2.0 * np.pi * speed_mps / self.cycle_m
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
        _, bones = self._body(gait_phase_rad, speed_mps, pose, lying)
        if lying:
            loose = [k for k in bones if k.startswith(LOOSE)]
            bones = {k: m if k in loose else self.down @ m for k, m in bones.items()}
        return {name: self._ahead(matrix) for name, matrix in bones.items()} if self.ahead_m else bones

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
        if pose is not None and pose.shows:
            skeleton, _ = self._body(gait_phase_rad, speed_mps, pose, lying)
        else:
            skeleton = self._skeleton(gait_phase_rad, speed_mps, lying)
        rows = self.person.drawn(skeleton)
        if lying:
            body = len(rows) - len(self.person.things)
            rows = [
                Row(
                    mesh=r.mesh,
                    asset_mesh=self.down @ r.asset_mesh if k < body else r.asset_mesh,
                    tint=r.tint,
                )
                for k, r in enumerate(rows)
            ]
        world = np.asarray(world_actor, dtype=np.float64)
        if self.ahead_m:
            world = world.copy()
            world[:3, 3] += self.ahead_m * world[:3, 0]
        return place_rows(rows, world, 0, object_id)

    def _ahead(self, matrix: Mat4) -> Mat4:
        out = matrix.copy()
        out[0, 3] += self.ahead_m
        return out

    def _skeleton(self, gait_phase_rad: float, speed_mps: float, lying: bool = False) -> Skeleton:
        if lying:
            stance = replace(
                Gait(self.person, 0.0).stance(0.0), things=tuple(t.dropped for t in self.person.things)
            )
        elif self.gear.carriage == Carriage.FREE:
            stance = Gait(self.person, speed_mps).stance(gait_phase_rad)
        else:
            stance = Carrying(self.person, self.gear, speed_mps).stance(gait_phase_rad)
        return self.person.skeleton(stance)

    def _body(
        self, gait_phase_rad: float, speed_mps: float, pose: CustomPose | None, lying: bool
    ) -> tuple[Skeleton, dict[str, Mat4]]:
        """The parts and the bones, with the client's pose."""
        skeleton = self._skeleton(gait_phase_rad, speed_mps, lying)
        bones = self.person.bones(skeleton)
        if pose is None or not pose.shows:
            return skeleton, bones
        after = posed(bones, pose)
        return skeleton_on(skeleton, bones, after, self.person.things), after


def lying_down(library: MeshLibrary, person: Person) -> Mat4:
    """Moves a standing body to lying on its back, heels and back on the ground, its middle where it stood."""
    build = person.build
    rows = person.drawn(person.skeleton(Gait(replace(person, things=()), 0.0).stance(0.0)))
    points = [_points(library, row) for row in rows]
    back = min(float(p[:, 0].min()) for p in points if p[:, 2].max() > 0.5 * build.height_m)
    heels = min(float(p[:, 0].min()) for p in points[-12:] if p[:, 2].max() < 0.2 * build.height_m)
    out = np.eye(4)
    tilt = min(max(heels - back, 0.0) / (0.75 * build.height_m), 0.4)
    out[:3, :3] = rotation_about(1, tilt - np.pi / 2)
    lowest = min(float((p @ out[2, :3]).min()) for p in points)
    out[:3, 3] = (0.5 * build.height_m, 0.0, SOLE_M - lowest)
    return out


def _points(library: MeshLibrary, row: Row) -> Float64[np.ndarray, "n 3"]:
    positions = library.meshes[row.mesh].positions_m.astype(np.float64)
    return np.asarray(positions @ row.asset_mesh[:3, :3].T + row.asset_mesh[:3, 3])


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
        build = replace(build, pace_m=height_m)
        parts: PersonParts = make_parts(library, build, Tag.PEDESTRIAN, f"{blueprint_id}/{look}")
        bare = Person(build=build, parts=parts, top_color=TOPS[0], bottom_color=BOTTOMS[0])
        made[key] = replace(bare, marks=marks_of(library, bare))
    drawn = made[key]
    rng = derive_rng("walker clothes", blueprint_id, seed)
    person = replace(
        drawn,
        top_color=TOPS[int(rng.integers(len(TOPS)))],
        bottom_color=BOTTOMS[int(rng.integers(len(BOTTOMS)))],
    )
    return WalkerAsset(
        blueprint_id=blueprint_id, height_m=height_m, person=person, down=lying_down(library, drawn)
    )
