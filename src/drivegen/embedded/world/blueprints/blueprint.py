"""What a blueprint is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from drivegen.core.actors import ObjectClass
from drivegen.core.tags import Tag


class AttributeKind(IntEnum):
    """How an attribute's text is read; the numbers are CARLA's."""

    BOOL = 1
    INT = 2
    FLOAT = 3
    STRING = 4
    COLOR = 5


class Family(StrEnum):
    """What an actor of the blueprint is to the world."""

    VEHICLE = "vehicle"
    WALKER = "walker"
    PROP = "prop"
    SENSOR = "sensor"
    CONTROLLER = "controller"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A named value of a blueprint, as text."""

    id: str
    kind: AttributeKind
    value: str
    recommended: tuple[str, ...] = ()
    modifiable: bool = True
    restricted: bool = False
    """Only recommended values are allowed."""


GREATEST_VARIANT = 65535


def _nothing(variant: int) -> dict[str, str]:
    del variant
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What differs among the members of a family; the argument is the value of `variant`."""

    size_m: Callable[[int], tuple[float, float, float]]
    """Full length, width, height of the box."""
    attributes: Callable[[int], dict[str, str]] = _nothing
    """Values of fixed attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A kind of actor that can be spawned."""

    id: str
    family: Family
    attributes: tuple[Attribute, ...]
    size_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Full length, width, height of the box; 0 for sensors and families of vehicles (see `of_variant`)."""
    object_class: ObjectClass | None = None
    """For vehicles and walkers."""
    tags: tuple[Tag, ...] = ()
    """Semantic tags."""
    refusal: str = ""
    """Why it cannot be spawned on this server; empty if it can."""
    members: Members | None = None
    """Of drivegen's own families, which have the attribute `variant`."""

    @property
    def words(self) -> str:
        """CARLA's tags for searching: the parts of the id, comma separated."""
        return self.id.replace(".", ",")

    def of_variant(self, variant: int) -> Blueprint:
        """The blueprint of one member; itself where there are none."""
        return self if self.members is None else replace(self, size_m=self.members.size_m(variant))

    def default(self, attribute_id: str) -> str:
        """An attribute's value in the library. KeyError if there is none of this name."""
        for attribute in self.attributes:
            if attribute.id == attribute_id:
                return attribute.value
        raise KeyError(attribute_id)


def role(*recommended: str) -> Attribute:
    """`role_name`, which every blueprint has; the first recommended value is the default."""
    names = recommended or ("default",)
    return Attribute(id="role_name", kind=AttributeKind.STRING, value=names[0], recommended=names)


def fixed(name: str, kind: AttributeKind, value: str) -> Attribute:
    """An attribute that tells something and cannot be set."""
    return Attribute(id=name, kind=kind, value=value, modifiable=False)
