"""Traffic signs: a plate of one of GB 5768's forms on a post, or a board on an arm over the road."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, rod
from drivegen.embedded.assets.panels import add_panel, panel_of
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.posts import mast
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.sign_faces import OVERHEAD, SignFace

PLATE_LOW_M = 2.2
"""Lower edge of a plate on a post: above the heads of people."""
BOARD_LOW_M = 5.2
"""Lower edge of a board over the road: above lorries."""
PLATE_X_M = 0.075
"""From the post's middle to the face."""
_THICK_POST_M = 1.5
"""Wider plates have a thicker post."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignAsset:
    """A sign on its post. Origin: on the ground at the post's foot; the plate looks along +x.

    An arm reaches towards -y: to the left of the driver who looks at the plate.
    """

    post_mesh: int
    plate_mesh: int
    plate: Box
    """In the asset's frame."""

    def place(self, world_actor: Float[np.ndarray, "4 4"], object_id: int) -> Drawables:
        """The sign at a pose."""
        rows = [
            Row(mesh=self.post_mesh, asset_mesh=np.eye(4)),
            Row(mesh=self.plate_mesh, asset_mesh=self.plate.pose.matrix),
        ]
        return place_rows(rows, world_actor, 0, object_id)


def make_sign(library: MeshLibrary, face: SignFace, text: str = "", arm_m: float = 0.0) -> SignAsset:
    """A sign with a face.

    Args:
        library: takes the meshes.
        face: what it shows.
        text: the number or words on it, see `SignFace`.
        arm_m: how far a board over the road hangs from its post; of no account for other signs.
    """
    panel = panel_of(face, text)
    wide, high = panel.size_m
    over = face in OVERHEAD
    middle_z = (BOARD_LOW_M if over else PLATE_LOW_M) + high / 2
    out = Sculpture()
    add_panel(out, panel)
    plate = out.mesh(f"sign/{face.value}_{text}")
    low = plate.positions_m.min(axis=0).astype(np.float64)
    high_m = plate.positions_m.max(axis=0).astype(np.float64)
    face_x = 0.20 if over else PLATE_X_M
    middle = np.array([face_x + (low[0] + high_m[0]) / 2, -arm_m if over else 0.0, middle_z])
    shift = np.eye(4)
    shift[:3, 3] = -(low + high_m) / 2
    post = _gantry(arm_m, wide, high, middle_z) if over else _post(wide, high)
    return SignAsset(
        post_mesh=library.add(post.mesh(f"sign/post_{face.value}_{arm_m:.1f}")),
        plate_mesh=library.add(plate.transformed(shift)),
        plate=Box(
            pose=Pose(position_m=middle, orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0])), size_m=high_m - low
        ),
    )


def _post(wide: float, high: float) -> Sculpture:
    """A post with two clamps behind the plate."""
    out = Sculpture()
    steel = Finish((128, 131, 134), Material.METAL, Tag.POLE)
    radius = 0.04 if wide < _THICK_POST_M else 0.055
    top = PLATE_LOW_M + high * 0.92
    out.add(lathe([(0.12, 0.0), (0.12, 0.02), (radius, 0.04)], 10), steel)
    out.add(lathe([(radius, 0.0), (radius, top), (radius * 0.6, top + 0.01)], 10), steel)
    for share in (0.22, 0.72):
        z = PLATE_LOW_M + high * share
        out.add(box((0.05, min(wide * 0.5, 0.22), 0.04), (PLATE_X_M - 0.038, 0.0, z)), steel)
    return out


def _gantry(arm_m: float, wide: float, high: float, middle_z: float) -> Sculpture:
    """A pole with two arms that carry the board's back."""
    out = Sculpture()
    steel = Finish((128, 131, 134), Material.METAL, Tag.POLE)
    mast(out, steel, height_m=middle_z + high / 2 + 0.15, radius_m=0.16)
    reach = arm_m + wide * 0.36
    for share in (-0.28, 0.28):
        z = middle_z + share * high
        out.add(rod((0.0, 0.0, z), (0.0, -reach, z), 0.075, 8), steel)
    for k in range(3):
        y = -arm_m + (k - 1) * wide * 0.32
        out.add(box((0.07, 0.09, high * 0.86), (0.14, y, middle_z)), steel)
        for share in (-0.28, 0.28):
            out.add(box((0.16, 0.06, 0.08), (0.07, y, middle_z + share * high)), steel)
    return out
