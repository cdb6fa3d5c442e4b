"""Who carries sensors: plans that cannot be are refused; everybody is where plan or server have it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drivegen.core.agents import ConnectedVehicle, RoadsideUnit
from drivegen.core.errors import PlanError
from drivegen.core.geometry import Box, Pose
from drivegen.core.plans import Drive, PlacedPose, VehiclePlan
from drivegen.core.sensors import Imu, Rig
from drivegen.record.agents import Carriers, agents_of
from drivegen.record.truth import Observation

RIG = Rig(name="one", sensors=(Imu(name="IMU", agent_sensor=Pose.identity(), period_s=0.1),))
CAR = VehiclePlan(
    blueprint="vehicle.lincoln.mkz_2020",
    color_rgb=(1, 2, 3),
    start=PlacedPose(x_m=9.0, y_m=0.0, z_m=0.0, yaw_rad=0.0),
    speed_difference_percent=0.0,
    following_distance_m=2.0,
    lane_changes=False,
)


def car(name="vehicle_1", vehicle=0, rig=RIG):
    return ConnectedVehicle(name=name, vehicle=vehicle, rig=rig)


def pole(name="roadside_1", site="7"):
    at = Pose.from_xyz_rpy(5.0, -4.0, 0.1, yaw_rad=1.0)
    return RoadsideUnit(name=name, site=site, junction_id=3, map_agent=at, rig=RIG)


def test_agents_come_in_the_plans_order_with_keys_and_seeds_of_their_own(scene_plan):
    plan = scene_plan(vehicles=(CAR,), connected=(car(),), roadside=(pole(),))
    ego, vehicle, unit = agents_of(plan)
    assert [a.name for a in (ego, vehicle, unit)] == ["ego", "vehicle_1", "roadside_1"]
    assert list(ego.keyed) == ["CAM", "TOP", "IMU"]
    assert list(vehicle.keyed) == ["vehicle_1/IMU"]
    assert ego.seed(plan.seed) == plan.seed
    assert len({a.seed(plan.seed) for a in (ego, vehicle, unit)}) == 3


TWICE = replace(RIG, sensors=RIG.sensors * 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"connected": (car(), car(vehicle=1))}, "two agents are called vehicle_1"),
        ({"connected": (car(name="ego"),)}, "'ego'"),
        ({"roadside": (pole(name="cloud"),)}, "'cloud'"),
        ({"roadside": (pole(name="a/b"),)}, "'a/b'"),
        ({"connected": (car(rig=TWICE),)}, "two sensors of vehicle_1 .* have the same name"),
        ({"connected": (car(vehicle=2),)}, "vehicle_1 is carried by vehicle 2"),
        ({"connected": (car(), car(name="vehicle_2"))}, "are carried by the same vehicle 0"),
        (
            {"connected": (car(),), "vehicles": (replace(CAR, leaves=True), CAR)},
            "comes later, leaves or is ridden",
        ),
        ({"connected": (car(),), "vehicles": (replace(CAR, enters_s=1.0), CAR)}, "comes later"),
        ({"connected": (car(),), "vehicles": (replace(CAR, drive=Drive.RIDER), CAR)}, "ridden"),
        ({"roadside": (pole(), pole(name="roadside_2"))}, "roadside_1 and roadside_2 are both at pole 7"),
    ],
)
def test_agents_that_cannot_be_are_refused(scene_plan, changes, words):
    plan = scene_plan(**{"vehicles": (CAR, CAR), **changes})
    with pytest.raises(PlanError, match=words):
        agents_of(plan)


def seen(track_id, x_m):
    box = Box(pose=Pose.from_xyz_rpy(x_m, 0.0, 0.7), size_m=np.array([4.0, 2.0, 1.4]))
    return Observation(
        tracked=SimpleNamespace(track_id=track_id),
        map_actor=Pose.from_xyz_rpy(x_m, 0.0, 0.0),
        box=box,
        velocity_mps=np.array([3.0, 0.0, 0.0]),
        acceleration_mps2=np.zeros(3),
        angular_velocity_radps=np.zeros(3),
    )


def test_vehicles_are_where_they_were_seen_and_poles_where_they_stand(scene_plan):
    plan = scene_plan(vehicles=(CAR,), connected=(car(),), roadside=(pole(),))
    carriers = Carriers(agents_of(plan), {"ego": 50, "vehicle_1": 51})
    at = carriers.at({50: seen(50, 1.0), 51: seen(51, 9.0)})
    assert {name: c.track_id for name, c in at.items()} == {"ego": 50, "vehicle_1": 51, "roadside_1": None}
    assert at["vehicle_1"].map_agent.position_m[0] == 9.0
    assert at["roadside_1"].map_agent is plan.roadside[0].map_agent
    assert not at["roadside_1"].velocity_mps.any()
    with pytest.raises(KeyError, match="vehicle_1"):
        carriers.at({50: seen(50, 1.0)})
