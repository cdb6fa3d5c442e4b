"""A client of its own process: families of light and unmanned vehicles under the Traffic Manager.

In a process of its own because the 0.9.16 client can hang or abort; see `drive.py`.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time

import carla


def main(port: int, manager_port: int, variants: list[str], names: list[str]) -> None:
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(30.0)
    world = client.get_world()
    library = world.get_blueprint_library()
    manager = client.get_trafficmanager(manager_port)
    manager.set_synchronous_mode(True)
    manager.set_random_device_seed(5)
    wanted = [(name, variant) for name in names for variant in variants]
    points = world.get_map().get_spawn_points()
    points = points[:: max(1, len(points) // len(wanted))]
    actors = {}
    for (name, variant), point in zip(wanted, points, strict=False):
        blueprint = library.find(f"vehicle.drivegen.{name}")
        blueprint.set_attribute("variant", variant)
        actors[name, variant] = world.spawn_actor(blueprint, point)
    world.tick()
    found = {}
    for key, actor in actors.items():
        control = actor.get_physics_control()
        extent = actor.bounding_box.extent
        found["/".join(key)] = {
            "wheels": int(actor.attributes["number_of_wheels"]),
            "physics_wheels": len(control.wheels),
            "mass_kg": control.mass,
            "size_m": [2 * extent.x, 2 * extent.y, 2 * extent.z],
            "tags": list(actor.semantic_tags),
            "start": [actor.get_location().x, actor.get_location().y, actor.get_location().z],
        }
        actor.set_autopilot(True, manager_port)
        actor.set_light_state(carla.VehicleLightState.All)
    places = carla.VehicleWheelLocation
    turned = dict.fromkeys(found, 0.0)
    metres = dict.fromkeys(found, 0.0)
    before = {key: actor.get_location() for key, actor in actors.items()}
    for _ in range(100):
        world.tick()
        time.sleep(0.002)
        for key, actor in actors.items():
            here = actor.get_location()
            metres["/".join(key)] += here.distance(before[key])
            before[key] = here
            angles = [
                actor.get_wheel_steer_angle(place)
                for place in (places.FL_Wheel, places.FR_Wheel, places.BL_Wheel, places.BR_Wheel)
            ]
            assert all(math.isfinite(angle) for angle in angles)
            turned["/".join(key)] = max(turned["/".join(key)], *(abs(a) for a in angles))
    for key, actor in actors.items():
        name = "/".join(key)
        here = actor.get_location()
        road = world.get_map().get_waypoint(here)
        found[name] |= {
            "metres": metres[name],
            "turned_deg": turned[name],
            "above_road_m": here.z - road.transform.location.z,
            "off_lane_m": here.distance(road.transform.location),
            "alive": actor.is_alive,
        }
    client.apply_batch_sync([carla.command.DestroyActor(actor.id) for actor in actors.values()], True)
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
