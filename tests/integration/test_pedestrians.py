"""People on a junction of a real server: a group, jaywalkers, and one who darts out in front of the ego."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from drivegen.core.geometry import Pose
from drivegen.core.plans import Drive, EgoPlan, PlacedPose, VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Gnss, Rig
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.spawn import spawn_points
from drivegen.record.session import Endpoint, record_scene
from drivegen_generators.pedestrians.pavements import Pavements
from tests.scenes import make_scene, start_server
from tests.walkable import TICK_S, walkable_area

pytestmark = pytest.mark.timeout(300)  # a client that hangs is given a second chance

SEED = 3
SECONDS = 12.0
BUS_AHEAD_M = 52.0


def place(point):
    x, y, z = (round(float(v), 3) for v in point.position_m)
    return PlacedPose(x_m=x, y_m=y, z_m=z, yaw_rad=round(point.yaw_rad, 4))


def ego_and_bus(network):
    """In the inner lane of an arm to the junction, and ahead in the outer one: the ego may change lanes."""
    points = spawn_points(network, 4.0)
    xy = np.array([p.position_m[:2] for p in points])
    yaw = np.array([p.yaw_rad for p in points])
    fixes = LaneLocator(network).locate(xy, yaw)
    to_middle = -np.cos(yaw) * xy[:, 0] - np.sin(yaw) * xy[:, 1]
    inner = np.flatnonzero((fixes.lane_id == -1) & (to_middle > 120.0) & ~fixes.in_junction)
    ego = min(inner, key=lambda i: to_middle[i])
    beside = np.flatnonzero((fixes.road_id == fixes.road_id[ego]) & (fixes.lane_id == -3))
    ahead = (xy[beside] - xy[ego]) @ (np.cos(points[ego].yaw_rad), np.sin(points[ego].yaw_rad))
    return place(points[ego]), place(points[beside[np.argmin(np.abs(ahead - BUS_AHEAD_M))]])


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pedestrians")
    plan, road = make_scene(folder, SEED, vehicles=0, walkers=0)
    network = read_network(road.read_text(encoding="utf-8"), road.name)
    start, bus_at = ego_and_bus(network)
    bus = VehiclePlan(
        blueprint="vehicle.drivegen.bus",
        color_rgb=(36, 120, 78),
        start=bus_at,
        speed_difference_percent=0.0,
        following_distance_m=2.0,
        lane_changes=False,
        stand_in="vehicle.mitsubishi.fusorosa",
        drive=Drive.PARKED,
        roles=("parked",),
    )
    people = Pavements(dart_outs=1, jaywalking_share=0.1, jaywalk_width_m=60.0, group_share=0.4).plan(
        derive_rng(SEED, "walkers"), network, 30, near=start, vehicles=[bus]
    )
    rig = Rig(
        name="nothing seen",
        sensors=(Gnss(name="GNSS", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.5), period_s=1.0),),
    )
    plan = replace(
        plan,
        warmup_s=1.0,
        duration_s=SECONDS,
        keyframe_s=1.0,
        ego=EgoPlan(
            blueprint="vehicle.lincoln.mkz_2020",
            color_rgb=(220, 220, 225),
            start=start,
            speed_difference_percent=10.0,
            rig=rig,
        ),
        vehicles=(bus,),
        walkers=people.walkers,
    )
    ticks = []

    def watch(time_s, observed, *_):
        ticks.append((time_s, {o.tracked.track_id: o for o in observed}))

    with start_server(plan, road, folder) as server:
        result = record_scene(
            plan,
            map_path=road,
            endpoint=Endpoint(port=server.port, call_timeout_s=60.0),
            capture_path=folder / "scene.mcap",
            provenance={"made by": "a test"},
            watch=watch,
        )
    return network, plan, result, ticks


def tracks(walked):
    """Ids of walkers in the order of the plan, and where each was at every tick: t n 2."""
    _, plan, _, ticks = walked
    ids = [i for i, o in ticks[0][1].items() if o.tracked.blueprint.startswith("walker.")]
    assert len(ids) == len(plan.walkers)
    return ids, np.array([[seen[i].map_actor.position_m[:2] for i in ids] for _, seen in ticks])


def test_all_are_there_and_walk_as_people_do(walked):
    _, plan, result, _ = walked
    assert result.achieved["pedestrians"] == 30.0
    _, xy = tracks(walked)
    velocity = np.diff(xy, axis=0) / TICK_S
    speed = np.linalg.norm(velocity, axis=2)
    usual = [k for k, w in enumerate(plan.walkers) if not {"dart_out", "jaywalking"} & set(w.roles)]
    assert 0.7 < speed[:, usual][speed[:, usual] > 0.3].mean() < 1.6
    change = np.linalg.norm(np.diff(velocity, axis=0), axis=2) / TICK_S
    assert np.percentile(change[:, usual], 99.5) < 3.0
    for tick, k in np.argwhere(change > 3.1):
        if k in usual:  # only who bumps into somebody changes more quickly
            apart = np.delete(np.linalg.norm(xy[tick] - xy[tick, k], axis=1), k)
            assert apart.min() < 0.75
            assert change[tick, k] < 10.0


def test_who_does_not_jaywalk_stays_on_pavements_and_crossings(walked):
    network, plan, _, _ = walked
    _, xy = tracks(walked)
    area = walkable_area(network)
    shapely.prepare(area)
    for k, walker in enumerate(plan.walkers):
        if not {"dart_out", "jaywalking"} & set(walker.roles):
            assert shapely.contains_xy(area, xy[:, k, 0], xy[:, k, 1]).all(), walker


def test_groups_stay_together(walked):
    _, plan, _, _ = walked
    _, xy = tracks(walked)
    groups = {w.group for w in plan.walkers if w.group is not None}
    assert groups
    for group in groups:
        members = xy[:, [k for k, w in enumerate(plan.walkers) if w.group == group]]
        apart = np.linalg.norm(members[:, :, None] - members[:, None], axis=3)
        assert apart.max() < 4.0


def test_nobody_walks_through_anybody(walked):
    _, xy = tracks(walked)
    apart = np.linalg.norm(xy[:, :, None] - xy[:, None], axis=3) + 10.0 * np.eye(xy.shape[1])
    assert apart.min() > 0.3


def test_somebody_darts_out_before_the_ego(walked):
    _, plan, result, ticks = walked
    assert result.achieved["role dart_out"] == 1.0
    _, xy = tracks(walked)
    (dart,) = [k for k, w in enumerate(plan.walkers) if "dart_out" in w.roles]
    start = np.array(plan.walkers[dart].waypoints[0][:2])
    begun = int(np.argmax(np.linalg.norm(xy[:, dart] - start, axis=1) > 1.0))
    assert begun > 0
    ego = next(i for i, o in ticks[0][1].items() if o.tracked.actor.attributes.get("role_name") == "hero")
    track = np.array([seen[ego].map_actor.position_m[:2] for _, seen in ticks])
    forward = np.array([np.cos(plan.ego.start.yaw_rad), np.sin(plan.ego.start.yaw_rad)])
    left = np.array([-forward[1], forward[0]])
    assert (xy[begun, dart] - track[begun]) @ left < -4.0
    # On the ego's line while the ego is still to come.
    across = np.array([(xy[n, dart] - track[n]) @ left for n in range(len(track))])
    there = int(np.argmax(across > -1.2))
    assert across[there] > -1.2
    assert 3.0 < (xy[there, dart] - track[there]) @ forward < 40.0
