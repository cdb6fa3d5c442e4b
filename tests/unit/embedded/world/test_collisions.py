"""A world's scenery stops who runs into it, and nothing is spawned into it."""

import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery import MapLayer
from drivegen.embedded.dynamics.contacts import SCENERY_ID
from drivegen.embedded.world.actors import ActorError, ActorKind
from drivegen.embedded.world.world import COLLISION, LIES_NS, World

CAR, BUS = "vehicle.tesla.model3", "vehicle.mitsubishi.fusorosa"


def _beside(world: World, tag: Tag, back_m: float, least_m: float = 0.0) -> tuple[Pose, int]:
    """A pose from which a piece of scenery of a tag lies ahead, its middle `back_m` away; and its row."""
    fast = world.collisions.obstacles
    size = np.ptp(fast.corners_m, axis=1).max(axis=1)
    row = int(np.flatnonzero((fast.tags == tag) & (size >= least_m))[0])
    middle = fast.corners_m[row, : fast.counts[row]].mean(axis=0)
    ends = fast.corners_m[row, 1] - fast.corners_m[row, 0]
    yaw = float(np.arctan2(ends[1], ends[0])) + np.pi / 2
    x, y = middle - back_m * np.array([np.cos(yaw), np.sin(yaw)])
    z = float(world.map.ground.height(np.array([[x, y]]))[0][0])
    return Pose.from_xyz_rpy(float(x), float(y), z, yaw_rad=yaw), row


def test_vehicles_spawn_at_spawn_points(world: World) -> None:
    for place in world.map.spawn_points[::2]:
        for blueprint in (CAR, BUS):
            world.destroy(world.spawn(blueprint, {}, place).id)


@pytest.mark.parametrize("tag", [Tag.BUILDING, Tag.POLE, Tag.FENCE])
def test_nothing_is_spawned_into_scenery(world: World, tag: Tag) -> None:
    inside, _ = _beside(world, tag, 0.0)
    with pytest.raises(ActorError, match=COLLISION):
        world.spawn(CAR, {}, inside)


def test_nothing_is_spawned_into_a_prop(world: World) -> None:
    place = world.map.spawn_points[0]
    world.spawn("static.prop.container", {}, place)
    with pytest.raises(ActorError, match=COLLISION):
        world.spawn(CAR, {}, place)


def test_scenery_stops_a_car_and_is_told(world: World) -> None:
    others = MapLayer.FOLIAGE | MapLayer.PROPS | MapLayer.WALLS | MapLayer.STREET_LIGHTS
    world.environment.unload(int(others))
    start, row = _beside(world, Tag.BUILDING, 25.0, least_m=20.0)
    car = world.spawn(CAR, {}, start, anywhere=True)
    world.vehicles.set_constant_velocity(car.id, np.array([12.0, 0.0, 0.0]))
    hits = []
    for _ in range(80):
        contacts = world.step(0.05).contacts
        for k in range(len(contacts)):
            if contacts.first_id[k] == car.id and contacts.second_id[k] == SCENERY_ID:
                hits.append(Tag(int(contacts.second_tag[k])))
    assert Tag.BUILDING in hits
    middle = world.collisions.obstacles.corners_m[row].mean(axis=0)
    assert np.linalg.norm(world.vehicles.position_m[0, :2] - middle) > 4.0


def test_what_is_unloaded_stops_nobody(world: World) -> None:
    everything = len(world.collisions.obstacles)
    inside, _ = _beside(world, Tag.BUILDING, 0.0)
    world.environment.unload(int(MapLayer.BUILDINGS))
    there = world.collisions.obstacles
    assert 0 < len(there) < everything
    assert not (there.tags == Tag.BUILDING).any()
    world.destroy(world.spawn(CAR, {}, inside).id)
    world.environment.load(int(MapLayer.BUILDINGS))
    assert len(world.collisions.obstacles) == everything


def test_posts_of_signals_stand_as_their_actors(world: World) -> None:
    fast = world.collisions.obstacles
    lights = {a.id: a for a in world.actors.of_kind(ActorKind.TRAFFIC_LIGHT)}
    assert lights
    for id_, actor in lights.items():
        corners = fast.corners_m[fast.owners == id_]
        assert len(corners)
        assert np.abs(corners - actor.local[:2, 3]).max() < 1.0


def test_a_struck_prop_moves_in_what_clients_are_told(world: World) -> None:
    place = world.map.spawn_points[0]
    car = world.spawn(CAR, {}, place)
    cone = world.spawn("static.prop.trafficcone01", {}, place @ Pose.from_xyz_rpy(8.0, 0.0, 0.0))
    world.collisions.props.set_simulate_physics(cone.id, True)
    world.step(0.05)
    start = world.world_actor(cone.id)[:3, 3].copy()
    world.vehicles.set_constant_velocity(car.id, np.array([8.0, 0.0, 0.0]))
    fastest = 0.0
    for _ in range(60):
        state = world.step(0.05)
        row = int(np.flatnonzero(state.others.ids == cone.id)[0])
        fastest = max(fastest, float(np.linalg.norm(state.others.velocity_mps[row])))
        np.testing.assert_allclose(state.others.position_m[row], world.world_actor(cone.id)[:3, 3])
    assert np.linalg.norm(world.world_actor(cone.id)[:3, 3] - start) > 3.0
    assert fastest > 7.0


def test_a_dead_walker_is_gone_after_ten_seconds(world: World) -> None:
    place = world.map.spawn_points[0] @ Pose.from_xyz_rpy(0.0, 0.0, 1.0)
    walker = world.spawn("walker.pedestrian.0001", {}, place)
    world.set_dead(walker.id)
    for _ in range(LIES_NS // 100_000_000 + 2):
        assert world.actors.get(walker.id) is not None or world.elapsed_s >= 10.0
        world.step(0.1)
    assert world.actors.get(walker.id) is None
    car = world.spawn(CAR, {}, world.map.spawn_points[0])
    with pytest.raises(ActorError, match="is no walker"):
        world.set_dead(car.id)
