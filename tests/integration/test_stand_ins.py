"""A scene of drivegen's families on a server that has CARLA's blueprints alone."""

from __future__ import annotations

from dataclasses import replace

import carla
import pytest

from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import PlanError
from drivegen.record.session import Endpoint, record_scene
from tests.scenes import make_scene

from .conftest import end_server, ready, start_server


def test_carlas_blueprints_stand_in_and_the_manifest_says_so(tmp_path):
    plan, road = make_scene(tmp_path, seed=12, vehicles=9, walkers=3, warmup_s=0.1, duration_s=0.2)
    # Pictures are not asked for here: they would take most of the time.
    rig = replace(plan.ego.rig, sensors=plan.ego.rig.sensors[-2:])
    plan = replace(plan, ego=replace(plan.ego, rig=rig))
    process = start_server(road, seed=3)
    try:
        client = carla.Client("127.0.0.1", port := int(str(ready(process)["port"])))
        client.set_timeout(30.0)
        offered = {blueprint.id for blueprint in client.get_world().get_blueprint_library()}
        assert len({i for i in offered if i.startswith("vehicle.")}) == 41
        assert not any(".drivegen." in i for i in offered)
        endpoint = Endpoint(port=port, call_timeout_s=30.0)
        result = record_scene(
            plan,
            map_path=road,
            endpoint=endpoint,
            capture_path=tmp_path / "scene.mcap",
            provenance={"made by": "a test"},
        )
        bare = replace(plan, vehicles=(replace(plan.vehicles[0], stand_in=""),))
        with pytest.raises(PlanError, match=r"has no blueprint vehicle\.drivegen\."):
            record_scene(
                bare, map_path=road, endpoint=endpoint, capture_path=tmp_path / "no.mcap", provenance={}
            )
    finally:
        end_server(process)
    stood = {name: n for name, n in result.achieved.items() if " for " in name}
    expected = [f"{v.stand_in} for {v.blueprint}" for v in (*plan.vehicles, *plan.walkers)]
    assert set(stood) <= set(expected)
    spawned = len(plan.vehicles) + len(plan.walkers) - len(result.spawn_failures)
    assert sum(stood.values()) == spawned >= 10
    with CaptureReader(tmp_path / "scene.mcap") as reader:
        assert reader.plan.vehicles == plan.vehicles
