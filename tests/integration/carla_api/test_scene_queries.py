"""carla.World: pieces of the map, level boxes, switching pieces and layers, rays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

SIZE = (160, 90)
LABELS = carla.CityObjectLabel
FREE_Z_M = 400.0
"""Above all roofs."""


@pytest.fixture(autouse=True)
def whole(world: Any) -> Iterator[None]:
    """Everything is there again after each test."""
    yield
    world.enable_environment_objects({o.id for o in world.get_environment_objects()}, True)
    world.load_map_layer(carla.MapLayer.All)
    world.tick()


def inside(box: Any, point: Any, slack: float = 0.02) -> bool:
    """Whether a place in the world lies in a box that is given in the world."""
    frame = carla.Transform(box.location, box.rotation)
    away = point - box.location
    axes = (frame.get_forward_vector(), frame.get_right_vector(), frame.get_up_vector())
    sizes = (box.extent.x, box.extent.y, box.extent.z)
    return all(abs(away.dot(a)) <= s + slack for a, s in zip(axes, sizes, strict=True))


def down(world: Any, x: float, y: float) -> Any:
    """What lies highest at a place."""
    return world.ground_projection(carla.Location(x, y, FREE_Z_M), 2 * FREE_Z_M)


def picture(world: Any, listen: Callable[[Any], Any], kind: str, pose: Any) -> np.ndarray:
    """One image of a camera, (h, w, 4)."""
    blueprint = world.get_blueprint_library().find(f"sensor.camera.{kind}")
    blueprint.set_attribute("image_size_x", str(SIZE[0]))
    blueprint.set_attribute("image_size_y", str(SIZE[1]))
    camera = world.spawn_actor(blueprint, pose)
    images = listen(camera)
    world.tick()
    image = images.get(timeout=30.0)
    pixels = np.frombuffer(image.raw_data, np.uint8).reshape(SIZE[1], SIZE[0], 4).copy()
    camera.stop()
    camera.destroy()
    return pixels


def test_pieces_have_names_ids_and_boxes(client: Any, world: Any) -> None:
    pieces = world.get_environment_objects()
    assert len({p.id for p in pieces}) == len(pieces)
    assert len({p.name for p in pieces}) == len(pieces)
    kinds = {p.type for p in pieces}
    assert {
        LABELS.Roads,
        LABELS.Sidewalks,
        LABELS.RoadLines,
        LABELS.Terrain,
        LABELS.Buildings,
        LABELS.Vegetation,
        LABELS.Poles,
        LABELS.Fences,
        LABELS.TrafficLight,
    } <= kinds
    for label in kinds:
        some = world.get_environment_objects(label)
        assert some
        assert {p.type for p in some} == {label}
        assert len(world.get_level_bbs(label)) == len(some)
    assert world.get_names_of_all_objects() == [p.name for p in pieces]
    again = client.reload_world(False).get_environment_objects()
    assert [(p.id, p.name) for p in again] == [(p.id, p.name) for p in pieces]


def test_level_boxes_are_those_of_the_pieces_and_of_actors(world: Any, car: Any) -> None:
    assert not world.get_environment_objects(LABELS.Car)
    boxes = world.get_level_bbs(LABELS.Car)
    assert len(boxes) == 1
    spot = car.get_transform().transform(car.bounding_box.location)
    assert boxes[0].location.distance(spot) < 0.05
    assert boxes[0].extent == car.bounding_box.extent


def test_what_a_ray_meets_lies_in_a_box_of_its_kind(world: Any) -> None:
    for label in (LABELS.Buildings, LABELS.Vegetation, LABELS.Poles, LABELS.TrafficSigns):
        boxes = world.get_level_bbs(label)
        met = 0
        for box in boxes[:: max(len(boxes) // 10, 1)]:
            above = carla.Location(z=box.extent.z + 0.5)
            for point in world.cast_ray(box.location + above, box.location - above):
                if point.label == label:
                    met += 1
                    assert any(inside(other, point.location) for other in boxes)
        # A tree is hollow between its leaves, a lamp post thin beside its box's middle.
        assert met or label in (LABELS.Poles, LABELS.TrafficSigns)


def test_boxes_of_signals_are_those_of_their_lights(world: Any) -> None:
    heads = world.get_level_bbs(LABELS.TrafficLight)
    lights = [box for a in world.get_actors().filter("traffic.traffic_light*") for box in a.get_light_boxes()]
    assert len(heads) == len(lights) > 0
    for light in lights:
        nearest = min(heads, key=lambda box: box.location.distance(light.location))
        assert nearest.location.distance(light.location) < 0.05
        assert nearest.extent.z == pytest.approx(light.extent.z, abs=0.02)


def test_the_ground_is_found_below_a_point(world: Any) -> None:
    for spawn in world.get_map().get_spawn_points()[::25]:
        found = world.ground_projection(spawn.location + carla.Location(z=3.0), 10.0)
        assert found.label in (LABELS.Roads, LABELS.RoadLines)
        assert found.location.distance(spawn.location) < 0.35
        assert world.ground_projection(spawn.location + carla.Location(z=3.0), 1.0) is None
    up = world.project_point(carla.Location(0, 0, FREE_Z_M), carla.Vector3D(z=1), 100.0)
    assert up is None


def test_project_point_sees_the_first_thing(world: Any, car: Any) -> None:
    here = car.get_transform()
    behind = here.transform(carla.Location(x=-10.0, z=0.8))
    met = world.project_point(behind, here.get_forward_vector(), 50.0)
    assert met.label == LABELS.Car
    assert 7.0 < met.location.distance(behind) < 8.5
    # A direction's length is of no importance, a direction without one is nothing.
    again = world.project_point(behind, 7.0 * here.get_forward_vector(), 50.0)
    assert again.location.distance(met.location) < 1e-3
    with pytest.raises(RuntimeError, match="direction that is not zero"):
        world.project_point(behind, carla.Vector3D(), 50.0)


def test_a_ray_meets_all_things_in_order(world: Any, car: Any) -> None:
    here = car.get_transform()
    start = here.transform(carla.Location(x=-6.0, z=0.6))
    end = here.transform(carla.Location(x=300.0, z=-20.0))
    points = world.cast_ray(start, end)
    distances = [p.location.distance(start) for p in points]
    assert distances == sorted(distances)
    labels = [p.label for p in points]
    assert labels[0] == LABELS.Car
    assert LABELS.Roads in labels
    assert labels.index(LABELS.Car) < labels.index(LABELS.Roads)
    for point in points:
        along = (point.location - start).dot(end - start) / start.distance(end)
        assert along == pytest.approx(point.location.distance(start), abs=1e-2)
    assert world.cast_ray(start, start) == []


def test_a_ray_sees_what_was_spawned_or_moved_since_the_last_one(world: Any, library: Any, car: Any) -> None:
    here = car.get_transform()
    start, end = (here.transform(carla.Location(x=x, z=0.6)) for x in (-6.0, 14.0))

    def met() -> int:
        return [p.label for p in world.cast_ray(start, end)].count(LABELS.Car)

    assert met() == met() == 1
    beside = carla.Transform(here.transform(carla.Location(x=8.0, z=0.2)), here.rotation)
    other = world.spawn_actor(library.find("vehicle.audi.a2"), beside)
    walker = world.spawn_actor(
        library.find("walker.pedestrian.0001"),
        carla.Transform(here.transform(carla.Location(x=8.0, y=6.0, z=1.0))),
    )
    try:
        assert met() == 2, "before the first tick of who was spawned"
        other.set_transform(carla.Transform(here.transform(carla.Location(x=8.0, y=-8.0, z=0.2))))
        assert met() == 1
    finally:
        walker.destroy()
        other.destroy()
    assert met() == 1


def test_rays_agree_with_lidar(world: Any, library: Any, listen: Callable[[Any], Any]) -> None:
    blueprint = library.find("sensor.lidar.ray_cast_semantic")
    for name, value in (("channels", "4"), ("points_per_second", "4000"), ("rotation_frequency", "20")):
        blueprint.set_attribute(name, value)
    spot = world.get_map().get_spawn_points()[3].location + carla.Location(z=2.5)
    lidar = world.spawn_actor(blueprint, carla.Transform(spot))
    scans = listen(lidar)
    world.tick()
    points = list(scans.get(timeout=30.0))
    assert len(points) > 20
    for point in points[:: max(len(points) // 15, 1)]:
        ray = carla.Vector3D(point.point.x, point.point.y, point.point.z)
        met = world.project_point(spot, ray, 20.0)
        assert met.location.distance(spot) == pytest.approx(ray.length(), abs=0.02)
        assert int(met.label) == point.object_tag


def test_a_piece_that_is_off_is_gone_for_everyone_and_comes_back(
    world: Any, library: Any, listen: Callable[[Any], Any]
) -> None:
    # High enough that no tree beside it comes near its roof.
    high = [h for h in world.get_environment_objects(LABELS.Buildings) if h.bounding_box.extent.z > 8.0]
    house = min(
        high,
        key=lambda o: o.bounding_box.location.distance(carla.Location()),
    )
    centre = house.bounding_box.location
    view = carla.Transform(centre + carla.Location(z=80.0), carla.Rotation(pitch=-90.0))
    before = picture(world, listen, "semantic_segmentation", view)
    assert down(world, centre.x, centre.y).label == LABELS.Buildings
    assert before[SIZE[1] // 2, SIZE[0] // 2, 2] == int(LABELS.Buildings)
    boxes = len(world.get_level_bbs(LABELS.Buildings))
    blueprint = library.find("sensor.lidar.ray_cast_semantic")
    for name, value in (("channels", "8"), ("points_per_second", "8000"), ("rotation_frequency", "20")):
        blueprint.set_attribute(name, value)
    roof = house.bounding_box.extent.z
    lidar = world.spawn_actor(blueprint, carla.Transform(centre + carla.Location(z=roof + 3.0)))
    scans = listen(lidar)

    def scanned() -> set[int]:
        while not scans.empty():
            scans.get()
        world.tick()
        # Steep enough to meet nothing but this roof, or what is left when it is gone.
        near = [
            p for p in scans.get(timeout=30.0) if p.point.z < -0.3 * abs(p.point.x) - 0.3 * abs(p.point.y)
        ]
        return {p.object_tag for p in near}

    assert scanned() == {int(LABELS.Buildings)}
    world.enable_environment_objects({house.id}, False)
    assert int(LABELS.Buildings) not in scanned()
    after = picture(world, listen, "semantic_segmentation", view)
    assert after[SIZE[1] // 2, SIZE[0] // 2, 2] != int(LABELS.Buildings)
    assert down(world, centre.x, centre.y).label != LABELS.Buildings
    assert len(world.get_level_bbs(LABELS.Buildings)) == boxes - 1
    # It can still be found, or nobody could bring it back.
    assert house.id in [o.id for o in world.get_environment_objects(LABELS.Buildings)]
    world.enable_environment_objects({house.id}, True)
    assert (picture(world, listen, "semantic_segmentation", view) == before).all()
    assert down(world, centre.x, centre.y).label == LABELS.Buildings


def test_the_paint_of_a_tile_can_be_switched_off_alone(world: Any) -> None:
    def met(label: Any) -> list[Any]:
        points = []
        for spawn in world.get_map().get_spawn_points()[:40:4]:
            # Over the lines on both sides of the lane.
            half_m = world.get_map().get_waypoint(spawn.location).lane_width / 2
            for side in (-half_m, half_m):
                top = spawn.location + side * spawn.get_right_vector() + carla.Location(z=0.5)
                points += world.cast_ray(top, top - carla.Location(z=1.0))
        return [p for p in points if p.label == label]

    assert met(LABELS.RoadLines)
    assert met(LABELS.Roads)
    world.enable_environment_objects({o.id for o in world.get_environment_objects(LABELS.RoadLines)}, False)
    assert not met(LABELS.RoadLines)
    assert met(LABELS.Roads)
    assert not world.get_level_bbs(LABELS.RoadLines)
    assert world.get_level_bbs(LABELS.Roads)


@pytest.mark.parametrize(
    ("layer", "label"),
    [
        ("Buildings", "Buildings"),
        ("Foliage", "Vegetation"),
        ("Ground", "Terrain"),
        ("Walls", "Fences"),
        ("Props", "Static"),
    ],
)
def test_layers_go_and_come_back(world: Any, listen: Callable[[Any], Any], layer: str, label: str) -> None:
    tag = getattr(LABELS, label)
    spawn = world.get_map().get_spawn_points()[10]
    view = carla.Transform(spawn.location + carla.Location(z=2.5), spawn.rotation)
    before = picture(world, listen, "semantic_segmentation", view)
    pieces = len(world.get_environment_objects(tag))
    assert pieces
    assert (before[..., 2] == int(tag)).any()
    world.unload_map_layer(getattr(carla.MapLayer, layer))
    assert not world.get_environment_objects(tag)
    assert not world.get_level_bbs(tag)
    after = picture(world, listen, "semantic_segmentation", view)
    assert not (after[..., 2] == int(tag)).any()
    assert (after[..., 2] == int(LABELS.Roads)).any()
    world.load_map_layer(getattr(carla.MapLayer, layer))
    assert len(world.get_environment_objects(tag)) == pieces
    assert (picture(world, listen, "semantic_segmentation", view) == before).all()


def test_a_layer_comes_back_with_all_its_pieces(world: Any) -> None:
    houses = world.get_environment_objects(LABELS.Buildings)
    world.enable_environment_objects({houses[0].id}, False)
    world.unload_map_layer(carla.MapLayer.Buildings)
    world.load_map_layer(carla.MapLayer.Buildings)
    assert len(world.get_level_bbs(LABELS.Buildings)) == len(houses)


def test_without_its_layer_a_lamp_is_no_light(world: Any) -> None:
    lamps = [o for o in world.get_environment_objects(LABELS.Poles) if o.name.startswith("Pole_Lamp")]
    world.unload_map_layer(carla.MapLayer.StreetLights)
    names = [o.name for o in world.get_environment_objects(LABELS.Poles)]
    assert lamps
    assert not [n for n in names if n.startswith("Pole_Lamp")]
