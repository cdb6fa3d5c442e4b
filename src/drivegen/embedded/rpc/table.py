"""All of CARLA's calls."""

from __future__ import annotations

from drivegen.embedded.rpc.calls import (
    actors,
    batch,
    components,
    debug,
    doors,
    episode,
    physics,
    recorder,
    scene,
    sensors,
    traffic_lights,
    traffic_managers,
    vehicles,
    walkers,
)
from drivegen.embedded.rpc.dispatch import CallTable
from drivegen.embedded.rpc.unsupported import UNSUPPORTED


def call_table() -> CallTable:
    """Every call of CARLA 0.9.16: carried out, or refused by name."""
    table = CallTable()
    for module in (
        episode,
        actors,
        vehicles,
        physics,
        walkers,
        traffic_lights,
        traffic_managers,
        scene,
        sensors,
        recorder,
        debug,
        doors,
        components,
        batch,
    ):
        table.add_module(module)
    table.unsupported = dict(UNSUPPORTED)
    return table
