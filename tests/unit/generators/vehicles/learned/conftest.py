from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen_generators.vehicles.learned.pieces import Builder, PieceKind, Pieces
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group
from drivegen_generators.vehicles.learned.ways import Ways
from drivegen_generators.vehicles.learned.windows import PAST, Present, ways_at


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


def make_lane(
    start: tuple[float, float] = (-100.0, 0.0), yaw: float = 0.0, length_m: float = 400.0
) -> Pieces:
    """One straight lane."""
    builder = Builder()
    along = np.linspace(0.0, length_m, 201)[:, None] * np.array([np.cos(yaw), np.sin(yaw), 0.0])
    builder.cut(np.array([*start, 0.0]) + along, PieceKind.DRIVING, 3.5, 13.9)
    return builder.done()


def make_ways(present: Present, pieces: Pieces, count: int = 1, **more: Any) -> list[Ways]:
    """Of some draws, where no light shows."""
    light = np.zeros((len(pieces.kind), 5))
    return [ways_at(derive_rng(7, k), pieces, present, light, **more) for k in range(count)]


@pytest.fixture(scope="session")
def sampler() -> Any:
    """With the weights of the package."""
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from drivegen_generators.vehicles.learned.sampling import Sampler
    from drivegen_generators.vehicles.learned.weights import load_model

    return Sampler(model=load_model(), steps=6)
