from types import SimpleNamespace

import carla
import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.core.skeleton import FLESH_RADIUS_M
from drivegen.record.truth import GROUND_CLEARANCE_M, Tracked, box_of_bones, classify, observe, within


@pytest.mark.parametrize(
    ("blueprint", "attributes", "expected"),
    [
        ("vehicle.tesla.model3", {"base_type": "car", "special_type": ""}, ObjectClass.CAR),
        ("vehicle.ford.crown", {"base_type": "car", "special_type": "taxi"}, ObjectClass.CAR),
        ("vehicle.mercedes.sprinter", {"base_type": "van"}, ObjectClass.VAN),
        ("vehicle.carlamotors.european_hgv", {"base_type": "truck"}, ObjectClass.TRUCK),
        ("vehicle.mitsubishi.fusorosa", {"base_type": "bus"}, ObjectClass.BUS),
        (
            "vehicle.dodge.charger_police",
            {"base_type": "car", "special_type": "emergency"},
            ObjectClass.POLICE,
        ),
        (
            "vehicle.ford.ambulance",
            {"base_type": "van", "special_type": "emergency"},
            ObjectClass.EMERGENCY,
        ),
        (
            "vehicle.carlamotors.firetruck",
            {"base_type": "truck", "special_type": "emergency"},
            ObjectClass.EMERGENCY,
        ),
        ("vehicle.vespa.zx125", {"base_type": "motorcycle", "number_of_wheels": "2"}, ObjectClass.MOTORCYCLE),
        ("vehicle.bh.crossbike", {"base_type": "bicycle", "number_of_wheels": "2"}, ObjectClass.BICYCLE),
        ("vehicle.own.trike", {"number_of_wheels": "2"}, ObjectClass.MOTORCYCLE),
        ("walker.pedestrian.0012", {"age": "child"}, ObjectClass.CHILD),
        ("walker.pedestrian.0001", {"age": "adult"}, ObjectClass.PEDESTRIAN),
    ],
)
def test_classes_of_blueprints(blueprint, attributes, expected):
    assert classify(blueprint, attributes) is expected


def vehicle_actor():
    box = carla.BoundingBox(carla.Location(0.1, 0.2, 0.7), carla.Vector3D(2.3, 0.9, 0.7))
    return SimpleNamespace(
        id=42, type_id="vehicle.tesla.model3", attributes={"base_type": "car"}, bounding_box=box
    )


class Snapshot:
    """One actor's state as a carla.WorldSnapshot gives it."""

    def __init__(self, actor_id, x, y, z, yaw):
        self.actor_id = actor_id
        self.place = carla.Transform(carla.Location(x, y, z), carla.Rotation(yaw=yaw))

    def find(self, actor_id):
        if actor_id != self.actor_id:
            return None
        return SimpleNamespace(
            get_transform=lambda: self.place,
            get_velocity=lambda: carla.Vector3D(1.0, 2.0, 3.0),
            get_acceleration=lambda: carla.Vector3D(0.5, -0.5, 0.0),
            get_angular_velocity=lambda: carla.Vector3D(0.0, 0.0, 90.0),
        )


def test_a_vehicle_seen_right_handed():
    tracked = Tracked.of(vehicle_actor())
    (seen,) = observe(Snapshot(42, 10.0, 20.0, 0.5, 90.0), [tracked])
    # CARLA's yaw of 90 degrees looks along its +y, which is our -y; its right is then our -x.
    np.testing.assert_allclose(seen.map_actor.position_m, [10.0, -20.0, 0.5])
    assert seen.map_actor.yaw_rad == pytest.approx(-np.pi / 2)
    # 0.1 m ahead (our -y), 0.2 m to the right (our -x).
    # The bottom face is lifted off the ground, the top stays.
    lift = GROUND_CLEARANCE_M
    np.testing.assert_allclose(seen.box.pose.position_m, [9.8, -20.1, 1.2 + lift / 2], atol=1e-6)
    np.testing.assert_allclose(seen.box.size_m, [4.6, 1.8, 1.4 - lift], rtol=1e-6)
    np.testing.assert_allclose(seen.velocity_mps, [1.0, -2.0, 3.0])
    np.testing.assert_allclose(seen.acceleration_mps2, [0.5, 0.5, 0.0])
    # Clockwise in CARLA's sense, so against ours.
    assert seen.angular_velocity_radps[2] == pytest.approx(-np.pi / 2)


def test_who_is_gone_is_left_out():
    tracked = Tracked.of(vehicle_actor())
    assert observe(Snapshot(43, 0.0, 0.0, 0.0, 0.0), [tracked]) == []


def test_the_box_of_a_walker_follows_its_limbs():
    pose = Pose.from_xyz_rpy(5.0, 6.0, 0.93, yaw_rad=0.8)
    local = np.array([[0.0, 0.0, 0.8], [0.6, 0.1, -0.2], [-0.5, -0.1, -0.85], [-0.2, 0.4, 0.1]])
    names = ["crl_Head__C", "crl_hand__L", "crl_toe__R", "luggage_marker"]
    box = box_of_bones(names, pose.transform_points(local), pose)
    head, hand, toe = (FLESH_RADIUS_M[n] for n in names[:3])
    assert box.size_m[0] == pytest.approx(0.6 + hand + 0.5 + toe)
    assert box.size_m[2] == pytest.approx(0.8 + head + 0.85 + toe)
    assert box.size_m[1] == pytest.approx(0.4 + 0.1 + toe)
    assert box.pose.yaw_rad == pytest.approx(0.8)
    assert box.contains(pose.transform_points(local), 1e-9).all()


def test_within_sorts_and_cuts():
    def at(track_id, x):
        return SimpleNamespace(
            tracked=SimpleNamespace(track_id=track_id),
            box=SimpleNamespace(pose=SimpleNamespace(position_m=np.array([x, 0.0, 0.0]))),
        )

    found = within([at(9, 3.0), at(2, 50.0), at(4, 101.0)], [np.zeros(3)], 100.0)
    assert [o.tracked.track_id for o in found] == [2, 9]
