"""How a value gets from where it is to where it shall be: the curves of OpenSCENARIO's transitions.

ASAM OpenSCENARIO XML 1.3, 7.4.1 "Dynamics shape": linear, cubic (no slope at both ends), sinusoidal (half a
cosine) and step; the dimension says what the action's value is: a time, a distance, or the greatest rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.scenario.model.names import DynamicsDimension, DynamicsShape

_NONE = 1e-9
_AT_END = 1e-9


@dataclass(slots=True, kw_only=True)
class Transition:
    """A value on its way from `start` to `target` over `length` seconds or metres."""

    shape: DynamicsShape
    start: float
    target: float
    length: float
    by_distance: bool = False
    gone: float = 0.0

    @property
    def done(self) -> bool:
        """True once the whole length is gone."""
        return self.gone >= self.length - _AT_END

    @property
    def value(self) -> float:
        """Where the value is."""
        if self.done:
            return self.target
        return self.start + (self.target - self.start) * _share(self.shape, self.gone / self.length)

    @property
    def slope(self) -> float:
        """Change of the value for each second or metre; 0 once the target is reached."""
        if self.done:
            return 0.0
        return (self.target - self.start) / self.length * _share_slope(self.shape, self.gone / self.length)

    def advance(self, time_s: float, distance_m: float) -> None:
        """Goes on by what was driven."""
        self.gone += distance_m if self.by_distance else time_s


def transition(
    shape: DynamicsShape, dimension: DynamicsDimension, value: float, start: float, target: float
) -> Transition:
    """The transition of an action; with a rate the length is what keeps the greatest slope to it.

    A rate of 0 never gets there: the length is infinite, unless the value is at its target already.
    """
    change = abs(target - start)
    if shape is DynamicsShape.STEP:
        return Transition(shape=shape, start=start, target=target, length=0.0)
    if dimension is DynamicsDimension.RATE:
        length = steepest(shape) * change / abs(value) if abs(value) > _NONE else math.inf
        if change < _NONE:
            length = 0.0
        return Transition(shape=shape, start=start, target=target, length=length)
    return Transition(
        shape=shape,
        start=start,
        target=target,
        length=max(value, 0.0),
        by_distance=dimension is DynamicsDimension.DISTANCE,
    )


def steepest(shape: DynamicsShape) -> float:
    """The greatest slope of a shape over its mean one."""
    return {DynamicsShape.CUBIC: 1.5, DynamicsShape.SINUSOIDAL: 0.5 * math.pi}.get(shape, 1.0)


def by_greatest_acceleration(
    shape: DynamicsShape, greatest_mps2: float | None, start: float, target: float
) -> Transition:
    """The transition of a lane offset, as long as keeps its second derivative within a limit.

    Without a limit and for a step it is done at once. The linear shape has no second derivative between its
    ends: it takes as long as the sinusoidal one. Greatest second derivative over the change and the length
    squared: cosine pi^2 / 2, cubic 6.
    """
    change = abs(target - start)
    if shape is DynamicsShape.STEP or greatest_mps2 is None or change < _NONE:
        return Transition(shape=shape, start=start, target=target, length=0.0)
    peak = 6.0 if shape is DynamicsShape.CUBIC else 0.5 * math.pi**2
    length = math.sqrt(peak * change / greatest_mps2) if greatest_mps2 > _NONE else math.inf
    return Transition(shape=shape, start=start, target=target, length=length)


def _share(shape: DynamicsShape, u: float) -> float:
    if shape is DynamicsShape.CUBIC:
        return u * u * (3.0 - 2.0 * u)
    if shape is DynamicsShape.SINUSOIDAL:
        return 0.5 * (1.0 - math.cos(math.pi * u))
    return u


def _share_slope(shape: DynamicsShape, u: float) -> float:
    if shape is DynamicsShape.CUBIC:
        return 6.0 * u * (1.0 - u)
    if shape is DynamicsShape.SINUSOIDAL:
        return 0.5 * math.pi * math.sin(math.pi * u)
    return 1.0
