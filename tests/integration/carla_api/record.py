"""A client of its own process: records traffic and walkers, destroys them, and plays the recording back.

In a process of its own for the same reasons as `drive.py`. Prints one JSON object: `recorded` and `replayed`
are lists of ticks, each a table of poses [x, y, z, pitch, yaw, roll] by actor id; lights of vehicles and
states of traffic lights beside them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import carla

TICK_S = 0.05


def _poses(world: Any, ids: list[int]) -> dict[int, list[float]]:
    snapshot = world.get_snapshot()
    poses = {}
    for actor_id in ids:
        found = snapshot.find(actor_id)
        if found is not None:
            place = found.get_transform()
            at, turn = place.location, place.rotation
            poses[actor_id] = [at.x, at.y, at.z, turn.pitch, turn.yaw, turn.roll]
    return poses


def _lights(world: Any) -> dict[str, Any]:
    signals = world.get_actors().filter("traffic.traffic_light")
    return {
        "signals": {light.id: int(light.get_state()) for light in signals},
        "vehicles": {actor: int(flags) for actor, flags in world.get_vehicles_light_states().items()},
    }


def _spawn(
    client: Any, world: Any, vehicles: int, walkers: int, manager_port: int
) -> tuple[list[int], list[int]]:
    library = world.get_blueprint_library()
    cars = sorted(library.filter("vehicle.*"), key=lambda b: b.id)
    people = sorted(library.filter("walker.pedestrian.*"), key=lambda b: b.id)
    points = world.get_map().get_spawn_points()
    points = points[:: max(1, len(points) // (vehicles + walkers))]
    spawn, autopilot = carla.command.SpawnActor, carla.command.SetAutopilot
    batch = [
        spawn(cars[3 * i], point).then(autopilot(carla.command.FutureActor, True, manager_port))
        for i, point in enumerate(points[:vehicles])
    ]
    for i, point in enumerate(points[vehicles : vehicles + walkers]):
        # Beside the road: the walkers' part of the map does not matter here.
        point.location += point.get_right_vector() * 5.0 + carla.Location(z=1.0)
        batch.append(spawn(people[i], point))
    answers = client.apply_batch_sync(batch, True)
    assert not any(a.error for a in answers), [a.error for a in answers]
    ids = [a.actor_id for a in answers]
    return ids[:vehicles], ids[vehicles:]


def main(port: int, vehicles: int, walkers: int, ticks: int, manager_port: int, name: str) -> None:
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(60.0)
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode = True
    settings.fixed_delta_seconds = TICK_S
    world.apply_settings(settings)
    world = client.reload_world(False)
    manager = client.get_trafficmanager(manager_port)
    manager.set_synchronous_mode(True)
    manager.set_random_device_seed(3)
    cars, people = _spawn(client, world, vehicles, walkers, manager_port)
    for i, walker in enumerate(world.get_actors(people)):
        direction = carla.Vector3D(x=1.0, y=(i - 2) * 0.5).make_unit_vector()
        walker.apply_control(carla.WalkerControl(direction=direction, speed=1.0 + 0.2 * i))
    for _ in range(20):
        world.tick()
        time.sleep(0.002)
    ids = cars + people
    path = client.start_recorder(name, True)
    recorded, recorded_lights = [], []
    lit = world.get_actors(cars)
    for tick in range(ticks):
        for i, actor in enumerate(lit):
            actor.set_light_state(carla.VehicleLightState((tick // 10 + i) % 64))
        world.tick()
        time.sleep(0.002)
        recorded.append(_poses(world, ids))
        recorded_lights.append(_lights(world))
    client.stop_recorder()
    manager.set_synchronous_mode(False)
    client.apply_batch_sync([carla.command.DestroyActor(actor_id) for actor_id in ids], True)
    gone = _poses(world, ids)
    said = client.replay_file(name, 0.0, 0.0, 0)
    replayed, replayed_lights, velocities = [], [], []
    for _ in range(ticks):
        world.tick()
        time.sleep(0.002)
        replayed.append(_poses(world, ids))
        replayed_lights.append(_lights(world))
        velocities.append({i: world.get_snapshot().find(i).get_velocity().length() for i in ids})
    print(
        json.dumps(
            {
                "path": path,
                "said": said,
                "cars": cars,
                "people": people,
                "gone": gone,
                "recorded": recorded,
                "replayed": replayed,
                "recorded_lights": recorded_lights,
                "replayed_lights": replayed_lights,
                "velocities": velocities,
                "info": client.show_recorder_file_info(name, False),
                "all": client.show_recorder_file_info(name, True),
                "blocked": client.show_recorder_actors_blocked(name, 1.0, 10.0),
                "collisions": client.show_recorder_collisions(name, "a", "a"),
            }
        ),
        flush=True,
    )
    # Without the client's own clean-up, which may abort.
    os._exit(0)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:6]), sys.argv[6])
