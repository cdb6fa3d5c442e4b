"""Lights and animations of an entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import Element, Inline
from drivegen.scenario.model.entities import File
from drivegen.scenario.model.names import (
    ColorType,
    LightMode,
    PedestrianGestureType,
    PedestrianMotionType,
    VehicleComponentType,
    VehicleLightType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorRgb(Element):
    """Red, green and blue, 0 to 1."""

    red: float
    green: float
    blue: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorCmyk(Element):
    """Cyan, magenta, yellow and black, 0 to 1."""

    cyan: float
    magenta: float
    yellow: float
    key: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Color(Element):
    """A colour by name and by numbers."""

    color_type: ColorType
    value: Annotated[ColorRgb | ColorCmyk, Inline()]


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState(Element):
    """How a light shines: lumens or candela, and seconds on and off where it flashes."""

    mode: LightMode
    luminous_intensity: float | None = None
    flashing_on_duration: float = 0.5
    flashing_off_duration: float = 0.5
    color: Color | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLight(Element):
    """A light of a vehicle."""

    vehicle_light_type: VehicleLightType


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDefinedLight(Element):
    """A light that the standard does not know."""

    user_defined_light_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LightStateAction(Element):
    """Turns a light on, off or flashing within `transition_time` seconds."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "AppearanceAction")

    light_type: VehicleLight | UserDefinedLight
    light_state: LightState
    transition_time: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleComponent(Element):
    """A moving part of a vehicle."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ComponentAnimation",)

    vehicle_component_type: VehicleComponentType


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDefinedComponent(Element):
    """A moving part that the standard does not know."""

    WITHIN: ClassVar[tuple[str, ...]] = ("ComponentAnimation",)

    user_defined_component_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PedestrianGesture(Element):
    """What the arms and hands do."""

    gesture: PedestrianGestureType


@dataclass(frozen=True, slots=True, kw_only=True)
class PedestrianAnimation(Element):
    """A motion and gestures of a pedestrian."""

    motion: PedestrianMotionType | None = None
    user_defined_pedestrian_animation: str | None = None
    pedestrian_gestures: tuple[PedestrianGesture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimationFile(Element):
    """An animation from a file, from `time_offset` seconds on."""

    file: File
    time_offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDefinedAnimation(Element):
    """An animation that the standard does not know."""

    user_defined_animation_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimationState(Element):
    """0 (closed, begun) to 1 (open, ended)."""

    state: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimationAction(Element):
    """Plays an animation."""

    WITHIN: ClassVar[tuple[str, ...]] = ("PrivateAction", "AppearanceAction")

    animation_type: (
        VehicleComponent | UserDefinedComponent | PedestrianAnimation | AnimationFile | UserDefinedAnimation
    )
    animation_state: AnimationState | None = None
    loop: bool = False
    animation_duration: float | None = None
