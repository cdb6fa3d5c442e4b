"""Traffic signals: heads, poles, mast arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.core.geometry import Box
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrafficLightAsset:
    """A pole with one or two heads. Origin: on the ground at the pole's foot; lenses look along +x.

    The mast arm reaches towards -y: to the left of the driver who looks at the lenses.
    """

    arm_m: float

    @property
    def light_boxes(self) -> tuple[Box, ...]:
        """The heads' boxes in the asset's frame."""
        raise NotImplementedError

    def place(self, world_actor: Float[np.ndarray, "4 4"], lights: int, object_id: int) -> Drawables:
        """The signal at a pose; `lights` has the LIGHT_SIGNAL_* bit of the lens that is on, or none."""
        raise NotImplementedError


def make_traffic_light(library: MeshLibrary, arm_m: float, seed: int) -> TrafficLightAsset:
    """A signal with a mast arm of about `arm_m` metres (0 for a head on the pole alone)."""
    raise NotImplementedError
