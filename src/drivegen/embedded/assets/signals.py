"""Traffic signals: heads of several forms on poles and mast arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, rod, tube
from drivegen.embedded.assets.people.limbs import placed
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.posts import foot
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.signal_heads import PITCH_M, sculpt_countdown, sculpt_head
from drivegen.embedded.drawables import LIGHT_SIGNAL_RED, LIGHT_SIGNAL_YELLOW, Drawables
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.signal_forms import HeadForm, LensForm

HEAD_Z_M = 5.6
"""Middle of a head on an arm, above the road."""
POST_HEAD_Z_M = 3.6
"""Middle of a vehicle's head on a bare post."""
LOW_HEAD_Z_M = 2.6
"""Middle of a head for pedestrians or bicycles on a bare post."""
LONG_ARM_M = 6.0
"""Heads on longer arms lie, where the map does not say."""
BARE_POST_M = 0.3
"""A head nearer to the pole is on the pole."""
STEEL = (122, 126, 130)
_LOW = frozenset({LensForm.PEDESTRIAN, LensForm.BICYCLE})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrafficLightAsset:
    """A pole with a head. Origin: on the ground at the pole's foot; lenses look along +x.

    The mast arm reaches towards -y: to the left of the driver who looks at the lenses. The head hangs
    `arm_m` from the pole.
    """

    arm_m: float
    lens: LensForm
    pole_mesh: int
    head_mesh: int
    head: Box
    """The head's box in the asset's frame; no wider than its housing and backboard."""

    @property
    def light_boxes(self) -> tuple[Box, ...]:
        """The heads' boxes in the asset's frame."""
        return (self.head,)

    def place(self, world_actor: Float[np.ndarray, "4 4"], lights: int, object_id: int) -> Drawables:
        """The signal at a pose; `lights` has the LIGHT_SIGNAL_* bit of the lens that is on, or none.

        Pedestrians' heads have no yellow lens: they are red then.
        """
        if self.lens is LensForm.PEDESTRIAN and lights & LIGHT_SIGNAL_YELLOW:
            lights = lights & ~LIGHT_SIGNAL_YELLOW | LIGHT_SIGNAL_RED
        rows = [
            Row(mesh=self.pole_mesh, asset_mesh=np.eye(4)),
            Row(mesh=self.head_mesh, asset_mesh=placed(np.eye(3), self.head.pose.position_m)),
        ]
        return place_rows(rows, world_actor, lights, object_id)


def make_traffic_light(
    library: MeshLibrary, arm_m: float, seed: int, form: HeadForm | None = None
) -> TrafficLightAsset:
    """A signal whose head hangs `arm_m` metres from its pole (0: on the pole itself).

    Args:
        library: takes the meshes.
        arm_m: from the pole to the middle of the head, at least 0.
        seed: chooses among backboards, and whether a box for seconds hangs beside the head.
        form: lenses and whether they lie; round ones by default.
    """
    form = form or HeadForm()
    on_arm = arm_m > BARE_POST_M
    low = form.lens in _LOW
    horizontal = form.horizontal
    if horizontal is None:
        horizontal = arm_m >= LONG_ARM_M and not low
    head = sculpt_head(form.lens, horizontal=horizontal, board=seed % 3 != 0 and not low).mesh("signal/head")
    least = head.positions_m.min(axis=0).astype(np.float64)
    most = head.positions_m.max(axis=0).astype(np.float64)
    z = HEAD_Z_M if on_arm else LOW_HEAD_Z_M if low else POST_HEAD_Z_M
    place = np.array([0.20, -arm_m, z])
    pole = _mast(arm_m, z, horizontal=horizontal) if on_arm else _post(z, horizontal=horizontal)
    shift = np.eye(4)
    shift[:3, 3] = -(least + most) / 2
    if seed // 3 % 2 == 0 and form.lens is not LensForm.BICYCLE:
        beside = float(most[1] - least[1]) / 2 + 0.30
        _add_countdown(pole, beside, (0.12, -arm_m + beside, z + (0.0 if horizontal or low else PITCH_M / 2)))
    return TrafficLightAsset(
        arm_m=arm_m,
        lens=form.lens,
        pole_mesh=library.add(pole.mesh(f"signal/pole_{arm_m:.1f}")),
        head_mesh=library.add(head.transformed(shift)),
        head=Box(
            pose=Pose(position_m=place, orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0])), size_m=most - least
        ),
    )


def _add_countdown(pole: Sculpture, beside_m: float, at_m: tuple[float, float, float]) -> None:
    """The box for seconds with the bar that carries it from the head's housing.

    It belongs to the pole's mesh, so that the boxes of a signal are those of its lenses' housings.
    """
    out = sculpt_countdown()
    steel = Finish(STEEL, Material.METAL, Tag.POLE)
    out.add(rod((-0.12, -beside_m + 0.10, 0.0), (-0.12, -0.10, 0.0), 0.02, 6), steel)
    pole.add_turned(out, np.eye(3), at_m)


def _post(head_z: float, *, horizontal: bool) -> Sculpture:
    """A bare post with brackets behind the head."""
    out = Sculpture()
    steel = Finish(STEEL, Material.METAL, Tag.POLE)
    foot(out, steel, 0.075)
    out.add(lathe([(0.075, 0.0), (0.065, head_z + 0.75), (0.03, head_z + 0.80)], 12), steel)
    for z in (head_z,) if horizontal else (head_z - 0.30, head_z + 0.30):
        out.add(box((0.10, 0.06, 0.05), (0.055, 0.0, z)), steel)
    return out


def _mast(arm_m: float, head_z: float, *, horizontal: bool) -> Sculpture:
    """An octagonal pole, an arm that rises slightly, a hanger behind the head."""
    out = Sculpture()
    steel = Finish(STEEL, Material.METAL, Tag.POLE)
    foot(out, steel, 0.13)
    root = head_z - 0.10
    out.add(lathe([(0.13, 0.0), (0.10, root + 0.35), (0.05, root + 0.40)], 10), steel)
    rise = 0.04 * arm_m
    path = [(0.0, 0.0, root), (0.0, -arm_m * 0.5, root + rise * 0.75), (0.0, -arm_m - 0.5, root + rise)]
    out.add(tube(path, [0.085, 0.065, 0.045], 10), steel)
    at = root + rise * (0.75 + 0.25 * (arm_m / 2) / (arm_m / 2 + 0.5))
    half = 0.16 if horizontal else 0.52
    out.add(rod((0.05, -arm_m, head_z - half), (0.05, -arm_m, max(head_z + half, at)), 0.03, 6), steel)
    for z in (head_z,) if horizontal else (head_z - 0.40, head_z + 0.40):
        out.add(box((0.05, 0.05, 0.05), (0.07, -arm_m, z)), steel)
    box_z = 1.25
    out.add(
        box((0.30, 0.42, 0.62), (-0.22, 0.0, box_z), 0.02), Finish((176, 179, 181), Material.MATTE, Tag.POLE)
    )
    return out
