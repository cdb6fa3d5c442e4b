"""Wheels in a friction trigger have its friction, and their own again outside."""

from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.world import World
from tests.unit.embedded.dynamics.driving import controls

CAR, TRIGGER = "vehicle.tesla.model3", "static.trigger.friction"
OWN = [3.5] * 4


def spot(world: World) -> Pose:
    return world.map.spawn_points[0]


def box(world: World, pose: Pose, half_m: tuple[float, float, float], friction: float = 0.0) -> Actor:
    values = {"friction": str(friction)}
    values |= {f"extent_{axis}": str(100.0 * half) for axis, half in zip("xyz", half_m, strict=True)}
    return world.spawn(TRIGGER, values, pose)


def frictions(world: World, car: Actor) -> list[float]:
    """Of each wheel after a step."""
    world.step(0.05)
    return [wheel.tire_friction for wheel in world.vehicles.physics_of(car.id).wheels]


def test_it_is_in_nobodys_way(world: World) -> None:
    trigger = box(world, spot(world), (5.0, 5.0, 2.0), friction=3.5)
    car = world.spawn(CAR, {}, spot(world))
    other = box(world, spot(world), (5.0, 5.0, 2.0), friction=3.5)
    assert (trigger.kind, trigger.tags) == (ActorKind.TRIGGER, ())
    assert len(world.collisions.obstacles) == len(World(world.maps, "Junction", seed=1).collisions.obstacles)
    world.vehicles.set_target_velocity(car.id, spot(world).rotation @ np.array([8.0, 0.0, 0.0]))
    for _ in range(10):
        state = world.step(0.05)
        assert not len(state.contacts)
    assert {trigger.id, other.id} <= set(state.others.ids.tolist())


def test_each_wheel_has_the_friction_of_its_place(world: World) -> None:
    car = world.spawn(CAR, {}, spot(world))
    assert frictions(world, car) == OWN
    left = box(world, spot(world) @ Pose.from_xyz_rpy(0.0, 1.0, 0.0), (4.0, 0.9, 0.1), friction=0.5)
    assert frictions(world, car) == [0.5, 3.5, 0.5, 3.5]
    front = box(world, spot(world) @ Pose.from_xyz_rpy(2.0, 0.0, 0.0), (1.5, 3.0, 0.1), friction=1.0)
    assert frictions(world, car) == [1.0, 1.0, 0.5, 3.5], "the newest counts"
    world.destroy(left.id)
    assert frictions(world, car) == [1.0, 1.0, 3.5, 3.5]
    world.put(front.id, spot(world) @ Pose.from_xyz_rpy(-2.0, 0.0, 0.0))
    assert frictions(world, car) == [3.5, 3.5, 1.0, 1.0]
    world.destroy(front.id)
    assert frictions(world, car) == OWN


@pytest.mark.parametrize(
    ("up_m", "pitch_rad", "front", "rear"),
    [
        (0.0, 0.0, True, True),
        (0.6, 0.0, True, True),
        (0.9, 0.0, False, False),
        (-0.3, 0.0, False, False),
        (0.9, 0.5, True, False),
        (0.9, -0.5, False, True),
    ],
)
def test_wheels_count_from_the_ground_to_their_tops(
    world: World, up_m: float, pitch_rad: float, front: bool, rear: bool
) -> None:
    car = world.spawn(CAR, {}, spot(world))
    tilted = spot(world) @ Pose.from_xyz_rpy(0.0, 0.0, up_m, 0.0, pitch_rad)
    box(world, tilted, (3.0, 3.0, 0.1), friction=1.0)
    assert [f == 1.0 for f in frictions(world, car)] == [front, front, rear, rear]


def test_ice_lengthens_the_way_to_a_stand_and_ends_where_it_ends(world: World) -> None:
    speeds = []
    ahead = spot(world).rotation @ np.array([8.0, 0.0, 0.0])
    for friction in (None, 0.1):
        car = world.spawn(CAR, {}, spot(world))
        world.step(0.05)
        ice = None
        if friction is not None:
            ice = box(world, spot(world), (20.0, 20.0, 5.0), friction)
        world.vehicles.set_target_velocity(car.id, ahead)
        world.vehicles.set_control(world.vehicles.ids, controls(1, brake=1.0))
        for _ in range(14):
            world.step(0.05)
        speeds.append(float(world.vehicles.speed_mps[0]))
        told = world.vehicles.telemetry_of(car.id).wheels[0].friction
        assert (told < 0.3) == (ice is not None)
        if ice is not None:
            world.destroy(ice.id)
            for _ in range(14):
                world.step(0.05)
            assert world.vehicles.speed_mps[0] < speeds[1] - 3.0
        world.destroy(car.id)
    assert speeds[0] < speeds[1] - 3.0


def test_physics_that_come_back_from_inside_do_not_take_its_friction_along(world: World) -> None:
    car = world.spawn(CAR, {}, spot(world))
    ice = box(world, spot(world), (5.0, 5.0, 2.0), friction=0.3)
    assert frictions(world, car) == pytest.approx([0.3] * 4)
    physics = world.vehicles.physics_of(car.id)
    worn = replace(physics.wheels[1], tire_friction=2.0)
    seen = [replace(w, tire_friction=float(np.float32(w.tire_friction))) for w in physics.wheels]
    world.vehicles.set_physics(car.id, replace(physics, mass_kg=3000.0, wheels=(seen[0], worn, *seen[2:])))
    assert frictions(world, car) == pytest.approx([0.3] * 4)
    world.destroy(ice.id)
    assert frictions(world, car) == [3.5, 2.0, 3.5, 3.5]
    assert world.vehicles.physics_of(car.id).mass_kg == 3000.0


def test_it_moves_with_what_it_hangs_on(world: World) -> None:
    car = world.spawn(CAR, {}, spot(world))
    values = {"friction": "0.5", "extent_x": "300", "extent_y": "300", "extent_z": "100"}
    world.spawn(TRIGGER, values, Pose.identity(), car.id)
    world.vehicles.set_constant_velocity(car.id, np.array([10.0, 0.0, 0.0]))
    for _ in range(20):
        assert frictions(world, car) == [0.5] * 4


@pytest.mark.parametrize(
    ("name", "value"), [("friction", "-0.1"), ("friction", "nan"), ("extent_x", "inf"), ("extent_z", "-1")]
)
def test_what_cannot_be_is_refused_by_name(world: World, name: str, value: str) -> None:
    before = len(world.actors)
    with pytest.raises(ConfigError, match=f"static.trigger.friction: {name} is {value}"):
        world.spawn(TRIGGER, {name: value}, spot(world))
    assert len(world.actors) == before
