"""A client of its own process: the Traffic Manager drives vehicles through the junction.

In a process of its own because the 0.9.16 client can hang or abort (its Traffic Manager loses a wake-up when
ticks follow each other at once, hence the pause; it may abort when the process ends).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time

import carla


def main(port: int, vehicles: int, ticks: int, manager_port: int) -> None:
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(30.0)
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode = True
    settings.fixed_delta_seconds = 0.05
    world.apply_settings(settings)
    world = client.reload_world(False)
    town = world.get_map()
    manager = client.get_trafficmanager(manager_port)
    manager.set_synchronous_mode(True)
    manager.set_random_device_seed(11)
    blueprints = sorted(
        (
            b
            for b in world.get_blueprint_library().filter("vehicle.*")
            if b.get_attribute("base_type") == "car"
        ),
        key=lambda b: b.id,
    )
    points = town.get_spawn_points()
    points = points[:: max(1, len(points) // vehicles)][:vehicles]
    spawn, autopilot = carla.command.SpawnActor, carla.command.SetAutopilot
    batch = [
        spawn(blueprints[i % len(blueprints)], point).then(
            autopilot(carla.command.FutureActor, True, manager_port)
        )
        for i, point in enumerate(points)
    ]
    answers = client.apply_batch_sync(batch, True)
    ids = [a.actor_id for a in answers if not a.error]
    actors = list(world.get_actors(ids))
    digest, still = hashlib.sha256(), dict.fromkeys(ids, 0)
    worst, off_road, metres = 0, 0, 0.0
    before = {a.id: a.get_location() for a in actors}
    waited_at_red = set()
    for tick in range(ticks):
        world.tick()
        time.sleep(0.002)
        snapshot = world.get_snapshot()
        for actor in actors:
            found = snapshot.find(actor.id)
            place = found.get_transform()
            digest.update(repr((place.location.x, place.location.y, place.rotation.yaw)).encode())
            speed = found.get_velocity().length()
            metres += before[actor.id].distance(place.location)
            before[actor.id] = place.location
            at_red = (
                actor.is_at_traffic_light() and actor.get_traffic_light_state() == carla.TrafficLightState.Red
            )
            if at_red and speed < 0.1:
                waited_at_red.add(actor.id)
            still[actor.id] = still[actor.id] + 1 if speed < 0.1 else 0
            worst = max(worst, still[actor.id])
            if tick % 20 == 0:
                # The client's nearest waypoint may lie decimetres along the lane: only the side counts.
                lane = town.get_waypoint(place.location)
                away = place.location - lane.transform.location
                aside = abs(lane.transform.get_right_vector().dot(away))
                off_road += aside > lane.lane_width / 2 + 0.3
    print(
        json.dumps(
            {
                "vehicles": len(ids),
                "off_road": off_road,
                "longest_stand_s": worst * 0.05,
                "metres": metres,
                "waited_at_red": len(waited_at_red),
                "digest": digest.hexdigest(),
                "errors": [a.error for a in answers if a.error],
            }
        ),
        flush=True,
    )
    # Without the client's own clean-up, which may abort.
    os._exit(0)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:5]))
