"""Actions on who drives an entity, and on its pedals, wheel and gear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from drivegen.scenario.model.element import Element
from drivegen.scenario.model.entities import Controller, ObjectController
from drivegen.scenario.model.names import AutomaticGearType


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignControllerAction(Element):
    """Gives an entity a controller. An `activate_...` that is missing changes nothing."""

    object_controller: ObjectController | None = None
    controller: Controller | None = None
    activate_lateral: bool | None = None
    activate_longitudinal: bool | None = None
    activate_animation: bool | None = None
    activate_lighting: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake(Element):
    """A braking input: 0 to 1 as a percentage, or newtons as a force."""

    value: float
    max_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideBrakeAction(Element):
    """Brake or parking brake: one of the three values is there where `active`."""

    active: bool
    value: float | None = None
    brake_percent: Brake | None = None
    brake_force: Brake | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridePedalAction(Element):
    """Throttle or clutch, 0 to 1."""

    active: bool
    value: float
    max_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideSteeringWheelAction(Element):
    """The angle of the steering wheel, radians."""

    active: bool
    value: float
    max_rate: float | None = None
    max_torque: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualGear(Element):
    """A gear; -1 is reverse, 0 neutral."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticGear(Element):
    """A position of an automatic gearbox."""

    gear: AutomaticGearType


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideGearAction(Element):
    """The gear."""

    active: bool
    number: float | None = None
    manual_gear: ManualGear | None = None
    automatic_gear: AutomaticGear | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideControllerValueAction(Element):
    """Sets some of an entity's controls in place of its controller."""

    throttle: OverridePedalAction | None = None
    brake: OverrideBrakeAction | None = None
    clutch: OverridePedalAction | None = None
    parking_brake: OverrideBrakeAction | None = None
    steering_wheel: OverrideSteeringWheelAction | None = None
    gear: OverrideGearAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateControllerAction(Element):
    """Turns an entity's controller on or off by domain; what is missing stays as it is."""

    object_controller_ref: str | None = None
    lateral: bool | None = None
    longitudinal: bool | None = None
    animation: bool | None = None
    lighting: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerAction(Element):
    """One of three actions on a controller; files before 1.3 may have more than one, done in this order."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction",)

    assign_controller_action: AssignControllerAction | None = None
    override_controller_value_action: OverrideControllerValueAction | None = None
    activate_controller_action: ActivateControllerAction | None = None
