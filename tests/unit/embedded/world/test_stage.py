"""What a free-running server does with a camera before it has all that the camera looks at."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from benchmarks.lockstep import beijing_map

from drivegen.core.geometry import Pose
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.stage import Stage
from drivegen.embedded.world.world import World


def test_a_free_running_server_makes_pieces_between_calls_and_a_synchronous_one_in_its_tick(
    tmp_path: Path,
) -> None:
    maps = MapStore(beijing_map(tmp_path))
    pictures = {}
    for synchronous in (False, True):
        world = World(maps, maps.names[0], 1)
        world.settings = dataclasses.replace(world.settings, synchronous=synchronous)
        stage = Stage("auto", 1)
        car = world.spawn("vehicle.audi.tt", {}, world.map.spawn_points[0])
        camera = {"image_size_x": "64", "image_size_y": "36"}
        world.spawn("sensor.camera.rgb", camera, Pose.from_xyz_rpy(-6.0, 0.0, 3.0), car.id)
        gnss = world.spawn("sensor.other.gnss", {}, Pose.identity(), car.id)
        world.step(0.05)
        first = [frame.actor_id for frame in stage.measure(world, lambda _: True)]
        pieces = 0
        while stage.prepare(world):
            pieces += 1
        if not synchronous:
            assert first == [gnss.id]
            assert pieces >= 2  # scenery and the car, one by one
        else:
            assert len(first) == 2
        world.step(0.05)
        frames = stage.measure(world, lambda _: True)
        assert [frame.type_id for frame in frames] == ["sensor.camera.rgb", "sensor.other.gnss"]
        pictures[synchronous] = frames[0].measurement.bgra.tobytes()
        stage.close()
    assert pictures[False] == pictures[True]
