"""Entities: vehicles, pedestrians, things, and who drives them. Metres, kilograms, m/s, radians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import Element, EntityName, Inline, Named, Text
from drivegen.scenario.model.names import (
    ControllerType,
    MiscObjectCategory,
    ObjectType,
    PedestrianCategory,
    Role,
    VehicleCategory,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Element):
    """A name and a value that the standard does not know."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Element):
    """A file, by its path relative to the scenario's."""

    filepath: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomContent(Element):
    """Text that the standard does not know."""

    content: Annotated[str, Text()] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties(Element):
    """What the standard does not know."""

    properties: tuple[Property, ...] = ()
    files: tuple[File, ...] = ()
    custom_contents: tuple[CustomContent, ...] = ()

    def get(self, name: str) -> str | None:
        """The value of the last property of this name, or None."""
        return next((p.value for p in reversed(self.properties) if p.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Center(Element):
    """The middle of a box from the entity's reference point: x ahead, y left, z up."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions(Element):
    """The whole extents of a box."""

    width: float
    length: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundingBox(Element):
    """The box around an entity."""

    center: Center
    dimensions: Dimensions


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance(Element):
    """What a vehicle can do: m/s, m/s^2, m/s^3."""

    max_speed: float
    max_acceleration: float
    max_deceleration: float
    max_acceleration_rate: float | None = None
    max_deceleration_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Axle(Element):
    """One axle."""

    max_steering: float
    wheel_diameter: float
    track_width: float
    position_x: float
    position_z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Axles(Element):
    """The axles; trailers may have no front axle."""

    front_axle: Axle | None = None
    rear_axle: Axle
    additional_axles: Annotated[tuple[Axle, ...], Named("AdditionalAxle")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerHitch(Element):
    """Where a trailer is coupled on, from the reference point."""

    dx: float
    dz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerCoupler(Element):
    """Where a trailer couples itself on, from the reference point."""

    dx: float
    dz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerRef(Element):
    """A trailer among the entities."""

    entity_ref: EntityName


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerObject(Element):
    """A trailer of its own."""

    TAG: ClassVar[str] = "Trailer"

    name: str
    entity_object: Annotated[EntityObject, Inline()]
    object_controllers: tuple[ObjectController, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle(Element):
    """A vehicle."""

    name: str
    vehicle_category: VehicleCategory
    role: Role = Role.NONE
    mass: float | None = None
    model3d: str | None = None
    bounding_box: BoundingBox
    performance: Performance
    axles: Axles
    properties: Properties | None = None
    trailer_hitch: TrailerHitch | None = None
    trailer_coupler: TrailerCoupler | None = None
    trailer: TrailerObject | TrailerRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pedestrian(Element):
    """A pedestrian or an animal."""

    name: str
    pedestrian_category: PedestrianCategory
    mass: float
    role: Role = Role.NONE
    model: str | None = None
    model3d: str | None = None
    bounding_box: BoundingBox
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MiscObject(Element):
    """A thing."""

    name: str
    misc_object_category: MiscObjectCategory
    mass: float
    model3d: str | None = None
    bounding_box: BoundingBox
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalObjectReference(Element):
    """An entity that another program brings."""

    name: str


EntityObject = Vehicle | Pedestrian | MiscObject | ExternalObjectReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller(Element):
    """Who moves an entity."""

    name: str
    controller_type: ControllerType = ControllerType.MOVEMENT
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectController(Element):
    """A controller of an entity, under a name of its own if it needs one."""

    name: str | None = None
    controller: Controller


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioObject(Element):
    """An entity of the scenario."""

    name: str
    entity_object: Annotated[EntityObject, Inline()]
    object_controllers: tuple[ObjectController, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRef(Element):
    """An entity or a selection of entities, by name."""

    entity_ref: EntityName


@dataclass(frozen=True, slots=True, kw_only=True)
class ByType(Element):
    """All entities of one kind."""

    object_type: ObjectType


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedEntities(Element):
    """The members of a selection."""

    TAG: ClassVar[str] = "Members"

    entity_refs: tuple[EntityRef, ...] = ()
    by_types: tuple[ByType, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySelection(Element):
    """A named group of entities."""

    name: str
    members: SelectedEntities


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities(Element):
    """All entities."""

    scenario_objects: tuple[ScenarioObject, ...] = ()
    entity_selections: tuple[EntitySelection, ...] = ()
