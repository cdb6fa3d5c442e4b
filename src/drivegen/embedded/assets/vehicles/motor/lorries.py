"""Trucks: a cab, a frame and a load, as one rigid body.

A tractor with its semitrailer is one body too, up to 16.5 m: it does not bend at its coupling. It turns about
its rearmost axles, as `dynamics.bodies` has them for its length, and so needs more room than a real one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, mirrored_pair, rod
from drivegen.embedded.assets.sculpt import Finish
from drivegen.embedded.assets.vehicles.asset import FourWheeler
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.motor.bodywork import Bodywork
from drivegen.embedded.assets.vehicles.motor.gear import Axle, put_on_wheels
from drivegen.embedded.assets.vehicles.motor.loads import Deck, Load
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import WHITE, Rgb
from drivegen.embedded.assets.vehicles.motor.truckcab import CabBody, CabForm, draw_cab
from drivegen.embedded.assets.vehicles.motor.wheels import heavy_wheel
from drivegen.embedded.assets.vehicles.plates import Number, PlateForm, invented_number
from drivegen.embedded.mesh import Material, MeshLibrary, merge_meshes

GAP_M = 0.10
"""Between cab and load."""
FIRE_RED: Rgb = (190, 18, 22)
LIGHT_PAINTS = ("236,237,238", "40,86,150", "176,180,184", "200,204,208", "60,120,150")
HEAVY_PAINTS = (
    "236,237,238",
    "170,30,32",
    "34,70,140",
    "214,120,30",
    "40,100,90",
    "96,100,106",
    "226,190,60",
)
BOX_COLORS: tuple[Rgb, ...] = (
    (232, 233, 234),
    (224, 226, 228),
    (214, 218, 222),
    (66, 112, 168),
    (226, 198, 60),
    (60, 128, 96),
    (200, 60, 50),
)
STRIPES: tuple[Rgb, ...] = ((196, 30, 36), (34, 90, 170), (28, 130, 90), (236, 150, 30), (60, 62, 66))
TIPPER: tuple[Rgb, ...] = ((34, 116, 70), (196, 148, 30), (190, 60, 36), (60, 90, 130), (40, 130, 120))
CONTAINERS: tuple[Rgb, ...] = (
    (36, 84, 140),
    (150, 44, 36),
    (40, 110, 86),
    (196, 112, 40),
    (110, 114, 118),
    (206, 204, 196),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LorryForm:
    """One truck."""

    kind: str
    cab: CabForm
    deck: Deck
    length_m: float
    width_m: float
    height_m: float
    front_m: float
    """x of the front axle."""
    axles_m: tuple[float, ...]
    """Those behind it."""
    twin: bool
    tractor_m: float
    """x where a tractor ends behind its cab; of a rigid truck the rear."""
    beacons_m: float

    @property
    def size_m(self) -> tuple[float, float, float]:
        """The box."""
        wide = max(self.width_m, self.cab.width_m + 2 * self.cab.mirror_m)
        return (
            round(self.length_m + 0.02, 3),
            round(wide + 0.02, 3),
            round(self.height_m + self.beacons_m + 0.01, 3),
        )


def draw_lorry(name: str, variant: int) -> LorryForm:
    """All measures of a member."""
    kinds, lots = Lots(name, variant, "kind"), Lots(name, variant, "size")
    if name == "light_truck":
        return _light(kinds.pick(("box", "stakes", "flatbed", "chiller"), (0.4, 0.25, 0.2, 0.15)), lots)
    if name == "heavy_truck":
        kind = kinds.pick(
            ("dump", "semi_box", "semi_container", "semi_flat", "stakes", "box"),
            (0.26, 0.16, 0.18, 0.08, 0.18, 0.14),
        )
        return _semi(kind, lots) if kind.startswith("semi") else _rigid(kind, lots)
    if name == "tanker":
        return _rigid("tank", lots) if kinds.chance(0.6) else _semi("semi_tank", lots)
    if name == "concrete_mixer":
        return _rigid("mixer", lots)
    return _rigid("rescue_ladder" if kinds.chance(0.4) else "rescue", lots)


def _light(kind: str, lots: Lots) -> LorryForm:
    length, width = lots.span(5.65, 6.0), lots.span(1.90, 2.12)
    wheel = lots.span(0.36, 0.39)
    cab = draw_cab(
        lots,
        heavy=False,
        width_m=min(width, lots.span(1.82, 1.98)),
        paint=WHITE,
        wheel_m=wheel,
        crew=length > 5.85 and lots.chance(0.3),
    )
    front = length / 2 - cab.axle_m
    rear = -length / 2 + lots.span(1.20, 1.40)
    top = (
        lots.span(2.75, 3.15)
        if kind in ("box", "chiller")
        else lots.span(2.35, 2.7)
        if kind == "stakes"
        else cab.roof_m * lots.span(0.86, 0.97)
    )
    deck = Deck(
        front_m=length / 2 - cab.length_m - GAP_M,
        rear_m=-length / 2,
        width_m=width,
        floor_m=wheel * 2 + 0.10,
        top_m=top,
        wheel_m=wheel,
        axles_m=(rear,),
    )
    return LorryForm(
        kind=kind,
        cab=cab,
        deck=deck,
        length_m=length,
        width_m=width,
        height_m=max(top, cab.roof_m),
        front_m=front,
        axles_m=(rear,),
        twin=True,
        tractor_m=-length / 2,
        beacons_m=0.0,
    )


def _rigid(kind: str, lots: Lots) -> LorryForm:
    length = {
        "dump": lots.span(7.6, 8.7),
        "mixer": lots.span(8.6, 9.6),
        "tank": lots.span(7.4, 9.6),
        "rescue": lots.span(7.4, 8.6),
        "rescue_ladder": lots.span(9.0, 11.0),
    }.get(kind, lots.span(8.4, 11.2))
    width, wheel = lots.span(2.45, 2.55), 0.51
    rescue = kind.startswith("rescue")
    cab = draw_cab(
        lots,
        heavy=True,
        width_m=width - 0.04,
        paint=FIRE_RED if rescue else WHITE,
        wheel_m=wheel,
        crew=rescue,
        sleeper=kind in ("stakes", "box") and lots.chance(0.6),
        low=rescue,
    )
    front = length / 2 - cab.axle_m
    four = (kind in ("dump", "mixer") and lots.chance(0.6)) or (not rescue and length > 9.3)
    single = (rescue and kind == "rescue") or (kind == "tank" and length < 8.2)
    rear = -length / 2 + lots.span(1.5, 1.75) + (0.5 if kind in ("stakes", "box") else 0.0)
    axles = (rear,) if single else (rear + 1.35, rear) if not four else (front - 1.85, rear + 1.35, rear)
    floor = wheel * 2 + 0.16
    top = {
        "dump": lots.span(2.75, 3.15),
        "mixer": lots.span(3.65, 3.85),
        "tank": lots.span(2.95, 3.4),
        "rescue": lots.span(3.05, 3.3),
        "rescue_ladder": lots.span(3.45, 3.65),
        "box": lots.span(3.5, 3.9),
        "stakes": lots.span(3.2, 3.7),
    }[kind]
    deck = Deck(
        front_m=length / 2 - cab.length_m - GAP_M,
        rear_m=-length / 2,
        width_m=width,
        floor_m=floor,
        top_m=top,
        wheel_m=wheel,
        axles_m=tuple(x for x in axles),
    )
    beacons = 0.14 if rescue and cab.roof_m + 0.1 > top - 0.2 else 0.0
    return LorryForm(
        kind=kind,
        cab=cab,
        deck=deck,
        length_m=length,
        width_m=width,
        height_m=max(top, cab.roof_m),
        front_m=front,
        axles_m=axles,
        twin=True,
        tractor_m=-length / 2,
        beacons_m=beacons,
    )


def _semi(kind: str, lots: Lots) -> LorryForm:
    trailer = {"semi_container": lots.pick((12.35, 12.5)), "semi_tank": lots.span(9.6, 11.2)}.get(
        kind, lots.span(12.6, 13.0)
    )
    wheel, width = 0.51, lots.span(2.49, 2.55)
    cab = draw_cab(lots, heavy=True, width_m=width - 0.05, paint=WHITE, wheel_m=wheel, sleeper=True)
    # The kingpin sits about a metre before the trailer's front edge reaches the drive axles.
    length = min(cab.length_m + 0.75 + trailer, 16.5)
    front = length / 2 - cab.axle_m
    drive = (front - 3.2, front - 4.55) if lots.chance(0.75) else (front - 3.6,)
    rear = -length / 2 + 1.35
    axles = (*drive, rear + 2.62, rear + 1.31, rear)
    top = {
        "semi_container": lots.pick((3.85, 4.0)),
        "semi_tank": lots.span(3.45, 3.7),
        "semi_flat": lots.span(2.7, 3.4),
    }.get(kind, lots.span(3.85, 4.0))
    cab = replace(
        cab, deflector_m=max(0.0, min(top - cab.roof_m - 0.06, 0.75)) if kind != "semi_flat" else 0.0
    )
    deck = Deck(
        front_m=length / 2 - cab.length_m - 0.72,
        rear_m=-length / 2,
        width_m=width,
        floor_m=1.36,
        top_m=top,
        wheel_m=wheel,
        axles_m=axles[len(drive) :],
    )
    return LorryForm(
        kind=kind,
        cab=cab,
        deck=deck,
        length_m=length,
        width_m=width,
        height_m=max(top, cab.roof_m + cab.deflector_m),
        front_m=front,
        axles_m=axles,
        twin=True,
        tractor_m=drive[-1] - 0.75,
        beacons_m=0.0,
    )


def _fill(load: Bodywork, form: LorryForm, livery: Lots) -> None:
    """The load's form by its kind."""
    kind, deck = form.kind, form.deck
    semi = kind.startswith("semi")
    load.frame(deck.front_m + (0.9 if not semi else -0.2), tank=not semi)
    if kind in ("box", "chiller"):
        load.van_box(
            livery.pick(BOX_COLORS) if kind == "box" else (238, 239, 240),
            ribs=kind == "box" and livery.chance(0.5),
            stripe=livery.pick(STRIPES) if livery.chance(0.55) else None,
        )
        if kind == "chiller":
            unit = box((0.42, deck.width_m * 0.62, 0.42), (deck.front_m + 0.18, 0.0, deck.top_m - 0.30), 0.06)
            load.put([unit], (226, 228, 230))
            load.put(
                [box((0.02, deck.width_m * 0.5, 0.20), (deck.front_m + 0.395, 0.0, deck.top_m - 0.30))],
                (40, 42, 45),
            )
    elif kind == "stakes":
        load.stakes(livery.pick(((40, 96, 150), (150, 44, 36), (52, 110, 76), (200, 120, 40), (86, 90, 96))))
    elif kind in ("flatbed", "semi_flat"):
        load.flatbed(livery.pick(((40, 86, 150), (150, 40, 36), (86, 90, 96), (40, 110, 90))))
    elif kind == "dump":
        load.dump(livery.pick(TIPPER))
    elif kind in ("tank", "semi_tank"):
        metal = livery.chance(0.5)
        load.tank(
            (196, 199, 203)
            if metal
            else livery.pick(((236, 237, 238), (200, 60, 48), (228, 190, 60), (60, 110, 170))),
            "危险",
            metal=metal,
            band=(232, 120, 30),
        )
    elif kind == "mixer":
        load.drum(
            livery.pick(((236, 237, 238), (228, 190, 60), (60, 120, 90), (206, 208, 210))),
            livery.pick(STRIPES),
        )
    elif kind == "semi_container":
        load.container(livery.pick(CONTAINERS))
    elif kind == "semi_box":
        load.curtain(
            livery.pick(((226, 228, 230), (60, 96, 150), (196, 60, 48), (206, 202, 190), (52, 110, 88))),
            livery.pick(STRIPES),
        )
    else:
        load.rescue(Finish(FIRE_RED, Material.PAINT, load.tag), ladder=kind == "rescue_ladder")
        load.on_sides(
            "消防", (deck.front_m + 0.9, deck.floor_m + 0.45), 0.26, form.width_m / 2 - 0.02, (240, 240, 238)
        )
        load.on_sides(
            "119",
            (deck.rear_m + 0.9, deck.top_m - (0.42 if kind == "rescue_ladder" else 0.26) - 0.20),
            0.13,
            form.width_m / 2 - 0.004,
            (190, 26, 28),
        )
    if kind not in ("rescue", "rescue_ladder"):
        load.marks(
            deck.floor_m - 0.02 if kind not in ("tank", "semi_tank", "mixer") else deck.floor_m - 0.12,
            deck.width_m / 2 - 0.001,
            deck.rear_m + 0.1,
            deck.front_m - 0.1,
        )
    load.rear(low=not semi and deck.wheel_m < 0.45, chevrons=True)
    if semi:
        _add_coupling(load, form)


