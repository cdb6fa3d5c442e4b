"""What stands between antennas, from a server's rays."""

from __future__ import annotations

from types import SimpleNamespace

import carla
import numpy as np
import pytest

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.record.line_of_sight import LinesOfSight


def vehicle(x_m, y_m=0.0):
    box = Box(pose=Pose.from_xyz_rpy(x_m, y_m, 0.75), size_m=np.array([4.0, 2.0, 1.5]))
    return SimpleNamespace(box=box)


class World:
    """Knows what rays meet: labels at places in CARLA's frame."""

    def __init__(self, *met):
        self.met = met
        self.asked = []

    def cast_ray(self, start, end):
        self.asked.append((start, end))
        return [
            SimpleNamespace(label=label, location=carla.Location(x=x, y=y, z=z))
            for label, x, y, z in self.met
        ]


CARRIED = {"ego": vehicle(0.0), "vehicle_1": vehicle(40.0, 10.0)}


@pytest.mark.parametrize(
    ("met", "path"),
    [
        ((), "los"),
        (((Tag.VEGETATION, 20, 0, 2), (Tag.POLE, 21, 0, 2), (Tag.BICYCLE, 22, 0, 1)), "los"),
        (((Tag.TRUCK, 20, -5, 1.6),), "nlos_vehicle"),
        (((Tag.TRUCK, 20, -5, 1.6), (Tag.BUILDING, 30, -8, 1.6)), "nlos_building"),
        (((Tag.ROAD, 20, -5, 1.6),), "nlos_building"),
        (((Tag.CAR, 1.8, 0.0, 1.5), (Tag.CAR, 38.5, -10.0, 1.5)), "los"),
        (((Tag.CAR, 38.5, 10.0, 1.5),), "nlos_vehicle"),
    ],
    ids=["free", "slim things", "a truck", "a truck and a house", "a hill", "own bodies", "mirrored body"],
)
def test_a_path_is_what_rays_meet_beside_the_own_bodies(met, path):
    world = World(*met)
    found = LinesOfSight(world, {}).paths(CARRIED)
    assert found == {("ego", "vehicle_1"): path, ("vehicle_1", "ego"): path}
    ((start, end),) = world.asked
    assert (start.x, start.y, start.z) == pytest.approx((0.0, 0.0, 1.6))
    assert (end.x, end.y, end.z) == pytest.approx((40.0, -10.0, 1.6))


def test_poles_have_their_antennas_where_their_radios_are():
    world = World()
    lines = LinesOfSight(world, {"roadside_1": np.array([5.0, 6.0, 8.0])})
    paths = lines.paths({**CARRIED, "roadside_1": vehicle(5.0)})
    assert len(world.asked) == 3
    assert len(paths) == 6
    assert any(end.z == pytest.approx(8.0) and end.y == pytest.approx(-6.0) for _, end in world.asked)
