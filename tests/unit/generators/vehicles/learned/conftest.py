from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drivegen_generators.vehicles.learned.scenes import STEP_S, Group
from drivegen_generators.vehicles.learned.windows import PAST, Present


def make_present(
    places: list[tuple[float, float, float]], speeds: list[float], group: Group = Group.VEHICLE
) -> Present:
    """Cars at x, y, yaw that went straight; the first is the ego."""
    pose, speed = np.array(places), np.array(speeds)
    axis = np.stack([np.cos(pose[:, 2]), np.sin(pose[:, 2])], axis=1)
    back = STEP_S * np.arange(PAST, 0, -1)
    past = pose[:, None, :2] - axis[:, None] * (speed[:, None] * back)[..., None]
    return Present(
        xyz_m=np.concatenate([pose[:, :2], np.zeros((len(pose), 1))], axis=1),
        yaw_rad=pose[:, 2],
        past_m=past,
        size_m=np.tile((4.6, 1.9), (len(pose), 1)),
        group=np.full(len(pose), group),
        ego=np.arange(len(pose)) == 0,
    )


@pytest.fixture(scope="session")
def sampler() -> Any:
    """With the weights of the package."""
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from drivegen_generators.vehicles.learned.sampling import Sampler
    from drivegen_generators.vehicles.learned.weights import load_model

    return Sampler(model=load_model(), steps=6)
