"""Measures of cars: what a variant of a family draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivegen.embedded.assets.vehicles.motor.carranges import MINIVAN, MPV, PICKUP, VAN, Range
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.noses import NoseForm, draw_nose
from drivegen.embedded.assets.vehicles.motor.tails import TailForm, draw_tail
from drivegen.embedded.assets.vehicles.motor.wheels import CAR_RIMS, RIM_COLORS, Rim

Cells = tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarForm:
    """One car. Lengths in metres; heights above the ground."""

    length_m: float
    width_m: float
    height_m: float
    mirror_m: float
    front_overhang_m: float
    wheelbase_m: float
    wheel_m: float
    tyre_m: float
    sill_m: float
    hood_m: float
    cowl_z_m: float
    waist_m: float
    deck_m: float
    cowl_f: float
    roof_front_f: float
    roof_rear_f: float
    backlight_f: float
    roof_width: float
    crown_m: float
    drop_m: float
    kick_m: float
    nose_m: float
    nose_power: float
    tail_m: float
    tail_power: float
    lean_m: float
    """How far the top of the nose lies back."""
    crease_v: float
    crease: float
    """Depth of the edge along the flanks, share of the half width."""
    waist_line: float
    """Depth of the hollow in the doors, share of the half width."""
    flare_m: float
    cells: Cells
    doors_f: tuple[float, ...]
    """Shares of the length where the doors' gaps are, from the front."""
    electric: bool
    cladding: bool
    rails: bool
    roof: str
    pillars: str
    chrome: str
    """Around the side windows: none, low, round."""
    handles: str
    """bars, flush."""
    spoiler: str
    """none, lip, wing, ducktail."""
    antenna: str
    rim: Rim
    rim_color: tuple[int, int, int]
    profile: float
    nose: NoseForm
    tail: TailForm
    tailgate: bool
    people: int
    """Who is inside beside the driver."""
    sliding: bool = False
    """Doors with rails behind them."""
    spare: bool = False

    @property
    def axles_m(self) -> tuple[float, float]:
        """x of the axles."""
        front = self.length_m / 2 - self.front_overhang_m
        return front, front - self.wheelbase_m


def box_m(draw: Range, lots: Lots) -> tuple[float, float, float, float, float]:
    """(length, width, height of the body, mirror, height of rails) of a member."""
    length = lots.span(*draw.length_m)
    part = (length - draw.length_m[0]) / (draw.length_m[1] - draw.length_m[0])
    width = draw.width_m[0] + (draw.width_m[1] - draw.width_m[0]) * min(
        max(0.25 * lots.span(0.0, 1.0) + 0.75 * part, 0.0), 1.0
    )
    height = lots.span(*draw.height_m)
    rails = 0.035 if lots.chance(draw.rails) else 0.0
    return length, width, height, lots.span(0.075, 0.115), rails


def size_of(draw: Range, lots: Lots, above_m: float = 0.0) -> tuple[float, float, float]:
    """The box of a member, to the millimetre, with what stands so high above its roof.

    Takes fresh lots of the subject "size".
    """
    length, width, height, mirror, rails = box_m(draw, lots)
    return (
        round(length + 0.02, 3),
        round(width + 2 * mirror + 0.02, 3),
        round(height + max(rails, above_m) + 0.01, 3),
    )


