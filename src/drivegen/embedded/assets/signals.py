"""Traffic signals: heads with three lenses, poles, mast arms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, dome, lathe, loft, rod, rotation_about, tube
from drivegen.embedded.assets.people.limbs import placed
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.posts import foot
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary

LENS_M = 0.15
"""Radius of a lens: 300 mm signals, as on arterial roads (GB 14887 forms)."""
PITCH_M = 0.36
HEAD_Z_M = 5.6
"""Middle of a head on an arm, above the road."""
POST_HEAD_Z_M = 3.6
"""Middle of a head on a bare post."""
LENSES = (
    (1, Material.SIGNAL_RED, (200, 26, 26)),
    (0, Material.SIGNAL_YELLOW, (214, 158, 24)),
    (-1, Material.SIGNAL_GREEN, (24, 150, 92)),
)
HOUSING = (28, 30, 31)
STEEL = (122, 126, 130)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrafficLightAsset:
    """A pole with a head. Origin: on the ground at the pole's foot; lenses look along +x.

    The mast arm reaches towards -y: to the left of the driver who looks at the lenses. The head hangs
    `arm_m` from the pole.
    """

    arm_m: float
    pole_mesh: int
    head_mesh: int
    head: Box
    """The head's box in the asset's frame; no wider than its housing and backboard."""

    @property
    def light_boxes(self) -> tuple[Box, ...]:
        """The heads' boxes in the asset's frame."""
        return (self.head,)

    def place(self, world_actor: Float[np.ndarray, "4 4"], lights: int, object_id: int) -> Drawables:
        """The signal at a pose; `lights` has the LIGHT_SIGNAL_* bit of the lens that is on, or none."""
        rows = [
            Row(mesh=self.pole_mesh, asset_mesh=np.eye(4)),
            Row(mesh=self.head_mesh, asset_mesh=placed(np.eye(3), self.head.pose.position_m)),
        ]
        return place_rows(rows, world_actor, lights, object_id)


def make_traffic_light(library: MeshLibrary, arm_m: float, seed: int) -> TrafficLightAsset:
    """A signal whose head hangs `arm_m` metres from its pole (0: on the pole itself).

    Args:
        library: takes the meshes.
        arm_m: from the pole to the middle of the head, at least 0.
        seed: chooses among backboards and poles.
    """
    board = seed % 3 != 0
    head = _head(board=board).mesh("signal/head")
    low, high = (
        head.positions_m.min(axis=0).astype(np.float64),
        head.positions_m.max(axis=0).astype(np.float64),
    )
    place = np.array([0.20, -arm_m, HEAD_Z_M if arm_m > 0.3 else POST_HEAD_Z_M])
    pole = _mast(arm_m, float(place[2])) if arm_m > 0.3 else _post(float(place[2]))
    shift = np.eye(4)
    shift[:3, 3] = -(low + high) / 2
    return TrafficLightAsset(
        arm_m=arm_m,
        pole_mesh=library.add(pole.mesh(f"signal/pole_{arm_m:.1f}")),
        head_mesh=library.add(head.transformed(shift)),
        head=Box(
            pose=Pose(position_m=place, orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0])),
            size_m=high - low,
        ),
    )


def _head(*, board: bool) -> Sculpture:
    """Housing, visors, lenses and backboard about the middle lens."""
    out = Sculpture()
    housing = Finish(HOUSING, Material.MATTE, Tag.TRAFFIC_LIGHT)
    out.add(box((0.16, 0.40, 3 * PITCH_M + 0.04), (-0.08, 0.0, 0.0), 0.03), housing)
    if board:
        plate = box((0.02, 0.66, 3 * PITCH_M + 0.30), (-0.10, 0.0, 0.0), 0.008)
        out.add(plate, Finish((20, 21, 22), Material.MATTE, Tag.TRAFFIC_LIGHT))
        for y in (0.335, -0.335):
            edge = box((0.008, 0.03, 3 * PITCH_M + 0.30), (-0.088, y * 0.95, 0.0))
            out.add(edge, Finish((226, 228, 230), Material.MATTE, Tag.TRAFFIC_LIGHT))
    forward = rotation_about(1, math.pi / 2)
    for place, material, color in LENSES:
        centre = np.array([0.0, 0.0, place * PITCH_M])
        lens = dome(LENS_M, 0.03, 18).turned(forward)
        out.add(lens.moved(centre), Finish(color, material, Tag.TRAFFIC_LIGHT))
        out.add(_visor().moved(centre), housing)
    return out


def _visor() -> Shape:
    """A hood over a lens: three quarters of a tube, cut back below."""
    angle = np.linspace(-0.30 * math.pi, 1.30 * math.pi, 13)
    depth = 0.06 + 0.20 * np.clip(0.5 + 0.5 * np.sin(angle), 0.0, 1.0)
    rings = []
    for outer, inner, reach in zip(
        _circle(angle, LENS_M + 0.028), _circle(angle, LENS_M + 0.012), depth, strict=True
    ):
        rings.append(
            np.array(
                [
                    (-0.01, *outer),
                    (reach, *outer),
                    (reach, *inner),
                    (-0.01, *inner),
                ]
            )
        )
    return loft(rings)


def _circle(angle: np.ndarray, radius: float) -> list[tuple[float, float]]:
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angle]


def _post(head_z: float) -> Sculpture:
    out = Sculpture()
    steel = Finish(STEEL, Material.METAL, Tag.POLE)
    foot(out, steel, 0.075)
    out.add(lathe([(0.075, 0.0), (0.065, head_z + 0.75), (0.03, head_z + 0.80)], 12), steel)
    for z in (head_z - 0.40, head_z + 0.40):
        out.add(box((0.10, 0.06, 0.05), (0.055, 0.0, z)), steel)
    return out


def _mast(arm_m: float, head_z: float) -> Sculpture:
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
    out.add(rod((0.05, -arm_m, head_z - 0.5), (0.05, -arm_m, max(head_z + 0.55, at)), 0.03, 6), steel)
    for z in (head_z - 0.40, head_z + 0.40):
        out.add(box((0.05, 0.05, 0.05), (0.07, -arm_m, z)), steel)
    box_z = 1.25
    out.add(
        box((0.30, 0.42, 0.62), (-0.22, 0.0, box_z), 0.02), Finish((176, 179, 181), Material.MATTE, Tag.POLE)
    )
    return out
