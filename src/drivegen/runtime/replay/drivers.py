"""Who drives the entities of a scenario that is replayed."""

from __future__ import annotations

from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.drivers import SimpleDriver

DRIVER_PROPERTY = "driver"
DRIVERS = ("file", "simple", "script")
"""Who may drive the subject without a world."""
INTELLIGENT_DRIVER = "intelligent_driver"
"""Value of that property of a controller that hands its entity to the simple driver."""


def drivers_of(scenario: Scenario, who: str, subject: str) -> dict[str, SimpleDriver]:
    """Entities that the simple driver leads.

    Args:
        scenario: as read.
        who: drives the subject. simple: the simple driver; script: the scenario, and all others too; file: as
            its controller says. Others: the simple driver where their controller's property `driver` is
            `intelligent_driver`.
        subject: the entity that is judged.
    """
    found = {}
    for entity in scenario.entities.scenario_objects if who != "script" else ():
        says = any(
            c.controller.properties is not None
            and c.controller.properties.get(DRIVER_PROPERTY) == INTELLIGENT_DRIVER
            for c in entity.object_controllers
        )
        if (says and entity.name != subject) or (
            entity.name == subject and (who == "simple" or (who == "file" and says))
        ):
            found[entity.name] = SimpleDriver()
    return found