def draw_car(draw: Range, family: str, variant: int) -> CarForm:
    """All measures of a member."""
    length, width, height, mirror, rails = box_m(draw, Lots(family, variant, "size"))
    lots = Lots(family, variant, "body")
    trim = Lots(family, variant, "trim")
    electric = Lots(family, variant, "drive").chance(draw.electric)
    rugged = trim.chance(draw.rugged)
    boxy = rugged or lots.chance(draw.boxy)
    cowl, screen = lots.span(*draw.cowl_f), lots.span(*draw.screen_f) * (0.78 if rugged else 1.0)
    roof_rear, backlight = lots.span(*draw.roof_rear_f), lots.span(*draw.backlight_f)
    waist = lots.span(*draw.waist_h) * height
    wheelbase = lots.span(*draw.wheelbase_f) * length * (1.012 if electric else 0.995)
    front = lots.span(*draw.front_overhang_m) * (0.98 if electric else 1.0)
    axle_f = front / length
    first = axle_f + 0.085
    doors = (
        (first, first + 0.225, min(first + 0.415, axle_f + wheelbase / length + 0.02))
        if draw.doors == 4
        else (first, first + 0.30)
    )
    wheel = lots.span(*draw.wheel_m)
    tail = Lots(family, variant, "tail")
    form = CarForm(
        length_m=length,
        width_m=width,
        height_m=height,
        mirror_m=mirror,
        front_overhang_m=front,
        wheelbase_m=wheelbase,
        wheel_m=wheel,
        tyre_m=wheel * lots.span(0.64, 0.70),
        sill_m=lots.span(*draw.sill_m),
        hood_m=lots.span(*draw.hood_h) * height,
        cowl_z_m=max(lots.span(*draw.cowl_h) * height, waist - 0.03),
        waist_m=waist,
        deck_m=max(lots.span(*draw.deck_h) * height, waist - 0.02),
        cowl_f=cowl,
        roof_front_f=cowl + screen,
        roof_rear_f=roof_rear,
        backlight_f=backlight,
        roof_width=lots.span(*draw.roof_width) + (0.05 if rugged else 0.0),
        crown_m=lots.span(0.055, 0.075),
        drop_m=lots.span(*draw.drop_m) * (0.4 if rugged else 1.0),
        kick_m=lots.span(-0.005, 0.05) * (0.3 if boxy else 1.0),
        nose_m=lots.span(0.42, 0.56) if boxy else lots.span(0.55, 0.78),
        nose_power=lots.span(3.4, 4.4) if boxy else lots.span(2.5, 3.1),
        tail_m=lots.span(0.28, 0.36) if boxy or draw.tailgate else lots.span(0.40, 0.55),
        tail_power=lots.span(3.6, 4.6) if boxy else lots.span(2.9, 3.6),
        lean_m=lots.span(0.05, 0.09) if boxy else lots.span(0.08, 0.16),
        crease_v=lots.span(0.70, 0.83),
        crease=lots.pick((0.005, 0.010, 0.015)),
        waist_line=lots.span(0.004, 0.022),
        flare_m=lots.span(0.012, 0.03) + (0.012 if rugged else 0.0),
        cells=_cells(draw, lots),
        doors_f=doors,
        electric=electric,
        cladding=rugged or trim.chance(draw.cladding),
        rails=rails > 0.0,
        roof=trim.pick(("paint", "black", "glass"), (0.55, 0.17, 0.28) if electric else (0.72, 0.08, 0.20)),
        pillars=trim.pick(("paint", "black"), (0.78, 0.22)),
        chrome=trim.pick(("none", "low", "round"), (0.4, 0.3, 0.3)),
        handles=trim.pick(("flush", "bars"), (0.7, 0.3) if electric else (0.15, 0.85)),
        spoiler=_spoiler(draw, trim),
        antenna=trim.pick(("fin", "rod", "none"), (0.7, 0.12, 0.18)),
        rim=trim.pick(
            CAR_RIMS, (1, 1.2, 1.2, 1, 1, 2.2, 0.6) if electric else (1.4, 1.2, 1.4, 1, 0.8, 0.2, 0.8)
        ),
        rim_color=trim.pick(RIM_COLORS, (0.45, 0.25, 0.15, 0.15)),
        profile=trim.span(0.68, 0.76),
        nose=draw_nose(Lots(family, variant, "nose"), electric=electric, rugged=rugged),
        tail=draw_tail(
            tail, electric=electric, tailgate=draw.tailgate, upright=draw.tailgate and tail.chance(0.18)
        ),
        tailgate=draw.tailgate,
        people=trim.pick((0, 1, 2, 3), (0.5, 0.27, 0.13, 0.10)),
        spare=rugged and draw.tailgate and trim.chance(0.45),
    )
    if draw is VAN:
        form = replace(
            form,
            nose_m=lots.span(0.42, 0.52),
            lean_m=lots.span(0.05, 0.10),
            sliding=True,
            roof="paint",
            crown_m=0.09,
        )
    if draw is MINIVAN:
        form = replace(form, nose_m=lots.span(0.34, 0.46), lean_m=lots.span(0.04, 0.10), sliding=True)
    return replace(form, pillars="black") if form.roof == "black" and trim.chance(0.6) else form


def _spoiler(draw: Range, trim: Lots) -> str:
    if draw.tailgate:
        return trim.pick(("none", "wing"), (0.35, 0.65))
    return trim.pick(("none", "lip", "ducktail"), (0.5, 0.3, 0.2))


def _cells(draw: Range, lots: Lots) -> Cells:
    """Windows along the cabin's side."""
    a, jitter = lots.span(0.02, 0.05), lots.span(-0.015, 0.015)
    if draw is PICKUP:
        return (
            (a, "pillar"),
            (0.48 + jitter, "glass"),
            (0.53 + jitter, "black"),
            (0.90, "glass"),
            (1.0, "pillar"),
        )
    if draw in (VAN, MINIVAN) and lots.chance(0.55 if draw is VAN else 0.3):
        return (
            (0.03, "pillar"),
            ((0.23 if draw is VAN else 0.30) + jitter, "glass"),
            ((0.25 if draw is VAN else 0.34) + jitter, "black"),
            (0.6, "paint"),
            (1.0, "paint"),
        )
    if draw is MINIVAN:
        return (
            (0.03, "pillar"),
            (0.30 + jitter, "glass"),
            (0.345 + jitter, "black"),
            (0.63 + jitter, "glass"),
            (0.665 + jitter, "black"),
            (0.955, "glass"),
            (1.0, "pillar"),
        )
    if draw is VAN:
        return (
            (0.03, "pillar"),
            (0.225 + jitter, "glass"),
            (0.25 + jitter, "black"),
            (0.49 + jitter, "tinted"),
            (0.515 + jitter, "black"),
            (0.73 + jitter, "tinted"),
            (0.75 + jitter, "black"),
            (0.955, "tinted"),
            (1.0, "pillar"),
        )
    if draw is MPV:
        return (
            (a + 0.05, "glass"),
            (a + 0.07, "black"),
            (0.34 + jitter, "glass"),
            (0.375 + jitter, "black"),
            (0.66 + jitter, "glass"),
            (0.69 + jitter, "black"),
            (0.95, "tinted"),
            (1.0, "pillar"),
        )
    if draw.tailgate:
        end = lots.pick((0.90, 0.95))
        return (
            (a, "pillar"),
            (0.40 + jitter, "glass"),
            (0.44 + jitter, "black"),
            (0.70 + jitter, "glass"),
            (0.735 + jitter, lots.pick(("black", "paint"), (0.8, 0.2))),
            (end, "tinted"),
            (1.0, "pillar"),
        )
    third = lots.chance(0.45)
    rear = (0.80 + jitter, "glass"), (0.825 + jitter, "black"), (0.885, "glass")
    return (
        (a, "pillar"),
        (0.455 + jitter, "glass"),
        (0.495 + jitter, "black"),
        *(rear if third else ((0.86, "glass"),)),
        (1.0, "pillar"),
    )
