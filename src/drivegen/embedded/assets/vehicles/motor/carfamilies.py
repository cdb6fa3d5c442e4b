"""Families of cars and vans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.embedded.assets.vehicles.asset import FourWheeler
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.motor.carform import CarForm, draw_car, size_of
from drivegen.embedded.assets.vehicles.motor.carranges import (
    HATCHBACK,
    MINIVAN,
    MPV,
    PICKUP,
    SEDAN,
    SUV,
    VAN,
    Range,
)
from drivegen.embedded.assets.vehicles.motor.cars import Band, CarBody
from drivegen.embedded.assets.vehicles.motor.gear import Axle, put_on_wheels
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import WHITE, Rgb
from drivegen.embedded.assets.vehicles.motor.services import (
    BAR_M,
    POLICE_BLUE,
    SERVICE_WHITE,
    SIGN_M,
    TAXI_GOLD,
    TAXI_LOWER,
    dress_ambulance,
    dress_bed,
    dress_police,
    dress_taxi,
)
from drivegen.embedded.assets.vehicles.motor.wheels import Rim, motor_wheel
from drivegen.embedded.assets.vehicles.plates import PlateForm, invented_number
from drivegen.embedded.mesh import MeshLibrary

PAINTS = (
    *("236,237,238", "18,19,21", "92,96,100", "176,180,184", "34,58,104", "138,22,28"),
    *("94,78,62", "46,92,74", "196,206,214", "120,132,142", "212,200,176", "66,78,66"),
)  # fmt: skip
TAXI = replace(SEDAN, length_m=(4.45, 4.85), electric=0.55, rails=0.0)
POLICE = {
    "sedan": replace(SEDAN, length_m=(4.5, 4.95), electric=0.25, rails=0.0),
    "suv": replace(SUV, rails=0.0, rugged=0.1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Make:
    """How the members of a family come about."""

    name: str
    ranges: tuple[Range, ...]
    """One of these for each member."""
    above_m: float = 0.0
    """What stands above the roof."""
    plate: PlateForm | None = None
    dress: Callable[[CarBody, Lots], None] | None = None
    object_class: ObjectClass = ObjectClass.CAR

    def range_of(self, variant: int) -> Range:
        return Lots(self.name, variant, "range").pick(self.ranges)

    def size_m(self, variant: int) -> tuple[float, float, float]:
        return size_of(self.range_of(variant), Lots(self.name, variant, "size"), self.above_m)

    def form(self, variant: int) -> CarForm:
        form = draw_car(self.range_of(variant), self.name, variant)
        if self.above_m > 0.0:
            form = replace(form, roof="paint", pillars="paint", antenna="none", rails=False, people=0)
        return form

    def band(self, form: CarForm, variant: int) -> Band | None:
        """The stripe of a service; its upper edge is one of the hull's rows."""
        lots = Lots(self.name, variant, "livery")
        if self.dress is dress_police:
            return Band(low_v=lots.pick((0.13, 0.29)), high_v=form.crease_v - 0.049, color=POLICE_BLUE)
        if self.dress is dress_ambulance:
            color: Rgb = lots.pick(((200, 34, 30), (20, 84, 170), (226, 92, 20), (12, 120, 92)))
            return Band(low_v=0.449, high_v=form.crease_v - 0.049, color=color)
        return None

    def make(
        self, library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int
    ) -> FourWheeler:
        form, tag = self.form(variant), TAG_OF_CLASS[self.object_class]
        number = invented_number(
            self.plate or (PlateForm.GREEN if form.electric else PlateForm.BLUE), self.name, variant
        )
        paint: Rgb = WHITE
        lower: Rgb | None = None
        if self.dress in (dress_police, dress_ambulance):
            paint = SERVICE_WHITE
        if self.dress is dress_taxi:
            paint, lower = (
                TAXI_GOLD,
                Lots(self.name, variant, "livery").pick(TAXI_LOWER, (0.3, 0.25, 0.15, 0.1, 0.1, 0.05, 0.05)),
            )
        body = CarBody(form, tag, number, paint, lower, self.band(form, variant))
        body.build()
        if self.dress is not None:
            self.dress(body, Lots(self.name, variant, "dress"))
            body.panels.flush()
        name = f"{blueprint_id}/{variant}"
        plain = (
            form.rim
            if self.ranges[0] not in (VAN, MINIVAN)
            else Lots(self.name, variant, "wheel").pick((Rim.STEEL, Rim.COVER, Rim.FIVE))
        )
        wheel = motor_wheel(
            form.wheel_m,
            form.tyre_m,
            plain,
            tag,
            f"{name}/wheel",
            color=form.rim_color,
            profile=form.profile if plain != Rim.STEEL else 0.62,
        )
        axles = [
            Axle(
                x_m=x,
                wheel=wheel,
                radius_m=form.wheel_m,
                tyre_m=form.tyre_m,
                face_m=form.width_m / 2 - 0.012,
                steers=k == 0,
            )
            for k, x in enumerate(form.axles_m)
        ]
        livery = WHITE if paint != WHITE else None
        return put_on_wheels(library, blueprint_id, size_lwh_m, body.out.mesh(f"{name}/body"), axles, livery)


def _family(
    make: _Make, base_type: str, *, special: str = "", paints: tuple[str, ...] = PAINTS
) -> VehicleFamily:
    return VehicleFamily(
        name=make.name,
        base_type=base_type,
        object_class=make.object_class,
        special_type=special,
        paints=paints,
        size_m=partial(_Make.size_m, make),
        make=make.make,
    )


FAMILIES: tuple[VehicleFamily, ...] = (
    _family(_Make(name="sedan", ranges=(SEDAN,)), "car"),
    _family(_Make(name="hatchback", ranges=(HATCHBACK,)), "car"),
    _family(_Make(name="suv", ranges=(SUV,)), "car"),
    _family(_Make(name="mpv", ranges=(MPV,)), "car"),
    _family(_Make(name="pickup", ranges=(PICKUP,), dress=dress_bed), "car"),
    _family(
        _Make(name="taxi", ranges=(TAXI,), above_m=SIGN_M - 0.012, dress=dress_taxi),
        "car",
        special="taxi",
        paints=("212,158,44",),
    ),
    _family(
        _Make(
            name="police",
            ranges=(POLICE["sedan"], POLICE["suv"]),
            above_m=BAR_M,
            plate=PlateForm.POLICE,
            dress=dress_police,
            object_class=ObjectClass.POLICE,
        ),
        "car",
        special="emergency",
        paints=("236,238,240",),
    ),
    _family(
        _Make(name="minivan", ranges=(MINIVAN,), object_class=ObjectClass.VAN),
        "van",
        paints=("236,237,238", "176,180,184", "92,96,100", "34,58,104", "196,206,214"),
    ),
    _family(
        _Make(name="van", ranges=(VAN,), object_class=ObjectClass.VAN),
        "van",
        paints=("238,238,236", "176,180,184", "44,84,130", "36,38,42"),
    ),
    _family(
        _Make(
            name="ambulance",
            ranges=(VAN,),
            above_m=BAR_M,
            dress=dress_ambulance,
            object_class=ObjectClass.EMERGENCY,
        ),
        "van",
        special="emergency",
        paints=("240,240,240",),
    ),
)
