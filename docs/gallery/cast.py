"""Traffic and people for a picture of the street, put where they look like a moment of it."""

from __future__ import annotations

import carla
from docs.gallery.studio import WAIT_S, Studio

# blueprint after "vehicle.drivegen.", variant, x, y, yaw in CARLA's frame, lights
VEHICLES = (
    ("taxi", 3, -30.0, 8.4, 0.0),
    ("sedan", 11, 2.0, 4.6, 0.0),
    ("suv", 5, 16.0, 8.2, 0.0),
    ("bus", 2, 13.0, -1.5, 196.0),
    ("etricycle", 4, -12.0, 15.5, 0.0),
    ("ebike", 7, -17.0, 17.6, 0.0),
    ("ebike", 12, -20.5, 15.8, 0.0),
    ("unmanned_delivery", 1, 8.0, 16.6, 0.0),
    ("sedan", 23, 36.5, -3.3, 180.0),
    ("mpv", 9, 37.0, -6.9, 180.0),
    ("light_truck", 6, 38.0, -10.4, 180.0),
    ("hatchback", 2, -8.0, -7.5, 180.0),
    ("police", 1, -19.0, -11.0, 180.0),
    ("minivan", 8, 44.5, -3.3, 180.0),
)
WALKERS = (
    ("woman", 4, -27.0, -2.0, 90.0),
    ("man", 9, -28.4, 1.0, -90.0),
    ("student", 3, -27.6, -5.2, 90.0),
    ("stroller", 2, -26.4, 5.6, 90.0),
    ("umbrella", 5, -28.8, -8.5, 90.0),
    ("worker", 6, -24.5, 19.8, 120.0),
    ("old_man", 1, -30.0, 20.6, 0.0),
    ("courier", 2, -22.5, 21.2, 200.0),
)


def put_cast(studio: Studio) -> None:
    """Spawns them; they stand still, the people in the middle of a step."""
    library = studio.world.get_blueprint_library()
    for name, variant, x, y, yaw in VEHICLES:
        blueprint = library.find(f"vehicle.drivegen.{name}")
        colors = blueprint.get_attribute("color").recommended_values
        blueprint.set_attribute("color", colors[variant % len(colors)])
        blueprint.set_attribute("variant", str(variant))
        at = carla.Transform(carla.Location(x, y, 0.05), carla.Rotation(yaw=yaw))
        studio.world.spawn_actor(blueprint, at)
    for name, variant, x, y, yaw in WALKERS:
        blueprint = library.find(f"walker.drivegen.{name}")
        blueprint.set_attribute("variant", str(variant))
        at = carla.Transform(carla.Location(x, y, 1.1), carla.Rotation(yaw=yaw))
        walker = studio.world.spawn_actor(blueprint, at)
        ahead = at.get_forward_vector()
        walker.apply_control(carla.WalkerControl(ahead, 0.6 if abs(x + 27.5) < 2.0 else 0.0, False))
    for _ in range(12):
        studio.world.tick(WAIT_S)
