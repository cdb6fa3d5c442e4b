"""What a scenario asks of its subject: bounds on measures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.scenario import Scenario

PREFIX = "pass."
"""Of properties in the file's header: `pass.MEASURE.least` and `pass.MEASURE.most`."""

MEASURES: Mapping[str, str] = {
    "collisions": "entities that the subject touched",
    "off_road": "times that a corner of the subject was off the lanes for wheels",
    "red_lights": "stop lines that the subject passed while their light was red",
    "goal_s": "when the scenario came to its end by its stop trigger, s; infinite if it was cut off",
    "distance_m": "shortest distance of the subject's box from another's, m",
    "time_to_collision_s": "shortest time to collision at constant velocities, s",
    "post_encroachment_time_s": "shortest time between the subject and another at the same place, s",
    "deceleration_mps2": "hardest braking, mean over 0.3 s, m/s2",
    "acceleration_mps2": "strongest acceleration, mean over 0.3 s, m/s2",
    "jerk_mps3": "largest change of acceleration, mean over 0.5 s, m/s3",
    "over_limit_kmh": "most above the limit of the lane or road, km/h",
    "stand_still_s": "longest time below 0.1 m/s, s",
}
"""All measures, with what they tell. Bounds include their value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a measure must keep to."""

    measure: str
    least: float = -math.inf
    most: float = math.inf

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ScenarioError(f'no measure "{self.measure}": name one of {", ".join(MEASURES)}')
        if not self.least <= self.most:
            raise ScenarioError(
                f"{self.measure}: at least {self.least:g} and at most {self.most:g} cannot both be kept"
            )

    def holds(self, value: float) -> bool:
        """Whether a value is within the bound."""
        return self.least <= value <= self.most

    def __str__(self) -> str:
        words = [f"at least {self.least:g}"] if self.least > -math.inf else []
        words += [f"at most {self.most:g}"] if self.most < math.inf else []
        return f"{self.measure} {' and '.join(words)}"


NO_COLLISION = (Bound(measure="collisions", most=0.0),)
"""What is asked where a file says nothing."""


def criteria_of(scenario: Scenario) -> tuple[Bound, ...]:
    """The bounds in a scenario's header, in their order; `NO_COLLISION` if it has none. ScenarioError."""
    properties = scenario.file_header.properties
    found: dict[str, dict[str, float]] = {}
    for prop in properties.properties if properties else ():
        if not prop.name.startswith(PREFIX):
            continue
        measure, _, side = prop.name.removeprefix(PREFIX).rpartition(".")
        if side not in ("least", "most") or measure not in MEASURES:
            raise ScenarioError(
                f'{prop.place}: property "{prop.name}" is no criterion: write '
                f"{PREFIX}MEASURE.least or {PREFIX}MEASURE.most with one of {', '.join(MEASURES)}"
            )
        try:
            value = float(prop.value)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise ScenarioError(f'{prop.place}: property "{prop.name}" is "{prop.value}": give a number')
        found.setdefault(measure, {})[side] = value
    return tuple(Bound(measure=m, **sides) for m, sides in found.items()) or NO_COLLISION


def bounds_of(texts: tuple[str, ...]) -> tuple[Bound, ...]:
    """Bounds from words such as `distance_m>=0.5` and `collisions<=0`. ScenarioError."""
    out = []
    for text in texts:
        for sign, side in ((">=", "least"), ("<=", "most")):
            measure, found, number = text.partition(sign)
            if not found:
                continue
            try:
                out.append(Bound(**{"measure": measure.strip(), side: float(number)}))  # type: ignore[arg-type]
            except ValueError as error:
                raise ScenarioError(f'"{text}" is no criterion: {number!r} is not a number') from error
            break
        else:
            raise ScenarioError(f'"{text}" is no criterion: write MEASURE>=NUMBER or MEASURE<=NUMBER')
    return tuple(out)