def _add_coupling(load: Load, form: LorryForm) -> None:
    """The tractor's frame, its plate for the kingpin, tanks, the trailer's legs and spare wheel."""
    front = form.length_m / 2 - form.cab.length_m
    a, b = form.tractor_m, front + 0.8
    load.put([box((b - a, 0.10, 0.26), ((a + b) / 2, 0.40, 0.88))], (38, 39, 42), pair=True)
    load.put([box((0.9, 0.9, 0.10), (form.tractor_m + 1.0, 0.0, form.deck.floor_m - 0.18))], (30, 31, 33))
    drive = [x for x in form.axles_m if x not in form.deck.axles_m]
    r = form.deck.wheel_m + 0.05
    for x in drive:
        load.put(
            [box((0.75, 0.56, 0.03), (x, form.width_m / 2 - 0.31, form.deck.wheel_m + r))],
            (28, 29, 31),
            pair=True,
        )
        load.put([box((0.14, form.width_m - 0.7, 0.14), (x, 0.0, form.deck.wheel_m), 0.03)], (38, 39, 42))
    x = (form.front_m - form.deck.wheel_m - 0.15 + drive[0] + form.deck.wheel_m + 0.15) / 2
    long = min(1.5, form.front_m - drive[0] - 2 * form.deck.wheel_m - 0.5)
    load.put(
        [box((long, 0.58, 0.60), (x - 0.1, form.width_m / 2 - 0.36, 0.72), 0.14)],
        (176, 179, 183),
        Material.METAL,
        pair=True,
    )
    leg = drive[-1] - 1.2
    load.put(
        [
            box((0.14, 0.14, 0.85), (leg, 0.75, form.deck.floor_m - 0.55)),
            box((0.24, 0.26, 0.04), (leg, 0.75, 0.44)),
        ],
        (60, 62, 65),
        pair=True,
    )
    load.put(
        [box((form.deck.length_m, 0.16, 0.20), (form.deck.middle_m, 0.45, form.deck.floor_m - 0.12))],
        (38, 39, 42),
        pair=True,
    )


