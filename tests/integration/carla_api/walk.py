"""A client of its own process: AI controllers lead walkers over the map.

In a process of its own because the client's random numbers and its list of traffic lights are one for a
whole process, and because it keeps the files that it fetches in the home folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys

import carla

NEAR_M = 80.0
"""Every other walker begins this near the map's middle, where the crossings are."""


def main(port: int, map_name: str, count: int, ticks: int, cross_factor: float) -> None:
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(30.0)
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode = True
    settings.fixed_delta_seconds = 0.05
    world.apply_settings(settings)
    # Time ran freely until now; traffic lights begin anew with an episode.
    world = client.load_world(map_name, False)
    world.tick()
    world.set_pedestrians_seed(11)
    world.set_pedestrians_cross_factor(cross_factor)
    library = world.get_blueprint_library()
    people = sorted(library.filter("walker.pedestrian.*"), key=lambda b: b.id)
    walkers, drawn = [], []
    while len(walkers) < count:
        place = world.get_random_location_from_navigation()
        drawn.append((place.x, place.y, place.z))
        if len(walkers) % 2 and place.distance(carla.Location()) > NEAR_M:
            continue
        lifted = carla.Transform(place + carla.Location(z=1.0))
        walker = world.try_spawn_actor(people[len(walkers) % len(people)], lifted)
        if walker is not None:
            walkers.append(walker)
    world.tick()
    blueprint = library.find("controller.ai.walker")
    controllers = [world.spawn_actor(blueprint, carla.Transform(), walker) for walker in walkers]
    world.tick()
    for controller in controllers:
        controller.start()
        controller.go_to_location(world.get_random_location_from_navigation())
        controller.set_max_speed(1.4)
    digest, places, speeds = hashlib.sha256(), [], []
    for _ in range(ticks):
        world.tick()
        snapshot = world.get_snapshot()
        found = [snapshot.find(walker.id) for walker in walkers]
        at = [(s.get_transform().location, s.get_transform().rotation.yaw, s.get_velocity()) for s in found]
        digest.update(repr([(p.x, p.y, p.z, yaw, v.x, v.y, v.z) for p, yaw, v in at]).encode())
        places.append([(round(p.x, 3), round(p.y, 3), round(p.z, 3)) for p, _, _ in at])
        speeds.append([round(v.length(), 3) for _, _, v in at])
    print(
        json.dumps(
            {
                "drawn": drawn,
                "half_heights": [w.bounding_box.extent.z for w in walkers],
                "places": places,
                "speeds": speeds,
                "digest": digest.hexdigest(),
            }
        ),
        flush=True,
    )
    # Without the client's own clean-up, which may abort.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
