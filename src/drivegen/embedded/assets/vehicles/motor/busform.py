"""Measures of buses: what a variant of a family draws."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import (
    Rgb,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusForm:
    """One bus. Lengths in metres; heights above the ground."""

    kind: str
    """city, coach, school."""
    length_m: float
    width_m: float
    height_m: float
    """With what stands on the roof."""
    roof_m: float
    """Of the hull."""
    mirror_m: float
    sill_m: float
    axles_m: tuple[float, ...]
    wheel_m: float
    window_low_m: float
    window_high_m: float
    lean_m: float
    nose_m: float
    doors_m: tuple[float, ...]
    """x of the middles of the doors, on the right."""
    pods: tuple[tuple[float, float], ...]
    """(x, length) of what stands on the roof."""
    livery: str
    accents: tuple[Rgb, Rgb]
    route: str
    lamps: str
    panes: int
    bellows_m: float | None
    paint: Rgb


CITY_LIVERIES: tuple[tuple[Rgb, Rgb, Rgb], ...] = (
    ((226, 228, 226), (184, 28, 32), (232, 190, 60)),
    ((222, 226, 224), (22, 116, 72), (120, 188, 88)),
    ((224, 228, 232), (22, 88, 168), (110, 182, 226)),
    ((186, 26, 30), (236, 234, 226), (228, 180, 44)),
    ((28, 122, 78), (232, 234, 230), (150, 206, 96)),
    ((34, 104, 176), (234, 236, 238), (120, 196, 232)),
)


def draw_bus(kind: str, name: str, variant: int) -> BusForm:
    """All measures of a member: city (also articulated), coach, school."""
    size, lots = Lots(name, variant, "size"), Lots(name, variant, "body")
    joint = name == "articulated_bus"
    if joint:
        length = size.pick((17.6, 17.9, 18.0))
    elif kind == "city":
        length = size.pick((10.5, 11.5, 12.0), (0.3, 0.2, 0.5)) + size.span(-0.05, 0.0)
    else:
        length = size.span(9.0, 12.2) if kind == "coach" else size.span(6.9, 9.6)
    width = size.span(2.48, 2.55) if length > 9.5 else size.span(2.28, 2.44)
    roof = (
        size.span(2.86, 2.98)
        if kind == "city"
        else size.span(3.30, 3.55)
        if kind == "coach"
        else size.span(2.75, 3.0)
    )
    pod = size.span(0.20, 0.32)
    mirror = size.span(0.17, 0.23)
    wheel = 0.48 if length > 9.5 else 0.42
    front = length / 2 - (2.72 if kind == "city" else 2.5 if length > 9.5 else 2.15)
    rear = -length / 2 + (3.2 if length > 9.5 else 2.2)
    axles: tuple[float, ...] = (front, rear)
    bellows = None
    if joint:
        bellows = -0.9
        axles = (front, 1.6, -length / 2 + 3.1)
    low = {"city": lots.span(1.06, 1.15), "coach": lots.span(1.45, 1.60), "school": lots.span(1.15, 1.25)}[
        kind
    ]
    high = roof - lots.span(0.40, 0.50)
    doors: tuple[float, ...] = (length / 2 - (1.35 if length > 9.5 else 1.0),)
    if kind == "city":
        doors = (*doors, lots.span(0.2, 0.6) if not joint else 2.9 + 0.3, *((-4.0,) if joint else ()))
    pods = (
        ((lots.span(-1.0, 1.5), lots.span(2.2, 3.2)), (-length * 0.30, lots.span(1.6, 2.6)))
        if kind != "school"
        else ((0.0, 1.6),)
    )
    if joint:
        pods = ((4.0, 3.0), (-5.0, 3.0))
    paint, first, second = lots.pick(CITY_LIVERIES)
    livery = lots.pick(("band", "sweep", "roofline", "wave"))
    if kind == "coach":
        paint, first, second = lots.pick(
            (
                ((232, 233, 235), (28, 78, 150), (196, 34, 36)),
                ((232, 233, 235), (196, 148, 40), (90, 92, 96)),
                ((40, 66, 110), (226, 228, 230), (180, 150, 70)),
                ((236, 236, 234), (20, 120, 90), (150, 200, 60)),
            )
        )
    if kind == "school":
        paint, first, second, livery = (238, 178, 24), (22, 22, 23), (22, 22, 23), "school"
    route = lots.pick(("", "", "K", "T", "B")) + str(int(lots.span(1, 989)))
    return BusForm(
        kind=kind,
        length_m=length,
        width_m=width,
        height_m=roof + pod,
        roof_m=roof,
        mirror_m=mirror,
        sill_m=lots.span(0.27, 0.33),
        axles_m=axles,
        wheel_m=wheel,
        window_low_m=low,
        window_high_m=high,
        lean_m=lots.span(0.10, 0.22) if kind == "city" else lots.span(0.28, 0.48),
        nose_m=lots.span(0.42, 0.62),
        doors_m=doors,
        pods=pods,
        livery=livery,
        accents=(first, second),
        route=route,
        lamps=lots.pick(("block", "slim")),
        panes=max(5, round(length / lots.span(1.35, 1.7))),
        bellows_m=bellows,
        paint=paint,
    )


def bus_size(form: BusForm) -> tuple[float, float, float]:
    """The box."""
    return (
        round(form.length_m + 0.02, 3),
        round(form.width_m + 2 * form.mirror_m + 0.02, 3),
        round(form.height_m + 0.01, 3),
    )


def is_electric(name: str, variant: int) -> bool:
    """Most of Beijing's city buses are."""
    return Lots(name, variant, "drive").chance(0.75 if "bus" in name and "school" not in name else 0.15)