def make_lorry(
    name: str,
    tag: Tag,
    library: MeshLibrary,
    blueprint_id: str,
    size_lwh_m: tuple[float, float, float],
    variant: int,
) -> FourWheeler:
    """A member of a family of trucks."""
    form = draw_lorry(name, variant)
    small = name == "light_truck"
    electric = Lots(name, variant, "drive").chance(0.35 if small else 0.1)
    shape = (
        PlateForm.GREEN
        if small and electric
        else PlateForm.BLUE
        if small
        else PlateForm.YELLOW_GREEN
        if electric
        else PlateForm.YELLOW
    )
    number = invented_number(shape, name, variant)
    behind = Number(form=PlateForm.YELLOW_REAR, text=number.text) if shape == PlateForm.YELLOW else number
    cab = CabBody(form.cab, number, tag)
    cab.build()
    shift = np.eye(4)
    shift[0, 3] = (form.length_m - form.cab.length_m) / 2
    load = Bodywork(form.deck, Lots(name, variant, "load"), behind, tag)
    _fill(load, form, Lots(name, variant, "livery"))
    rescue = form.kind.startswith("rescue")
    if rescue:
        z = form.cab.roof_m - 0.01
        x = form.length_m / 2 - 0.75
        load.put([box((0.26, form.width_m * 0.62, 0.05), (x, 0.0, z + 0.015), 0.01)], (30, 31, 33))
        for sign, material in ((1.0, Material.BEACON_FIRST), (-1.0, Material.BEACON_SECOND)):
            lens = box((0.30, form.width_m * 0.28, 0.11), (x, sign * form.width_m * 0.17, z + 0.09), 0.03)
            load.out.add(lens, load.finish((214, 26, 30), material))
        step = mirrored_pair(
            rod(
                (form.length_m / 2 - 1.95, form.width_m / 2 - 0.05, 1.2),
                (form.length_m / 2 - 1.95, form.width_m / 2 - 0.05, 2.1),
                0.02,
                5,
            )
        )
        load.out.add(step, load.finish((196, 199, 203), Material.METAL))
    load.panels.flush()
    full = f"{blueprint_id}/{variant}"
    body = merge_meshes([cab.out.mesh("cab").transformed(shift), load.out.mesh("load")], f"{full}/body")
    r = form.deck.wheel_m
    tyre = 0.30 if r > 0.45 else 0.22
    single = heavy_wheel(r, tyre, tag, f"{full}/wheel")
    twin = heavy_wheel(r, tyre * 2.02, tag, f"{full}/twin", twin=True)
    trailing = set(form.deck.axles_m) if form.kind.startswith("semi") else set()
    axles = [
        Axle(
            x_m=form.front_m,
            wheel=single,
            radius_m=r,
            tyre_m=tyre,
            face_m=form.cab.width_m / 2 - 0.035,
            steers=True,
        )
    ]
    for x in form.axles_m:
        second = abs(x - form.front_m) < 2.5
        axles.append(
            Axle(
                x_m=x,
                wheel=single if second else twin,
                radius_m=r,
                tyre_m=tyre if second else tyre * 2.02,
                face_m=form.width_m / 2 - (0.03 if x in trailing else 0.035),
                steers=second,
            )
        )
    return put_on_wheels(library, blueprint_id, size_lwh_m, body, axles, WHITE if rescue else None)


def _family(
    name: str, object_class: ObjectClass, paints: tuple[str, ...], special: str = ""
) -> VehicleFamily:
    def size_m(variant: int) -> tuple[float, float, float]:
        return draw_lorry(name, variant).size_m

    def make(
        library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int
    ) -> FourWheeler:
        return make_lorry(name, TAG_OF_CLASS[object_class], library, blueprint_id, size_lwh_m, variant)

    return VehicleFamily(
        name=name,
        base_type="truck",
        object_class=object_class,
        special_type=special,
        paints=paints,
        size_m=size_m,
        make=make,
    )


FAMILIES: tuple[VehicleFamily, ...] = (
    _family("light_truck", ObjectClass.TRUCK, LIGHT_PAINTS),
    _family("heavy_truck", ObjectClass.TRUCK, HEAVY_PAINTS),
    _family("tanker", ObjectClass.TRUCK, HEAVY_PAINTS),
    _family("concrete_mixer", ObjectClass.TRUCK, HEAVY_PAINTS),
    _family("fire_engine", ObjectClass.EMERGENCY, ("190,18,22",), "emergency"),
)
