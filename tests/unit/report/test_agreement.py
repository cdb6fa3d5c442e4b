"""Agents agree by the truth, and errors of clocks, poses and mounts are seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests import cooperative_capture as cooperation

from drivegen.capture.frame import EGO, AgentFrame, Frame
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.actors import ObjectClass
from drivegen.core.agents import AgentErrors, Clock, Localisation
from drivegen.core.errors import CaptureError
from drivegen.core.geometry import Pose
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Lidar, Rig
from drivegen.core.tags import Tag
from drivegen.report.agreement import Agreement, Beliefs, LidarAgreement, compared

VEHICLE, POLE_1, POLE_2 = cooperation.VEHICLE, cooperation.POLE_1, cooperation.POLE_2
HOUSES = tuple(
    cooperation.world.Thing(200 + i, ObjectClass.CAR, "house", size, at, yaw, 0.0)
    for i, (at, size, yaw) in enumerate(
        [
            ((14.0, 6.0), (5.0, 4.0, 6.0), 0.5),
            ((26.0, -18.0), (6.0, 5.0, 7.0), -0.4),
            ((6.0, -20.0), (4.0, 4.0, 5.0), 0.9),
            ((33.0, 5.0), (5.0, 5.0, 6.0), 0.7),
        ]
    )
)
"""Walls in several directions, for the ground alone says nothing of place and heading."""
POSE_ERROR_M = np.array([0.2, 0.22, 0.0])
PAIRS = {frozenset(p) for p in [(EGO, VEHICLE), (EGO, POLE_1), (EGO, POLE_2), (POLE_1, POLE_2)]} | {
    frozenset(p) for p in [(VEHICLE, POLE_1), (VEHICLE, POLE_2)]
}


def fine(rig: Rig) -> Rig:
    """With a LiDAR of more channels and columns."""
    sensors = (replace(s, channels=48, columns=480) if isinstance(s, Lidar) else s for s in rig.sensors)
    return replace(rig, sensors=tuple(sensors))


def make_plan() -> ScenePlan:
    plan = cooperation.make_cooperative_plan(duration_s=0.3)
    (vehicle,) = plan.connected
    rig = fine(vehicle.rig)
    mount = next(s for s in rig.sensors if isinstance(s, Lidar)).agent_sensor
    turned = mount @ Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=math.radians(0.5))
    errors = AgentErrors(
        clock=Clock(offset_ns=30_000_000),
        localisation=vehicle.errors.localisation,
        believed_mounts={"LIDAR_TOP": turned},
    )
    exact = AgentErrors(localisation=Localisation())
    return replace(
        plan,
        ego=replace(plan.ego, rig=fine(plan.ego.rig), errors=exact),
        connected=(replace(vehicle, rig=rig, errors=errors),),
        roadside=tuple(replace(unit, rig=fine(unit.rig), errors=exact) for unit in plan.roadside),
        v2x=None,
    )


def built(agent: AgentFrame, name: str) -> AgentFrame:
    """The houses become buildings, and the vehicle is somewhere else than it believes."""
    ids = [t.track_id for t in HOUSES]
    sweeps = {
        c: replace(
            s,
            object_id=np.where(np.isin(s.object_id, ids), 0, s.object_id).astype(np.uint32),
            tag=np.where(np.isin(s.object_id, ids), Tag.BUILDING, s.tag).astype(np.uint8),
        )
        for c, s in agent.sweeps.items()
    }
    images = {
        c: replace(
            i,
            instance=np.where(np.isin(i.instance, ids), 0, i.instance).astype(np.uint16),
            tag=np.where(np.isin(i.instance, ids), Tag.BUILDING, i.tag).astype(np.uint8),
        )
        for c, i in agent.images.items()
    }
    belief = agent.belief
    if belief is not None and name == VEHICLE:
        place = Pose(
            position_m=agent.map_agent.position_m + POSE_ERROR_M,
            orientation_wxyz=agent.map_agent.orientation_wxyz,
        )
        belief = replace(belief, map_agent=place)
    return replace(agent, sweeps=sweeps, images=images, belief=belief)


def frames(plan: ScenePlan) -> Iterator[Frame]:
    for frame in cooperation.make_cooperative_frames(plan):
        agents = {name: built(agent, name) for name, agent in frame.agents.items()}
        yield replace(frame, agents=agents, objects=tuple(o for o in frame.objects if o.track_id < 200))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaptureReader]:
    plan, path = make_plan(), tmp_path_factory.mktemp("agreement") / "scene.mcap"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooperation.world, "THINGS", cooperation.world.THINGS + HOUSES)
        with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=cooperation.world.XODR) as writer:
            for frame in frames(plan):
                writer.write(frame)
            writer.close()
    with CaptureReader(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def agreement(reader: CaptureReader) -> Agreement:
    return Agreement(reader, moments=2)


def of_vehicle(found: list[LidarAgreement]) -> list[LidarAgreement]:
    return [a for a in found if VEHICLE in a.agents]


def test_lidars_meet_by_the_truth(agreement: Agreement) -> None:
    found = agreement.lidars()
    assert {frozenset(a.agents) for a in found} == PAIRS
    for pair in found:
        assert pair.walls.points > 20 and pair.walls.p95_m < 0.002, pair
        assert pair.ground.points == 0 or pair.ground.p95_m < 0.002, pair
    assert sum(pair.ground.points > 50 for pair in found) >= 3


@pytest.mark.parametrize(
    ("belief", "least_m"),
    [("clocks", 0.06), ("poses", 0.1), ("mounts", 0.03)],
)
def test_every_error_is_seen_and_only_in_its_agent(agreement: Agreement, belief: str, least_m: float) -> None:
    """30 ms at 8 m/s are 0.24 m, of which walls show their normals' part; 0.5 degrees are 9 cm at 10 m."""
    found = agreement.lidars(Beliefs(**{belief: True}))
    for pair in found:
        if VEHICLE in pair.agents:
            assert pair.walls.median_m > least_m, pair
        else:
            assert pair.walls.p95_m < 0.005, pair
    assert [name for name, _ in compared(agreement)] == [
        "truth",
        "believed clocks",
        "believed poses",
        "believed mounts",
    ]


def test_points_lie_on_what_other_agents_cameras_see(agreement: Agreement) -> None:
    found = agreement.images()
    assert len(found) == 4 * 3 * 2
    seen = [a for a in found if a.surfaces.points > 100]
    assert len(seen) > 8
    for pair in seen:
        assert pair.surfaces.median_m < 0.02 and pair.before < 0.01, pair
    wrong = [a for a in agreement.images(Beliefs(poses=True)) if a.surfaces.points > 100]
    mine = [a.surfaces.p95_m for a in wrong if VEHICLE in (a.lidar_agent, a.camera_agent)]
    right = {(a.lidar_agent, a.camera_agent, a.channel): a.surfaces.p95_m for a in seen}
    theirs = [a for a in wrong if VEHICLE not in (a.lidar_agent, a.camera_agent)]
    assert max(mine) > 0.1
    assert all(a.surfaces.p95_m == right[a.lidar_agent, a.camera_agent, a.channel] for a in theirs)


def test_sensors_that_never_deliver_are_named(tmp_path: Path) -> None:
    plan = replace(cooperation.make_cooperative_plan(duration_s=0.05), v2x=None)
    path = tmp_path / "short.mcap"
    cooperation.write_cooperative_capture(path, plan)
    with (
        CaptureReader(path) as short,
        pytest.raises(CaptureError, match=r"vehicle_1/CAM_BACK.* never delivered"),
    ):
        Agreement(short)
