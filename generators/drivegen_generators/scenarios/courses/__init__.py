"""The courses of events of the scenario library, by group."""

from __future__ import annotations

from drivegen_generators.scenarios.courses import (
    along,
    conditions,
    crossing,
    emergency,
    infrastructure,
    kerbside,
    low_speed,
    pedestrians,
    riders,
    signals,
)
from drivegen_generators.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *signals.SCENARIOS,
    *infrastructure.SCENARIOS,
    *pedestrians.SCENARIOS,
    *riders.SCENARIOS,
    *along.SCENARIOS,
    *kerbside.SCENARIOS,
    *crossing.SCENARIOS,
    *emergency.SCENARIOS,
    *low_speed.SCENARIOS,
    *conditions.SCENARIOS,
)
"""All scenarios, in the index's order."""
