"""What many courses share: parameters, criteria, people who cross, the lights of the signalised junction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivegen_generators.scenarios.actions import Action, follow_path, light, set_speed, signal, take_route
from drivegen_generators.scenarios.places import lane
from drivegen_generators.scenarios.scenario import Actor, Event, Parameter
from drivegen_generators.scenarios.triggers import When, done
from drivegen_generators.scenarios.xml import Element, Value

Criteria = Mapping[str, Mapping[str, float]]

THROUGH_EW = (1000, 1004)
LEFT_EW = (1001, 1005)
THROUGH_NS = (1002, 1006)
LEFT_NS = (1003, 1007)
"""Lights of `signal_junction`: of its arms in the east and west, north and south."""


def ego_speed(value: float, least: float, most: float, step: float = 10.0) -> Parameter:
    """How fast the ego drives when the scenario begins."""
    return Parameter(
        name="EgoSpeed_kmh", value=value, least=least, most=most, step=step, about="Speed of the ego, km/h."
    )


def speed_of(who: str, value: float, least: float, most: float, step: float, about: str) -> Parameter:
    """The speed of another actor in km/h."""
    return Parameter(name=f"{who}Speed_kmh", value=value, least=least, most=most, step=step, about=about)


def varied(name: str, value: float, least: float, most: float, step: float, about: str) -> Parameter:
    """Any other parameter."""
    return Parameter(name=name, value=value, least=least, most=most, step=step, about=about)


def kmh(name: str) -> str:
    """A parameter in km/h as m/s."""
    return f"${{${name} / 3.6}}"


def as_long_as(distance_m: float, name: str) -> str:
    """How far the ego drives while an actor with the speed `name` covers a distance."""
    return f"${{$EgoSpeed_kmh * {distance_m:g} / ${name}}}"


def safe(**further: Mapping[str, float]) -> Criteria:
    """No collision and not off the road, and what else is asked."""
    return {"collisions": {"most": 0}, "off_road": {"most": 0}, **further}


def lights(green: Sequence[int], off: bool = False) -> tuple[Action, ...]:
    """All lights of `signal_junction`: some green and the others red, or all dark."""
    every = sorted((*THROUGH_EW, *LEFT_EW, *THROUGH_NS, *LEFT_NS))
    return tuple(signal(k, "off" if off else ("green" if k in green else "red")) for k in every)


def goes(
    name: str, path: Sequence[Element], when: Sequence[When], speed: Value, about: str
) -> tuple[Event, ...]:
    """Somebody goes along a path, and then stands."""
    return (
        Event(
            name=f"{name}Goes",
            when=when,
            does=(set_speed(speed), follow_path(f"{name}Path", path)),
            about=about,
        ),
        Event(name=f"{name}Stands", when=(done(f"{name}Goes"),), does=(set_speed(0),)),
    )


def walker(
    name: str, kind: str, path: Sequence[Element], when: Sequence[When], speed: Value, about: str = ""
) -> Actor:
    """An actor that waits at the beginning of a path until its time comes."""
    return Actor(name=name, kind=kind, at=path[0], events=goes(name, path, when, speed, about))


def thing(name: str, kind: str, at: Element) -> Actor:
    """Something that only stands there: a thing of the catalogue `objects` or a parked vehicle."""
    return Actor(name=name, kind=kind, at=at)


def broken_down(name: str, kind: str, at: Element) -> Actor:
    """A vehicle that stands with its hazard lights on."""
    return Actor(name=name, kind=kind, at=at, begins=(light("warningLights", "flashing"),))


def driver(
    name: str,
    kind: str,
    route: Sequence[tuple[int, int, float]],
    speed: Value,
    events: Sequence[Event] = (),
) -> Actor:
    """A vehicle that follows a route, given as road, lane and s of its beginning and of waypoints."""
    at = [lane(*point) for point in route]
    begins = (take_route(f"{name}Route", at),) if len(at) > 1 else ()
    return Actor(name=name, kind=kind, at=at[0], speed=speed, begins=begins, events=events)
